// Package storetest is the one suite that a store must pass on every database.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/accounts"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// Bundle is a fresh, empty database with the use cases on it.
type Bundle struct {
	TB        testing.TB
	DB        *sqldb.DB
	Store     *store.Store
	Messaging *messaging.Service
	clock     atomic.Int64
	woken     sync.Map
	planned   atomic.Int64
}

// New migrates a fresh database and puts the use cases on it. The clock moves on by a millisecond at each look.
func New(tb testing.TB, db *sqldb.DB) *Bundle {
	tb.Helper()
	tb.Cleanup(func() { db.Close() })
	if err := store.Migrate(context.Background(), db); err != nil {
		tb.Fatal(err)
	}
	b := &Bundle{TB: tb, DB: db}
	b.clock.Store(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC).UnixMilli())
	now := func() time.Time { return time.UnixMilli(b.clock.Add(1)) }
	b.Store = store.New(db, func() int64 { return now().UnixMilli() })
	b.Messaging = &messaging.Service{Store: b.Store, Waker: b, Now: now, NewID: ID,
		Outside: &messaging.Outside{After: time.Minute, Planned: func(due time.Time) { b.planned.Store(due.UnixMilli()) }}}
	return b
}

// Pass lets time go by.
func (b *Bundle) Pass(d time.Duration) { b.clock.Add(d.Milliseconds()) }

// Wake notes who was woken.
func (b *Bundle) Wake(people []string) {
	for _, p := range people {
		b.woken.Store(p, true)
	}
}

// ID makes a new id.
func ID() string { return uuid.Must(uuid.NewV7()).String() }

// User adds a user.
func (b *Bundle) User(name string) desk.Person { return b.person(name, desk.User) }

// Customer adds a customer.
func (b *Bundle) Customer(name string) desk.Person { return b.person(name, desk.Customer) }

func (b *Bundle) person(name string, kind desk.Kind) desk.Person {
	b.TB.Helper()
	p := desk.Person{ID: ID(), Kind: kind, Name: name, Email: fmt.Sprintf("%s@example.test", ID()), CreatedAt: 1, Version: 1}
	if kind == desk.User {
		p.Role = desk.Agent
	}
	if _, err := (store.Accounts{Store: b.Store}).AddPerson(context.Background(), p, ""); err != nil {
		b.TB.Fatal(err)
	}
	return p
}

// Start starts an internal conversation.
func (b *Bundle) Start(author desk.Person, body string, with ...desk.Person) messaging.View {
	b.TB.Helper()
	v, made, err := b.Messaging.Start(context.Background(), author, start(body, ID(), with...))
	if err != nil || !made {
		b.TB.Fatalf("start: made %v, %v", made, err)
	}
	return v
}

func start(body, key string, with ...desk.Person) messaging.Start {
	n := messaging.Start{Kind: desk.Internal, Message: messaging.Draft{Key: key, Body: body}}
	for _, p := range with {
		n.Participants = append(n.Participants, p.ID)
	}
	return n
}

// Say posts a message.
func (b *Bundle) Say(author desk.Person, conversation, body string) desk.Message {
	b.TB.Helper()
	m, made, err := b.Messaging.Post(context.Background(), author, conversation, messaging.Draft{Key: ID(), Body: body})
	if err != nil || !made {
		b.TB.Fatalf("post: made %v, %v", made, err)
	}
	return m
}

// Feed reads a person's whole feed after a number, and asserts that it has no gap.
func (b *Bundle) Feed(p desk.Person, after int64) []messaging.Event {
	b.TB.Helper()
	var all []messaging.Event
	for {
		got, err := b.Messaging.ReadFeeds(context.Background(), []messaging.FeedRead{{Person: p.ID, After: after}}, 100)
		if err != nil {
			b.TB.Fatal(err)
		}
		for _, e := range got[p.ID] {
			if e.Number != after+1 {
				b.TB.Fatalf("feed of %s: %d follows %d", p.Name, e.Number, after)
			}
			after = e.Number
			all = append(all, e)
		}
		if len(got[p.ID]) < 100 {
			return all
		}
	}
}

// Types lists the types of events, those of people left out.
func Types(events []messaging.Event) []string {
	out := []string{}
	for _, e := range events {
		if e.Type != desk.PersonChanged {
			out = append(out, string(e.Type))
		}
	}
	return out
}

