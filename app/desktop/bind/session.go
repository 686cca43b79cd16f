package bind

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"

	"recado/app/client"
)

// The stages of a session.
const (
	FirstStart = "first-start" // no server chosen yet
	SignIn     = "sign-in"     // a server, but nobody signed in
	SignedIn   = "signed-in"
)

// ServerInfo names the server the app belongs to.
type ServerInfo struct {
	URL string `json:"url"`
	// Embedded: it runs on this computer, as a child of the app.
	Embedded bool   `json:"embedded"`
	Name     string `json:"name"`
}

// SessionState is where the person stands with the app.
type SessionState struct {
	Stage      string            `json:"stage"`
	Server     *ServerInfo       `json:"server,omitempty"`
	Me         *client.Person    `json:"me,omitempty"`
	Profile    string            `json:"profile"`
	Secrets    string            `json:"secrets"`
	Connection client.Connection `json:"connection"`
	Face       string            `json:"face"`
	Version    string            `json:"version"`
}

// SessionEvent tells the window that the session stands elsewhere now.
type SessionEvent struct {
	Type    string       `json:"type"`
	Session SessionState `json:"session"`
}

// Session is signing in and out, and what the person is looking at.
type Session struct{ host *Host }

// State tells where the person stands.
func (s *Session) State() SessionState {
	h := s.host
	state := SessionState{Stage: FirstStart, Profile: h.ProfileName, Secrets: h.Secrets.Kind(),
		Connection: h.Client.Connection(), Face: h.Face.Name(), Version: h.Version}
	address, embedded := h.Profile.Server()
	if address == "" {
		return state
	}
	state.Stage, state.Server = SignIn, serverInfo(address, embedded)
	me, known := h.Client.Me()
	if known && h.Secrets.Token() != "" && state.Connection.State != "signed-out" {
		state.Stage, state.Me = SignedIn, &me
	}
	return state
}

func serverInfo(address string, embedded bool) *ServerInfo {
	name := address
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		name = u.Host
	}
	return &ServerInfo{URL: address, Embedded: embedded, Name: name}
}

// StartHere starts a server on this computer, makes its first user, an admin, and signs in. Called again after it failed
// half-way, it goes on from there.
func (s *Session) StartHere(name, email, password string) (SessionState, error) {
	ctx := context.Background()
	if err := complete(map[string]string{"name": name, "email": email, "password": password}); err != nil {
		return SessionState{}, err
	}
	address, err := s.host.Local.Start(ctx)
	if err != nil {
		return SessionState{}, err
	}
	added := s.host.Local.AddAdmin(ctx, strings.TrimSpace(name), strings.TrimSpace(email), password)
	token, err := s.host.Client.SignIn(ctx, address, strings.TrimSpace(email), password, device())
	if err != nil {
		// A person who was there already explains itself by signing in; otherwise the first refusal is the cause.
		return SessionState{}, errors.Join(added, err)
	}
	return s.signedIn(token, true)
}

// Connect signs in at a server.
func (s *Session) Connect(address, email, password string) (SessionState, error) {
	if err := complete(map[string]string{"url": address, "email": email, "password": password}); err != nil {
		return SessionState{}, err
	}
	known, embedded := s.host.Profile.Server()
	address = withScheme(address)
	if embedded && strings.TrimSuffix(address, "/") == known {
		if _, err := s.host.Local.Start(context.Background()); err != nil {
			return SessionState{}, err
		}
	}
	token, err := s.host.Client.SignIn(context.Background(), address, strings.TrimSpace(email), password, device())
	if err != nil {
		return SessionState{}, err
	}
	return s.signedIn(token, embedded && s.host.Client.Server() == known)
}

