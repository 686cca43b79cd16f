package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"recado/app/desk"
	"recado/app/server/messaging"
)

// Ticket makes an item with followers.
func (b *Bundle) Ticket(author desk.Person, title string, followers ...desk.Person) messaging.ItemView {
	b.TB.Helper()
	n := messaging.NewItem{Key: ID(), Item: desk.Item{Kind: desk.Ticket, State: desk.ItemOpen, Title: title}}
	for _, p := range followers {
		n.Follows = append(n.Follows, p.ID)
	}
	v, made, err := b.Messaging.AddItem(context.Background(), author, n)
	if err != nil || !made {
		b.TB.Fatalf("item: made %v, %v", made, err)
	}
	return v
}

// About writes into an item's conversation of a kind.
func (b *Bundle) About(author desk.Person, item, body string, kind desk.ConversationKind) messaging.View {
	b.TB.Helper()
	v, made, err := b.Messaging.Start(context.Background(), author, messaging.Start{Kind: kind, Item: item, Message: messaging.Draft{Key: ID(), Body: body}})
	if err != nil || !made {
		b.TB.Fatalf("about an item: made %v, %v", made, err)
	}
	return v
}

func (b *Bundle) patchItem(actor desk.Person, id string, p messaging.ItemPatch) messaging.ItemView {
	b.TB.Helper()
	v, err := b.Messaging.PatchItem(context.Background(), actor, id, p)
	if err != nil {
		b.TB.Fatal(err)
	}
	return v
}

func testItems(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, marta := b.User("Ana"), b.User("Luis"), b.Customer("Marta")
	first, second := b.Ticket(ana, "Printer on fire", luis, marta), b.Ticket(luis, "Order more toner")
	equal(t, "numbers", []int64{first.Number, second.Number}, []int64{1, 2})
	equal(t, "followers", len(first.Follows), 3)
	for _, p := range []desk.Person{ana, luis} {
		equal(t, "feed of "+p.Name, Types(b.Feed(p, 0)), []string{"item.created", "item.created"})
	}
	equal(t, "a customer's feed", Types(b.Feed(marta, 0)), []string{})

	title, tags, state, due := "Printer still on fire", []string{"Fire", "printer"}, desk.ItemWaiting, int64(5_000)
	got := b.patchItem(luis, first.ID, messaging.ItemPatch{Title: &title, Tags: &tags, State: &state, Assignee: &luis.ID, Due: &due})
	equal(t, "tags", got.Tags, []string{"fire", "printer"})
	same := b.patchItem(luis, first.ID, messaging.ItemPatch{Title: &title})
	equal(t, "a change to the same is none", same.Version, got.Version)
	list, err := b.Messaging.ItemChanges(ctx, ana, first.ID, 0, 10)
	if err != nil || len(list) != 2 || list[0].Actor != luis.ID || list[1].Version != 1 {
		t.Fatalf("changes: %+v, %v", list, err)
	}
	fields := []string{}
	for _, c := range list[0].Changes {
		fields = append(fields, c.Field)
	}
	equal(t, "fields changed", fields, []string{"title", "due", "tags", "state", "assignee"})

	// What was changed meanwhile is not changed over; what was not, is.
	old, project := int64(1), "Office"
	_, err = b.Messaging.PatchItem(ctx, ana, first.ID, messaging.ItemPatch{Title: &project, Version: &old})
	code(t, err, "changed-meanwhile")
	b.patchItem(ana, first.ID, messaging.ItemPatch{Project: &project, Version: &old})

	for _, who := range []desk.Person{marta, {ID: ID(), Kind: desk.User, Disabled: true}} {
		_, err := b.Messaging.Item(ctx, who, first.ID)
		code(t, err, "not-found")
		_, err = b.Messaging.PatchItem(ctx, who, first.ID, messaging.ItemPatch{Title: &title})
		code(t, err, "not-found")
		_, err = b.Messaging.Follow(ctx, who, first.ID, []string{who.ID}, true)
		code(t, err, "not-found")
		_, err = b.Messaging.ItemChanges(ctx, who, first.ID, 0, 1)
		code(t, err, "not-found")
		vs, _, err := b.Messaging.Items(ctx, who, messaging.ItemQuery{Limit: 10})
		if err != nil || len(vs) > 0 {
			t.Errorf("%s lists %d items, %v", who.Name, len(vs), err)
		}
		_, _, err = b.Messaging.AddItem(ctx, who, messaging.NewItem{Item: first.Item})
		code(t, err, "forbidden")
	}
	_, err = b.Messaging.PatchItem(ctx, ana, first.ID, messaging.ItemPatch{Assignee: &marta.ID})
	code(t, err, "unknown-person")
	_, err = b.Messaging.Follow(ctx, ana, first.ID, []string{ID()}, false)
	code(t, err, "unknown-person")
	code(t, b.Messaging.Unfollow(ctx, ana, first.ID, ID()), "not-found")
}

