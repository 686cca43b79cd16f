package client_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"recado/app/client"
	"recado/app/wire"
)

// item makes an item at the server, or a new version of one.
func (f *fake) item(i wire.Item) {
	typ := "item.changed"
	if i.Version == 1 {
		typ = "item.created"
	}
	i.Kind, i.Author, i.CreatedAt, i.ChangedAt = "ticket", other, wire.Time{Time: t0}, wire.Time{Time: t0}
	if i.State == "" {
		i.State = "open"
	}
	if i.Tags == nil {
		i.Tags = []string{}
	}
	if i.Followers == nil {
		i.Followers = []string{}
	}
	if f.items == nil {
		f.items = map[string]wire.Item{}
	}
	f.items[i.ID] = i
	f.add(wire.Entry{Type: typ, Item: &i})
}

func (d *desk) numbers(filter client.ItemFilter, limit int) (numbers []int64) {
	d.t.Helper()
	for cursor := ""; ; {
		page, err := d.Items(d.t.Context(), filter, cursor, limit)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, i := range page.Items {
			numbers = append(numbers, i.Number)
		}
		if cursor = page.Next; cursor == "" {
			return numbers
		}
	}
}

func TestItemsAreCached(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.do(func() { f.item(wire.Item{ID: "early", Number: 1, Title: "Before the first filling", Version: 1}) })
	d := signedIn(t, f)
	due := wire.Time{Time: t0.Add(time.Hour)}
	f.do(func() {
		f.item(wire.Item{ID: "i2", Number: 2, Title: "Café máquina", Description: "It drips", Version: 1, Assignee: me, Tags: []string{"kitchen"}, Followers: []string{me, other}, Due: &due, Project: "P"})
		f.item(wire.Item{ID: "i3", Number: 3, Title: "Draft", Version: 1})
		f.item(wire.Item{ID: "i3", Number: 3, Title: "Done with", State: "done", Version: 2})
	})
	d.until("caught up", d.caughtUp(f))
	f.do(func() { f.down = true }) // all that follows is read without a network
	for what, c := range map[string]struct {
		filter client.ItemFilter
		want   string
	}{
		"all": {client.ItemFilter{}, "[3 2 1]"}, "mine": {client.ItemFilter{Assignee: me}, "[2]"}, "nobody's": {client.ItemFilter{Assignee: "nobody", State: "active"}, "[1]"},
		"tag and more":           {client.ItemFilter{Tag: "Kitchen", Follower: other, Project: "P", Kind: "ticket", State: "open", Query: "cafe drip"}, "[2]"},
		"found by its new title": {client.ItemFilter{Query: "done"}, "[3]"}, "not by the old": {client.ItemFilter{Query: "draft"}, "[]"},
		"due": {client.ItemFilter{Due: "2099-01-01T00:00:00.000Z"}, "[2]"},
	} {
		if got := d.numbers(c.filter, 1); strings.ReplaceAll(c.want, " ", ",") != spellNumbers(got) {
			t.Errorf("%s: %v, want %s", what, got, c.want)
		}
	}
	if d.told("item") < 3 {
		t.Errorf("the window was told of %d items", d.told("item"))
	}
	if _, err := d.Item(t.Context(), "nobody's"); code(err) != "not-found" {
		t.Errorf("an unknown item: %v", err)
	}
}

func spellNumbers(list []int64) string {
	text := []string{}
	for _, n := range list {
		text = append(text, string(rune('0'+n)))
	}
	return "[" + strings.Join(text, ",") + "]"
}

