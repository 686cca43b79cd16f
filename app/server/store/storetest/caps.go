package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/server/mailin"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// testLoopCaps: more mails than people write are held where agents see it, and go together with the next or when asked.
func testLoopCaps(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, marta, pablo := b.User("Ana"), b.Customer("Marta"), b.Customer("Pablo")
	v := b.StartWith(ana, "1", marta, pablo)
	for i := 2; i <= 11; i++ {
		for _, l := range b.claim() {
			b.settle(l, desk.Accepted)
		}
		b.Say(ana, v.ID, fmt.Sprint(i))
		b.Pass(time.Second)
	}
	at := int64(len(b.Feed(ana, 0)))
	equal(t, "the eleventh", len(b.claim()), 0)
	eleventh := b.last(ana, v.ID)
	equal(t, "held", b.ledger(ana, eleventh, marta, pablo), "Marta email held too-often, Pablo email held too-often")
	equal(t, "told", len(b.Feed(ana, at)), 2)
	b.Say(ana, v.ID, "12")
	at = int64(len(b.Feed(ana, 0)))
	equal(t, "the twelfth", len(b.claim()), 0)
	equal(t, "told of the new one alone", len(b.Feed(ana, at)), 2)
	equal(t, "still held", b.ledger(ana, eleventh, marta), "Marta email held too-often")
	if _, err := b.Messaging.Stop(ctx, ana, eleventh, pablo.ID); err != nil {
		t.Errorf("what is held can't be stopped: %v", err)
	}
	if _, err := b.Messaging.SendNow(ctx, ana, b.last(ana, v.ID), marta.ID); err != nil {
		t.Fatal(err)
	}
	letters := b.claim()
	if len(letters) != 1 || bodies(letters[0]) != "Marta: 11, 12" {
		t.Fatalf("asked for: %+v", letters)
	}
	b.settle(letters[0], desk.Accepted)
	b.Pass(10 * time.Minute)
	b.Say(ana, v.ID, "13")
	letters = b.claim()
	equal(t, "after a while", len(letters), 2)
	for _, l := range letters {
		if l.To.ID == pablo.ID {
			equal(t, "what was held goes too", bodies(l), "Pablo: 12, 13")
		}
	}
}

func (b *Bundle) last(viewer desk.Person, conversation string) string {
	b.TB.Helper()
	v, err := b.Messaging.Conversation(context.Background(), viewer, conversation)
	if err != nil {
		b.TB.Fatal(err)
	}
	return v.Last.ID
}

// testTroubledAddresses: what reports said of an address keeps mails from leaving, with the reason, until somebody asks
// for it or mail came from there.
func testTroubledAddresses(t *testing.T, b *Bundle) {
	ctx, mails := context.Background(), store.Mails{Store: b.Store}
	ana, marta, pablo, eva := b.User("Ana"), b.Customer("Marta"), b.Customer("Pablo"), b.Customer("Eva")
	v := b.StartWith(ana, "hello", marta, pablo, eva)
	for _, r := range []struct {
		of   desk.Person
		kind mailin.Report
	}{{marta, mailin.HardReport}, {pablo, mailin.Complaint}, {eva, mailin.SoftReport}} {
		if err := mails.CountReport(ctx, desk.Address(r.of.Email), r.kind, "5.1.1", 1); err != nil {
			t.Fatal(err)
		}
	}
	letters := b.claim()
	if len(letters) != 1 || letters[0].To.ID != eva.ID {
		t.Errorf("leaves: %+v", letters)
	}
	equal(t, "ended", b.ledger(ana, v.Last.ID, marta, pablo), "Marta email failed no-mailbox, Pablo email failed unwanted")
	for _, p := range []desk.Person{marta, pablo} {
		if _, err := b.Messaging.SendNow(ctx, ana, v.Last.ID, p.ID); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "asked for", len(b.claim()), 2)
	equal(t, "foreseen", b.foreseen(ana, v.ID, marta, pablo, eva), "Marta failed no-mailbox, Pablo failed unwanted, Eva planned customer")
	if err := mails.ClearReports(ctx, desk.Address(marta.Email)); err != nil {
		t.Fatal(err)
	}
	var trouble desk.Trouble
	if err := b.Store.Read(ctx, func(r messaging.Reader) (err error) {
		trouble, err = r.Trouble(desk.Address(marta.Email))
		return err
	}); err != nil || trouble != (desk.Trouble{}) {
		t.Errorf("after mail came from there: %+v, %v", trouble, err)
	}
}

