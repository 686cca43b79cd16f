package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"recado/app/wire"
)

// lane is one keep-alive connection that posts into a conversation of its own. It speaks HTTP/1.1 by itself: the load
// shares the machine with the server, and a client library costs more than the server's own work.
type lane struct {
	author, reader *Speaker
	conversation   string
	conn           net.Conn
	lines          *bufio.Reader
	run, head      string // of its keys, of its requests
	texts          []string
	request        []byte

	posted   []atomic.Int64 // when message number i+2 was begun to be written, in nanoseconds since base
	sent     atomic.Int64   // how many were posted and answered
	base     time.Time
	answered []time.Duration
	received []time.Duration // touched by the follower alone
}

func newLane(author, reader *Speaker, conversation string, conn net.Conn, most int) *lane {
	l := &lane{author: author, reader: reader, conversation: conversation, conn: conn, lines: bufio.NewReaderSize(conn, 4<<10),
		run: newKey(), posted: make([]atomic.Int64, most), base: time.Now()}
	l.head = "POST /api/v1/conversations/" + conversation + "/messages HTTP/1.1\r\nHost: " + strings.TrimPrefix(author.Base, "http://") +
		"\r\nAuthorization: Bearer " + author.token + "\r\nContent-Type: application/json\r\nContent-Length: "
	for range 64 {
		l.texts = append(l.texts, someText())
	}
	return l
}

// text is the body of message number n of the conversation; the first one started it.
func (l *lane) text(n int64) string { return l.texts[n%int64(len(l.texts))] }

// write posts one message after the other (or one each pace) until end, or until the lane is full.
func (l *lane) write(ctx context.Context, end time.Time, pace time.Duration) error {
	next := time.Now()
	for range l.posted {
		if pace > 0 {
			next = next.Add(pace)
			if err := wait(ctx, time.Until(next)); err != nil {
				return err
			}
		}
		if time.Now().After(end) {
			return ctx.Err()
		}
		if err := l.postNext(); err != nil {
			return err
		}
	}
	return nil
}

// postNext posts one message and asks whether the answer is that message, under the next number.
func (l *lane) postNext() error {
	i := l.sent.Load()
	number := i + 2
	body, _ := json.Marshal(wire.NewMessage{Key: l.run + "-" + strconv.FormatInt(i, 10), Body: l.text(number)}) // plain fields always encode
	l.request = append(l.request[:0], l.head...)
	l.request = strconv.AppendInt(l.request, int64(len(body)), 10)
	l.request = append(append(l.request, "\r\n\r\n"...), body...)
	began := time.Now()
	l.posted[i].Store(int64(began.Sub(l.base)))
	l.conn.SetDeadline(began.Add(callTimeout))
	if _, err := l.conn.Write(l.request); err != nil {
		return err
	}
	if err := l.answer(number); err != nil {
		return err
	}
	l.answered = append(l.answered, time.Since(began))
	l.sent.Add(1)
	return nil
}

func (l *lane) answer(number int64) error {
	status, length := 0, -1
	for {
		line, err := l.lines.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("read an answer: %w", err)
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		if status == 0 {
			_, rest, _ := strings.Cut(text, " ")
			status, _ = strconv.Atoi(rest[:min(3, len(rest))])
		}
		if name, value, _ := strings.Cut(text, ":"); strings.EqualFold(name, "content-length") {
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	if length < 0 {
		return fmt.Errorf("an answer with status %d has no length", status)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(l.lines, body); err != nil {
		return err
	}
	if status != http.StatusCreated {
		return problem(status, body)
	}
	var m struct {
		Number int64 `json:"number"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	if m.Number != number {
		return fmt.Errorf("the answer says number %d, want %d", m.Number, number)
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func newKey() string { return uuid.NewString() }

func dial(ctx context.Context, base string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(base, "http://"))
}

// words of everyday messages; their spread matters to the full-text index.
var words = strings.Fields(`the ticket was answered this morning and customer asked for another invoice because address on
	first one is wrong please look at it before noon server restarted twice since yesterday we should tell everybody who
	waits that repair takes two hours more thanks see you tomorrow at desk order shipped parcel broken phone call back
	meeting moved room three colleague vacation password account locked again file attached contract signed printer paper`)

func someText() string {
	var b strings.Builder
	for b.Len() < textBytes-12 {
		b.WriteString(words[rand.IntN(len(words))])
		b.WriteByte(' ')
	}
	b.WriteString(strings.Repeat("x", textBytes-b.Len()))
	return b.String()
}

// together runs do for each lane at the same time, and gives the errors.
func together(lanes []*lane, do func(*lane) error) error {
	failed := make(chan error, len(lanes))
	for _, l := range lanes {
		go func() { failed <- do(l) }()
	}
	var all error
	for range lanes {
		all = errors.Join(all, <-failed)
	}
	return all
}

// spreadWork does n things, a few at a time, and gives the first error.
func spreadWork(n int, do func(int) error) error {
	const hands = 8
	failed := make(chan error, hands)
	var next atomic.Int64
	for range hands {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					failed <- nil
					return
				}
				if err := do(i); err != nil {
					next.Store(int64(n))
					failed <- err
					return
				}
			}
		}()
	}
	var first error
	for range hands {
		if err := <-failed; first == nil {
			first = err
		}
	}
	return first
}

// afterHash is the token of an invitation link.
func afterHash(link string) string {
	_, token, _ := strings.Cut(link, "#")
	return token
}
