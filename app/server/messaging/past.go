package messaging

import (
	"context"
	"errors"
	"slices"

	"recado/app/desk"
)

// Past is what was written before it came here, from an archive: a conversation with customers, or more of one.
type Past struct {
	Conversation string // its id; it is made where there is none
	Subject      string
	Open         bool // a new one begins open; one that was closed is opened again
	Messages     []PastMessage
}

// PastMessage is one message of the past. Its files are kept already, under their ids.
type PastMessage struct {
	ID     string
	Author string
	Key    string
	Body   string
	Files  []desk.File
	At     int64 // when it was written
	Origin *desk.Origin
	// Stand lists who stands in the conversation from this message on, the author among them.
	Stand []desk.Person
}

// ErrNotPast means that a message of the past is here already.
var ErrNotPast = &desk.Error{Code: "already-here", Message: "One of these messages is here already."}

// Import adds messages of the past to a conversation with customers, in the order given, and tells everybody who may see
// it, so that every cache has them. Nothing of it is news: nothing is planned outside the app, and it counts as seen for
// whoever had seen all that stood before it, for everybody where nothing but the past stands there. also runs in the same
// transaction, for what stands or falls with the messages. Either all of it is stored, or nothing.
func (s *Service) Import(ctx context.Context, p Past, also func(Writer) error) error {
	return s.write(ctx, func(w Writer, t *telling) error {
		im := &importing{Service: s, w: w, t: t, joined: map[string]bool{}, users: map[string]bool{}}
		if err := im.open(p); err != nil {
			return err
		}
		for _, m := range p.Messages {
			if err := im.add(m); err != nil {
				return err
			}
		}
		if err := im.settle(); err != nil {
			return err
		}
		if err := im.tell(p.Messages); err != nil {
			return err
		}
		return also(w)
	})
}

// importing is one transaction's work on one conversation.
type importing struct {
	*Service
	w      Writer
	t      *telling
	c      desk.Conversation
	known  bool            // it was there before
	was    int64           // the number of its last message then
	before []desk.Standing // those who stood there
	stand  []desk.Standing // those who came
	joined map[string]bool // the same
	users  map[string]bool // those of them who are of the team
}

// open gives the conversation to this transaction alone, made where there is none.
func (im *importing) open(p Past) error {
	c, _, err := im.w.Conversation(p.Conversation, "")
	if err == desk.ErrNotFound {
		first := p.Messages[0].At
		im.c = desk.Conversation{ID: p.Conversation, Kind: desk.WithCustomers, Subject: p.Subject, State: closed, CreatedAt: first, LastAt: first,
			Audience: 1, Version: 1, Shown: 1}
		if p.Open {
			im.c.State = open
		}
		return im.w.InsertConversation(im.c)
	}
	if err != nil {
		return err
	}
	if c.Kind != desk.WithCustomers {
		return desk.ErrForbidden
	}
	im.known = true
	if c.Item != "" {
		if err := im.follow(c, p.Messages); err != nil {
			return err
		}
	}
	if im.c, err = im.w.LockConversation(c.ID); err != nil {
		return err
	}
	if p.Open && im.c.Item == "" { // an item's conversation is as open as the item
		im.c.State = open
	}
	im.was = im.c.LastNumber
	st, err := im.w.Standings([]string{c.ID}, nil)
	im.before = st[c.ID]
	return err
}

// follow lets those who come follow the item of the conversation: who stands there is who follows it.
func (im *importing) follow(c desk.Conversation, messages []PastMessage) error {
	for _, m := range messages {
		for _, p := range m.Stand {
			if p.Disabled || im.joined[p.ID] {
				continue
			}
			im.joined[p.ID] = true
			e, err := im.editAs(im.w, im.t, p, c.Item)
			if err != nil {
				return err
			}
			if err := errors.Join(e.follow(p, false), e.done()); err != nil {
				return err
			}
		}
	}
	clear(im.joined)
	return nil
}

