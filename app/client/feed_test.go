package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"recado/app/client"
	"recado/app/wire"
)

func TestFeedArrivesInOrder(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.conversation("c1"); f.message("c1", other, "one", ""); f.message("c1", other, "two", "") })
	d.until("both messages", func() bool { return slices.Equal(d.bodies("c1"), []string{"one", "two"}) })
	d.until("bubbles", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.arrived) == 2 })
	if a := d.arrived[0]; !a.Live || a.Author.Name != "Björn Åkesson" || a.Mentioned || a.Seen {
		t.Errorf("arrived: %+v", a)
	}
	v, err := d.Conversation(t.Context(), "c1")
	if err != nil || v.Unseen != 2 || v.LastMessage.Body != "two" {
		t.Errorf("conversation %+v, %v", v, err)
	}
	inbox, err := d.Conversations(t.Context(), "internal-inbox", "", 10)
	if err != nil || len(inbox.Items) != 1 {
		t.Errorf("inbox %+v, %v", inbox, err)
	}
	if err := d.Seen(t.Context(), "c1", 2); err != nil {
		t.Fatal(err)
	}
	d.until("seen told", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return len(f.seen) == 1 })
	if v, _ := d.Conversation(t.Context(), "c1"); v.Unseen != 0 {
		t.Errorf("unseen %d after seen", v.Unseen)
	}
}

// Every way a connection can break off or repeat itself must end in the same messages, each once.
func TestFeedSurvivesBadConnections(t *testing.T) {
	t.Parallel()
	cut := func(at func(event string) string) func(*fake) func(int64, string) []string {
		return func(f *fake) func(int64, string) []string {
			done := false
			return func(n int64, event string) []string {
				if n == 4 && !done {
					done = true
					return []string{at(event), ""}
				}
				return []string{event}
			}
		}
	}
	cases := map[string]func(*fake) func(int64, string) []string{
		"cut in the JSON":         cut(func(e string) string { return e[:len(e)/2] }),
		"cut before the id":       cut(func(e string) string { return e[:strings.Index(e, "\nid:")+1] }),
		"truncated JSON, id kept": cut(func(e string) string { return "data: {\"number\":4,\"type\":\"mess\nid: e1.4\n\n" }),
		"clean end":               cut(func(string) string { return ": ended\n\n" }),
		"duplicates": func(*fake) func(int64, string) []string {
			return func(_ int64, e string) []string { return []string{e, e} }
		},
		"an entry left out once": func(*fake) func(int64, string) []string {
			done := false
			return func(n int64, e string) []string {
				if n == 4 && !done {
					done = true
					return nil
				}
				return []string{e}
			}
		},
	}
	for name, mangle := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			d := signedIn(t, f)
			f.do(func() { f.mangle = mangle(f) })
			want := []string{}
			f.do(func() {
				f.conversation("c1")
				for i := range 8 {
					want = append(want, fmt.Sprint("message ", i))
					f.message("c1", other, want[i], "")
				}
			})
			d.until("all messages", func() bool { return slices.Equal(d.bodies("c1"), want) && d.caughtUp(f)() })
			d.until("bubbles", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.arrived) >= 8 })
			if len(d.arrived) != 8 {
				t.Errorf("%d bubbles for 8 messages", len(d.arrived))
			}
			if d.Connection().Gap {
				t.Error("the gap is still shown")
			}
		})
	}
}

func TestGapIsShown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() {
		f.mangle = func(n int64, e string) []string {
			if n == 2 {
				return nil // left out for good: only a snapshot can mend this
			}
			return []string{e}
		}
		f.conversation("c1")
		f.message("c1", other, "one", "")
		f.message("c1", other, "two", "")
	})
	d.until("mended from a snapshot", func() bool { return slices.Equal(d.bodies("c1"), []string{"one", "two"}) && d.caughtUp(f)() })
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.ContainsFunc(d.events, func(e client.Event) bool { return e.Connection != nil && e.Connection.Gap }) {
		t.Error("the gap was never shown")
	}
}

func TestEpochChangeFillsAnew(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() {
		f.conversation("stays")
		f.message("stays", other, "kept", "")
		f.conversation("gone")
		f.message("gone", other, "rolled back", "")
	})
	d.until("both", func() bool { return len(d.bodies("gone")) == 1 })
	if err := d.SaveDraft(t.Context(), "stays", client.Draft{Body: "typed"}); err != nil {
		t.Fatal(err)
	}
	f.do(func() {
		f.epoch = "e2"
		f.entries = nil
		delete(f.convs, "gone")
		delete(f.msgs, "gone")
		f.message("stays", other, "after", "")
	})
	d.until("the new epoch", func() bool { return slices.Equal(d.bodies("stays"), []string{"kept", "after"}) && d.caughtUp(f)() })
	if _, err := d.Conversation(t.Context(), "gone"); code(err) != "not-found" {
		t.Errorf("rolled back conversation: %v", err)
	}
	if hits, _ := d.Find(t.Context(), "rolled", 10); len(hits) != 0 {
		t.Error("the search still knows what is gone")
	}
	if draft, _ := d.Draft(t.Context(), "stays"); draft.Body != "typed" {
		t.Error("the draft is lost")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.arrived) != 2 {
		t.Errorf("%d bubbles: a filling makes none", len(d.arrived))
	}
}

func TestAccessLost(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.conversation("c1"); f.message("c1", other, "confidential", "") })
	d.until("message", func() bool { hits, _ := d.Find(t.Context(), "CONFIDÉN", 10); return len(hits) == 1 })
	f.do(func() { f.add(wire.Entry{Type: wire.AccessLost, Lost: "c1"}) })
	d.until("forgotten", func() bool { _, err := d.Conversation(t.Context(), "c1"); return code(err) == "not-found" })
	if hits, err := d.Find(t.Context(), "confidential", 10); err != nil || len(hits) != 0 {
		t.Errorf("the search still finds %d, %v", len(hits), err)
	}
	d.until("told", func() bool { return d.told("access-lost") == 1 })
}

func TestGainedHistoryIsPagedIn(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	want := []string{}
	f.do(func() {
		f.conversation("c1")
		for i := range 7 {
			want = append(want, fmt.Sprint("old ", i))
			f.message("c1", other, want[i], "")
		}
		f.entries = nil // before this person stood in it
		f.add(wire.Entry{Type: wire.ConversationCreated, Conversation: f.convs["c1"]})
	})
	d.until("history", func() bool { return slices.Equal(d.bodies("c1"), want) })
	if len(d.arrived) != 0 {
		t.Error("old messages make no bubbles")
	}
}

func TestTruncatedIsFetched(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	long := strings.Repeat("x", 40_000)
	f.do(func() {
		f.conversation("c1")
		m := f.message("c1", other, long, "")
		f.entries[len(f.entries)-1].Message = &wire.Message{ID: m.ID, Conversation: "c1", Number: 1, Version: 1, Truncated: true}
	})
	d.until("the whole text", func() bool { return slices.Equal(d.bodies("c1"), []string{long}) })
}
