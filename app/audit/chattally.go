package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"recado/app/wire"
)

// tally notes when messages of one measurement were posted and when they arrived. The message number n begins with n.
type tally struct {
	base  time.Time
	sent  []atomic.Int64 // in nanoseconds since base
	mu    sync.Mutex
	took  []time.Duration
	came  map[int]bool
	moved chan struct{}
}

func newTally(most int) *tally {
	return &tally{base: time.Now(), sent: make([]atomic.Int64, most), came: map[int]bool{}, moved: make(chan struct{}, 1)}
}

// arrive notes what came to whom it is for. What is none of this measurement's, as what a flood brought, is passed over.
func (t *tally) arrive(body string) error {
	first, _, _ := strings.Cut(body, " ")
	n, err := strconv.Atoi(first)
	if t == nil || err != nil || n < 0 || n >= len(t.sent) {
		return nil
	}
	took := time.Since(t.base) - time.Duration(t.sent[n].Load())
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.came[n] {
		return fmt.Errorf("message %d came twice", n)
	}
	t.came[n] = true
	t.took = append(t.took, took)
	select {
	case t.moved <- struct{}{}:
	default:
	}
	return nil
}

func (t *tally) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.took)
}

// write posts messages at the rate of the load for as long as one measurement lasts, and waits until all have arrived.
func (run *chatRun) write(ctx context.Context, post func(n int, key, body string) error) ([]time.Duration, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, run.Each+arrival)
	defer cancel()
	all := int(run.Each.Seconds() * float64(run.Rate))
	t := newTally(all)
	run.now.Store(t)
	began := time.Now()
	var posting sync.WaitGroup
	failed := make(chan error, 1)
	for n := range all {
		if err := wait(ctx, time.Until(began.Add(time.Duration(n)*time.Second/time.Duration(run.Rate)))); err != nil {
			break
		}
		posting.Go(func() {
			t.sent[n].Store(int64(time.Since(t.base)))
			if err := post(n, newKey(), strconv.Itoa(n)+" "+someText()); err != nil {
				fail(failed, err)
			}
		})
	}
	posting.Wait()
	took := time.Since(began)
	for t.count() < all {
		select {
		case <-t.moved:
		case err := <-failed:
			return nil, 0, err
		case err := <-run.failed:
			return nil, 0, err
		case <-ctx.Done():
			return nil, 0, fmt.Errorf("%d of %d messages arrived within %v", t.count(), all, run.Each+arrival)
		}
	}
	return t.took, took, nil
}

// fail keeps the first error.
func fail(failed chan<- error, err error) {
	select {
	case failed <- err:
	default:
	}
}

// chatted is what an entry of message.created tells.
type chatted struct {
	Message *wire.Message `json:"message"`
}

// listen follows a visitor's stream: what comes must be of their conversation, each message once and in order.
func (run *chatRun) listen(g *guest) {
	last := int64(0)
	run.follow(g.stream, func(m wire.Message) error {
		if m.Conversation != g.conversation {
			return fmt.Errorf("a visitor was told of conversation %s, which is another's", m.Conversation)
		}
		if last++; m.Number != last {
			return fmt.Errorf("message %d stands where %d should", m.Number, last)
		}
		if m.Author == g.Person.ID {
			return nil
		}
		return run.now.Load().arrive(m.Body)
	})
}

// watch follows an agent's stream; count is true for the one at whom visitors' messages arrive.
func (run *chatRun) watch(st *rawStream, count bool) {
	visitors := map[string]bool{}
	for _, g := range run.guests {
		visitors[g.Person.ID] = true
	}
	run.follow(st, func(m wire.Message) error {
		if !count || !visitors[m.Author] {
			return nil
		}
		return run.now.Load().arrive(m.Body)
	})
}

// follow reads a stream's new messages until it ends. Its entries must follow each other.
func (run *chatRun) follow(st *rawStream, each func(wire.Message) error) {
	at := int64(-1)
	for {
		e, err := st.next()
		if err == nil && len(e.id) == 0 {
			continue
		}
		if err == nil && at >= 0 && e.number() != at+1 {
			err = fmt.Errorf("entry %s follows %d", e.id, at)
		}
		if at = e.number(); err == nil && string(e.name) == wire.MessageCreated {
			var c chatted
			if err = json.Unmarshal(e.data, &c); err == nil && c.Message != nil {
				err = each(*c.Message)
			}
		}
		if err != nil {
			if !run.over.Load() {
				fail(run.failed, fmt.Errorf("a stream: %w", err))
			}
			return
		}
	}
}

// flooders are the connections of a flood; each writes the next message when the one before is answered.
const flooders = 32

// flood is visitors of one site who write far more than it may.
type flood struct {
	taken, refused atomic.Int64
	stop           context.CancelFunc
	hands          sync.WaitGroup
	failed         chan error
}

// flood lets visitors of the first site write at the rate of the flood, as far as they are answered in time, each
// connection for many of them. A flood comes from other machines: without a rate it would take this one from the server.
func (run *chatRun) flood(ctx context.Context) *flood {
	ctx, stop := context.WithCancel(ctx)
	f := &flood{stop: stop, failed: make(chan error, 1)}
	site := run.sites[0]
	began, pause := time.Now(), time.Second/time.Duration(run.Flood)
	for hand := range flooders {
		f.hands.Go(func() {
			for n := hand; ctx.Err() == nil; n += flooders {
				if wait(ctx, time.Until(began.Add(time.Duration(n)*pause))) != nil {
					return
				}
				err := site[n%len(site)].do(ctx, "POST", "/chat/v1/messages", wire.NewMessage{Key: newKey(), Body: "flood " + someText()}, nil)
				var refused wire.Problem
				switch {
				case err == nil:
					f.taken.Add(1)
				case errors.As(err, &refused) && refused.Status == 429:
					f.refused.Add(1)
				case ctx.Err() == nil:
					fail(f.failed, err)
					return
				}
			}
		})
	}
	return f
}

func (f *flood) end() {
	f.stop()
	f.hands.Wait()
}

func (f *flood) err() error {
	select {
	case err := <-f.failed:
		return fmt.Errorf("the flood met what is no limit: %w", err)
	default:
		return nil
	}
}
