package server_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/wire"
)

func urlQuery(name, value string) string { return url.Values{name: {value}}.Encode() }

// try is one request; ID stands for what it is about.
type try struct{ method, path, body string }

// signedRoutes is every route that needs somebody signed in, about one id.
func signedRoutes(id string) []try {
	list := []try{{"GET", "/sessions", ""}, {"DELETE", "/sessions/ID", ""}, {"DELETE", "/sessions/current", ""}, {"GET", "/me", ""},
		{"PATCH", "/me", "{}"}, {"PUT", "/me/password", "{}"}, {"PUT", "/me/presence", "{}"}, {"GET", "/people", ""}, {"POST", "/people", "{}"},
		{"GET", "/people/ID", ""}, {"PATCH", "/people/ID", "{}"}, {"GET", "/conversations", ""}, {"POST", "/conversations", "{}"},
		{"POST", "/files", ""}, {"GET", "/search", ""}, {"GET", "/settings/notifications", ""}, {"PUT", "/settings/notifications", "{}"},
		{"GET", "/snapshot", ""}, {"GET", "/feed", ""}}
	list = append(list, conversationRoutes...)
	list = append(list, messageRoutes...)
	list = append(list, itemRoutes...)
	list = append(list, try{"GET", "/files/ID", ""}, try{"GET", "/items", ""}, try{"POST", "/items", "{}"}, try{"GET", "/tags", ""})
	for i := range list {
		list[i].path = "/api/v1" + strings.ReplaceAll(list[i].path, "ID", id)
	}
	return list
}

// What can be asked about a conversation, and about a message, in a form that would be taken from who may.
var (
	conversationRoutes = []try{{"GET", "/conversations/ID", ""}, {"PATCH", "/conversations/ID", `{"subject":"mine"}`},
		{"PATCH", "/conversations/ID", `{"muted":true}`}, {"PUT", "/conversations/ID/participants/ME", `{"history":"all"}`},
		{"DELETE", "/conversations/ID/participants/OTHER", ""}, {"DELETE", "/conversations/ID/participants/ME", ""},
		{"GET", "/conversations/ID/messages", ""}, {"GET", "/conversations/ID/messages?after=0", ""},
		{"POST", "/conversations/ID/messages", `{"key":"k","body":"x"}`}, {"PUT", "/conversations/ID/seen", `{"upTo":1}`},
		{"POST", "/conversations/ID/typing", ""}, {"POST", "/conversations/ID/merge", `{"into":"x"}`}, {"DELETE", "/conversations/ID/merge", ""},
		{"POST", "/conversations/ID/move", `{"from":"x","to":"y"}`}}
	messageRoutes = []try{{"GET", "/messages/ID", ""}, {"PATCH", "/messages/ID", `{"body":"x"}`}, {"DELETE", "/messages/ID", ""},
		{"POST", "/messages/ID/split", `{"key":"k"}`}, {"GET", "/messages/ID/deliveries", ""}, {"GET", "/messages/ID/mail", ""}, {"POST", "/messages/ID/deliveries/OTHER/now", ""}, {"POST", "/messages/ID/deliveries/OTHER/cancel", ""}}
)

// What can be asked about an item.
var itemRoutes = []try{{"GET", "/items/ID", ""}, {"PATCH", "/items/ID", `{"title":"mine"}`}, {"GET", "/items/ID/changes", ""},
	{"POST", "/items/ID/followers", `{"people":[]}`}, {"PUT", "/items/ID/followers/ME", ""}, {"DELETE", "/items/ID/followers/ME", ""}}

// hidden asserts that each request about what is there but hidden is answered to the byte as one about nothing at all.
func (a *agent) hidden(routes []try, id, other string) {
	a.t.Helper()
	for _, r := range routes {
		path := "/api/v1" + strings.NewReplacer("ME", a.id, "OTHER", other).Replace(r.path)
		var body any
		if r.body != "" {
			body = []byte(r.body)
		}
		real := a.problem(404, "not-found", r.method, strings.ReplaceAll(path, "ID", id), body)
		for _, no := range []string{newKey(), "x", "%00", "%ff", strings.Repeat("9", 300)} {
			if none := a.problem(404, "not-found", r.method, strings.ReplaceAll(path, "ID", no), body); !bytes.Equal(real, none) {
				a.t.Errorf("%s %s: hidden and unknown are told apart:\n%s\n%s", r.method, path, real, none)
			}
		}
	}
}

