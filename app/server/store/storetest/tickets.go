package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/server/livechat"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// testOpensTicket: where a site or an address says so, a customer's first word opens a ticket: it stands in the ticket's
// conversation with customers, who wrote it follows, and what the team writes on the ticket is not for them. What comes
// after stands there, too, and opens it again.
func testOpensTicket(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, luis := b.User("Ana"), b.User("Luis")
	for name, first := range map[string]func(desk.Person) (conversation string){
		"chat": func(p desk.Person) string {
			said := messaging.Said{Draft: messaging.Draft{Key: "k1", Body: "\n  The lamp\tis broken\nand more"}, Told: []string{luis.ID}, Opens: desk.OpensTicket}
			m, _, err := b.Messaging.Say(ctx, p, said)
			if err != nil {
				t.Fatal(err)
			}
			if again, made, err := b.Messaging.Say(ctx, p, said); err != nil || made || again.ID != m.ID {
				t.Errorf("the same key: %v, %v", made, err)
			}
			return m.Conversation
		},
		"mail": func(p desk.Person) string {
			c, _, _, err := b.Messaging.StartFrom(ctx, p, "The lamp is broken", desk.OpensTicket, draft("k1", "Look at it"))
			if err != nil {
				t.Fatal(err)
			}
			if again, _, made, err := b.Messaging.StartFrom(ctx, p, "The lamp is broken", desk.OpensTicket, draft("k1", "Look at it")); err != nil || made || again != c {
				t.Errorf("the same key: %v, %v", made, err)
			}
			return c
		},
	} {
		marta := b.Visitor(name+" Marta", "")
		c := first(marta)
		v, err := b.Messaging.Conversation(ctx, ana, c)
		if err != nil || v.Item == "" || v.LastNumber != 1 || v.State != "open" {
			t.Fatalf("%s: %+v, %v", name, v.Conversation, err)
		}
		item, err := b.Messaging.Item(ctx, ana, v.Item)
		if err != nil || item.Kind != desk.Ticket || item.Title != "The lamp is broken" || item.Author != marta.ID || item.State != desk.ItemOpen {
			t.Errorf("%s: %+v, %v", name, item.Item, err)
		}
		follows := []string{marta.ID}
		if name == "chat" {
			follows = sorted(marta.ID, luis.ID)
		}
		equal(t, name+": follow", sorted(item.Follows...), follows)
		team := b.About(ana, v.Item, "secret of the team", desk.Internal)
		b.learnsNothing(marta, team.ID, "secret")
		b.itemDone(ana, v.Item)
		if _, _, err := b.Messaging.Say(ctx, marta, messaging.Said{Draft: messaging.Draft{Key: "k2", Body: "Still"}, Opens: desk.OpensTicket}); err != nil {
			t.Fatal(err)
		}
		if item, err = b.Messaging.Item(ctx, ana, v.Item); err != nil || item.State != desk.ItemOpen {
			t.Errorf("%s: a ticket that was done is %s, %v", name, item.State, err)
		}
		if seen, err := b.Messaging.Conversation(ctx, marta, c); err != nil || seen.Item != "" || seen.LastNumber != 2 {
			t.Errorf("%s: the customer sees %+v, %v", name, seen.Conversation, err)
		}
	}
	items, _, err := b.Messaging.Items(ctx, ana, messaging.ItemQuery{Limit: 10})
	if err != nil || len(items) != 2 {
		t.Errorf("%d items, want 2: %v", len(items), err)
	}
	var told []string
	for _, e := range b.Feed(luis, 0) {
		if e.Type == desk.ItemCreated {
			told = append(told, e.Item.Title)
		}
	}
	equal(t, "users are told", strings.Join(told, ", "), "The lamp is broken, The lamp is broken")
}

func (b *Bundle) itemDone(actor desk.Person, id string) {
	b.TB.Helper()
	done := desk.ItemDone
	b.patchItem(actor, id, messaging.ItemPatch{State: &done})
}

func testOpenings(t *testing.T, b *Bundle) {
	ctx, s := context.Background(), store.Mails{Store: b.Store}
	for _, put := range []struct {
		address string
		opens   desk.Opens
	}{{"a@x.example", desk.OpensTicket}, {"a+b@x.example", desk.OpensTicket}, {"a@x.example", desk.OpensConversation}, {"c@x.example", desk.OpensTicket}, {"c@x.example", ""}} {
		if err := s.PutOpening(ctx, put.address, put.opens); err != nil {
			t.Fatal(err)
		}
	}
	said, err := s.Openings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "said", said, map[string]desk.Opens{"a@x.example": desk.OpensConversation, "a+b@x.example": desk.OpensTicket})
}

// testOnePerson: a visitor and the customer whom an agent found them to be are one person: what reaches the one in the
// chat is mailed to the other only where it is not seen there, and the ledger tells of one.
func testOnePerson(t *testing.T, b *Bundle) {
	ctx := context.Background()
	ana, dana := b.User("Ana"), b.Customer("Dana")
	visitor := b.Visitor("Visitor", "somebody@home.example")
	node := b.node("node")
	b.lives(node)
	m, _, err := b.Messaging.Say(ctx, visitor, messaging.Said{Draft: messaging.Draft{Key: "k", Body: "Hello"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Messaging.MergePerson(ctx, ana, visitor.ID, dana.ID); err != nil {
		t.Fatal(err)
	}
	closed := b.connect(node, visitor)
	first := b.Say(ana, m.Conversation, "Good morning")
	equal(t, "in the chat", b.ledger(ana, first.ID, dana, visitor), "Dana chat sent in-chat, Dana email planned chat-unseen")
	if _, err := b.Messaging.See(ctx, visitor, m.Conversation, first.Number, 0); err != nil {
		t.Fatal(err)
	}
	equal(t, "seen there", b.ledger(ana, first.ID, dana, visitor), "Dana chat seen seen, Dana email seen seen")
	second := b.Say(ana, m.Conversation, "Are you there?")
	closed()
	b.Pass(livechat.Linger + time.Second)
	b.lives(node)
	letters := b.claim()
	if len(letters) != 1 || letters[0].Person != dana.ID || len(letters[0].Messages) != 1 || letters[0].Messages[0].ID != second.ID {
		t.Fatalf("after leaving: %+v", letters)
	}
	b.settle(letters[0], desk.Accepted)
	equal(t, "after leaving", b.ledger(ana, second.ID, dana, visitor), "Dana chat sent in-chat, Dana email sent mailed")
	third := b.Say(ana, m.Conversation, "Then by mail")
	equal(t, "away", b.ledger(ana, third.ID, dana, visitor), "Dana email planned customer")
}
