package accounts

import (
	"context"
	"errors"
	"strings"

	"recado/app/desk"
)

// NewPerson is somebody to be added. A user without a password is invited.
type NewPerson struct {
	Kind         desk.Kind
	Name         string
	Email        string
	Organisation string
	Role         desk.Role
	Password     string
	Locale       string
	Disabled     bool // stands for something that was written, and never signs in
}

// Add adds a person. A customer of whom no organisation is told gets the one their address shows. Where it is a user without a password, invitation is a token to be used once within 7 days.
func (s *Service) Add(ctx context.Context, n NewPerson) (p desk.Person, invitation string, err error) {
	n.Email = strings.TrimSpace(n.Email)
	if err := checkNew(n); err != nil {
		return p, "", err
	}
	if n.Kind == desk.Customer && desk.Blank(n.Organisation) {
		n.Organisation = desk.OrganisationOf(n.Email)
	}
	hash := ""
	if n.Password != "" {
		if hash, err = s.Passwords.Hash(n.Password); err != nil {
			return p, "", err
		}
	}
	p = desk.Person{ID: s.NewID(), Kind: n.Kind, Name: strings.TrimSpace(n.Name), Email: n.Email, Organisation: strings.TrimSpace(n.Organisation),
		Role: n.Role, Locale: n.Locale, Disabled: n.Disabled, CreatedAt: s.now(), Version: 1}
	wake, err := s.Store.AddPerson(ctx, p, hash)
	if err != nil {
		return desk.Person{}, "", err
	}
	s.Notices.Wake(wake)
	if n.Kind == desk.User && hash == "" && !n.Disabled {
		invitation, err = s.invite(ctx, p.ID)
	}
	return p, invitation, err
}

func checkNew(n NewPerson) error {
	if e := desk.CheckName("body.name", n.Name); e != nil {
		return e
	}
	if e := desk.CheckEmail("body.email", n.Email); e != nil {
		return e
	}
	if e := desk.CheckText("body.organisation", n.Organisation, desk.MaxName); e != nil {
		return e
	}
	switch {
	case n.Kind != desk.User && n.Kind != desk.Customer:
		return desk.Invalid("body.kind", "a person is a user or a customer")
	case n.Kind == desk.User && n.Role != desk.Agent && n.Role != desk.Admin:
		return desk.Invalid("body.role", "a user's role is agent or admin")
	case n.Kind == desk.Customer && n.Role != "":
		return desk.Invalid("body.role", "a customer has no role")
	}
	if n.Password != "" {
		if e := desk.CheckPassword("body.password", n.Password); e != nil {
			return e
		}
	}
	return nil
}

// AddBy adds a person on behalf of a caller: customers by any user, users by admins.
func (s *Service) AddBy(ctx context.Context, c Caller, n NewPerson) (desk.Person, string, error) {
	if c.Person.Kind != desk.User || n.Kind == desk.User && !c.Person.MayManage() {
		return desk.Person{}, "", desk.ErrForbidden
	}
	n.Password = ""
	return s.Add(ctx, n)
}

func (s *Service) invite(ctx context.Context, person string) (string, error) {
	t := token()
	now := s.now()
	return t, s.Store.AddInvitation(ctx, hashToken(t), person, now, now+InvitationLife.Milliseconds())
}

// ErrInvitation is for an invitation that is unknown, used, or older than 7 days.
var ErrInvitation = &desk.Error{Code: "invitation-unusable", Message: "This invitation was used already, or is older than 7 days. Ask for a new one."}

// AcceptInvitation sets the invited person's password and signs them in; it works once.
func (s *Service) AcceptInvitation(ctx context.Context, t, password, device, remote string) (string, desk.Person, error) {
	if e := desk.CheckPassword("body.password", password); e != nil {
		return "", desk.Person{}, e
	}
	forgive, err := s.Limits.Try("", remote)
	if err != nil {
		return "", desk.Person{}, err
	}
	hash, err := s.Passwords.Hash(password)
	if err != nil {
		return "", desk.Person{}, err
	}
	p, err := s.Store.TakeInvitation(ctx, hashToken(t), hash, s.now())
	if errors.Is(err, desk.ErrNotFound) {
		return "", p, ErrInvitation
	}
	forgive()
	if err != nil {
		return "", p, err
	}
	session, err := s.open(ctx, p, device)
	return session, p, err
}

