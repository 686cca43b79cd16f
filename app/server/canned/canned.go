// Package canned holds the texts a team answers with often: any user adds, changes and removes them, and all are told.
package canned

import (
	"context"
	"time"

	"recado/app/desk"
)

// The refusals that arise here.
var (
	ErrNameTaken = &desk.Error{Code: "name-taken", Message: "There is a canned answer of this name already. Choose another name."}
	ErrTooMany   = &desk.Error{Code: "too-many", Message: "A team can have up to 1,000 canned answers. Remove some first."}
	ErrChanged   = &desk.Error{Code: "changed-meanwhile", Message: "Somebody else changed this answer meanwhile. Look at it, and change it again."}
)

// Store keeps canned answers. Each method is one transaction.
type Store interface {
	// CannedAnswers lists all, in the order of their names.
	CannedAnswers(ctx context.Context) ([]desk.CannedAnswer, error)
	// AddCanned keeps a new one; ErrNameTaken or ErrTooMany where it can't.
	AddCanned(ctx context.Context, a desk.CannedAnswer) error
	// ChangeCanned runs change on the one that is stored and keeps what it gives; desk.ErrNotFound where there is none,
	// ErrNameTaken where another has the name.
	ChangeCanned(ctx context.Context, id string, change func(desk.CannedAnswer) (desk.CannedAnswer, error)) (desk.CannedAnswer, error)
	// RemoveCanned gives desk.ErrNotFound where there is none.
	RemoveCanned(ctx context.Context, id string) error
}

// Service is the use cases.
type Service struct {
	Store Store
	// Changed is told after the commit that the answers are others than before.
	Changed func()
	Now     func() time.Time
	NewID   func() string
}

// Change is what is to become of an answer; what is nil stays. Version, where it is not 0, is the one the caller knew.
type Change struct {
	Name, Body *string
	Version    int64
}

// List gives all canned answers to a user, in the order of their names.
func (s *Service) List(ctx context.Context, viewer desk.Person) ([]desk.CannedAnswer, error) {
	if viewer.Kind != desk.User {
		return nil, desk.ErrNotFound
	}
	return s.Store.CannedAnswers(ctx)
}

// Add keeps a new answer.
func (s *Service) Add(ctx context.Context, by desk.Person, name, body string) (desk.CannedAnswer, error) {
	if by.Kind != desk.User {
		return desk.CannedAnswer{}, desk.ErrNotFound
	}
	at := s.Now().UnixMilli()
	a, e := desk.CannedAnswer{ID: s.NewID(), Name: name, Body: body, ChangedBy: by.ID, CreatedAt: at, ChangedAt: at, Version: 1}.Check()
	if e != nil {
		return a, e
	}
	if err := s.Store.AddCanned(ctx, a); err != nil {
		return a, err
	}
	s.Changed()
	return a, nil
}

// Change changes an answer; ErrChanged where it is of another version than the caller knew. What changes nothing is told
// to nobody.
func (s *Service) Change(ctx context.Context, by desk.Person, id string, c Change) (a desk.CannedAnswer, err error) {
	if by.Kind != desk.User {
		return a, desk.ErrNotFound
	}
	changed := false
	a, err = s.Store.ChangeCanned(ctx, id, func(known desk.CannedAnswer) (desk.CannedAnswer, error) {
		if c.Version != 0 && c.Version != known.Version {
			return known, ErrChanged
		}
		next := known
		if c.Name != nil {
			next.Name = *c.Name
		}
		if c.Body != nil {
			next.Body = *c.Body
		}
		next, e := next.Check()
		if e != nil {
			return known, e
		}
		if changed = next != known; changed {
			next.ChangedBy, next.ChangedAt, next.Version = by.ID, s.Now().UnixMilli(), known.Version+1
		}
		return next, nil
	})
	if err == nil && changed {
		s.Changed()
	}
	return a, err
}

// Remove forgets an answer; what was sent of it stays.
func (s *Service) Remove(ctx context.Context, by desk.Person, id string) error {
	if by.Kind != desk.User {
		return desk.ErrNotFound
	}
	if err := s.Store.RemoveCanned(ctx, id); err != nil {
		return err
	}
	s.Changed()
	return nil
}
