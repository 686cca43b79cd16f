package messaging

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"recado/app/desk"
)

// plan writes, with the message, what becomes of it outside the app for each of those who stand in c.
func (s *Service) plan(w Writer, t *telling, m desk.Message, stand []desk.Standing) error {
	if s.Outside == nil {
		return nil
	}
	ids, muted := make([]string, 0, len(stand)), map[string]bool{}
	for _, st := range stand {
		if st.Person != m.Author && st.HistoryFrom <= m.Number {
			ids = append(ids, st.Person)
			muted[st.Person] = st.Muted
		}
	}
	recipients, err := w.Recipients(ids)
	if err != nil || len(recipients) == 0 {
		return err
	}
	if err := findInChat(w, recipients, t.at); err != nil {
		return err
	}
	planned := make([]desk.Delivery, 0, len(recipients))
	for _, r := range recipients {
		r.Muted = muted[r.ID]
		for _, d := range s.planFor(r, t.at) {
			if d.DueAt > 0 && (t.due == 0 || d.DueAt < t.due) {
				t.due = d.DueAt
			}
			planned = append(planned, d)
		}
	}
	return w.Plan(m, planned)
}

// Deliveries tells what became of a message: to its author, and to everybody who sees it in conversations of up to
// desk.SmallCircle participants; to others what became of it for themselves.
func (s *Service) Deliveries(ctx context.Context, viewer desk.Person, message string) (out []desk.Delivery, err error) {
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
		stand := slices.DeleteFunc(st[at.c.ID], func(s desk.Standing) bool { return !s.Participant })
		inApp, err := appDeliveries(r, m, at.c, stand)
		if err != nil {
			return err
		}
		outside, err := r.Deliveries(m.ID)
		if err != nil {
			return err
		}
		seenInChat(outside, stand)
		out = append(inApp, outside...)
		if out, err = asOne(r, at.c, out, stand); err != nil {
			return err
		}
		if viewer.ID != m.Author && len(stand) > desk.SmallCircle {
			out = slices.DeleteFunc(out, func(d desk.Delivery) bool { return d.Person != viewer.ID })
		}
		slices.SortStableFunc(out, func(a, b desk.Delivery) int {
			return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Channel, b.Channel))
		})
		return nil
	})
	return out, err
}

// Recipients tells what would become of a message that viewer posted in a conversation now, for each of those who stand
// there: planned ones with how long they would wait, in milliseconds, as DueAt.
func (s *Service) Recipients(ctx context.Context, viewer desk.Person, conversation string) (out []desk.Delivery, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		out = nil
		at, err := see(r, viewer, conversation)
		if err != nil {
			return err
		}
		_, stand, err := circle(r, at.c)
		if err != nil {
			return err
		}
		ids, muted := make([]string, 0, len(stand)), map[string]bool{}
		for _, st := range stand {
			if st.Person != viewer.ID {
				ids, muted[st.Person] = append(ids, st.Person), st.Muted
			}
		}
		recipients, err := r.Recipients(ids)
		if err != nil {
			return err
		}
		if err := findInChat(r, recipients, s.now()); err != nil {
			return err
		}
		trouble, err := r.Troubled(ids)
		for _, p := range recipients {
			p.Muted = muted[p.ID]
			out = append(out, foresee(s.planFor(p, 0), trouble[p.ID])...)
		}
		return err
	})
	return out, err
}

// foresee tells of mails that would be planned and, for what reports said of the address, would not leave.
func foresee(ds []desk.Delivery, t desk.Trouble) []desk.Delivery {
	for i := range ds {
		if d := &ds[i]; d.Channel == desk.ByEmail && d.State == desk.Planned && t != (desk.Trouble{}) {
			d.State, d.Reason, d.DueAt = desk.Failed, desk.ReasonUnwanted, 0
			if t.Gone {
				d.Reason = desk.ReasonFailing
			}
		}
	}
	return ds
}

// planFor decides about a recipient.
func (s *Service) planFor(p desk.Recipient, at int64) []desk.Delivery {
	if s.Outside == nil {
		return []desk.Delivery{{Person: p.ID, Channel: desk.InApp, State: desk.Sent, Reason: desk.ReasonInFeed, At: at}}
	}
	return desk.PlanFor(p, at, s.Outside.After.Milliseconds())
}

