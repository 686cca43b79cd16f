package messaging

import (
	"context"
	"slices"

	"recado/app/desk"
)

// Follow makes a person a follower of an item, and so a participant of its conversations: a user of both, who could see
// all of them before; a customer of the one with customers, from now on or with its whole history.
func (s *Service) Follow(ctx context.Context, actor desk.Person, item string, people []string, wholeHistory bool) (ItemView, error) {
	return s.editItem(ctx, actor, item, func(e *edit) error { return e.followAll(people, wholeHistory, "followers") })
}

// Unfollow ends it; desk.ErrNotFound for somebody who does not follow. Who looked after the item no longer does.
func (s *Service) Unfollow(ctx context.Context, actor desk.Person, item, person string) error {
	_, err := s.editItem(ctx, actor, item, func(e *edit) error {
		ok, err := e.unfollow(person)
		if err == nil && !ok {
			return desk.ErrNotFound
		}
		return err
	})
	return err
}

// oneByOne is how many are given their places each by itself; more come in together.
const oneByOne = 4

func (e *edit) followAll(ids []string, whole bool, location string) error {
	ids = set(ids)
	known, err := e.w.People(ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if p, ok := known[id]; !ok || p.Disabled {
			return desk.UnknownPerson(location)
		}
	}
	if len(ids) <= oneByOne {
		for _, id := range ids {
			if err := e.follow(known[id], whole); err != nil {
				return err
			}
		}
		return nil
	}
	return e.followTogether(ids, known, whole)
}

// followTogether is follow for many: those who are new come into each conversation in one statement, and are told of once.
func (e *edit) followTogether(ids []string, known map[string]desk.Person, whole bool) error {
	rooms, err := e.w.Rooms(e.item.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		f, fresh, err := e.enlist(id)
		if err != nil {
			return err
		}
		for _, c := range rooms {
			if !fresh && whole && desk.MayStand(known[id], c.Kind) == nil {
				if err := e.s.follower(e.w, e.t, c, known[id], f.Muted, whole); err != nil {
					return err
				}
			}
		}
	}
	for _, c := range rooms {
		if err := e.comeIn(c.ID, whole); err != nil {
			return err
		}
	}
	return nil
}

// comeIn lets all followers who don't yet stand in a conversation of the item.
func (e *edit) comeIn(id string, whole bool) error {
	c, err := e.w.LockConversation(id)
	if err != nil {
		return err
	}
	_, before, err := circle(e.w, c)
	if err != nil {
		return err
	}
	if err := e.w.StandFollowers(c, whole); err != nil {
		return err
	}
	_, after, err := circle(e.w, c)
	if err != nil {
		return err
	}
	came := came(before, after)
	if len(came) == 0 {
		return nil
	}
	c.Audience++
	e.t.tell(desk.ConversationCreated, c.ID, "", came)
	return tellOfStanding(e.w, e.t, c, len(before), came...)
}

// follow changes nothing for who follows already, but that a customer may get the whole history later.
func (e *edit) follow(p desk.Person, whole bool) error {
	f, fresh, err := e.enlist(p.ID)
	if err != nil {
		return err
	}
	rooms, err := e.w.Rooms(e.item.ID)
	if err != nil {
		return err
	}
	letIn := !fresh && f.Muted && p.Kind == desk.Customer && e.actor.Kind == desk.User
	if letIn {
		f.Muted = false
		if err := e.w.PutFollowing(e.item, f); err != nil {
			return err
		}
	}
	for _, c := range rooms {
		if letIn {
			if err := e.s.letIn(e.w, e.t, c, p.ID); err != nil {
				return err
			}
		}
		if desk.MayStand(p, c.Kind) != nil {
			continue // no customer ever in what the team writes to itself
		}
		if err := e.s.follower(e.w, e.t, c, p, f.Muted, whole); err != nil {
			return err
		}
	}
	return nil
}

// enlist notes a follower; fresh is false for one who follows already.
func (e *edit) enlist(person string) (f desk.Following, fresh bool, err error) {
	if f, err = e.following(person); err != nil || f.Follows {
		return f, false, err
	}
	if e.item.Followers >= desk.MaxFollowers {
		return f, false, desk.Invalid("followers", "an item has at most 5,000 followers")
	}
	f.Follows = true
	e.item.Followers++
	e.changed("follower", "", person)
	return f, true, e.w.PutFollowing(e.item, f)
}

