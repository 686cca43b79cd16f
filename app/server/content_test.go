package server_test

import (
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/wire"
)

const rich = `From: Nora Ng <nora@shop.example>
To: support@acme.example
Cc: "Eva Lund" <eva@shop.example>, support+sales@acme.example, nora@shop.example
Subject: Broken lamp
Date: Mon, 23 Nov 2026 10:00:00 +0100
Message-ID: <rich@shop.example>
MIME-Version: 1.0
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p onclick="steal()">It came <b style="color:red;background:url(https://t.example)">broken</b>.</p><script>alert(1)</script>
<img src="cid:lamp@shop.example"><img src="https://t.example/pixel.gif">
<div class="gmail_quote">On Monday Ana wrote:<blockquote>We sent it.</blockquote></div>
--b
Content-Type: image/gif
Content-ID: <lamp@shop.example>
Content-Transfer-Encoding: base64

R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==
--b--
`

func TestWhatStandsInAMail(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana := s.user("Ana", desk.Agent)
	s.mailed("nora@shop.example", "support@acme.example", rich)
	m := ana.messages(ana.waitsConversation(1)[0].ID)[0]
	if m.Mail == nil || m.Mail.Verified || m.Mail.Automatic || !m.Mail.Folded || len(m.Mail.Others) != 1 || m.Mail.Others[0] != (wire.MailAddress{Name: "Eva Lund", Email: "eva@shop.example"}) {
		t.Errorf("mark %+v of %q", m.Mail, m.Body)
	}
	var c wire.MailContent
	ana.must(200, "GET", "/api/v1/messages/"+m.ID+"/mail/content", nil, &c)
	if c.From.Email != "nora@shop.example" || len(c.To) != 1 || len(c.Cc) != 3 || c.Date == nil || c.Remote != 1 || c.Cut || !strings.Contains(c.Folded, "We sent it") {
		t.Errorf("content %+v", c)
	}
	for _, want := range []string{`<b style="color:red">broken</b>`, `src="data:image/gif;base64,`, `data-remote="https://t.example/pixel.gif"`} {
		if !strings.Contains(c.HTML, want) {
			t.Errorf("no %s in %s", want, c.HTML)
		}
	}
	if strings.Contains(c.HTML, "alert") || strings.Contains(c.HTML, "steal") {
		t.Errorf("something acts in %s", c.HTML)
	}
	var same wire.MailContent
	ana.must(200, "GET", "/api/v1/mail/"+c.ID+"/content", nil, &same)
	if same.HTML != c.HTML || same.Message != m.ID {
		t.Errorf("by its own id: %+v", same)
	}
	written := ana.writesTo(s.customer("Dana", "dana@helio.example"), "Hello")
	for _, path := range []string{"/messages/" + written.LastMessage.ID + "/mail/content", "/mail/" + m.ID + "/content"} {
		ana.problem(404, "not-found", "GET", "/api/v1"+path, nil)
	}
}

// An answer that came by the address its sender was given is believed; one that only refers to a mail of theirs is not.
func TestWhoIsBelieved(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana := s.user("Ana", desk.Agent)
	dana := s.customer("Dana", "dana@helio.example")
	c := ana.writesTo(dana, "Hello Dana")
	token := s.token(c.LastMessage.ID, dana.ID, c.ID)
	for i, mail := range []struct{ from, id, body string }{{"dana@helio.example", "1", "From me"}, {"eve@helio.example", "2", "From another"}} {
		s.mailed(mail.from, "reply+"+token+"@acme.example", "From: "+mail.from+"\nMessage-ID: <"+mail.id+"@helio.example>\nSubject: Re: Order\n\n"+mail.body+"\n")
		s.eventually(mail.body, func() bool { return len(ana.messages(c.ID)) == i+2 })
	}
	list := ana.messages(c.ID)
	if list[0].Mail != nil || list[1].Mail == nil || !list[1].Mail.Verified || list[2].Mail == nil || list[2].Mail.Verified {
		t.Errorf("marks %+v, %+v, %+v", list[0].Mail, list[1].Mail, list[2].Mail)
	}
}

func TestWhoWouldGetIt(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana, luis := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent)
	dana := s.customer("Dana", "dana@helio.example")
	c := ana.writesTo(dana, "Hello Dana")
	ana.must(200, "PUT", "/api/v1/conversations/"+c.ID+"/participants/"+luis.id, map[string]any{"history": "all"}, nil)
	ask := func() map[string]wire.Recipient {
		var page wire.Page[wire.Recipient]
		ana.must(200, "GET", "/api/v1/conversations/"+c.ID+"/recipients", nil, &page)
		by := map[string]wire.Recipient{}
		for _, r := range page.Items {
			by[r.Person] = r
		}
		return by
	}
	by := ask()
	if len(by) != 2 || by[dana.ID].Code != "customer" || by[dana.ID].AfterSeconds != 0 || by[luis.id].Code != "unseen-after" || by[luis.id].AfterSeconds != 60 {
		t.Errorf("recipients %+v", by)
	}
	luis.must(200, "PATCH", "/api/v1/conversations/"+c.ID, map[string]any{"muted": true}, nil)
	if r := ask()[luis.id]; r.Code != "muted" || r.State != "cancelled" {
		t.Errorf("who muted it: %+v", r)
	}
	inside := ana.start("Between us", luis).ID
	s.user("Marta", desk.Agent).problem(404, "not-found", "GET", "/api/v1/conversations/"+inside+"/recipients", nil)
}
