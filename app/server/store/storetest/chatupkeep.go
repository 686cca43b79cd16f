package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/livechat"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// chatNode is the live chat of one node on a bundle's database.
type chatNode struct {
	*livechat.Service
	mu   sync.Mutex
	told []string // who came or left, in order
}

func (b *Bundle) node(name string) *chatNode {
	n := &chatNode{}
	n.Service = &livechat.Service{Store: store.Chats{Store: b.Store}, Desk: b.Messaging, Node: name, NewID: ID,
		Now: func() time.Time { return time.UnixMilli(b.clock.Add(1)) },
		Changed: func(_ context.Context, person string) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.told = append(n.told, person)
		}}
	return n
}

func (n *chatNode) took() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	told := n.told
	n.told = nil
	return told
}

// lives lets a node do what it does every few seconds.
func (b *Bundle) lives(n *chatNode) {
	b.TB.Helper()
	for _, do := range []func(context.Context) error{n.Beat, n.TakeLeave} {
		if err := do(context.Background()); err != nil {
			b.TB.Fatal(err)
		}
	}
}

func (b *Bundle) connect(n *chatNode, p desk.Person) (closed func()) {
	b.TB.Helper()
	closed, err := n.Connect(context.Background(), livechat.Stream{Person: p.ID, Session: ID(), Site: "site"})
	if err != nil {
		b.TB.Fatal(err)
	}
	return closed
}

func (b *Bundle) connected(p desk.Person) bool {
	b.TB.Helper()
	streams, err := (store.Chats{Store: b.Store}).Connected(context.Background(), b.clock.Load(), p.ID)
	if err != nil {
		b.TB.Fatal(err)
	}
	return len(streams) > 0
}

// testDeadNode: when a node says nothing any more its customers have left, which another node tells, once; what was
// planned to their chat leaves by mail at once. Who came back at another node meanwhile has not left.
func testDeadNode(t *testing.T, b *Bundle) {
	ana, marta, pablo := b.User("Ana"), b.Customer("Marta"), b.Customer("Pablo")
	dead, here, there := b.node("dead"), b.node("here"), b.node("there")
	for _, n := range []*chatNode{dead, here, there} {
		b.lives(n)
	}
	v := b.StartWith(ana, "hello", marta, pablo)
	b.settleAll()
	b.connect(dead, marta)
	b.connect(dead, pablo)
	m := b.Say(ana, v.ID, "are you there?")
	b.Pass(10 * time.Second)
	b.lives(here)
	b.connect(here, pablo)
	here.took()
	b.Pass(9 * time.Second)
	b.lives(here)
	equal(t, "told while the lease lasts", here.took(), nil)
	equal(t, "left by mail while it lasts", len(b.claim()), 0)
	b.Pass(2 * time.Second)
	b.lives(here)
	b.lives(there)
	told := append(here.took(), there.took()...)
	slices.Sort(told)
	want := []string{marta.ID, pablo.ID}
	slices.Sort(want)
	equal(t, "told once, by whichever node", told, want)
	equal(t, "Marta is connected", b.connected(marta), false)
	equal(t, "Pablo is connected", b.connected(pablo), true)
	letters := b.claim()
	if len(letters) != 1 || letters[0].Person != marta.ID || letters[0].Messages[0].ID != m.ID {
		t.Errorf("what leaves at once: %+v", letters)
	}
	b.lives(here)
	equal(t, "told again", here.took(), nil)
}

// testWokenNode: a node that was taken for dead, as when its computer slept, has its customers back.
func testWokenNode(t *testing.T, b *Bundle) {
	ana, marta := b.User("Ana"), b.Customer("Marta")
	slept, other := b.node("slept"), b.node("other")
	b.lives(slept)
	b.lives(other)
	v := b.StartWith(ana, "hello", marta)
	b.settleAll()
	closed := b.connect(slept, marta)
	for _, asleep := range []time.Duration{25 * time.Second, time.Hour} { // noted as ended, and forgotten
		b.lives(slept)
		b.Pass(asleep)
		b.lives(other)
		equal(t, "connected while it sleeps", b.connected(marta), false)
		m := b.Say(ana, v.ID, "while it sleeps")
		slept.took()
		b.lives(slept)
		equal(t, "connected after it woke", b.connected(marta), true)
		equal(t, "told", slept.took(), []string{marta.ID})
		b.settleAll()
		equal(t, "said while it slept", b.ledger(ana, m.ID, marta), "Marta email sent mailed")
		next := b.Say(ana, v.ID, "after it woke")
		equal(t, "said after it woke", b.ledger(ana, next.ID, marta), "Marta chat sent in-chat, Marta email planned chat-unseen")
		if _, err := b.Messaging.See(context.Background(), marta, v.ID, next.Number, 0); err != nil {
			t.Fatal(err)
		}
	}
	closed()
	b.Pass(livechat.Linger)
	equal(t, "connected after leaving", b.connected(marta), false)
}

