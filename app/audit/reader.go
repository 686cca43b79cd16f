package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"recado/app/wire"
)

// Reader follows one person's feed from its beginning, over any number of broken streams, and keeps what it was told.
type Reader struct {
	speaker *Speaker

	mu       sync.Mutex
	cursor   string
	epoch    string
	last     int64
	told     []wire.Message // of message.created, in the feed's order
	findings []string
	moved    chan struct{} // closed and made anew whenever something arrives
	resumed  int
}

func newReader(s *Speaker) *Reader { return &Reader{speaker: s, moved: make(chan struct{})} }

// errEnough ends a stream from the reader's side.
var errEnough = errors.New("enough")

// follow reads until ctx ends, resuming after each break.
func (r *Reader) follow(ctx context.Context) {
	for ctx.Err() == nil {
		r.mu.Lock()
		cursor := r.cursor
		r.resumed++
		r.mu.Unlock()
		r.speaker.stream(ctx, cursor, r.take)
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (r *Reader) take(e event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		close(r.moved)
		r.moved = make(chan struct{})
	}()
	switch e.name {
	case "hello":
		return r.hello(e)
	case "reset":
		r.find("the feed was reset: %s", e.data)
		return errEnough
	}
	if e.id == "" {
		return nil
	}
	return r.entry(e)
}

func (r *Reader) hello(e event) error {
	var h wire.Hello
	if err := json.Unmarshal([]byte(e.data), &h); err != nil {
		r.find("hello: %v", err)
		return errEnough
	}
	if r.epoch != "" && r.epoch != h.Epoch {
		r.find("the epoch changed from %s to %s, though nothing was restored", r.epoch, h.Epoch)
	}
	r.epoch = h.Epoch
	if h.Head < r.last {
		r.find("the head went back from %d to %d: acknowledged entries are lost", r.last, h.Head)
	}
	return nil
}

func (r *Reader) entry(e event) error {
	var entry wire.Entry
	c, err := wire.ParseCursor(e.id)
	if err == nil {
		err = json.Unmarshal([]byte(e.data), &entry)
	}
	if err != nil {
		r.find("entry %q: %v", e.id, err)
		return errEnough
	}
	if c.Number != r.last+1 || entry.Number != c.Number {
		r.find("entry %d (id %d) follows %d", entry.Number, c.Number, r.last)
	}
	r.last, r.cursor = c.Number, e.id
	if entry.Type == wire.MessageCreated && entry.Message != nil {
		r.told = append(r.told, *entry.Message)
	}
	return nil
}

func (r *Reader) find(format string, args ...any) {
	if len(r.findings) < 20 {
		r.findings = append(r.findings, r.speaker.Email+": "+fmt.Sprintf(format, args...))
	}
}

// await waits until the feed was read up to a number.
func (r *Reader) await(ctx context.Context, head int64) error {
	for {
		r.mu.Lock()
		last, moved := r.last, r.moved
		r.mu.Unlock()
		if last >= head {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("%s: the feed stands at %d of %d: %w", r.speaker.Email, last, head, ctx.Err())
		}
	}
}

// result is what the reader was told and what it found wrong.
func (r *Reader) result() (told []wire.Message, findings []string, resumed int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.told), slices.Clone(r.findings), r.resumed
}

// head asks for the number of the newest entry.
func (s *Speaker) head(ctx context.Context) (head int64, err error) {
	err = s.stream(ctx, "", func(e event) error {
		if e.name != "hello" {
			return nil
		}
		var h wire.Hello
		if err := json.Unmarshal([]byte(e.data), &h); err != nil {
			return err
		}
		head = h.Head
		return errEnough
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return head, err
}

// reread reads the whole feed anew up to head.
func (s *Speaker) reread(ctx context.Context, head int64) (*Reader, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := newReader(s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.follow(ctx)
	}()
	err := r.await(ctx, head)
	cancel()
	<-done
	return r, err
}