func testItemLists(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis := b.User("Ana"), b.User("Luis")
	var made []messaging.ItemView
	for i := range 9 {
		n := messaging.NewItem{Item: desk.Item{Kind: desk.Ticket, State: desk.ItemOpen, Title: fmt.Sprintf("Café número %d", i), Project: "Bar"}}
		if i%3 == 0 {
			n.Item.Kind, n.Item.State, n.Item.Tags, n.Item.Due, n.Item.Assignee = desk.Task, desk.ItemDone, []string{"Odd"}, int64(1000-i), luis.ID
			n.Item.Project, n.Item.Description = "Kitchen", "Nothing but teaspoons"
		}
		v, _, err := b.Messaging.AddItem(ctx, ana, n)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, v)
	}
	all := func(q messaging.ItemQuery) (numbers []int64) {
		t.Helper()
		for q.Limit = 2; ; {
			vs, next, err := b.Messaging.Items(ctx, luis, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range vs {
				numbers = append(numbers, v.Number)
			}
			if q.Cursor = next; next == "" {
				return numbers
			}
		}
	}
	thirds := []int64{7, 4, 1}
	for what, q := range map[string]messaging.ItemQuery{"kind": {Kind: desk.Task}, "state": {State: "done"}, "assignee": {Assignee: luis.ID}, "tag": {Tag: "odd"},
		"follower": {Follower: luis.ID}, "project": {Project: "Kitchen"}, "words": {Words: desk.Words("teasp")},
		"all of them":   {Kind: desk.Task, State: "done", Assignee: luis.ID, Tag: "odd", Follower: luis.ID, Project: "Kitchen", Words: desk.Words("cafe numero tea")},
		"words and tag": {Tag: "odd", Words: desk.Words("nothing")}} {
		equal(t, what, all(q), thirds)
	}
	equal(t, "everything", all(messaging.ItemQuery{}), []int64{9, 8, 7, 6, 5, 4, 3, 2, 1})
	equal(t, "what is to be done", all(messaging.ItemQuery{State: messaging.Active, Assignee: messaging.Nobody}), []int64{9, 8, 6, 5, 3, 2})
	equal(t, "due, the soonest first", all(messaging.ItemQuery{DueBefore: 1000}), []int64{7, 4, 1})
	equal(t, "due before one of them", all(messaging.ItemQuery{DueBefore: 997, Tag: "odd", Words: desk.Words("cafe"), Follower: luis.ID}), []int64{7, 4})
	equal(t, "nothing", all(messaging.ItemQuery{Tag: "even"}), nil)
	title, none := "A teapot", []string{}
	b.patchItem(ana, made[0].ID, messaging.ItemPatch{Title: &title, Description: new(string), Tags: &none})
	equal(t, "found no longer", all(messaging.ItemQuery{Words: desk.Words("teaspoons")}), []int64{7, 4})
	equal(t, "tagged no longer", all(messaging.ItemQuery{Tag: "odd"}), []int64{7, 4})
	equal(t, "found anew", all(messaging.ItemQuery{Words: desk.Words("teapot")}), []int64{1})
	tags, err := b.Messaging.FindTags(ctx, ana, "O", "", 10)
	if err != nil || !slices.Equal(tags, []string{"odd"}) {
		t.Errorf("tags: %q, %v", tags, err)
	}
	_, _, err = b.Messaging.Items(ctx, ana, messaging.ItemQuery{Cursor: "x", Limit: 1})
	code(t, err, "invalid")
}

