// Package hub knows who is connected to this node and brings each stream forward. A wake-up carries nothing: what is
// written is read from the database, for many streams in one batch. A stream costs no goroutine while it is idle, and
// one that does not take what it is sent is cut off, never waited for.
package hub

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// How streams are kept.
const (
	Heartbeat    = 15 * time.Second // at most so long between two heads
	beatEvery    = 12 * time.Second // so that a late tick still keeps the promise
	WriteTimeout = 10 * time.Second // a reader that takes nothing for so long is cut off
	patience     = 2 * time.Millisecond
	workers      = 2
	roundSize    = 512
	maxExtra     = 8 << 10
)

// Read asks for what follows in a person's feed.
type Read struct {
	Person string
	After  int64
}

// Batch is what follows, ready to be written: it ends at UpTo. More means there was no room for everything.
type Batch struct {
	Bytes []byte
	UpTo  int64
	More  bool
}

// Source reads feeds and spells events; the hub knows neither.
type Source interface {
	// Batches gives what follows each read; a person stands in reads once at most. Those without anything new are left out.
	Batches(ctx context.Context, reads []Read) (map[string]Batch, error)
	// Heads gives the newest numbers of people's feeds.
	Heads(ctx context.Context, people []string) (map[string]int64, error)
	// Head is the event that says everything up to number was written.
	Head(number int64) []byte
	// Bye is the event that ends a stream.
	Bye(reason string, retryAfter time.Duration) []byte
	// LiveSessions tells which sessions still exist.
	LiveSessions(ctx context.Context, ids []string) (map[string]bool, error)
}

// Stats counts what happened, for the metrics.
type Stats struct {
	Streams, Written, Slow, Ended atomic.Int64
}

// Stream is one connected reader.
type Stream struct {
	person, session string
	conn            net.Conn

	mu     sync.Mutex
	cursor int64
	beat   time.Time // when the last byte was written
	state  state
	again  bool // woken while it was being served
	head   bool // a head is due
	slow   bool // touched by whoever serves it, one at a time
	extra  []byte
}

type state int8

const (
	idle state = iota
	queued
	serving
	closed
)

// Hub holds this node's streams.
type Hub struct {
	Source Source
	Log    *slog.Logger
	Stats  Stats

	mu       sync.RWMutex
	people   map[string][]*Stream
	shut     bool
	queue    chan *Stream
	overflow struct {
		sync.Mutex
		streams []*Stream
	}
	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup
}

// New starts a hub's workers; Close ends them.
func New(source Source, log *slog.Logger) *Hub {
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{Source: source, Log: log, people: map[string][]*Stream{}, queue: make(chan *Stream, 16<<10), ctx: ctx, stop: stop}
	for range workers {
		h.wg.Go(h.work)
	}
	h.wg.Go(h.keep)
	return h
}

// Add takes over a connection on which the beginning was written, and serves it from the entry after cursor. False
// where the hub is closing; then the connection is still the caller's.
func (h *Hub) Add(person, session string, conn net.Conn, cursor int64) bool {
	s := &Stream{person: person, session: session, conn: conn, cursor: cursor, beat: time.Now(), head: true}
	h.mu.Lock()
	if h.shut {
		h.mu.Unlock()
		return false
	}
	h.people[person] = append(h.people[person], s)
	h.mu.Unlock()
	h.Stats.Streams.Add(1)
	h.wake(s)
	return true
}

// Wake has the streams of people read on.
func (h *Hub) Wake(people []string) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, p := range people {
		for _, s := range h.people[p] {
			h.wake(s)
		}
	}
}

// Tell writes an event that is not stored to the streams of people. A stream that is behind with such events misses it.
func (h *Hub) Tell(people []string, event []byte) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, p := range people {
		for _, s := range h.people[p] {
			s.mu.Lock()
			if len(s.extra)+len(event) <= maxExtra {
				s.extra = append(s.extra, event...)
			}
			s.mu.Unlock()
			h.wake(s)
		}
	}
}

// Connected reports whether a person has a stream on this node.
func (h *Hub) Connected(person string) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.people[person]) > 0
}

// EndSessions says bye to the streams of sessions that were revoked, and closes them.
func (h *Hub) EndSessions(ids []string) {
	for _, s := range h.all(func(s *Stream) bool { return slices.Contains(ids, s.session) }) {
		h.end(s, h.Source.Bye("session-ended", 0))
	}
}

// wake queues a stream that is idle, and notes it for one that is being served. The caller holds h.mu for reading or
// has not published the stream yet.
func (h *Hub) wake(s *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.state {
	case idle:
		s.state = queued
		h.push(s)
	case serving:
		s.again = true
	}
}

func (h *Hub) push(s *Stream) {
	select {
	case h.queue <- s:
	default:
		h.overflow.Lock()
		h.overflow.streams = append(h.overflow.streams, s)
		h.overflow.Unlock()
	}
}

func (h *Hub) all(which func(*Stream) bool) []*Stream {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var out []*Stream
	for _, list := range h.people {
		for _, s := range list {
			if which(s) {
				out = append(out, s)
			}
		}
	}
	return out
}

func (h *Hub) forget(s *Stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.people[s.person]
	i := slices.Index(list, s)
	if i < 0 {
		return
	}
	list = slices.Delete(list, i, i+1)
	if len(list) == 0 {
		delete(h.people, s.person)
	} else {
		h.people[s.person] = list
	}
	h.Stats.Streams.Add(-1)
}

// drop closes a stream without a word.
func (h *Hub) drop(s *Stream) {
	s.mu.Lock()
	was := s.state
	s.state = closed
	s.mu.Unlock()
	if was == closed {
		return
	}
	s.conn.Close()
	h.forget(s)
	h.Stats.Ended.Add(1)
}

// end writes a last event, as far as the reader takes it at once, and closes the stream.
func (h *Hub) end(s *Stream, last []byte) {
	s.mu.Lock()
	busy := s.state == serving
	s.mu.Unlock()
	if !busy { // never into the middle of an event
		s.conn.SetWriteDeadline(time.Now().Add(patience))
		s.conn.Write(last)
	}
	h.drop(s)
}

// Close says bye to everybody, asks them to come back spread over spread, and ends the workers.
func (h *Hub) Close(reason string, spread time.Duration) {
	h.mu.Lock()
	h.shut = true
	h.mu.Unlock()
	for _, s := range h.all(func(*Stream) bool { return true }) {
		h.end(s, h.Source.Bye(reason, spread/4+rand.N(spread)))
	}
	h.stop()
	h.wg.Wait()
}

// EndAll says bye to everybody, who may come back at once.
func (h *Hub) EndAll(reason string) {
	for _, s := range h.all(func(*Stream) bool { return true }) {
		h.end(s, h.Source.Bye(reason, rand.N(2*time.Second)))
	}
}
