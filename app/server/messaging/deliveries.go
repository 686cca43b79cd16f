package messaging

import (
	"context"

	"recado/app/desk"
)

// Delivery is what became of a message for one recipient in the app.
type Delivery struct {
	Person string
	State  string // sent or seen
	At     int64
	Reason string
}

// Deliveries tells what became of a message: to its author, and in small circles to everybody who sees it.
func (s *Service) Deliveries(ctx context.Context, viewer desk.Person, message string) (out []Delivery, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		out = nil
		m, at, err := seeMessage(r, viewer, message)
		if err != nil {
			return err
		}
		st, err := r.Standings([]string{at.c.ID}, nil)
		if err != nil {
			return err
		}
		all := st[at.c.ID]
		if viewer.ID != m.Author && len(all) > desk.SmallCircle {
			return desk.ErrForbidden
		}
		for _, x := range all {
			if !x.Participant || x.Person == m.Author || x.HistoryFrom > m.Number {
				continue
			}
			d := Delivery{Person: x.Person, State: "sent", At: m.CreatedAt, Reason: "in the feed of a participant"}
			if x.SeenUpTo >= m.Number {
				d.State, d.At, d.Reason = "seen", max(x.SeenAt, m.CreatedAt), "seen in the app"
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

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
		if p, known = found[id]; !known || viewer.Kind != desk.User && viewer.ID != id {
			return desk.ErrNotFound
		}
		return nil
	})
	return p, err
}