// appDeliveries are not stored: what a participant has seen says it. Customers have no app.
func appDeliveries(r Reader, m desk.Message, c desk.Conversation, stand []desk.Standing) (out []desk.Delivery, err error) {
	customers := map[string]desk.Person{}
	if c.Kind == desk.WithCustomers {
		ids := make([]string, len(stand))
		for i, s := range stand {
			ids[i] = s.Person
		}
		if customers, err = r.People(ids); err != nil {
			return nil, err
		}
	}
	for _, s := range stand {
		if s.Person == m.Author || s.HistoryFrom > m.Number || customers[s.Person].Kind == desk.Customer {
			continue
		}
		d := desk.Delivery{Message: m.ID, Conversation: c.ID, Number: m.Number, Person: s.Person, Channel: desk.InApp,
			State: desk.Sent, Reason: desk.ReasonInFeed, At: m.CreatedAt}
		if s.SeenUpTo >= m.Number {
			d.State, d.Reason, d.At = desk.SeenThere, desk.ReasonSeen, max(s.SeenAt, m.CreatedAt)
		}
		out = append(out, d)
	}
	return out, nil
}

var (
	errNotPlanned = &desk.Error{Code: "not-planned", Message: "Nothing is planned here any more: it left already, or was seen."}
	errLeaving    = &desk.Error{Code: "leaving", Message: "It is on its way to the mail server and can't be stopped any more."}
)

// SendNow makes the mail of a message to a person due at once; one that failed, was held or was stopped is tried again,
// whatever spoke against it. What was seen, or has left, gives the error not-planned and stays.
func (s *Service) SendNow(ctx context.Context, actor desk.Person, message, person string) (desk.Delivery, error) {
	return s.decide(ctx, actor, message, person, func(d *desk.Delivery, t *telling) error {
		switch {
		case d.State == desk.Planned && d.Reason == desk.ReasonLeaving:
			return nil
		case d.State == desk.Failed, d.State == desk.Held, d.State == desk.Cancelled && d.Reason == desk.ReasonStopped:
			d.Mail, d.Attempts, d.Detail = "", 0, ""
		case d.State != desk.Planned:
			return errNotPlanned
		}
		d.State, d.Reason, d.DueAt, d.At = desk.Planned, desk.ReasonAsked, t.at, t.at
		t.due = t.at
		return nil
	})
}

// Stop keeps the mail of a message to a person from leaving. What is on its way already gives the error leaving, what is
// settled not-planned.
func (s *Service) Stop(ctx context.Context, actor desk.Person, message, person string) (desk.Delivery, error) {
	return s.decide(ctx, actor, message, person, func(d *desk.Delivery, t *telling) error {
		switch {
		case d.State == desk.Cancelled && d.Reason == desk.ReasonStopped:
			return nil
		case d.State != desk.Planned && d.State != desk.Held:
			return errNotPlanned
		case d.Reason == desk.ReasonLeaving:
			return errLeaving
		}
		d.State, d.Reason, d.DueAt, d.At = desk.Cancelled, desk.ReasonStopped, 0, t.at
		return nil
	})
}

// decide lets somebody change a delivery by mail: the author of the message, and any user where all users share the
// conversation.
func (s *Service) decide(ctx context.Context, actor desk.Person, message, person string, change func(*desk.Delivery, *telling) error) (d desk.Delivery, err error) {
	err = s.write(ctx, func(w Writer, t *telling) error {
		m, at, err := seeMessage(w, actor, message)
		if err != nil {
			return err
		}
		if m.Author != actor.ID && !(at.c.Shared() && actor.Kind == desk.User) {
			return desk.ErrForbidden
		}
		if err := w.Gate(at.c.ID, person); err != nil {
			return err
		}
		if d, err = w.Delivery(message, person, desk.ByEmail); err != nil {
			return err
		}
		before := d
		if err := change(&d, t); err != nil || d == before {
			return err
		}
		if err := w.PutDelivery(d); err != nil {
			return err
		}
		if d.State == desk.Cancelled && before.Mail != "" {
			if err := s.resume(w, t, person, at.c.ID); err != nil {
				return err
			}
		}
		return tellOfDeliveries(w, t, at.c, person, []desk.Message{m})
	})
	return d, err
}

// tellOfDeliveries tells that what becomes of messages by mail has changed: to everybody who sees them in a small circle,
// to their authors in a large one. What another entry tells already (the message came, was seen or deleted, the person
// left) is not told again.
func tellOfDeliveries(r Reader, t *telling, c desk.Conversation, person string, messages []desk.Message) error {
	people, stand, err := circle(r, c)
	if err == nil && c.Kind == desk.WithCustomers { // how others get mail is nothing for customers
		people, err = r.UserIDs()
	}
	if err != nil {
		return err
	}
	for _, m := range messages {
		told := people
		if len(stand) > desk.SmallCircle {
			told = []string{m.Author}
		}
		t.tell(desk.DeliveryChanged, c.ID, deliveryRef(m.ID, person, desk.ByEmail), told)
	}
	return nil
}

// deliveryRef is how an entry points at a delivery.
func deliveryRef(message, person string, channel desk.Channel) string {
	return message + " " + person + " " + string(channel)
}

func parseDeliveryRef(ref string) (message, person string, channel desk.Channel) {
	parts := append(strings.Split(ref, " "), "", "", "")
	return parts[0], parts[1], desk.Channel(parts[2])
}