// testItemTalk: an item's two places, who stands in them, and that nothing of the team's own reaches a customer.
func testItemTalk(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	marta, pablo := b.Customer("Marta"), b.Customer("Pablo")
	item := b.Ticket(ana, "the secret title", luis, marta)
	team := b.About(ana, item.ID, "a secret word", desk.Internal)
	equal(t, "in the team's", standing(team), []string{ana.ID, luis.ID})
	outside := b.About(luis, item.ID, "hello customer", desk.WithCustomers)
	equal(t, "in the customers'", standing(outside), sorted(ana.ID, luis.ID, marta.ID))
	again := b.About(eva, item.ID, "me too", desk.Internal)
	if again.ID != team.ID || again.LastNumber != 2 {
		t.Errorf("a second conversation of the team: %+v", again.Conversation)
	}
	equal(t, "who writes follows", followers(b, ana, item.ID), sorted(ana.ID, luis.ID, marta.ID, eva.ID))
	equal(t, "everybody of the team sees it", len(b.list(b.User("New"), messaging.ListQuery{Item: item.ID})), 2)

	// A customer who comes later gets what is written to customers from then on, or all of it, and nothing else.
	follow := func(p desk.Person, whole bool) {
		t.Helper()
		if _, err := b.Messaging.Follow(ctx, luis, item.ID, []string{p.ID}, whole); err != nil {
			t.Fatal(err)
		}
	}
	follow(pablo, false)
	b.Say(marta, outside.ID, "thank you")
	equal(t, "from now on", b.sees(pablo, outside.ID), 1)
	follow(pablo, true)
	equal(t, "all of it", b.sees(pablo, outside.ID), 2)
	for _, c := range []desk.Person{marta, pablo} {
		b.learnsNothing(c, team.ID, "secret")
		_, err := b.Messaging.Add(ctx, luis, team.ID, c.ID, true)
		code(t, err, "customer-in-internal-conversation")
		_, _, err = b.Messaging.Start(ctx, luis, messaging.Start{Kind: desk.Internal, Item: item.ID, Participants: []string{c.ID}, Message: messaging.Draft{Key: ID(), Body: "x"}})
		code(t, err, "customer-in-internal-conversation")
	}
	if err := b.Messaging.Unfollow(ctx, ana, item.ID, pablo.ID); err != nil {
		t.Fatal(err)
	}
	_, err := b.Messaging.Conversation(ctx, pablo, outside.ID)
	code(t, err, "not-found")
	if err := b.Messaging.Remove(ctx, ana, outside.ID, luis.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, "leaving is unfollowing", followers(b, ana, item.ID), sorted(ana.ID, marta.ID, eva.ID))
	b.Say(ana, team.ID, "what do you think, <@"+luis.ID+"|Luis>?")
	equal(t, "who is mentioned follows", followers(b, ana, item.ID), sorted(ana.ID, luis.ID, marta.ID, eva.ID))

	done := desk.ItemDone
	b.patchItem(ana, item.ID, messaging.ItemPatch{State: &done, Assignee: &eva.ID})
	c, err := b.Messaging.Conversation(ctx, ana, outside.ID)
	if err != nil || c.State != "closed" || c.Assignee != eva.ID {
		t.Errorf("done: %+v, %v", c.Conversation, err)
	}
	b.Say(marta, outside.ID, "it burns again")
	now, err := b.Messaging.Item(ctx, ana, item.ID)
	if err != nil || now.State != desk.ItemOpen {
		t.Errorf("after a customer's word: %s, %v", now.State, err)
	}
	equal(t, "open again", slices.Contains(b.list(ana, messaging.ListQuery{View: "open"}), outside.ID), true)
}

