package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/wire"
)

func TestFeedBeginsWithHelloAndEndsInHead(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	c := ana.start("first ☀ ñ 𝄞", luis)
	f := luis.feed("")
	hello, _ := f.next()
	h := decodeEvent[wire.Hello](t, hello)
	if hello.name != "hello" || hello.id != "" || h.Epoch == "" || h.Boot == "" || h.Floor != 0 || h.HeartbeatSeconds != 15 {
		t.Fatalf("hello: %+v", hello)
	}
	entries, head := f.until("head")
	if decodeEvent[wire.Head](t, head).Head != int64(len(entries)) || h.Head != int64(len(entries)) {
		t.Errorf("head %s after %d entries", head.data, len(entries))
	}
	for i, e := range entries {
		if want := fmt.Sprintf("%s.%d", h.Epoch, i+1); e.id != want || !e.idLast {
			t.Errorf("entry %d: id %q, want %q, last: %v", i+1, e.id, want, e.idLast)
		}
		if got := decodeEvent[wire.Entry](t, e); got.Number != int64(i+1) || got.Type != e.name {
			t.Errorf("entry %d: %s", i+1, e.data)
		}
	}
	ana.say(c.ID, "live")
	_, e := f.until("message.created")
	if m := decodeEvent[wire.Entry](t, e).Message; m.Body != "live" || m.Key != "" {
		t.Errorf("a live message: %s", e.data)
	}
}

func TestFeedResumesAndResets(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	ana.start("one", luis)
	entries, _ := luis.feed("").until("head")
	last := entries[len(entries)-1]
	cursor, _ := wire.ParseCursor(last.id)
	if f := luis.feed("", "Last-Event-ID", entries[len(entries)-2].id); true {
		between, _ := f.until("message.created")
		if len(between) != 1 {
			t.Errorf("resuming one before the end gave %d events first", len(between))
		}
	}
	for cursor, reason := range map[string]string{
		"deadbeef.5": "other-epoch", "nonsense": "unreadable-cursor", cursor.Epoch + ".-1": "unreadable-cursor",
		cursor.Epoch + ".999999999999999999999999": "unreadable-cursor", cursor.Epoch + ".01": "unreadable-cursor",
		cursor.Epoch + ".99": "future-cursor", strings.Repeat("x", 5000): "unreadable-cursor",
	} {
		f := luis.feed("", "Last-Event-ID", cursor)
		before, e := f.until("reset")
		if len(before) != 1 || before[0].name != "hello" || decodeEvent[wire.Reset](t, e).Reason != reason {
			t.Errorf("%.40s: %+v %+v, want %s", cursor, before, e, reason)
		}
		if _, more := f.next(); more {
			t.Errorf("%.40s: the stream went on after reset", cursor)
		}
	}
	if _, e := luis.feed("?after="+last.id, "Recado-Boot", "unknown").until("reset"); decodeEvent[wire.Reset](t, e).Reason != "unknown-boot" {
		t.Errorf("an unknown boot: %+v", e)
	}
	luis.feed("?after=" + last.id).until("head")
}

