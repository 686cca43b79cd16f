package audit

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"recado/app/wire"
)

// ChatLoad measures the live chat of one node from outside: visitors of several web sites, each with a session, a
// conversation and an open stream, while agents write to them, and while visitors of one site flood the server. What it
// counts it checks: each message arrives once, in order, and at nobody else's stream.
//
// Every visitor comes from a network address of their own, which the server takes from the load as from a proxy.
type ChatLoad struct {
	Program  *Program
	Visitors int           // at least 8
	Agents   int           // who write; each has a stream, too
	Rate     int           // messages a second that agents write, and as many visitors
	Each     time.Duration // how long one measurement lasts
	Flood    int           // messages a second that visitors of one site write, most of them more than it may
	Log      io.Writer
}

// visitorsPerSite stays below what one site may begin in a minute.
const visitorsPerSite = 250

// guest is a visitor of a site with a stream.
type guest struct {
	*Speaker
	conversation string
	stream       *rawStream
}

// chatRun is one load of the chat under way. The first site is the one that floods.
type chatRun struct {
	ChatLoad
	agents  []*Speaker
	sites   [][]*guest
	guests  []*guest
	streams []*rawStream // of the agents
	now     atomic.Pointer[tally]
	failed  chan error
	over    atomic.Bool // streams end by our own doing
}

// Run prints one line for each measurement. An error means that it could not be measured, or that something was lost,
// twice, out of order, or at the wrong visitor's.
func (l ChatLoad) Run(ctx context.Context) error {
	run := &chatRun{ChatLoad: l, failed: make(chan error, 1)}
	l.Program.Flags = append(slices.Clone(l.Program.Flags), "--trusted-proxy", "127.0.0.1")
	if err := l.Program.Start(ctx); err != nil {
		return err
	}
	defer l.Program.Stop()
	defer run.leave()
	if err := run.meet(ctx); err != nil {
		return fmt.Errorf("let visitors and agents meet: %w", err)
	}
	for _, step := range []func(context.Context) error{run.connect, run.answered, run.flooded, run.left} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (run *chatRun) say(what, format string, args ...any) {
	say(run.Log, run.Program, what, format, args...)
}

// meet makes agents, sites and visitors, each of whom writes once.
func (run *chatRun) meet(ctx context.Context) (err error) {
	if run.agents, err = run.Program.team(ctx, run.Agents, "admin"); err != nil {
		return err
	}
	began := time.Now()
	run.sites = make([][]*guest, max(2, (run.Visitors+visitorsPerSite-1)/visitorsPerSite))
	ids := make([]string, len(run.sites))
	for i := range ids {
		var site wire.Site
		if err := run.agents[0].call(ctx, "POST", "/sites", map[string]string{"name": fmt.Sprintf("Site %d", i+1)}, &site); err != nil {
			return err
		}
		ids[i] = site.ID
	}
	run.guests = make([]*guest, run.Visitors)
	err = spreadWork(len(run.guests), func(i int) (err error) {
		run.guests[i], err = run.welcome(ctx, ids[i%len(ids)], i)
		return err
	})
	if err != nil {
		return err
	}
	for i, g := range run.guests {
		run.sites[i%len(ids)] = append(run.sites[i%len(ids)], g)
	}
	run.say("visitors", "%d met after %.1f s: a session and a first message each, on %d sites", len(run.guests), time.Since(began).Seconds(), len(ids))
	return nil
}

func (run *chatRun) welcome(ctx context.Context, site string, n int) (*guest, error) {
	g := &guest{Speaker: &Speaker{Base: run.Program.Base(), http: run.agents[0].http, from: fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255)}}
	var begun wire.ChatSession
	if err := g.do(ctx, "POST", "/chat/v1/sessions", map[string]any{"site": site}, &begun); err != nil {
		return nil, err
	}
	g.token, g.Person = begun.Token, begun.Person
	var m wire.Message
	err := g.do(ctx, "POST", "/chat/v1/messages", wire.NewMessage{Key: newKey(), Body: someText()}, &m)
	g.conversation = m.Conversation
	return g, err
}

