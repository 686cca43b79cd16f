package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/app/client"
	"recado/app/wire"
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

func TestOutboxSendsOnceInOrderOverRestarts(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.conversation("c1"); f.message("c1", other, "hello", "") })
	d.until("hello", func() bool { return len(d.bodies("c1")) == 1 })
	f.do(func() { f.down = true; f.loseAnswer = 4 })
	want := []string{"hello"}
	for i := range 6 {
		body := fmt.Sprint("typed ", i)
		want = append(want, body)
		if _, err := d.Send(t.Context(), fmt.Sprint("k", i), "c1", body, nil, nil); err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			d = openDesk(t, d.dir)
		}
	}
	if got := d.bodies("c1"); !slices.Equal(got, want) {
		t.Errorf("offline shown: %q", got)
	}
	f.do(func() { f.down = false })
	if err := d.Resume("", "secret"); err != nil {
		t.Fatal(err)
	}
	d.until("all sent", d.caughtUp(f))
	if got := d.bodies("c1"); !slices.Equal(got, want) {
		t.Errorf("here: %q", got)
	}
	if len(f.msgs["c1"]) != len(want) {
		t.Errorf("%d messages at the server, want %d", len(f.msgs["c1"]), len(want))
	}
	for i, m := range f.msgs["c1"] {
		if m.Body != want[i] {
			t.Errorf("at the server %d: %q, want %q", i, m.Body, want[i])
		}
	}
	if len(f.posted) <= 6 {
		t.Errorf("only %d posts: no answer was lost, the test shows nothing", len(f.posted))
	}
}

func TestNewConversationMovesWithWhatFollows(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.down = true; f.loseAnswer = 1 })
	v, err := d.Create(t.Context(), "first", []string{other}, "Lunch", "Shall we?", nil, nil)
	if err != nil || v.ID != "new:first" {
		t.Fatalf("%+v, %v", v, err)
	}
	if _, err := d.Send(t.Context(), "second", v.ID, "At one?", nil, nil); err != nil {
		t.Fatal(err)
	}
	if again, err := d.Create(t.Context(), "first", []string{other}, "Lunch", "Shall we?", nil, nil); err != nil || again.ID != v.ID {
		t.Errorf("same key again: %+v, %v", again, err)
	}
	f.do(func() { f.down = false })
	d.until("sent", d.caughtUp(f))
	if got := d.bodies("c-first"); !slices.Equal(got, []string{"Shall we?", "At one?"}) {
		t.Errorf("conversation holds %q", got)
	}
	if _, err := d.Conversation(t.Context(), "new:first"); code(err) != "not-found" {
		t.Errorf("the local one is still there: %v", err)
	}
	sent, err := d.Conversations(t.Context(), "internal-sent", "", 10)
	if err != nil || len(sent.Items) != 1 {
		t.Errorf("sent view %+v, %v", sent, err)
	}
	d.until("moved", func() bool { return d.told("moved") == 1 })
	page, _ := d.Messages(t.Context(), "c-first", 0, 0, 10)
	if page.Items[0].RowKey != "first" || page.Items[1].RowKey != "second" {
		t.Errorf("row keys changed: %q, %q", page.Items[0].RowKey, page.Items[1].RowKey)
	}
}

func TestRefusedAndHeld(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.conversation("c1") })
	d.until("conversation", d.caughtUp(f))
	f.do(func() {
		f.refuse = func(key string) *wire.Problem {
			if key == "bad" {
				return &wire.Problem{Type: wire.ProblemPrefix + "invalid", Status: 422, Detail: "This can't be sent."}
			}
			return nil
		}
	})
	mustSend := func(key string) {
		t.Helper()
		if _, err := d.Send(t.Context(), key, "c1", "text "+key, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	state := func(key string) string {
		page, _ := d.Messages(t.Context(), "c1", 0, 0, 50)
		for _, m := range page.Items {
			if m.RowKey == key {
				return m.State + " " + m.Problem
			}
		}
		return ""
	}
	mustSend("bad")
	d.until("failed", func() bool { return state("bad") == "failed This can't be sent." })
	mustSend("good")
	d.until("later ones go on", func() bool { return state("good") == "sent " })
	if draft, err := d.TakeBack(t.Context(), "bad"); err != nil || draft.Body != "text bad" {
		t.Errorf("taken back: %+v, %v", draft, err)
	}
	f.do(func() { f.convs["c1"].Audience = "a2" })
	mustSend("late")
	d.until("held", func() bool { return strings.HasPrefix(state("late"), "held") })
	f.do(func() {
		f.convs["c1"].Version++
		f.add(wire.Entry{Type: wire.ConversationChanged, Conversation: f.convs["c1"]})
	})
	d.until("the new audience", func() bool { return d.Connection().UpTo == int64(len(f.entries)) })
	if err := d.Retry(t.Context(), "late"); err != nil {
		t.Fatal(err)
	}
	d.until("sent to the new audience", func() bool { return state("late") == "sent " })
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

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.conversation("c1"); f.message("c1", other, "kept", "") })
	d.until("message", func() bool { return len(d.bodies("c1")) == 1 })
	f.do(func() { f.expired = true })
	d.until("signed out", func() bool { return d.Connection().State == "signed-out" })
	if got := d.bodies("c1"); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("the cache lost %q", got)
	}
	if _, err := d.Devices(t.Context()); code(err) != "signed-out" {
		t.Errorf("a call without a session: %v", err)
	}
}

func TestFilesGoBeforeTheirMessage(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.conversation("c1") })
	d.until("conversation", d.caughtUp(f))
	id, err := d.BeginFile(t.Context(), `..\..\etc/no\tes.txt`, 6)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.FinishFile(t.Context(), id); code(err) != "invalid" {
		t.Errorf("half a file was taken: %v", err)
	}
	for _, chunk := range []string{"abc", "def"} {
		if err := d.AppendFile(t.Context(), id, []byte(chunk)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.AppendFile(t.Context(), id, []byte("g")); code(err) != "invalid" {
		t.Errorf("more than told was taken: %v", err)
	}
	ref, err := d.FinishFile(t.Context(), id)
	if err != nil || ref.Name != "tes.txt" {
		t.Fatalf("%+v, %v", ref, err)
	}
	if _, err := d.Send(t.Context(), "k", "c1", "", []string{id}, nil); err != nil {
		t.Fatal(err)
	}
	d.until("sent", d.caughtUp(f))
	if f.uploads["k-0"] != "abcdef" {
		t.Errorf("uploads: %q", f.uploads)
	}
}

func TestSignOutKeepsWhatIsUnsent(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.conversation("c1") })
	d.until("conversation", d.caughtUp(f))
	f.do(func() { f.down = true })
	if _, err := d.Send(t.Context(), "k", "c1", "unsent", nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.SignOut(t.Context(), false); code(err) != "unsent" {
		t.Errorf("sign-out with something unsent: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := d.SignOut(ctx, true); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Me(); ok || len(d.bodies("c1")) != 0 {
		t.Error("the cache is still there")
	}
	f.do(func() { f.down = false })
	if _, err := d.SignIn(t.Context(), f.URL, "a", "wrong", "test"); code(err) != "wrong-password" {
		t.Errorf("wrong password: %v", err)
	}
}
