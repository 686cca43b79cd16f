package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/kit/mailid"
	"recado/app/server"
	"recado/app/server/accounts"
	"recado/app/server/store"
	"recado/app/wire"
)

// names answers what is in the map, and that there is nothing for everything else.
type names map[string][]string

func (n names) LookupTXT(_ context.Context, name string) ([]string, error) {
	if t, ok := n[strings.TrimSuffix(name, ".")]; ok {
		return t, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}
func (n names) LookupMX(context.Context, string) ([]*net.MX, error)        { return nil, errNoName }
func (n names) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) { return nil, errNoName }
func (n names) LookupAddr(context.Context, string) ([]string, error)       { return nil, errNoName }

var errNoName = &net.DNSError{Err: "no such host", IsNotFound: true}

func startMail(t *testing.T) *testServer {
	t.Helper()
	return startWith(t, server.Config{Data: t.TempDir(), MailListen: "127.0.0.1:0", MailFrom: "Acme <support@acme.example>", Resolver: names{},
		AuthServers: []string{"mx.acme.example"}})
}

// brings a mail to the server as any mail server would.
func (s *testServer) brings(from, to, mail string) error {
	s.t.Helper()
	return smtp.SendMail(s.mail, nil, from, []string{to}, []byte(strings.ReplaceAll(mail, "\n", "\r\n")))
}

func (s *testServer) mailed(from, to, mail string) {
	s.t.Helper()
	if err := s.brings(from, to, mail); err != nil {
		s.t.Fatal(err)
	}
}

// eventually asks until it is so, or for a long while.
func (s *testServer) eventually(what string, so func() bool) {
	s.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(20 * time.Second)
	for !so() {
		select {
		case <-tick.C:
		case <-end:
			s.t.Fatalf("never: %s", what)
		}
	}
}

func (a *agent) held() []wire.Mail {
	a.t.Helper()
	var page wire.Page[wire.Mail]
	a.must(200, "GET", "/api/v1/mail/held", nil, &page)
	return page.Items
}

