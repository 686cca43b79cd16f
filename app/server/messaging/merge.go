package messaging

import (
	"context"
	"slices"

	"recado/app/desk"
)

// Merging is that one conversation with customers leads to another: what is written in the source from then on, in the
// app or by mail, stands in the target, and who stands in the source stands in the target. What was written before stays
// where it was, seen by whom it was seen: nobody is shown an older word because of a merge, and it can be undone.

// Merge is one that was done.
type Merge struct {
	ID     string
	Source string
	Target string
	Actor  string
	At     int64
	Came   []string // who came into the target by it
	State  string   // of the source before
}

var (
	errNotMergeable = &desk.Error{Code: "not-mergeable", Message: "Only conversations with customers can be merged."}
	errMerged       = &desk.Error{Code: "merged", Message: "This conversation was merged into another one. Go on there, or undo the merge."}
	errMergeCircle  = &desk.Error{Code: "merge-circle", Message: "The other conversation leads to this one already."}
	errNotMerged    = &desk.Error{Code: "not-merged", Message: "This conversation is not merged."}
)

// Merge lets source lead to target, or to where that leads, and gives that.
func (s *Service) Merge(ctx context.Context, actor desk.Person, source, target string) (v View, err error) {
	if actor.Kind != desk.User {
		return v, desk.ErrNotFound
	}
	err = s.write(ctx, func(w Writer, t *telling) error {
		from, into, err := mergeable(w, actor, source, target)
		if err != nil {
			return err
		}
		came, err := s.bringAll(w, t, actor, from, into)
		if err != nil {
			return err
		}
		m := Merge{ID: s.NewID(), Source: from.ID, Target: into.ID, Actor: actor.ID, At: t.at, Came: came, State: from.State}
		if err := w.InsertMerge(m); err != nil {
			return err
		}
		from.State, from.MergedInto = closed, into.ID
		if err := passWaiting(w, from, into); err != nil {
			return err
		}
		if err := tellOfChange(w, t, from); err != nil {
			return err
		}
		if into, err = w.LockConversation(into.ID); err != nil {
			return err
		}
		if err := tellOfChange(w, t, into); err != nil {
			return err
		}
		v, err = view(w, actor, into.ID)
		return err
	})
	return v, err
}

// mergeable locks both ends, one merge at a time, so that no two can make a circle between them.
func mergeable(w Writer, actor desk.Person, source, target string) (from, into desk.Conversation, err error) {
	for _, id := range []string{source, target} {
		at, err := see(w, actor, id)
		if err != nil {
			return from, into, err
		}
		if at.c.Kind != desk.WithCustomers {
			return from, into, errNotMergeable
		}
	}
	if err := w.LockMerges(); err != nil {
		return from, into, err
	}
	if target, err = lead(w, target); err != nil {
		return from, into, err
	}
	if target == source {
		return from, into, errMergeCircle
	}
	if from, err = w.LockConversation(source); err != nil {
		return from, into, err
	}
	if from.MergedInto != "" {
		return from, into, errMerged
	}
	into, err = w.LockConversation(target)
	return from, into, err
}

// lead gives the conversation that one leads to: itself where it was not merged.
func lead(r Reader, id string) (string, error) {
	for {
		found, err := r.Conversations([]string{id})
		if err != nil || found[id].MergedInto == "" {
			return id, err
		}
		id = found[id].MergedInto
	}
}

// bringAll lets everybody who stands in from stand in into, and lists who did not before.
func (s *Service) bringAll(w Writer, t *telling, actor desk.Person, from, into desk.Conversation) (came []string, err error) {
	st, err := w.Standings([]string{from.ID, into.ID}, nil)
	if err != nil {
		return nil, err
	}
	stood := map[string]bool{}
	for _, x := range st[into.ID] {
		stood[x.Person] = x.Participant
	}
	for _, x := range st[from.ID] {
		if x.Participant && !stood[x.Person] {
			came = append(came, x.Person)
		}
	}
	known, err := w.People(came)
	if err != nil {
		return nil, err
	}
	for _, id := range came {
		if err := s.bring(w, t, actor, into, known[id], false); err != nil {
			return nil, err
		}
	}
	return came, nil
}