func (im *importing) add(m PastMessage) error {
	h := hash("past", im.c.ID, m.ID)
	if fresh, err := im.w.TakeKey(m.Author, m.Key, h, m.ID, im.t.at); err != nil {
		return err
	} else if !fresh {
		return ErrNotPast
	}
	for _, p := range m.Stand {
		if err := im.join(p, im.c.LastNumber+1); err != nil {
			return err
		}
	}
	n, err := im.w.NextNumber(im.c.ID, m.At, WaitingAsBefore)
	if err != nil {
		return err
	}
	im.c.LastNumber = n
	files, err := im.attach(m)
	if err != nil {
		return err
	}
	err = im.w.InsertMessage(desk.Message{ID: m.ID, Conversation: im.c.ID, Number: n, Author: m.Author, Key: m.Key, Body: m.Body, Files: files,
		Origin: m.Origin, CreatedAt: m.At, Version: 1})
	if err != nil {
		return err
	}
	return im.w.Wrote(im.c.ID, m.Author)
}

// attach notes the files of a message and gives them to it.
func (im *importing) attach(m PastMessage) ([]desk.File, error) {
	var ids []string
	for _, f := range m.Files {
		f.Owner = m.Author
		if err := im.w.InsertFile(f, m.At); err != nil {
			return nil, err
		}
		ids = append(ids, f.ID)
	}
	return attach(im.w, desk.Message{ID: m.ID, Author: m.Author}, ids)
}

// join lets somebody stand there from message n on: a customer with the history that they had a part in, a user with all.
func (im *importing) join(p desk.Person, n int64) error {
	at := slices.IndexFunc(im.before, func(s desk.Standing) bool { return s.Person == p.ID })
	if im.joined[p.ID] || at >= 0 && im.before[at].Participant || im.c.Item != "" {
		return nil
	}
	st := desk.Standing{Person: p.ID, HistoryFrom: n}
	if p.Kind == desk.User {
		if at >= 0 {
			st = im.before[at]
		}
		st.HistoryFrom = 1
		im.users[p.ID] = true
	}
	st.Participant = true
	im.joined[p.ID] = true
	im.stand = append(im.stand, st)
	return im.w.PutStanding(im.c.ID, st)
}

// settle moves on what was seen over what came, for those to whom nothing before it is news.
func (im *importing) settle() error {
	if im.c.Past == im.was {
		im.c.Past = im.c.LastNumber
	}
	var moved []desk.Standing
	for _, s := range im.stand {
		if im.users[s.Person] {
			moved = append(moved, s)
		}
	}
	for _, s := range im.before {
		if im.was > 0 && s.SeenUpTo == im.was && !im.joined[s.Person] {
			moved = append(moved, s)
		}
	}
	for _, s := range moved {
		s.SeenUpTo = im.c.LastNumber
		if err := im.w.PutStanding(im.c.ID, s); err != nil {
			return err
		}
	}
	return nil
}

// tell tells of the conversation first: it says up to where everything is seen, so that no message after it is news.
func (im *importing) tell(messages []PastMessage) error {
	if im.known {
		im.c.Changed(true)
		if len(im.stand) > 0 {
			im.c.Audience++
		}
	}
	if err := im.w.UpdateConversation(im.c); err != nil {
		return err
	}
	people, stand, err := circle(im.w, im.c)
	if err != nil {
		return err
	}
	newcomer := func(id string) bool { return !im.known || im.joined[id] }
	im.t.tell(desk.ConversationCreated, im.c.ID, "", pick(people, newcomer))
	im.t.tell(desk.ConversationChanged, im.c.ID, "", pick(people, func(id string) bool { return !newcomer(id) }))
	from := make(map[string]int64, len(stand))
	for _, s := range stand {
		from[s.Person] = s.HistoryFrom
	}
	for i, m := range messages {
		n := im.was + int64(i) + 1
		who := pick(people, func(id string) bool { return from[id] <= n })
		im.t.tell(desk.MessageCreated, im.c.ID, m.ID, union(who, []string{m.Author}))
	}
	return nil
}

// pick is a list of its own of those that are wanted.
func pick(people []string, wanted func(string) bool) (some []string) {
	for _, p := range people {
		if wanted(p) {
			some = append(some, p)
		}
	}
	return some
}
