package messaging

import (
	"context"

	"recado/app/desk"
)

// Users lists all users who are not disabled.
func (s *Service) Users(ctx context.Context) (ids []string, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		ids, err = r.UserIDs()
		return err
	})
	return ids, err
}

// Person gives anybody to a user, and to a customer themselves alone.
func (s *Service) Person(ctx context.Context, viewer desk.Person, id string) (p desk.Person, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		found, err := r.People([]string{id})
		if err != nil {
			return err
		}
		known := false
		if p, known = found[id]; !known || viewer.ID != id && (viewer.Kind != desk.User || p.Unheard) {
			return desk.ErrNotFound
		}
		return nil
	})
	return p, err
}