func (a *agent) waitsHeld(code string) wire.Mail {
	a.t.Helper()
	var found wire.Mail
	a.eventually("held: "+code, func() bool {
		for _, m := range a.held() {
			if m.Code == code {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func (a *agent) inView(view string) []wire.Conversation {
	a.t.Helper()
	var page wire.Page[wire.Conversation]
	a.must(200, "GET", "/api/v1/conversations?view="+view, nil, &page)
	return page.Items
}

func (a *agent) messages(conversation string) []wire.Message {
	a.t.Helper()
	var page wire.Page[wire.Message]
	a.must(200, "GET", "/api/v1/conversations/"+conversation+"/messages", nil, &page)
	return page.Items
}

func (a *agent) waitsConversation(n int) []wire.Conversation {
	a.t.Helper()
	var list []wire.Conversation
	a.eventually(fmt.Sprint(n, " conversations"), func() bool { list = a.inView("open"); return len(list) == n })
	return list
}

// token gives an address for answers that was given to a person for a message.
func (s *testServer) token(message, person, conversation string) string {
	s.t.Helper()
	token := mailid.NewToken()
	st := store.New(s.tools.DB, func() int64 { return time.Now().UnixMilli() })
	if err := st.KeepMailToken(context.Background(), mailid.TokenHash(token), store.MailToken{Message: message, Person: person, Conversation: conversation,
		ExpiresAt: time.Now().Add(time.Hour).UnixMilli()}); err != nil {
		s.t.Fatal(err)
	}
	return token
}

func (s *testServer) customer(name, email string) desk.Person {
	s.t.Helper()
	p, _, err := s.tools.Accounts.Add(context.Background(), accounts.NewPerson{Kind: desk.Customer, Name: name, Email: email})
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (a *agent) writesTo(customer desk.Person, body string) wire.Conversation {
	a.t.Helper()
	var c wire.Conversation
	a.must(201, "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "customer", "participants": []string{customer.ID}, "subject": "Order",
		"message": map[string]any{"body": body}}, &c)
	return c
}

const hello = `From: Nora Ng <nora@shop.example>
To: support@acme.example
Subject: Broken lamp
Message-ID: <one@shop.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

It came br=F6ken.
--b
Content-Type: text/plain
Content-Disposition: attachment; filename="bill.txt"

42
--b--
`

func TestAMailToTheTeamBeginsAConversation(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana := s.user("Ana", desk.Agent)
	s.mailed("nora@shop.example", "support@acme.example", hello)
	c := ana.waitsConversation(1)[0]
	list := ana.messages(c.ID)
	if len(list) != 1 || list[0].Body != "It came bröken." || len(list[0].Files) != 1 || list[0].Files[0].Name != "bill.txt" || c.Subject != "Broken lamp" {
		t.Fatalf("%+v: %+v", c, list)
	}
	var author wire.Person
	ana.must(200, "GET", "/api/v1/people/"+list[0].Author, nil, &author)
	if author.Kind != "customer" || author.Name != "Nora Ng" || author.Email != "nora@shop.example" {
		t.Errorf("author %+v", author)
	}
	var m wire.Mail
	ana.must(200, "GET", "/api/v1/messages/"+list[0].ID+"/mail", nil, &m)
	status, raw, h := ana.call("GET", "/api/v1/mail/"+m.ID+"/raw", nil)
	if status != 200 || string(raw) != strings.ReplaceAll(hello, "\n", "\r\n") || h.Get("Content-Disposition") != `attachment; filename="`+m.ID+`.eml"` || m.Verified {
		t.Errorf("raw: %d %q %v, verified %v", status, raw, h, m.Verified)
	}
	// the same mail again, and an answer to it by its Message-ID, from its own sender
	s.mailed("nora@shop.example", "support@acme.example", hello)
	s.mailed("nora@shop.example", "support@acme.example", "From: nora@shop.example\nMessage-ID: <two@shop.example>\nIn-Reply-To: <one@shop.example>\nSubject: Re: Broken lamp\n\nAny news?\n")
	s.eventually("the second message", func() bool { return len(ana.messages(c.ID)) == 2 })
	if n := len(ana.inView("open")); n != 1 {
		t.Errorf("%d conversations", n)
	}
}

func TestWhoIsNotOursIsRefused(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	for _, to := range []string{"nobody@acme.example", "support@other.example", "reply+short@acme.example"} {
		err := s.brings("x@y.example", to, hello)
		if err == nil || !strings.HasPrefix(err.Error(), "550") {
			t.Errorf("%s: %v", to, err)
		}
	}
	var large bytes.Buffer
	large.WriteString(hello)
	for large.Len() < 31<<20 {
		large.WriteString("a line that is neither long nor short, over and over again\n")
	}
	if err := s.brings("x@y.example", "support@acme.example", large.String()); err == nil || !strings.HasPrefix(err.Error(), "552") {
		t.Errorf("31 MB: %v", err)
	}
}

func TestAnAnswerByItsToken(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana := s.user("Ana", desk.Agent)
	nora := s.customer("Nora", "nora@shop.example")
	c := ana.writesTo(nora, "Where shall we send it?")
	token := s.token(c.LastMessage.ID, nora.ID, c.ID)
	ana.must(200, "PATCH", "/api/v1/conversations/"+c.ID, map[string]any{"state": "closed"}, nil)
	// an automatic answer is kept and reopens nothing
	s.mailed("", "reply+"+token+"@acme.example", "From: nora@shop.example\nMessage-ID: <a@shop.example>\nAuto-Submitted: auto-replied\nSubject: Out of office\n\nBack on Monday.\n")
	s.eventually("the automatic one", func() bool { return len(ana.messages(c.ID)) == 2 })
	if list := ana.inView("closed"); len(list) != 1 {
		t.Error("an automatic answer reopened the conversation")
	}
	s.mailed("nora@shop.example", "REPLY+"+strings.ToUpper(token)+"@acme.example", "From: Nora <Nora@Shop.example>\nMessage-ID: <b@shop.example>\nSubject: Re: Order\n\nHome, please.\n\nOn Monday Ana wrote:\n> Where shall we send it?\n")
	s.eventually("the answer", func() bool { return len(ana.messages(c.ID)) == 3 })
	last := ana.messages(c.ID)[2]
	if last.Author != nora.ID || last.Body != "Home, please." {
		t.Errorf("%+v", last)
	}
	if list := ana.inView("open"); len(list) != 1 {
		t.Error("an answer left the conversation closed")
	}
	// a stranger with the token is somebody of their own, never Nora
	s.mailed("eve@evil.example", "reply+"+token+"@acme.example", "From: Nora <eve@evil.example>\nMessage-ID: <c@evil.example>\nSubject: Re: Order\n\nSend it to me.\n")
	s.eventually("the stranger's", func() bool { return len(ana.messages(c.ID)) == 4 })
	if last := ana.messages(c.ID)[3]; last.Author == nora.ID {
		t.Error("a stranger was taken for the customer")
	}
	// a user's name on the token of a customer is proven by nothing
	s.mailed("ana@example.test", "reply+"+token+"@acme.example", "From: ana@example.test\nMessage-ID: <d@evil.example>\nSubject: Re: Order\n\nI am Ana.\n")
	if m := ana.waitsHeld("other-sender"); m.Conversation != c.ID {
		t.Errorf("%+v", m)
	}
}

func TestMailToTheTeamsOwnConversationsNeedsProof(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana, luis, eve := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent), s.user("Eve", desk.Admin)
	c := ana.start("between us", luis)
	token := s.token(c.LastMessage.ID, luis.id, c.ID)
	answer := func(id, more string) string {
		return more + "From: luis@example.test\nMessage-ID: <" + id + "@example.test>\nSubject: Re: x\n\nSecret answer.\n"
	}
	to := "reply+" + token + "@acme.example"
	s.mailed("luis@example.test", to, answer("1", ""))
	m := ana.waitsHeld("unproven")
	if len(eve.held()) != 0 {
		t.Error("somebody outside sees that a mail to an internal conversation is held")
	}
	for _, path := range []string{"/api/v1/mail/held/" + m.ID + "/accept", "/api/v1/mail/held/" + m.ID + "/discard"} {
		eve.problem(404, "not-found", "POST", path, nil)
	}
	eve.problem(404, "not-found", "GET", "/api/v1/mail/"+m.ID+"/raw", nil)
	s.mailed("luis@example.test", to, answer("2", "Authentication-Results: mx.evil.example; dmarc=pass header.from=example.test\n"))
	s.eventually("two held", func() bool { return len(ana.held()) == 2 })
	s.mailed("luis@example.test", to, answer("3", "Authentication-Results: mx.acme.example; dmarc=pass header.from=example.test\n"))
	s.eventually("the proven one", func() bool { return len(ana.messages(c.ID)) == 2 })
	if last := ana.messages(c.ID)[1]; last.Author != luis.id {
		t.Errorf("author %s", last.Author)
	}
	s.mailed("eve@example.test", to, "Authentication-Results: mx.acme.example; dmarc=pass header.from=example.test\nFrom: eve@example.test\nMessage-ID: <4@example.test>\n\nLet me in.\n")
	held := ana.waitsHeld("other-sender")
	luis.problem(409, "cannot-accept", "POST", "/api/v1/mail/held/"+held.ID+"/accept", nil)
	ana.must(200, "POST", "/api/v1/mail/held/"+m.ID+"/accept", nil, nil)
	ana.problem(409, "not-held", "POST", "/api/v1/mail/held/"+m.ID+"/accept", nil)
	ana.must(200, "POST", "/api/v1/mail/held/"+held.ID+"/discard", nil, nil)
	if n := len(ana.messages(c.ID)); n != 3 {
		t.Errorf("%d messages", n)
	}
}

func TestForgedAndOwnAndAssigned(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana := s.user("Ana", desk.Agent)
	nora := s.customer("Nora", "nora@shop.example")
	c := ana.writesTo(nora, "Hello")
	s.mailed("x@y.example", "support@acme.example", "Authentication-Results: mx.acme.example; dmarc=fail header.from=shop.example\nFrom: nora@shop.example\nMessage-ID: <f@x>\n\nForged.\n")
	forged := ana.waitsHeld("forged")
	s.mailed("x@y.example", "support@acme.example", "From: a@x.example, b@x.example\nMessage-ID: <g@x>\n\nTwo of us.\n")
	ana.waitsHeld("no-single-sender")
	s.mailed("x@y.example", "support@acme.example", "From: ana@example.test\nMessage-ID: <h@x>\n\nI work here.\n")
	ana.waitsHeld("user-to-team")
	internal := ana.start("team", s.user("Luis", desk.Agent))
	ana.problem(422, "invalid", "POST", "/api/v1/mail/held/"+forged.ID+"/assign", map[string]any{"conversation": internal.ID})
	ana.problem(404, "not-found", "POST", "/api/v1/mail/held/"+forged.ID+"/assign", map[string]any{"conversation": newKey()})
	ana.must(200, "POST", "/api/v1/mail/held/"+forged.ID+"/assign", map[string]any{"conversation": c.ID}, nil)
	if list := ana.messages(c.ID); len(list) != 2 || list[1].Author != nora.ID || list[1].Body != "Forged." {
		t.Errorf("%+v", list)
	}
}

func TestAReturnedMailMarksItsDelivery(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana := s.user("Ana", desk.Agent)
	nora := s.customer("Nora", "nora@shop.example")
	c := ana.writesTo(nora, "Hello")
	state := func() string {
		var page wire.Page[wire.Delivery]
		ana.must(200, "GET", "/api/v1/messages/"+c.LastMessage.ID+"/deliveries", nil, &page)
		for _, d := range page.Items {
			if d.Channel == "email" {
				return d.State + " " + d.Code
			}
		}
		return ""
	}
	s.eventually("it left", func() bool { return state() == "sent mailed" })
	token := s.token(c.LastMessage.ID, nora.ID, c.ID)
	s.mailed("", "bounce+"+token+"@acme.example", `From: MAILER-DAEMON@shop.example
To: bounce
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@shop.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; shop.example

Final-Recipient: rfc822; nora@shop.example
Action: failed
Status: 5.1.1
--b--
`)
	s.eventually("marked", func() bool { return state() == "failed returned" })
	if n := len(ana.messages(c.ID)); n != 1 {
		t.Errorf("a report became a message: %d", n)
	}
}

func TestALoopEnds(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana := s.user("Ana", desk.Agent)
	nora := s.customer("Nora", "nora@shop.example")
	c := ana.writesTo(nora, "Hello")
	token := s.token(c.LastMessage.ID, nora.ID, c.ID)
	for i := range 12 {
		s.mailed("nora@shop.example", "reply+"+token+"@acme.example", fmt.Sprintf("From: nora@shop.example\nMessage-ID: <%d@loop>\n\nAnswer %d\n", i, i))
		want := min(i+2, 11)
		s.eventually("posted", func() bool { return len(ana.messages(c.ID)) == want })
	}
	s.eventually("held", func() bool { return len(ana.held()) == 2 })
}
