package server_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"recado/app/desk"
	"recado/app/server"
	"recado/app/server/livechat"
	"recado/app/wire"
)

// visitorSends is what a browser sends to each address of the live chat that takes something; ID stands for what it tries,
// KEY for a new key.
var visitorSends = map[string]string{
	"PUT /chat/v1/me": `{"name":"Marta"}`, "POST /chat/v1/messages": `{"key":"KEY","body":"about <@ID|you>"}`,
	"PUT /chat/v1/seen": `{"upTo":1,"conversation":"ID"}`, "PUT /chat/v1/page": `{"url":"https://shop.example/ID","title":"ID"}`,
	"POST /chat/v1/typing": "", "POST /chat/v1/files": "",
}

// kept are routes that would end the test's own session.
var kept = []string{"DELETE /chat/v1/sessions/current"}

// leak is what nobody outside may learn, and where it stands.
type leak struct {
	ids   []string // of what is hidden
	words []string // that stand in what is hidden, and who is hidden
}

// find fails where an answer or a stream tells something hidden. What the visitor sent themselves is no news to them, nor
// are the mentions they wrote.
func (l leak) find(t *testing.T, where, told, sent string) {
	t.Helper()
	for _, id := range l.ids {
		told = strings.ReplaceAll(told, "\\u003c@"+id+"|you\\u003e", "")
	}
	for _, word := range slices.Concat(l.words, l.ids) {
		if strings.Contains(told, word) && !strings.Contains(sent, word) {
			t.Errorf("%s tells %q:\n%s", where, word, told)
		}
	}
}

// TestWhatAVisitorIsTold gives a visitor's token to every route there is, about everything that is hidden, and reads
// their feed from its beginning: before and after an agent found whom they are, an item's conversation of that customer,
// and the customer's coming into another conversation from now on.
func TestWhatAVisitorIsTold(t *testing.T) {
	t.Parallel()
	s := startWith(t, server.Config{Data: t.TempDir(), MailFrom: "Acme <support@acme.example>", EmailAfter: time.Hour,
		Proxies:   []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		ChatPages: fstest.MapFS{"widget.js": {Data: []byte("//")}, "frame.html": {Data: []byte("<!doctype html>")}}})
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	var site wire.Site
	ana.must(201, "POST", "/api/v1/sites", map[string]any{"name": "Shop"}, &site)
	dana, elena := ana.customer("Dana Kim", "dana@helio.example"), ana.customer("Elena Roca", "elena@other.example")

	file := ana.upload(secret+".txt", secret+" content")
	internal := ana.start(secret+" between us", luis)
	var withFile wire.Message
	ana.must(201, "POST", "/api/v1/conversations/"+internal.ID+"/messages", map[string]any{"key": newKey(), "body": secret + " file", "files": []string{file.ID}}, &withFile)
	item := ana.item(secret+" title", map[string]any{"description": secret, "tags": []string{"secret"}, "project": secret, "followers": []string{dana.ID}})
	team := ana.about(item.ID, "internal", map[string]any{"body": secret + " plan"})
	outside := ana.about(item.ID, "customer", map[string]any{"body": "SECRET to Dana on her item"})
	private := ana.startWith("SECRET to Dana alone", dana.ID)
	others := ana.startWith("SECRET to Elena", elena.ID)
	hidden := leak{
		ids: []string{internal.ID, withFile.ID, file.ID, item.ID, team.ID, team.LastMessage.ID, outside.ID, private.ID, others.ID, elena.ID},
		words: []string{secret, "ana@example.test", "luis@example.test", "dana@helio.example", "elena@other.example", "Elena Roca",
			"support@acme.example", site.Secret},
	}
	v := s.visitor(site.ID, "visitor", map[string]any{"name": "Marta", "email": "marta@home.example"})
	first := v.chats("Hello")
	ana.say(first.Conversation, "Good morning")
	v.triesEverything(hidden)
	v.readsFeed(hidden)

	ana.must(200, "POST", "/api/v1/people/"+v.id+"/merge", map[string]any{"into": dana.ID}, nil)
	ana.say(first.Conversation, "Now we know you")
	ana.about(item.ID, "customer", map[string]any{"body": secret + " more for Dana"})
	luis.say(team.ID, secret+" more for us")
	late := luis.startWith(secret+" before Dana came", elena.ID)
	ana.must(200, "PUT", "/api/v1/conversations/"+late.ID+"/participants/"+dana.ID, map[string]any{"history": "from-now"}, nil)
	luis.say(late.ID, secret+" after Dana came")
	hidden.ids = append(hidden.ids, late.ID)
	v.triesEverything(hidden)
	v.readsFeed(hidden)

	// The customer's own chat, signed for: everything of theirs from where their history begins, and nothing else.
	expires := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	signed := s.visitor(site.ID, "identity", map[string]any{"email": "dana@helio.example", "name": "Dana Kim", "expires": expires,
		"signature": livechat.Sign(site.Secret, "dana@helio.example", "Dana Kim", expires)})
	if signed.id != dana.ID {
		t.Fatalf("signed as %s", signed.id)
	}
	own := leak{ids: []string{internal.ID, withFile.ID, file.ID, item.ID, team.ID, team.LastMessage.ID, others.ID, late.LastMessage.ID},
		words: []string{secret + " title", secret + " between us", secret + " file", secret + " plan", secret + " more for us", secret + " to Elena",
			secret + " before Dana came", "ana@example.test", "luis@example.test", "marta@home.example", "elena@other.example", site.Secret}}
	signed.triesEverything(own)
	signed.readsFeed(own)
	var page wire.ChatPage
	signed.must(200, "GET", "/chat/v1/messages?limit=200", nil, &page)
	if text := fmt.Sprint(page); !strings.Contains(text, "to Dana alone") || !strings.Contains(text, "after Dana came") {
		t.Errorf("the customer does not see what is theirs: this test can't tell\n%s", text)
	}
}