func TestAnOutsiderLearnsNothing(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis, eva := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent), s.user("Eva", desk.Admin) // an admin is no exception
	blank := eva.everything()
	file := ana.upload("plan.txt", "the secret plan")
	c := ana.start("nothing of this is for eva", luis)
	var m wire.Message
	ana.must(201, "POST", "/api/v1/conversations/"+c.ID+"/messages", map[string]any{"key": newKey(), "body": "secret, with a file, <@" + eva.id + "|Eva>", "files": []string{file.ID}}, &m)
	ana.must(200, "PATCH", "/api/v1/conversations/"+c.ID, map[string]any{"subject": "secret plan"}, nil)
	before := ana.everything()

	eva.hidden(conversationRoutes, c.ID, luis.id)
	eva.hidden(messageRoutes, m.ID, luis.id)
	eva.hidden([]try{{"GET", "/files/ID", ""}}, file.ID, "")
	eva.silent("secret")
	if got := eva.everything(); got != blank {
		t.Errorf("an outsider's snapshot changed:\n%s\nbefore:\n%s", got, blank)
	}
	// what is not one's own can't be put into one's own
	own := eva.start("mine", luis)
	eva.problem(422, "unknown-file", "POST", "/api/v1/conversations/"+own.ID+"/messages", map[string]any{"key": newKey(), "body": "x", "files": []string{file.ID}})
	eva.problem(404, "not-found", "DELETE", "/api/v1/sessions/"+ana.sessions()[0].ID, nil)
	if after := ana.everything(); after != before {
		t.Errorf("an outsider changed something:\n%s\nbefore:\n%s", after, before)
	}
}

// silent looks where texts are found and listed.
func (a *agent) silent(word string) {
	a.t.Helper()
	var hits wire.Page[wire.Hit]
	a.must(200, "GET", "/api/v1/search?q="+word, nil, &hits)
	if len(hits.Items) > 0 {
		a.t.Errorf("search finds %+v", hits.Items)
	}
	for _, q := range []string{"", "view=internal-inbox", "view=internal-sent", "view=unread", "view=mentions", "view=open", "view=snoozed", "query=" + word} {
		var page wire.Page[wire.Conversation]
		a.must(200, "GET", "/api/v1/conversations?"+q, nil, &page)
		if len(page.Items) > 0 {
			a.t.Errorf("?%s lists %+v", q, page.Items)
		}
	}
}

func (a *agent) sessions() []wire.Device {
	a.t.Helper()
	var page wire.Page[wire.Device]
	a.must(200, "GET", "/api/v1/sessions", nil, &page)
	return page.Items
}

func TestWhoWasRemovedLearnsNothingMore(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis, eva := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent), s.user("Eva", desk.Agent)
	c := ana.start("secret", luis, eva)
	m := eva.say(c.ID, "secret of eva's own")
	ana.must(204, "DELETE", "/api/v1/conversations/"+c.ID+"/participants/"+eva.id, nil, nil)
	eva.hidden(conversationRoutes, c.ID, luis.id)
	eva.hidden(messageRoutes, m.ID, luis.id) // not even to edit what was one's own
	eva.silent("secret")
	// one's own key of before neither answers nor is taken for new
	eva.problem(404, "not-found", "POST", "/api/v1/conversations/"+c.ID+"/messages", map[string]any{"key": m.Key, "body": m.Body})
}

func TestWhoCameLaterSeesFromThereOn(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis, eva := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent), s.user("Eva", desk.Agent)
	c := ana.start("secret of before", luis)
	ana.must(200, "PUT", "/api/v1/conversations/"+c.ID+"/participants/"+eva.id, map[string]any{"history": "from-now"}, nil)
	ana.say(c.ID, "for all")
	eva.hidden(messageRoutes, c.LastMessage.ID, luis.id)
	var page wire.Page[wire.Message]
	eva.must(200, "GET", "/api/v1/conversations/"+c.ID+"/messages?after=0", nil, &page)
	if len(page.Items) != 1 || page.Items[0].Number != 2 {
		t.Errorf("sees %+v, want message 2 alone", page.Items)
	}
	var hits wire.Page[wire.Hit]
	eva.must(200, "GET", "/api/v1/search?q=secret", nil, &hits)
	if all := eva.everything(); len(hits.Items) > 0 || strings.Contains(all, "secret of before") {
		t.Errorf("what was before is seen: %+v\n%s", hits.Items, all)
	}
}

func TestVisibleButNotAllowed(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	c := ana.start("first", luis)
	luis.problem(403, "forbidden", "PATCH", "/api/v1/messages/"+c.LastMessage.ID, map[string]any{"body": "x"})
	luis.problem(403, "forbidden", "DELETE", "/api/v1/messages/"+c.LastMessage.ID, nil)
	var m wire.Message
	luis.must(200, "GET", "/api/v1/messages/"+c.LastMessage.ID, nil, &m)
	if m.Body != "first" || m.Key != "" {
		t.Errorf("another's message: %+v", m)
	}
}