// ChangePassword asks for the old one; all other sessions of the caller end.
func (s *Service) ChangePassword(ctx context.Context, c Caller, old, next string) error {
	if e := desk.CheckPassword("body.new", next); e != nil {
		return e
	}
	forgive, err := s.Limits.Try(desk.Address(c.Person.Email), "")
	if err != nil {
		return err
	}
	hash, err := s.Store.PasswordHash(ctx, c.Person.ID)
	if err != nil {
		return err
	}
	ok, err := s.Passwords.Compare(old, hash)
	if err != nil {
		return err
	}
	if !ok {
		return &desk.Error{Code: "wrong-password", Message: "The old password is not right.", Fields: []desk.Field{{Location: "body.old", Message: "is not the password in use"}}}
	}
	forgive()
	if hash, err = s.Passwords.Hash(next); err != nil {
		return err
	}
	if err := s.Store.SetPassword(ctx, c.Person.ID, hash); err != nil {
		return err
	}
	ended, err := s.Store.EndSessions(ctx, c.Person.ID, c.Session.ID)
	s.Notices.SessionsEnded(ended)
	return err
}

// PersonChange is what can be changed of a person; nil leaves as it is.
type PersonChange struct {
	Name, Email, Organisation, Locale *string
	Role                              *desk.Role
	Disabled                          *bool
}

// Change changes a person: oneself (name, locale), a customer by any user, anybody by an admin. Whoever is disabled has
// no sessions any more.
func (s *Service) Change(ctx context.Context, c Caller, id string, ch PersonChange) (desk.Person, error) {
	p, wake, err := s.Store.UpdatePerson(ctx, id, func(p *desk.Person) error { return apply(c.Person, p, ch) })
	if err != nil {
		return p, err
	}
	if p.Disabled {
		ended, err := s.Store.EndSessions(ctx, id, "")
		if err != nil {
			return p, err
		}
		s.Notices.SessionsEnded(ended)
	}
	s.Notices.Wake(wake)
	return p, nil
}

func apply(actor desk.Person, p *desk.Person, ch PersonChange) error {
	own := actor.ID == p.ID
	managing := ch.Email != nil || ch.Role != nil || ch.Disabled != nil || ch.Organisation != nil
	switch {
	case actor.Kind != desk.User:
		return desk.ErrNotFound
	case p.Kind == desk.User && !actor.MayManage() && (!own || managing):
		return desk.ErrForbidden
	case p.Kind == desk.Customer && ch.Role != nil:
		return desk.Invalid("body.role", "a customer has no role")
	case own && ch.Disabled != nil && *ch.Disabled:
		return desk.Invalid("body.disabled", "you can't disable yourself")
	case own && ch.Role != nil && *ch.Role != p.Role:
		return desk.Invalid("body.role", "you can't change your own role: another administrator can, so that there always is one")
	}
	if ch.Name != nil {
		if e := desk.CheckName("body.name", *ch.Name); e != nil {
			return e
		}
		p.Name = strings.TrimSpace(*ch.Name)
	}
	if ch.Email != nil {
		p.Email = strings.TrimSpace(*ch.Email)
		if e := desk.CheckEmail("body.email", p.Email); e != nil {
			return e
		}
	}
	if ch.Organisation != nil {
		if e := desk.CheckText("body.organisation", *ch.Organisation, desk.MaxName); e != nil {
			return e
		}
		p.Organisation = strings.TrimSpace(*ch.Organisation)
	}
	if ch.Locale != nil {
		p.Locale = *ch.Locale
	}
	if ch.Role != nil {
		p.Role = *ch.Role
	}
	if ch.Disabled != nil {
		p.Disabled = *ch.Disabled
	}
	return nil
}
