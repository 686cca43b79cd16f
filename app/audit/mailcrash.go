package audit

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"recado/app/wire"
)

// MailCrash says how long, and on what, the server is killed while mails come in and go out.
type MailCrash struct {
	Program  *Program // without flags for mail: those are the audit's
	Duration time.Duration
	// Between is how long the server lives at most between two kills; each life is a random part of it.
	Between time.Duration
	Log     io.Writer
}

const (
	mailAgents  = 4
	mailWriters = 4 // who bring mails in, at the same time
	// mailAfter is how long a message may stay unseen by a user before it is mailed.
	mailAfter = 2 * time.Second
	// mailSettle is how long everything may take to come to an end once the server stays up. It is longer than what was
	// leaving, or being placed, when a node was killed belongs to that node.
	mailSettle = 2 * time.Minute
	teamMail   = "support@acme.example"
)

// room is a conversation of the audit: who stands there, by person and by address.
type room struct {
	id     string
	who    map[string]string
	seenTo map[string]int64 // by person: up to where the server was asked to note it as seen
}

// written is a message an agent posted.
type written struct {
	message wire.Message
	room    *room
}

// seenBy names a message and who saw it.
type seenBy struct{ mark, person string }

// mailStorm is one audit under way.
type mailStorm struct {
	MailCrash
	sink   *sink
	listen string
	team   []*Speaker

	mu       sync.Mutex
	posted   map[string]*written // by mark
	inTime   map[seenBy]bool     // the server confirmed it before the mail was due
	brought  map[string]*brought // by mark
	turns    map[string]*sync.Mutex
	answers  map[string]int // mails written by a customer
	kills    []time.Time    // when the server stopped for good: at a kill, or when it was frozen before that
	freezes  int
	findings []string
}

// Run lets agents and customers write to each other by mail while the server is killed, and sometimes frozen, at random
// moments, and while the mail server it sends to postpones, dawdles, and hangs up before and after it kept a mail. At
// the end each mail that was answered 250 must be exactly one message or one held mail, with its text and files, in
// its sender's order; each delivery that was due must lie at the mail server, more than once only where an answer was
// lost, and then under one Message-ID with one text; nothing that was seen in time; and the ledger must say so.
func (c MailCrash) Run(ctx context.Context) error {
	run := &mailStorm{MailCrash: c, posted: map[string]*written{}, inTime: map[seenBy]bool{}, brought: map[string]*brought{},
		turns: map[string]*sync.Mutex{}, answers: map[string]int{}}
	var err error
	if run.sink, err = newSink(); err != nil {
		return err
	}
	defer run.sink.close()
	if run.listen, err = freeAddress(); err != nil {
		return err
	}
	c.Program.Flags = []string{"--smtp", "smtp://" + run.sink.address, "--mail-from", "Acme <" + teamMail + ">", "--mail-listen", run.listen, "--mail-auth-server", "mx.acme.example",
		"--email-after", mailAfter.String()}
	if err := c.Program.Start(ctx); err != nil {
		return err
	}
	defer c.Program.Stop()
	if run.team, err = c.Program.Team(ctx, mailAgents); err != nil {
		return err
	}
	run.sink.unkind.Store(true)
	if err := run.storm(ctx); err != nil {
		return err
	}
	run.sink.unkind.Store(false)
	return run.judge(ctx)
}

// freeAddress is one nobody listens on just now: the server must come back to the same address after each kill.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// storm is the time of writing and killing. It ends with the server up and every post and mail answered.
func (run *mailStorm) storm(ctx context.Context) error {
	over, stop := context.WithTimeout(ctx, run.Duration)
	defer stop()
	var writers sync.WaitGroup
	for i, s := range run.team {
		writers.Go(func() { run.writeToCustomers(ctx, over, s, i) })
		other := run.team[(i+1)%len(run.team)]
		for _, way := range []seeing{never, atOnce, sometime} {
			writers.Go(func() { run.writeToUser(ctx, over, s, other, way) })
		}
	}
	for i := range mailWriters {
		writers.Go(func() { run.writeMails(ctx, over, i) })
	}
	writers.Go(func() { run.hurrySome(ctx, over) })
	err := run.killer(ctx, over)
	stop()
	writers.Wait()
	return err
}

func (run *mailStorm) killer(ctx, over context.Context) error {
	for {
		if wait(over, run.Between/10+rand.N(run.Between)) != nil {
			return ctx.Err()
		}
		end := time.Now()
		if rand.IntN(3) == 0 {
			pid := run.Program.pid()
			freeze(pid)
			run.freezes++
			wait(ctx, rand.N(600*time.Millisecond))
			if rand.IntN(2) == 0 {
				thaw(pid)
				continue
			}
		}
		run.Program.Kill()
		run.mu.Lock()
		run.kills = append(run.kills, end)
		run.mu.Unlock()
		if err := run.Program.Start(ctx); err != nil {
			return fmt.Errorf("start again after a kill: %w", err)
		}
	}
}

