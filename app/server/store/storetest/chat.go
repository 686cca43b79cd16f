package storetest

import (
	"context"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/server/livechat"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// Visitor adds somebody of the live chat who is not believed.
func (b *Bundle) Visitor(name, email string) desk.Person {
	b.TB.Helper()
	p := desk.Person{ID: ID(), Kind: desk.Customer, Name: name, Email: email, Unverified: true, CreatedAt: 1, Version: 1}
	if _, err := (store.Accounts{Store: b.Store}).AddPerson(context.Background(), p, ""); err != nil {
		b.TB.Fatal(err)
	}
	return p
}

func testSites(t *testing.T, b *Bundle) {
	ctx, s := context.Background(), store.Chats{Store: b.Store}
	site := desk.Site{ID: ID(), Name: "Shop", Secret: "s", Origins: []string{"https://shop.example"}, Identity: desk.IdentityOptional, CreatedAt: 5, Version: 1,
		Look: desk.Look{Accent: "#112233", Greeting: map[string]string{"es": "Hola"}, Hours: &desk.Hours{Zone: "UTC", Days: map[string][]desk.Span{"mon": {{From: "09:00", To: "10:00"}}}}, Told: []string{"x"}}}
	if err := s.AddSite(ctx, site); err != nil {
		t.Fatal(err)
	}
	got, err := s.Site(ctx, site.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "site", got, site)
	_, err = s.Site(ctx, ID())
	code(t, err, "not-found")
	_, err = s.ChangeSite(ctx, site.ID, func(v *desk.Site) error { v.Name = "x"; return desk.ErrForbidden })
	code(t, err, "forbidden")
	if got, err = s.ChangeSite(ctx, site.ID, func(v *desk.Site) error { v.Disabled = true; return nil }); err != nil || got.Version != 2 || got.Name != "Shop" {
		t.Errorf("changed: %+v, %v", got, err)
	}
	if all, err := s.Sites(ctx); err != nil || len(all) != 1 || !all[0].Disabled {
		t.Errorf("all: %+v, %v", all, err)
	}
}

func testChatSessions(t *testing.T, b *Bundle) {
	ctx, s := context.Background(), store.Chats{Store: b.Store}
	v := b.Visitor("Marta", "")
	site := desk.Site{ID: ID(), Name: "Shop", Identity: desk.IdentityOptional}
	if err := s.AddSite(ctx, site); err != nil {
		t.Fatal(err)
	}
	ses := livechat.Session{ID: ID(), Person: v.ID, Site: site.ID, At: 1000}
	if err := s.AddSession(ctx, ses, "hash"); err != nil {
		t.Fatal(err)
	}
	got, p, used, err := s.SessionByToken(ctx, "hash", 1000)
	if err != nil || p.ID != v.ID || !p.Unverified || used != 1000 {
		t.Fatalf("%+v, %v", p, err)
	}
	equal(t, "session", got, ses)
	_, _, _, err = s.SessionByToken(ctx, "hash", 1001)
	code(t, err, "not-found")
	if err := s.TouchSession(ctx, ses.ID, 2000); err != nil {
		t.Fatal(err)
	}
	if _, _, used, err = s.SessionByToken(ctx, "hash", 1001); err != nil || used != 2000 {
		t.Errorf("used %d, %v", used, err)
	}
	live, err := s.LiveSessions(ctx, []string{ses.ID, ID()})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "live", live, map[string]bool{ses.ID: true})
	if err := s.EndSession(ctx, ses.ID); err != nil {
		t.Fatal(err)
	}
	if live, err = s.LiveSessions(ctx, []string{ses.ID}); err != nil || len(live) != 0 {
		t.Errorf("ended: %v, %v", live, err)
	}
}

// testConnected: somebody is connected while a stream of a living node is open, and for a little while after.
func testConnected(t *testing.T, b *Bundle) {
	ctx, s := context.Background(), store.Chats{Store: b.Store}
	marta, linger := b.Customer("Marta"), livechat.Linger.Milliseconds()
	in := func(at int64) bool {
		t.Helper()
		streams, err := s.Connected(ctx, at, marta.ID)
		if err != nil {
			t.Fatal(err)
		}
		var told map[string]bool
		if err := b.Store.Read(ctx, func(r messaging.Reader) error { told, err = r.InChat([]string{marta.ID, ID()}, at); return err }); err != nil {
			t.Fatal(err)
		}
		if told[marta.ID] != (len(streams) > 0) {
			t.Errorf("at %d: %v but %v", at, told, streams)
		}
		return len(streams) > 0
	}
	const start = 1_000_000
	if err := s.Beat(ctx, "node", start, start+20_000); err != nil {
		t.Fatal(err)
	}
	v := livechat.Stream{ID: ID(), Node: "node", Person: marta.ID, Session: ID(), Site: "x", OpenedAt: start, Browser: "B", Language: "es"}
	if err := s.OpenStream(ctx, v); err != nil {
		t.Fatal(err)
	}
	if !in(start) || !in(start+19_999) || in(start+20_000) {
		t.Error("an open stream does not connect for as long as its node lives")
	}
	if err := s.Beat(ctx, "node", start+15_000, start+35_000); err != nil {
		t.Fatal(err)
	}
	if err := s.PutPage(ctx, v.Session, "https://x.example/", "X"); err != nil {
		t.Fatal(err)
	}
	v.Page, v.Title = "https://x.example/", "X"
	got, err := s.Connected(ctx, start+20_000, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "stream", got, []livechat.Stream{v})
	if err := s.CloseStream(ctx, v.ID, start+30_000); err != nil {
		t.Fatal(err)
	}
	if !in(start+30_000+linger-1) || in(start+30_000+linger) {
		t.Error("who left does not count as connected for a little while")
	}
}