// testItemDeliveries: followers are the recipients, in each place those who stand there; who muted the item is not told.
func testItemDeliveries(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva, marta := b.User("Ana"), b.User("Luis"), b.User("Eva"), b.Customer("Marta")
	item, muted := b.Ticket(ana, "title", luis, eva, marta), true
	b.patchItem(eva, item.ID, messaging.ItemPatch{Muted: &muted})
	if v, err := b.Messaging.Item(ctx, eva, item.ID); err != nil || !v.Muted {
		t.Errorf("not muted: %v", err)
	}
	for kind, want := range map[desk.ConversationKind]map[string]desk.Reason{
		desk.Internal:      {luis.ID: desk.ReasonWaiting, eva.ID: desk.ReasonMuted},
		desk.WithCustomers: {luis.ID: desk.ReasonWaiting, eva.ID: desk.ReasonMuted, marta.ID: desk.ReasonCustomer},
	} {
		v := b.About(ana, item.ID, "text", kind)
		got := map[string]desk.Reason{}
		ds, err := b.Messaging.Deliveries(ctx, ana, v.Last.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds {
			if d.Channel == desk.ByEmail {
				got[d.Person] = d.Reason
			}
		}
		equal(t, string(kind), got, want)
	}
	if err := b.Messaging.Unfollow(ctx, ana, item.ID, marta.ID); err != nil {
		t.Fatal(err)
	}
	calls, _, err := b.Messaging.Due(ctx)
	if err != nil || len(calls) > 0 {
		t.Errorf("still due: %+v, %v", calls, err)
	}
}

// testLink: a conversation with customers becomes an item's, and stands by itself again.
func testLink(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	marta, pablo := b.Customer("Marta"), b.Customer("Pablo")
	v, own := b.StartWith(ana, "before the item", marta), b.Start(ana, "private", luis)
	item := b.Ticket(eva, "title", pablo)
	if _, err := b.Messaging.Link(ctx, luis, item.ID, v.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, "followers", followers(b, ana, item.ID), sorted(ana.ID, eva.ID, marta.ID, pablo.ID))
	equal(t, "who followed sees from now on", b.sees(pablo, v.ID), 0)
	c, err := b.Messaging.Conversation(ctx, ana, v.ID)
	if err != nil || c.Item != item.ID {
		t.Errorf("linked: %+v, %v", c.Conversation, err)
	}
	equal(t, "standing", standing(c), sorted(ana.ID, eva.ID, marta.ID, pablo.ID))
	seen, err := b.Messaging.Conversation(ctx, marta, v.ID)
	if err != nil || seen.Item != "" {
		t.Errorf("a customer is told of the item: %q, %v", seen.Item, err)
	}
	_, err = b.Messaging.Link(ctx, ana, item.ID, own.ID)
	code(t, err, "internal-conversation")
	_, err = b.Messaging.Link(ctx, eva, item.ID, own.ID)
	code(t, err, "not-found")
	_, err = b.Messaging.Link(ctx, ana, b.Ticket(ana, "other").ID, v.ID)
	code(t, err, "conversation-has-item")
	_, err = b.Messaging.Link(ctx, ana, item.ID, b.StartWith(ana, "another", marta).ID)
	code(t, err, "item-has-conversation")
	if _, err := b.Messaging.Unlink(ctx, ana, item.ID, v.ID); err != nil {
		t.Fatal(err)
	}
	if c, err = b.Messaging.Conversation(ctx, eva, v.ID); err != nil || c.Item != "" || len(c.Participants) != 4 {
		t.Errorf("unlinked: %+v, %v", c, err)
	}
	made, _, err := b.Messaging.AddItem(ctx, ana, messaging.NewItem{Item: desk.Item{Kind: desk.Task, State: desk.ItemOpen, Title: "x"}, Conversation: v.ID})
	if err != nil || len(made.Follows) != 4 {
		t.Errorf("made of a conversation: %+v, %v", made, err)
	}
}

// testLargeCircle: where very many stand, customers are not told who comes and goes, and see nobody but themselves.
func testLargeCircle(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana := b.User("Ana")
	var crowd []string
	for i := range desk.SmallCircle + 5 {
		crowd = append(crowd, b.Customer(fmt.Sprintf("C%d", i)).ID)
	}
	first := desk.Person{ID: crowd[0], Kind: desk.Customer}
	item := b.Ticket(ana, "popular", first)
	v := b.About(ana, item.ID, "hello", desk.WithCustomers)
	if _, err := b.Messaging.Follow(ctx, ana, item.ID, crowd, false); err != nil {
		t.Fatal(err)
	}
	// All at once is as one by one: customers see from then on, or all of it, and nobody twice.
	second := desk.Person{ID: crowd[1], Kind: desk.Customer}
	equal(t, "from now on", b.sees(second, v.ID), 0)
	equal(t, "told", Types(b.Feed(second, 0)), []string{"conversation.created"})
	if _, err := b.Messaging.Follow(ctx, ana, item.ID, crowd, true); err != nil {
		t.Fatal(err)
	}
	equal(t, "the whole history later", b.sees(second, v.ID), 1)
	equal(t, "followers", len(followers(b, ana, item.ID)), len(crowd)+1)
	early := takeSnapshot(b, first, func() {})
	at, late := len(b.Feed(first, 0)), b.Customer("Late")
	if _, err := b.Messaging.Follow(ctx, ana, item.ID, []string{late.ID}, true); err != nil {
		t.Fatal(err)
	}
	equal(t, "told of who came", Types(b.Feed(first, int64(at))), []string{})
	c, err := b.Messaging.Conversation(ctx, first, v.ID)
	if err != nil || len(c.Participants) != 1 {
		t.Errorf("a customer sees %d, %v", len(c.Participants), err)
	}
	b.Say(ana, v.ID, "to all")
	early.follow()
	if got, want := early.text(), takeSnapshot(b, first, func() {}).text(); got != want {
		t.Errorf("followed to:\n%s\nnow:\n%s", got, want)
	}
}

func standing(v messaging.View) (ids []string) {
	for _, p := range v.Participants {
		ids = append(ids, p.Person)
	}
	return sorted(ids...)
}

func sorted(ids ...string) []string {
	slices.Sort(ids)
	return ids
}

func followers(b *Bundle, viewer desk.Person, item string) []string {
	b.TB.Helper()
	v, err := b.Messaging.Item(context.Background(), viewer, item)
	if err != nil {
		b.TB.Fatal(err)
	}
	return sorted(v.Follows...)
}

func (b *Bundle) sees(p desk.Person, conversation string) int {
	b.TB.Helper()
	page, err := b.Messaging.Messages(context.Background(), p, conversation, messaging.PageQuery{Limit: 50})
	if err != nil {
		b.TB.Fatal(err)
	}
	return len(page)
}

// learnsNothing asserts that a word of the team's, and the place where it stands, are nowhere in what a customer gets.
func (b *Bundle) learnsNothing(p desk.Person, conversation, word string) {
	b.TB.Helper()
	ctx := context.Background()
	found, _, err := b.Messaging.Search(ctx, p, word, 0, 10)
	if err != nil || len(found) > 0 {
		b.TB.Errorf("%s finds %d, %v", p.Name, len(found), err)
	}
	for _, e := range b.Feed(p, 0) {
		if e.Conversation == conversation || e.Item != nil || e.Message != nil && e.Message.Conversation == conversation {
			b.TB.Errorf("%s is told %s", p.Name, e.Type)
		}
	}
	_, err = b.Messaging.Conversation(ctx, p, conversation)
	code(b.TB, err, "not-found")
	everything := takeSnapshot(b, p, func() {})
	if _, ok := everything.conversations[conversation]; ok || len(everything.items) > 0 {
		b.TB.Errorf("a snapshot of %s holds what is the team's", p.Name)
	}
	calls, _, err := b.Messaging.Due(ctx)
	for _, c := range calls {
		if err != nil || c.Person == p.ID && c.Conversation == conversation {
			b.TB.Errorf("a mail is due to %s, %v", p.Name, err)
		}
	}
}
