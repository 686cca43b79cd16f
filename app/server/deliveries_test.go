package server_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/kit/mailid"
	"recado/app/server"
	"recado/app/wire"
)

// postbox is a mail server that keeps what it is given, and says of each letter when it came.
type postbox struct {
	mu      sync.Mutex
	letters []desk.Letter
	came    chan desk.Letter
	answer  desk.Answer
}

func newPostbox() *postbox { return &postbox{came: make(chan desk.Letter, 100), answer: desk.Accepted} }

func (p *postbox) Mail(_ context.Context, l desk.Letter, _ func() bool) desk.Outcome {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, l)
	p.came <- l
	return desk.Outcome{Answer: p.answer, Detail: "250 taken"}
}

func (p *postbox) next(t *testing.T) desk.Letter {
	t.Helper()
	select {
	case l := <-p.came:
		return l
	case <-time.After(10 * time.Second):
		t.Fatal("no letter came")
		return desk.Letter{}
	}
}

// delivery gives what became of a message for one person on one channel.
func (a *agent) delivery(message, person, channel string) wire.Delivery {
	a.t.Helper()
	var page wire.Page[wire.Delivery]
	a.must(200, "GET", "/api/v1/messages/"+message+"/deliveries", nil, &page)
	for _, d := range page.Items {
		if d.Person == person && d.Channel == channel {
			return d
		}
	}
	a.t.Fatalf("nothing for %s by %s in %+v", person, channel, page.Items)
	return wire.Delivery{}
}

func TestWhoHasNotSeenGetsItByMail(t *testing.T) {
	t.Parallel()
	box := newPostbox()
	s := startWith(t, server.Config{Data: t.TempDir(), EmailAfter: 300 * time.Millisecond, Mailer: box})
	ana, luis, eva := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent), s.user("Eva", desk.Agent)
	stream := ana.feed("")
	c := ana.start("unseen", luis, eva)
	eva.must(200, "PUT", "/api/v1/conversations/"+c.ID+"/seen", map[string]any{"upTo": 1}, nil)
	l := box.next(t)
	if l.To.ID != luis.id || len(l.Messages) != 1 || l.Messages[0].Body != "unseen" || l.Mail != c.LastMessage.ID {
		t.Errorf("the letter %+v", l)
	}
	_, e := stream.until("delivery.changed")
	told := decodeEvent[wire.Entry](t, e).Delivery
	if told == nil || told.Person != luis.id || told.State != "sent" || told.Code != "mailed" || told.DueAt != nil {
		t.Errorf("told %s", e.data)
	}
	if d := ana.delivery(c.LastMessage.ID, eva.id, "email"); d.State != "seen" || d.Reason == "" {
		t.Errorf("seen in time: %+v", d)
	}
	if d := ana.delivery(c.LastMessage.ID, luis.id, "app"); d.State != "sent" {
		t.Errorf("in the app: %+v", d)
	}
}

func TestSendNowAndDont(t *testing.T) {
	t.Parallel()
	box := newPostbox()
	s := startWith(t, server.Config{Data: t.TempDir(), EmailAfter: time.Hour, Mailer: box})
	ana, luis, eva := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent), s.user("Eva", desk.Agent)
	c := ana.start("later", luis, eva)
	path := "/api/v1/messages/" + c.LastMessage.ID + "/deliveries/"
	var d wire.Delivery
	ana.must(200, "POST", path+eva.id+"/cancel", nil, &d)
	if d.State != "cancelled" || d.Code != "stopped" {
		t.Errorf("stopped %+v", d)
	}
	eva.problem(403, "forbidden", "POST", path+luis.id+"/now", nil)
	ana.problem(404, "not-found", "POST", path+ana.id+"/now", nil)
	ana.must(200, "POST", path+luis.id+"/now", nil, &d)
	if d.DueAt == nil || d.State != "planned" || d.Code != "asked" {
		t.Errorf("asked %+v", d)
	}
	if l := box.next(t); l.To.ID != luis.id {
		t.Errorf("to %s", l.To.Name)
	}
}

// TestARestartForgetsNothing: what was planned before a stop leaves after the next start.
func TestARestartForgetsNothing(t *testing.T) {
	t.Parallel()
	data, box := t.TempDir(), newPostbox()
	s := startWith(t, server.Config{Data: data, EmailAfter: 24 * time.Hour, Mailer: box})
	ana := s.user("Ana", desk.Agent)
	marta := ana.customer("Marta", "marta@acme.example")
	box.mu.Lock()
	box.answer = desk.Later
	box.mu.Unlock()
	c := ana.startWith("hello", marta.ID)
	first := box.next(t)
	s.stop()
	box = newPostbox()
	s = startWith(t, server.Config{Data: data, Mailer: box})
	ana = s.signIn("ana@example.test")
	if d := ana.delivery(c.LastMessage.ID, marta.ID, "email"); d.Code != "try-later" || d.Attempts != 1 || d.Detail != "250 taken" {
		t.Errorf("between: %+v", d)
	}
	ana.must(200, "POST", "/api/v1/messages/"+c.LastMessage.ID+"/deliveries/"+marta.ID+"/now", nil, nil)
	if again := box.next(t); again.Mail != first.Mail || again.Attempts != 1 {
		t.Errorf("after the restart %+v", again)
	}
}

// TestMailsAreWrittenToAFolder: without a mail server each mail is a file, with the address its answer comes back to.
func TestMailsAreWrittenToAFolder(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := startWith(t, server.Config{Data: data, EmailAfter: time.Hour, MailFrom: "Acme <support@acme.example>", ReplyDomain: "reply.acme.example"})
	ana := s.user("Ana", desk.Agent)
	stream := ana.feed("")
	marta := ana.customer("Marta", "marta@customer.example")
	file := ana.upload("plan.txt", "the plan")
	ana.must(201, "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "customer", "subject": "Your order", "participants": []string{marta.ID},
		"message": map[string]any{"body": "Here it is", "files": []string{file.ID}}}, nil)
	if _, e := stream.until("delivery.changed"); !strings.Contains(e.data, `"code":"mailed"`) {
		t.Errorf("told %s", e.data)
	}
	names, err := filepath.Glob(filepath.Join(data, "outgoing-mail", "*.eml"))
	if err != nil || len(names) != 1 {
		t.Fatalf("mails %v, %v", names, err)
	}
	raw, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(raw), "\r\n")
	for _, want := range []string{"Subject: Your order", `From: "Ana (Acme)" <support@acme.example>`, `To: "Marta" <marta@customer.example>`} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q", want)
		}
	}
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Reply-To: <reply+") })
	if i < 0 {
		t.Fatal("no address for the answer")
	}
	token, ok := mailid.ParseReplyAddress(strings.Trim(strings.TrimPrefix(lines[i], "Reply-To: "), "<>"), "reply.acme.example")
	if !ok || strings.Contains(string(raw), "Auto-Submitted") || !strings.Contains(string(raw), "plan.txt") {
		t.Errorf("token %v in\n%s", ok, raw)
	}
	if mailid.TokenHash(token) == token {
		t.Error("a token is its own hash")
	}
}
