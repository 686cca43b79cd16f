package bind

import (
	"context"
	"slices"
	"time"

	"recado/app/client"
)

// The names of the two faces.
const (
	DesktopFace = "desktop"
	BrowserFace = "browser"
)

// AppSettings are those of the app on this computer.
type AppSettings struct {
	// Language is system, en or es.
	Language string `json:"language"`
	// Theme is system, light or dark.
	Theme string `json:"theme"`
	// EnterSends: Enter sends and Shift+Enter breaks the line; false: Ctrl+Enter sends.
	EnterSends bool `json:"enterSends"`
	// CloseToTray: closing the window leaves the app in the tray, where there is one.
	CloseToTray bool `json:"closeToTray"`
	// UndoCustomers and UndoTeam are for how many seconds sending can be undone, where customers read it and where only the
	// team does: 0, 5, 10 or 20.
	UndoCustomers int `json:"undoCustomers"`
	UndoTeam      int `json:"undoTeam"`
}

// Hold is how long a message into a conversation of a kind stays on this computer before it leaves.
func (a AppSettings) Hold(kind string) time.Duration {
	if kind == client.WithCustomer {
		return time.Duration(a.UndoCustomers) * time.Second
	}
	return time.Duration(a.UndoTeam) * time.Second
}

// DefaultApp is what holds before anything was chosen.
func DefaultApp() AppSettings {
	return AppSettings{Language: "system", Theme: "system", EnterSends: true, CloseToTray: true, UndoCustomers: 10}
}

// Check refuses values the app does not know.
func (a AppSettings) Check() error {
	if !slices.Contains([]string{"system", "en", "es"}, a.Language) || !slices.Contains([]string{"system", "light", "dark"}, a.Theme) {
		return refuse(CodeInvalid, "The app does not know this setting.")
	}
	for _, seconds := range []int{a.UndoCustomers, a.UndoTeam} {
		if !slices.Contains([]int{0, 5, 10, 20}, seconds) {
			return refuse(CodeInvalid, "Sending can be undone for 0, 5, 10 or 20 seconds.")
		}
	}
	return nil
}

// Settings are the settings of the app, kept on this computer, and those for notifications, kept at the server.
type Settings struct{ host *Host }

// App gives the settings of the app on this computer.
func (s *Settings) App() AppSettings { return s.host.Profile.App() }

// SetApp stores them and tells the window.
func (s *Settings) SetApp(app AppSettings) error {
	if err := app.Check(); err != nil {
		return err
	}
	if err := s.host.Profile.SetApp(app); err != nil {
		return err
	}
	s.host.Emit(client.Event{Type: "settings"})
	return nil
}

// StartsAtLogin tells whether the app starts in the tray when the person logs in.
func (s *Settings) StartsAtLogin() bool { return s.host.Login.Starts() }

// SetStartsAtLogin changes it.
func (s *Settings) SetStartsAtLogin(starts bool) error {
	if err := s.host.Login.SetStarts(starts); err != nil {
		return &client.Error{Code: "not-saved", Message: "Starting at login could not be changed: " + err.Error()}
	}
	return nil
}

// Notifications gives the notification settings as last told.
func (s *Settings) Notifications() (client.NotificationSettings, error) {
	return s.host.Client.Notifications(context.Background())
}

// SetNotifications changes them. Needs the server.
func (s *Settings) SetNotifications(n client.NotificationSettings) error {
	return s.host.Client.SetNotifications(context.Background(), n)
}

// Sites lists the web sites with the live chat. Needs the server, as all that follow.
func (s *Settings) Sites() ([]client.Site, error) {
	sites, err := s.host.Client.Sites(context.Background())
	return filled(sites), err
}

// AddSite adds a web site; its secret is given once. Needs to be an admin.
func (s *Settings) AddSite(p client.SitePatch) (client.Site, error) {
	return s.host.Client.AddSite(context.Background(), p)
}

// ChangeSite changes a web site; its secret is given where it is a new one. Needs to be an admin.
func (s *Settings) ChangeSite(id string, p client.SitePatch) (client.Site, error) {
	return s.host.Client.ChangeSite(context.Background(), id, p)
}
