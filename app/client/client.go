// Package client is the agent's side without a window: the cache, the feed and the outbox behind one face.
//
// Reading never needs the network. What is typed is stored first and sent when the server can be reached. Calls that
// need the server say so, and are refused with code offline without it. Errors a person can act on are *Error.
package client

import (
	"context"
	"errors"
	"log/slog"
	"net"
	stdsync "sync"
	"time"

	"github.com/google/uuid"

	"recado/app/client/cache"
	"recado/app/client/remote"
	"recado/app/client/sync"
)

// Options say where a client keeps its data and whom it tells.
type Options struct {
	// Dir holds cache.db and the files waiting to be uploaded; it is made where it does not exist.
	Dir string
	// Now and NewID default to the clock and to UUIDv7.
	Now   func() time.Time
	NewID func() string
	// OnEvent is told what changed, in order, from one goroutine; it must not call Close.
	OnEvent func(Event)
	// OnMessage is told of each message of somebody else that arrives by the feed, for bubbles; same goroutine as OnEvent.
	OnMessage func(MessageArrived)
	// Logger never gets message text or secrets; nil discards.
	Logger *slog.Logger
	// Dial makes the connections to the server; nil: the system's way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Backoff is the wait before attempt n (from 0) after a failure; nil: full jitter up to 30 s.
	Backoff func(n int) time.Duration
	// Hold is how long a message into a conversation of a kind stays here before it leaves, so that it can be undone;
	// nil: not at all.
	Hold func(kind string) time.Duration
}

// Client is one person's desk on this computer. Its methods may be called from any goroutine.
type Client struct {
	opts   Options
	events *notifier

	mu     stdsync.RWMutex
	cache  *cache.Cache
	remote *remote.Remote // nil while signed out
	engine *sync.Engine   // nil while signed out
	stop   context.CancelFunc
	ended  chan struct{}
	closed bool

	presence presence
}

// Open opens the cache in o.Dir, usable at once and without a network. It is refused with code cache-newer or
// cache-damaged where the file can't be used, which stays unchanged.
func Open(ctx context.Context, o Options) (*Client, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	store, err := cache.Open(ctx, o.Dir, o.Now)
	if err != nil {
		return nil, err
	}
	if err := store.Sweep(ctx); err != nil {
		o.Logger.Warn("sweep files", "error", err)
	}
	return &Client{opts: o, cache: store, events: newNotifier()}, nil
}

// Close stops synchronising and closes the cache. Everything typed stays for the next time.
func (c *Client) Close() error {
	c.halt()
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	store := c.cache
	c.mu.Unlock()
	c.events.close()
	return store.Close()
}

// halt ends synchronising, if it runs, and waits for its end.
func (c *Client) halt() {
	c.mu.Lock()
	stop, ended, server := c.stop, c.ended, c.remote
	c.stop, c.ended, c.engine, c.remote = nil, nil, nil, nil
	c.mu.Unlock()
	if stop != nil {
		stop()
		<-ended
		server.Close()
	}
}

// Resume starts synchronising in the background with a token kept from before. An empty url takes the server of the
// last sign-in. It does not wait for the network.
func (c *Client) Resume(url, token string) error {
	if url == "" {
		url = c.Server()
	}
	server, err := remote.New(url, token, c.opts.Dial)
	if err != nil {
		return err
	}
	me := c.store().Me()
	if me == "" || token == "" {
		return errSignedOut()
	}
	c.halt()
	ctx, stop := context.WithCancel(context.Background())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		stop()
		return errors.New("the client is closed")
	}
	c.remote, c.stop, c.ended = server, stop, make(chan struct{})
	c.engine = sync.New(sync.Options{Store: c.cache, Remote: server, Now: c.opts.Now, Logger: c.opts.Logger,
		Emit: c.emit, Arrived: c.arrived, Backoff: c.opts.Backoff}, me)
	go func(e *sync.Engine, ended chan struct{}) {
		defer close(ended)
		e.Run(ctx)
	}(c.engine, c.ended)
	return nil
}

func (c *Client) emit(e Event) {
	c.presenceOn(e)
	if c.opts.OnEvent != nil {
		c.events.add(func() { c.opts.OnEvent(e) })
	}
}

func (c *Client) arrived(m MessageArrived) {
	if c.opts.OnMessage != nil {
		c.events.add(func() { c.opts.OnMessage(m) })
	}
}

func (c *Client) store() *cache.Cache {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.cache
}

func (c *Client) running() (*remote.Remote, *sync.Engine) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.remote, c.engine
}

func errSignedOut() error {
	return &Error{Code: sync.CodeSignedOut, Message: "You are signed out. Sign in to go on."}
}

// online runs a call that needs the server. A refused session ends synchronising.
func (c *Client) online(call func(*remote.Remote) error) error {
	server, engine := c.running()
	if server == nil {
		return errSignedOut()
	}
	err := call(server)
	var refused *Error
	if errors.As(err, &refused) && refused.Status == 401 {
		engine.SessionEnded()
		return errSignedOut()
	}
	return err
}

// nudge has what was just stored sent.
func (c *Client) nudge() {
	if _, engine := c.running(); engine != nil {
		engine.Nudge()
	}
}

// Connection tells how the cache stands to the server.
func (c *Client) Connection() Connection {
	ctx := context.Background()
	if _, engine := c.running(); engine != nil {
		return engine.Connection(ctx)
	}
	conn := Connection{State: sync.SignedOut}
	if waiting, err := c.store().Waiting(ctx); err == nil {
		conn.Waiting = waiting
	}
	if place, err := c.store().Place(ctx); err == nil {
		conn.UpTo = place.Number
	}
	return conn
}

// Reconnect tries the connection now instead of at the next attempt.
func (c *Client) Reconnect() {
	if _, engine := c.running(); engine != nil {
		engine.Reconnect()
	}
}

// SetLooking says which conversation is shown (empty for none), and whether the person looks at it: the window has the
// focus, and somebody sits before it.
func (c *Client) SetLooking(conversation string, looking bool) {
	if _, engine := c.running(); engine != nil {
		engine.SetLooking(conversation, looking)
	}
}
