package messaging

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"recado/app/desk"
)

// Draft is a message to be posted.
type Draft struct {
	Key      string
	Body     string
	Files    []string
	Mentions []string
	Audience string       // as last known; empty does not ask
	Quiet    bool         // a program wrote it: nothing reopens, and nobody is told outside the app
	Origin   *desk.Origin // of what came by mail
}

// The states of a conversation.
const (
	open   = "open"
	closed = "closed"
)

// Start is a conversation to be started with its first message.
type Start struct {
	Kind         desk.ConversationKind
	Participants []string
	Subject      string
	Item         string
	Message      Draft
}

// hash tells whether a key comes again with the same content: compared as parsed, people as a set.
func hash(parts ...any) string {
	b, _ := json.Marshal(parts) // strings and lists of strings always encode
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// some makes no list and an empty one the same: to a reader of JSON they are.
func some(ids []string) []string {
	if len(ids) == 0 {
		return nil
	}
	return ids
}

func set(ids []string) []string {
	c := slices.Clone(some(ids))
	slices.Sort(c)
	return slices.Compact(c)
}

// replay gives what a key made before: ok false where the key is new, desk.ErrKeyReused where the content differs.
func replay(r Reader, person, key, want string) (ref string, ok bool, err error) {
	got, ref, ok, err := r.ByKey(person, key)
	if err != nil || !ok {
		return "", false, err
	}
	if got != want {
		return "", false, desk.ErrKeyReused
	}
	return ref, true, nil
}

// Post adds a message to a conversation. made is false where the key had made it before; then the message is given as
// it is now. After it returns without error the message is stored and stands in the feed of everybody who may see it.
func (s *Service) Post(ctx context.Context, author desk.Person, conversation string, d Draft) (m desk.Message, made bool, err error) {
	if e := check(d); e != nil {
		return m, false, e
	}
	h := hash("message", conversation, d.Body, some(d.Files), set(d.Mentions))
	err = s.write(ctx, func(w Writer, t *telling) error {
		made = false
		at, err := see(w, author, conversation)
		if err != nil {
			return err
		}
		if at.c.MergedInto != "" {
			to, err := lead(w, conversation)
			if err != nil {
				return err
			}
			if at, err = see(w, author, to); err != nil {
				return err
			}
		}
		m = desk.Message{ID: s.NewID(), Conversation: at.c.ID, Author: author.ID, Key: d.Key, CreatedAt: t.at}
		if fresh, err := w.TakeKey(author.ID, d.Key, h, m.ID, t.at); err != nil {
			return err
		} else if !fresh {
			ref, _, err := replay(w, author.ID, d.Key, h)
			if err != nil {
				return err
			}
			m, err = w.Message(ref)
			return err
		}
		if d.Audience != "" && d.Audience != audienceTag(at.c) {
			return &desk.Error{Code: "audience-changed", Message: "Other people would receive this now than when it was written. Look at who is in the conversation, and send again."}
		}
		made = true
		if err := s.arrive(w, t, author, at, d.Quiet); err != nil {
			return err
		}
		m, err = s.add(w, t, author, at.c, m, d)
		return err
	})
	if err != nil {
		return desk.Message{}, false, err
	}
	return m, made, nil
}

// arrive is what writing does to a conversation that users share: a user who did not stand there does from then on, to
// be told of the answer; a customer opens one that was closed. The audience stays: nobody sees it who did not before.
func (s *Service) arrive(w Writer, t *telling, author desk.Person, at sight, quiet bool) error {
	joins := at.mine == nil || !at.mine.Participant
	reopens := author.Kind == desk.Customer && at.c.State == closed && !quiet
	if at.c.Item != "" && (joins || author.Kind == desk.Customer) {
		return s.arriveAtItem(w, t, author, at, quiet)
	}
	if !joins && !reopens {
		return nil
	}
	c, err := w.LockConversation(at.c.ID)
	if err != nil {
		return err
	}
	if reopens {
		c.State = open
	}
	if !joins {
		return tellOfChange(w, t, c)
	}
	_, stand, err := circle(w, c)
	if err != nil {
		return err
	}
	if err := w.PutStanding(c.ID, joined(c, author.ID, at.mine)); err != nil {
		return err
	}
	return tellOfStanding(w, t, c, len(stand))
}

func check(d Draft) error {
	if e := desk.CheckKey(d.Key); e != nil {
		return e
	}
	if e := desk.CheckBody("body.body", d.Body, len(d.Files)); e != nil {
		return e
	}
	return nil
}

// add gives m its number, stores it and tells everybody who may see it.
func (s *Service) add(w Writer, t *telling, author desk.Person, c desk.Conversation, m desk.Message, d Draft) (desk.Message, error) {
	people, stand, asleep, err := ring(w, c)
	if err != nil {
		return m, err
	}
	m.Body, m.Origin, m.Version = d.Body, d.Origin, 1
	if m.Mentions, err = mentions(w, d, people); err != nil {
		return m, err
	}
	if came, err := s.followMentioned(w, t, author, c, m.Mentions, stand); err != nil {
		return m, err
	} else if came {
		if people, stand, err = circle(w, c); err != nil {
			return m, err
		}
	}
	if m.Files, err = attach(w, m, d.Files); err != nil {
		return m, err
	}
	if m.Number, err = w.NextNumber(c.ID, t.at, waits(c, author, d.Quiet)); err != nil {
		return m, err
	}
	if err := w.InsertMessage(m); err != nil {
		return m, err
	}
	if err := w.Wrote(c.ID, m.Author); err != nil {
		return m, err
	}
	t.tell(desk.MessageCreated, c.ID, m.ID, people)
	if d.Quiet {
		return m, nil
	}
	for _, p := range asleep {
		if p == m.Author {
			continue
		}
		if err := wake(w, t, c.ID, p); err != nil {
			return m, err
		}
	}
	return m, s.plan(w, t, m, stand)
}

// mentions keeps those who may see the message; a mention of anybody else tells them nothing and is plain text.
func mentions(r Reader, d Draft, people []string) ([]string, error) {
	if len(d.Mentions) > 0 {
		known, err := r.People(d.Mentions)
		if err != nil {
			return nil, err
		}
		for _, id := range d.Mentions {
			if _, ok := known[id]; !ok {
				return nil, desk.UnknownPerson("body.mentions")
			}
		}
	}
	var kept []string
	for _, id := range union(slices.Clone(d.Mentions), desk.Mentions(d.Body)) {
		if slices.Contains(people, id) && !slices.Contains(kept, id) {
			kept = append(kept, id)
		}
	}
	return kept, nil
}

func attach(w Writer, m desk.Message, ids []string) ([]desk.File, error) {
	var files []desk.File
	for _, id := range ids {
		ok, err := w.AttachFile(id, m.Author, m.ID)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, &desk.Error{Code: "unknown-file", Message: "One of the files is not yours, or is already in a message. Add it again.",
				Fields: []desk.Field{{Location: "body.files", Message: "holds an unknown file"}}}
		}
		f, err := w.File(id)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// Start makes a conversation with its first message. made is false where the key had made it before; then the
// conversation is given as it is now.
func (s *Service) Start(ctx context.Context, author desk.Person, n Start) (v View, made bool, err error) {
	if e := s.checkStart(author, n); e != nil {
		return v, false, e
	}
	people := set(append(slices.Clone(n.Participants), author.ID))
	if len(people) < 2 && n.Item == "" {
		return v, false, desk.NoRecipients()
	}
	if len(people) > desk.MaxParticipants {
		return v, false, desk.Invalid("body.participants", "a conversation has at most 1,000 participants")
	}
	h := hash("conversation", n.Kind, people, n.Subject, n.Item, n.Message.Body, some(n.Message.Files), set(n.Message.Mentions))
	err = s.write(ctx, func(w Writer, t *telling) error {
		made = false
		id := s.NewID()
		if n.Item != "" {
			if id, made, err = s.startOf(w, t, author, n, h); err != nil {
				return err
			}
			v, err = view(w, author, id)
			return err
		}
		if fresh, err := w.TakeKey(author.ID, n.Message.Key, h, id, t.at); err != nil {
			return err
		} else if !fresh {
			id, _, err = replay(w, author.ID, n.Message.Key, h)
			if err != nil {
				return err
			}
			v, err = view(w, author, id)
			return err
		}
		if err := checkPeople(w, people, n.Kind); err != nil {
			return err
		}
		made = true
		if err := s.start(w, t, author, id, people, n); err != nil {
			return err
		}
		v, err = view(w, author, id)
		return err
	})
	if err != nil {
		return View{}, false, err
	}
	return v, made, nil
}

func (s *Service) checkStart(author desk.Person, n Start) error {
	if author.Kind != desk.User {
		return desk.ErrForbidden // a customer's conversation begins with what arrives from them, by mail or chat
	}
	if e := desk.CheckSubject("body.subject", n.Subject); e != nil {
		return e
	}
	if e := desk.CheckKey(n.Message.Key); e != nil {
		return e
	}
	if e := desk.CheckBody("body.message.body", n.Message.Body, len(n.Message.Files)); e != nil {
		return e
	}
	return nil
}

func checkPeople(r Reader, ids []string, kind desk.ConversationKind) error {
	known, err := r.People(ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		p, ok := known[id]
		if !ok {
			return desk.UnknownPerson("body.participants")
		}
		if e := desk.MayStand(p, kind); e != nil {
			return e
		}
	}
	return nil
}

func (s *Service) start(w Writer, t *telling, author desk.Person, id string, people []string, n Start) error {
	c := desk.Conversation{ID: id, Kind: n.Kind, Subject: n.Subject, State: open, Item: n.Item, CreatedAt: t.at, LastAt: t.at, Audience: 1, Version: 1, Shown: 1}
	if err := w.InsertConversation(c); err != nil {
		return err
	}
	for _, p := range people {
		if err := w.PutStanding(id, desk.Standing{Person: p, Participant: true, HistoryFrom: 1}); err != nil {
			return err
		}
	}
	told, err := audience(w, c)
	if err != nil {
		return err
	}
	t.tell(desk.ConversationCreated, id, "", told)
	m := desk.Message{ID: s.NewID(), Conversation: id, Author: author.ID, Key: n.Message.Key, CreatedAt: t.at}
	_, err = s.add(w, t, author, c, m, n.Message)
	return err
}
