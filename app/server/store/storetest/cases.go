package storetest

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"testing"

	"recado/app/desk"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

func testConversation(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis := b.User("Ana"), b.User("Luis")
	v := b.Start(ana, "first ☀ ñ 𝄞", luis)
	equal(t, "participants", len(v.Participants), 2)
	equal(t, "last", v.Last.Body, "first ☀ ñ 𝄞")
	for _, p := range []desk.Person{ana, luis} {
		equal(t, "feed of "+p.Name, Types(b.Feed(p, 0)), []string{"conversation.created", "message.created"})
	}
	if _, ok := b.woken.Load(luis.ID); !ok {
		t.Error("the recipient was not woken")
	}
	in := func(p desk.Person, view string) []string {
		vs, _, err := b.Messaging.List(ctx, p, messaging.ListQuery{View: view, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{}
		for _, v := range vs {
			ids = append(ids, v.ID)
		}
		return ids
	}
	equal(t, "sender's inbox", in(ana, "internal-inbox"), []string{})
	equal(t, "sender's sent", in(ana, "internal-sent"), []string{v.ID})
	equal(t, "recipient's inbox", in(luis, "internal-inbox"), []string{v.ID})
	equal(t, "recipient's sent", in(luis, "internal-sent"), []string{})
	equal(t, "recipient's unread", in(luis, "unread"), []string{v.ID})
	m := b.Say(luis, v.ID, "answer")
	equal(t, "number", m.Number, 2)
	equal(t, "sender's inbox after an answer", in(ana, "internal-inbox"), []string{v.ID})
	if _, _, err := b.Messaging.List(ctx, ana, messaging.ListQuery{View: "nonsense", Limit: 1}); err == nil {
		t.Error("an unknown view was answered")
	}
}

func testKeys(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	key := ID()
	first, _, err := b.Messaging.Start(ctx, ana, start("hello", key, luis, eva))
	if err != nil {
		t.Fatal(err)
	}
	again, made, err := b.Messaging.Start(ctx, ana, start("hello", key, eva, luis, eva))
	if err != nil || made || again.ID != first.ID {
		t.Errorf("people as a set: made %v, %v", made, err)
	}
	_, _, err = b.Messaging.Start(ctx, ana, start("other", key, luis, eva))
	code(t, err, "key-reused")
	_, _, err = b.Messaging.Post(ctx, ana, first.ID, messaging.Draft{Key: key, Body: "hello"})
	code(t, err, "key-reused")
	if _, made, err := b.Messaging.Post(ctx, luis, first.ID, messaging.Draft{Key: key, Body: "another person's key"}); err != nil || !made {
		t.Errorf("keys are per person: %v", err)
	}
	equal(t, "entries", Types(b.Feed(eva, 0)), []string{"conversation.created", "message.created", "message.created"})
}

func testRefused(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, marta := b.User("Ana"), b.User("Luis"), b.Customer("Marta")
	v := b.Start(ana, "hello", luis)
	before := len(b.Feed(ana, 0))
	for want, n := range map[string]messaging.Start{
		"customer-in-internal-conversation": start("no", ID(), luis, marta),
		"no-recipients":                     start("no", ID()),
		"unknown-person":                    start("no", ID(), desk.Person{ID: ID()}),
		"invalid":                           start(" \u200b\n", ID(), luis),
	} {
		_, _, err := b.Messaging.Start(ctx, ana, n)
		code(t, err, want)
	}
	_, err := b.Messaging.Add(ctx, ana, v.ID, marta.ID, true)
	code(t, err, "customer-in-internal-conversation")
	_, _, err = b.Messaging.Post(ctx, ana, v.ID, messaging.Draft{Key: ID(), Body: "x", Audience: "stale"})
	code(t, err, "audience-changed")
	_, _, err = b.Messaging.Post(ctx, ana, v.ID, messaging.Draft{Key: ID(), Body: "x", Files: []string{ID()}})
	code(t, err, "unknown-file")
	equal(t, "entries after refusals", len(b.Feed(ana, 0)), before)
	now, err := b.Messaging.Conversation(ctx, ana, v.ID)
	if err != nil || now.LastNumber != 1 {
		t.Errorf("a refused message took a number: %d, %v", now.LastNumber, err)
	}
}

func testOutsider(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	v := b.Start(ana, "a secret word", luis)
	m := b.Say(luis, v.ID, "another secret")
	for _, id := range []string{v.ID, ID(), "nonsense"} {
		_, err := b.Messaging.Conversation(ctx, eva, id)
		code(t, err, "not-found")
		_, err = b.Messaging.Messages(ctx, eva, id, messaging.PageQuery{Limit: 10})
		code(t, err, "not-found")
		_, _, err = b.Messaging.Post(ctx, eva, id, messaging.Draft{Key: ID(), Body: "x"})
		code(t, err, "not-found")
		_, err = b.Messaging.See(ctx, eva, id, 1, 0)
		code(t, err, "not-found")
		_, err = b.Messaging.Add(ctx, eva, id, eva.ID, true)
		code(t, err, "not-found")
		code(t, b.Messaging.Remove(ctx, eva, id, luis.ID), "not-found")
	}
	_, err := b.Messaging.Message(ctx, eva, m.ID)
	code(t, err, "not-found")
	_, err = b.Messaging.Edit(ctx, eva, m.ID, "x")
	code(t, err, "not-found")
	code(t, b.Messaging.Delete(ctx, eva, m.ID), "not-found")
	found, _, err := b.Messaging.Search(ctx, eva, "secret", 0, 10)
	if err != nil || len(found) != 0 {
		t.Errorf("search shows an outsider %d messages, %v", len(found), err)
	}
	equal(t, "outsider's feed", Types(b.Feed(eva, 0)), []string{})
}

func testParticipants(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	v := b.Start(ana, "before", luis)
	if _, err := b.Messaging.Add(ctx, ana, v.ID, eva.ID, false); err != nil {
		t.Fatal(err)
	}
	b.Say(luis, v.ID, "after")
	page, err := b.Messaging.Messages(ctx, eva, v.ID, messaging.PageQuery{Limit: 10})
	if err != nil || len(page) != 1 || page[0].Body != "after" {
		t.Errorf("from now: %v, %v", page, err)
	}
	if _, err := b.Messaging.Add(ctx, ana, v.ID, eva.ID, true); err != nil {
		t.Fatal(err)
	}
	page, err = b.Messaging.Messages(ctx, eva, v.ID, messaging.PageQuery{Limit: 10})
	if err != nil || len(page) != 2 {
		t.Errorf("whole history: %v, %v", page, err)
	}
	if err := b.Messaging.Remove(ctx, ana, v.ID, eva.ID); err != nil {
		t.Fatal(err)
	}
	b.Say(luis, v.ID, "without her")
	equal(t, "the removed person's feed", Types(b.Feed(eva, 0)), []string{"gone", "gone", "gone", "access.lost"})
	_, err = b.Messaging.Conversation(ctx, eva, v.ID)
	code(t, err, "not-found")
	if err := b.Messaging.Remove(ctx, luis, v.ID, luis.ID); err != nil {
		t.Errorf("leaving: %v", err)
	}
}

func testSeen(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis := b.User("Ana"), b.User("Luis")
	v := b.Start(ana, "one", luis)
	b.Say(ana, v.ID, "two")
	at := len(b.Feed(ana, 0))
	got, err := b.Messaging.See(ctx, luis, v.ID, 99, 5)
	if err != nil || got.Mine.SeenUpTo != 2 || got.Mine.SeenAt != 5 || got.Unseen != 0 {
		t.Fatalf("seen: %+v, %v", got.Mine, err)
	}
	if got, err = b.Messaging.See(ctx, luis, v.ID, 1, 0); err != nil || got.Mine.SeenUpTo != 2 {
		t.Errorf("it went back: %+v, %v", got.Mine, err)
	}
	news := b.Feed(ana, int64(at))
	if len(news) != 1 || news[0].Type != desk.SeenChanged || news[0].Seen.SeenUpTo != 2 || news[0].Ref != luis.ID {
		t.Errorf("the author was told %+v", news)
	}
}

func testEdit(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis := b.User("Ana"), b.User("Luis")
	v := b.Start(ana, "one", luis)
	m := b.Say(ana, v.ID, "original <@"+luis.ID+"|Luis>")
	equal(t, "mentions", m.Mentions, []string{luis.ID})
	if _, err := b.Messaging.Edit(ctx, luis, m.ID, "mine now"); err == nil {
		t.Error("somebody else's message was edited")
	}
	edited, err := b.Messaging.Edit(ctx, ana, m.ID, "changed")
	if err != nil || edited.Version != 2 || edited.EditedAt == 0 || len(edited.Mentions) != 0 {
		t.Fatalf("edit: %+v, %v", edited, err)
	}
	if err := b.Messaging.Delete(ctx, ana, m.ID); err != nil {
		t.Fatal(err)
	}
	gone, err := b.Messaging.Message(ctx, luis, m.ID)
	if err != nil || gone.Body != "" || gone.DeletedAt == 0 || gone.Number != 2 {
		t.Errorf("deleted: %+v, %v", gone, err)
	}
	_, err = b.Messaging.Edit(ctx, ana, m.ID, "back again")
	code(t, err, "forbidden")
	for _, word := range []string{"original", "changed"} {
		if found, _, err := b.Messaging.Search(ctx, ana, word, 0, 10); err != nil || len(found) != 0 {
			t.Errorf("search finds %q in a deleted message, %v", word, err)
		}
	}
}

func testSearch(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis := b.User("Ana"), b.User("Luis")
	v := b.Start(ana, "El CAFÉ de mañana", luis)
	b.Say(luis, v.ID, "cafetería 'quoted' \"double\" & | ! :* NEAR( <->")
	for q, want := range map[string]int{"cafe": 2, "CAFÉ": 2, "cafete": 1, "manana el": 1, "quoted double": 1, "xyz": 0, "": 0, "'": 0, `"*`: 0, "near": 1, "café xyz": 0} {
		found, _, err := b.Messaging.Search(ctx, luis, q, 0, 10)
		if err != nil || len(found) != want {
			t.Errorf("search %q: %d, %v, want %d", q, len(found), err, want)
		}
	}
	found, next, err := b.Messaging.Search(ctx, ana, "cafe", 0, 1)
	if err != nil || len(found) != 1 || found[0].Message.Number != 2 || next == 0 {
		t.Fatalf("first page: %+v, %d, %v", found, next, err)
	}
	equal(t, "ranges", found[0].Ranges, [][2]int{{0, 4}})
	if found, next, err = b.Messaging.Search(ctx, ana, "cafe", next, 1); err != nil || len(found) != 1 || found[0].Message.Number != 1 || next != 0 {
		t.Errorf("second page: %+v, %d, %v", found, next, err)
	}
}

func testFiles(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	v := b.Start(ana, "one", luis)
	f, made, err := b.Messaging.Upload(ctx, ana, "file-1", "sum", desk.File{ID: ID(), Name: "notes.pdf", Size: 3, Type: "application/pdf"})
	if err != nil || !made {
		t.Fatal(err)
	}
	again, made, err := b.Messaging.Upload(ctx, ana, "file-1", "sum", desk.File{ID: ID(), Name: "notes.pdf", Size: 3, Type: "application/pdf"})
	if err != nil || made || again.ID != f.ID {
		t.Errorf("the same key made %v %v, %v", again.ID, made, err)
	}
	_, err = b.Messaging.File(ctx, luis, f.ID)
	code(t, err, "not-found")
	_, _, err = b.Messaging.Post(ctx, luis, v.ID, messaging.Draft{Key: ID(), Files: []string{f.ID}})
	code(t, err, "unknown-file")
	m, _, err := b.Messaging.Post(ctx, ana, v.ID, messaging.Draft{Key: ID(), Files: []string{f.ID}})
	if err != nil || len(m.Files) != 1 || m.Files[0].Name != "notes.pdf" {
		t.Fatalf("a message of a file alone: %+v, %v", m, err)
	}
	if _, err = b.Messaging.File(ctx, luis, f.ID); err != nil {
		t.Errorf("a participant: %v", err)
	}
	_, err = b.Messaging.File(ctx, eva, f.ID)
	code(t, err, "not-found")
}

func testConcurrent(t *testing.T, b *Bundle) {
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	rooms := []string{b.Start(ana, "a", luis, eva).ID, b.Start(luis, "b", eva, ana).ID, b.Start(eva, "c", ana).ID}
	people := []desk.Person{ana, luis}
	const each = 40
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range each {
				room := rooms[(i+n)%2]
				if _, _, err := b.Messaging.Post(context.Background(), people[i%2], room, messaging.Draft{Key: ID(), Body: fmt.Sprintf("%d-%d", i, n)}); err != nil {
					t.Errorf("post: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for _, p := range []desk.Person{ana, luis, eva} {
		count := map[string]int64{}
		for _, e := range b.Feed(p, 0) {
			if e.Type != desk.MessageCreated {
				continue
			}
			count[e.Message.Conversation]++
			if e.Message.Number != count[e.Message.Conversation] {
				t.Fatalf("feed of %s: message %d came as number %d", p.Name, e.Message.Number, count[e.Message.Conversation])
			}
		}
		equal(t, "messages of "+p.Name, count[rooms[0]]+count[rooms[1]], int64(8*each+2))
	}
}

func testManyReaders(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	v := b.Start(ana, "one", luis)
	b.Start(eva, "two", luis)
	b.Say(ana, v.ID, "three")
	heads, err := b.Messaging.Heads(ctx, []string{ana.ID, luis.ID, eva.ID, ID()})
	if err != nil || len(heads) != 3 {
		t.Fatalf("heads: %v, %v", heads, err)
	}
	got, err := b.Messaging.ReadFeeds(ctx, []messaging.FeedRead{{Person: ana.ID}, {Person: luis.ID, After: 2}, {Person: eva.ID, After: heads[eva.ID].Head}}, 100)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "ana", Types(got[ana.ID]), Types(b.Feed(ana, 0)))
	equal(t, "luis", Types(got[luis.ID]), Types(b.Feed(luis, 2)))
	equal(t, "eva", len(got[eva.ID]), 0)
}

func testPeople(t *testing.T, b *Bundle) {
	ctx := context.Background()
	luis := b.User("Luis Marín")
	b.Customer("Marta Vidal")
	for q, want := range map[string]int{"mari": 1, "MARÍN": 1, "mar": 2, "luis mar": 1, "arin": 0, "": 2, "%": 2} {
		got, _, err := b.Messaging.FindPeople(ctx, "", q, "", 10)
		if err != nil || len(got) != want {
			t.Errorf("people %q: %d, %v, want %d", q, len(got), err, want)
		}
	}
	got, next, err := b.Messaging.FindPeople(ctx, "", "", "", 1)
	if err != nil || len(got) != 1 || got[0].ID != luis.ID {
		t.Fatalf("first page: %v, %v", got, err)
	}
	if got, next, err = b.Messaging.FindPeople(ctx, "", "", next, 1); err != nil || len(got) != 1 || got[0].Name != "Marta Vidal" || next != "" {
		t.Errorf("second page: %v, %q, %v", got, next, err)
	}
	p, wake, err := store.Accounts{Store: b.Store}.UpdatePerson(ctx, luis.ID, func(p *desk.Person) error { p.Name = "Luis M"; return nil })
	if err != nil || p.Version != 2 || len(wake) != 1 {
		t.Errorf("update: %+v, %v, %v", p, wake, err)
	}
}

func testPages(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis := b.User("Ana"), b.User("Luis")
	v := b.Start(ana, "1", luis)
	for n := 2; n <= 7; n++ {
		b.Say(ana, v.ID, fmt.Sprint(n))
	}
	numbers := func(q messaging.PageQuery) []int64 {
		page, err := b.Messaging.Messages(ctx, luis, v.ID, q)
		if err != nil {
			t.Fatal(err)
		}
		out := []int64{}
		for _, m := range page {
			out = append(out, m.Number)
		}
		return out
	}
	equal(t, "newest", numbers(messaging.PageQuery{Limit: 3}), []int64{5, 6, 7})
	equal(t, "before", numbers(messaging.PageQuery{Before: 5, Limit: 3}), []int64{2, 3, 4})
	equal(t, "after", numbers(messaging.PageQuery{After: 5, Limit: 3}), []int64{6, 7})
	equal(t, "between", numbers(messaging.PageQuery{After: 2, Before: 5, Limit: 9}), []int64{3, 4})
	b.Start(ana, "x", luis)
	b.Start(ana, "y", luis)
	var ids []string
	cursor := ""
	for {
		vs, next, err := b.Messaging.List(ctx, luis, messaging.ListQuery{View: "internal-inbox", Cursor: cursor, Limit: 1})
		if err != nil || len(vs) != 1 {
			t.Fatalf("page of %d, %v", len(vs), err)
		}
		ids = append(ids, vs[0].ID)
		if cursor = next; next == "" {
			break
		}
	}
	if len(ids) != 3 || ids[2] != v.ID {
		t.Errorf("latest activity first: %v", ids)
	}
}

func testSnapshot(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	v := b.Start(ana, "1", luis)
	b.Say(luis, v.ID, "2")
	b.Start(eva, "not hers", luis)
	var people, views, messages []string
	for mark, first := (messaging.Mark{}), true; first || mark != messaging.SnapshotEnd; first = false {
		p, err := b.Messaging.Snapshot(ctx, ana, mark, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range p.People {
			people = append(people, x.Name)
		}
		for _, x := range p.Views {
			views = append(views, x.ID)
		}
		for _, x := range p.Messages {
			messages = append(messages, x.Body)
		}
		mark = p.Next
	}
	sort.Strings(people)
	equal(t, "people", people, []string{"Ana", "Eva", "Luis"})
	equal(t, "conversations", views, []string{v.ID})
	equal(t, "messages, newest first", messages, []string{"2", "1"})
}
