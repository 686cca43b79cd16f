package client_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recado/app/wire"
)

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
	// Whether the same key came again or the feed's echo was there first is a matter of time; that answers were lost is not.
	if f.loseAnswer > 0 {
		t.Errorf("%d answers were not lost: the test shows nothing", f.loseAnswer)
	}
}

func TestNewConversationMovesWithWhatFollows(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.down = true; f.loseAnswer = 1 })
	v, err := d.Create(t.Context(), "first", "internal", []string{other}, "Lunch", "Shall we?", nil, nil)
	if err != nil || v.ID != "new:first" {
		t.Fatalf("%+v, %v", v, err)
	}
	if _, err := d.Send(t.Context(), "second", v.ID, "At one?", nil, nil); err != nil {
		t.Fatal(err)
	}
	if again, err := d.Create(t.Context(), "first", "internal", []string{other}, "Lunch", "Shall we?", nil, nil); err != nil || again.ID != v.ID {
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
