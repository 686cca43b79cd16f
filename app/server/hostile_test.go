package server_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/kit/mailid"
	"recado/app/server"
	"recado/app/server/store"
	"recado/app/wire"
)

// TestHostileMails: what each becomes, and that nobody is impersonated on the way.
func TestHostileMails(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana, nora := s.user("Ana", desk.Agent), s.customer("Nora", "nora@shop.example")
	c := ana.writesTo(nora, "Hello")
	own := s.messageID(c.LastMessage.ID, nora.ID)
	nested := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String() + "Content-Type: text/plain\n\ndeep\n"
	}
	from := func(address, id, more string) string {
		return "From: " + address + "\nMessage-ID: <" + id + "@hostile>\n" + more
	}
	for _, h := range []struct {
		name, from, to, mail string
		held                 string // the reason, where it is held
		posted               string // what stands in the message, where it is posted
	}{
		{"an agent's name and a stolen In-Reply-To", "eve@evil.example", "support@acme.example",
			from("ana@example.test", "1", "In-Reply-To: <"+own+">\n\nPay to this account.\n"), "other-sender", ""},
		{"two senders", "eve@evil.example", "support@acme.example",
			from("ana@example.test, eve@evil.example", "2", "\nTwo of us.\n"), "no-single-sender", ""},
		{"two From fields", "eve@evil.example", "support@acme.example",
			"From: eve@evil.example\n" + from("nora@shop.example", "3", "\nWhich one?\n"), "no-single-sender", ""},
		{"a reply to somebody else by Reply-To", "eve@evil.example", "support@acme.example",
			from("eve@evil.example", "4", "Reply-To: nora@shop.example\nSubject: of Eve\n\nI am Eve.\n"), "", "I am Eve."},
		{"lines in a subject", "eve@evil.example", "support@acme.example",
			from("eve@evil.example", "5", "Subject: =?utf-8?q?one=0D=0ABcc=3A_all=40acme=2Eexample?=\n\nsubject\n"), "", "subject"},
		{"lines in a name", "eve@evil.example", "support@acme.example",
			from("=?utf-8?q?Eve=0D=0ABcc=3A_all=40acme=2Eexample?= <eve2@evil.example>", "6", "Subject: name\n\nname\n"), "", "name"},
		{"lines and paths in a file's name", "eve@evil.example", "support@acme.example",
			from("eve@evil.example", "7", "Subject: file\nContent-Type: text/plain; name=\"=?utf-8?q?..=2F..=2Fa=0D=0Ab=E2=80=AEgpj=2Eexe?=\"\nContent-Disposition: attachment\n\nfile\n"), "", ""},
		{"10,000 nested parts", "eve@evil.example", "support@acme.example", from("eve@evil.example", "8", nested(10_000)), "unreadable", ""},
		{"200,000 flat parts", "eve@evil.example", "support@acme.example",
			from("eve@evil.example", "9", "Content-Type: multipart/mixed; boundary=b\n\n"+strings.Repeat("--b\n\nx\n", 200_000)+"--b--\n"), "unreadable", ""},
		{"nothing at all", "eve@evil.example", "support@acme.example", from("eve@evil.example", "10", "\n"), "empty", ""},
		{"not a mail", "eve@evil.example", "support@acme.example", "\x00\x01\x02\xff\xfe", "no-single-sender", ""},
	} {
		held, open := len(ana.held()), len(ana.inView("open"))
		begun := time.Now()
		s.mailed(h.from, h.to, h.mail)
		if h.held != "" {
			s.eventually(h.name, func() bool { return len(ana.held()) == held+1 })
			if m := ana.held()[0]; m.Code != h.held {
				t.Errorf("%s: held as %s", h.name, m.Code)
			}
		} else {
			s.eventually(h.name, func() bool { return len(ana.inView("open")) == open+1 })
			m := ana.messages(ana.inView("open")[0].ID)[0]
			if m.Author == nora.ID || m.Author == ana.id || m.Body != h.posted {
				t.Errorf("%s: %+v", h.name, m)
			}
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%s took %v", h.name, took)
		}
	}
	for _, conv := range ana.inView("open") {
		if strings.ContainsAny(conv.Subject, "\r\n") {
			t.Errorf("subject %q", conv.Subject)
		}
		for _, f := range conv.LastMessage.Files {
			if strings.ContainsAny(f.Name, "/\\\r\n\u202e") {
				t.Errorf("file name %q", f.Name)
			}
		}
	}
	var people wire.Page[wire.Person]
	ana.must(200, "GET", "/api/v1/people?kind=customer", nil, &people)
	for _, p := range people.Items {
		if strings.ContainsAny(p.Name, "\r\n") {
			t.Errorf("name %q", p.Name)
		}
	}
	if n := len(ana.messages(c.ID)); n != 1 {
		t.Errorf("%d messages in the customer's conversation", n)
	}
}