// What is written about an item offline makes its conversation once, and only its followers have it in their inbox.
func TestWritingAboutAnItemOffline(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.item(wire.Item{ID: "i1", Number: 1, Title: "x", Version: 1}) })
	d.until("the item", func() bool { _, err := d.Item(t.Context(), "i1"); return err == nil })
	f.do(func() { f.down = true })
	for _, key := range []string{"k1", "k2"} {
		if _, err := d.SendAbout(t.Context(), key, "i1", "internal", "about it "+key, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	rooms, err := d.ItemConversations(t.Context(), "i1")
	if err != nil || len(rooms) != 1 || rooms[0].ID != "new:k1" || rooms[0].Item != "i1" {
		t.Errorf("in the outbox: %+v, %v", rooms, err)
	}
	f.do(func() { f.down = false })
	d.until("sent", d.caughtUp(f))
	if rooms, err = d.ItemConversations(t.Context(), "i1"); err != nil || len(rooms) != 1 || rooms[0].ID != "c-k1" || len(d.bodies("c-k1")) != 2 {
		t.Errorf("at the server: %+v, %v", rooms, err)
	}
	f.do(func() {
		c := f.conversation("theirs")
		c.Item, c.Participants = "i1", []wire.Participant{{Person: other, HistoryFrom: 1}}
		c.Version++
		again := *c
		f.add(wire.Entry{Type: "conversation.changed", Conversation: &again})
		f.message("theirs", other, "a colleague's", "")
	})
	d.until("caught up", d.caughtUp(f))
	d.inView("internal-inbox")
	d.inView("unread")
}

// A conversation put to sleep offline sleeps at once, and at the server when it can be reached; what is told meanwhile
// does not wake it.
func TestSnoozeOffline(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.withCustomer("c", me) })
	d.until("caught up", d.caughtUp(f))
	f.do(func() { f.message("c", customer, "Hello?", "") })
	d.until("caught up", d.caughtUp(f))
	d.inView("waiting", "c")
	f.do(func() { f.down = true })
	if err := d.Snooze(t.Context(), "c", "answer"); err != nil {
		t.Fatal(err)
	}
	d.inView("snoozed", "c")
	d.inView("unassigned")
	if err := d.Snooze(t.Context(), "c", "soon"); code(err) != "invalid" {
		t.Errorf("until soon: %v", err)
	}
	f.do(func() { f.down = false })
	d.until("told", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return len(f.snoozed) > 0 })
	f.do(func() {
		if f.snoozed[0] != `c {"snoozedUntilAnswer":true}` {
			t.Errorf("told %q", f.snoozed)
		}
		f.message("c", me, "Here I am", "")
	})
	d.until("answered, and asleep", func() bool {
		v, err := d.Conversation(t.Context(), "c")
		return err == nil && v.WaitingSince == "" && v.SnoozedUntil != ""
	})
	if err := d.Snooze(t.Context(), "c", ""); err != nil {
		t.Fatal(err)
	}
	d.inView("snoozed")
	if err := d.Snooze(t.Context(), "c", "2001-01-01T00:00:00.000Z"); err != nil {
		t.Fatal(err)
	}
	d.inView("unassigned", "c") // a moment that has passed wakes without anybody telling
	counts, err := d.Counts(t.Context())
	if err != nil || counts["unassigned"] != 1 || counts["snoozed"] != 0 || counts["waiting"] != 0 {
		t.Errorf("counts %v, %v", counts, err)
	}
}

// A very large item comes by its name alone, and is fetched.
func TestATruncatedItemIsFetched(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() {
		f.item(wire.Item{ID: "large", Number: 1, Title: "Whole", Version: 1})
		n := len(f.entries) - 1
		f.entries[n].Item = &wire.Item{ID: "large", Number: 1, Kind: "ticket", State: "open", Tags: []string{}, Followers: []string{}, CreatedAt: wire.Time{Time: t0}, ChangedAt: wire.Time{Time: t0}, Version: 1, Truncated: true}
	})
	d.until("fetched", func() bool { i, err := d.Item(t.Context(), "large"); return err == nil && i.Title == "Whole" })
}

func (f *fake) getItem(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i, ok := f.items[r.PathValue("id")]; ok {
		answer(w, 200, i)
		return
	}
	problem(w, 404, "not-found", "There is no such thing.")
}

func (f *fake) patchConversation(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		problem(w, 400, "malformed", "The body could not be received.")
		return
	}
	var now *wire.Conversation
	f.do(func() {
		f.snoozed = append(f.snoozed, r.PathValue("id")+" "+strings.TrimSpace(string(body)))
		now = f.convs[r.PathValue("id")]
	})
	answer(w, 200, now)
}
