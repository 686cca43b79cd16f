package client_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"recado/app/wire"
)

func (f *fake) listCanned(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer(w, 200, wire.Page[wire.CannedAnswer]{Items: f.canned})
}

func (f *fake) addCanned(w http.ResponseWriter, r *http.Request) {
	var a wire.CannedAnswer
	json.NewDecoder(r.Body).Decode(&a)
	a.ID, a.Version, a.ChangedAt = "a-"+a.Name, 1, wire.Time{Time: t0}
	f.do(func() { f.canned = append(f.canned, a) })
	answer(w, 201, a)
}

func (f *fake) removeCanned(w http.ResponseWriter, r *http.Request) {
	f.do(func() { f.canned = f.canned[:0] })
	w.WriteHeader(204)
}

// Canned answers are here without the server, also after a restart, and what is told of them is read anew.
func TestCannedAnswersAreHereOffline(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.canned = []wire.CannedAnswer{{ID: "a1", Name: "Refund", Body: "Hello {customer.name}", Version: 1, ChangedAt: wire.Time{Time: t0}}}
	d := signedIn(t, f)
	names := func() (out []string) {
		list, err := d.CannedAnswers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			out = append(out, a.Name+": "+a.Body)
		}
		return out
	}
	has := func(want ...string) func() bool {
		return func() bool {
			got := names()
			for i := range got {
				if i >= len(want) || got[i] != want[i] {
					return false
				}
			}
			return len(got) == len(want)
		}
	}
	d.until("read at the beginning", has("Refund: Hello {customer.name}"))
	f.do(func() {
		f.canned[0].Body, f.canned[0].Version = "Hi {customer.first}", 2
		f.live = append(f.live, "event: canned\ndata: {\"at\":\"2026-01-02T03:04:05.000Z\"}\n\n")
	})
	d.until("told and read anew", has("Refund: Hi {customer.first}"))
	if a, err := d.AddCanned(t.Context(), "Hours", "From 9"); err != nil || a.ID != "a-Hours" || !has("Refund: Hi {customer.first}", "Hours: From 9")() {
		t.Errorf("added %+v, %v; have %q", a, err, names())
	}
	d.until("the window was told of each", func() bool { return d.told("canned") == 3 })
	f.do(func() { f.down = true })
	if _, err := d.AddCanned(t.Context(), "Later", "x"); code(err) != "offline" {
		t.Errorf("added offline: %v", err)
	}
	dir := d.dir
	d.Close()
	d = openDesk(t, dir)
	if !has("Refund: Hi {customer.first}", "Hours: From 9")() {
		t.Errorf("after a restart without the server: %q", names())
	}
}

// What is removed is gone here, too.
func TestCannedAnswersAreRemoved(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	a, err := d.AddCanned(t.Context(), "Hours", "From 9")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.RemoveCanned(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	if list, err := d.CannedAnswers(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("left: %+v, %v", list, err)
	}
}
