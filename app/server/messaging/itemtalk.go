package messaging

import (
	"context"
	"errors"
	"slices"

	"recado/app/desk"
)

var (
	errNoItem           = desk.Invalid("body.item", "there is no such item")
	errTeamConversation = &desk.Error{Code: "internal-conversation", Message: "What was written between these people stays theirs. Only a conversation with customers can belong to an item."}
	errHasItem          = &desk.Error{Code: "conversation-has-item", Message: "This conversation belongs to another item already."}
	errHasConversation  = &desk.Error{Code: "item-has-conversation", Message: "This item has a conversation with customers already."}
)

// startOf writes into an item's conversation of one kind, which is made at the first call. Who is named with it, and who
// writes, follows the item from then on. It gives the conversation's id.
func (s *Service) startOf(w Writer, t *telling, author desk.Person, n Start, h string) (id string, made bool, err error) {
	e, err := s.edit(w, t, author, n.Item)
	if errors.Is(err, desk.ErrNotFound) {
		return "", false, errNoItem
	} else if err != nil {
		return "", false, err
	}
	rooms, err := w.Rooms(n.Item)
	if err != nil {
		return "", false, err
	}
	id = s.NewID()
	at := slices.IndexFunc(rooms, func(c desk.Conversation) bool { return c.Kind == n.Kind })
	if at >= 0 {
		id = rooms[at].ID
	}
	if fresh, err := w.TakeKey(author.ID, n.Message.Key, h, id, t.at); err != nil {
		return "", false, err
	} else if !fresh {
		id, _, err = replay(w, author.ID, n.Message.Key, h)
		return id, false, err
	}
	if err := checkPeople(w, n.Participants, n.Kind); err != nil {
		return "", false, err
	}
	if err := e.followAll(append(slices.Clone(n.Participants), author.ID), false, "body.participants"); err != nil {
		return "", false, err
	}
	if at < 0 {
		err = e.newRoom(id, n)
	}
	if err == nil {
		err = e.done()
	}
	if err != nil {
		return "", false, err
	}
	if id, err = lead(w, id); err != nil {
		return "", false, err
	}
	c, _, err := w.Conversation(id, author.ID)
	if err != nil {
		return "", false, err
	}
	m := desk.Message{ID: s.NewID(), Conversation: id, Author: author.ID, Key: n.Message.Key, CreatedAt: t.at}
	_, err = s.add(w, t, author, c, m, n.Message)
	return id, true, err
}

// newRoom makes a conversation of the item in which its followers stand: all of them, or the users. Its subject is what
// was given, never the item's title: that is the team's.
func (e *edit) newRoom(id string, n Start) error {
	c := desk.Conversation{ID: id, Kind: n.Kind, Subject: n.Subject, State: open, Item: e.item.ID, CreatedAt: e.t.at, LastAt: e.t.at,
		Audience: 1, Version: 1, Shown: 1}
	if c.Kind == desk.WithCustomers {
		c.Assignee = e.item.Assignee
	}
	if err := e.w.InsertConversation(c); err != nil {
		return err
	}
	if err := e.w.StandFollowers(c, false); err != nil {
		return err
	}
	told, err := audience(e.w, c)
	if err != nil {
		return err
	}
	e.t.tell(desk.ConversationCreated, id, "", told)
	return nil
}

// Link makes a conversation with customers the item's. Who stands there follows the item, and who follows it stands
// there: users as those who could see it before, customers from now on.
func (s *Service) Link(ctx context.Context, actor desk.Person, item, conversation string) (ItemView, error) {
	return s.editItem(ctx, actor, item, func(e *edit) error {
		if _, err := see(e.w, actor, conversation); err != nil {
			return err
		}
		return e.link(conversation)
	})
}

// Unlink lets the item's conversation with customers stand by itself again, with all who stand there.
func (s *Service) Unlink(ctx context.Context, actor desk.Person, item, conversation string) (ItemView, error) {
	return s.editItem(ctx, actor, item, func(e *edit) error {
		c, err := e.w.LockConversation(conversation)
		switch {
		case err != nil:
			return err
		case c.Item != item:
			return desk.ErrNotFound
		case c.Kind != desk.WithCustomers:
			return errTeamConversation
		}
		if err := e.w.SetItem(c.ID, ""); err != nil {
			return err
		}
		c.Item = ""
		e.changed("conversation", c.ID, "")
		return tellOfChange(e.w, e.t, c)
	})
}

