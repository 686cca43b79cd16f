// Package bind holds the Go services the window calls: Session, Conversations, Items, Answers, Contacts, Search, Mail and Settings. They
// are thin over package client. Exported methods of these eight types are exactly what the window may call, under the same
// names; they take no context and fail with a *client.Error wherever a person can do something about it.
package bind

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"recado/app/client"
)

// The codes of refusals that arise in this package.
const (
	CodeUseLink  = "use-link"     // the face has no file dialog; open /files/{id} instead
	CodeBadLink  = "bad-link"     // not an address that may be opened
	CodeServer   = "local-server" // the server on this computer does not start
	CodeInternal = "internal"     // unexpected; logged where it arose
	CodeInvalid  = "invalid"      // what was given can't be used
)

// Secrets keeps the session token out of the cache.
type Secrets interface {
	// Token gives the token kept last; empty where there is none.
	Token() string
	// SetToken keeps a token; an empty one removes what is kept.
	SetToken(token string) error
	// Kind tells where it lies: keyring or file.
	Kind() string
}

// Profile remembers what outlives a session.
type Profile interface {
	// Server gives the address last connected to, empty before the first time, and whether it is the embedded one.
	Server() (url string, embedded bool)
	// SetServer remembers them.
	SetServer(url string, embedded bool) error
	// App gives the settings of the app on this computer.
	App() AppSettings
	// SetApp stores them.
	SetApp(AppSettings) error
}

// LocalServer runs a server on this computer, as a child of the app.
type LocalServer interface {
	// Start starts it where it does not run yet, and gives its address once it accepts requests.
	Start(ctx context.Context) (url string, err error)
	// AddAdmin adds a user who may administer it.
	AddAdmin(ctx context.Context, name, email, password string) error
}

// Login has the app start in the tray when the person logs in.
type Login interface {
	// Starts tells whether it does.
	Starts() bool
	// SetStarts changes it; its errors are sentences for the person.
	SetStarts(bool) error
}

// Face is what differs between the native window and the browser.
type Face interface {
	// Name is desktop or browser.
	Name() string
	// Open opens an address, checked before, in the default browser.
	Open(url string) error
	// AskWhere asks where to save a file; an empty path means that the person changed their mind. A face without a
	// file dialog refuses with code use-link.
	AskWhere(name string) (path string, err error)
}

// Host is what the services work with. All exported fields are required.
type Host struct {
	Client  *client.Client
	Secrets Secrets
	Profile Profile
	Local   LocalServer
	Face    Face
	// Emit tells the window of an event of the Go side.
	Emit func(event any)
	// Input is told of input in the window.
	Input func()
	// Login has the app start when the person logs in.
	Login Login
	// ProfileName and Version are shown to the person.
	ProfileName string
	Version     string
	Logger      *slog.Logger

	looking atomic.Pointer[string]
	asked   atomic.Pointer[Target]
}

// Looks tells whether a conversation is shown in the focused window.
func (h *Host) Looks(conversation string) bool {
	shown := h.looking.Load()
	return shown != nil && *shown == conversation
}

// Services are the bound services over one host.
type Services struct {
	Session       *Session
	Conversations *Conversations
	Items         *Items
	Answers       *Answers
	Contacts      *Contacts
	Search        *Search
	Mail          *Mail
	Settings      *Settings
}

// New makes the services. With a nil host they can be described, as bindings are made, but not called.
func New(h *Host) Services {
	return Services{
		Session:       &Session{host: h},
		Conversations: &Conversations{host: h},
		Items:         &Items{host: h},
		Answers:       &Answers{host: h},
		Contacts:      &Contacts{host: h},
		Search:        &Search{host: h},
		Mail:          &Mail{host: h},
		Settings:      &Settings{host: h},
	}
}

// List gives the services one by one, as Wails and the browser's face want them.
func (s Services) List() []any {
	return []any{s.Session, s.Conversations, s.Items, s.Answers, s.Contacts, s.Search, s.Mail, s.Settings}
}

// Problem is the form in which the window gets every error: {code, message, fields}. What is not for a person becomes
// code internal; its text goes to the log, not to the window.
func Problem(err error, log *slog.Logger) *client.Error {
	var e *client.Error
	if errors.As(err, &e) {
		return e
	}
	log.Error("call", "error", err)
	return &client.Error{Code: CodeInternal, Message: "Something went wrong inside the app. Try again."}
}

func refuse(code, message string) error { return &client.Error{Code: code, Message: message} }
