package messaging

import (
	"strconv"

	"recado/app/desk"
)

// View is a conversation as one viewer sees it.
type View struct {
	desk.Conversation
	Mine         desk.Standing
	Participants []desk.Standing
	Last         *desk.Message
	Unseen       int64
	From         int64
}

// AudienceTag is the opaque version of who would receive a message now.
func (v View) AudienceTag() string { return audienceTag(v.Conversation) }

func audienceTag(c desk.Conversation) string { return "a" + strconv.FormatInt(c.Audience, 36) }

// sight is what one viewer may see of a conversation.
type sight struct {
	c    desk.Conversation
	mine *desk.Standing
	from int64
}

// see answers desk.ErrNotFound alike for what is not there and for what viewer may not see.
func see(r Reader, viewer desk.Person, conversation string) (sight, error) {
	c, st, err := r.Conversation(conversation, viewer.ID)
	if err != nil {
		return sight{}, err
	}
	from, ok := desk.SeesFrom(viewer, c, st)
	if !ok {
		return sight{}, desk.ErrNotFound
	}
	return sight{c, st, from}, nil
}

// audience is everybody who may see a conversation: the participants, and all users where users see it.
func audience(r Reader, c desk.Conversation) (people []string, err error) {
	people, _, err = circle(r, c)
	return people, err
}

// circle gives everybody who may see a conversation, and apart those who stand in it.
func circle(r Reader, c desk.Conversation) (people []string, stand []desk.Standing, err error) {
	people, stand, _, err = ring(r, c)
	return people, stand, err
}

// ring is circle, and for whom the conversation sleeps.
func ring(r Reader, c desk.Conversation) (people []string, stand []desk.Standing, asleep []string, err error) {
	st, err := r.Standings([]string{c.ID}, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, s := range st[c.ID] {
		if s.SnoozedUntil > 0 {
			asleep = append(asleep, s.Person)
		}
		if s.Participant {
			people, stand = append(people, s.Person), append(stand, s)
		}
	}
	if !c.Shared() {
		return people, stand, asleep, nil
	}
	users, err := r.UserIDs()
	if err != nil {
		return nil, nil, nil, err
	}
	return union(people, users), stand, asleep, nil
}

func union(a, b []string) []string {
	in := make(map[string]bool, len(a))
	for _, x := range a {
		in[x] = true
	}
	for _, x := range b {
		if !in[x] {
			in[x] = true
			a = append(a, x)
		}
	}
	return a
}

// views gives conversations as viewer sees them, in the order of ids; what viewer may not see is left out.
func views(r Reader, viewer desk.Person, ids []string) ([]View, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	conversations, err := r.Conversations(ids)
	if err != nil {
		return nil, err
	}
	standings, err := r.Standings(ids, nil)
	if err != nil {
		return nil, err
	}
	last, err := r.Last(ids)
	if err != nil {
		return nil, err
	}
	unseen, err := r.Unseen(viewer.ID, ids)
	if err != nil {
		return nil, err
	}
	out := make([]View, 0, len(ids))
	for _, id := range ids {
		c, ok := conversations[id]
		if !ok {
			continue
		}
		v := View{Conversation: c, Unseen: unseen[id]}
		var mine *desk.Standing
		for _, s := range standings[id] {
			if s.Person == viewer.ID {
				mine, v.Mine = &s, s
			}
			if s.Participant {
				v.Participants = append(v.Participants, s)
			}
		}
		from, ok := desk.SeesFrom(viewer, c, mine)
		if !ok {
			continue
		}
		v.From = from
		v.Mine.SeenUpTo = max(v.Mine.SeenUpTo, c.Past)
		if m, ok := last[id]; ok && m.Number >= from {
			m = forReader(m, viewer)
			v.Last = &m
		}
		out = append(out, v.discreet(viewer))
	}
	return out, nil
}

// discreet hides what others have seen where the circle is too large to be told, and from customers who else is there
// then. Of items, and of how the team works, customers learn nothing in any case.
func (v View) discreet(viewer desk.Person) View {
	if viewer.Kind != desk.User {
		v.Item, v.Assignee, v.WaitingSince, v.MergedInto, v.SplitFrom = "", "", 0, "", ""
	}
	if len(v.Participants) <= desk.SmallCircle {
		return v
	}
	if viewer.Kind != desk.User {
		v.Participants, v.Audience, v.Version = []desk.Standing{v.Mine}, 0, v.Shown
		return v
	}
	quiet := make([]desk.Standing, len(v.Participants))
	for i, s := range v.Participants {
		if s.Person != viewer.ID {
			s.SeenUpTo, s.SeenAt = 0, 0
		}
		quiet[i] = s
	}
	v.Participants = quiet
	return v
}

func view(r Reader, viewer desk.Person, id string) (View, error) {
	vs, err := views(r, viewer, []string{id})
	if err != nil {
		return View{}, err
	}
	if len(vs) == 0 {
		return View{}, desk.ErrNotFound
	}
	return vs[0], nil
}