// messageID is that of the mail which took a message to a person.
func (s *testServer) messageID(message, person string) string {
	s.t.Helper()
	key, err := store.New(s.tools.DB, func() int64 { return time.Now().UnixMilli() }).MailKey(s.t.Context(), make([]byte, 32))
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.Trim(mailid.MessageID(key, message, person, "acme.example"), "<>")
}

func TestTokensOfOthersAndExpiredOnes(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := startWith(t, server.Config{Data: data, MailListen: "127.0.0.1:0", MailFrom: "Acme <support@acme.example>", Resolver: names{}, EmailAfter: time.Hour})
	ana, luis := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent)
	nora := s.customer("Nora", "nora@shop.example")
	c := ana.writesTo(nora, "Hello")
	// a stranger with a customer's token: somebody of their own, of whom it is said that nothing proves them
	s.mailed("eve@evil.example", "reply+"+s.token(c.LastMessage.ID, nora.ID, c.ID)+"@acme.example", "From: eve@evil.example\nMessage-ID: <1@evil>\n\nIt is me.\n")
	s.eventually("the stranger's", func() bool { return len(ana.messages(c.ID)) == 2 })
	if m := ana.messages(c.ID)[1]; m.Author == nora.ID || m.Mail == nil || m.Mail.Verified {
		t.Errorf("the stranger's %+v", m)
	}
	// what is written next is not theirs to read, until an agent adds them
	eve := ana.messages(c.ID)[1].Author
	if d := ana.delivery(ana.says(c.ID, "Your new address, please?").ID, eve, "email"); d.State != "cancelled" || d.Code != "unconfirmed" {
		t.Errorf("a stranger gets what is written next: %+v", d)
	}
	ana.must(200, "PUT", "/api/v1/conversations/"+c.ID+"/participants/"+eve, map[string]any{"history": "from-now"}, nil)
	if d := ana.delivery(ana.says(c.ID, "Thank you.").ID, eve, "email"); d.Code == "unconfirmed" {
		t.Errorf("an agent has added them: %+v", d)
	}
	// held for another reason than its conversation, also with a token that is expired: nobody reads it who could not
	carl := s.user("Carl", desk.Admin)
	secret := ana.start("between us", luis)
	late := mailid.NewToken()
	keep := store.New(s.tools.DB, func() int64 { return time.Now().UnixMilli() })
	if err := keep.KeepMailToken(t.Context(), mailid.TokenHash(late), store.MailToken{Message: secret.LastMessage.ID, Person: luis.id, Conversation: secret.ID, ExpiresAt: 1}); err != nil {
		t.Fatal(err)
	}
	for i, token := range []string{late, s.token(secret.LastMessage.ID, luis.id, secret.ID)} {
		s.mailed(fmt.Sprintf("x%d@evil.example", i), "reply+"+token+"@acme.example", fmt.Sprintf("From: a@x.example, b@x.example\nMessage-ID: <veil%d@evil>\n\n> between us\n", i))
		s.eventually("held for those in it", func() bool {
			return len(luis.held()) == i+1 && len(ana.held()) == i+1
		})
		if n := len(carl.held()); n != 0 {
			t.Errorf("%d mails that answer the team's conversation are shown to somebody else", n)
		}
	}
	for _, m := range luis.held() {
		luis.problem(409, "cannot-accept", "POST", "/api/v1/mail/held/"+m.ID+"/assign", map[string]any{"customer": nora.ID})
		luis.problem(409, "cannot-accept", "POST", "/api/v1/mail/held/"+m.ID+"/assign", map[string]any{"conversation": c.ID})
		luis.must(200, "POST", "/api/v1/mail/held/"+m.ID+"/discard", nil, nil)
	}
	// a stranger with a user's token: refused, and the user is told once a day
	team := ana.start("us", luis)
	token := s.token(team.LastMessage.ID, luis.id, team.ID)
	for i := range 3 {
		s.mailed("eve@evil.example", "reply+"+token+"@acme.example", fmt.Sprintf("From: eve@evil.example\nMessage-ID: <user%d@evil>\n\nLet me in.\n", i))
		s.eventually("held", func() bool { return len(ana.held()) == i+1 })
	}
	notices := 0
	for _, raw := range outgoing(t, data) {
		if strings.Contains(raw, "To: \"Luis\"") && strings.Contains(raw, "held for review") {
			notices++
		}
	}
	if notices != 1 || len(ana.messages(team.ID)) != 1 {
		t.Errorf("%d notices, %d messages", notices, len(ana.messages(team.ID)))
	}
	// an expired token belongs nowhere: who writes begins anew, and nobody gets in
	expired := mailid.NewToken()
	st := store.New(s.tools.DB, func() int64 { return time.Now().UnixMilli() })
	if err := st.KeepMailToken(t.Context(), mailid.TokenHash(expired), store.MailToken{Message: c.LastMessage.ID, Person: nora.ID, Conversation: c.ID, ExpiresAt: time.Now().Add(-time.Minute).UnixMilli()}); err != nil {
		t.Fatal(err)
	}
	s.mailed("mia@other.example", "reply+"+expired+"@acme.example", "From: mia@other.example\nMessage-ID: <late@other>\nSubject: late\n\nToo late?\n")
	ana.waitsConversation(2)
	if n := len(ana.messages(c.ID)); n != 4 {
		t.Errorf("an expired token led to %d messages", n)
	}
}

