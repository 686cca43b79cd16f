package server_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

// script is a run of requests with their answers, ids and moments replaced by names, so that it reads the same each time.
type script struct {
	t     *testing.T
	out   bytes.Buffer
	names map[string]string
}

var (
	anyID     = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anyMoment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)
)

func (s *script) plain(text string) string {
	text = anyMoment.ReplaceAllString(text, "MOMENT")
	return anyID.ReplaceAllStringFunc(text, func(id string) string {
		if s.names[id] == "" {
			s.names[id] = fmt.Sprintf("ID-%d", len(s.names)+1)
		}
		return s.names[id]
	})
}

// ask sends and notes one request; people go by their names.
func (s *script) ask(a *agent, who, method, path string, body any) (answer []byte) {
	s.t.Helper()
	status, answer, _ := a.call(method, "/api/v1"+path, body)
	sent := ""
	if body != nil {
		j, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		sent = " " + string(j)
	}
	var pretty bytes.Buffer
	if len(answer) > 0 {
		if err := json.Indent(&pretty, answer, "", "  "); err != nil {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
	fmt.Fprintf(&s.out, "> %s: %s %s%s\n%d %s\n\n", who, method, s.plain(path), s.plain(sent), status, s.plain(pretty.String()))
	return answer
}

// TestForms holds every form of the contract to the letter: a name that changes here breaks whoever reads it.
func TestForms(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	sc := &script{t: t, names: map[string]string{ana.id: "ANA", luis.id: "LUIS"}}
	var c wire.Conversation
	read(t, sc.ask(ana, "ana", "POST", "/conversations", map[string]any{"key": "k1", "kind": "internal", "participants": []string{luis.id}, "message": map[string]any{"body": "Hola ☀ ñ 𝄞"}}), &c)
	sc.names[ana.upload("plan.txt", "the plan").ID] = "FILE"
	var m wire.Message
	read(t, sc.ask(luis, "luis", "POST", "/conversations/"+c.ID+"/messages", map[string]any{"key": "k1", "body": "Sí, <@" + ana.id + "|Ana>"}), &m)
	sc.ask(luis, "luis", "PATCH", "/messages/"+m.ID, map[string]any{"body": "No, <@" + ana.id + "|Ana>"})
	sc.ask(ana, "ana", "GET", "/conversations?view=mentions", nil)
	sc.ask(ana, "ana", "PUT", "/conversations/"+c.ID+"/seen", map[string]any{"upTo": 2})
	sc.ask(ana, "ana", "GET", "/messages/"+m.ID+"/deliveries", nil)
	sc.ask(ana, "ana", "GET", "/messages/"+c.LastMessage.ID+"/deliveries", nil)
	sc.ask(ana, "ana", "PATCH", "/conversations/"+c.ID, map[string]any{"subject": "Plan", "muted": true, "snoozedUntil": "2030-01-01T00:00:00Z"})
	sc.ask(luis, "luis", "GET", "/conversations/"+c.ID, nil)
	sc.ask(luis, "luis", "DELETE", "/messages/"+m.ID, nil)
	sc.ask(ana, "ana", "GET", "/conversations/"+c.ID+"/messages?after=0", nil)
	sc.ask(ana, "ana", "GET", "/search?q=hola", nil)
	sc.ask(ana, "ana", "GET", "/people?kind=user&query=lu", nil)
	sc.ask(ana, "ana", "PUT", "/settings/notifications", map[string]any{"bubbles": "mentions", "sound": true, "preview": false,
		"quietHours": map[string]string{"from": "22:00", "to": "07:00"}, "mail": map[string]any{"on": true, "afterSeconds": 90}})
	sc.ask(ana, "ana", "GET", "/me", nil)
	sc.ask(ana, "ana", "POST", "/conversations/"+c.ID+"/messages", map[string]any{"key": "k9", "body": ""})
	sc.ask(ana, "ana", "GET", "/messages/nothing", nil)
	golden(t, "forms.golden", sc.out.Bytes())
}

func read(t *testing.T, b []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	a, b := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			t.Fatalf("%s, line %d: %s\nwant %s", path, i+1, a[i], strings.Join(b[min(i, len(b)):min(i+1, len(b))], ""))
		}
	}
	t.Fatalf("%s: %d lines, want %d", path, len(a), len(b))
}

// TestViews walks one conversation through every view of the team.
func TestViews(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	c := ana.start("first", luis)
	path := "/api/v1/conversations/" + c.ID
	in := func(a *agent, view string, want bool) {
		t.Helper()
		var page wire.Page[wire.Conversation]
		a.must(200, "GET", "/api/v1/conversations?"+view, nil, &page)
		if got := len(page.Items) == 1; got != want {
			t.Errorf("?%s: %v, want %v", view, got, want)
		}
	}
	in(ana, "view=internal-sent", true)
	in(ana, "view=internal-inbox", false)
	in(ana, "view=unread", false)
	in(luis, "view=internal-inbox", true)
	in(luis, "view=internal-sent", false)
	in(luis, "view=unread", true)
	in(luis, "view=open", false)
	in(luis, "view=mine", false)
	luis.must(200, "PUT", path+"/seen", map[string]any{"upTo": 1}, nil)
	in(luis, "view=unread", false)
	luis.say(c.ID, "an answer")
	in(luis, "view=internal-sent", true)
	in(ana, "view=internal-inbox", true)
	in(ana, "view=unread", true)
	ana.must(200, "PATCH", path, map[string]any{"subject": "Año nuevo", "snoozedUntil": time.Now().Add(time.Hour)}, nil)
	in(ana, "view=snoozed", true)
	in(luis, "view=snoozed", false)
	ana.must(200, "PATCH", path, map[string]any{"snoozedUntil": nil}, nil)
	in(ana, "view=snoozed", false)
	for query, want := range map[string]bool{"ano": true, "AÑO+nue": true, "nuevo": true, "lui": true, "ana": false, "uevo": false, "nothing": false} {
		in(ana, "query="+query, want)
	}
}
