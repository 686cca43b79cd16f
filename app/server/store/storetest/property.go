package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// mirror is what a reader knows who took a snapshot and followed the feed: the contract's rules and nothing else.
type mirror struct {
	b             *Bundle
	me            desk.Person
	people        map[string]desk.Person
	conversations map[string]messaging.View
	messages      map[string]map[int64]desk.Message // by conversation and number
	items         map[string]messaging.ItemView
	settings      desk.Settings
	position      int64
}

// takeSnapshot pages through everything; between lets other things happen between two pages.
func takeSnapshot(b *Bundle, me desk.Person, between func()) *mirror {
	m := &mirror{b: b, me: me, people: map[string]desk.Person{}, conversations: map[string]messaging.View{}, messages: map[string]map[int64]desk.Message{}, items: map[string]messaging.ItemView{}, position: -1}
	for at, first := (messaging.Mark{}), true; first || at != messaging.SnapshotEnd; first = false {
		p, err := b.Messaging.Snapshot(context.Background(), me, at, 3)
		if err != nil {
			b.TB.Fatal(err)
		}
		if m.position < 0 {
			m.position = p.Head
		}
		if p.Settings != nil {
			m.settings = *p.Settings
		}
		for _, x := range p.People {
			m.people[x.ID] = x
		}
		for _, x := range p.Items {
			m.items[x.ID] = x
		}
		for _, v := range p.Views {
			m.conversations[v.ID] = v
		}
		for _, x := range p.Messages {
			m.put(x)
		}
		at = p.Next
		between()
	}
	return m
}

// put keeps the highest version of a message in a conversation that is known.
func (m *mirror) put(x desk.Message) {
	c, ok := m.conversations[x.Conversation]
	if !ok {
		return
	}
	list := m.messages[x.Conversation]
	if list == nil {
		list = map[int64]desk.Message{}
		m.messages[x.Conversation] = list
	}
	if list[x.Number].Version < x.Version {
		list[x.Number] = x
	}
	c.LastNumber, c.LastAt = max(c.LastNumber, x.Number), max(c.LastAt, x.CreatedAt)
	m.conversations[x.Conversation] = c
}

func (m *mirror) follow() {
	for _, e := range m.b.Feed(m.me, m.position) {
		m.position = e.Number
		switch {
		case e.Type == desk.AccessLost:
			delete(m.conversations, e.Conversation)
			delete(m.messages, e.Conversation)
		case e.Subject != nil:
			m.people[e.Subject.ID] = *e.Subject
		case e.Item != nil:
			m.items[e.Item.ID] = *e.Item
		case e.Set != nil:
			m.settings = *e.Set
		case e.Message != nil:
			m.put(*e.Message)
		case e.Seen != nil:
			m.seen(e)
		case e.View != nil:
			m.view(*e.View)
		}
	}
}

func (m *mirror) seen(e messaging.Event) {
	c, ok := m.conversations[e.Conversation]
	if !ok {
		return
	}
	c.Participants = slices.Clone(c.Participants)
	for i, p := range c.Participants {
		if p.Person == e.Ref && p.SeenUpTo <= e.Seen.SeenUpTo {
			c.Participants[i].SeenUpTo, c.Participants[i].SeenAt = e.Seen.SeenUpTo, e.Seen.SeenAt
		}
	}
	if e.Ref == m.me.ID {
		c.Mine.SeenUpTo, c.Mine.SeenAt = e.Seen.SeenUpTo, e.Seen.SeenAt
	}
	m.conversations[e.Conversation] = c
}

// view takes a conversation's present state, and pages in history that was gained with it.
func (m *mirror) view(v messaging.View) {
	known, ok := m.conversations[v.ID]
	m.conversations[v.ID] = v
	if ok && v.From >= known.From {
		return
	}
	q := messaging.PageQuery{FromStart: true, Limit: 200}
	page, err := m.b.Messaging.Messages(context.Background(), m.me, v.ID, q)
	if err != nil { // access was lost again meanwhile; the feed says so further on
		return
	}
	for _, x := range page {
		m.put(x)
	}
}

// text spells everything a mirror knows, so that two can be compared.
func (m *mirror) text() string {
	s := fmt.Sprintf("settings %+v\n", m.settings)
	for _, id := range slices.Sorted(maps.Keys(m.people)) {
		s += fmt.Sprintf("person %+v\n", m.people[id])
	}
	for _, id := range slices.Sorted(maps.Keys(m.items)) {
		s += fmt.Sprintf("item %+v\n", m.items[id])
	}
	for _, id := range slices.Sorted(maps.Keys(m.conversations)) {
		c := m.conversations[id]
		unseen := 0
		for _, x := range m.messages[id] {
			if standsIn(c, m.me) && x.Number > c.Mine.SeenUpTo && x.Author != m.me.ID && x.DeletedAt == 0 {
				unseen++
			}
		}
		s += fmt.Sprintf("conversation %s of %q into %q from %q %q %s %s last %d at %d audience %d version %d from %d seen %d muted %v unseen %d asleep %d\n", id, c.Item, c.MergedInto, c.SplitFrom, c.Subject, c.State, c.Assignee,
			c.LastNumber, c.LastAt, c.Audience, c.Version, c.From, c.Mine.SeenUpTo, c.Mine.Muted, unseen, c.Mine.SnoozedUntil)
		for _, p := range c.Participants {
			s += fmt.Sprintf("  %s from %d seen %d at %d\n", p.Person, p.HistoryFrom, p.SeenUpTo, p.SeenAt)
		}
		for _, n := range slices.Sorted(maps.Keys(m.messages[id])) {
			s += fmt.Sprintf("  %+v\n", m.messages[id][n])
		}
	}
	return s
}