func equal[T any](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if !reflect.DeepEqual(got, want) {
		tb.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func code(tb testing.TB, err error, want string) {
	tb.Helper()
	var e *desk.Error
	if !errors.As(err, &e) || e.Code != want {
		tb.Errorf("got %v, want the code %s", err, want)
	}
}

// Run runs the suite; open gives a fresh, empty database each time.
func Run(t *testing.T, open func(testing.TB) *sqldb.DB) {
	for name, test := range map[string]func(*testing.T, *Bundle){
		"conversation": testConversation, "keys": testKeys, "refused": testRefused, "outsider": testOutsider,
		"participants": testParticipants, "seen": testSeen, "edit and delete": testEdit, "search": testSearch,
		"files": testFiles, "concurrent": testConcurrent, "many readers": testManyReaders, "people": testPeople,
		"accounts": testAccounts, "start of the server": testBegin, "snapshot": testSnapshot, "pages": testPages,
		"customers": testCustomers, "reopening": testReopening, "assignee": testAssignee, "customer's history": testCustomerHistory,
		"returned": testReturned, "items": testItems, "lists of items": testItemLists, "talk about items": testItemTalk,
		"deliveries of items": testItemDeliveries, "links": testLink, "large circle": testLargeCircle,
		"loop caps": testLoopCaps, "uninvited": testUninvited, "troubled addresses": testTroubledAddresses, "unknown mailbox": testUnknownMailbox, "clock jumps": testClockJumps, "quiet notes": testQuietNotes,
		"snooze": testSnooze, "waiting": testWaiting, "merge": testMerge, "merges at once": testMergesAtOnce, "merge and items": testMergeItems,
		"split": testSplit, "move": testMove, "chat and items": testChatAndItems,
		"planned": testPlanned, "seen in time": testSeenInTime, "one mail": testOneMail, "asked again": testAskedAgain, "retries": testRetries,
		"lease": testLease, "behind a retry": testBehindARetry, "now and cancel": testNowAndCancel, "clock set back": testClockSetBack, "who is told": testWhoIsTold,
		"claimed once": testClaimedOnce, "mail tokens": testMailTokens, "mails": testMails, "mail order": testMailOrder, "mail checks": testMailChecks, "held mails": testHeldMails, "the mail of a message": testMailOfItsMessage, "from outside": testFromOutside, "in chat": testInChat,
		"sites": testSites, "chat sessions": testChatSessions, "connected": testConnected, "unseen in the chat": testUnseenInChat, "written after they left": testWrittenAfterTheyLeft, "newest conversation": testNewestConversation,
		"canned answers": testCanned, "canned answers at once": testCannedAtOnce,
		"dead node": testDeadNode, "woken node": testWokenNode, "silent visitors": testSilentVisitors,
		"tickets opened from outside": testOpensTicket, "openings": testOpenings, "one person": testOnePerson,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, New(t, open(t)))
		})
	}
}

func testAccounts(t *testing.T, b *Bundle) {
	ctx := context.Background()
	s := store.Accounts{Store: b.Store}
	ana := b.User("Ana")
	_, err := s.AddPerson(ctx, desk.Person{ID: ID(), Kind: desk.User, Name: "Other", Email: " " + ana.Email + " "}, "")
	code(t, err, "address-taken")
	ses := accounts.Session{ID: ID(), Person: ana.ID, Device: "laptop", CreatedAt: 1000, UsedAt: 1000}
	if err := s.AddSession(ctx, ses, "hash"); err != nil {
		t.Fatal(err)
	}
	got, p, err := s.SessionByToken(ctx, "hash", 1000)
	if err != nil || p.ID != ana.ID {
		t.Fatalf("session by token: %v", err)
	}
	equal(t, "session", got, ses)
	_, _, err = s.SessionByToken(ctx, "hash", 1001)
	code(t, err, "not-found")
	code(t, s.EndSession(ctx, ID(), ses.ID), "not-found")
	live, err := s.LiveSessions(ctx, []string{ses.ID, ID()})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "live", live, map[string]bool{ses.ID: true})
	if err := s.EndSession(ctx, ana.ID, ses.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.AddInvitation(ctx, "invite", ana.ID, 1, 2000); err != nil {
		t.Fatal(err)
	}
	if _, err := s.TakeInvitation(ctx, "invite", "pw", 2000); err == nil {
		t.Error("an invitation was taken after it ended")
	}
	if _, err := s.TakeInvitation(ctx, "invite", "pw", 1999); err != nil {
		t.Error(err)
	}
	if _, err := s.TakeInvitation(ctx, "invite", "pw2", 1999); err == nil {
		t.Error("an invitation was taken twice")
	}
	hash, err := s.PasswordHash(ctx, ana.ID)
	if err != nil || hash != "pw" {
		t.Errorf("hash %q, %v", hash, err)
	}
}

func testBegin(t *testing.T, b *Bundle) {
	ctx := context.Background()
	first, changed, err := b.Store.Begin(ctx, "disk 1", 1, ID)
	if err != nil || changed {
		t.Fatalf("changed %v, %v", changed, err)
	}
	again, changed, err := b.Store.Begin(ctx, "disk 1", 2, ID)
	if err != nil || changed || again.Epoch != first.Epoch || again.Boot == first.Boot {
		t.Errorf("the same database: %v then %v, changed %v, %v", first, again, changed, err)
	}
	moved, changed, err := b.Store.Begin(ctx, "disk 2", 3, ID)
	if err != nil || !changed || moved.Epoch == first.Epoch {
		t.Errorf("another database kept its epoch: %v", err)
	}
	for boot, want := range map[string]bool{first.Boot: true, moved.Boot: true, ID(): false} {
		if known, err := b.Store.KnowsBoot(ctx, boot); err != nil || known != want {
			t.Errorf("knows %s: %v, %v", boot, known, err)
		}
	}
}
