package client_test

import (
	"testing"

	"recado/app/client"
	"recado/app/wire"
)

const customer = "00000000-0000-7000-8000-00000000000c"

// withCustomer makes a conversation between a customer and users at the server.
func (f *fake) withCustomer(id string, users ...string) {
	f.people[customer] = wire.Person{ID: customer, Kind: "customer", Name: "Carla Ruiz", Email: "carla@example.org", CreatedAt: wire.Time{Time: t0}, Version: 1}
	p := f.people[customer]
	f.add(wire.Entry{Type: "person.changed", Person: &p})
	c := f.conversation(id)
	c.Kind, c.Participants = "customer", []wire.Participant{{Person: customer, HistoryFrom: 1}}
	for _, u := range users {
		c.Participants = append(c.Participants, wire.Participant{Person: u, HistoryFrom: 1})
	}
	c.Version++
	again := *c
	f.add(wire.Entry{Type: "conversation.changed", Conversation: &again})
}

func TestConversationsWithCustomers(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() {
		f.withCustomer("nobody's")
		f.message("nobody's", customer, "Is anybody there?", "")
		f.withCustomer("a colleague's", other)
		f.message("a colleague's", customer, "Thank you, Björn", "")
		f.withCustomer("mine", me)
		f.message("mine", customer, "Thank you, Ana", "")
	})
	d.until("all three", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.arrived) == 3 })
	for i, want := range []bool{true, false, true} {
		if a := d.arrived[i]; a.Involved != want {
			t.Errorf("%s: involved %v, want %v", a.Conversation.ID, a.Involved, want)
		}
	}
	d.inView("open", "nobody's", "mine", "a colleague's") // of the same moment: by id
	d.inView("closed")
	d.inView("internal-inbox")
	f.do(func() {
		c := f.convs["mine"]
		c.State, c.Version = "closed", c.Version+1
		again := *c
		f.add(wire.Entry{Type: "conversation.changed", Conversation: &again})
	})
	d.until("it is closed", func() bool { v, _ := d.Conversation(t.Context(), "mine"); return v.State == "closed" })
	d.inView("closed", "mine")
	d.inView("open", "nobody's", "a colleague's")
	with, err := d.ConversationsWith(t.Context(), other, "", 10)
	if err != nil || len(with.Items) != 1 || with.Items[0].ID != "a colleague's" {
		t.Errorf("with a colleague: %+v, %v", with.Items, err)
	}
}

// A conversation with a customer that was written offline stands among the open ones at once, and is made as one.
func TestCreateWithCustomerOffline(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() { f.withCustomer("earlier") })
	d.until("the customer is known", func() bool { _, err := d.Person(t.Context(), customer); return err == nil })
	f.do(func() { f.down = true })
	v, err := d.Create(t.Context(), "k1", "customer", []string{customer}, "", "Hello Carla", nil, nil)
	if err != nil || v.Kind != "customer" || v.State != "open" {
		t.Fatalf("created %+v, %v", v, err)
	}
	d.inView("open", "new:k1", "earlier")
	f.do(func() { f.down = false })
	d.until("sent", func() bool { _, err := d.Conversation(t.Context(), "c-k1"); return err == nil })
	if kind := f.created["k1"]; kind != "customer" {
		t.Errorf("made as %q", kind)
	}
	if _, err := d.Create(t.Context(), "k2", "customer", []string{""}, "", "Hello", nil, nil); err == nil {
		t.Error("nobody was taken for a recipient")
	}
	if _, err := d.Create(t.Context(), "k2", "public", []string{customer}, "", "Hello", nil, nil); err == nil {
		t.Error("a kind that does not exist was taken")
	}
}

// inView fails unless a view holds just these conversations, in this order.
func (d *desk) inView(view client.View, ids ...string) {
	d.t.Helper()
	page, err := d.Conversations(d.t.Context(), view, "", 10)
	if err != nil {
		d.t.Fatal(err)
	}
	var got []string
	for _, v := range page.Items {
		got = append(got, v.ID)
	}
	if len(got) != len(ids) {
		d.t.Fatalf("%s holds %q, want %q", view, got, ids)
	}
	for i := range ids {
		if got[i] != ids[i] {
			d.t.Errorf("%s holds %q, want %q", view, got, ids)
		}
	}
}