// testUnseenInChat: what is not seen in the chat leaves after the delay, sooner when its reader has left, and nowhere
// where no address is known.
func testUnseenInChat(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, marta := b.User("Ana"), b.Visitor("Marta", "marta@home.example")
	v := b.StartWith(ana, "hello", marta)
	b.settleAll()
	b.inChat(marta)
	m := b.Say(ana, v.ID, "are you there?")
	equal(t, "in the chat", b.ledger(ana, m.ID, marta), "Marta chat sent in-chat, Marta email planned chat-unseen")
	b.Pass(30 * time.Second)
	equal(t, "before the delay", len(b.claim()), 0)
	if err := b.Messaging.LeftChat(ctx, []string{marta.ID}, b.clock.Load()+5_000); err != nil {
		t.Fatal(err)
	}
	b.Pass(2 * time.Second)
	if err := b.Messaging.BackInChat(ctx, marta.ID); err != nil {
		t.Fatal(err)
	}
	b.Pass(10 * time.Second)
	equal(t, "back before it left", len(b.claim()), 0)
	if err := b.Messaging.LeftChat(ctx, []string{marta.ID}, b.clock.Load()+5_000); err != nil {
		t.Fatal(err)
	}
	b.Pass(6 * time.Second)
	left := b.claim()
	if len(left) != 1 || len(left[0].Messages) != 1 || left[0].Messages[0].ID != m.ID {
		t.Errorf("gone: %+v", left)
	}
}

// testWrittenAfterTheyLeft: what is written to somebody who has just closed the chat does not wait for the whole delay.
func testWrittenAfterTheyLeft(t *testing.T, b *Bundle) {
	ctx, chats := context.Background(), store.Chats{Store: b.Store}
	ana, marta := b.User("Ana"), b.Visitor("Marta", "marta@home.example")
	v := b.StartWith(ana, "hello", marta)
	b.settleAll()
	b.inChat(marta)
	streams, err := chats.Connected(ctx, b.now(), marta.ID)
	if err != nil || len(streams) != 1 {
		t.Fatalf("%+v, %v", streams, err)
	}
	b.Pass(5 * time.Second)
	if err := chats.CloseStream(ctx, streams[0].ID, b.now()); err != nil {
		t.Fatal(err)
	}
	b.Pass(time.Second)
	m := b.Say(ana, v.ID, "are you there?")
	equal(t, "still in the chat", b.ledger(ana, m.ID, marta), "Marta chat sent in-chat, Marta email planned chat-unseen")
	b.Pass(desk.ChatLinger - time.Second)
	equal(t, "they may come back", len(b.claim()), 0)
	b.Pass(time.Second)
	equal(t, "gone", len(b.claim()), 1)
}

func testNewestConversation(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, v := b.User("Ana"), b.Visitor("Marta", "")
	say := func(key, body string) desk.Message {
		t.Helper()
		m, _, err := b.Messaging.Say(ctx, v, messaging.Said{Draft: messaging.Draft{Key: key, Body: body}, Told: []string{ana.ID, ID()}})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first := say("k1", "one")
	c, err := b.Messaging.Conversation(ctx, ana, first.Conversation)
	if err != nil || len(c.Participants) != 2 || c.State != "open" {
		t.Fatalf("begun: %+v, %v", c, err)
	}
	if again := say("k1", "one"); again.ID != first.ID {
		t.Error("the same key made another message")
	}
	closed := "closed"
	if _, err := b.Messaging.Patch(ctx, ana, first.Conversation, messaging.Change{State: &closed}); err != nil {
		t.Fatal(err)
	}
	if second := say("k2", "two"); second.Conversation != first.Conversation {
		t.Error("a closed conversation is not gone on with")
	}
	if c, err = b.Messaging.Conversation(ctx, ana, first.Conversation); err != nil || c.State != "open" {
		t.Errorf("%s, %v", c.State, err)
	}
	_, _, err = b.Messaging.Say(ctx, ana, messaging.Said{Draft: messaging.Draft{Key: "k", Body: "x"}})
	code(t, err, "forbidden")
}
