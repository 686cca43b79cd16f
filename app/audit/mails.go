package audit

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/uuid"

	"recado/app/client"
	"recado/app/wire"
)

// Mails posts the texts of real mails and looks whether they arrive as they were.
type Mails struct {
	Program       *Program
	Texts         []Text
	People        int
	Conversations int
	Messages      int // texts are taken in turn, again from the first one where they run out
	Log           io.Writer
}

// Run posts, then compares what every person has in the feed, in the snapshot and in a client's cache with what was
// typed. The error lists what differs.
func (a Mails) Run(ctx context.Context) error {
	if err := a.Program.Start(ctx); err != nil {
		return err
	}
	defer a.Program.Stop()
	team, err := a.Program.Team(ctx, a.People)
	if err != nil {
		return err
	}
	posted := &mailRun{Mails: a, team: team, stands: map[string][]int{}, typed: map[string]fact{}}
	if err := posted.postAll(ctx); err != nil {
		return err
	}
	var wrong []string
	for i := range team {
		w, err := posted.compare(ctx, i)
		if err != nil {
			return fmt.Errorf("%s: %w", team[i].Email, err)
		}
		wrong = append(wrong, w...)
	}
	fmt.Fprintf(a.Log, "%d messages from %d mails, %d people, %d conversations; %d things wrong\n",
		len(posted.typed), len(a.Texts), a.People, a.Conversations, len(wrong))
	return listed(wrong)
}

type mailRun struct {
	Mails
	team          []*Speaker
	conversations []wire.Conversation

	mu     sync.Mutex
	stands map[string][]int // conversation to the people in it
	typed  map[string]fact
}

// postAll gives each conversation to one writer after the other, in as many lines as there are people.
func (r *mailRun) postAll(ctx context.Context) error {
	failed := make(chan error, r.People)
	for line := range r.People {
		go func() {
			var err error
			for c := line; c < r.Conversations && err == nil; c += r.People {
				err = r.fill(ctx, c)
			}
			failed <- err
		}()
	}
	var first error
	for range r.People {
		if err := <-failed; first == nil {
			first = err
		}
	}
	return first
}

// fill starts conversation c, of two to five people, and posts its share of the texts.
func (r *mailRun) fill(ctx context.Context, c int) error {
	size := min(2+c%4, r.People)
	people, ids := []int{}, []string{}
	for i := range size {
		p := (c + i*(1+c/r.People%2)) % r.People
		people = append(people, p)
		if i > 0 {
			ids = append(ids, r.team[p].Person.ID)
		}
	}
	t := r.Texts[c%len(r.Texts)]
	var v wire.Conversation
	err := r.team[people[0]].insist(ctx, "POST", "/conversations", wire.NewConversation{Key: uuid.NewString(), Kind: "internal",
		Participants: ids, Subject: t.Subject, Message: wire.NewMessage{Body: t.Body}}, &v)
	if err != nil {
		return fmt.Errorf("start with text %d: %w", c%len(r.Texts), err)
	}
	r.mu.Lock()
	r.conversations = append(r.conversations, v)
	r.stands[v.ID] = people
	r.typed[v.LastMessage.ID] = fact{v.ID, 1, r.team[people[0]].Person.ID, t.Body}
	r.mu.Unlock()
	if v.Subject != t.Subject {
		return fmt.Errorf("the subject of text %d is not as it was typed", c%len(r.Texts))
	}
	number := int64(1)
	for n := c + r.Conversations; n < r.Messages; n += r.Conversations {
		author, body := r.team[people[n/r.Conversations%len(people)]], r.Texts[n%len(r.Texts)].Body
		m, err := author.post(ctx, v.ID, uuid.NewString(), body)
		if err != nil {
			return fmt.Errorf("post text %d: %w", n%len(r.Texts), err)
		}
		number++
		r.mu.Lock()
		r.typed[m.ID] = fact{v.ID, number, author.Person.ID, body}
		r.mu.Unlock()
	}
	return nil
}

func (r *mailRun) compare(ctx context.Context, i int) (wrong []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*settle)
	defer cancel()
	s, expected := r.team[i], map[string]fact{}
	for id, f := range r.typed {
		for _, p := range r.stands[f.conversation] {
			if p == i {
				expected[id] = f
			}
		}
	}
	head, err := s.head(ctx)
	if err != nil {
		return nil, err
	}
	reader, err := s.reread(ctx, head)
	if err != nil {
		return nil, err
	}
	told, wrong, _ := reader.result()
	if err := s.complete(ctx, told); err != nil {
		return nil, err
	}
	wrong = append(wrong, verify(s.Email+" (feed)", told, expected)...)
	cached, err := r.cached(ctx, s, i, head)
	return append(wrong, verify(s.Email+" (cache)", cached, expected)...), err
}

// complete fetches the messages that were too large for the feed.
func (s *Speaker) complete(ctx context.Context, told []wire.Message) error {
	for i := range told {
		if !told[i].Truncated {
			continue
		}
		id := told[i].ID
		if err := s.insist(ctx, "GET", "/messages/"+id, nil, &told[i]); err != nil {
			return fmt.Errorf("fetch a large message: %w", err)
		}
		told[i].Truncated = false
	}
	return nil
}

// cached is what a client that signs in now, and so begins with the snapshot, ends up with.
func (r *mailRun) cached(ctx context.Context, s *Speaker, i int, head int64) ([]wire.Message, error) {
	dir := filepath.Join(r.Program.Data, fmt.Sprintf("client%d", i))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	c, err := client.Open(ctx, client.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if _, err := c.SignIn(ctx, s.Base, s.Email, password, "audit client"); err != nil {
		return nil, err
	}
	if err := awaitClient(ctx, c, head); err != nil {
		return nil, err
	}
	return cacheOf(ctx, c, r.conversations)
}
