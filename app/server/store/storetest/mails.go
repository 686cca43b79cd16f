package storetest

import (
	"context"
	"testing"

	"recado/app/desk"
	"recado/app/server/mailin"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

func arrived(at int64) mailin.Mail {
	return mailin.Mail{ID: ID(), SHA256: "abc", Size: 3, ReceivedAt: at, Due: at, State: mailin.Received,
		Envelope: mailin.Envelope{From: "nora@shop.example", To: []string{"support@acme.example"}, Remote: "192.0.2.1", Helo: "shop.example"}}
}

// testMailOrder: a sender's mails are given one after the other, in the order they came, while others' go on; one that
// fails again and again holds nobody up.
func testMailOrder(t *testing.T, b *Bundle) {
	ctx, s := context.Background(), store.Mails{Store: b.Store}
	var mails []mailin.Mail
	for i, sender := range []string{"kim@shop.example", "kim@shop.example", "lee@shop.example", "", ""} {
		m := arrived(int64(10 + i))
		m.Sender = sender
		if mails = append(mails, m); s.AddMail(ctx, m) != nil {
			t.Fatal("not added")
		}
	}
	claim := func(now int64, want ...int) {
		t.Helper()
		for _, i := range want {
			if got, err := s.ClaimMail(ctx, now, now+1000); err != nil || got.ID != mails[i].ID {
				t.Fatalf("got %s of %s, %v, want number %d", got.ID, got.Sender, err, i)
			}
		}
		_, err := s.ClaimMail(ctx, now, now+1000)
		code(t, err, "not-found")
	}
	claim(1000, 0, 2, 3, 4)
	mails[0].State, mails[0].Due = mailin.Received, 5000 // to be tried again
	if err := s.PutMail(ctx, mails[0]); err != nil {
		t.Fatal(err)
	}
	claim(1999)
	for _, i := range []int{2, 3, 4} {
		mails[i].State = mailin.Placed
		if err := s.PutMail(ctx, mails[i]); err != nil {
			t.Fatal(err)
		}
	}
	for _, now := range []int64{5000, 6000} {
		claim(now, 0)
	}
	claim(7000, 0, 1) // the fourth try: it waits no longer
}

// testMails: a mail is given to one at a time, and again when its lease has ended.
func testMails(t *testing.T, b *Bundle) {
	ctx, s := context.Background(), store.Mails{Store: b.Store}
	_, err := s.ClaimMail(ctx, 1000, 2000)
	code(t, err, "not-found")
	first, second := arrived(10), arrived(20)
	for _, m := range []mailin.Mail{second, first} {
		if err := s.AddMail(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.ClaimMail(ctx, 1000, 2000)
	if err != nil {
		t.Fatal(err)
	}
	want := first
	want.Due, want.Attempts = 2000, 1
	equal(t, "claimed", got, want)
	if got, err = s.ClaimMail(ctx, 1000, 2000); err != nil || got.ID != second.ID {
		t.Errorf("second: %s, %v", got.ID, err)
	}
	_, err = s.ClaimMail(ctx, 1999, 3000)
	code(t, err, "not-found")
	if got, err = s.ClaimMail(ctx, 2000, 3000); err != nil || got.ID != first.ID || got.Attempts != 2 {
		t.Errorf("after the lease: %+v, %v", got, err)
	}
	if err := s.Unlease(ctx, 2500); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{second.ID, first.ID} { // the second's lease had ended, the first's was ended
		if got, err = s.ClaimMail(ctx, 2500, 3500); err != nil || got.ID != want {
			t.Errorf("after a start: %+v, %v", got, err)
		}
	}
	got.State, got.Reason, got.MessageID, got.Sender, got.Conversation, got.Message, got.Verified = mailin.Placed, mailin.ReasonNew, "one@shop", "nora@shop.example", "c1", "m1", true
	if err := s.PutMail(ctx, got); err != nil {
		t.Fatal(err)
	}
	again, err := s.MailOf(ctx, "m1")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "put", again, got)
	_, err = s.MailOf(ctx, "")
	code(t, err, "not-found")
	_, err = s.Mail(ctx, ID())
	code(t, err, "not-found")
	for c, want := range map[string]int64{"": 1, "c1": 1, "c2": 0} {
		if n, err := s.CountMails(ctx, "nora@shop.example", c, 10); err != nil || n != want {
			t.Errorf("in %q: %d, %v", c, n, err)
		}
	}
	if n, err := s.CountMails(ctx, "nora@shop.example", "", 11); err != nil || n != 0 {
		t.Errorf("later: %d, %v", n, err)
	}
	threads, err := s.Threads(ctx, []string{"none@x", "one@shop"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "threads", threads, []string{"c1"})
}

func testHeldMails(t *testing.T, b *Bundle) {
	ctx, s := context.Background(), store.Mails{Store: b.Store}
	var ids []string
	for range 3 {
		m := arrived(1)
		if err := s.AddMail(ctx, m); err != nil {
			t.Fatal(err)
		}
		m.State, m.Reason = mailin.Held, mailin.ReasonForged
		if err := s.PutMail(ctx, m); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	page, err := s.HeldMails(ctx, "", 2)
	if err != nil || len(page) != 2 || page[0].ID != ids[2] || page[1].ID != ids[1] {
		t.Fatalf("%+v, %v", page, err)
	}
	if page, err = s.HeldMails(ctx, ids[1], 2); err != nil || len(page) != 1 || page[0].ID != ids[0] {
		t.Errorf("%+v, %v", page, err)
	}
	for mail, want := range map[string]string{"a": "a", "b": "a"} {
		if _, err := s.FirstMail(ctx, "key", "a"); err != nil {
			t.Fatal(err)
		}
		if first, err := s.FirstMail(ctx, "key", mail); err != nil || first != want {
			t.Errorf("first of %s: %s, %v", mail, first, err)
		}
	}
	for _, day := range []struct {
		day  int64
		want bool
	}{{5, true}, {5, false}, {4, false}, {6, true}} {
		if first, err := s.FirstToday(ctx, "p", day.day); err != nil || first != day.want {
			t.Errorf("day %d: %v, %v", day.day, first, err)
		}
	}
	if v, u, err := s.Mailbox(ctx, "box"); err != nil || v != 0 || u != 0 {
		t.Errorf("%d %d %v", v, u, err)
	}
	for _, uid := range []uint32{1, 4_294_967_295} {
		if err := s.PutMailbox(ctx, "box", 4_000_000_000, uid); err != nil {
			t.Fatal(err)
		}
		if v, u, err := s.Mailbox(ctx, "box"); err != nil || v != 4_000_000_000 || u != uid {
			t.Errorf("%d %d %v", v, u, err)
		}
	}
	for _, kind := range []mailin.Report{mailin.HardReport, mailin.SoftReport, mailin.SoftReport} {
		if err := s.CountReport(ctx, "x@y", kind, "5.1.1", 1); err != nil {
			t.Fatal(err)
		}
	}
}

// testFromOutside: a customer begins a conversation, once, and a program's note reopens nothing and is mailed to nobody.
func testFromOutside(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, nora := b.User("Ana"), b.Customer("Nora")
	d := draft("mail-1", "Help!")
	c, m, made, err := b.Messaging.StartFrom(ctx, nora, "Lamp", desk.OpensConversation, d)
	if err != nil || !made {
		t.Fatalf("made %v, %v", made, err)
	}
	c2, m2, made, err := b.Messaging.StartFrom(ctx, nora, "Lamp", desk.OpensConversation, d)
	if err != nil || made || c2 != c || m2 != m {
		t.Errorf("again: %s %s %v %v", c2, m2, made, err)
	}
	_, _, _, err = b.Messaging.StartFrom(ctx, ana, "Lamp", desk.OpensConversation, draft("k", "x"))
	code(t, err, "forbidden")
	b.Say(ana, c, "We are looking.")
	if _, err := b.Messaging.Patch(ctx, ana, c, closing()); err != nil {
		t.Fatal(err)
	}
	quiet := draft("mail-2", "Out of office")
	quiet.Quiet = true
	note, _, err := b.Messaging.Post(ctx, nora, c, quiet)
	if err != nil {
		t.Fatal(err)
	}
	v, err := b.Messaging.Conversation(ctx, ana, c)
	if err != nil || v.State != "closed" {
		t.Errorf("a quiet note reopened: %s, %v", v.State, err)
	}
	list, err := b.Messaging.Deliveries(ctx, ana, note.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if x.Channel != desk.InApp {
			t.Errorf("a quiet note leaves: %+v", x)
		}
	}
	stranger := b.Customer("Eve")
	for range 2 {
		if err := b.Messaging.Join(ctx, stranger, c, true); err != nil {
			t.Fatal(err)
		}
	}
	if _, st, err := b.Messaging.Place(ctx, c, stranger.ID); err != nil || st == nil || st.HistoryFrom != note.Number+1 {
		t.Errorf("joined: %+v, %v", st, err)
	}
	internal := b.Start(ana, "us", b.User("Luis"))
	code(t, b.Messaging.Join(ctx, stranger, internal.ID, true), "customer-in-internal-conversation")
	code(t, b.Messaging.Returned(ctx, note.ID, nora.ID, "x"), "not-found")
}

func draft(key, body string) messaging.Draft { return messaging.Draft{Key: key, Body: body} }

func closing() messaging.Change {
	state := "closed"
	return messaging.Change{State: &state}
}

// testMailOfItsMessage: who is shown a message that came by mail finds the mail at once, not when its job is done.
func testMailOfItsMessage(t *testing.T, b *Bundle) {
	ctx, s := context.Background(), store.Mails{Store: b.Store}
	ana, nora := b.User("Ana"), b.Customer("Nora")
	v := b.StartWith(ana, "hello", nora)
	m := arrived(10)
	if err := s.AddMail(ctx, m); err != nil {
		t.Fatal(err)
	}
	posted, _, err := b.Messaging.Post(ctx, nora, v.ID, messaging.Draft{Key: ID(), Body: "hi", Origin: &desk.Origin{Mail: m.ID}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.MailOf(ctx, posted.ID)
	if err != nil || got.ID != m.ID || got.Conversation != v.ID {
		t.Errorf("%+v, %v", got, err)
	}
}

// testUninvited: who answers what was sent to somebody else is heard, and gets nothing until a user adds them; also in
// what customers read of a ticket.
func testUninvited(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, nora := b.User("Ana"), b.Customer("Nora")
	item := b.Ticket(ana, "Broken", nora)
	for name, c := range map[string]string{"direct": b.StartWith(ana, "hello", nora).ID, "ticket": b.About(ana, item.ID, "hello", desk.WithCustomers).ID} {
		eve := b.Customer("Eve")
		if err := b.Messaging.Join(ctx, eve, c, false); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.Messaging.Post(ctx, eve, c, draft("eve-"+name, "Send it to me.")); err != nil {
			t.Errorf("%s: not heard: %v", name, err)
		}
		b.settleAll()
		m := b.Say(ana, c, "Your address?")
		equal(t, name, b.ledger(ana, m.ID, eve, nora), "Eve email cancelled unconfirmed, Nora email planned customer")
		equal(t, name+" foreseen", b.foreseen(ana, c, eve), "Eve cancelled unconfirmed")
		for _, l := range b.claim() {
			if l.To.ID == eve.ID {
				t.Errorf("%s: leaves to %s", name, l.To.Name)
			}
			b.settle(l, desk.Accepted)
		}
		if err := b.Messaging.Join(ctx, eve, c, false); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Messaging.Add(ctx, ana, c, eve.ID, false); err != nil {
			t.Fatal(err)
		}
		m = b.Say(ana, c, "Thank you.")
		equal(t, name+" let in", b.ledger(ana, m.ID, eve), "Eve email planned customer")
		if err := b.Messaging.Join(ctx, eve, c, false); err != nil {
			t.Fatal(err)
		}
		m = b.Say(ana, c, "Once more.")
		equal(t, name+" stays in", b.ledger(ana, m.ID, eve), "Eve email planned customer")
	}
}