func standsIn(c messaging.View, p desk.Person) bool {
	return slices.ContainsFunc(c.Participants, func(s desk.Standing) bool { return s.Person == p.ID })
}

// world does random things as random people.
type world struct {
	b      *Bundle
	t      *rapid.T
	people []desk.Person
	rooms  []string
	said   []desk.Message
	items  []string
}

// maybe lets a refusal pass (somebody tried what they may not); anything uncoded is a failure.
func (w *world) maybe(err error) {
	if err == nil {
		return
	}
	if _, ok := err.(*desk.Error); !ok {
		w.b.TB.Fatalf("uncoded: %v", err)
	}
}

func (w *world) someone() desk.Person { return rapid.SampledFrom(w.people).Draw(w.t, "person") }

func (w *world) step() {
	ctx, s := context.Background(), w.b.Messaging
	who := w.someone()
	kind := rapid.IntRange(0, 19).Draw(w.t, "what")
	if kind > 15 {
		w.day(who)
		return
	}
	if kind > 11 {
		w.item(who)
		return
	}
	if len(w.rooms) == 0 || kind == 0 {
		n := start("start", ID(), w.someone(), w.someone())
		if rapid.Bool().Draw(w.t, "with customers") {
			n.Kind = desk.WithCustomers
		}
		v, _, err := s.Start(ctx, who, n)
		w.maybe(err)
		if err == nil {
			w.rooms = append(w.rooms, v.ID)
		}
		return
	}
	room := rapid.SampledFrom(w.rooms).Draw(w.t, "room")
	switch kind {
	case 1, 2, 3, 4:
		m, _, err := s.Post(ctx, who, room, messaging.Draft{Key: ID(), Body: rapid.SampledFrom([]string{"a", "ñ ☀", "long text"}).Draw(w.t, "body")})
		w.maybe(err)
		if err == nil {
			w.said = append(w.said, m)
		}
	case 5, 6:
		_, err := s.See(ctx, who, room, rapid.Int64Range(0, 12).Draw(w.t, "upTo"), 0)
		w.maybe(err)
	case 7:
		_, err := s.Add(ctx, who, room, w.someone().ID, rapid.Bool().Draw(w.t, "whole"))
		w.maybe(err)
	case 8:
		w.maybe(s.Remove(ctx, who, room, w.someone().ID))
	case 9:
		subject, muted := rapid.SampledFrom([]string{"x", "y"}).Draw(w.t, "subject"), rapid.Bool().Draw(w.t, "muted")
		state := rapid.SampledFrom([]string{"open", "closed"}).Draw(w.t, "state")
		_, err := s.Patch(ctx, who, room, messaging.Change{Subject: &subject, Muted: &muted, State: &state})
		w.maybe(err)
		assignee := w.someone().ID
		_, err = s.Patch(ctx, who, room, messaging.Change{Assignee: &assignee})
		w.maybe(err)
	default:
		w.other(kind, who)
	}
}

func (w *world) other(kind int, who desk.Person) {
	ctx, s := context.Background(), w.b.Messaging
	if kind == 10 && len(w.said) > 0 {
		m := rapid.SampledFrom(w.said).Draw(w.t, "message")
		if rapid.Bool().Draw(w.t, "delete") {
			w.maybe(s.Delete(ctx, who, m.ID))
			return
		}
		_, err := s.Edit(ctx, who, m.ID, rapid.SampledFrom([]string{"edited", "again"}).Draw(w.t, "text"))
		w.maybe(err)
		return
	}
	set := desk.DefaultSettings()
	set.Sound = rapid.Bool().Draw(w.t, "sound")
	w.maybe(s.PutSettings(ctx, who, set))
	_, _, err := store.Accounts{Store: w.b.Store}.UpdatePerson(ctx, who.ID, func(p *desk.Person) error {
		p.Organisation = rapid.SampledFrom([]string{"", "Acme"}).Draw(w.t, "organisation")
		return nil
	})
	w.maybe(err)
}

