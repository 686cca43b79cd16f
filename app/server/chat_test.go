package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"recado/app/desk"
	"recado/app/server"
	"recado/app/server/livechat"
	"recado/app/wire"
)

// chatServer has the live chat's pages and a site, and mails long after.
func chatServer(t *testing.T, site map[string]any) (s *testServer, admin *agent, made wire.Site) {
	t.Helper()
	s = startWith(t, server.Config{Data: t.TempDir(), MailFrom: "Acme <support@acme.example>", EmailAfter: time.Hour,
		ChatPages: fstest.MapFS{"widget.js": {Data: []byte("//")}, "frame.html": {Data: []byte("<!doctype html>")}, "frame.js": {Data: []byte("//")}}})
	admin = s.user("Ana", desk.Admin)
	admin.must(201, "POST", "/api/v1/sites", site, &made)
	return s, admin, made
}

// visitor opens the chat of a site in a browser of their own.
func (s *testServer) visitor(site string, more ...any) *agent {
	s.t.Helper()
	body := map[string]any{"site": site}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	v := &agent{testServer: s}
	var out wire.ChatSession
	v.must(201, "POST", "/chat/v1/sessions", body, &out)
	v.token, v.id = out.Token, out.Person.ID
	return v
}

func (a *agent) chats(body string) wire.Message {
	a.t.Helper()
	var m wire.Message
	a.must(201, "POST", "/chat/v1/messages", map[string]any{"key": newKey(), "body": body}, &m)
	return m
}

func (a *agent) ledger(message string) string {
	a.t.Helper()
	var page wire.Page[wire.Delivery]
	a.must(200, "GET", "/api/v1/messages/"+message+"/deliveries", nil, &page)
	var out []string
	for _, d := range page.Items {
		out = append(out, d.Channel+" "+d.State+" "+d.Code)
	}
	return strings.Join(out, ", ")
}

func TestChat(t *testing.T) {
	t.Parallel()
	s, ana, site := chatServer(t, map[string]any{"name": "Shop"})
	luis := s.user("Luis", desk.Agent)
	v := s.visitor(site.ID, "visitor", map[string]any{"name": "Marta"})
	feed := v.stream("/chat/v1/feed")
	feed.until("head")

	key := newKey()
	var first, again wire.Message
	v.must(201, "POST", "/chat/v1/messages", map[string]any{"key": key, "body": "Is it in stock?"}, &first)
	v.must(200, "POST", "/chat/v1/messages", map[string]any{"key": key, "body": "Is it in stock?"}, &again)
	v.problem(409, "key-reused", "POST", "/chat/v1/messages", map[string]any{"key": key, "body": "Other"})
	if second := v.chats("Hello?"); again.ID != first.ID || second.Conversation != first.Conversation || second.Number != 2 {
		t.Errorf("%+v then %+v", first, second)
	}

	var open wire.Page[wire.Conversation]
	luis.must(200, "GET", "/api/v1/conversations?view=open", nil, &open)
	if len(open.Items) != 1 || open.Items[0].ID != first.Conversation {
		t.Fatalf("open: %+v", open)
	}
	var who wire.Person
	luis.must(200, "GET", "/api/v1/people/"+v.id, nil, &who)
	if who.Name != "Marta" || !who.Unverified || who.Kind != "customer" {
		t.Errorf("the visitor: %+v", who)
	}

	answer := ana.say(first.Conversation, "Yes, two.")
	_, e := feed.until("message.created")
	for decodeEvent[wire.Entry](t, e).Message.ID != answer.ID {
		_, e = feed.until("message.created")
	}
	if got := ana.ledger(answer.ID); got != "chat sent in-chat, email cancelled no-address" {
		t.Errorf("ledger: %s", got)
	}
	v.must(200, "PUT", "/chat/v1/me", map[string]any{"email": "marta@home.example"}, nil)
	if got := ana.ledger(answer.ID); got != "chat sent in-chat, email planned chat-unseen" {
		t.Errorf("with an address: %s", got)
	}
	v.must(200, "PUT", "/chat/v1/seen", map[string]any{"upTo": 3}, nil)
	if got := ana.ledger(answer.ID); got != "chat seen seen, email seen seen" {
		t.Errorf("seen: %s", got)
	}

	var page wire.ChatPage
	v.must(200, "GET", "/chat/v1/messages", nil, &page)
	names := map[string]string{}
	for _, p := range page.People {
		names[p.ID] = p.Name
		if p.ID != v.id && p.Email != "" {
			t.Errorf("a visitor is told the address of %s", p.Name)
		}
	}
	if len(page.Items) != 3 || page.Items[2].Body != "Yes, two." || names[ana.id] != "Ana" || page.SeenUpTo != 3 {
		t.Errorf("page: %+v", page)
	}
	for _, other := range []*agent{s.visitor(site.ID), s.visitor(site.ID, "visitor", map[string]any{"email": "marta@home.example"})} {
		other.must(200, "GET", "/chat/v1/messages", nil, &page)
		if len(page.Items) != 0 {
			t.Errorf("another visitor sees %+v", page.Items)
		}
		other.problem(404, "not-found", "PUT", "/chat/v1/seen", map[string]any{"upTo": 1, "conversation": first.Conversation})
	}
}

