package messaging

import (
	"context"
	"slices"

	"recado/app/desk"
)

// Conversation gives one as viewer sees it.
func (s *Service) Conversation(ctx context.Context, viewer desk.Person, id string) (v View, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		v, err = view(r, viewer, id)
		return err
	})
	return v, err
}

// List gives one page of a view, latest activity first.
func (s *Service) List(ctx context.Context, viewer desk.Person, q ListQuery) (vs []View, next string, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		var ids []string
		if ids, next, err = r.List(viewer, q); err != nil {
			return err
		}
		vs, err = views(r, viewer, ids)
		return err
	})
	return vs, next, err
}

// Change is what a user may change of a conversation; nil leaves as it is. Muted and SnoozedUntil are the caller's own.
type Change struct {
	Subject      *string
	State        *string
	Muted        *bool
	SnoozedUntil *int64  // 0 ends it
	Assignee     *string // a user; empty: nobody
}

// Patch changes a conversation, and gives it as it is then.
func (s *Service) Patch(ctx context.Context, actor desk.Person, id string, ch Change) (v View, err error) {
	if ch.Subject != nil {
		if e := desk.CheckSubject("body.subject", *ch.Subject); e != nil {
			return v, e
		}
	}
	err = s.write(ctx, func(w Writer, t *telling) error {
		at, err := see(w, actor, id)
		if err != nil {
			return err
		}
		if err := s.patchOwn(w, t, actor, at, ch); err != nil {
			return err
		}
		if err := s.patchShared(w, t, actor, at, ch); err != nil {
			return err
		}
		v, err = view(w, actor, id)
		return err
	})
	return v, err
}

func (s *Service) patchOwn(w Writer, t *telling, actor desk.Person, at sight, ch Change) error {
	if ch.Muted == nil && ch.SnoozedUntil == nil {
		return nil
	}
	st := desk.Standing{Person: actor.ID, HistoryFrom: at.from}
	if at.mine != nil {
		st = *at.mine
	}
	if ch.Muted != nil {
		st.Muted = *ch.Muted
	}
	if ch.SnoozedUntil != nil {
		st.SnoozedUntil = *ch.SnoozedUntil
	}
	t.tell(desk.ConversationChanged, at.c.ID, "", []string{actor.ID})
	return w.PutStanding(at.c.ID, st)
}

func (s *Service) patchShared(w Writer, t *telling, actor desk.Person, at sight, ch Change) error {
	if ch.Subject == nil && ch.State == nil && ch.Assignee == nil {
		return nil
	}
	if ch.Assignee != nil && at.c.Item != "" && at.c.Kind == desk.WithCustomers {
		err := s.inItem(w, t, actor, at.c.Item, func(e *edit) error { return e.assign(*ch.Assignee) })
		if err != nil {
			return err
		}
		ch.Assignee = nil
	}
	c, err := w.LockConversation(at.c.ID)
	if err != nil {
		return err
	}
	if c.MergedInto != "" && ch.State != nil {
		return errMerged
	}
	before := c
	if ch.Subject != nil {
		c.Subject = *ch.Subject
	}
	if ch.State != nil {
		c.State = *ch.State
	}
	if ch.Assignee != nil && *ch.Assignee != c.Assignee {
		if c, err = assign(w, c, *ch.Assignee); err != nil {
			return err
		}
	}
	if c == before {
		return nil
	}
	return tellOfChange(w, t, c)
}

// Add puts a person into a conversation, from now on or with the whole history. Somebody who stands there already gets
// the history asked for, never less than before.
func (s *Service) Add(ctx context.Context, actor desk.Person, id, person string, wholeHistory bool) (v View, err error) {
	err = s.write(ctx, func(w Writer, t *telling) error {
		at, err := see(w, actor, id)
		if err != nil {
			return err
		}
		if err := checkPeople(w, []string{person}, at.c.Kind); err != nil {
			return err
		}
		if at.c.Item != "" {
			err = s.inItem(w, t, actor, at.c.Item, func(e *edit) error { return e.followAll([]string{person}, wholeHistory, "participants") })
			if err != nil {
				return err
			}
			v, err = view(w, actor, id)
			return err
		}
		if err := s.add1(w, t, at.c, person, wholeHistory, at.from); err != nil {
			return err
		}
		if err := s.letIn(w, t, at.c, person); err != nil {
			return err
		}
		v, err = view(w, actor, id)
		return err
	})
	return v, err
}

// add1 never gives more history than the one who adds has: mayGive is the first message they see.
func (s *Service) add1(w Writer, t *telling, c desk.Conversation, person string, whole bool, mayGive int64) error {
	st, err := w.Standings([]string{c.ID}, nil)
	if err != nil {
		return err
	}
	next := desk.Standing{Person: person, Participant: true, HistoryFrom: c.LastNumber + 1, SeenUpTo: c.LastNumber}
	if whole {
		next.HistoryFrom, next.SeenUpTo = mayGive, c.Past
	}
	stands := 0
	for _, x := range st[c.ID] {
		if x.Participant {
			stands++
		}
		if x.Person != person {
			continue
		}
		if x.Participant && (!whole || x.HistoryFrom <= next.HistoryFrom) {
			return nil
		}
		from := next.HistoryFrom
		next = x
		next.Participant, next.HistoryFrom = true, from
	}
	if stands >= desk.MaxParticipants {
		return desk.Invalid("participants", "a conversation has at most 1,000 participants")
	}
	return s.stand(w, t, c, next)
}