// Property: whatever happens, the snapshot of an earlier position, taken while things went on, with the feed after it
// is the snapshot of now, for everybody. fresh gives an empty database for each run.
func Property(t *testing.T, fresh func(testing.TB) *sqldb.DB) {
	rapid.Check(t, func(rt *rapid.T) {
		b := New(t, fresh(t))
		w := &world{b: b, t: rt}
		for i := range 4 {
			w.people = append(w.people, b.User(fmt.Sprintf("P%d", i)))
		}
		w.people = append(w.people, b.Customer("C0"), b.Customer("C1"))
		for range rapid.IntRange(0, 15).Draw(rt, "before") {
			w.step()
		}
		var early []*mirror
		for _, p := range w.people {
			early = append(early, takeSnapshot(b, p, func() {
				if rapid.IntRange(0, 2).Draw(rt, "between") == 0 {
					w.step()
				}
			}))
		}
		for range rapid.IntRange(0, 25).Draw(rt, "after") {
			w.step()
		}
		for i, p := range w.people {
			early[i].follow()
			if got, want := early[i].text(), takeSnapshot(b, p, func() {}).text(); got != want {
				rt.Fatalf("%s followed to:\n%s\nand the snapshot of now is:\n%s", p.Name, got, want)
			}
		}
	})
}

// item does something to a ticket, or to what is written about it.
func (w *world) item(who desk.Person) {
	ctx, s := context.Background(), w.b.Messaging
	kind := rapid.IntRange(0, 7).Draw(w.t, "with the item")
	if len(w.items) == 0 || kind == 0 {
		n := messaging.NewItem{Item: desk.Item{Kind: desk.Ticket, State: desk.ItemOpen, Title: "ticket"}, Follows: []string{w.someone().ID}}
		if len(w.rooms) > 0 && rapid.Bool().Draw(w.t, "of a conversation") {
			n.Conversation = rapid.SampledFrom(w.rooms).Draw(w.t, "room")
		}
		v, _, err := s.AddItem(ctx, who, n)
		w.maybe(err)
		if err == nil {
			w.items = append(w.items, v.ID)
		}
		return
	}
	item := rapid.SampledFrom(w.items).Draw(w.t, "item")
	switch kind {
	case 1, 2:
		n := start("about it", ID())
		n.Item, n.Kind = item, rapid.SampledFrom([]desk.ConversationKind{desk.Internal, desk.WithCustomers}).Draw(w.t, "kind")
		v, _, err := s.Start(ctx, who, n)
		w.maybe(err)
		if err == nil && !slices.Contains(w.rooms, v.ID) {
			w.rooms = append(w.rooms, v.ID)
		}
	case 3:
		_, err := s.Follow(ctx, who, item, []string{w.someone().ID}, rapid.Bool().Draw(w.t, "whole"))
		w.maybe(err)
	case 4:
		w.maybe(s.Unfollow(ctx, who, item, w.someone().ID))
	case 5:
		state, assignee := rapid.SampledFrom([]desk.ItemState{desk.ItemOpen, desk.ItemWaiting, desk.ItemDone}).Draw(w.t, "state"), w.someone().ID
		_, err := s.PatchItem(ctx, who, item, messaging.ItemPatch{State: &state})
		w.maybe(err)
		_, err = s.PatchItem(ctx, who, item, messaging.ItemPatch{Assignee: &assignee})
		w.maybe(err)
	case 6:
		muted := rapid.Bool().Draw(w.t, "muted")
		_, err := s.PatchItem(ctx, who, item, messaging.ItemPatch{Muted: &muted})
		w.maybe(err)
	default:
		if len(w.rooms) > 0 {
			room := rapid.SampledFrom(w.rooms).Draw(w.t, "room")
			_, err := s.Link(ctx, who, item, room)
			w.maybe(err)
			if rapid.Bool().Draw(w.t, "unlink") {
				_, err := s.Unlink(ctx, who, item, room)
				w.maybe(err)
			}
		}
	}
}

// day does to conversations what agents do to keep order.
func (w *world) day(who desk.Person) {
	ctx, s := context.Background(), w.b.Messaging
	if len(w.rooms) == 0 {
		return
	}
	room := rapid.SampledFrom(w.rooms).Draw(w.t, "room")
	switch rapid.IntRange(0, 5).Draw(w.t, "to keep order") {
	case 0:
		_, err := s.Merge(ctx, who, room, rapid.SampledFrom(w.rooms).Draw(w.t, "into"))
		w.maybe(err)
	case 1:
		_, err := s.Unmerge(ctx, who, room)
		w.maybe(err)
	case 2:
		if len(w.said) == 0 {
			return
		}
		v, made, err := s.Split(ctx, who, rapid.SampledFrom(w.said).Draw(w.t, "message").ID, ID(), "apart")
		w.maybe(err)
		if made {
			w.rooms = append(w.rooms, v.ID)
		}
	case 3:
		_, err := s.Move(ctx, who, room, w.someone().ID, w.someone().ID, rapid.Bool().Draw(w.t, "whole"))
		w.maybe(err)
	case 4:
		until := rapid.SampledFrom([]int64{0, 1, desk.Latest}).Draw(w.t, "until")
		_, err := s.Patch(ctx, who, room, messaging.Change{SnoozedUntil: &until})
		w.maybe(err)
	default:
		_, err := s.WakeDue(ctx)
		w.maybe(err)
	}
}
