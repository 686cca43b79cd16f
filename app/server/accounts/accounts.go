// Package accounts holds who people are to the server: sign-in, sessions, invitations, people and their changes.
package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"recado/app/desk"
)

// How long things last.
const (
	SessionLife    = 90 * 24 * time.Hour // since it was last used
	InvitationLife = 7 * 24 * time.Hour
)

// Session is a device's right to act as a person. Its token is kept hashed only.
type Session struct {
	ID        string
	Person    string
	Device    string
	CreatedAt int64
	UsedAt    int64
}

// Caller is who asks, by which session.
type Caller struct {
	Person  desk.Person
	Session Session
}

// Store keeps people, sessions and invitations. Each method is one transaction. Methods that change a person tell the
// feeds of all users in the same transaction, and give whom to wake.
type Store interface {
	// PersonByAddress gives the person with a normalised address and the hash of their password ("" for none).
	PersonByAddress(ctx context.Context, address string) (desk.Person, string, error)
	Person(ctx context.Context, id string) (desk.Person, error)
	// AddPerson gives desk.Error `address-taken` where the address is somebody's. passwordHash may be empty.
	AddPerson(ctx context.Context, p desk.Person, passwordHash string) (wake []string, err error)
	UpdatePerson(ctx context.Context, id string, change func(*desk.Person) error) (p desk.Person, wake []string, err error)
	PasswordHash(ctx context.Context, id string) (string, error)
	SetPassword(ctx context.Context, id, hash string) error
	AddSession(ctx context.Context, s Session, tokenHash string) error
	// SessionByToken gives desk.ErrNotFound for a token nobody holds, or one not used since the moment given.
	SessionByToken(ctx context.Context, tokenHash string, usedSince int64) (Session, desk.Person, error)
	TouchSession(ctx context.Context, id string, at int64) error
	Sessions(ctx context.Context, person string, usedSince int64) ([]Session, error)
	// EndSession answers desk.ErrNotFound where it is not the person's.
	EndSession(ctx context.Context, person, id string) error
	// EndSessions ends all sessions of a person but one ("" for none), and gives their ids.
	EndSessions(ctx context.Context, person, except string) ([]string, error)
	AddInvitation(ctx context.Context, tokenHash, person string, at, expires int64) error
	// TakeInvitation uses up an invitation: who it is for; desk.ErrNotFound where it is unknown, used or late.
	TakeInvitation(ctx context.Context, tokenHash, passwordHash string, at int64) (desk.Person, error)
}

// Passwords hashes and compares. Compare takes as long for a wrong password as for a right one.
type Passwords interface {
	Hash(password string) (string, error)
	Compare(password, hash string) (bool, error)
}

// Notices tells other parts, on this node and others, what must take effect at once.
type Notices interface {
	Wake(people []string)
	SessionsEnded(ids []string)
}

// Service is the use cases.
type Service struct {
	Store     Store
	Passwords Passwords
	Notices   Notices
	Limits    *Limits
	Now       func() time.Time
	NewID     func() string
	decoy     string
}

// New makes the service. It hashes one password, so that an unknown address costs as much time as a known one.
func New(s Service) (*Service, error) {
	decoy, err := s.Passwords.Hash(token())
	if err != nil {
		return nil, err
	}
	s.decoy = decoy
	return &s, nil
}

func (s *Service) now() int64 { return s.Now().UnixMilli() }

// token is 256 random bits, URL-safe.
func token() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func hashToken(t string) string {
	sum := sha256.Sum256([]byte(t))
	return hex.EncodeToString(sum[:])
}

// ErrSignIn answers alike for a wrong password, an unknown address and a disabled person.
var ErrSignIn = &desk.Error{Code: "wrong-sign-in", Message: "The address or the password is not right."}

// ErrNotSignedIn is for a token that is missing, unknown, expired or revoked.
var ErrNotSignedIn = &desk.Error{Code: "not-signed-in", Message: "Sign in first: this session is unknown or has ended."}

// SignIn makes a session for who knows the password. remote is the address it comes from, for the limits: only
// failures count.
func (s *Service) SignIn(ctx context.Context, email, password, device, remote string) (string, desk.Person, error) {
	address := desk.Address(email)
	forgive, err := s.Limits.Try(address, remote)
	if err != nil {
		return "", desk.Person{}, err
	}
	p, hash, err := s.Store.PersonByAddress(ctx, address)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return "", p, err
	}
	known := err == nil && hash != "" && !p.Disabled && p.Kind == desk.User
	if !known {
		hash = s.decoy
	}
	ok, err := s.Passwords.Compare(password, hash)
	if err != nil {
		return "", p, err
	}
	if !ok || !known {
		return "", desk.Person{}, ErrSignIn
	}
	forgive()
	t, err := s.open(ctx, p, device)
	return t, p, err
}

func (s *Service) open(ctx context.Context, p desk.Person, device string) (string, error) {
	t := token()
	now := s.now()
	if len([]rune(device)) > 100 {
		device = string([]rune(device)[:100])
	}
	err := s.Store.AddSession(ctx, Session{ID: s.NewID(), Person: p.ID, Device: device, CreatedAt: now, UsedAt: now}, hashToken(t))
	return t, err
}

// touchEvery bounds how often the use of a session is written down.
const touchEvery = int64(10 * time.Minute / time.Millisecond)

// Authenticate gives who holds a token; ErrNotSignedIn where nobody does.
func (s *Service) Authenticate(ctx context.Context, t string) (Caller, error) {
	if t == "" || len(t) > 200 {
		return Caller{}, ErrNotSignedIn
	}
	now := s.now()
	ses, p, err := s.Store.SessionByToken(ctx, hashToken(t), now-SessionLife.Milliseconds())
	if errors.Is(err, desk.ErrNotFound) || err == nil && p.Disabled {
		return Caller{}, ErrNotSignedIn
	}
	if err != nil {
		return Caller{}, err
	}
	if now-ses.UsedAt > touchEvery {
		if err := s.Store.TouchSession(ctx, ses.ID, now); err != nil {
			return Caller{}, err
		}
	}
	return Caller{p, ses}, nil
}

// Sessions lists the caller's devices.
func (s *Service) Sessions(ctx context.Context, c Caller) ([]Session, error) {
	return s.Store.Sessions(ctx, c.Person.ID, s.now()-SessionLife.Milliseconds())
}

// EndSession revokes one of the caller's sessions; its streams end within 5 s, on every node.
func (s *Service) EndSession(ctx context.Context, c Caller, id string) error {
	if err := s.Store.EndSession(ctx, c.Person.ID, id); err != nil {
		return err
	}
	s.Notices.SessionsEnded([]string{id})
	return nil
}