func (s *Service) stand(w Writer, t *telling, c desk.Conversation, st desk.Standing) error {
	c, err := w.LockConversation(c.ID)
	if err != nil {
		return err
	}
	_, stand, err := circle(w, c)
	if err != nil {
		return err
	}
	if err := w.PutStanding(c.ID, st); err != nil {
		return err
	}
	c.Audience++
	t.tell(desk.ConversationCreated, c.ID, "", []string{st.Person})
	return tellOfStanding(w, t, c, len(stand), st.Person)
}

// Remove takes a person out of a conversation; anybody in it may, also oneself. Who is removed from an internal one
// sees nothing of it any more.
func (s *Service) Remove(ctx context.Context, actor desk.Person, id, person string) error {
	return s.write(ctx, func(w Writer, t *telling) error {
		at, err := see(w, actor, id)
		if err != nil {
			return err
		}
		if at.c.Item == "" {
			return leave(w, t, id, person)
		}
		return s.inItem(w, t, actor, at.c.Item, func(e *edit) error {
			ok, err := e.unfollow(person)
			if err == nil && !ok {
				return desk.ErrNotFound
			}
			return err
		})
	})
}

// leave takes a person out of a conversation: desk.ErrNotFound for somebody who does not stand there.
func leave(w Writer, t *telling, id, person string) error {
	c, err := w.LockConversation(id)
	if err != nil {
		return err
	}
	_, st, err := w.Conversation(id, person)
	if err != nil {
		return err
	}
	if st == nil || !st.Participant {
		return desk.ErrNotFound
	}
	if err := w.DeleteStanding(id, person); err != nil {
		return err
	}
	if err := w.Withdraw(Withdrawal{Person: person, Conversation: id, UpTo: c.LastNumber, State: desk.Cancelled, Reason: desk.ReasonLeft, At: t.at}); err != nil {
		return err
	}
	c.Audience++
	if c.Assignee == person {
		c.Assignee = ""
	}
	people, stand, err := circle(w, c)
	if err != nil {
		return err
	}
	if slices.Contains(people, person) { // a user, who goes on seeing what users share
		return tellOfStanding(w, t, c, len(stand))
	}
	t.tell(desk.AccessLost, id, "", []string{person})
	return tellOfStanding(w, t, c, len(stand), person)
}

// See moves what a person has seen forward to upTo, never back; at is when it was seen (0: now), never in the future.
func (s *Service) See(ctx context.Context, viewer desk.Person, id string, upTo, at int64) (v View, err error) {
	err = s.write(ctx, func(w Writer, t *telling) error {
		place, err := see(w, viewer, id)
		if err != nil {
			return err
		}
		st := desk.Standing{Person: viewer.ID, HistoryFrom: place.from}
		if place.mine != nil {
			st = *place.mine
		}
		before := st.SeenUpTo
		st.SeenUpTo = max(before, min(upTo, place.c.LastNumber))
		if st.SeenUpTo > before {
			st.SeenAt = t.at
			if at > 0 && at < t.at {
				st.SeenAt = at
			}
			if err := w.PutStanding(id, st); err != nil {
				return err
			}
			people, err := toldOfSeen(w, place.c, viewer.ID, before, st.SeenUpTo)
			if err != nil {
				return err
			}
			t.tell(desk.SeenChanged, id, viewer.ID, people)
			if err := endSeen(w, viewer, Withdrawal{Conversation: id, UpTo: st.SeenUpTo, State: desk.SeenThere, Reason: desk.ReasonSeen, At: t.at}); err != nil {
				return err
			}
		}
		v, err = view(w, viewer, id)
		return err
	})
	return v, err
}

// endSeen ends what was planned of what somebody has seen. What a visitor sees, the customer whom an agent found them to
// be has seen, and the other way round.
func endSeen(w Writer, viewer desk.Person, end Withdrawal) error {
	people := []string{viewer.ID}
	if viewer.Kind == desk.Customer {
		var err error
		if people, err = w.SamePerson(viewer.ID); err != nil {
			return err
		}
	}
	for _, end.Person = range people {
		if err := w.Withdraw(end); err != nil {
			return err
		}
	}
	return nil
}

// toldOfSeen: oneself; everybody who sees the conversation where it is a small circle; in a large one those whose
// messages were seen. A user who only looks in, without standing there, is nobody's recipient: nobody else is told.
func toldOfSeen(r Reader, c desk.Conversation, viewer string, after, upTo int64) ([]string, error) {
	people, stand, err := circle(r, c)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(stand, func(s desk.Standing) bool { return s.Person == viewer }) {
		return []string{viewer}, nil
	}
	if len(stand) <= desk.SmallCircle {
		return union([]string{viewer}, people), nil
	}
	authors, err := r.AuthorsBetween(c.ID, after, upTo)
	if err != nil {
		return nil, err
	}
	authors = slices.DeleteFunc(authors, func(p string) bool { return !slices.Contains(people, p) })
	return union([]string{viewer}, authors), nil
}

// Onlookers lists the other users who are to know that a user looks at a conversation, which is told and never stored: all
// of them where it is with customers, for two might answer at once; nobody where it is the team's. Customers are not told.
func (s *Service) Onlookers(ctx context.Context, actor desk.Person, id string) (people []string, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		at, err := see(r, actor, id)
		if err != nil {
			return err
		}
		if people = nil; actor.Kind != desk.User || at.c.Kind != desk.WithCustomers {
			return nil
		}
		if people, err = r.UserIDs(); err == nil {
			people = slices.DeleteFunc(people, func(p string) bool { return p == actor.ID })
		}
		return err
	})
	return people, err
}

// Circle lists who may see a conversation that actor may see; for what is told but never stored (typing).
func (s *Service) Circle(ctx context.Context, actor desk.Person, id string) (people []string, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		at, err := see(r, actor, id)
		if err != nil {
			return err
		}
		people, err = audience(r, at.c)
		return err
	})
	return people, err
}
