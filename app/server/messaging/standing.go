package messaging

import (
	"slices"

	"recado/app/desk"
)

// tellOfChange writes a change of a conversation itself and tells everybody who sees it.
func tellOfChange(w Writer, t *telling, c desk.Conversation) error {
	c.Changed(true)
	if err := w.UpdateConversation(c); err != nil {
		return err
	}
	people, err := audience(w, c)
	if err != nil {
		return err
	}
	t.tell(desk.ConversationChanged, c.ID, "", people)
	return nil
}

// tellOfStanding writes that somebody came to c or left it, and tells who sees it but those people. least is how many
// stood there, before or after, whichever is fewer. In a large circle customers are not told, and see nobody there but
// themselves: 5,000 people who come one by one must not make 25 million entries.
func tellOfStanding(w Writer, t *telling, c desk.Conversation, least int, but ...string) error {
	small := c.Kind == desk.Internal || least <= desk.SmallCircle
	c.Changed(small)
	if err := w.UpdateConversation(c); err != nil {
		return err
	}
	people, err := audience(w, c)
	if !small {
		people, err = w.UserIDs()
	}
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(but))
	for _, p := range but {
		known[p] = true
	}
	t.tell(desk.ConversationChanged, c.ID, "", slices.DeleteFunc(people, func(p string) bool { return known[p] }))
	return nil
}

// assign gives c to a user to look after, or to nobody. Who looks after a conversation stands in it, to be told of what
// is written there.
func assign(w Writer, c desk.Conversation, user string) (desk.Conversation, error) {
	if c.Kind != desk.WithCustomers {
		return c, desk.Invalid("body.assignee", "a conversation of the team has no assignee")
	}
	c.Assignee = user
	if user == "" {
		return c, nil
	}
	known, err := w.People([]string{user})
	if err != nil {
		return c, err
	}
	if p, ok := known[user]; !ok || p.Kind != desk.User || p.Disabled {
		return c, desk.UnknownPerson("body.assignee")
	}
	_, st, err := w.Conversation(c.ID, user)
	if err != nil || st != nil && st.Participant {
		return c, err
	}
	c.Audience++
	return c, w.PutStanding(c.ID, joined(c, user, st))
}

// joined is the standing of a user who comes to a conversation that every user sees: they could see the whole of it
// before, so nothing of that is new to them.
func joined(c desk.Conversation, user string, before *desk.Standing) desk.Standing {
	st := desk.Standing{Person: user, SeenUpTo: c.LastNumber}
	if before != nil {
		st = *before
		st.SeenUpTo = max(st.SeenUpTo, c.LastNumber)
	}
	st.Participant, st.HistoryFrom = true, 1
	return st
}
