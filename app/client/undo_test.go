package client_test

import (
	"sync/atomic"
	"testing"
	"time"

	"recado/app/client"
)

// held opens a desk whose messages to customers stay for a while; now is its clock.
func held(t *testing.T, f *fake, hold time.Duration, now func() time.Time) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), bell: make(chan struct{}, 1)}
	c, err := client.Open(t.Context(), client.Options{Dir: d.dir, Now: now, Backoff: func(int) time.Duration { return time.Millisecond },
		OnEvent: func(e client.Event) { d.mu.Lock(); d.events = append(d.events, e); d.mu.Unlock() },
		Hold: func(kind string) time.Duration {
			if kind == client.WithCustomer {
				return hold
			}
			return 0
		}})
	if err != nil {
		t.Fatal(err)
	}
	d.Client = c
	t.Cleanup(func() { c.Close() })
	if _, err := d.SignIn(t.Context(), f.URL, "ana@example.com", "right", "test"); err != nil {
		t.Fatal(err)
	}
	f.do(func() { f.withCustomer("c1", me); f.conversation("team") })
	d.until("caught up", d.caughtUp(f))
	return d
}

func (f *fake) keysPosted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.posted...)
}

// What customers read stays here for a while: undone, nothing of it ever left; and what was typed comes back.
func TestUndone(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := held(t, f, time.Hour, time.Now)
	m, err := d.Send(t.Context(), "k1", "c1", "Hello, Dana", nil, []string{other})
	if err != nil || m.LeavesAt <= m.CreatedAt {
		t.Fatalf("sent %+v, %v", m, err)
	}
	if _, err := d.Send(t.Context(), "k2", "team", "Between us", nil, nil); err != nil {
		t.Fatal(err)
	}
	d.until("the team's left at once", func() bool { return len(f.keysPosted()) == 1 })
	back, err := d.Undo(t.Context(), "k1")
	if err != nil || back.Body != "Hello, Dana" || len(back.Mentions) != 1 {
		t.Errorf("undone: %+v, %v", back, err)
	}
	if _, err := d.Undo(t.Context(), "k2"); code(err) != "left" {
		t.Errorf("undone what has left: %v", err)
	}
	if posted := f.keysPosted(); len(posted) != 1 || posted[0] != "k2" || d.Connection().Waiting != 0 {
		t.Errorf("left: %q, %d wait", posted, d.Connection().Waiting)
	}
	if _, err := d.Create(t.Context(), "k3", "customer", []string{customer}, "", "A new one", nil, nil); err != nil {
		t.Fatal(err)
	}
	back, err = d.Undo(t.Context(), "k3")
	if err != nil || back.Body != "A new one" || len(back.Participants) != 1 || back.Participants[0] != customer {
		t.Errorf("a conversation undone: %+v, %v", back, err)
	}
	if _, err := d.Conversation(t.Context(), "new:k3"); code(err) != "not-found" {
		t.Errorf("it is still here: %v", err)
	}
}

// When its time has come it leaves by itself, and what was typed after it follows in order.
func TestHeldLeavesInTime(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := held(t, f, 150*time.Millisecond, time.Now)
	for _, key := range []string{"k1", "k2"} {
		if _, err := d.Send(t.Context(), key, "c1", "text of "+key, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if posted := f.keysPosted(); len(posted) != 0 {
		t.Errorf("left before its time: %q", posted)
	}
	d.until("both left", func() bool { return len(f.keysPosted()) == 2 })
	if posted := f.keysPosted(); posted[0] != "k1" || posted[1] != "k2" {
		t.Errorf("in another order: %q", posted)
	}
}

// An app that was closed meanwhile sends it when it is opened again; a clock that was set back holds nothing up.
func TestHeldOverARestart(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	d := held(t, f, time.Hour, now)
	if _, err := d.Send(t.Context(), "k1", "c1", "typed before", nil, nil); err != nil {
		t.Fatal(err)
	}
	d.Close()
	ahead.Store(int64(2 * time.Hour))
	again, err := client.Open(t.Context(), client.Options{Dir: d.dir, Now: now, Hold: func(string) time.Duration { return time.Hour }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	if err := again.Resume("", "secret"); err != nil {
		t.Fatal(err)
	}
	d.until("left after the restart", func() bool { return len(f.keysPosted()) == 1 })

	if _, err := again.Send(t.Context(), "k2", "c1", "typed by a clock that is ahead", nil, nil); err != nil {
		t.Fatal(err)
	}
	ahead.Store(0)
	again.Reconnect()
	d.until("the clock was set back", func() bool { return len(f.keysPosted()) == 2 })
	if _, err := again.Undo(t.Context(), "k2"); code(err) != "left" {
		t.Errorf("undone what left: %v", err)
	}
}