func TestKeysArePerPersonAndKept(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis, eva := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent), s.user("Eva", desk.Agent)
	start := map[string]any{"key": "k", "kind": "internal", "participants": []string{luis.id, eva.id}, "message": map[string]any{"body": "first"}}
	var c, again wire.Conversation
	ana.must(201, "POST", "/api/v1/conversations", start, &c)
	start["participants"] = []string{eva.id, luis.id, eva.id, ana.id} // the same people as a set
	ana.must(200, "POST", "/api/v1/conversations", start, &again)
	if again.ID != c.ID || again.LastNumber != 1 {
		t.Errorf("again: %+v, want %s", again, c.ID)
	}
	post := "/api/v1/conversations/" + c.ID + "/messages"
	ana.problem(409, "key-reused", "POST", post, map[string]any{"key": "k", "body": "first"}) // across all that is made
	start["participants"] = []string{luis.id}
	ana.problem(409, "key-reused", "POST", "/api/v1/conversations", start)
	var m, same wire.Message
	luis.must(201, "POST", post, map[string]any{"key": "k", "body": "luis's own"}, &m)
	luis.must(200, "PATCH", "/api/v1/messages/"+m.ID, map[string]any{"body": "edited"}, nil)
	luis.must(200, "POST", post, map[string]any{"key": "k", "body": "luis's own"}, &same)
	if same.ID != m.ID || same.Body != "edited" {
		t.Errorf("the same key: %+v, want the message as it is now", same)
	}
	luis.problem(409, "key-reused", "POST", post, map[string]any{"key": "k", "body": "edited"})
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	nobody := &agent{testServer: s}
	in := func(email, pass string) map[string]any {
		return map[string]any{"email": email, "password": pass, "device": "x"}
	}
	wrong := nobody.problem(401, "wrong-sign-in", "POST", "/api/v1/sessions", in("ana@example.test", "not it"))
	unknown := nobody.problem(401, "wrong-sign-in", "POST", "/api/v1/sessions", in("nobody@example.test", "not it"))
	ana.must(200, "PATCH", "/api/v1/people/"+luis.id, map[string]any{"disabled": true}, nil)
	disabled := nobody.problem(401, "wrong-sign-in", "POST", "/api/v1/sessions", in("luis@example.test", password))
	if !bytes.Equal(wrong, unknown) || !bytes.Equal(wrong, disabled) {
		t.Errorf("told apart:\n%s\n%s\n%s", wrong, unknown, disabled)
	}
	luis.problem(401, "not-signed-in", "GET", "/api/v1/me", nil)
	nobody.problem(422, "invalid", "POST", "/api/v1/sessions", in(strings.Repeat("x", 300), "p"))
	for range 9 { // with the one before, ten
		nobody.problem(401, "wrong-sign-in", "POST", "/api/v1/sessions", in("ana@example.test", "not it"))
	}
	status, answer, h := nobody.call("POST", "/api/v1/sessions", in("ana@example.test", password))
	if status != 429 || h.Get("Retry-After") == "" {
		t.Errorf("the eleventh: %d %s, Retry-After %q", status, answer, h.Get("Retry-After"))
	}
	ana.must(204, "DELETE", "/api/v1/sessions/current", nil, nil)
	ana.problem(401, "not-signed-in", "GET", "/api/v1/me", nil) // at once, whatever was remembered
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, nobody := s.user("Ana", desk.Admin), &agent{testServer: s}
	var p struct {
		wire.Person
		Invitation string `json:"invitation"`
	}
	ana.must(201, "POST", "/api/v1/people", map[string]any{"kind": "user", "name": "Eva", "email": "eva@example.test"}, &p)
	link, token, _ := strings.Cut(p.Invitation, "#")
	if link != s.url+"/invite" || len(token) < 40 || p.Role != "agent" {
		t.Fatalf("invited: %+v", p)
	}
	if status, page, h := nobody.call("GET", "/invite", nil); status != 200 || h.Get("Content-Type") != "text/html; charset=utf-8" || bytes.Contains(page, []byte("<script")) {
		t.Errorf("the page: %d %s", status, page)
	}
	accept := func(token, pass string) map[string]any {
		return map[string]any{"token": token, "password": pass, "device": "x"}
	}
	nobody.problem(422, "invalid", "POST", "/api/v1/invitations/accept", accept(token, "short"))
	nobody.problem(404, "invitation-unusable", "POST", "/api/v1/invitations/accept", accept(token+"x", password))
	var ses wire.Session
	nobody.must(201, "POST", "/api/v1/invitations/accept", accept(token, password), &ses)
	if ses.Person.ID != p.ID || ses.Token == "" {
		t.Errorf("session: %+v", ses.Person)
	}
	nobody.problem(404, "invitation-unusable", "POST", "/api/v1/invitations/accept", accept(token, password))
	s.signIn("eva@example.test").must(200, "GET", "/api/v1/me", nil, nil)
	if all := ana.everything(); strings.Contains(all, token) {
		t.Error("the token stands in a snapshot")
	}
}

func TestOpenAPIDescribesWhatIsAskedHere(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	nobody := &agent{testServer: s}
	var doc struct {
		Paths      map[string]map[string]any `json:"paths"`
		Components struct {
			Schemas map[string]any `json:"schemas"`
		} `json:"components"`
	}
	nobody.must(200, "GET", "/api/v1/openapi.json", nil, &doc)
	for _, r := range signedRoutes("{id}") {
		path, _, _ := strings.Cut(r.path, "?")
		path = strings.NewReplacer("/ME", "/{person}", "/OTHER", "/{person}").Replace(path)
		if doc.Paths[path][strings.ToLower(r.method)] == nil {
			t.Errorf("%s %s is not described", r.method, path)
		}
	}
	for _, name := range []string{"Person", "Conversation", "Message", "Entry", "Problem"} {
		if doc.Components.Schemas[name] == nil {
			t.Errorf("no schema %s", name)
		}
	}
}
