package messaging

import (
	"context"

	"recado/app/desk"
)

// Place gives a conversation, or the one it leads to, and how somebody stands in it (nil: not); desk.ErrNotFound where there is none.
func (s *Service) Place(ctx context.Context, conversation, person string) (c desk.Conversation, st *desk.Standing, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		if conversation, err = lead(r, conversation); err != nil {
			return err
		}
		c, st, err = r.Conversation(conversation, person)
		return err
	})
	return c, st, err
}

// ConversationOf gives the conversation a message stands in; desk.ErrNotFound where there is no such message.
func (s *Service) ConversationOf(ctx context.Context, message string) (string, error) {
	var m desk.Message
	err := s.Store.Read(ctx, func(r Reader) (err error) {
		m, err = r.Message(message)
		return err
	})
	return m.Conversation, err
}

// Join lets a customer who writes from outside stand in a conversation with customers from now on. Who stands there
// already stays as they are. Who was not invited by a user, but came by an answer to what was sent to somebody else, is
// heard and gets nothing, until a user adds them: whoever got hold of a mail would read on otherwise.
func (s *Service) Join(ctx context.Context, customer desk.Person, conversation string, invited bool) error {
	return s.write(ctx, func(w Writer, t *telling) error {
		to, err := lead(w, conversation)
		if err != nil {
			return err
		}
		c, st, err := w.Conversation(to, customer.ID)
		if err != nil {
			return err
		}
		if err := checkPeople(w, []string{customer.ID}, c.Kind); err != nil || st != nil && st.Participant {
			return err
		}
		if c.Item != "" {
			e, err := s.editAs(w, t, customer, c.Item)
			if err != nil {
				return err
			}
			if !invited {
				if err := w.PutFollowing(e.item, desk.Following{Person: customer.ID, Muted: true}); err != nil {
					return err
				}
			}
			if err := e.follow(customer, false); err != nil {
				return err
			}
			return e.done()
		}
		if err := s.add1(w, t, c, customer.ID, false, 1); err != nil || invited {
			return err
		}
		return s.hush(w, t, c, customer.ID, true)
	})
}

// hush keeps from somebody what is written, or lets them have it again.
func (s *Service) hush(w Writer, t *telling, c desk.Conversation, person string, hushed bool) error {
	_, st, err := w.Conversation(c.ID, person)
	if err != nil || st == nil || !st.Participant || st.Muted == hushed {
		return err
	}
	st.Muted = hushed
	return s.stand(w, t, c, *st)
}

// letIn undoes what Join did to a customer whom nobody had invited, on a user's word.
func (s *Service) letIn(w Writer, t *telling, c desk.Conversation, person string) error {
	known, err := w.People([]string{person})
	if err != nil || known[person].Kind != desk.Customer {
		return err // a user's mute is their own
	}
	return s.hush(w, t, c, person, false)
}

// StartFrom begins a conversation that a customer wrote first, or a ticket with it, and gives the conversation's id and
// its first message's. made is false where the key had made it before.
func (s *Service) StartFrom(ctx context.Context, customer desk.Person, subject string, opens desk.Opens, d Draft) (id, message string, made bool, err error) {
	if customer.Kind != desk.Customer {
		return "", "", false, desk.ErrForbidden
	}
	if e := desk.CheckText("subject", subject, desk.MaxSubject); e != nil {
		return "", "", false, e
	}
	if err := check(d); err != nil {
		return "", "", false, err
	}
	h := hash("from outside", subject, d.Body, d.Files)
	err = s.write(ctx, func(w Writer, t *telling) error {
		made, id = false, s.NewID()
		fresh, err := w.TakeKey(customer.ID, d.Key, h, id, t.at)
		if err != nil {
			return err
		}
		if made = fresh; fresh {
			if err := checkPeople(w, []string{customer.ID}, desk.WithCustomers); err != nil {
				return err
			}
			err = s.startFrom(w, t, customer, newRoom(id, subject, t.at), opens, d)
		} else {
			id, _, err = replay(w, customer.ID, d.Key, h)
		}
		if err != nil {
			return err
		}
		first, err := w.Page(id, 1, PageQuery{FromStart: true, Limit: 1})
		if err == nil && len(first) == 1 {
			message = first[0].ID
		}
		return err
	})
	return id, message, made, err
}

func (s *Service) startFrom(w Writer, t *telling, customer desk.Person, c desk.Conversation, opens desk.Opens, d Draft) error {
	c, err := s.begun(w, t, customer, c, []string{customer.ID}, opens, d.Body)
	if err != nil {
		return err
	}
	m := desk.Message{ID: s.NewID(), Conversation: c.ID, Author: customer.ID, Key: d.Key, CreatedAt: t.at}
	_, err = s.add(w, t, customer, c, m, d)
	return err
}

// newRoom is an open conversation with customers before anybody stands in it.
func newRoom(id, subject string, at int64) desk.Conversation {
	return desk.Conversation{ID: id, Kind: desk.WithCustomers, Subject: subject, State: open, CreatedAt: at, LastAt: at, Audience: 1, Version: 1, Shown: 1}
}

// Returned marks the mail that took a message to a person as not delivered, with all messages that went in it, and tells
// those who see them. desk.ErrNotFound where no such mail left.
func (s *Service) Returned(ctx context.Context, mail, person, detail string) error {
	return s.write(ctx, func(w Writer, t *telling) error {
		d, err := w.Delivery(mail, person, desk.ByEmail)
		if err != nil {
			return err
		}
		c, _, err := w.Conversation(d.Conversation, person)
		if err != nil {
			return err
		}
		ids, err := w.Return(mail, person, detail, t.at)
		if err != nil {
			return err
		}
		messages := make([]desk.Message, len(ids))
		for i, id := range ids {
			if messages[i], err = w.Message(id); err != nil {
				return err
			}
		}
		return tellOfDeliveries(w, t, c, person, messages)
	})
}

// MaySee tells whether somebody may see a conversation; false also where there is none.
func (s *Service) MaySee(ctx context.Context, viewer desk.Person, conversation string) (ok bool, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		_, err := see(r, viewer, conversation)
		if ok = err == nil; err == desk.ErrNotFound {
			return nil
		}
		return err
	})
	return ok, err
}
