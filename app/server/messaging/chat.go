package messaging

import (
	"context"
	"errors"
	"slices"

	"recado/app/desk"
)

// Said is what a customer wrote in the live chat.
type Said struct {
	Draft
	Told  []string   // users who stand in a conversation that this begins
	Opens desk.Opens // what it begins; empty: a conversation
}

// Say posts what a customer wrote in the live chat: into the conversation of theirs in which something happened last, or
// as the first message of a new one. made is false where the key had made it before.
func (s *Service) Say(ctx context.Context, customer desk.Person, said Said) (m desk.Message, made bool, err error) {
	if customer.Kind != desk.Customer {
		return m, false, desk.ErrForbidden
	}
	if err := check(said.Draft); err != nil {
		return m, false, err
	}
	h := hash("chat", said.Body, some(said.Files))
	err = s.write(ctx, func(w Writer, t *telling) error {
		made = false
		id := s.NewID()
		if fresh, err := w.TakeKey(customer.ID, said.Key, h, id, t.at); err != nil {
			return err
		} else if !fresh {
			ref, _, err := replay(w, customer.ID, said.Key, h)
			if err != nil {
				return err
			}
			m, err = w.Message(ref)
			return err
		}
		made = true
		if err := w.LockPerson(customer.ID); err != nil {
			return err
		}
		if err := hear(w, t, customer.ID); err != nil {
			return err
		}
		at, err := s.chatRoom(w, t, customer, said)
		if err != nil {
			return err
		}
		if err := s.arrive(w, t, customer, at, false); err != nil {
			return err
		}
		m, err = s.add(w, t, customer, at.c, desk.Message{ID: id, Conversation: at.c.ID, Author: customer.ID, Key: said.Key, CreatedAt: t.at}, said.Draft)
		return err
	})
	if err != nil {
		return desk.Message{}, false, err
	}
	return m, made, nil
}

// hear tells the team of a visitor from whom nothing had come before: who only looks in is nobody's business.
func hear(w Writer, t *telling, visitor string) error {
	first, err := w.Hear(visitor)
	if err != nil || !first {
		return err
	}
	users, err := w.UserIDs()
	t.tell(desk.PersonChanged, "", visitor, append(users, visitor))
	return err
}

// chatRoom gives the conversation that what a customer says in the chat belongs to.
func (s *Service) chatRoom(w Writer, t *telling, customer desk.Person, said Said) (sight, error) {
	newest, err := w.NewestWith(customer.ID)
	if err != nil {
		return sight{}, err
	}
	if newest == "" {
		newest = s.NewID()
		if _, err := s.begun(w, t, customer, newRoom(newest, "", t.at), append([]string{customer.ID}, present(w, said.Told)...), said.Opens, said.Body); err != nil {
			return sight{}, err
		}
	}
	if newest, err = lead(w, newest); err != nil {
		return sight{}, err
	}
	return see(w, customer, newest)
}

// present leaves out who is no user any more.
func present(r Reader, ids []string) []string {
	known, err := r.People(ids)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return known[id].Kind != desk.User || known[id].Disabled })
}

// found makes an empty conversation with people in it, and tells everybody who sees it.
func (s *Service) found(w Writer, t *telling, c desk.Conversation, people []string) error {
	if err := w.InsertConversation(c); err != nil {
		return err
	}
	for _, p := range people {
		if err := w.PutStanding(c.ID, desk.Standing{Person: p, Participant: true, HistoryFrom: 1}); err != nil {
			return err
		}
	}
	told, err := audience(w, c)
	if err != nil {
		return err
	}
	t.tell(desk.ConversationCreated, c.ID, "", told)
	return nil
}

// Talk lists what a customer may see of all their conversations, oldest first, before the message with an id (empty: the
// newest), and who wrote it.
func (s *Service) Talk(ctx context.Context, customer desk.Person, before string, limit int) (messages []desk.Message, authors map[string]desk.Person, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		if messages, err = r.MessagesBefore(customer, before, limit); err != nil {
			return err
		}
		slices.Reverse(messages)
		ids := map[string]bool{customer.ID: true}
		for i, m := range messages {
			ids[m.Author] = true
			messages[i] = forReader(m, customer)
		}
		authors, err = r.People(keys(ids))
		return err
	})
	return messages, authors, err
}

// Newest gives the conversation in which something happened last with a customer; empty where there is none.
func (s *Service) Newest(ctx context.Context, customer string) (id string, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		id, err = r.NewestWith(customer)
		return err
	})
	return id, err
}

