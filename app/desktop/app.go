// Package desktop is the agent's app: the services of bind over one profile, shown in a native window or in a browser.
package desktop

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"recado/app/client"
	"recado/app/desktop/bind"
	"recado/app/desktop/notify"
	"recado/app/desktop/presence"
)

// Options say how the app is started.
type Options struct {
	// Base is the folder of all profiles; empty: ConfigDir.
	Base string
	// Profile is the name of this one; empty: default.
	Profile string
	// UI is the built frontend, with index.html at its root.
	UI fs.FS
	// Icon is a PNG.
	Icon []byte
	// Version is shown to the person.
	Version string
	// Logger never gets message text or secrets.
	Logger *slog.Logger
	// Program runs the commands of the local server; empty: this program.
	Program string
	// Notifier shows bubbles; nil: the system's.
	Notifier notify.Notifier
	// Link is what the window shows at first, as in recado://conversation/ID; empty: nothing in particular.
	Link string
	// Hidden starts the app in the tray, without its window, where there is a tray.
	Hidden bool
}

// App is an open profile with everything that works on it, whichever face shows it.
type App struct {
	Options
	profile  *profile
	secrets  *secrets
	local    *local
	client   *client.Client
	events   *events
	bubbles  *notify.Bubbler
	system   *presence.System
	watch    *presence.Watch
	host     *bind.Host
	services bind.Services
	window   *shell // nil in the browser
}

// Open locks the profile, opens its cache, and begins to synchronise where somebody is signed in. It does not wait for
// the network. Its errors are sentences for the person.
func Open(ctx context.Context, o Options, face bind.Face) (*App, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	p, err := openProfile(o.Base, o.Profile)
	if err != nil {
		return nil, err
	}
	a := &App{Options: o, profile: p, secrets: openSecrets(p.dir), local: newLocal(p, o.Program, o.Logger), events: newEvents()}
	a.client, err = client.Open(ctx, client.Options{Dir: p.dir, Hold: func(kind string) time.Duration { return p.App().Hold(kind) }, OnEvent: a.onEvent, OnMessage: a.onMessage, Logger: o.Logger,
		Dial: a.local.dial})
	if err != nil {
		p.close()
		return nil, err
	}
	a.host = &bind.Host{Client: a.client, Secrets: a.secrets, Profile: p, Local: a.local, Face: face, Emit: a.events.emit,
		Input: func() { a.watch.Input() }, Login: newLogin(o),
		ProfileName: p.name, Version: o.Version, Logger: o.Logger}
	a.services = bind.New(a.host)
	if o.Notifier == nil {
		a.Notifier = systemNotifier(face, a.iconFile(), o.Logger)
	}
	a.bubbles = notify.NewBubbler(reader{a}, hands{a}, a.Notifier, o.Logger, time.Now)
	a.system = presence.Open(func(locked bool) { a.watch.Lock(locked) })
	a.watch = presence.New(a.system, a.client.SetPresence, a.locked, time.Now)
	a.system.Listen()
	a.resume()
	return a, nil
}

func (o *Options) complete() (err error) {
	if o.Profile == "" {
		o.Profile = "default"
	}
	if o.Base == "" {
		if o.Base, err = ConfigDir(); err != nil {
			return err
		}
	}
	if o.Base, err = filepath.Abs(o.Base); err != nil {
		return err
	}
	if o.Program == "" {
		if o.Program, err = os.Executable(); err != nil {
			return err
		}
	}
	return nil
}

// resume goes on where the app was left.
func (a *App) resume() {
	server, embedded := a.profile.Server()
	if embedded {
		a.local.Revive()
	}
	token := a.secrets.Token()
	if server == "" || token == "" {
		return
	}
	if err := a.client.Resume(server, token); err != nil {
		a.Logger.Warn("resume", "error", err)
	}
}

// iconFile is the icon as a file, as bubbles want it; empty where it can't be written.
func (a *App) iconFile() string {
	if len(a.Icon) == 0 {
		return ""
	}
	path := filepath.Join(a.profile.dir, "icon.png")
	if err := writeAtomically(path, a.Icon); err != nil {
		a.Logger.Warn("icon for bubbles", "error", err)
		return ""
	}
	return path
}

// onEvent runs on the client's goroutine.
func (a *App) onEvent(e client.Event) {
	a.events.emit(e)
	a.bubbleOn(e)
	if e.Type == "connection" && e.Connection != nil && e.Connection.State == "signed-out" {
		a.events.emit(bind.SessionEvent{Type: "session", Session: a.services.Session.State()})
	}
	if a.window != nil {
		a.window.refreshSoon()
	}
}

func (a *App) onMessage(m client.MessageArrived) { a.bubbles.Arrived(m) }

// Close ends everything in order: what shows, what synchronises, the local server, the profile's lock.
func (a *App) Close() error {
	a.system.Close()
	a.watch.Close()
	a.bubbles.Close()
	err := a.client.Close()
	a.local.Close()
	if e := a.profile.close(); err == nil {
		err = e
	}
	return err
}
