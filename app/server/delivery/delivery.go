// Package delivery is the worker that finds what is due to leave and hands it to the mailer. What is due stands in the
// database alone: the worker keeps nothing that a kill could lose, and several of them, on several nodes, share the work
// by leases.
package delivery

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"recado/app/desk"
)

// How the worker works.
const (
	// Lease is how long a letter belongs to who claimed it, or last said that it is still being handed over. After a kill
	// the same letter is tried again when it ends.
	Lease = 40 * time.Second
	// renewEvery is how often a letter's lease is made longer while it is being handed over.
	renewEvery = 10 * time.Second
	// sure is how long after claiming or renewing a letter is surely nobody else's, though the clocks of nodes differ. What
	// was held up for longer (the process stood still, the database was away) no longer lets a letter go.
	sure = Lease - 15*time.Second
	// handOver is how long handing over may take in all.
	handOver = 150 * time.Second
	// askEvery is how long the worker sleeps at most: what another node planned, or a clock that was set forward, is
	// noticed by then.
	askEvery = 3 * time.Second
	// pause is how long a call is left alone that could not be claimed, and the database after it gave an error.
	pause = time.Second
	// parting is how long letters under way have at a shutdown.
	parting = 5 * time.Second
	// setBack is how far the clock must go back to have been set.
	setBack = 10 * time.Second
	// settleTries bounds how often an outcome is written that could not be.
	settleTries = 20
	// Hands is how many letters are handed over at the same time.
	Hands = 8
)

// Ledger is where deliveries stand.
type Ledger interface {
	// Due lists what is due, the longest overdue first, and when the next of all planned is due (zero for nothing).
	Due(ctx context.Context) (calls []desk.Call, next time.Time, err error)
	// Claim makes the letter of a call and leases it; ok is false where nothing is to be handed over now.
	Claim(ctx context.Context, call desk.Call, lease time.Duration) (l desk.Letter, ok bool, err error)
	// Renew makes a letter's lease last from now on; ok is false where it is somebody else's by now. until is what Settle
	// must know it by.
	Renew(ctx context.Context, l desk.Letter, lease time.Duration) (until int64, ok bool, err error)
	// Settle writes how handing it over ended.
	Settle(ctx context.Context, l desk.Letter, o desk.Outcome) error
	// Reclock plans anew what was planned by a clock that was ahead.
	Reclock(ctx context.Context) error
}

// Mailer composes a letter and hands it to a mail server. It answers with the truth as far as it is known: Unknown only
// where the letter was handed over whole and no answer came. The same letter makes the same mail, with the same
// Message-ID, however often it is tried. Before it lets the last of a letter go it asks ours: where that says no, the
// letter may be another node's by now, and the answer is Later.
type Mailer interface {
	Mail(ctx context.Context, l desk.Letter, ours func() bool) desk.Outcome
}

// Stats counts how handing over ended, for the metrics.
type Stats struct {
	Accepted, Refused, Later, Unknown atomic.Int64
	// Overdue is for how long the longest overdue has been due, in milliseconds, when the worker last looked.
	Overdue atomic.Int64
}

// Worker hands over what is due. One runs on each node.
type Worker struct {
	Ledger Ledger
	Mailer Mailer
	Log    *slog.Logger
	Now    func() time.Time // the clock on the wall, which may be set
	Stats  Stats

	wake    chan struct{}
	wakesAt atomic.Int64 // when the sleeping worker wakes up by itself, in milliseconds since 1970
	soonest atomic.Int64 // the earliest that was planned since the worker last looked
	mu      sync.Mutex
	busy    map[who]bool
	hands   chan struct{}
	wg      sync.WaitGroup
}

// who is served by one hand at a time, so that mails of one conversation leave in order.
type who struct{ person, conversation string }

// New makes a worker; Run starts it.
func New(l Ledger, m Mailer, log *slog.Logger, now func() time.Time) *Worker {
	w := &Worker{Ledger: l, Mailer: m, Log: log, Now: now, wake: make(chan struct{}, 1), busy: map[who]bool{}, hands: make(chan struct{}, Hands)}
	w.soonest.Store(math.MaxInt64)
	return w
}

// Planned tells the worker that something is due then, on this node. It never blocks, and costs next to nothing while
// the worker would have looked by then anyway.
func (w *Worker) Planned(due time.Time) {
	at := due.UnixMilli()
	for was := w.soonest.Load(); at < was; was = w.soonest.Load() {
		if w.soonest.CompareAndSwap(was, at) {
			break
		}
	}
	if at < w.wakesAt.Load() {
		w.rouse()
	}
}

