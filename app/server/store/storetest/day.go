package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/server/messaging"
)

func (b *Bundle) patch(p desk.Person, conversation string, ch messaging.Change) messaging.View {
	b.TB.Helper()
	v, err := b.Messaging.Patch(context.Background(), p, conversation, ch)
	if err != nil {
		b.TB.Fatal(err)
	}
	return v
}

func (b *Bundle) now() int64 { return b.clock.Load() }

func (b *Bundle) wakeDue() time.Time {
	b.TB.Helper()
	next, err := b.Messaging.WakeDue(context.Background())
	if err != nil {
		b.TB.Fatal(err)
	}
	return next
}

func testSnooze(t *testing.T, b *Bundle) {
	ana, luis, marta := b.User("Ana"), b.User("Luis"), b.Customer("Marta")
	v := b.StartWith(ana, "hello", marta)
	b.patch(ana, v.ID, messaging.Change{Assignee: &ana.ID})
	until, answer, none := b.now()+60_000, int64(desk.Latest), int64(0)
	at := len(b.Feed(luis, 0))
	b.patch(ana, v.ID, messaging.Change{SnoozedUntil: &until})
	equal(t, "snoozed", b.list(ana, messaging.ListQuery{View: "snoozed"}), []string{v.ID})
	equal(t, "not to be done now", b.list(ana, messaging.ListQuery{View: "mine"}), []string{})
	equal(t, "not for a colleague", b.list(luis, messaging.ListQuery{View: "snoozed"}), []string{})
	equal(t, "nobody else is told", Types(b.Feed(luis, int64(at))), []string{})
	if next := b.wakeDue(); next.UnixMilli() != until {
		t.Errorf("wakes at %v, want %v", next, time.UnixMilli(until))
	}
	at = len(b.Feed(ana, 0))
	b.Pass(time.Minute)
	if next := b.wakeDue(); !next.IsZero() {
		t.Errorf("something sleeps on until %v", next)
	}
	equal(t, "awake", b.list(ana, messaging.ListQuery{View: "mine"}), []string{v.ID})
	equal(t, "told", Types(b.Feed(ana, int64(at))), []string{"conversation.changed"})

	b.patch(ana, v.ID, messaging.Change{SnoozedUntil: &answer})
	b.patch(luis, v.ID, messaging.Change{SnoozedUntil: &answer}) // who only looks in may, too
	b.Pass(1000 * time.Hour)
	b.wakeDue()
	b.Say(ana, v.ID, "one's own word wakes nothing of one's own")
	equal(t, "still asleep", b.list(ana, messaging.ListQuery{View: "snoozed"}), []string{v.ID})
	equal(t, "a colleague's word is an answer", b.list(luis, messaging.ListQuery{View: "snoozed"}), []string{})
	b.Say(marta, v.ID, "the answer")
	equal(t, "awake by the answer", b.list(ana, messaging.ListQuery{View: "snoozed"}), []string{})
	b.patch(ana, v.ID, messaging.Change{SnoozedUntil: &answer})
	equal(t, "woken by hand", b.patch(ana, v.ID, messaging.Change{SnoozedUntil: &none}).Mine.SnoozedUntil, 0)
}