func TestEpochChangesWhenTheDatabaseIsACopy(t *testing.T) {
	t.Parallel()
	first, second := t.TempDir(), t.TempDir()
	s := start(t, first)
	luis := s.user("Luis", desk.Agent)
	_, e := luis.feed("").until("hello")
	was := decodeEvent[wire.Hello](t, e)
	s.stop()
	s.tools.Close()
	s = start(t, first)
	_, e = s.signIn("luis@example.test").feed("", "Recado-Boot", was.Boot).until("hello")
	if again := decodeEvent[wire.Hello](t, e); again.Epoch != was.Epoch || again.Boot == was.Boot {
		t.Errorf("after a restart: %+v, was %+v", again, was)
	}
	s.stop()
	s.tools.Close()
	b, err := os.ReadFile(filepath.Join(first, "recado.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(second, "recado.db"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	s = start(t, second)
	_, e = s.signIn("luis@example.test").feed("").until("hello")
	if copied := decodeEvent[wire.Hello](t, e); copied.Epoch == was.Epoch {
		t.Error("a copy kept its epoch")
	}
}

func TestRevokedSessionsStreamEnds(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	s.user("Luis", desk.Agent)
	one, two := s.signIn("luis@example.test"), s.signIn("luis@example.test")
	f, stays := one.feed(""), two.feed("")
	f.until("head")
	stays.until("head")
	one.must(204, "DELETE", "/api/v1/sessions/current", nil, nil)
	_, e := f.until("bye")
	if decodeEvent[wire.Bye](t, e).Reason != "session-ended" {
		t.Errorf("bye: %s", e.data)
	}
	if _, more := f.next(); more {
		t.Error("the stream went on")
	}
	one.problem(401, "not-signed-in", "GET", "/api/v1/me", nil)
	two.must(200, "GET", "/api/v1/me", nil, nil)
	eva := s.user("Eva", desk.Agent)
	eva.start("to the other device", two)
	stays.until("message.created")
}

func TestLargeMessageIsTruncatedInTheFeed(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	f := luis.feed("")
	f.until("head")
	body := strings.Repeat("ñ☀", 70_000)
	c := ana.start(body, luis)
	before, e := f.until("message.created")
	for _, b := range before {
		if len(b.data) > 32<<10 {
			t.Errorf("%s of %d bytes", b.name, len(b.data))
		}
		if made := decodeEvent[wire.Entry](t, b).Conversation; made != nil && (!made.Truncated || made.ID != c.ID || made.LastMessage != nil) {
			t.Errorf("the conversation: %.300s", b.data)
		}
	}
	m := decodeEvent[wire.Entry](t, e).Message
	if len(e.data) > 32<<10 || !m.Truncated || m.Body != "" || m.Number != 1 {
		t.Errorf("%d bytes: %.200s", len(e.data), e.data)
	}
	var whole wire.Message
	luis.must(200, "GET", "/api/v1/messages/"+m.ID, nil, &whole)
	if whole.Body != body {
		t.Error("the whole message is not what was sent")
	}
}

func TestShutdownSaysByeAndOutsiderHearsNothing(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis, eva := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent), s.user("Eva", desk.Agent)
	f := eva.feed("")
	f.until("head")
	c := ana.start("a secret", luis)
	ana.say(c.ID, "another secret")
	luis.must(204, "POST", "/api/v1/conversations/"+c.ID+"/typing", nil, nil)
	s.stop()
	before, e := f.until("bye")
	for _, b := range before {
		if b.name != "head" && b.name != "person.changed" {
			t.Errorf("an outsider heard %+v", b)
		}
	}
	if b := decodeEvent[wire.Bye](t, e); b.Reason != "shutdown" || b.RetryAfterMS <= 0 {
		t.Errorf("bye: %+v", b)
	}
}

func TestTypingReachesTheCircleAlone(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	c := ana.start("one", luis)
	f := luis.feed("")
	f.until("head")
	ana.must(204, "POST", "/api/v1/conversations/"+c.ID+"/typing", nil, nil)
	_, e := f.until("typing")
	if got := decodeEvent[wire.Typing](t, e); got.Person != ana.id || got.Conversation != c.ID || e.id != "" {
		t.Errorf("typing: %+v", e)
	}
}

func TestSnapshotOverHTTP(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	c := ana.start("one", luis)
	for i := range 9 {
		ana.say(c.ID, fmt.Sprint(i))
	}
	kinds := map[string]int{}
	position, cursor := "", ""
	for {
		var p wire.SnapshotPage
		luis.must(200, "GET", "/api/v1/snapshot?limit=3&cursor="+cursor, nil, &p)
		if position == "" {
			position = p.Position
		}
		for _, e := range p.Items {
			kinds[e.Type]++
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	want := map[string]int{"settings.changed": 1, "person.changed": 2, "conversation.created": 1, "message.created": 10}
	if fmt.Sprint(kinds) != fmt.Sprint(want) {
		t.Errorf("snapshot holds %v, want %v", kinds, want)
	}
	ana.say(c.ID, "afterwards")
	before, e := luis.feed("?after=" + position).until("message.created")
	if len(before) != 1 || decodeEvent[wire.Entry](t, e).Message.Body != "afterwards" {
		t.Errorf("going on from the snapshot: %+v %s", before, e.data)
	}
	findings, err := s.tools.Check(context.Background())
	if err != nil || len(findings) != 0 {
		t.Errorf("check: %v, %v", findings, err)
	}
}

func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	a := &agent{testServer: s}
	var doc struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	a.must(200, "GET", "/api/v1/openapi.json", nil, &doc)
	if doc.OpenAPI != "3.1.0" || len(doc.Paths) < 25 || doc.Paths["/api/v1/conversations/{id}/messages"]["post"] == nil {
		t.Errorf("openapi %q with %d paths", doc.OpenAPI, len(doc.Paths))
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		a.must(200, "GET", path, nil, nil)
	}
}
