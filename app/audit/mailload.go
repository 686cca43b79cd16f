package audit

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"recado/app/wire"
)

// MailLoad measures how fast mails leave that are all due at once, and how much that slows those who write meanwhile.
type MailLoad struct {
	Program *Program // without flags for mail: those are the load's
	Mails   int      // due at once, in each of the measurements
	// Sink is the HOST:PORT of a mail server to send to; empty for one of the load's own, which asks of each mail whether
	// it came once.
	Sink string
	Each time.Duration // how long posting is measured while nothing leaves
	Log  io.Writer
}

const (
	mailPeople   = 1000 // customers that mails go to: each conversation has 25 of them, and each few mails an hour
	mailsEach    = 25
	mailSenders  = 16
	mailLoadTime = 5 * time.Minute
)

// mailLoad is one under way.
type mailLoad struct {
	MailLoad
	load      *loadRun
	sink      *sink // nil for another's
	valve     *valve
	customers []string
	left      int // mails that must have left until now
}

// Run prints what posting is like while nothing leaves, then how fast mails leave, and what posting is like meanwhile: at
// an unhurried pace, and at full speed. An error means that it could not be measured, or that a mail is missing or came
// twice.
func (l MailLoad) Run(ctx context.Context) error {
	run := &mailLoad{MailLoad: l, load: &loadRun{Load: Load{Program: l.Program, Each: l.Each, People: 8, Log: l.Log}}}
	if err := run.open(ctx); err != nil {
		return err
	}
	defer run.close()
	var quiet [2]posting
	for i, w := range mailWays {
		var err error
		if quiet[i], err = run.load.post(ctx, w.senders, w.pace); err != nil {
			return err
		}
		run.say(w.name+", nothing leaves", quiet[i])
	}
	if err := run.burst(ctx, "nobody writes", func(context.Context) error { return nil }); err != nil {
		return err
	}
	for _, w := range mailWays {
		if err := run.burst(ctx, w.name, func(ctx context.Context) error {
			got, err := run.load.post(ctx, w.senders, w.pace)
			if err == nil {
				run.say(w.name+", mails leave", got)
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

var mailWays = []struct {
	name    string
	senders int
	pace    time.Duration
}{{"posted at 50/s", 1, time.Second / pacedRate}, {fmt.Sprintf("%d senders", mailSenders), mailSenders, 0}}

func (run *mailLoad) say(what string, got posting) {
	run.load.say(what, "%6.0f messages/s, received after %s ms, answered after %s ms", float64(got.count)/got.took.Seconds(), got.received, got.answered)
}

func (run *mailLoad) open(ctx context.Context) (err error) {
	behind := run.Sink
	if behind == "" {
		if run.sink, err = newSink(); err != nil {
			return err
		}
		run.sink.counting = true
		behind = run.sink.address
	}
	if run.valve, err = newValve(behind); err != nil {
		return err
	}
	run.Program.Flags = []string{"--smtp", "smtp://" + run.valve.address, "--mail-from", "Acme <" + teamMail + ">",
		"--email-after", "24h"} // what is posted is mailed to nobody
	if err := run.Program.Start(ctx); err != nil {
		return err
	}
	if err := run.load.enlist(ctx); err != nil {
		return fmt.Errorf("enlist people: %w", err)
	}
	run.customers = make([]string, mailPeople)
	return spreadWork(mailPeople, func(i int) error {
		var p wire.Person
		err := run.load.admin.call(ctx, "POST", "/people", map[string]string{"kind": "customer",
			"name": fmt.Sprintf("Customer %04d", i), "email": fmt.Sprintf("customer%04d@example.test", i)}, &p)
		run.customers[i] = p.ID
		return err
	})
}

func (run *mailLoad) close() {
	run.Program.Stop()
	run.valve.close()
	if run.sink != nil {
		run.sink.close()
	}
}

// burst plans the mails while the mail server answers nobody, and lets it answer once all of them are due. meanwhile runs
// from then on; what it measures is of use as long as mails leave, which the line says.
func (run *mailLoad) burst(ctx context.Context, name string, meanwhile func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, mailLoadTime)
	defer cancel()
	run.valve.shut()
	began := time.Now()
	conversations := (run.Mails + mailsEach - 1) / mailsEach
	if err := spreadWork(conversations, func(i int) error { return run.write(ctx, i) }); err != nil {
		return err
	}
	planned := time.Since(began)
	run.left += conversations * mailsEach
	cpu := run.Program.cpu()
	run.valve.open()
	began = time.Now()
	beside := make(chan error, 1)
	go func() { beside <- meanwhile(ctx) }()
	took, err := run.awaitAll(ctx, began)
	if other := <-beside; err == nil {
		err = other
	}
	if err != nil {
		return err
	}
	n := conversations * mailsEach
	run.load.say("mails, "+name, "%d planned in %.1f s, left in %.1f s: %.0f/s, %.0f µs of the server's CPU each (with what was posted)",
		n, planned.Seconds(), took.Seconds(), float64(n)/took.Seconds(), float64((run.Program.cpu()-cpu).Microseconds())/float64(n))
	return run.judge()
}

// write begins a conversation with the next customers.
func (run *mailLoad) write(ctx context.Context, i int) error {
	with := make([]string, mailsEach)
	for k := range with {
		with[k] = run.customers[(i*mailsEach+k)%mailPeople]
	}
	author := run.load.people[i%len(run.load.people)]
	return author.call(ctx, "POST", "/conversations", wire.NewConversation{Key: newKey(), Kind: "customer", Participants: with,
		Message: wire.NewMessage{Body: someText()}}, &wire.Conversation{})
}

// awaitAll answers how long it took until the ledger says of all mails that they left.
func (run *mailLoad) awaitAll(ctx context.Context, began time.Time) (time.Duration, error) {
	for {
		var s wire.MailState
		if err := run.load.admin.call(ctx, "GET", "/mail/state", nil, &s); err != nil {
			return 0, err
		}
		if int(s.Out.SentLastHour) >= run.left {
			if run.sink != nil {
				return time.Unix(0, run.sink.newest.Load()).Sub(began), nil
			}
			return time.Since(began), nil
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return 0, fmt.Errorf("%d of %d mails left: %w", s.Out.SentLastHour, run.left, err)
		}
	}
}

func (run *mailLoad) judge() error {
	if run.sink == nil {
		return nil
	}
	run.sink.mu.Lock()
	defer run.sink.mu.Unlock()
	twice := 0
	for _, n := range run.sink.names {
		twice += n - 1
	}
	if missing := run.left - len(run.sink.names); missing != 0 || twice != 0 {
		return fmt.Errorf("%d mails are missing, %d came again", missing, twice)
	}
	return nil
}

// valve stands before a mail server and, while it is shut, keeps back what is sent to it, as a server does that is busy.
type valve struct {
	address string
	listen  net.Listener

	mu     sync.Mutex
	isOpen chan struct{} // closed while open
	wide   bool
	conns  map[net.Conn]bool
}

func newValve(behind string) (*valve, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	v := &valve{address: l.Addr().String(), listen: l, isOpen: make(chan struct{}), conns: map[net.Conn]bool{}}
	v.open()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go v.pass(c, behind)
		}
	}()
	return v, nil
}

func (v *valve) pass(c net.Conn, behind string) {
	defer c.Close()
	to, err := net.Dial("tcp", behind)
	if err != nil {
		return
	}
	defer to.Close()
	v.mu.Lock()
	v.conns[c] = true
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		delete(v.conns, c)
	}()
	go func() {
		_, _ = io.Copy(c, to)
		c.Close()
	}()
	b := make([]byte, 64<<10)
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		v.mu.Lock()
		pass := v.isOpen
		v.mu.Unlock()
		<-pass
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

func (v *valve) shut() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.wide {
		v.wide, v.isOpen = false, make(chan struct{})
	}
}

func (v *valve) open() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.wide {
		v.wide = true
		close(v.isOpen)
	}
}

func (v *valve) close() {
	v.open()
	v.listen.Close()
	v.mu.Lock()
	defer v.mu.Unlock()
	for c := range v.conns {
		c.Close()
	}
}
