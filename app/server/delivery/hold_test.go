package delivery

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"recado/app/desk"
)

// TestALongLetterStaysOneNodes: a letter that takes longer than a lease is not begun by the other node.
func TestALongLetterStaysOneNodes(t *testing.T) {
	m := &mailer{reply: accepting, takes: handOver - 5*time.Second}
	stage(t, m, func(w *Worker, l *ledger, start time.Time) {
		other := New(l, m, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
		ctx, stop := context.WithCancel(context.Background()) // the test's is outside its bubble
		var running sync.WaitGroup
		running.Go(func() { other.Run(ctx) })
		l.plan(call("a"), start)
		w.Planned(start)
		time.Sleep(2 * handOver)
		synctest.Wait()
		stop()
		running.Wait()
		if got := l.answers(); len(got) != 1 || got[0] != desk.Accepted || len(m.times()) != 1 {
			t.Errorf("answers %v after %d tries", got, len(m.times()))
		}
	})
}

// TestALetterOfADeadNodeIsSoonAnothers: whoever is killed renews nothing.
func TestALetterOfADeadNodeIsSoonAnothers(t *testing.T) {
	m := &mailer{reply: accepting}
	stage(t, m, func(_ *Worker, l *ledger, start time.Time) {
		l.plan(call("a"), start)
		if _, ok, err := l.Claim(context.Background(), call("a"), Lease); !ok || err != nil {
			t.Fatal("not claimed")
		}
		time.Sleep(Lease + askEvery)
		synctest.Wait()
		if got := m.times(); len(got) != 1 || got[0].Sub(start) < Lease {
			t.Errorf("it left at %v, claimed at %v", got, start)
		}
	})
}

// TestWhatIsNotSurelyOursStays: a letter whose lease another node may have does not leave, whatever held it up.
func TestWhatIsNotSurelyOursStays(t *testing.T) {
	for name, disturb := range map[string]func(l *ledger, clock *atomic.Int64){
		"another node has it":       func(l *ledger, _ *atomic.Int64) { l.plan(call("a"), time.Now().Add(time.Hour)) },
		"the database is away":      func(l *ledger, _ *atomic.Int64) { l.mu.Lock(); l.renewing = errors.New("away"); l.mu.Unlock() },
		"the clock was set forward": func(_ *ledger, clock *atomic.Int64) { clock.Store(int64(time.Hour)) },
		"the clock was set back":    func(_ *ledger, clock *atomic.Int64) { clock.Store(int64(-time.Hour)) },
		"":                          func(*ledger, *atomic.Int64) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var clock atomic.Int64
				wall := func() time.Time { return time.Now().Round(0).Add(time.Duration(clock.Load())) }
				l := &ledger{now: time.Now, due: map[desk.Call]time.Time{call("a"): time.Now()}}
				w := New(l, nil, slog.New(slog.NewTextHandler(io.Discard, nil)), wall)
				began := w.moment()
				letter, _, _ := l.Claim(t.Context(), call("a"), Lease)
				h := w.hold(t.Context(), letter, began)
				time.Sleep(time.Second)
				if !h.ours() {
					t.Error("it is not ours at once")
				}
				disturb(l, &clock)
				wait := sure
				if clock.Load() != 0 {
					wait = 0
				}
				time.Sleep(wait)
				if got, want := h.ours(), name == ""; got != want {
					t.Errorf("ours: %v", got)
				}
				h.end()
			})
		})
	}
}
