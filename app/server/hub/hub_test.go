package hub_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/app/server/hub"
)

// source is a feed of one line per number for everybody, up to a head that tests move.
type source struct {
	mu    sync.Mutex
	head  int64
	dead  map[string]bool
	reads int
}

func (s *source) set(head int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head = head
}

func (s *source) Batches(_ context.Context, reads []hub.Read) (map[string]hub.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	out := map[string]hub.Batch{}
	for _, r := range reads {
		b := hub.Batch{UpTo: r.After}
		for b.UpTo < s.head && b.UpTo < r.After+10 {
			b.UpTo++
			b.Bytes = fmt.Appendf(b.Bytes, "entry %d\n", b.UpTo)
		}
		b.More = b.UpTo < s.head
		out[r.Person] = b
	}
	return out, nil
}

func (s *source) Heads(_ context.Context, people []string) (map[string]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int64{}
	for _, p := range people {
		out[p] = s.head
	}
	return out, nil
}

func (s *source) Head(n int64) []byte                       { return fmt.Appendf(nil, "head %d\n", n) }
func (s *source) Bye(reason string, _ time.Duration) []byte { return []byte("bye " + reason + "\n") }
func (s *source) LiveSessions(_ context.Context, ids []string) (map[string]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]bool{}
	for _, id := range ids {
		out[id] = !s.dead[id]
	}
	return out, nil
}

// reader collects the lines of a stream until it ends.
type reader struct {
	conn  net.Conn
	lines chan string
}

func connect(t *testing.T, h *hub.Hub, person, session string, cursor int64) *reader {
	t.Helper()
	ours, theirs := net.Pipe()
	r := &reader{ours, make(chan string, 1000)}
	go func() {
		defer close(r.lines)
		for s := bufio.NewScanner(ours); s.Scan(); {
			r.lines <- s.Text()
		}
	}()
	if !h.Add(person, session, theirs, cursor) {
		t.Fatal("the hub took no stream")
	}
	return r
}

// got empties what has come by now.
func (r *reader) got() string {
	var out []string
	for {
		select {
		case l, ok := <-r.lines:
			if !ok {
				return strings.Join(append(out, "end"), ", ")
			}
			out = append(out, l)
		default:
			return strings.Join(out, ", ")
		}
	}
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestStreamGetsEntriesThenHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{head: 3}
		h := hub.New(s, quiet())
		defer h.Close("shutdown", time.Second)
		r := connect(t, h, "ana", "s1", 1)
		synctest.Wait()
		expect(t, "the beginning", r.got(), "entry 2, entry 3, head 3")
		s.set(4)
		h.Wake([]string{"ana"})
		synctest.Wait()
		expect(t, "after a wake-up", r.got(), "entry 4")
		time.Sleep(14 * time.Second)
		synctest.Wait()
		expect(t, "a heartbeat", r.got(), "head 4")
	})
}

func TestLostWakeUpIsFoundAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		h := hub.New(s, quiet())
		defer h.Close("shutdown", time.Second)
		r := connect(t, h, "ana", "s1", 0)
		synctest.Wait()
		r.got()
		s.set(1)
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		expect(t, "without a wake-up", r.got(), "entry 1")
	})
}

func TestSlowReaderIsCutOffAndHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		h := hub.New(s, quiet())
		defer h.Close("shutdown", time.Second)
		ours, theirs := net.Pipe() // nobody reads here
		defer ours.Close()
		if !h.Add("ana", "slow", theirs, 0) {
			t.Fatal("the hub took no stream")
		}
		fast := connect(t, h, "luis", "fast", 0)
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		fast.got()
		for n := int64(1); n <= 100; n++ {
			s.set(n)
			h.Wake([]string{"ana", "luis"})
			time.Sleep(50 * time.Millisecond)
			synctest.Wait()
			expect(t, "the other reader", fast.got(), fmt.Sprintf("entry %d", n))
		}
		time.Sleep(hub.WriteTimeout)
		synctest.Wait()
		if n := h.Stats.Slow.Load(); n != 1 {
			t.Errorf("%d readers were cut off, want 1", n)
		}
		if n := h.Stats.Streams.Load(); n != 1 {
			t.Errorf("%d streams are left, want 1", n)
		}
	})
}

func TestRevokedElsewhereEndsWithinFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{dead: map[string]bool{}}
		h := hub.New(s, quiet())
		defer h.Close("shutdown", time.Second)
		gone, stays := connect(t, h, "ana", "gone", 0), connect(t, h, "ana", "stays", 0)
		synctest.Wait()
		gone.got()
		stays.got()
		s.mu.Lock()
		s.dead["gone"] = true
		s.mu.Unlock()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		expect(t, "the revoked one", gone.got(), "bye session-ended, end")
		expect(t, "the other one", stays.got(), "")
	})
}

func TestTwoDevicesAtDifferentPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{head: 30}
		h := hub.New(s, quiet())
		defer h.Close("shutdown", time.Second)
		far, near := connect(t, h, "ana", "s1", 0), connect(t, h, "ana", "s2", 29)
		time.Sleep(time.Second)
		synctest.Wait()
		if got := far.got(); !strings.HasPrefix(got, "entry 1, entry 2,") || !strings.HasSuffix(got, "entry 30, head 30") || strings.Count(got, "entry") != 30 {
			t.Errorf("the one far behind got %q", got)
		}
		expect(t, "the near one", near.got(), "entry 30, head 30")
	})
}

func TestManyStreamsShareReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		h := hub.New(s, quiet())
		defer h.Close("shutdown", time.Second)
		var people []string
		var readers []*reader
		for i := range 200 {
			p := fmt.Sprint(i)
			people = append(people, p)
			readers = append(readers, connect(t, h, p, p, 0))
		}
		synctest.Wait()
		for _, r := range readers {
			r.got()
		}
		s.set(1)
		s.mu.Lock()
		s.reads = 0
		s.mu.Unlock()
		h.Wake(people)
		synctest.Wait()
		for _, r := range readers {
			expect(t, "a reader", r.got(), "entry 1")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.reads > 100 {
			t.Errorf("%d reads for 200 streams", s.reads)
		}
	})
}

func TestCloseSaysBye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(&source{}, quiet())
		r := connect(t, h, "ana", "s1", 0)
		synctest.Wait()
		r.got()
		h.Close("shutdown", time.Second)
		synctest.Wait()
		expect(t, "the last words", r.got(), "bye shutdown, end")
		a, b := net.Pipe()
		defer a.Close()
		defer b.Close()
		if h.Add("ana", "s1", b, 0) {
			t.Error("a closed hub took a stream")
		}
	})
}
