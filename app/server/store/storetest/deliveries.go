package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/server/livechat"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

const lease = 2 * time.Minute

// ledger spells what became of a message by mail, by the names of people.
func (b *Bundle) ledger(viewer desk.Person, message string, people ...desk.Person) string {
	b.TB.Helper()
	list, err := b.Messaging.Deliveries(context.Background(), viewer, message)
	if err != nil {
		b.TB.Fatal(err)
	}
	var out []string
	for _, p := range people {
		for _, d := range list {
			if d.Person == p.ID && d.Channel != desk.InApp {
				out = append(out, fmt.Sprintf("%s %s %s %s", p.Name, d.Channel, d.State, d.Reason))
			}
		}
	}
	return strings.Join(out, ", ")
}

// claim gives the letters that are due now.
func (b *Bundle) claim() (letters []desk.Letter) {
	b.TB.Helper()
	calls, _, err := b.Messaging.Due(context.Background())
	if err != nil {
		b.TB.Fatal(err)
	}
	for _, c := range calls {
		l, ok, err := b.Messaging.Claim(context.Background(), c, lease)
		if err != nil {
			b.TB.Fatal(err)
		}
		if ok {
			letters = append(letters, l)
		}
	}
	return letters
}

func (b *Bundle) settle(l desk.Letter, a desk.Answer) {
	b.TB.Helper()
	if err := b.Messaging.Settle(context.Background(), l, desk.Outcome{Answer: a, Detail: "said so"}); err != nil {
		b.TB.Fatal(err)
	}
}

func bodies(l desk.Letter) string {
	var out []string
	for _, m := range l.Messages {
		out = append(out, m.Body)
	}
	return l.To.Name + ": " + strings.Join(out, ", ")
}