// foreseen spells what would become of the mails to people, of a message written now.
func (b *Bundle) foreseen(viewer desk.Person, conversation string, people ...desk.Person) string {
	b.TB.Helper()
	list, err := b.Messaging.Recipients(context.Background(), viewer, conversation)
	if err != nil {
		b.TB.Fatal(err)
	}
	var out []string
	for _, p := range people {
		for _, d := range list {
			if d.Person == p.ID && d.Channel == desk.ByEmail {
				out = append(out, fmt.Sprintf("%s %s %s", p.Name, d.State, d.Reason))
			}
		}
	}
	return strings.Join(out, ", ")
}

// testUnknownMailbox: a mail server that knows no such mailbox says it as a report does: nothing leaves there by itself
// any more, until mail came from there.
func testUnknownMailbox(t *testing.T, b *Bundle) {
	ctx, mails := context.Background(), store.Mails{Store: b.Store}
	ana, marta := b.User("Ana"), b.Customer("Marta")
	v := b.StartWith(ana, "hello", marta)
	refuse := func(nobody bool) {
		for _, l := range b.claim() {
			if err := b.Messaging.Settle(ctx, l, desk.Outcome{Answer: desk.Refused, Detail: "550 5.1.1 nobody", Nobody: nobody}); err != nil {
				t.Fatal(err)
			}
		}
	}
	refuse(false)
	b.Say(ana, v.ID, "refused for another reason")
	refuse(true)
	equal(t, "the second", b.ledger(ana, b.last(ana, v.ID), marta), "Marta email failed refused")
	equal(t, "foreseen", b.foreseen(ana, v.ID, marta), "Marta failed no-mailbox")
	b.Say(ana, v.ID, "third")
	equal(t, "leaves", len(b.claim()), 0)
	equal(t, "the third", b.ledger(ana, b.last(ana, v.ID), marta), "Marta email failed no-mailbox")
	if err := mails.ClearReports(ctx, desk.Address(marta.Email)); err != nil {
		t.Fatal(err)
	}
	b.Say(ana, v.ID, "fourth")
	equal(t, "leaves again", len(b.claim()), 1)
}

// testQuietNotes: what a program wrote by mail waits for nobody.
func testQuietNotes(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, nora := b.User("Ana"), b.Customer("Nora")
	v := b.StartWith(ana, "hello", nora)
	note := draft("mail-1", "Out of office")
	note.Quiet, note.Origin = true, &desk.Origin{Automatic: true, Others: []desk.Mailbox{{Name: "x"}}}
	person := draft("mail-2", "Here I am")
	person.Origin = &desk.Origin{Others: []desk.Mailbox{{Name: `"Automatic":true`}}}
	if _, _, err := b.Messaging.Post(ctx, nora, v.ID, note); err != nil {
		t.Fatal(err)
	}
	unseen := func() int64 {
		got, err := b.Messaging.Conversation(ctx, ana, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got.Unseen
	}
	equal(t, "unseen after a program's", unseen(), 0)
	equal(t, "in the view of what is unseen", len(b.list(ana, messaging.ListQuery{View: "unread", Limit: 10})), 0)
	if _, _, err := b.Messaging.Post(ctx, nora, v.ID, person); err != nil {
		t.Fatal(err)
	}
	equal(t, "unseen after a person's", unseen(), 1)
	equal(t, "in the view", len(b.list(ana, messaging.ListQuery{View: "unread", Limit: 10})), 1)
}
