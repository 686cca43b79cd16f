package server_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/wire"
)

// dsn is a report that a mail to nora could not be delivered, about a mail with a head of its own.
func dsn(id, status, about string) string {
	return fmt.Sprintf(`From: MAILER-DAEMON@shop.example
To: bounce
Subject: Undelivered Mail Returned to Sender
Message-ID: <%s@shop.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; shop.example

Final-Recipient: rfc822; nora@shop.example
Action: failed
Status: %s
--b
Content-Type: message/rfc822

%s

text
--b--
`, id, status, about)
}

func (a *agent) byMail(message, person string) string {
	d := a.delivery(message, person, "email")
	return d.State + " " + d.Code
}

func (a *agent) says(conversation, body string) wire.Message {
	a.t.Helper()
	var m wire.Message
	a.must(201, "POST", "/api/v1/conversations/"+conversation+"/messages", map[string]any{"key": newKey(), "body": body}, &m)
	return m
}

func TestAnAddressThatBouncedGetsNoMailUntilAsked(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana, nora := s.user("Ana", desk.Agent), s.customer("Nora", "nora@shop.example")
	c := ana.writesTo(nora, "Hello")
	first := c.LastMessage.ID
	s.eventually("it left", func() bool { return ana.byMail(first, nora.ID) == "sent mailed" })
	token := s.token(first, nora.ID, c.ID)
	s.mailed("", "bounce+"+token+"@acme.example", dsn("1", "5.1.1", "Subject: Order"))
	s.eventually("it came back", func() bool { return ana.byMail(first, nora.ID) == "failed returned" })
	second := ana.says(c.ID, "Are you there?")
	s.eventually("the second ends", func() bool { return ana.byMail(second.ID, nora.ID) == "failed no-mailbox" })
	if d := ana.delivery(second.ID, nora.ID, "email"); !strings.Contains(d.Reason, "no such mailbox") {
		t.Errorf("told %+v", d)
	}
	ana.must(200, "POST", "/api/v1/messages/"+second.ID+"/deliveries/"+nora.ID+"/now", nil, nil)
	s.eventually("it leaves when asked", func() bool { return ana.byMail(second.ID, nora.ID) == "sent mailed" })
	s.mailed("nora@shop.example", "reply+"+token+"@acme.example", "From: nora@shop.example\nMessage-ID: <here@shop.example>\n\nHere I am.\n")
	s.eventually("she writes", func() bool { return len(ana.messages(c.ID)) == 3 })
	third := ana.says(c.ID, "Good.")
	s.eventually("the third leaves", func() bool { return ana.byMail(third.ID, nora.ID) == "sent mailed" })
}

func TestWhatReportsSay(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana, nora := s.user("Ana", desk.Agent), s.customer("Nora", "nora@shop.example")
	c := ana.writesTo(nora, "Hello")
	token := s.token(c.LastMessage.ID, nora.ID, c.ID)
	s.eventually("it left", func() bool { return ana.byMail(c.LastMessage.ID, nora.ID) == "sent mailed" })
	// a mailbox that is full, and an address of the sender's that was not liked, say nothing of hers
	for i, status := range []string{"4.2.2", "4.2.2", "5.1.8"} {
		s.mailed("", "bounce+"+token+"@acme.example", dsn(fmt.Sprint("soft", i), status, "Subject: Order"))
	}
	s.eventually("three reports", func() bool { return s.reports(nora.Email) == "0 3 0" })
	second := ana.says(c.ID, "Still there?")
	s.eventually("mail goes on", func() bool { return ana.byMail(second.ID, nora.ID) == "sent mailed" })
	// a report about a report ends, one about something unknown is for agents to see
	s.mailed("", "bounce+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@acme.example", dsn("nested", "5.1.1", "Return-Path: <>\nFrom: MAILER-DAEMON@acme.example\nSubject: Undelivered Mail"))
	s.mailed("", "bounce+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@acme.example", dsn("unknown", "5.1.1", "Subject: Whatever"))
	ana.waitsHeld("report-of-unknown")
	s.eventually("the nested one ended", func() bool { return s.mailStates()["report-of-report"] == 1 })
	// who calls mail unwanted gets none
	s.mailed("", "bounce+"+token+"@acme.example", `From: fbl@provider.example
Subject: complaint
Message-ID: <arf@provider.example>
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b

This is a report of abuse.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: x/1
Version: 1
--b--
`)
	s.eventually("a complaint", func() bool { return s.reports(nora.Email) == "0 3 1" })
	third := ana.says(c.ID, "Again.")
	s.eventually("it does not leave", func() bool { return ana.byMail(third.ID, nora.ID) == "failed unwanted" })
	if n := len(ana.messages(c.ID)); n != 3 {
		t.Errorf("reports became messages: %d", n)
	}
	if n := len(ana.held()); n != 1 {
		t.Errorf("%d held", n)
	}
}

// TestTwoProgramsDoNotAnswerEachOther: absence notices of both sides end after one each.
func TestTwoProgramsDoNotAnswerEachOther(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana, nora := s.user("Ana", desk.Agent), s.customer("Nora", "nora@shop.example")
	c := ana.writesTo(nora, "Hello")
	s.eventually("it left", func() bool { return ana.byMail(c.LastMessage.ID, nora.ID) == "sent mailed" })
	token := s.token(c.LastMessage.ID, nora.ID, c.ID)
	ana.must(200, "PATCH", "/api/v1/conversations/"+c.ID, map[string]any{"state": "closed"}, nil)
	for i := range 3 {
		s.mailed("nora@shop.example", "reply+"+token+"@acme.example", fmt.Sprintf("From: nora@shop.example\nMessage-ID: <away%d@shop.example>\nPrecedence: bulk\nSubject: Out of office\n\nBack on Monday.\n", i))
		s.eventually("a note", func() bool { return len(ana.messages(c.ID)) == i+2 })
		note := ana.messages(c.ID)[i+1]
		if note.Mail == nil || !note.Mail.Automatic {
			t.Fatalf("a note %+v", note)
		}
		var page wire.Page[wire.Delivery]
		ana.must(200, "GET", "/api/v1/messages/"+note.ID+"/deliveries", nil, &page)
		for _, d := range page.Items {
			if d.Channel != "app" {
				t.Errorf("a note leaves: %+v", d)
			}
		}
	}
	var now wire.Conversation
	ana.must(200, "GET", "/api/v1/conversations/"+c.ID, nil, &now)
	if now.State != "closed" || now.Unseen != 0 {
		t.Errorf("notes made it %s with %d unseen", now.State, now.Unseen)
	}
}

// reports spells how often an address was reported gone, in trouble and unwilling.
func (s *testServer) reports(address string) (out string) {
	s.t.Helper()
	err := s.tools.DB.Read(s.t.Context(), func(q sqldb.Queryer) error {
		var hard, soft, complaints int
		err := q.QueryRow(`SELECT COALESCE(SUM(hard), 0), COALESCE(SUM(soft), 0), COALESCE(SUM(complaints), 0) FROM mail_addresses WHERE address = $1`, address).Scan(&hard, &soft, &complaints)
		out = fmt.Sprint(hard, soft, complaints)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// mailStates counts mails by the reason for what became of them.
func (s *testServer) mailStates() map[string]int {
	s.t.Helper()
	out := map[string]int{}
	err := s.tools.DB.Read(s.t.Context(), func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT reason, COUNT(*) FROM mails GROUP BY reason`)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			reason, n := "", 0
			err := r.Scan(&reason, &n)
			out[reason] = n
			return err
		})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}