func (w *Worker) rouse() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and returns when nothing is under way any more: letters that a mail server has begun to take
// have a few seconds for their answer.
func (w *Worker) Run(ctx context.Context) {
	under, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := context.AfterFunc(ctx, func() { time.AfterFunc(parting, stop) })
	defer ended()
	defer w.wg.Wait()
	w.reclock(ctx)
	clock := w.look()
	for ctx.Err() == nil {
		if clock.wasSetBack(w.Now()) {
			w.reclock(ctx)
		}
		w.soonest.Store(math.MaxInt64) // before looking: what is planned from here on is not missed
		next, err := w.round(ctx, under)
		wake := w.Now().Add(askEvery)
		switch {
		case err != nil && ctx.Err() == nil:
			w.Log.Error("look for what is due", "error", err)
			wake = w.Now().Add(pause)
		case next.After(w.Now()) && next.Before(wake):
			wake = next
		}
		w.sleep(ctx, wake)
	}
}

// sleep lasts until a moment, until something is due that was planned meanwhile, until the worker is roused, or to the
// end of ctx. What is due already and is being handed over rouses it when that is done.
func (w *Worker) sleep(ctx context.Context, until time.Time) {
	w.wakesAt.Store(until.UnixMilli())
	defer w.wakesAt.Store(0)
	if soonest := time.UnixMilli(w.soonest.Load()); soonest.Before(until) {
		until = soonest
	}
	timer := time.NewTimer(until.Sub(w.Now()))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-w.wake:
	}
}

// round begins to hand over everything that is due and not under way, as hands become free.
func (w *Worker) round(ctx, under context.Context) (next time.Time, err error) {
	calls, next, err := w.Ledger.Due(ctx)
	if err != nil {
		return next, err
	}
	overdue := time.Duration(0)
	if !next.IsZero() {
		overdue = max(0, w.Now().Sub(next))
	}
	w.Stats.Overdue.Store(overdue.Milliseconds())
	for _, c := range calls {
		if !w.take(c) {
			continue
		}
		select {
		case w.hands <- struct{}{}:
		case <-ctx.Done():
			w.leave(c)
			return next, nil
		}
		w.wg.Go(func() {
			done := w.serve(under, c)
			<-w.hands
			if !done {
				w.wait(ctx)
			}
			w.leave(c)
			w.rouse()
		})
	}
	return next, nil
}

// wait leaves alone for a while what could not be claimed or settled, so that it is not asked for in a circle.
func (w *Worker) wait(ctx context.Context) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (w *Worker) take(c desk.Call) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := who{c.Person, c.Conversation}
	if w.busy[k] {
		return false
	}
	w.busy[k] = true
	return true
}

func (w *Worker) leave(c desk.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, who{c.Person, c.Conversation})
}

// serve hands one call over; false where that did not come to an end that is written down.
func (w *Worker) serve(ctx context.Context, c desk.Call) bool {
	began := w.moment()
	l, ok, err := w.Ledger.Claim(ctx, c, Lease)
	if err != nil {
		w.Log.Error("claim what is due", "error", err)
		return false
	}
	if !ok {
		return false
	}
	h := w.hold(ctx, l, began)
	o := w.mail(ctx, l, h.ours)
	l.Until = h.end()
	w.count(o)
	return w.settle(ctx, l, o)
}

// settle tries again for as long as a database may be away: what a mail server has said must stand, for otherwise the
// same mail leaves twice.
func (w *Worker) settle(ctx context.Context, l desk.Letter, o desk.Outcome) bool {
	for range settleTries {
		err := w.Ledger.Settle(context.WithoutCancel(ctx), l, o)
		if err == nil {
			return true
		}
		w.Log.Error("settle what left", "mail", l.Mail, "answer", o.Answer, "error", err)
		w.wait(ctx)
	}
	return false
}

// mail hands a letter over. One that makes the mailer panic must not take the server with it, now and after each start.
func (w *Worker) mail(ctx context.Context, l desk.Letter, ours func() bool) (o desk.Outcome) {
	ctx, cancel := context.WithTimeout(ctx, handOver)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			w.Log.Error("panic while handing over", "mail", l.Mail, "panic", p)
			o = desk.Outcome{Answer: desk.Later, Detail: "The mail could not be made."}
		}
	}()
	return w.Mailer.Mail(ctx, l, ours)
}

func (w *Worker) count(o desk.Outcome) {
	switch o.Answer {
	case desk.Accepted:
		w.Stats.Accepted.Add(1)
	case desk.Refused:
		w.Stats.Refused.Add(1)
	case desk.Later:
		w.Stats.Later.Add(1)
	case desk.Unknown:
		w.Stats.Unknown.Add(1)
	}
}

func (w *Worker) reclock(ctx context.Context) {
	if err := w.Ledger.Reclock(ctx); err != nil && ctx.Err() == nil {
		w.Log.Error("plan anew after the clock was set back", "error", err)
	}
}

// watch holds the clock on the wall against one that only goes forward.
type watch struct{ wall, steady time.Time }

func (w *Worker) look() *watch { return &watch{w.Now().Round(0), time.Now()} }

// wasSetBack tells it once for each time.
func (c *watch) wasSetBack(wall time.Time) bool {
	wall, steady := wall.Round(0), time.Now()
	back := steady.Sub(c.steady) - wall.Sub(c.wall)
	c.wall, c.steady = wall, steady
	return back > setBack
}