func (e *edit) following(person string) (desk.Following, error) {
	known, err := e.w.Followings([]string{e.item.ID}, person)
	if err != nil {
		return desk.Following{}, err
	}
	if list := known[e.item.ID]; len(list) == 1 {
		return list[0], nil
	}
	return desk.Following{Person: person}, nil
}

// follower lets a follower of its item stand in c.
func (s *Service) follower(w Writer, t *telling, c desk.Conversation, p desk.Person, muted, whole bool) error {
	_, st, err := w.Conversation(c.ID, p.ID)
	if err != nil {
		return err
	}
	stands := st != nil && st.Participant
	var next desk.Standing
	switch {
	case p.Kind == desk.User && stands, stands && (!whole || st.HistoryFrom <= 1):
		return nil
	case p.Kind == desk.User:
		next = joined(c, p.ID, st)
	case stands:
		next = *st
		next.HistoryFrom = 1
	default:
		next = desk.Standing{Person: p.ID, Participant: true, HistoryFrom: c.LastNumber + 1, SeenUpTo: c.LastNumber}
		if whole {
			next.HistoryFrom, next.SeenUpTo = 1, c.Past
		}
	}
	next.Muted = next.Muted || muted
	return s.stand(w, t, c, next)
}

func (e *edit) unfollow(person string) (bool, error) {
	f, err := e.following(person)
	if err != nil || !f.Follows {
		return false, err
	}
	if e.item.Assignee == person {
		if err := e.assign(""); err != nil {
			return false, err
		}
	}
	f.Follows = false
	if err := e.w.PutFollowing(e.item, f); err != nil {
		return false, err
	}
	e.item.Followers--
	e.changed("follower", person, "")
	rooms, err := e.w.Rooms(e.item.ID)
	if err != nil {
		return false, err
	}
	for _, c := range rooms {
		if err := leave(e.w, e.t, c.ID, person); err != nil && err != desk.ErrNotFound {
			return false, err
		}
	}
	return true, nil
}

// mute says whether the actor wants to be told of what is written in the item's conversations, now and later.
func (e *edit) mute(muted bool) error {
	f, err := e.following(e.actor.ID)
	if err != nil || f.Muted == muted {
		return err
	}
	f.Muted, e.own = muted, true
	if err := e.w.PutFollowing(e.item, f); err != nil {
		return err
	}
	rooms, err := e.w.Rooms(e.item.ID)
	if err != nil {
		return err
	}
	for _, c := range rooms {
		at, err := see(e.w, e.actor, c.ID)
		if err != nil {
			return err
		}
		if err := e.s.patchOwn(e.w, e.t, e.actor, at, Change{Muted: &muted}); err != nil {
			return err
		}
	}
	return nil
}

// assign gives the item to a user to look after, who follows it from then on, or to nobody; the conversation with
// customers goes with it.
func (e *edit) assign(user string) error {
	if user == e.item.Assignee {
		return nil
	}
	if user != "" {
		known, err := e.w.People([]string{user})
		if err != nil {
			return err
		}
		p, ok := known[user]
		if !ok || p.Kind != desk.User || p.Disabled {
			return desk.UnknownPerson("body.assignee")
		}
		if err := e.follow(p, false); err != nil {
			return err
		}
	}
	e.changed("assignee", e.item.Assignee, user)
	e.item.Assignee = user
	return e.withCustomers(func(c *desk.Conversation) { c.Assignee = user })
}

// setState closes the conversation with customers with the item, and opens it again.
func (e *edit) setState(state desk.ItemState) error {
	if state == e.item.State {
		return nil
	}
	ends, begins := state == desk.ItemDone, e.item.State == desk.ItemDone
	e.changed("state", string(e.item.State), string(state))
	e.item.State = state
	return e.withCustomers(func(c *desk.Conversation) {
		switch {
		case ends:
			c.State = closed
		case begins:
			c.State = open
		}
	})
}

// withCustomers changes the item's conversation with customers, where there is one, and tells who sees it.
func (e *edit) withCustomers(change func(*desk.Conversation)) error {
	rooms, err := e.w.Rooms(e.item.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(rooms, func(c desk.Conversation) bool { return c.Kind == desk.WithCustomers })
	if at < 0 {
		return nil
	}
	c, err := e.w.LockConversation(rooms[at].ID)
	if err != nil {
		return err
	}
	before := c
	if change(&c); c == before {
		return nil
	}
	return tellOfChange(e.w, e.t, c)
}