func testWaiting(t *testing.T, b *Bundle) {
	ana, luis, marta, pablo := b.User("Ana"), b.User("Luis"), b.Customer("Marta"), b.Customer("Pablo")
	first, second, third := b.StartWith(ana, "one", marta), b.StartWith(ana, "two", pablo), b.StartWith(ana, "three", marta)
	b.Say(pablo, second.ID, "hello?")
	b.Say(marta, first.ID, "hello?")
	b.Say(pablo, second.ID, "anybody there?")
	waiting := func(view string) []string {
		var all []string
		for q := (messaging.ListQuery{View: view, Sort: messaging.SortWaiting, Limit: 1}); ; {
			vs, next, err := b.Messaging.List(context.Background(), luis, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range vs {
				all = append(all, v.ID)
			}
			if q.Cursor = next; next == "" {
				return all
			}
		}
	}
	equal(t, "the longest first", waiting("unassigned"), []string{second.ID, first.ID})
	b.Say(luis, second.ID, "here I am")
	equal(t, "answered", waiting("open"), []string{first.ID})
	b.patch(ana, first.ID, messaging.Change{Assignee: &luis.ID})
	equal(t, "mine", waiting("mine"), []string{first.ID})
	counts, err := b.Messaging.Counts(context.Background(), luis)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "counts", counts, map[string]int64{"open": 3, "mine": 1, "unassigned": 2, "unread": 0, "snoozed": 0, "mentions": 0})
	b.Say(marta, first.ID, "<@"+luis.ID+"|Luis>?")
	b.Say(ana, third.ID, "<@"+luis.ID+"|Luis> too")
	if counts, err = b.Messaging.Counts(context.Background(), luis); err != nil || counts["unread"] != 1 || counts["mentions"] != 2 {
		t.Errorf("counts: %v, %v", counts, err)
	}
	for view, want := range map[string][]string{"mentions": {third.ID, first.ID}, "open": {third.ID, first.ID}, "unread": {first.ID}} {
		equal(t, view+" with Marta", b.list(luis, messaging.ListQuery{View: view, Person: marta.ID}), want)
	}
	if counts, err = b.Messaging.Counts(context.Background(), marta); err != nil || counts["open"] != 2 || counts["unassigned"] != 1 {
		t.Errorf("a customer's counts: %v, %v", counts, err)
	}
}

func (b *Bundle) merge(actor desk.Person, source, target string) messaging.View {
	b.TB.Helper()
	v, err := b.Messaging.Merge(context.Background(), actor, source, target)
	if err != nil {
		b.TB.Fatal(err)
	}
	return v
}

func testMerge(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, marta, pablo := b.User("Ana"), b.User("Luis"), b.Customer("Marta"), b.Customer("Pablo")
	source, target, own := b.StartWith(ana, "in the source", marta), b.StartWith(luis, "a secret of the target", pablo), b.Start(ana, "private", luis)
	b.Say(marta, source.ID, "waiting")
	v := b.merge(luis, source.ID, target.ID)
	equal(t, "standing", standing(v), sorted(ana.ID, luis.ID, marta.ID, pablo.ID))
	if v.WaitingSince == 0 {
		t.Error("who waited in the source waits no more")
	}
	equal(t, "a customer sees nothing older", b.sees(marta, target.ID), 0)
	equal(t, "nor of the other's", func() bool {
		_, err := b.Messaging.Conversation(ctx, pablo, source.ID)
		return err == desk.ErrNotFound
	}(), true)
	m := b.Say(marta, source.ID, "by an old letter")
	if m.Conversation != target.ID || m.Number != 2 {
		t.Errorf("an answer went to %s, number %d", m.Conversation, m.Number)
	}
	place, st, err := b.Messaging.Place(ctx, source.ID, marta.ID)
	if err != nil || place.ID != target.ID || st == nil || !st.Participant {
		t.Errorf("mail is led to %s, %+v, %v", place.ID, st, err)
	}
	later := b.Customer("Later")
	if err := b.Messaging.Join(ctx, later, source.ID, true); err != nil {
		t.Fatal(err)
	}
	if c, err := b.Messaging.Conversation(ctx, later, target.ID); err != nil || c.From != 3 {
		t.Errorf("who joins by the source: %+v, %v", c, err)
	}
	_, _, err = b.Messaging.Post(ctx, ana, source.ID, messaging.Draft{Key: ID(), Body: "x", Audience: source.AudienceTag()})
	code(t, err, "audience-changed")
	again := "open"
	_, err = b.Messaging.Patch(ctx, ana, source.ID, messaging.Change{State: &again})
	code(t, err, "merged")
	_, err = b.Messaging.Merge(ctx, ana, source.ID, target.ID)
	code(t, err, "merged")
	_, err = b.Messaging.Merge(ctx, ana, target.ID, source.ID)
	code(t, err, "merge-circle")
	_, err = b.Messaging.Merge(ctx, ana, target.ID, target.ID)
	code(t, err, "merge-circle")
	_, err = b.Messaging.Merge(ctx, ana, own.ID, target.ID)
	code(t, err, "not-mergeable")
	_, err = b.Messaging.Merge(ctx, marta, source.ID, target.ID)
	code(t, err, "not-found")
	_, err = b.Messaging.Unmerge(ctx, marta, source.ID)
	code(t, err, "not-found")

	back, err := b.Messaging.Unmerge(ctx, ana, source.ID)
	if err != nil || back.State != "open" || back.MergedInto != "" {
		t.Fatalf("undone: %+v, %v", back.Conversation, err)
	}
	_, err = b.Messaging.Conversation(ctx, marta, target.ID)
	code(t, err, "not-found")
	equal(t, "back in its own place", b.Say(marta, source.ID, "again").Conversation, source.ID)
	_, err = b.Messaging.Unmerge(ctx, ana, source.ID)
	code(t, err, "not-merged")
}