// triesEverything walks the description of all routes with a visitor's token. A route of the live chat that takes
// something has to say in visitorSends what a browser sends there.
func (v *agent) triesEverything(hidden leak) {
	v.t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
			Security   []any
		}
	}
	v.must(200, "GET", "/api/v1/openapi.json", nil, &doc)
	tried := 0
	for path, methods := range doc.Paths {
		for lower, op := range methods {
			method := strings.ToUpper(lower)
			if strings.HasSuffix(path, "/feed") || slices.Contains(kept, method+" "+path) {
				continue
			}
			visited := strings.HasPrefix(path, "/chat/v1/")
			body, known := visitorSends[method+" "+path]
			if visited && method != "GET" && !known && path != "/chat/v1/sessions" {
				v.t.Errorf("%s %s is new: say in visitorSends what a visitor sends there", method, path)
			}
			if body == "" {
				body = "{}"
			}
			query := ""
			for _, p := range op.Parameters {
				if p.In == "query" {
					query = "?" + p.Name + "=ID"
				}
			}
			for n, id := range triedWith(hidden, path+query+body) {
				tried++
				replace := strings.NewReplacer("KEY", newKey(), "ID", id, "{id}", id, "{person}", v.id, "{conversation}", id, "{file}", id)
				at := replace.Replace(path + query)
				status, answer, headers := v.call(method, at, []byte(replace.Replace(body)), "X-Forwarded-For", fmt.Sprintf("10.1.%d.%d", tried>>8, tried&255))
				told, _ := json.Marshal(headers)
				hidden.find(v.t, fmt.Sprintf("%s %s: %d", method, at, status), string(answer)+string(told), at+replace.Replace(body))
				if strings.HasPrefix(path, "/api/v1/") && len(op.Security) > 0 && status != 401 {
					v.t.Errorf("%s %s takes a visitor's token: %d %s", method, at, status, answer)
				}
				if visited && status == 429 {
					v.t.Fatalf("%s %s was not asked: too often, after %d", method, at, n)
				}
			}
		}
	}
	if tried < 150 {
		v.t.Errorf("only %d requests were tried", tried)
	}
}

// triedWith gives the ids that a route is tried with: all where it names one, else one.
func triedWith(hidden leak, asked string) []string {
	if !strings.Contains(asked, "{") || !strings.Contains(asked, "ID") && !strings.Contains(asked, "{id}") && !strings.Contains(asked, "{conversation}") {
		return hidden.ids[:1]
	}
	if strings.HasPrefix(asked, "/chat/v1/") { // of which a visitor may ask 40 a minute
		return []string{hidden.ids[0], hidden.ids[2]}
	}
	return hidden.ids
}

// readsFeed reads a visitor's feed from its beginning, and the team's with the same token.
func (v *agent) readsFeed(hidden leak) {
	v.t.Helper()
	v.problem(401, "not-signed-in", "GET", "/api/v1/feed", nil)
	f := v.stream("/chat/v1/feed", "X-Forwarded-For", "10.2.0.1")
	entries, _ := f.until("head")
	f.conn.Close()
	if len(entries) < 3 {
		v.t.Errorf("the feed holds %d events", len(entries))
	}
	for _, e := range entries {
		hidden.find(v.t, "the feed's "+e.name, e.data, "")
	}
}