// testSilentVisitors: who never wrote is forgotten a day after they were here last, with everything of theirs; who wrote,
// or has the chat open, is not. Sessions of who wrote end 180 days after they were used last.
func testSilentVisitors(t *testing.T, b *Bundle) {
	ctx, n := context.Background(), b.node("node")
	var removed []string
	n.RemoveFile = func(id string) error { removed = append(removed, id); return nil }
	site := desk.Site{ID: ID(), Name: "Shop", Identity: desk.IdentityOptional}
	if err := n.Store.AddSite(ctx, site); err != nil {
		t.Fatal(err)
	}
	n.People = addVisitors{b: b}
	begin := func() (token string, p desk.Person) {
		t.Helper()
		token, p, err := n.Begin(ctx, site.ID, nil, livechat.Claim{}, "en")
		if err != nil {
			t.Fatal(err)
		}
		return token, p
	}
	b.lives(n)
	tokens, people := map[string]string{}, map[string]desk.Person{}
	for _, who := range []string{"silent", "with a file", "wrote", "open", "back"} {
		tokens[who], people[who] = begin()
	}
	file := desk.File{ID: ID(), Name: "x.txt", Size: 1, Type: "text/plain"}
	if _, _, err := b.Messaging.Upload(ctx, people["with a file"], "key", "sum", file); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Messaging.Say(ctx, people["wrote"], messaging.Said{Draft: messaging.Draft{Key: "k", Body: "Hello"}}); err != nil {
		t.Fatal(err)
	}
	b.connect(n, people["open"])
	here := func() (out []string) {
		t.Helper()
		b.lives(n)
		if err := n.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		for who, token := range tokens {
			if _, _, err := n.Authenticate(ctx, token); err == nil {
				out = append(out, who)
			} else {
				code(t, err, "not-signed-in")
			}
		}
		slices.Sort(out)
		return out
	}
	b.Pass(livechat.SilentLife - time.Minute)
	equal(t, "within the day", here(), []string{"back", "open", "silent", "with a file", "wrote"})
	b.Pass(2 * time.Minute)
	equal(t, "after they were asked for, a minute before", here(), []string{"back", "open", "silent", "with a file", "wrote"})
	for _, who := range []string{"silent", "with a file", "open"} { // their browsers ask for nothing any more
		delete(tokens, who)
	}
	for range 25 { // hour by hour: whose browser asks is here
		b.Pass(time.Hour)
		here()
	}
	equal(t, "files removed", removed, []string{file.ID})
	for who, want := range map[string]bool{"silent": false, "with a file": false, "wrote": true, "open": true, "back": true} {
		_, err := (store.Accounts{Store: b.Store}).Person(ctx, people[who].ID)
		if known := err == nil; known != want {
			t.Errorf("%s is known: %v, %v", who, known, err)
		}
	}
	b.leftNothing(people["silent"], people["with a file"])
	b.Pass(livechat.SessionLife + time.Hour)
	equal(t, "half a year later", here(), nil)
	var sessions int
	if err := b.count(`SELECT COUNT(*) FROM chat_sessions WHERE person = $1`, people["wrote"].ID, &sessions); err != nil || sessions != 0 {
		t.Errorf("%d sessions are left of who wrote, %v", sessions, err)
	}
}

// leftNothing looks into every table for what is left of people.
func (b *Bundle) leftNothing(people ...desk.Person) {
	b.TB.Helper()
	for table, column := range map[string]string{"people": "id", "heads": "person", "feed": "person", "client_keys": "person", "files": "owner",
		"chat_sessions": "person", "chat_streams": "person"} {
		for _, p := range people {
			var n int
			if err := b.count(fmt.Sprintf(`SELECT COUNT(*) FROM %s WHERE %s = $1`, table, column), p.ID, &n); err != nil || n != 0 {
				b.TB.Errorf("%d rows of %s are left in %s, %v", n, p.Name, table, err)
			}
		}
	}
}

func (b *Bundle) count(query, arg string, n *int) error {
	return b.DB.Read(context.Background(), func(q sqldb.Queryer) error { return q.QueryRow(query, arg).Scan(n) })
}

// addVisitors adds who opens the chat.
type addVisitors struct {
	livechat.People
	b *Bundle
}

// AddVisitor adds somebody unverified.
func (a addVisitors) AddVisitor(ctx context.Context, p desk.Person) error {
	_, err := (store.Accounts{Store: a.b.Store}).AddPerson(ctx, p, "")
	return err
}