// connect opens everybody's stream on a server that has just started, and looks what each visitor costs it.
func (run *chatRun) connect(ctx context.Context) error {
	run.Program.Stop()
	if err := run.Program.Start(ctx); err != nil {
		return err
	}
	run.streams = make([]*rawStream, len(run.agents))
	for i, a := range run.agents {
		st, err := openNewest(ctx, a)
		if err != nil {
			return err
		}
		run.streams[i] = st
		go run.watch(st, i == 0)
	}
	before, worked, began := run.Program.memory(), run.Program.cpu(), time.Now()
	err := spreadWork(len(run.guests), func(i int) (err error) {
		g := run.guests[i]
		g.stream, err = openStreamAt(ctx, g.Speaker, "/chat/v1/feed", "")
		if err == nil {
			go run.listen(g)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("open %d streams (are there sockets enough? ulimit -n): %w", len(run.guests), err)
	}
	took, busy := time.Since(began), run.Program.cpu()-worked
	const quiet = 5 * time.Second
	worked = run.Program.cpu()
	if err := wait(ctx, quiet); err != nil {
		return err
	}
	run.say("connected", "%d in %.1f s (%.0f µs of the server's CPU each); %.1f kB each, %.1f %% of one core while quiet", len(run.guests), took.Seconds(),
		float64(busy.Microseconds())/float64(len(run.guests)), float64(run.Program.memory()-before)/float64(len(run.guests))/1e3,
		100*float64(run.Program.cpu()-worked)/float64(quiet))
	return nil
}

// answered lets agents write to visitors, one after the other, until their streams have everything. It is measured when
// the server has its connections to the database and they have prepared what they are asked: it has just started.
func (run *chatRun) answered(ctx context.Context) error {
	post := func(n int, key, body string) error {
		g := run.guests[n*7919%len(run.guests)]
		return run.agents[n%len(run.agents)].call(ctx, "POST", "/conversations/"+g.conversation+"/messages", wire.NewMessage{Key: key, Body: body}, nil)
	}
	if _, _, err := run.write(ctx, post); err != nil {
		return err
	}
	got, took, err := run.write(ctx, post)
	if err != nil {
		return err
	}
	run.say("agents write", "%.0f/s, at the visitor's after %s ms; memory %s", float64(len(got))/took.Seconds(), spreadOf(got), megabytes(run.Program.memory()))
	return nil
}

// flooded lets visitors of the other sites write, first alone, then while another site floods.
func (run *chatRun) flooded(ctx context.Context) error {
	alone, _, err := run.write(ctx, run.quietly(ctx))
	if err != nil {
		return err
	}
	run.say("visitors write", "at an agent's after %s ms", spreadOf(alone))
	f := run.flood(ctx)
	beside, took, err := run.write(ctx, run.quietly(ctx))
	f.end()
	if err != nil {
		return err
	}
	if err := f.err(); err != nil {
		return err
	}
	run.say("beside a flood", "at an agent's after %s ms; the flooded site asked %.0f times a second, %d taken, %d refused", spreadOf(beside),
		float64(f.taken.Load()+f.refused.Load())/took.Seconds(), f.taken.Load(), f.refused.Load())
	return nil
}

// quietly posts for visitors of all sites but the first, in turn: none of them so often that a limit is met.
func (run *chatRun) quietly(ctx context.Context) func(int, string, string) error {
	quiet := slices.Concat(run.sites[1:]...)
	return func(n int, key, body string) error {
		return quiet[n%len(quiet)].do(ctx, "POST", "/chat/v1/messages", wire.NewMessage{Key: key, Body: body}, nil)
	}
}

// left closes all streams at once, and waits until the server tells that nobody is connected any more.
func (run *chatRun) left(ctx context.Context) error {
	began := time.Now()
	run.leave()
	for {
		var page wire.Page[wire.ChatPresence]
		if err := run.agents[0].call(ctx, "GET", "/chats", nil, &page); err != nil {
			return err
		}
		if !slices.ContainsFunc(page.Items, func(p wire.ChatPresence) bool { return p.LeftAt == nil }) {
			break
		}
		if time.Since(began) > arrival {
			return fmt.Errorf("%v after all have left, some still count as here", arrival)
		}
		if err := wait(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	run.say("left", "all at once, noted after %.1f s", time.Since(began).Seconds())
	return nil
}

func (run *chatRun) leave() {
	run.over.Store(true)
	for _, g := range run.guests {
		if g != nil && g.stream != nil {
			g.stream.conn.Close()
		}
	}
	closeStreams(run.streams)
}
