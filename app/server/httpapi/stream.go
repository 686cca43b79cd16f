package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"recado/app/kit/sse"
	"recado/app/server/accounts"
	"recado/app/server/hub"
	"recado/app/server/messaging"
	"recado/app/wire"
)

// How a stream is cut into batches: by entries, and by bytes so that none holds much memory.
const (
	batchEntries = 512
	batchBytes   = 256 << 10
	entryBytes   = 32 << 10
)

// Feed is GET /api/v1/feed: it writes the beginning of a stream, decides whether its cursor can be resumed, and hands
// the connection to the hub. It is the hub's Source, too.
type Feed struct {
	Messaging *messaging.Service
	Hub       *hub.Hub
	Epoch     func() string // the epoch in force
	Boot      string
	// KnowsBoot reports whether this database remembers a start.
	KnowsBoot func(ctx context.Context, boot string) (bool, error)
	// Live tells which sessions still exist.
	Live func(ctx context.Context, ids []string) (map[string]bool, error)
	Now  func() time.Time
	Log  *slog.Logger

	Resets, Gaps atomic.Int64
}

var _ hub.Source = (*Feed)(nil)

const streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n" +
	"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"

// Serve answers one request of caller. The connection is taken from net/http, whose buffers and goroutine an idle
// stream does not need.
//
// hold, where it is not nil, is given the connection, and gives what stands for it.
func (f *Feed) Serve(w http.ResponseWriter, r *http.Request, caller accounts.Caller, hold func(net.Conn) net.Conn) error {
	heads, err := f.Messaging.Heads(r.Context(), []string{caller.Person.ID})
	if err != nil {
		return err
	}
	at := heads[caller.Person.ID]
	cursor, reset, err := f.resume(r, at)
	if err != nil {
		return err
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return fmt.Errorf("take over the connection of a stream: %w", err)
	}
	if hold != nil {
		conn = hold(conn)
	}
	if buffered.Reader.Buffered() > 0 { // nothing may follow the request of a stream
		conn.Close()
		return nil
	}
	conn.SetDeadline(time.Time{})
	f.open(conn, caller, at, cursor, reset)
	return nil
}

func (f *Feed) open(conn net.Conn, caller accounts.Caller, at messaging.FeedHead, cursor int64, reset string) {
	b := append(make([]byte, 0, 512), streamHead...)
	b = appendEvent(b, "hello", wire.Hello{Epoch: f.Epoch(), Boot: f.Boot, Floor: at.Floor, Head: at.Head,
		At: wire.Time{Time: f.Now()}, HeartbeatSeconds: int(hub.Heartbeat / time.Second)})
	if reset != "" {
		f.Resets.Add(1)
		b = appendEvent(b, "reset", wire.Reset{Reason: reset})
	}
	conn.SetWriteDeadline(time.Now().Add(hub.WriteTimeout))
	if _, err := conn.Write(b); err != nil || reset != "" {
		conn.Close()
		return
	}
	if !f.Hub.Add(caller.Person.ID, caller.Session.ID, conn, cursor) {
		conn.Write(f.Bye("shutdown", time.Second))
		conn.Close()
	}
}

// resume decides where a stream begins, or why it can't.
func (f *Feed) resume(r *http.Request, at messaging.FeedHead) (cursor int64, reset string, err error) {
	if boot := r.Header.Get("Recado-Boot"); boot != "" {
		known, err := f.KnowsBoot(r.Context(), boot)
		if err != nil {
			return 0, "", err
		}
		if !known {
			return 0, "unknown-boot", nil
		}
	}
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	if text == "" {
		return at.Floor, "", nil
	}
	c, err := wire.ParseCursor(text)
	switch {
	case err != nil:
		return 0, "unreadable-cursor", nil
	case c.Epoch != f.Epoch():
		return 0, "other-epoch", nil
	case c.Number > at.Head:
		return 0, "future-cursor", nil
	case c.Number < at.Floor:
		return 0, "below-floor", nil
	}
	return c.Number, "", nil
}

func appendEvent(b []byte, event string, v any) []byte {
	data, _ := json.Marshal(v) // plain structs always encode
	return sse.Append(b, event, data, "")
}

// Head says that everything up to number was written.
func (f *Feed) Head(number int64) []byte {
	return []byte(`data: {"head":` + strconv.FormatInt(number, 10) + "}\nevent: head\n\n")
}

// Bye ends a stream, and says when to come back.
func (f *Feed) Bye(reason string, retryAfter time.Duration) []byte {
	return appendEvent(nil, "bye", wire.Bye{Reason: reason, RetryAfterMS: retryAfter.Milliseconds()})
}

// Heads gives the newest numbers of people's feeds.
func (f *Feed) Heads(ctx context.Context, people []string) (map[string]int64, error) {
	heads, err := f.Messaging.Heads(ctx, people)
	out := make(map[string]int64, len(heads))
	for p, h := range heads {
		out[p] = h.Head
	}
	return out, err
}

// LiveSessions tells which sessions still exist.
func (f *Feed) LiveSessions(ctx context.Context, ids []string) (map[string]bool, error) {
	return f.Live(ctx, ids)
}

// Batches reads what follows for many readers at once. What is the same for all of them is spelled once.
func (f *Feed) Batches(ctx context.Context, reads []hub.Read) (map[string]hub.Batch, error) {
	ask := make([]messaging.FeedRead, len(reads))
	for i, r := range reads {
		ask[i] = messaging.FeedRead{Person: r.Person, After: r.After}
	}
	limit := batchEntries
	if len(reads) > 16 { // many readers: mostly one entry each
		limit = 32
	}
	events, err := f.Messaging.ReadFeeds(ctx, ask, limit)
	if err != nil {
		return nil, err
	}
	out := make(map[string]hub.Batch, len(events))
	sp := speller{epoch: f.Epoch(), messages: map[messageForReader][]byte{}}
	for _, r := range reads {
		list := events[r.Person]
		if len(list) == 0 {
			continue
		}
		b := hub.Batch{UpTo: r.After, More: len(list) == limit}
		for _, e := range list {
			if e.Number != b.UpTo+1 {
				f.Gaps.Add(1)
				f.Log.Error("a feed has a gap", "person", r.Person, "after", b.UpTo, "next", e.Number)
				b.More = false
				break
			}
			if len(b.Bytes) > batchBytes {
				b.More = true
				break
			}
			b.Bytes = sp.append(b.Bytes, e)
			b.UpTo = e.Number
		}
		out[r.Person] = b
	}
	return out, nil
}

// typing, looking and presence are told to those who are connected, and never stored.
func typingEvent(conversation, person string, at time.Time) []byte {
	return appendEvent(nil, "typing", wire.Typing{Conversation: conversation, Person: person, At: wire.Time{Time: at}})
}

func lookingEvent(conversation, person string, looking bool, at time.Time) []byte {
	return appendEvent(nil, "looking", wire.Looking{Conversation: conversation, Person: person, Looking: looking, At: wire.Time{Time: at}})
}

func presenceEvent(person, state string, at time.Time) []byte {
	return appendEvent(nil, "presence", wire.Presence{Person: person, State: state, At: wire.Time{Time: at}})
}