// testMergesAtOnce: however many merge in a circle at the same time, one of them is refused, and every way ends.
func testMergesAtOnce(t *testing.T, b *Bundle) {
	ana := b.User("Ana")
	var ids []string
	for range 3 {
		ids = append(ids, b.StartWith(ana, "x", b.Customer("C")).ID)
	}
	var all sync.WaitGroup
	errs := make([]error, len(ids))
	for i := range ids {
		all.Go(func() {
			_, errs[i] = b.Messaging.Merge(context.Background(), ana, ids[i], ids[(i+1)%len(ids)])
		})
	}
	all.Wait()
	refused := 0
	for _, err := range errs {
		if err != nil {
			refused++
			code(t, err, "merge-circle")
		}
	}
	equal(t, "refused", refused, 1)
	ends := map[string]bool{}
	for _, id := range ids {
		ends[b.Say(ana, id, "where does this lead").Conversation] = true
	}
	equal(t, "ends", len(ends), 1)
}

// testMergeItems: a conversation that leads to an item's brings its people as followers, of what customers read alone.
func testMergeItems(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, marta, pablo := b.User("Ana"), b.Customer("Marta"), b.Customer("Pablo")
	item := b.Ticket(ana, "secret title", marta)
	team, outside, source := b.About(ana, item.ID, "secret", desk.Internal), b.About(ana, item.ID, "hello", desk.WithCustomers), b.StartWith(ana, "x", pablo)
	b.merge(ana, source.ID, outside.ID)
	equal(t, "followers", followers(b, ana, item.ID), sorted(ana.ID, marta.ID, pablo.ID))
	b.learnsNothing(pablo, team.ID, "secret")
	if _, err := b.Messaging.Unmerge(ctx, ana, source.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, "followers after the undoing", followers(b, ana, item.ID), sorted(ana.ID, marta.ID))
	b.merge(ana, outside.ID, source.ID)
	v := b.About(ana, item.ID, "about the item, elsewhere", desk.WithCustomers)
	equal(t, "an item's conversation that leads elsewhere", v.ID, source.ID)
	b.learnsNothing(marta, team.ID, "secret")
}