func (e *edit) link(id string) error {
	at, err := see(e.w, e.actor, id)
	if errors.Is(err, desk.ErrNotFound) {
		return desk.Invalid("body.conversation", "there is no such conversation")
	} else if err != nil {
		return err
	}
	if at.c.Kind != desk.WithCustomers {
		return errTeamConversation
	}
	c, err := e.w.LockConversation(id)
	if err != nil || c.Item == e.item.ID {
		return err
	}
	rooms, err := e.w.Rooms(e.item.ID)
	switch {
	case err != nil:
		return err
	case c.Item != "":
		return errHasItem
	case slices.ContainsFunc(rooms, func(r desk.Conversation) bool { return r.Kind == desk.WithCustomers }):
		return errHasConversation
	}
	if err := e.followStanding(c); err != nil {
		return err
	}
	e.changed("conversation", "", c.ID)
	return e.moveIn(c)
}

// followStanding makes followers of those who stand in c, which is not the item's yet.
func (e *edit) followStanding(c desk.Conversation) error {
	st, err := e.w.Standings([]string{c.ID}, nil)
	if err != nil {
		return err
	}
	ids := []string{}
	for _, s := range st[c.ID] {
		if s.Participant {
			ids = append(ids, s.Person)
		}
	}
	known, err := e.w.People(ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := e.follow(known[id], false); err != nil {
			return err
		}
	}
	return nil
}

// moveIn gives c to the item, with the item's followers in it.
func (e *edit) moveIn(c desk.Conversation) error {
	before, err := e.w.Standings([]string{c.ID}, nil)
	if err != nil {
		return err
	}
	if err := e.w.SetItem(c.ID, e.item.ID); err != nil {
		return err
	}
	c.Item = e.item.ID
	if err := e.w.StandFollowers(c, false); err != nil {
		return err
	}
	people, after, err := circle(e.w, c)
	if err != nil {
		return err
	}
	came := came(before[c.ID], after)
	if len(came) > 0 {
		c.Audience++
	}
	if e.item.Assignee != "" {
		c.Assignee = e.item.Assignee
	} else if c.Assignee != "" {
		e.changed("assignee", "", c.Assignee)
		e.item.Assignee = c.Assignee // who looks after a conversation stands in it, and so follows
	}
	c.Changed(true)
	if err := e.w.UpdateConversation(c); err != nil {
		return err
	}
	e.t.tell(desk.ConversationCreated, c.ID, "", came)
	e.t.tell(desk.ConversationChanged, c.ID, "", slices.DeleteFunc(people, func(p string) bool { return slices.Contains(came, p) }))
	return nil
}

// came lists who stands in after and did not in before.
func came(before, after []desk.Standing) (ids []string) {
	stood := map[string]bool{}
	for _, s := range before {
		stood[s.Person] = s.Participant
	}
	for _, s := range after {
		if !stood[s.Person] {
			ids = append(ids, s.Person)
		}
	}
	return ids
}

// arriveAtItem is what writing does to an item: who writes follows it; a customer's word makes it, and its conversation,
// open again.
func (s *Service) arriveAtItem(w Writer, t *telling, author desk.Person, at sight, quiet bool) error {
	e, err := s.editAs(w, t, author, at.c.Item)
	if err != nil {
		return err
	}
	if err := e.follow(author, false); err != nil {
		return err
	}
	if author.Kind == desk.Customer && !quiet {
		if err := e.setState(desk.ItemOpen); err != nil {
			return err
		}
		if err := e.withCustomers(func(c *desk.Conversation) { c.State = open }); err != nil {
			return err
		}
	}
	return e.done()
}

// followMentioned makes followers of those who are mentioned in an item's conversation and can see it.
func (s *Service) followMentioned(w Writer, t *telling, author desk.Person, c desk.Conversation, ids []string, stand []desk.Standing) (changed bool, err error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(stand, func(s desk.Standing) bool { return s.Person == id })
	})
	if c.Item == "" || len(ids) == 0 {
		return false, nil
	}
	e, err := s.editAs(w, t, author, c.Item)
	if err != nil {
		return false, err
	}
	if err := e.followAll(ids, false, "body.mentions"); err != nil {
		return false, err
	}
	return true, e.done()
}

// inItem changes an item because of something done to one of its conversations.
func (s *Service) inItem(w Writer, t *telling, actor desk.Person, item string, fn func(*edit) error) error {
	e, err := s.edit(w, t, actor, item)
	if err != nil {
		return err
	}
	if err := fn(e); err != nil {
		return err
	}
	return e.done()
}
