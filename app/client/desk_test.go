package client_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"recado/app/client"
)

// desk is a client under test, with all it told.
type desk struct {
	*client.Client
	t       testing.TB
	dir     string
	mu      sync.Mutex
	events  []client.Event
	arrived []client.MessageArrived
	bell    chan struct{}
}

func openDesk(t testing.TB, dir string) *desk {
	t.Helper()
	d := &desk{t: t, dir: dir, bell: make(chan struct{}, 1)}
	ring := func() {
		select {
		case d.bell <- struct{}{}:
		default:
		}
	}
	c, err := client.Open(t.Context(), client.Options{Dir: dir, Backoff: func(int) time.Duration { return time.Millisecond },
		OnEvent:   func(e client.Event) { d.mu.Lock(); d.events = append(d.events, e); d.mu.Unlock(); ring() },
		OnMessage: func(m client.MessageArrived) { d.mu.Lock(); d.arrived = append(d.arrived, m); d.mu.Unlock(); ring() }})
	if err != nil {
		t.Fatal(err)
	}
	d.Client = c
	t.Cleanup(func() { c.Close() })
	return d
}

func signedIn(t testing.TB, f *fake) *desk {
	t.Helper()
	d := openDesk(t, t.TempDir())
	if _, err := d.SignIn(t.Context(), f.URL, "ana@example.com", "right", "test"); err != nil {
		t.Fatal(err)
	}
	d.until("caught up", d.caughtUp(f))
	return d
}

// until waits for ok, asked again at every event.
func (d *desk) until(what string, ok func() bool) {
	d.t.Helper()
	deadline := time.After(10 * time.Second)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-d.bell:
		case <-again.C:
		case <-deadline:
			d.t.Fatalf("never: %s; connection %+v", what, d.Connection())
		}
	}
}

func (d *desk) caughtUp(f *fake) func() bool {
	return func() bool {
		f.mu.Lock()
		head := int64(len(f.entries))
		f.mu.Unlock()
		c := d.Connection()
		return c.State == "connected" && c.UpTo == head && c.Waiting == 0
	}
}

func (d *desk) bodies(conversation string) []string {
	d.t.Helper()
	page, err := d.Messages(d.t.Context(), conversation, 0, 0, 200)
	if err != nil {
		return nil
	}
	out := []string{}
	for _, m := range page.Items {
		out = append(out, m.Body)
	}
	return out
}

func (d *desk) told(kind string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, e := range d.events {
		if string(e.Type) == kind {
			n++
		}
	}
	return n
}

func code(err error) string {
	var e *client.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