func testSplit(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, marta, pablo := b.User("Ana"), b.User("Luis"), b.Customer("Marta"), b.Customer("Pablo")
	v := b.StartWith(ana, "hello", marta)
	file := desk.File{ID: ID(), Name: "invoice.pdf", Size: 3}
	if _, _, err := b.Messaging.Upload(ctx, marta, ID(), "sum", file); err != nil {
		t.Fatal(err)
	}
	m, _, err := b.Messaging.Post(ctx, marta, v.ID, messaging.Draft{Key: ID(), Body: "another matter", Files: []string{file.ID}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Messaging.Add(ctx, ana, v.ID, pablo.ID, false); err != nil {
		t.Fatal(err)
	}
	key := ID()
	got, made, err := b.Messaging.Split(ctx, luis, m.ID, key, "Invoice")
	if err != nil || !made || got.SplitFrom != m.ID || got.Last.Author != marta.ID || got.Last.Body != "another matter" || got.WaitingSince == 0 {
		t.Fatalf("split: %+v, made %v, %v", got, made, err)
	}
	equal(t, "with those who saw it", standing(got), sorted(ana.ID, luis.ID, marta.ID))
	same, made, err := b.Messaging.Split(ctx, luis, m.ID, key, "Invoice")
	if err != nil || made || same.ID != got.ID {
		t.Errorf("again: %s, made %v, %v", same.ID, made, err)
	}
	if err := b.Messaging.Delete(ctx, marta, m.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Messaging.File(ctx, marta, file.ID); err != nil {
		t.Errorf("the copy's file: %v", err)
	}
	_, err = b.Messaging.File(ctx, pablo, file.ID)
	code(t, err, "not-found")
	_, _, err = b.Messaging.Split(ctx, luis, m.ID, ID(), "")
	code(t, err, "invalid")
	_, _, err = b.Messaging.Split(ctx, marta, got.Last.ID, ID(), "")
	code(t, err, "not-found")

	own := b.Start(ana, "private", luis)
	_, _, err = b.Messaging.Split(ctx, b.User("Eva"), own.Last.ID, ID(), "")
	code(t, err, "not-found")
	item := b.Ticket(ana, "x", marta)
	secret := b.About(ana, item.ID, "secret", desk.Internal)
	apart, _, err := b.Messaging.Split(ctx, luis, secret.Last.ID, ID(), "")
	if err != nil || apart.Kind != desk.Internal || apart.Item != "" {
		t.Errorf("of the team's: %+v, %v", apart.Conversation, err)
	}
	b.learnsNothing(marta, apart.ID, "secret")
	ds, err := b.Messaging.Deliveries(ctx, marta, got.Last.ID)
	for _, d := range ds {
		if err != nil || d.Channel == desk.ByEmail {
			t.Errorf("a copy is mailed: %+v, %v", d, err)
		}
	}
}

func testMove(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, marta, pablo := b.User("Ana"), b.Customer("Marta"), b.Customer("Pablo")
	v := b.StartWith(ana, "hello", marta)
	if _, err := b.Messaging.Move(ctx, ana, v.ID, marta.ID, pablo.ID, false); err != nil {
		t.Fatal(err)
	}
	_, err := b.Messaging.Conversation(ctx, marta, v.ID)
	code(t, err, "not-found")
	equal(t, "from now on", b.sees(pablo, v.ID), 0)
	calls, _, err := b.Messaging.Due(ctx)
	if err != nil || len(calls) > 0 {
		t.Errorf("mail still goes out: %+v, %v", calls, err)
	}
	item := b.Ticket(ana, "x", marta)
	secret, outside := b.About(ana, item.ID, "secret", desk.Internal), b.About(ana, item.ID, "hello", desk.WithCustomers)
	if _, err := b.Messaging.Move(ctx, ana, outside.ID, marta.ID, pablo.ID, true); err != nil {
		t.Fatal(err)
	}
	equal(t, "the whole history", b.sees(pablo, outside.ID), 1)
	equal(t, "followers", followers(b, ana, item.ID), sorted(ana.ID, pablo.ID))
	b.learnsNothing(pablo, secret.ID, "secret")
	for _, bad := range [][2]string{{marta.ID, pablo.ID}, {pablo.ID, ana.ID}, {pablo.ID, ID()}, {ana.ID, marta.ID}, {pablo.ID, pablo.ID}} {
		_, err := b.Messaging.Move(ctx, ana, outside.ID, bad[0], bad[1], true)
		code(t, err, "unknown-person")
	}
}

// testChatAndItems: what a visitor says in the chat stands where their conversation leads, and a visitor who is found to
// be a customer follows as that one, too.
func testChatAndItems(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, marta, visitor := b.User("Ana"), b.Customer("Marta"), b.Visitor("Somebody", "")
	say := func(body string) desk.Message {
		t.Helper()
		m, _, err := b.Messaging.Say(ctx, visitor, messaging.Said{Draft: messaging.Draft{Key: ID(), Body: body}})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	source := say("hello").Conversation
	item := b.Ticket(ana, "secret title")
	team, outside := b.About(ana, item.ID, "secret", desk.Internal), b.About(ana, item.ID, "for customers", desk.WithCustomers)
	b.merge(ana, source, outside.ID)
	b.patch(ana, source, messaging.Change{Subject: new(string)})
	equal(t, "said in the chat", say("where am I").Conversation, outside.ID)
	if _, err := b.Messaging.MergePerson(ctx, ana, visitor.ID, marta.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, "followers", followers(b, ana, item.ID), sorted(ana.ID, marta.ID, visitor.ID))
	equal(t, "sees what the visitor sees", b.sees(marta, outside.ID), b.sees(visitor, outside.ID))
	for _, p := range []desk.Person{marta, visitor} {
		b.learnsNothing(p, team.ID, "secret")
	}
}
