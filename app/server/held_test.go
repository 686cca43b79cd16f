package server_test

import (
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/wire"
)

const program = "From: Eva Sol <eva@shop.example>\nTo: support@acme.example\nSubject: Order\nMessage-ID: <NAME@shop.example>\nAuto-Submitted: auto-generated\n\nText of NAME.\n"

func automatic(name string) string { return strings.ReplaceAll(program, "NAME", name) }

func (a *agent) opens(id string) wire.HeldMail {
	a.t.Helper()
	var m wire.HeldMail
	a.must(200, "GET", "/api/v1/mail/held/"+id+"/content", nil, &m)
	return m
}

// TestWhatAcceptingWouldDoIsWhatItDoes: what an agent is told before is what becomes of the mail.
func TestWhatAcceptingWouldDoIsWhatItDoes(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana := s.user("Ana", desk.Admin)
	s.mailed("eva@shop.example", "support@acme.example", automatic("one"))
	m := ana.opens(ana.waitsHeld("automatic").ID)
	if m.Accept.Code != "" || m.Accept.Conversation != "" || m.Accept.Person != "" || m.Accept.Name != "Eva Sol" || m.Accept.Email != "eva@shop.example" {
		t.Errorf("accepting would do %+v", m.Accept)
	}
	if m.Text != "Text of one.\n" && m.Text != "Text of one." {
		t.Errorf("text %q", m.Text)
	}
	var placed wire.Mail
	ana.must(200, "POST", "/api/v1/mail/held/"+m.ID+"/accept", nil, &placed)
	var eva wire.Person
	ana.must(200, "GET", "/api/v1/people/"+placed.Person, nil, &eva)
	if placed.Conversation == "" || eva.Kind != "customer" || eva.Name != "Eva Sol" {
		t.Errorf("accepted as %+v by %+v", placed, eva)
	}
	ana.problem(409, "not-held", "GET", "/api/v1/mail/held/"+m.ID+"/content", nil)

	s.mailed("ana@example.test", "support@acme.example", "From: Ana <"+s.address(ana)+">\nTo: support@acme.example\nSubject: Hi\n\nHello.\n")
	own := ana.opens(ana.waitsHeld("user-to-team").ID)
	if own.Accept.Code != "user-to-team" || own.Accept.Refusal == "" {
		t.Errorf("a colleague's mail could be accepted: %+v", own.Accept)
	}
	ana.problem(409, "cannot-accept", "POST", "/api/v1/mail/held/"+own.ID+"/accept", nil)
}

func (s *testServer) address(a *agent) string {
	s.t.Helper()
	var me wire.Person
	a.must(200, "GET", "/api/v1/me", nil, &me)
	return me.Email
}

// TestADiscardedMailComesBackAsItWaited: for the same reason, and only once somebody discarded it.
func TestADiscardedMailComesBackAsItWaited(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana := s.user("Ana", desk.Agent)
	luis := s.user("Luis", desk.Agent)
	news := luis.feed("")
	s.mailed("eva@shop.example", "support@acme.example", automatic("two"))
	m := ana.waitsHeld("automatic")
	news.until("held")
	ana.must(200, "POST", "/api/v1/mail/held/"+m.ID+"/discard", nil, nil)
	news.until("held")
	if list := luis.held(); len(list) != 0 {
		t.Errorf("still held: %+v", list)
	}
	ana.must(200, "POST", "/api/v1/mail/held/"+m.ID+"/restore", nil, nil)
	news.until("held")
	if list := luis.held(); len(list) != 1 || list[0].Code != "automatic" {
		t.Errorf("held again: %+v", list)
	}
	dana := s.customer("Dana Kim", "dana@helio.example")
	ana.problem(422, "invalid", "POST", "/api/v1/mail/held/"+m.ID+"/assign", map[string]any{})
	ana.problem(422, "invalid", "POST", "/api/v1/mail/held/"+m.ID+"/assign", map[string]any{"customer": newKey()})
	var placed wire.Mail
	ana.must(200, "POST", "/api/v1/mail/held/"+m.ID+"/assign", map[string]any{"customer": dana.ID}, &placed)
	if placed.Person != dana.ID || placed.Code != "assigned" || ana.messages(placed.Conversation)[0].Author != dana.ID {
		t.Errorf("assigned as %+v", placed)
	}
	ana.problem(409, "not-discarded", "POST", "/api/v1/mail/held/"+m.ID+"/restore", nil)
}
