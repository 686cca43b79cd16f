// Package sync keeps the cache in step with the server: it applies the feed, fills the cache from a snapshot where the
// feed can't be resumed, and sends what was typed here. It declares the ports it needs; cache and remote fill them.
package sync

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// Options are what an Engine works with. All but Backoff are required.
type Options struct {
	Store  Store
	Remote Remote
	Now    func() time.Time
	Logger *slog.Logger
	// Emit is told what changed; Arrived of each message of somebody else. Both must not block for long.
	Emit    func(Event)
	Arrived func(MessageArrived)
	// Backoff is the wait before attempt n (from 0) after a failure; by default full jitter up to 30 s.
	Backoff func(n int) time.Duration
}

// Engine runs the synchronisation of one signed-in person. It is started once.
type Engine struct {
	Options
	me        string
	sendWake  chan struct{}
	feedWake  chan struct{}
	oldWake   chan struct{}
	fillNext  bool
	gapsAt    int64
	gaps      int
	mu        sync.Mutex
	conn      Connection
	presence  map[string]string
	lobby     lobby
	looking   string
	canned    sync.Mutex // held while the canned answers are read, so that an older answer never follows a newer one
	hasFocus  bool
	signedOut context.CancelFunc
}

// New makes an Engine for the person with the id me.
func New(o Options, me string) *Engine {
	if o.Backoff == nil {
		o.Backoff = FullJitter
	}
	return &Engine{Options: o, me: me, sendWake: make(chan struct{}, 1), feedWake: make(chan struct{}, 1),
		oldWake: make(chan struct{}, 1), conn: Connection{State: Connecting}, presence: map[string]string{}}
}

// FullJitter spreads the attempts of many clients: anything between nothing and a bound that doubles up to 30 s.
func FullJitter(n int) time.Duration {
	bound := min(500*time.Millisecond<<min(n, 10), 30*time.Second)
	return rand.N(bound)
}

// Run synchronises until ctx ends or the server says that the session has ended; then the connection is signed-out and
// the cache stays as it is.
func (e *Engine) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e.mu.Lock()
	e.signedOut = cancel
	e.mu.Unlock()
	var group sync.WaitGroup
	for _, loop := range []func(context.Context){e.feedLoop, e.sendLoop, e.historyLoop} {
		group.Go(func() { loop(ctx) })
	}
	group.Wait()
}

// Connection tells how the cache stands to the server now.
func (e *Engine) Connection(ctx context.Context) Connection {
	waiting, err := e.Store.Waiting(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil {
		e.conn.Waiting = waiting
	}
	return e.conn
}

// Reconnect tries again now what waits for its next attempt.
func (e *Engine) Reconnect() {
	wake(e.feedWake)
	wake(e.sendWake)
}

// Nudge says that there is something new to send.
func (e *Engine) Nudge() { wake(e.sendWake) }

// SetLooking says which conversation is shown, and whether the reader looks at it.
func (e *Engine) SetLooking(conversation string, looking bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.looking, e.hasFocus = conversation, looking
}

// Presence is what was last told of a person; empty where nothing is known.
func (e *Engine) Presence(person string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.presence[person]
}

// SessionEnded says that the server refused the session: nothing is tried any more.
func (e *Engine) SessionEnded() {
	e.change(func(c *Connection) {
		c.State, c.Since, c.Problem, c.Filling = SignedOut, "", "Your session has ended. Sign in again to go on.", nil
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.signedOut != nil {
		e.signedOut()
	}
}

// change changes what is told about the connection, and tells it.
func (e *Engine) change(fn func(*Connection)) {
	waiting, err := e.Store.Waiting(context.Background())
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.conn.State != SignedOut { // a loop that ends later has nothing to add
		fn(&e.conn)
	}
	if err == nil {
		e.conn.Waiting = waiting
	}
	conn := e.conn
	e.Emit(Event{Type: ConnectionEvent, Connection: &conn})
}

func (e *Engine) wentOffline(problem string) {
	e.change(func(c *Connection) {
		if c.Since == "" {
			c.Since = e.Now().UTC().Format(TimeForm)
		}
		c.State, c.Problem = Offline, problem
	})
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is going to look anyway
	}
}

// pause waits; it ends early with true when woken. It returns false when ctx ended.
func pause(ctx context.Context, d time.Duration, woken <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	case <-woken:
	}
	return true
}

// answered gives the server's refusal; nil where it was not reached.
func answered(err error) *Error {
	var e *Error
	if errors.As(err, &e) && e.Status != 0 {
		return e
	}
	return nil
}

// passing tells failures that go by: no answer, too often, a server in trouble.
func passing(err error) bool {
	a := answered(err)
	return a == nil || a.Status == 429 || a.Status == 408 || a.Status >= 500
}
