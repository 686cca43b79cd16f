package messaging

import (
	"context"
	"maps"
	"slices"

	"recado/app/desk"
)

// Event is a feed entry with what it tells of in its present state, for one reader. Its type is desk.Gone where the
// reader may not see that any more.
type Event struct {
	desk.Entry
	Message *desk.Message
	View    *View
	Subject *desk.Person
	Seen    *desk.Standing
	Sent    *desk.Delivery
	Set     *desk.Settings
	Item    *ItemView
}

// ReadFeeds gives what follows in several feeds at once, in a few queries however many there are: by person, in order,
// at most limit entries of each.
func (s *Service) ReadFeeds(ctx context.Context, reads []FeedRead, limit int) (map[string][]Event, error) {
	out := make(map[string][]Event, len(reads))
	err := s.Store.Read(ctx, func(r Reader) error {
		clear(out)
		entries, err := r.Entries(reads, limit)
		if err != nil || len(entries) == 0 {
			return err
		}
		f, err := gather(r, entries)
		if err != nil {
			return err
		}
		for _, e := range entries {
			ev, err := f.event(e)
			if err != nil {
				return err
			}
			out[e.Person] = append(out[e.Person], ev)
		}
		return nil
	})
	return out, err
}

// facts is what a batch of entries needs to be told, fetched once for all readers.
type facts struct {
	r             Reader
	people        map[string]desk.Person
	messages      map[string]desk.Message
	conversations map[string]desk.Conversation
	standings     map[string]map[string]desk.Standing // by conversation and person
	views         map[[2]string]*View
	items         map[string]desk.Item
	followings    map[string][]desk.Following
}

func gather(r Reader, entries []desk.Entry) (*facts, error) {
	r = &remembering{Reader: r, standings: map[string][]desk.Standing{}}
	f := &facts{r: r, standings: map[string]map[string]desk.Standing{}, views: map[[2]string]*View{}}
	people, messages, conversations, items := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		people[e.Person] = true
		if e.Conversation != "" {
			conversations[e.Conversation] = true
		}
		switch e.Type {
		case desk.MessageCreated, desk.MessageEdited, desk.MessageDeleted:
			messages[e.Ref] = true
		case desk.SeenChanged, desk.PersonChanged:
			people[e.Ref] = true
		case desk.ItemCreated, desk.ItemWasChanged:
			items[e.Ref] = true
		case desk.DeliveryChanged:
			message, _, _ := parseDeliveryRef(e.Ref)
			messages[message] = true
		}
	}
	var err error
	if f.people, err = r.People(keys(people)); err != nil {
		return nil, err
	}
	if f.messages, err = r.Messages(keys(messages)); err != nil {
		return nil, err
	}
	if len(items) > 0 {
		if f.items, err = r.Items(keys(items)); err != nil {
			return nil, err
		}
		if f.followings, err = r.Followings(keys(items), ""); err != nil {
			return nil, err
		}
	}
	if f.conversations, err = r.Conversations(keys(conversations)); err != nil {
		return nil, err
	}
	st, err := r.Standings(keys(conversations), keys(people))
	if err != nil {
		return nil, err
	}
	for c, list := range st {
		f.standings[c] = make(map[string]desk.Standing, len(list))
		for _, s := range list {
			f.standings[c][s.Person] = s
		}
	}
	return f, nil
}

// keys gives a set's members in order: ids sort by time, so that what was written together is looked up together.
func keys(m map[string]bool) []string {
	return slices.Sorted(maps.Keys(m))
}

// sees asks desk, now, whether the entry's reader may see the conversation.
func (f *facts) sees(person, conversation string) (from int64, ok bool) {
	c, ok := f.conversations[conversation]
	if !ok {
		return 0, false
	}
	var mine *desk.Standing
	if s, stands := f.standings[conversation][person]; stands {
		mine = &s
	}
	return desk.SeesFrom(f.people[person], c, mine)
}

func (f *facts) event(e desk.Entry) (Event, error) {
	gone := Event{Entry: desk.Entry{Person: e.Person, Number: e.Number, At: e.At, Type: desk.Gone}}
	ev := Event{Entry: e}
	switch e.Type {
	case desk.AccessLost:
		return ev, nil
	case desk.PersonChanged:
		p, ok := f.people[e.Ref]
		if !ok || f.people[e.Person].Kind != desk.User && e.Ref != e.Person {
			return gone, nil
		}
		ev.Subject = &p
		return ev, nil
	case desk.ItemCreated, desk.ItemWasChanged:
		i, ok := f.items[e.Ref]
		if !ok || !seesItems(f.people[e.Person]) {
			return gone, nil
		}
		v := viewOfItem(i, f.followings[i.ID], e.Person)
		ev.Item = &v
		return ev, nil
	case desk.SettingsChanged:
		set, err := f.r.Settings(e.Person)
		ev.Set = &set
		return ev, err
	}
	from, ok := f.sees(e.Person, e.Conversation)
	if !ok {
		return gone, nil
	}
	switch e.Type {
	case desk.SeenChanged:
		st, ok := f.standings[e.Conversation][e.Ref]
		if !ok {
			return gone, nil
		}
		ev.Seen = &st
	case desk.ConversationCreated, desk.ConversationChanged:
		v, err := f.view(e.Person, e.Conversation)
		if err != nil {
			return ev, err
		}
		ev.View = v
	case desk.DeliveryChanged:
		d, err := f.delivery(e, from)
		if err != nil || d == nil || f.people[e.Person].Kind != desk.User { // how others get mail is the team's business
			return gone, err
		}
		ev.Sent = d
	default:
		m, ok := f.messages[e.Ref]
		if !ok || m.Number < from {
			return gone, nil
		}
		m = forReader(m, f.people[e.Person])
		ev.Message = &m
	}
	return ev, nil
}

// forReader leaves out what a message holds for users only.
func forReader(m desk.Message, reader desk.Person) desk.Message {
	if reader.Kind != desk.User {
		m.Origin = nil
	}
	return m
}

// delivery gives nil for one of a message that the reader may not see.
func (f *facts) delivery(e desk.Entry, from int64) (*desk.Delivery, error) {
	message, person, channel := parseDeliveryRef(e.Ref)
	if m, ok := f.messages[message]; !ok || m.Number < from {
		return nil, nil
	}
	d, err := f.r.Delivery(message, person, channel)
	if err == desk.ErrNotFound {
		return nil, nil
	}
	return &d, err
}

func (f *facts) view(person, conversation string) (*View, error) {
	k := [2]string{person, conversation}
	if v, ok := f.views[k]; ok {
		return v, nil
	}
	v, err := view(f.r, f.people[person], conversation)
	if err != nil {
		return nil, err
	}
	f.views[k] = &v
	return &v, nil
}

// remembering asks once who stands in a conversation that many readers of a batch are told of.
type remembering struct {
	Reader
	standings map[string][]desk.Standing
}

// Standings implements Reader.
func (r *remembering) Standings(conversations, people []string) (map[string][]desk.Standing, error) {
	if people != nil || len(conversations) != 1 {
		return r.Reader.Standings(conversations, people)
	}
	id := conversations[0]
	if known, ok := r.standings[id]; ok {
		return map[string][]desk.Standing{id: known}, nil
	}
	found, err := r.Reader.Standings(conversations, nil)
	if err == nil {
		r.standings[id] = found[id]
	}
	return found, err
}

// Heads gives head and floor of people's feeds.
func (s *Service) Heads(ctx context.Context, people []string) (h map[string]FeedHead, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		h, err = r.Heads(people)
		return err
	})
	return h, err
}