func TestChatIdentity(t *testing.T) {
	t.Parallel()
	s, ana, site := chatServer(t, map[string]any{"name": "Shop"})
	var dana wire.Person
	ana.must(201, "POST", "/api/v1/people", map[string]any{"kind": "customer", "name": "Dana Kim", "email": "dana@helio.example"}, &dana)
	var c wire.Conversation
	ana.must(201, "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "customer", "participants": []string{dana.ID}, "message": map[string]any{"body": "Your invoice"}}, &c)
	identity := func(secret, email, name, expires string) map[string]any {
		return map[string]any{"email": email, "name": name, "expires": expires, "signature": livechat.Sign(secret, email, name, expires)}
	}
	later, before := time.Now().Add(time.Hour).UTC().Format(time.RFC3339), time.Now().Add(-time.Second).UTC().Format(time.RFC3339)

	v := s.visitor(site.ID, "identity", identity(site.Secret, "dana@helio.example", "D. Kim", later))
	var page wire.ChatPage
	v.must(200, "GET", "/chat/v1/messages", nil, &page)
	if v.id != dana.ID || len(page.Items) != 1 || page.Items[0].Body != "Your invoice" {
		t.Errorf("%s, want %s; %+v", v.id, dana.ID, page.Items)
	}
	v.problem(403, "forbidden", "PUT", "/chat/v1/me", map[string]any{"name": "Ana"})
	if m := v.chats("Thanks"); m.Conversation != c.ID {
		t.Error("an answer does not stand where the question is")
	}
	seconds := fmt.Sprint(time.Now().Add(time.Hour).Unix())
	if again := s.visitor(site.ID, "identity", identity(site.Secret, "new@helio.example", "New", seconds)); again.id == dana.ID {
		t.Error("somebody else is taken for Dana")
	}

	swapped := identity(site.Secret, "dana@helio.example", "D", later)
	swapped["email"] = "eva@helio.example"
	for name, id := range map[string]map[string]any{
		"of another secret": identity("guess", "dana@helio.example", "D", later), "expired": identity(site.Secret, "dana@helio.example", "D", before),
		"of a user": identity(site.Secret, "ana@example.test", "Ana", later), "for somebody else": swapped,
		"with moved lines": {"email": "dana@helio.example\nD", "name": "", "expires": later, "signature": livechat.Sign(site.Secret, "dana@helio.example\nD", "", later)},
		"never":            identity(site.Secret, "dana@helio.example", "D", "tomorrow"),
	} {
		if got, answer, _ := (&agent{testServer: s}).call("POST", "/chat/v1/sessions", map[string]any{"site": site.ID, "identity": id}); got != 401 {
			t.Errorf("%s: %d %s", name, got, answer)
		}
	}
	var strict wire.Site
	ana.must(201, "POST", "/api/v1/sites", map[string]any{"name": "Members", "identity": "required"}, &strict)
	nobody := &agent{testServer: s}
	nobody.problem(403, "identity-required", "POST", "/chat/v1/sessions", map[string]any{"site": strict.ID})
	ana.must(200, "PATCH", "/api/v1/sites/"+site.ID, map[string]any{"newSecret": true}, nil)
	nobody.problem(401, "identity-refused", "POST", "/chat/v1/sessions", map[string]any{"site": site.ID, "identity": identity(site.Secret, "dana@helio.example", "D", later)})
	ana.must(200, "PATCH", "/api/v1/sites/"+site.ID, map[string]any{"disabled": true}, nil)
	nobody.problem(404, "not-found", "POST", "/chat/v1/sessions", map[string]any{"site": site.ID})
}

func TestChatIsClosedToOthers(t *testing.T) {
	t.Parallel()
	s, ana, site := chatServer(t, map[string]any{"name": "Shop", "origins": []string{"https://shop.example"}})
	luis := s.user("Luis", desk.Agent)
	v, nobody := s.visitor(site.ID), &agent{testServer: s}
	for _, path := range []string{"/people", "/conversations?view=open", "/snapshot", "/sites", "/chats", "/feed", "/search?q=a", "/items"} {
		v.problem(401, "not-signed-in", "GET", "/api/v1"+path, nil)
	}
	for _, path := range []string{"/messages", "/me", "/feed"} {
		ana.problem(401, "not-signed-in", "GET", "/chat/v1"+path, nil)
		nobody.problem(401, "not-signed-in", "GET", "/chat/v1"+path, nil)
	}
	luis.problem(403, "forbidden", "POST", "/api/v1/sites", map[string]any{"name": "Mine"})
	luis.problem(403, "forbidden", "PATCH", "/api/v1/sites/"+site.ID, map[string]any{"name": "Mine"})
	ana.problem(422, "invalid", "POST", "/api/v1/sites", map[string]any{"name": "Bad", "origins": []string{"https://a.example; script-src *"}})
	ana.problem(422, "unknown-person", "POST", "/api/v1/sites", map[string]any{"name": "Bad", "told": []string{v.id}})
	var sites wire.Page[wire.Site]
	luis.must(200, "GET", "/api/v1/sites", nil, &sites)
	if len(sites.Items) != 1 || sites.Items[0].Secret != "" {
		t.Errorf("sites: %+v", sites)
	}
	if status, answer, _ := v.call("POST", "/chat/v1/messages", []byte(`{"key":"k","body":"x"}`), "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); status != 403 {
		t.Errorf("from elsewhere: %d %s", status, answer)
	}
	_, _, h := nobody.call("GET", "/chat/frame?site="+site.ID, nil)
	if p := h.Get("Content-Security-Policy"); !strings.Contains(p, "frame-ancestors 'self' https://shop.example") || !strings.HasPrefix(p, "default-src 'none'") {
		t.Errorf("the frame's policy: %s", p)
	}
	for path, want := range map[string]int{"/widget.js": 200, "/chat/frame.js": 200, "/chat/frame.html": 404, "/chat/..%2fx.js": 404, "/chat/frame?site=none": 404, "/chat/demo": 200} {
		if got, _, _ := nobody.call("GET", path, nil); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	for range livechat.MaxStreams {
		v.stream("/chat/v1/feed")
	}
	if got, _, h := v.call("GET", "/chat/v1/feed", nil); got != http.StatusTooManyRequests || h.Get("Retry-After") == "" {
		t.Errorf("one stream too many: %d", got)
	}
	flooded := s.visitor(site.ID)
	refused := 0
	for range 60 {
		if got, _, h := flooded.call("GET", "/chat/v1/me", nil); got == http.StatusTooManyRequests && h.Get("Retry-After") != "" {
			refused++
		}
	}
	if refused == 0 || refused == 60 {
		t.Errorf("%d of 60 at once were refused", refused)
	}
}

func TestLeavingTheChatBringsMailForward(t *testing.T) {
	t.Parallel()
	s, ana, site := chatServer(t, map[string]any{"name": "Shop"})
	v := s.visitor(site.ID, "visitor", map[string]any{"email": "marta@home.example"})
	dueIn := func(message string) time.Duration {
		var page wire.Page[wire.Delivery]
		ana.must(200, "GET", "/api/v1/messages/"+message+"/deliveries", nil, &page)
		for _, d := range page.Items {
			if d.Channel == "email" && d.DueAt != nil {
				return time.Until(d.DueAt.Time)
			}
		}
		return 0
	}
	connected := func() (p wire.ChatPresence) {
		var page wire.Page[wire.ChatPresence]
		ana.must(200, "GET", "/api/v1/chats", nil, &page)
		if len(page.Items) > 0 {
			p = page.Items[0]
		}
		return p
	}
	watching := ana.feed("")
	feed := v.stream("/chat/v1/feed", "User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Accept-Language", "es-ES,es;q=0.9")
	ana.problem(404, "not-found", "GET", "/api/v1/people/"+v.id, nil) // nobody hears of who only looks in
	if p := connected(); p.Person != "" {
		t.Errorf("before the first word: %+v", p)
	}
	m := v.chats("Hello")
	watching.until("chat")
	v.must(204, "PUT", "/chat/v1/page", map[string]any{"url": "https://shop.example/cart?token=secret#x", "title": "Cart"}, nil)
	if p := connected(); p.Person != v.id || p.Page != "https://shop.example/cart" || p.Title != "Cart" || p.Browser != "Firefox, Linux" || p.Language != "es-ES" || p.LeftAt != nil {
		t.Errorf("connected: %+v", p)
	}
	answer := ana.say(m.Conversation, "Good morning")
	if due := dueIn(answer.ID); due < 50*time.Minute {
		t.Errorf("while the chat is open it is due in %v", due)
	}
	feed.conn.Close()
	s.eventually("leaving is noticed", func() bool { return connected().LeftAt != nil })
	s.eventually("what was not seen is brought forward", func() bool { return dueIn(answer.ID) < 21*time.Second })
	v.stream("/chat/v1/feed")
	if due := dueIn(answer.ID); due < 50*time.Minute {
		t.Errorf("back in the chat it is due in %v", due)
	}
}

func TestAVisitorIsFoundToBeACustomer(t *testing.T) {
	t.Parallel()
	s, ana, site := chatServer(t, map[string]any{"name": "Shop"})
	var dana wire.Person
	ana.must(201, "POST", "/api/v1/people", map[string]any{"kind": "customer", "name": "Dana Kim", "email": "dana@helio.example"}, &dana)
	var private wire.Conversation
	ana.must(201, "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "customer", "participants": []string{dana.ID}, "message": map[string]any{"body": "For Dana"}}, &private)
	v := s.visitor(site.ID, "visitor", map[string]any{"name": "Dana", "email": "dana@helio.example"})
	m := v.chats("It is me")
	ana.problem(422, "not-a-visitor", "POST", "/api/v1/people/"+dana.ID+"/merge", map[string]any{"into": v.id})
	ana.problem(422, "visitor-too", "POST", "/api/v1/people/"+v.id+"/merge", map[string]any{"into": v.id})
	ana.problem(422, "unknown-person", "POST", "/api/v1/people/"+v.id+"/merge", map[string]any{"into": newKey()})
	var merged wire.Person
	for range 2 { // saying it again changes nothing
		ana.must(200, "POST", "/api/v1/people/"+v.id+"/merge", map[string]any{"into": dana.ID}, &merged)
	}
	ana.problem(409, "merged", "POST", "/api/v1/people/"+v.id+"/merge", map[string]any{"into": ana.customer("Eva", "eva@helio.example").ID})
	if merged.MergedInto != dana.ID {
		t.Errorf("merged: %+v", merged)
	}
	var c wire.Conversation
	ana.must(200, "GET", "/api/v1/conversations/"+m.Conversation, nil, &c)
	stands := map[string]int64{}
	for _, p := range c.Participants {
		stands[p.Person] = p.HistoryFrom
	}
	if stands[dana.ID] != 1 || stands[v.id] != 1 {
		t.Errorf("who stands there: %v", stands)
	}
	var page wire.ChatPage
	v.must(200, "GET", "/chat/v1/messages", nil, &page)
	if len(page.Items) != 1 || page.Items[0].Body != "It is me" {
		t.Errorf("the visitor sees %+v", page.Items)
	}
	answer := ana.say(m.Conversation, "Good to know")
	s.eventually("one person gets one mail", func() bool { return ana.ledger(answer.ID) == "email sent mailed" })
}