// outgoing gives the mails that left, as they were written.
func outgoing(t *testing.T, data string) (mails []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(data, "outgoing-mail", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		mails = append(mails, string(raw))
	}
	return mails
}

func TestALargeFileIsALinkThatEnds(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := startWith(t, server.Config{Data: data, MailFrom: "Acme <support@acme.example>"})
	ana, nora := s.user("Ana", desk.Agent), s.customer("Nora", "nora@shop.example")
	large := strings.Repeat("0123456789abcdef", 21<<20/16)
	file := ana.upload("plan.bin", large)
	var c wire.Conversation
	ana.must(201, "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "customer", "participants": []string{nora.ID}, "subject": "Plan",
		"message": map[string]any{"body": "Here", "files": []string{file.ID}}}, &c)
	s.eventually("it left", func() bool { return ana.byMail(c.LastMessage.ID, nora.ID) == "sent mailed" })
	mails := outgoing(t, data)
	if len(mails) != 1 || len(mails[0]) > 100_000 {
		t.Fatalf("%d mails", len(mails))
	}
	text := strings.ReplaceAll(strings.ReplaceAll(mails[0], "=\r\n", ""), "=3D", "=")
	link := regexp.MustCompile(regexp.QuoteMeta(s.url) + `/files/[^\s"<]+`).FindString(text)
	get := func(address string) (int, string) {
		t.Helper()
		res, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if status, body := get(link); status != 200 || body != large {
		t.Errorf("%s: %d, %d bytes", link, status, len(body))
	}
	other := ana.upload("secret.txt", "secret")
	for name, address := range map[string]string{
		"another file": strings.Replace(link, file.ID, other.ID, 1), "another moment": strings.Replace(link, "until=", "until=1", 1),
		"no signature": link[:strings.Index(link, "&")], "a wrong one": link + "0", "no moment": strings.Replace(link, "until=", "since=", 1),
	} {
		if status, _ := get(address); status != 404 {
			t.Errorf("%s: %d", name, status)
		}
	}
	key, err := store.New(s.tools.DB, func() int64 { return time.Now().UnixMilli() }).MailKey(t.Context(), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-time.Second).Unix()
	if status, body := get(fmt.Sprintf("%s/files/%s?until=%d&signature=%s", s.url, file.ID, past, mailid.SignFile(key, file.ID, past))); status != 410 || !strings.Contains(body, "ended") {
		t.Errorf("ended: %d %s", status, body)
	}
	ana.must(204, "DELETE", "/api/v1/messages/"+c.LastMessage.ID, nil, nil)
	if status, _ := get(link); status != 404 {
		t.Errorf("of a deleted message: %d", status)
	}
}

func TestALogoIsKeptOnce(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana := s.user("Ana", desk.Agent)
	mail := func(id, text, image string) string {
		return fmt.Sprintf(`From: nora@shop.example
Message-ID: <%s@shop.example>
In-Reply-To: <first@shop.example>
Subject: Lamp
MIME-Version: 1.0
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html

<p>%s</p><img src="cid:logo">
--b
Content-Type: image/png
Content-ID: <logo>
Content-Disposition: inline; filename=logo.png
Content-Transfer-Encoding: base64

%s
--b--
`, id, text, base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n"+image)))
	}
	s.mailed("nora@shop.example", "support@acme.example", mail("first", "It broke.", "logo"))
	c := ana.waitsConversation(1)[0]
	for i, image := range []string{"logo", "other", "logo"} {
		s.mailed("nora@shop.example", "support@acme.example", mail(fmt.Sprint("more", i), "And again.", image))
		s.eventually("an answer", func() bool { return len(ana.messages(c.ID)) == i+2 })
	}
	var files []int
	for _, m := range ana.messages(c.ID) {
		files = append(files, len(m.Files))
	}
	if fmt.Sprint(files) != "[1 0 1 0]" {
		t.Errorf("files %v", files)
	}
}