// LeftChat makes what customers have not seen in the live chat leave by mail at a moment, if that is before its time. Who
// has the chat open, on any node, has not left. Coming and leaving take turns at the customer: whichever is decided last
// knows of the other.
func (s *Service) LeftChat(ctx context.Context, people []string, due int64) error {
	if s.Outside == nil {
		return nil
	}
	return s.write(ctx, func(w Writer, t *telling) error {
		for _, id := range set(people) {
			same, err := samePerson(w, id)
			if errors.Is(err, desk.ErrNotFound) {
				continue // a visitor who never wrote, and was forgotten
			} else if err != nil {
				return err
			}
			if open, err := w.ChatOpen(same, t.at); err != nil {
				return err
			} else if len(open) > 0 {
				continue
			}
			if err := moveUnseen(w, t, same, due, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// samePerson locks somebody, and lists who else they are.
func samePerson(w Writer, id string) ([]string, error) {
	if err := w.LockPerson(id); err != nil {
		return nil, err
	}
	return w.SamePerson(id)
}

func moveUnseen(w Writer, t *telling, people []string, due, after int64) error {
	for _, id := range people {
		first, err := w.MoveUnseen(id, due, after)
		if err != nil {
			return err
		}
		if first > 0 && (t.due == 0 || first < t.due) {
			t.due = first
		}
	}
	return nil
}

// BackInChat lets what a customer has not seen there wait for as long as it was planned to.
func (s *Service) BackInChat(ctx context.Context, person string) error {
	if s.Outside == nil {
		return nil
	}
	return s.write(ctx, func(w Writer, t *telling) error {
		same, err := samePerson(w, person)
		if err != nil {
			return err
		}
		return moveUnseen(w, t, same, 0, s.Outside.After.Milliseconds())
	})
}

// GaveAddress plans mails of what a visitor, who told an address only now, has not seen.
func (s *Service) GaveAddress(ctx context.Context, person string) error {
	if s.Outside == nil {
		return nil
	}
	return s.write(ctx, func(w Writer, t *telling) error {
		t.due = t.at + s.Outside.After.Milliseconds()
		return w.Readdress(person, t.at, t.due)
	})
}

var (
	errNoVisitor  = &desk.Error{Code: "not-a-visitor", Message: "This is a known customer. Only a visitor whom nothing proves can be found to be somebody else."}
	errVisitorToo = &desk.Error{Code: "visitor-too", Message: "Whom you chose is an unverified visitor, too. Choose a known customer."}
	errFound      = &desk.Error{Code: "merged", Message: "This visitor was found to be another customer before, which can't be changed."}
)

// MergePerson notes, on an agent's word, that an unverified visitor is a customer: from then on the customer stands in the
// visitor's conversations, with their whole history. The visitor goes on seeing those, and nothing else of the customer's.
func (s *Service) MergePerson(ctx context.Context, actor desk.Person, visitor, into string) (v desk.Person, err error) {
	if actor.Kind != desk.User {
		return v, desk.ErrForbidden
	}
	err = s.write(ctx, func(w Writer, t *telling) error {
		known, err := w.People([]string{visitor, into})
		if err != nil {
			return err
		}
		v = known[visitor]
		switch customer := known[into]; {
		case v.ID == "" || v.Kind != desk.Customer:
			return desk.ErrNotFound
		case customer.ID == "" || customer.Kind != desk.Customer || customer.Disabled:
			return desk.UnknownPerson("body.into")
		case !v.Unverified:
			return errNoVisitor
		case customer.Unverified:
			return errVisitorToo
		case v.MergedInto == into:
			return nil
		case v.MergedInto != "":
			return errFound
		}
		if first, err := w.MergePerson(visitor, into, actor.ID, t.at); err != nil || !first {
			return err
		}
		v.MergedInto = into
		users, err := w.UserIDs()
		if err != nil {
			return err
		}
		t.tell(desk.PersonChanged, "", visitor, append(users, visitor))
		return s.follow(w, t, actor, visitor, into)
	})
	return v, err
}

// follow puts a customer wherever a visitor stands, seeing what the visitor sees; where that is an item's, as a follower.
func (s *Service) follow(w Writer, t *telling, actor desk.Person, visitor, into string) error {
	places, err := w.StandsIn(visitor)
	if err != nil {
		return err
	}
	for id, st := range places {
		c, mine, err := w.Conversation(id, into)
		if err != nil {
			return err
		}
		if mine != nil && mine.Participant {
			continue
		}
		if c.Item != "" {
			err := s.inItem(w, t, actor, c.Item, func(e *edit) error {
				_, _, err := e.enlist(into)
				return err
			})
			if err != nil {
				return err
			}
		}
		if err := s.stand(w, t, c, desk.Standing{Person: into, Participant: true, HistoryFrom: st.HistoryFrom, SeenUpTo: st.SeenUpTo}); err != nil {
			return err
		}
	}
	return nil
}