// AcceptInvitation takes a link as printed or mailed, sets the password, and signs in.
func (s *Session) AcceptInvitation(link, password string) (SessionState, error) {
	if err := complete(map[string]string{"link": link, "password": password}); err != nil {
		return SessionState{}, err
	}
	token, err := s.host.Client.AcceptInvitation(context.Background(), strings.TrimSpace(link), password, device())
	if err != nil {
		return SessionState{}, err
	}
	known, embedded := s.host.Profile.Server()
	return s.signedIn(token, embedded && s.host.Client.Server() == known)
}

func (s *Session) signedIn(token string, embedded bool) (SessionState, error) {
	if err := s.host.Secrets.SetToken(token); err != nil {
		return SessionState{}, err
	}
	if err := s.host.Profile.SetServer(s.host.Client.Server(), embedded); err != nil {
		return SessionState{}, err
	}
	return s.tell(), nil
}

// tell emits the present state and returns it.
func (s *Session) tell() SessionState {
	state := s.State()
	s.host.Emit(SessionEvent{Type: "session", Session: state})
	return state
}

// SignOut ends the session and removes the cache; refused with code unsent while the outbox is not empty, unless
// discardUnsent.
func (s *Session) SignOut(discardUnsent bool) (SessionState, error) {
	if err := s.host.Client.SignOut(context.Background(), discardUnsent); err != nil {
		return SessionState{}, err
	}
	if err := s.host.Secrets.SetToken(""); err != nil {
		return SessionState{}, err
	}
	return s.tell(), nil
}

// ChangePassword sets a new password. Needs the server.
func (s *Session) ChangePassword(old, next string) error {
	return s.host.Client.ChangePassword(context.Background(), old, next)
}

// Devices lists the person's sessions. Needs the server.
func (s *Session) Devices() ([]client.Device, error) {
	devices, err := s.host.Client.Devices(context.Background())
	return filled(devices), err
}

// EndDevice ends one of them. Needs the server.
func (s *Session) EndDevice(id string) error {
	return s.host.Client.EndDevice(context.Background(), id)
}

// Looking says which conversation is shown (empty for none) and whether the person looks at it: the window has the focus,
// and somebody sits before it.
func (s *Session) Looking(conversation string, focused bool) {
	if focused && conversation != "" {
		s.host.looking.Store(&conversation)
	} else {
		s.host.looking.Store(nil)
	}
	s.host.Client.SetLooking(conversation, focused)
}

// Input says that there was input in the window, by which the person counts as here. The window says so twice a minute at
// most.
func (s *Session) Input() { s.host.Input() }

// OpenExternal opens an address in the default browser or mail program: http, https and mailto only.
func (s *Session) OpenExternal(address string) error {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || !opens(u) {
		return refuse(CodeBadLink, "Only web and e-mail addresses can be opened.")
	}
	return s.host.Face.Open(u.String())
}

func opens(u *url.URL) bool {
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}

// Reconnect tries the connection now.
func (s *Session) Reconnect() { s.host.Client.Reconnect() }

// complete refuses empty fields, naming each.
func complete(fields map[string]string) error {
	var missing []client.Field
	for _, name := range []string{"name", "url", "link", "email", "password"} {
		if value, asked := fields[name]; asked && strings.TrimSpace(value) == "" {
			missing = append(missing, client.Field{Location: name, Message: "This is needed."})
		}
	}
	if missing == nil {
		return nil
	}
	return &client.Error{Code: CodeInvalid, Message: "Something is missing. Fill in every field.", Fields: missing}
}

// withScheme lets people type a bare host: plain HTTP to this computer, HTTPS to any other.
func withScheme(address string) string {
	address = strings.TrimSuffix(strings.TrimSpace(address), "/")
	if strings.Contains(address, "://") {
		return address
	}
	u, err := url.Parse("http://" + address)
	if err != nil {
		return address
	}
	switch u.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return "http://" + address
	}
	return "https://" + address
}

// device names this computer in the list of sessions.
func device() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "This computer"
	}
	return name
}

// filled gives an empty list for none, which the window gets as [] and not as null.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