func testPlanned(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva, teo := b.User("Ana"), b.User("Luis"), b.User("Eva"), b.User("Teo")
	off, slow := desk.DefaultSettings(), desk.DefaultSettings()
	off.Mail, slow.MailAfterSeconds = false, 600
	for p, set := range map[string]desk.Settings{eva.ID: off, teo.ID: slow} {
		if err := b.Messaging.PutSettings(ctx, desk.Person{ID: p}, set); err != nil {
			t.Fatal(err)
		}
	}
	v := b.Start(ana, "one", luis, eva, teo)
	yes := true
	if _, err := b.Messaging.Patch(ctx, luis, v.ID, messaging.Change{Muted: &yes}); err != nil {
		t.Fatal(err)
	}
	m := b.Say(ana, v.ID, "two")
	equal(t, "first", b.ledger(ana, v.Last.ID, ana, luis, eva, teo), "Luis email planned unseen-after, Eva email cancelled mail-off, Teo email planned unseen-after")
	equal(t, "muted", b.ledger(ana, m.ID, ana, luis), "Luis email cancelled muted")
	d, err := b.Messaging.Deliveries(ctx, ana, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range d {
		if x.Person == teo.ID && x.Channel == desk.ByEmail && x.DueAt != m.CreatedAt+600_000 {
			t.Errorf("Teo's is due %d ms after the message", x.DueAt-m.CreatedAt)
		}
	}
	marta := b.Customer("Marta")
	c := b.StartWith(ana, "hello", marta, luis)
	equal(t, "a customer's", b.ledger(ana, c.Last.ID, ana, luis, marta), "Luis email planned unseen-after, Marta email planned customer")
	if due := b.planned.Load(); due != c.Last.CreatedAt {
		t.Errorf("the worker was told %d ms", due-c.Last.CreatedAt)
	}
	answer := b.Say(marta, c.ID, "thanks")
	equal(t, "a customer's own word", b.ledger(ana, answer.ID, ana, luis, marta), "Ana email planned unseen-after, Luis email planned unseen-after")
}

func testSeenInTime(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	v := b.Start(ana, "one", luis, eva)
	two := b.Say(ana, v.ID, "two")
	if _, err := b.Messaging.See(ctx, luis, v.ID, 1, 0); err != nil {
		t.Fatal(err)
	}
	equal(t, "seen", b.ledger(ana, v.Last.ID, luis, eva), "Luis email seen seen, Eva email planned unseen-after")
	equal(t, "not seen yet", b.ledger(ana, two.ID, luis), "Luis email planned unseen-after")
	if _, err := b.Messaging.See(ctx, luis, v.ID, 2, 0); err != nil {
		t.Fatal(err)
	}
	three := b.Say(ana, v.ID, "three")
	if err := b.Messaging.Remove(ctx, ana, v.ID, eva.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, "left", b.ledger(ana, three.ID, eva), "Eva email cancelled left")
	if err := b.Messaging.Delete(ctx, ana, three.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, "deleted", b.ledger(ana, three.ID, luis), "Luis email cancelled deleted")
	b.Pass(time.Hour)
	if letters := b.claim(); len(letters) != 0 {
		t.Errorf("%d letters leave", len(letters))
	}
	if _, next, err := b.Messaging.Due(ctx); err != nil || !next.IsZero() {
		t.Errorf("something is due at %v, %v", next, err)
	}
}

func testOneMail(t *testing.T, b *Bundle) {
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	v := b.Start(ana, "one", luis)
	b.Pass(30 * time.Second)
	two := b.Say(ana, v.ID, "two")
	b.Say(luis, v.ID, "his own")
	other := b.Start(eva, "elsewhere", luis)
	equal(t, "too early", len(b.claim()), 0)
	b.Pass(31 * time.Second)
	letters := b.claim()
	if len(letters) != 1 || bodies(letters[0]) != "Luis: one, two" || letters[0].Mail != two.ID || letters[0].Authors[ana.ID].Name != "Ana" || letters[0].Room.ID != v.ID {
		t.Fatalf("letters %+v", letters)
	}
	equal(t, "while it leaves", b.ledger(ana, two.ID, luis), "Luis email planned leaving")
	b.settle(letters[0], desk.Accepted)
	equal(t, "the newest", b.ledger(ana, two.ID, luis), "Luis email sent mailed")
	equal(t, "the one before", b.ledger(ana, v.Last.ID, luis), "Luis email sent gathered")
	four := b.Say(ana, v.ID, "four")
	b.Pass(61 * time.Second)
	for _, l := range b.claim() {
		if l.Room.ID == v.ID && l.To.ID == luis.ID && (l.Mail != four.ID || len(l.Earlier) != 1 || l.Earlier[0] != two.ID || len(l.Messages) != 1) {
			t.Errorf("the mail after: %+v", l)
		}
		b.settle(l, desk.Accepted)
	}
	equal(t, "elsewhere", b.ledger(eva, other.Last.ID, luis), "Luis email sent mailed")
	for n := range desk.MaxInLetter + 10 {
		b.Say(ana, v.ID, fmt.Sprint(n))
	}
	b.Pass(time.Minute)
	long := b.claim()
	if len(long) != 1 || len(long[0].Messages) != desk.MaxInLetter || long[0].Omitted != 10 || long[0].Messages[0].Body != "10" {
		t.Fatalf("a long letter: %d letters", len(long))
	}
	b.settle(long[0], desk.Accepted)
	equal(t, "nothing left", len(b.claim()), 0)

	marta := b.Customer("Marta")
	c := b.StartWith(ana, "0", marta)
	for n := range desk.MaxInLetter {
		b.Say(ana, c.ID, fmt.Sprint(n+1))
	}
	for _, want := range []int{desk.MaxInLetter, 1} {
		letters := b.claim()
		if len(letters) != 1 || len(letters[0].Messages) != want || letters[0].Omitted != 0 {
			t.Fatalf("a customer gets everything: %+v", letters)
		}
		b.settle(letters[0], desk.Accepted)
	}
}

func testAskedAgain(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis := b.User("Ana"), b.User("Luis")
	v := b.Start(ana, "one", luis)
	edited := b.Say(ana, v.ID, "two")
	if _, err := b.Messaging.Edit(ctx, ana, edited.ID, "two, better"); err != nil {
		t.Fatal(err)
	}
	b.Pass(61 * time.Second)
	letters := b.claim()
	if len(letters) != 1 || bodies(letters[0]) != "Luis: one, two, better" {
		t.Fatalf("letters %+v", letters)
	}
	b.settle(letters[0], desk.Later)
	equal(t, "again later", b.ledger(ana, edited.ID, luis), "Luis email planned try-later")
	if err := b.Messaging.Delete(ctx, ana, v.Last.ID); err != nil {
		t.Fatal(err)
	}
	b.Pass(61 * time.Second)
	letters = b.claim()
	if len(letters) != 1 || bodies(letters[0]) != "Luis: two, better" || letters[0].Mail != edited.ID || letters[0].Attempts != 1 {
		t.Fatalf("letters %+v", letters)
	}
	b.settle(letters[0], desk.Later)
	off := desk.DefaultSettings()
	off.Mail = false
	if err := b.Messaging.PutSettings(ctx, luis, off); err != nil {
		t.Fatal(err)
	}
	b.Pass(6 * time.Minute)
	equal(t, "mail was switched off", len(b.claim()), 0)
	equal(t, "why", b.ledger(ana, edited.ID, luis), "Luis email cancelled mail-off")
}

func testRetries(t *testing.T, b *Bundle) {
	ana, luis := b.User("Ana"), b.User("Luis")
	v := b.Start(ana, "one", luis)
	b.Pass(61 * time.Second)
	first := b.claim()[0]
	b.settle(first, desk.Unknown)
	equal(t, "no answer", b.ledger(ana, v.Last.ID, luis), "Luis email planned no-answer")
	b.Say(ana, v.ID, "two")
	b.Pass(61 * time.Second)
	again := b.claim()
	if len(again) != 2 || again[0].Mail != first.Mail || bodies(again[0]) != bodies(first) {
		t.Fatalf("the second try %+v differs from the first %+v", again, first)
	}
	b.settle(again[0], desk.Later)
	b.settle(again[1], desk.Accepted)
	b.Say(ana, v.ID, "three")
	b.Pass(61 * time.Second)
	equal(t, "what comes after waits for what is tried again", len(b.claim()), 0)
	b.Pass(4 * time.Minute)
	again = b.claim()
	if len(again) != 2 || again[0].Attempts != 2 {
		t.Fatalf("then both: %+v", again)
	}
	b.settle(again[0], desk.Later)
	b.settle(again[1], desk.Accepted)
	for tries := 0; tries < 20; tries++ {
		b.Pass(13 * time.Hour)
		for _, l := range b.claim() {
			b.settle(l, desk.Later)
		}
	}
	equal(t, "given up", b.ledger(ana, v.Last.ID, luis), "Luis email failed gave-up")
	three := b.Say(ana, v.ID, "four")
	b.Pass(61 * time.Second)
	b.settle(b.claim()[0], desk.Refused)
	equal(t, "refused", b.ledger(ana, three.ID, luis), "Luis email failed refused")
	equal(t, "nothing more", len(b.claim()), 0)
}

func testLease(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis := b.User("Ana"), b.User("Luis")
	v := b.Start(ana, "one", luis)
	b.Pass(61 * time.Second)
	killed := b.claim()[0]
	b.Say(ana, v.ID, "two")
	equal(t, "while it is leased", len(b.claim()), 0)
	if _, err := b.Messaging.See(ctx, luis, v.ID, 0, 0); err != nil {
		t.Fatal(err)
	}
	b.Pass(lease + time.Second)
	var again desk.Letter
	for _, l := range b.claim() {
		if l.Mail == killed.Mail {
			again = l
		}
	}
	if again.Mail == "" || bodies(again) != "Luis: one" {
		t.Fatalf("after a kill the same mail goes again, and that was %+v", again)
	}
	b.settle(killed, desk.Refused) // by somebody who was overtaken
	equal(t, "overtaken", b.ledger(ana, v.Last.ID, luis), "Luis email planned leaving")
	b.settle(again, desk.Accepted)
	equal(t, "sent", b.ledger(ana, v.Last.ID, luis), "Luis email sent mailed")
	// A lease that ended with its holder's life holds up no one's decision.
	b.Pass(time.Minute)
	for _, l := range b.claim() {
		equal(t, "the second", bodies(l), "Luis: two")
	}
	b.Pass(lease + time.Second)
	if _, err := b.Messaging.See(ctx, luis, v.ID, 2, 0); err != nil {
		t.Fatal(err)
	}
	equal(t, "seen after a kill", len(b.claim()), 0)

	b.Say(ana, v.ID, "three")
	b.Pass(time.Minute)
	before := b.claim()
	equal(t, "the third", len(before), 1)
	if err := b.Messaging.Abandon(ctx); err != nil {
		t.Fatal(err)
	}
	after := b.claim()
	if len(after) != 1 || after[0].Mail != before[0].Mail {
		t.Errorf("after a start as the only one: %+v", after)
	}
}

// testBehindARetry: what waits behind a mail that failed goes on when that mail is settled, however far off its next try
// was, and not before its own time.
func testBehindARetry(t *testing.T, b *Bundle) {
	ctx := context.Background()
	for name, settle := range map[string]func(desk.Person, string, desk.Person){
		"sent now": func(ana desk.Person, m string, luis desk.Person) {
			if _, err := b.Messaging.SendNow(ctx, ana, m, luis.ID); err != nil {
				t.Fatal(err)
			}
			first := b.claim()
			if len(first) != 1 || !strings.HasSuffix(bodies(first[0]), ": one") {
				t.Fatalf("sent now: %+v", first)
			}
			b.settle(first[0], desk.Accepted)
		},
		"stopped": func(ana desk.Person, m string, luis desk.Person) {
			if _, err := b.Messaging.Stop(ctx, ana, m, luis.ID); err != nil {
				t.Fatal(err)
			}
		},
	} {
		ana, luis := b.User("Ana "+name), b.User("Luis "+name)
		v := b.Start(ana, "one", luis)
		for range 2 { // the next try is five minutes off
			b.Pass(61 * time.Second)
			for _, l := range b.claim() {
				b.settle(l, desk.Later)
			}
		}
		two := b.Say(ana, v.ID, "two")
		b.Pass(61 * time.Second)
		equal(t, "behind the retry", len(b.claim()), 0)
		three := b.Say(ana, v.ID, "three")
		settle(ana, v.Last.ID, luis)
		after := b.claim()
		if len(after) != 1 || after[0].Mail != three.ID || after[0].Messages[0].ID != two.ID {
			t.Fatalf("%s: then %+v", name, after)
		}
		b.settle(after[0], desk.Accepted)
		b.Say(ana, v.ID, "four")
		equal(t, "not before its time", len(b.claim()), 0)
		b.Pass(61 * time.Second)
		last := b.claim()
		equal(t, "at its time", len(last), 1)
		b.settle(last[0], desk.Accepted)
	}
}

func testNowAndCancel(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis, eva := b.User("Ana"), b.User("Luis"), b.User("Eva")
	v := b.Start(ana, "one", luis)
	m := v.Last.ID
	_, err := b.Messaging.SendNow(ctx, eva, m, luis.ID)
	code(t, err, "not-found")
	_, err = b.Messaging.SendNow(ctx, luis, m, luis.ID)
	code(t, err, "forbidden")
	_, err = b.Messaging.SendNow(ctx, ana, m, eva.ID)
	code(t, err, "not-found")
	at := int64(len(b.Feed(luis, 0)))
	if d, err := b.Messaging.Stop(ctx, ana, m, luis.ID); err != nil || d.State != desk.Cancelled || d.DueAt != 0 {
		t.Fatalf("stopped: %+v, %v", d, err)
	}
	told := b.Feed(luis, at)
	if len(told) != 1 || told[0].Type != desk.DeliveryChanged || told[0].Sent == nil || told[0].Sent.Reason != desk.ReasonStopped {
		t.Errorf("told %+v", told)
	}
	b.Pass(time.Hour)
	equal(t, "stopped", len(b.claim()), 0)
	if _, err := b.Messaging.SendNow(ctx, ana, m, luis.ID); err != nil {
		t.Fatal(err)
	}
	letters := b.claim()
	equal(t, "now", len(letters), 1)
	_, err = b.Messaging.Stop(ctx, ana, m, luis.ID)
	code(t, err, "leaving")
	b.settle(letters[0], desk.Accepted)
	_, err = b.Messaging.Stop(ctx, ana, m, luis.ID)
	code(t, err, "not-planned")
	_, err = b.Messaging.SendNow(ctx, ana, m, luis.ID)
	code(t, err, "not-planned")
	marta := b.Customer("Marta")
	c := b.StartWith(ana, "hello", marta)
	if _, err := b.Messaging.Stop(ctx, eva, c.Last.ID, marta.ID); err != nil {
		t.Errorf("a user may where all users share the conversation: %v", err)
	}
	_, err = b.Messaging.Stop(ctx, marta, c.Last.ID, marta.ID)
	code(t, err, "forbidden")
}

func testClockSetBack(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis := b.User("Ana"), b.User("Luis")
	b.Start(ana, "one", luis)
	b.Pass(-24 * time.Hour)
	if err := b.Messaging.Reclock(ctx); err != nil {
		t.Fatal(err)
	}
	b.Pass(50 * time.Second)
	equal(t, "before its delay", len(b.claim()), 0)
	b.Pass(11 * time.Second)
	equal(t, "after its delay", len(b.claim()), 1)
}

func testWhoIsTold(t *testing.T, b *Bundle) {
	ana := b.User("Ana")
	var all []desk.Person
	for n := range desk.SmallCircle {
		all = append(all, b.User(fmt.Sprint(n)))
	}
	large, small := b.Start(ana, "large", all...), b.Start(ana, "small", all[0], all[1])
	marta := b.Customer("Marta")
	shared := b.StartWith(ana, "shared", marta)
	b.Pass(61 * time.Second)
	for _, l := range b.claim() {
		if l.Room.ID != large.ID || l.To.ID == all[0].ID {
			b.settle(l, desk.Accepted)
		}
	}
	told := func(p desk.Person) map[string]int {
		n := map[string]int{}
		for _, e := range b.Feed(p, 0) {
			if e.Type == desk.DeliveryChanged {
				n[e.Conversation]++
			}
		}
		return n
	}
	equal(t, "the author", told(ana), map[string]int{large.ID: 1, small.ID: 2, shared.ID: 1})
	equal(t, "one of them", told(all[1]), map[string]int{small.ID: 2, shared.ID: 1})
	equal(t, "the customer", told(marta), map[string]int{})
	own, err := b.Messaging.Deliveries(context.Background(), all[1], large.Last.ID)
	if err != nil || len(own) == 0 {
		t.Errorf("one's own in a large circle: %v, %v", own, err)
	}
	for _, d := range own {
		if d.Person != all[1].ID {
			t.Errorf("somebody else's in a large circle: %+v", d)
		}
	}
}

// testClaimedOnce: however many look for what is due at the same time, each letter is given to one of them.
func testClaimedOnce(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana := b.User("Ana")
	for n := range 12 {
		b.Start(ana, "hello", b.User(fmt.Sprint(n)))
	}
	b.Pass(61 * time.Second)
	calls, _, err := b.Messaging.Due(ctx)
	if err != nil || len(calls) != 12 {
		t.Fatalf("%d calls, %v", len(calls), err)
	}
	var mu sync.Mutex
	got := map[string]int{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, c := range calls {
				l, ok, err := b.Messaging.Claim(ctx, c, lease)
				if err != nil {
					t.Errorf("claim: %v", err)
				}
				if ok {
					mu.Lock()
					got[l.Mail]++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for mail, n := range got {
		if n != 1 {
			t.Errorf("%s was given to %d", mail, n)
		}
	}
	equal(t, "letters", len(got), 12)
}

func testInChat(t *testing.T, b *Bundle) {
	ana, marta, pablo := b.User("Ana"), b.Customer("Marta"), b.Customer("Pablo")
	b.inChat(marta)
	v := b.StartWith(ana, "hello", marta, pablo)
	equal(t, "where they are", b.ledger(ana, v.Last.ID, marta, pablo), "Marta chat sent in-chat, Marta email planned chat-unseen, Pablo email planned customer")
}

func testMailTokens(t *testing.T, b *Bundle) {
	ctx := context.Background()
	want := store.MailToken{Message: ID(), Person: ID(), Conversation: ID(), ExpiresAt: 1000}
	if err := b.Store.KeepMailToken(ctx, "hash", want); err != nil {
		t.Fatal(err)
	}
	got, err := b.Store.MailToken(ctx, "hash", 999)
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = b.Store.MailToken(ctx, "hash", 1000)
	code(t, err, "not-found")
	_, err = b.Store.MailToken(ctx, "other", 1)
	code(t, err, "not-found")
	first, err := b.Store.MailKey(ctx, []byte("first"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Store.MailKey(ctx, []byte("second"))
	if err != nil || string(first) != "first" || string(again) != "first" {
		t.Errorf("keys %q and %q, %v", first, again, err)
	}
}

// inChat connects a customer to the live chat.
func (b *Bundle) inChat(p desk.Person) {
	b.TB.Helper()
	ctx, s := context.Background(), store.Chats{Store: b.Store}
	now := b.clock.Load()
	if err := s.Beat(ctx, "node", now, now+livechat.Linger.Milliseconds()); err != nil {
		b.TB.Fatal(err)
	}
	if err := s.OpenStream(ctx, livechat.Stream{ID: ID(), Node: "node", Person: p.ID, Session: ID(), Site: "site", OpenedAt: now}); err != nil {
		b.TB.Fatal(err)
	}
}

// settleAll lets everything that is due now leave.
func (b *Bundle) settleAll() {
	b.TB.Helper()
	for _, l := range b.claim() {
		b.settle(l, desk.Accepted)
	}
}