// seeing is what a recipient does with a message.
type seeing int

const (
	never seeing = iota
	atOnce
	sometime
)

// writeToUser posts to a colleague, who sees the messages, or does not.
func (run *mailStorm) writeToUser(ctx, over context.Context, s, other *Speaker, way seeing) {
	r := &room{who: map[string]string{s.Person.ID: s.Email, other.Person.ID: other.Email}, seenTo: map[string]int64{}}
	for over.Err() == nil {
		p, err := run.write(ctx, s, r, "internal", other.Person.ID)
		if err != nil {
			run.find("%s: a post was refused: %v", s.Email, err)
			return
		}
		switch way {
		case never:
			wait(over, 50*time.Millisecond+rand.N(500*time.Millisecond))
		case atOnce:
			run.see(ctx, other, p)
			wait(over, rand.N(200*time.Millisecond))
		case sometime:
			wait(ctx, rand.N(2*mailAfter))
			run.see(ctx, other, p)
		}
	}
}

// see notes a message, and all before it, as seen.
func (run *mailStorm) see(ctx context.Context, s *Speaker, p *written) {
	run.mu.Lock()
	p.room.seenTo[s.Person.ID] = p.message.Number
	run.mu.Unlock()
	err := s.insist(ctx, "PUT", "/conversations/"+p.room.id+"/seen", map[string]int64{"upTo": p.message.Number}, nil)
	if err != nil {
		run.find("%s: seen was refused: %v", s.Email, err)
		return
	}
	if time.Now().Before(p.message.CreatedAt.Add(mailAfter)) {
		run.mu.Lock()
		run.inTime[seenBy{markForm.FindString(p.message.Body), s.Person.ID}] = true
		run.mu.Unlock()
	}
}

// write posts one message, and begins the conversation with the first.
func (run *mailStorm) write(ctx context.Context, s *Speaker, r *room, kind string, with ...string) (*written, error) {
	body := "Message " + newMark() + " ñ ☀"
	p := &written{room: r}
	var err error
	if r.id != "" {
		p.message, err = s.post(ctx, r.id, newKey(), body)
	} else {
		var v wire.Conversation
		err = s.insist(ctx, "POST", "/conversations", wire.NewConversation{Key: newKey(), Kind: kind, Participants: with, Subject: "Order",
			Message: wire.NewMessage{Body: body}}, &v)
		if err == nil && v.LastMessage != nil {
			r.id, p.message = v.ID, *v.LastMessage
		}
	}
	if err != nil {
		return nil, err
	}
	run.mu.Lock()
	defer run.mu.Unlock()
	run.posted[markForm.FindString(body)] = p
	return p, nil
}

// writeToCustomers posts to customers, a new one now and then.
func (run *mailStorm) writeToCustomers(ctx, over context.Context, s *Speaker, i int) {
	var rooms []*room
	for n := 0; over.Err() == nil; n++ {
		var err error
		if len(rooms) == 0 || rand.IntN(5) == 0 {
			var c wire.Person
			address := fmt.Sprintf("buyer%d.%d@shop.example", i, n)
			if err = s.insist(ctx, "POST", "/people", map[string]string{"kind": "customer", "name": "Buyer", "email": address}, &c); err == nil {
				r := &room{who: map[string]string{s.Person.ID: s.Email, c.ID: address}, seenTo: map[string]int64{}}
				_, err = run.write(ctx, s, r, "customer", c.ID)
				rooms = append(rooms, r)
			}
		} else {
			_, err = run.write(ctx, s, rooms[rand.IntN(len(rooms))], "customer")
		}
		// Adding is no call with a key: one that was repeated finds its own customer there.
		if err != nil && !isTaken(err) {
			run.find("%s: writing to a customer was refused: %v", s.Email, err)
			return
		}
		wait(over, rand.N(250*time.Millisecond))
	}
}

// hurrySome asks now and then for what is planned to leave now, as an agent may.
func (run *mailStorm) hurrySome(ctx, over context.Context) {
	for wait(over, 100*time.Millisecond) == nil {
		run.mu.Lock()
		var some []*written
		for _, p := range run.posted { // in no order
			if some = append(some, p); len(some) == 5 {
				break
			}
		}
		run.mu.Unlock()
		for _, p := range some {
			if _, err := run.hurry(over, p.message.ID); err != nil && over.Err() == nil {
				run.find("a ledger can't be asked: %v", err)
			}
		}
	}
}

func (run *mailStorm) find(format string, args ...any) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.findings = append(run.findings, fmt.Sprintf(format, args...))
}
