package audit

import (
	"context"
	"fmt"
	"io"
	"time"

	"recado/app/wire"
)

// Load measures a server from outside: how fast messages come in and reach their readers, and what streams cost.
// Everything is bounded in time and count, and what it counts it checks: nothing lost, nothing twice, in order.
type Load struct {
	Program *Program
	// Each is how long one measurement of posting lasts.
	Each time.Duration
	// Senders are the numbers of connections that post at full speed, one measurement for each.
	Senders []int
	// People is how many stand in the conversation whose messages fan out, each with one stream.
	People int
	// Streams is how many idle streams are opened, as far as the system gives sockets.
	Streams int
	Log     io.Writer
}

const (
	textBytes   = 200 // of each message posted
	pacedRate   = 50  // messages a second of the unhurried measurement
	fanOuts     = 40  // messages that fan out
	replayed    = 10_000
	mostPerLoad = 400_000 // messages of one measurement
	arrival     = 30 * time.Second
)

// loadRun is one load under way.
type loadRun struct {
	Load
	admin  *Speaker
	people []*Speaker
}

// Run prints one line for each measurement, each with the time the disk took just before to make 4 KiB durable. An
// error means that it could not be measured, or that something was lost, twice or out of order.
func (l Load) Run(ctx context.Context) error {
	run := &loadRun{Load: l}
	if err := l.Program.Start(ctx); err != nil {
		return err
	}
	defer l.Program.Stop()
	run.say("memory at start", "%s", megabytes(run.Program.memory()))
	began := time.Now()
	if err := run.enlist(ctx); err != nil {
		return fmt.Errorf("enlist people: %w", err)
	}
	run.say("people", "%d signed in after %.1f s", len(run.people), time.Since(began).Seconds())
	for _, step := range []func(context.Context) error{run.paced, run.fullSpeed, run.replay, run.fanOut, run.idle} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (run *loadRun) say(what, format string, args ...any) {
	say(run.Log, run.Program, what, format, args...)
}

// say prints one line, with the time the disk takes just now.
func say(to io.Writer, p *Program, what, format string, args ...any) {
	p50, p99 := diskTimes(p.Data)
	fmt.Fprintf(to, "%-22s %s   [disk %.2f / %.2f ms]\n", what, fmt.Sprintf(format, args...), p50, p99)
}

func (run *loadRun) paced(ctx context.Context) error {
	got, err := run.post(ctx, 1, time.Second/pacedRate)
	if err == nil {
		run.say("posted at 50/s", "received after %s ms, answered after %s ms", got.received, got.answered)
	}
	return err
}

func (run *loadRun) fullSpeed(ctx context.Context) error {
	for _, n := range run.Senders {
		got, err := run.post(ctx, n, 0)
		if err != nil {
			return err
		}
		run.say(fmt.Sprintf("%d senders", n), "%6.0f messages/s, received after %s ms, answered after %s ms, %.0f µs of the server's CPU each",
			float64(got.count)/got.took.Seconds(), got.received, got.answered, float64(got.cpu.Microseconds())/float64(got.count))
	}
	return nil
}

// posting is what one measurement of posting gives.
type posting struct {
	count              int
	took, cpu          time.Duration
	received, answered spread
}

// post lets n connections post, each in a conversation of its own, one message after the other (or one each pace), to
// readers who follow their feeds. It answers once all of it has arrived.
func (run *loadRun) post(ctx context.Context, n int, pace time.Duration) (got posting, err error) {
	lanes := make([]*lane, n)
	for i := range lanes {
		// The first half of eight people writes, the other half reads.
		if lanes[i], err = run.openLane(ctx, run.people[i%4], run.people[4+i%4], min(mostPerLoad/n, 100_000)); err != nil {
			return got, err
		}
		defer lanes[i].conn.Close()
	}
	readers, stop, err := run.follow(ctx, lanes)
	if err != nil {
		return got, err
	}
	defer stop()
	before, began := run.Program.cpu(), time.Now()
	if err := together(lanes, func(l *lane) error { return l.write(ctx, began.Add(run.Each), pace) }); err != nil {
		return got, err
	}
	got.took = time.Since(began)
	for _, r := range readers {
		if err := r.awaitAll(ctx); err != nil {
			return got, err
		}
	}
	got.cpu = run.Program.cpu() - before
	var received, answered []time.Duration
	for _, l := range lanes {
		got.count += len(l.answered)
		answered, received = append(answered, l.answered...), append(received, l.received...)
	}
	got.received, got.answered = spreadOf(received), spreadOf(answered)
	return got, nil
}

// openLane starts the conversation of one connection.
func (run *loadRun) openLane(ctx context.Context, author, reader *Speaker, most int) (*lane, error) {
	v, err := author.start(ctx, newKey(), "the first", reader.Person.ID)
	if err != nil {
		return nil, err
	}
	conn, err := dial(ctx, author.Base)
	if err != nil {
		return nil, err
	}
	return newLane(author, reader, v.ID, conn, most), nil
}

// follow opens one stream for each reader of lanes, from the newest entry on.
func (run *loadRun) follow(ctx context.Context, lanes []*lane) ([]*follower, func(), error) {
	byPerson := map[string]*follower{}
	var all []*follower
	stop := func() {
		for _, f := range all {
			f.stream.conn.Close()
		}
	}
	for _, l := range lanes {
		f := byPerson[l.reader.Person.ID]
		if f == nil {
			s, err := openNewest(ctx, l.reader)
			if err != nil {
				stop()
				return nil, nil, err
			}
			f = newFollower(s)
			byPerson[l.reader.Person.ID] = f
			all = append(all, f)
		}
		f.lanes[l.conversation] = l
	}
	for _, f := range all {
		f.begin()
	}
	return all, stop, nil
}

// enlist makes the people of the load: an administrator adds them, each accepts the invitation.
func (run *loadRun) enlist(ctx context.Context) error {
	team, err := run.Program.team(ctx, 1, "admin")
	if err != nil {
		return err
	}
	run.admin = team[0]
	run.people = make([]*Speaker, max(run.People, 8))
	return spreadWork(len(run.people), func(i int) (err error) {
		run.people[i], err = run.admin.invite(ctx, i)
		return err
	})
}

// invite adds a user and accepts the invitation.
func (s *Speaker) invite(ctx context.Context, n int) (*Speaker, error) {
	p := &Speaker{Base: s.Base, Email: fmt.Sprintf("reader%04d@example.test", n), http: s.http}
	var added struct {
		Invitation string `json:"invitation"`
	}
	if err := s.call(ctx, "POST", "/people", map[string]string{"kind": "user", "name": fmt.Sprintf("Reader %04d", n), "email": p.Email}, &added); err != nil {
		return nil, err
	}
	var got wire.Session
	err := s.call(ctx, "POST", "/invitations/accept", map[string]string{"token": afterHash(added.Invitation), "password": password, "device": "load"}, &got)
	p.token, p.Person = got.Token, got.Person
	return p, err
}
