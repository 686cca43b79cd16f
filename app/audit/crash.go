package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"recado/app/client"
	"recado/app/wire"
)

// Crash says how long, and on what, the server is killed.
type Crash struct {
	Program  *Program
	Duration time.Duration
	// Between is how long the server lives at most between two kills; each life is a random part of it.
	Between time.Duration
	Log     io.Writer
}

const (
	crashPeople  = 4
	crashSenders = 3 // per person
	settle       = 60 * time.Second
)

// crashRun is one audit under way.
type crashRun struct {
	Crash
	team          []*Speaker
	readers       []*Reader
	clients       []*client.Client
	conversations []wire.Conversation

	mu           sync.Mutex
	acknowledged map[string]fact
	typed        map[string]int // bodies handed to an outbox, and how often they were found at the server
	kills        int
	findings     []string
}

// Run lets people write and read while the server is killed at random moments and started again. Afterwards every
// acknowledged message must stand exactly once, in order and with its text, in the feed (as followed through all the
// breaks, and as read anew) and in the client cache of everybody in its conversation, and `recado check` must be
// content. The error lists what is wrong.
func (c Crash) Run(ctx context.Context) error {
	run := &crashRun{Crash: c, acknowledged: map[string]fact{}, typed: map[string]int{}}
	if err := c.Program.Start(ctx); err != nil {
		return err
	}
	defer c.Program.Stop()
	if err := run.prepare(ctx); err != nil {
		return err
	}
	defer run.closeClients()
	following, stopFollowing := context.WithCancel(ctx)
	var readers sync.WaitGroup
	for _, r := range run.readers {
		readers.Go(func() { r.follow(following) })
	}
	err := run.storm(ctx)
	if err == nil {
		err = run.judge(ctx)
	}
	stopFollowing()
	readers.Wait()
	return err
}

func (run *crashRun) prepare(ctx context.Context) (err error) {
	if run.team, err = run.Program.Team(ctx, crashPeople); err != nil {
		return err
	}
	for i, s := range run.team {
		run.readers = append(run.readers, newReader(s))
		dir := filepath.Join(run.Program.Data, fmt.Sprintf("client%d", i))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		c, err := client.Open(ctx, client.Options{Dir: dir, Backoff: func(int) time.Duration { return 30 * time.Millisecond }})
		if err != nil {
			return err
		}
		run.clients = append(run.clients, c)
		if _, err := c.SignIn(ctx, s.Base, s.Email, password, "audit client"); err != nil {
			return fmt.Errorf("sign in a client: %w", err)
		}
		if err := run.begin(ctx, s, run.team[(i+1)%len(run.team)]); err != nil {
			return err
		}
	}
	return run.begin(ctx, run.team[0], run.team[1:]...)
}

// begin starts a conversation between people.
func (run *crashRun) begin(ctx context.Context, author *Speaker, others ...*Speaker) error {
	var ids []string
	for _, o := range others {
		ids = append(ids, o.Person.ID)
	}
	v, err := author.start(ctx, uuid.NewString(), "the first", ids...)
	if err != nil {
		return fmt.Errorf("start a conversation: %w", err)
	}
	run.conversations = append(run.conversations, v)
	return run.note(ctx, author, v)
}

func (run *crashRun) note(ctx context.Context, s *Speaker, v wire.Conversation) error {
	var page wire.Page[wire.Message]
	if err := s.insist(ctx, "GET", "/conversations/"+v.ID+"/messages", nil, &page); err != nil {
		return err
	}
	for _, m := range page.Items {
		run.acknowledged[m.ID] = factOf(m)
	}
	return nil
}

// storm is the time of writing and killing. It ends with the server up and every post answered.
func (run *crashRun) storm(ctx context.Context) error {
	over, stop := context.WithTimeout(ctx, run.Duration)
	defer stop()
	var writers sync.WaitGroup
	for i, s := range run.team {
		for range crashSenders {
			writers.Go(func() { run.write(ctx, over, s) })
		}
		writers.Go(func() { run.typeInto(over, run.clients[i], s) })
	}
	err := run.killer(ctx, over)
	stop()
	writers.Wait()
	return err
}

func (run *crashRun) killer(ctx, over context.Context) error {
	for {
		select {
		case <-over.Done():
			return ctx.Err()
		case <-time.After(run.Between/10 + rand.N(run.Between)):
		}
		run.Program.Kill()
		if err := run.Program.Start(ctx); err != nil {
			return fmt.Errorf("start again after a kill: %w", err)
		}
		run.kills++
	}
}

// write posts one message after the other until the storm is over, each until it is answered.
func (run *crashRun) write(ctx, over context.Context, s *Speaker) {
	last := map[string]int64{}
	for over.Err() == nil {
		v := run.pick(s)
		m, err := s.post(ctx, v.ID, uuid.NewString(), "by REST "+uuid.NewString()+" ñ ☀ 𝄞")
		if err != nil {
			run.find("%s: a post was refused: %v", s.Email, err)
			return
		}
		if m.Number <= last[v.ID] {
			run.find("%s: number %d was given after %d", s.Email, m.Number, last[v.ID])
		}
		last[v.ID] = m.Number
		run.mu.Lock()
		run.acknowledged[m.ID] = factOf(m)
		run.mu.Unlock()
	}
}

// typeInto writes into a client's outbox, which takes a message whether the server stands or not.
func (run *crashRun) typeInto(over context.Context, c *client.Client, s *Speaker) {
	for over.Err() == nil {
		v := run.pick(s)
		body := "by outbox " + uuid.NewString()
		if _, err := c.Send(context.WithoutCancel(over), uuid.NewString(), v.ID, body, nil, nil); err != nil {
			// The client learns of the conversation from the feed, which may just be broken.
			var refused *client.Error
			if !errors.As(err, &refused) || refused.Code != "not-found" {
				run.find("%s: the outbox refused: %v", s.Email, err)
				return
			}
		} else {
			run.mu.Lock()
			run.typed[body] = 0
			run.mu.Unlock()
		}
		select {
		case <-over.Done():
		case <-time.After(rand.N(100 * time.Millisecond)):
		}
	}
}

func (run *crashRun) pick(s *Speaker) wire.Conversation {
	for {
		v := run.conversations[rand.IntN(len(run.conversations))]
		if stands(v, s.Person.ID) {
			return v
		}
	}
}

func stands(v wire.Conversation, person string) bool {
	for _, p := range v.Participants {
		if p.Person == person {
			return true
		}
	}
	return false
}

func (run *crashRun) find(format string, args ...any) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.findings = append(run.findings, fmt.Sprintf(format, args...))
}

func (run *crashRun) closeClients() {
	for _, c := range run.clients {
		c.Close()
	}
}

// expected is what a person must have.
func (run *crashRun) expected(person string) map[string]fact {
	all := maps.Clone(run.acknowledged)
	for _, v := range run.conversations {
		if stands(v, person) {
			continue
		}
		maps.DeleteFunc(all, func(_ string, f fact) bool { return f.conversation == v.ID })
	}
	return all
}
