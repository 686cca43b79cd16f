package storetest

import (
	"context"
	"testing"

	"recado/app/desk"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// StartWith starts a conversation with customers.
func (b *Bundle) StartWith(author desk.Person, body string, with ...desk.Person) messaging.View {
	b.TB.Helper()
	n := start(body, ID(), with...)
	n.Kind = desk.WithCustomers
	v, made, err := b.Messaging.Start(context.Background(), author, n)
	if err != nil || !made {
		b.TB.Fatalf("start: made %v, %v", made, err)
	}
	return v
}

// list gives the ids of a view.
func (b *Bundle) list(p desk.Person, q messaging.ListQuery) []string {
	b.TB.Helper()
	q.Limit = 50
	vs, _, err := b.Messaging.List(context.Background(), p, q)
	if err != nil {
		b.TB.Fatal(err)
	}
	ids := []string{}
	for _, v := range vs {
		ids = append(ids, v.ID)
	}
	return ids
}

func testCustomers(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	marta, pablo := b.Customer("Marta"), b.Customer("Pablo")
	v := b.StartWith(ana, "hello customers", marta, pablo, luis)
	equal(t, "participants", len(v.Participants), 4)
	for _, p := range []desk.Person{ana, luis, eva, marta} {
		equal(t, "feed of "+p.Name, Types(b.Feed(p, 0)), []string{"conversation.created", "message.created"})
	}
	for _, p := range []desk.Person{ana, luis, eva} {
		equal(t, "open for "+p.Name, b.list(p, messaging.ListQuery{View: "open"}), []string{v.ID})
		equal(t, "all for "+p.Name, b.list(p, messaging.ListQuery{}), []string{v.ID})
		equal(t, "inbox of "+p.Name, b.list(p, messaging.ListQuery{View: "internal-inbox"}), []string{})
		equal(t, "of Pablo for "+p.Name, b.list(p, messaging.ListQuery{Person: pablo.ID}), []string{v.ID})
		found, _, err := b.Messaging.Search(ctx, p, "hello", 0, 10)
		if err != nil || len(found) != 1 {
			t.Errorf("%s finds %d, %v", p.Name, len(found), err)
		}
	}
	equal(t, "unread of a participant", b.list(luis, messaging.ListQuery{View: "unread"}), []string{v.ID})
	equal(t, "unread of one who only sees it", b.list(eva, messaging.ListQuery{View: "unread"}), []string{})
	seen, err := b.Messaging.See(ctx, eva, v.ID, 1, 0)
	if err != nil || seen.Mine.SeenUpTo != 1 || len(seen.Participants) != 4 {
		t.Errorf("looking in: %+v, %v", seen.Mine, err)
	}
	equal(t, "others are not told who looks in", Types(b.Feed(ana, 0)), []string{"conversation.created", "message.created"})
	_, _, err = b.Messaging.Start(ctx, marta, messaging.Start{Kind: desk.WithCustomers, Participants: []string{ana.ID}, Message: messaging.Draft{Key: ID(), Body: "x"}})
	code(t, err, "forbidden")
}

func testReopening(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva, marta := b.User("Ana"), b.User("Luis"), b.User("Eva"), b.Customer("Marta")
	v := b.StartWith(ana, "hello", marta)
	state := func(s string) messaging.View {
		got, err := b.Messaging.Patch(ctx, luis, v.ID, messaging.Change{State: &s})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	equal(t, "closed", state("closed").State, "closed")
	equal(t, "the closed", b.list(eva, messaging.ListQuery{View: "closed"}), []string{v.ID})
	b.Say(ana, v.ID, "an agent's word leaves it closed")
	equal(t, "still closed", b.list(eva, messaging.ListQuery{View: "open"}), []string{})
	at := len(b.Feed(eva, 0))
	b.Say(marta, v.ID, "one more thing")
	equal(t, "open again", b.list(eva, messaging.ListQuery{View: "open"}), []string{v.ID})
	equal(t, "told", Types(b.Feed(eva, int64(at))), []string{"conversation.changed", "message.created"})

	// Who writes stands in it from then on, and nobody sees it who did not before.
	before, err := b.Messaging.Conversation(ctx, eva, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.Say(eva, v.ID, "I can help")
	after, err := b.Messaging.Conversation(ctx, eva, v.ID)
	if err != nil || len(after.Participants) != 3 || after.Mine.SeenUpTo != 3 || after.Unseen != 0 || after.AudienceTag() != before.AudienceTag() {
		t.Errorf("after writing: %+v, %v", after, err)
	}
}

func testAssignee(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, marta := b.User("Ana"), b.User("Luis"), b.Customer("Marta")
	v, own := b.StartWith(ana, "hello", marta), b.Start(ana, "hello", luis)
	assign := func(c, who string) (messaging.View, error) {
		return b.Messaging.Patch(ctx, ana, c, messaging.Change{Assignee: &who})
	}
	got, err := assign(v.ID, luis.ID)
	if err != nil || got.Assignee != luis.ID || len(got.Participants) != 3 || got.AudienceTag() == v.AudienceTag() {
		t.Fatalf("assigned: %+v, %v", got, err)
	}
	equal(t, "mine", b.list(luis, messaging.ListQuery{View: "mine"}), []string{v.ID})
	equal(t, "not mine", b.list(ana, messaging.ListQuery{View: "mine"}), []string{})
	_, err = assign(v.ID, marta.ID)
	code(t, err, "unknown-person")
	_, err = assign(v.ID, ID())
	code(t, err, "unknown-person")
	_, err = assign(own.ID, luis.ID)
	code(t, err, "invalid")
	if err := b.Messaging.Remove(ctx, ana, v.ID, luis.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, "after leaving", b.list(luis, messaging.ListQuery{View: "mine"}), []string{})
}

func testCustomerHistory(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, marta, pablo := b.User("Ana"), b.User("Luis"), b.Customer("Marta"), b.Customer("Pablo")
	v := b.StartWith(ana, "before", marta)
	if _, err := b.Messaging.Add(ctx, luis, v.ID, pablo.ID, false); err != nil {
		t.Fatal(err)
	}
	b.Say(marta, v.ID, "after")
	sees := func(p desk.Person) int {
		page, err := b.Messaging.Messages(ctx, p, v.ID, messaging.PageQuery{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		found, _, err := b.Messaging.Search(ctx, p, "before", 0, 10)
		if err != nil || len(found) != len(page)-1 {
			t.Errorf("%s sees %d messages and finds %d, %v", p.Name, len(page), len(found), err)
		}
		return len(page)
	}
	equal(t, "from now", sees(pablo), 1)
	equal(t, "a user who does not stand there", sees(luis), 2)
	if _, err := b.Messaging.Add(ctx, luis, v.ID, pablo.ID, true); err != nil {
		t.Fatal(err)
	}
	equal(t, "the whole history", sees(pablo), 2)
	if err := b.Messaging.Remove(ctx, ana, v.ID, pablo.ID); err != nil {
		t.Fatal(err)
	}
	_, err := b.Messaging.Conversation(ctx, pablo, v.ID)
	code(t, err, "not-found")
	types := Types(b.Feed(pablo, 0))
	equal(t, "the end of the removed customer's feed", types[len(types)-1], "access.lost")
}

// testReturned: what users share goes on while somebody is disabled; their program must not resume as if it had not.
func testReturned(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, marta := b.User("Ana"), b.User("Luis"), b.Customer("Marta")
	disable := func(yes bool) {
		if _, _, err := (store.Accounts{Store: b.Store}).UpdatePerson(ctx, luis.ID, func(p *desk.Person) error { p.Disabled = yes; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	head := func() messaging.FeedHead {
		h, err := b.Messaging.Heads(ctx, []string{luis.ID})
		if err != nil {
			t.Fatal(err)
		}
		return h[luis.ID]
	}
	before := head()
	disable(true)
	b.StartWith(ana, "meanwhile", marta)
	disable(false)
	if now := head(); now.Floor <= before.Head || now.Floor != now.Head {
		t.Errorf("a cursor at %d can still be resumed: %+v", before.Head, now)
	}
}
