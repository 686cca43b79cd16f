package server_test

import (
	"strings"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/kit/letter"
	"recado/app/server"
	"recado/app/wire"
)

// secret stands in everything the team writes to itself here, and in nothing it writes to customers.
const secret = "SECRET"

// TestWhatTheTeamWritesReachesNoCustomer does to an item all that brings customers near it, and reads every mail that
// left: none to a customer may hold a word of the team's, and those to the team must.
func TestWhatTheTeamWritesReachesNoCustomer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := startWith(t, server.Config{Data: data, EmailAfter: time.Millisecond, MailFrom: "Team <team@desk.test>"})
	ana, luis := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent)
	marta, pablo := ana.customer("Marta", "marta@customer.test"), ana.customer("Pablo", "pablo@customer.test")
	dana, elena := ana.customer("Dana", "dana@customer.test"), ana.customer("Elena", "elena@customer.test")
	stream := ana.feed("")

	item := ana.item(secret+" title", map[string]any{"description": secret + " description", "tags": []string{"secret"}, "project": secret, "followers": []string{luis.id, marta.ID}})
	team := ana.about(item.ID, "internal", map[string]any{"body": secret + " plan", "files": []string{ana.upload(secret+".txt", secret).ID}})
	outside := ana.about(item.ID, "customer", map[string]any{"body": "first hello"})
	expected := map[string]bool{outside.LastMessage.ID + marta.ID: true, team.LastMessage.ID + luis.id: true}
	expect := func(message string, people ...wire.Person) {
		for _, p := range people {
			expected[message+p.ID] = true
		}
	}
	items, conversations := "/api/v1/items/"+item.ID, "/api/v1/conversations/"
	ana.must(200, "PUT", items+"/followers/"+pablo.ID, map[string]any{"history": "all"}, nil)
	luis.say(team.ID, secret+" after a customer came")
	other := luis.startWith("to Dana alone", dana.ID)
	expect(other.LastMessage.ID, dana)
	ana.must(200, "POST", conversations+other.ID+"/merge", map[string]any{"into": outside.ID}, nil)
	expect(ana.say(outside.ID, "second hello").ID, marta, pablo) // and to Dana, unless she is gone by then
	ana.must(200, "POST", conversations+outside.ID+"/move", map[string]any{"from": dana.ID, "to": elena.ID, "history": "all"}, nil)
	ana.must(200, "DELETE", items+"/conversations/"+outside.ID, nil, nil)
	ana.must(200, "PUT", items+"/conversations/"+outside.ID, nil, nil)
	ana.must(201, "POST", "/api/v1/messages/"+team.LastMessage.ID+"/split", map[string]any{"key": newKey(), "subject": secret}, nil)
	ana.must(200, "PATCH", items, map[string]any{"title": secret + " again", "state": "done"}, nil)
	ana.must(200, "PATCH", items, map[string]any{"state": "open", "assignee": luis.id}, nil)
	expect(ana.say(outside.ID, "third hello").ID, marta, pablo, elena)
	for _, p := range []wire.Person{marta, pablo, dana, elena} {
		ana.problem(422, "customer-in-internal-conversation", "PUT", conversations+team.ID+"/participants/"+p.ID, map[string]any{"history": "all"})
		ana.problem(422, "unknown-person", "POST", conversations+team.ID+"/move", map[string]any{"from": luis.id, "to": p.ID, "history": "all"})
	}
	ana.problem(422, "not-mergeable", "POST", conversations+team.ID+"/merge", map[string]any{"into": outside.ID})
	ana.problem(422, "not-mergeable", "POST", conversations+outside.ID+"/merge", map[string]any{"into": team.ID})
	ana.problem(422, "internal-conversation", "PUT", items+"/conversations/"+ana.start("private", luis).ID, nil)

	for len(expected) > 0 {
		_, e := stream.until("delivery.changed")
		if d := decodeEvent[wire.Entry](t, e).Delivery; d != nil && d.State == "sent" {
			delete(expected, d.Message+d.Person)
		}
	}
	told := 0
	for _, raw := range outgoing(t, data) {
		l, err := letter.Parse([]byte(raw), letter.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		all := raw + l.Subject + l.Text + l.HTML + l.Folded
		for _, f := range l.Files {
			all += f.Name
		}
		holds := strings.Contains(strings.ToUpper(all), secret)
		switch {
		case strings.Contains(l.To[0].Email, "@customer.test") && (holds || strings.Contains(raw, item.ID)):
			t.Errorf("a customer got:\n%s", raw)
		case holds:
			told++
		}
	}
	if told == 0 {
		t.Error("nobody of the team got a word of it: this test can't tell")
	}
	findings, err := s.tools.Check(t.Context())
	if err != nil || len(findings) > 0 {
		t.Errorf("the check finds %+v, %v", findings, err)
	}
}

// about writes into an item's conversation of a kind.
func (a *agent) about(item, kind string, message map[string]any) wire.Conversation {
	a.t.Helper()
	var c wire.Conversation
	a.must(201, "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": kind, "item": item, "message": message}, &c)
	return c
}