// bring lets somebody stand in a conversation, as a follower where it is an item's.
func (s *Service) bring(w Writer, t *telling, actor desk.Person, c desk.Conversation, p desk.Person, whole bool) error {
	if e := desk.MayStand(p, c.Kind); e != nil && !p.Disabled {
		return e
	}
	if c.Item != "" {
		return s.inItem(w, t, actor, c.Item, func(e *edit) error { return e.follow(p, whole) })
	}
	return s.follower(w, t, c, p, false, whole)
}

// take is the opposite of bring; somebody who does not stand there any more is no error.
func (s *Service) take(w Writer, t *telling, actor desk.Person, c desk.Conversation, person string) error {
	if c.Item != "" {
		return s.inItem(w, t, actor, c.Item, func(e *edit) error {
			_, err := e.unfollow(person)
			return err
		})
	}
	if err := leave(w, t, c.ID, person); err != desk.ErrNotFound {
		return err
	}
	return nil
}

// passWaiting: customers who wait in the source wait in the target from then on.
func passWaiting(w Writer, from, into desk.Conversation) error {
	if from.WaitingSince == 0 {
		return nil
	}
	since := from.WaitingSince
	if into.WaitingSince > 0 {
		since = min(since, into.WaitingSince)
	}
	if err := w.SetWaiting(from.ID, 0); err != nil {
		return err
	}
	return w.SetWaiting(into.ID, since)
}

// Unmerge lets a merged conversation stand by itself again, in the state it had; who came into the target by the merge
// leaves it, and keeps nothing of it.
func (s *Service) Unmerge(ctx context.Context, actor desk.Person, source string) (v View, err error) {
	if actor.Kind != desk.User {
		return v, desk.ErrNotFound
	}
	err = s.write(ctx, func(w Writer, t *telling) error {
		if _, err := see(w, actor, source); err != nil {
			return err
		}
		if err := w.LockMerges(); err != nil {
			return err
		}
		from, err := w.LockConversation(source)
		if err != nil {
			return err
		}
		if from.MergedInto == "" {
			return errNotMerged
		}
		m, err := w.EndMerge(source, actor.ID, t.at)
		if err != nil {
			return err
		}
		into, err := w.LockConversation(m.Target)
		if err != nil {
			return err
		}
		for _, id := range m.Came {
			if err := s.take(w, t, actor, into, id); err != nil {
				return err
			}
		}
		from.State, from.MergedInto = m.State, ""
		if err := tellOfChange(w, t, from); err != nil {
			return err
		}
		v, err = view(w, actor, source)
		return err
	})
	return v, err
}

// Move puts another customer in the place of one who stands in a conversation: from then on, or with its whole history.
func (s *Service) Move(ctx context.Context, actor desk.Person, conversation, from, to string, wholeHistory bool) (v View, err error) {
	if actor.Kind != desk.User {
		return v, desk.ErrNotFound
	}
	err = s.write(ctx, func(w Writer, t *telling) error {
		at, err := see(w, actor, conversation)
		if err != nil {
			return err
		}
		known, err := w.People([]string{from, to})
		if err != nil {
			return err
		}
		if known[to].Kind != desk.Customer || known[to].Disabled || from == to {
			return desk.UnknownPerson("body.to")
		}
		st, err := w.Standings([]string{conversation}, []string{from})
		if err != nil {
			return err
		}
		if known[from].Kind != desk.Customer || !slices.ContainsFunc(st[conversation], func(s desk.Standing) bool { return s.Participant }) {
			return desk.UnknownPerson("body.from")
		}
		if err := s.take(w, t, actor, at.c, from); err != nil {
			return err
		}
		if err := s.bring(w, t, actor, at.c, known[to], wholeHistory); err != nil {
			return err
		}
		v, err = view(w, actor, conversation)
		return err
	})
	return v, err
}
