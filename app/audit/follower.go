package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"recado/app/wire"
)

// rawStream is an open stream of events, read as it comes in.
type rawStream struct {
	conn  net.Conn
	lines *bufio.Reader
	hello wire.Hello
	after int64 // the entry that was asked for is the one after it
}

// newest is the cursor of the newest entry of a person's feed.
func newest(ctx context.Context, s *Speaker) (string, error) {
	st, err := openStream(ctx, s, "none")
	if err != nil {
		return "", err
	}
	st.conn.Close()
	return wire.Cursor{Epoch: st.hello.Epoch, Number: st.hello.Head}.String(), nil
}

// openNewest opens a person's feed after its newest entry.
func openNewest(ctx context.Context, s *Speaker) (*rawStream, error) {
	after, err := newest(ctx, s)
	if err != nil {
		return nil, err
	}
	cursor, err := wire.ParseCursor(after)
	if err != nil {
		return nil, err
	}
	st, err := openStream(ctx, s, after)
	if err == nil {
		st.after = cursor.Number // hello tells of a later one where something came meanwhile
	}
	return st, err
}

// openStream opens a person's feed after a cursor. One that can't be resumed says hello all the same, and ends.
func openStream(ctx context.Context, s *Speaker, after string) (*rawStream, error) {
	return openStreamAt(ctx, s, "/api/v1/feed", after)
}

func openStreamAt(ctx context.Context, s *Speaker, path, after string) (*rawStream, error) {
	conn, err := dial(ctx, s.Base)
	if err != nil {
		return nil, err
	}
	conn.SetDeadline(time.Now().Add(callTimeout))
	head := "GET " + path + " HTTP/1.1\r\nHost: " + strings.TrimPrefix(s.Base, "http://") + "\r\nAuthorization: Bearer " + s.token + "\r\nAccept: text/event-stream\r\n"
	if after != "" {
		head += "Last-Event-ID: " + after + "\r\n"
	}
	if s.from != "" {
		head += "X-Forwarded-For: " + s.from + "\r\n"
	}
	_, err = io.WriteString(conn, head+"\r\n")
	st := streamOf(conn)
	if err == nil {
		err = st.begin()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	conn.SetDeadline(time.Time{})
	return st, nil
}

func streamOf(conn net.Conn) *rawStream {
	return &rawStream{conn: conn, lines: bufio.NewReaderSize(conn, 4<<10)}
}

// begin reads the answer's head and the first event.
func (st *rawStream) begin() error {
	for first := true; ; first = false {
		line, err := st.lines.ReadString('\n')
		if err != nil {
			return err
		}
		if first && !strings.Contains(line, " 200 ") {
			return fmt.Errorf("a stream was refused: %s", strings.TrimSpace(line))
		}
		if strings.TrimSpace(line) == "" {
			break
		}
	}
	e, err := st.next()
	if err != nil {
		return err
	}
	if string(e.name) != "hello" {
		return fmt.Errorf("the first event is %q", e.name)
	}
	return json.Unmarshal(e.data, &st.hello)
}

// rawEvent is one complete event; its bytes hold until the next one is read.
type rawEvent struct{ name, data, id []byte }

// next reads one event. Only the field that is longest, data, may not fit the buffer.
func (st *rawStream) next() (e rawEvent, err error) {
	var whole []byte
	for {
		line, err := st.lines.ReadSlice('\n')
		whole = append(whole, line...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return e, err
		}
		if len(line) == 1 && bytes.HasSuffix(whole, []byte("\n\n")) {
			break
		}
	}
	for line := range bytes.SplitSeq(whole, []byte{'\n'}) {
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) {
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "id":
			e.id = value
		}
	}
	return e, nil
}

// number is the number of an entry's id, 0 for an event without one.
func (e rawEvent) number() int64 {
	i := bytes.LastIndexByte(e.id, '.')
	n, _ := strconv.ParseInt(string(e.id[i+1:]), 10, 64)
	return n
}

// follower reads one person's stream and notes when each message of its lanes arrived, checking that none is missing,
// twice, out of order or with another text.
type follower struct {
	stream *rawStream
	lanes  map[string]*lane
	moved  chan struct{}

	mu   sync.Mutex
	next map[string]int64 // conversation to the number that comes next
	last int64            // entry
	err  error
}

func newFollower(s *rawStream) *follower {
	return &follower{stream: s, lanes: map[string]*lane{}, next: map[string]int64{}, last: s.after,
		moved: make(chan struct{}, 1)}
}

// begin starts reading; the lanes are known by then.
func (f *follower) begin() {
	for id, l := range f.lanes {
		f.next[id] = 2
		l.received = make([]time.Duration, 0, 4096)
	}
	go f.read()
}

func (f *follower) read() {
	for {
		e, err := f.stream.next()
		if err == nil {
			err = f.take(e)
		}
		if err != nil {
			f.mu.Lock()
			f.err = err
			f.mu.Unlock()
			f.wake()
			return
		}
	}
}

// arrived is what a follower looks at in an entry.
type arrived struct {
	Number  int64 `json:"number"`
	Message *struct {
		Conversation string `json:"conversation"`
		Number       int64  `json:"number"`
		Body         string `json:"body"`
	} `json:"message"`
}

func (f *follower) take(e rawEvent) error {
	if len(e.id) == 0 {
		return nil
	}
	var a arrived
	if err := json.Unmarshal(e.data, &a); err != nil {
		return err
	}
	now := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last++; a.Number != f.last || e.number() != f.last {
		return fmt.Errorf("entry %d (id %s) stands where %d should", a.Number, e.id, f.last)
	}
	if a.Message == nil {
		return nil
	}
	l := f.lanes[a.Message.Conversation]
	if l == nil {
		return nil
	}
	want := f.next[l.conversation]
	if a.Message.Number != want {
		return fmt.Errorf("message %d stands where %d should", a.Message.Number, want)
	}
	if a.Message.Body != l.text(want) {
		return fmt.Errorf("message %d has another text than was posted", want)
	}
	f.next[l.conversation]++
	l.received = append(l.received, now.Sub(l.base)-time.Duration(l.posted[want-2].Load()))
	f.wake()
	return nil
}

func (f *follower) wake() {
	select {
	case f.moved <- struct{}{}:
	default:
	}
}

// awaitAll waits until everything that was answered on its lanes has arrived.
func (f *follower) awaitAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, arrival)
	defer cancel()
	for {
		missing, err := f.missing()
		if err != nil || missing == 0 {
			return err
		}
		select {
		case <-f.moved:
		case <-ctx.Done():
			return fmt.Errorf("%d acknowledged messages did not arrive: %w", missing, ctx.Err())
		}
	}
}

func (f *follower) missing() (n int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, l := range f.lanes {
		n += l.sent.Load() - (f.next[id] - 2)
	}
	return n, f.err
}
