package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"

	"recado/app/desk"
	"recado/app/wire"
)

// refusal is one bad request and the problem it must get.
type refusal struct {
	method, path, body string
	status             int
	name               string
}

// refused sends each request and then looks whether anything was changed.
func refused(t *testing.T, a *agent, list []refusal) {
	t.Helper()
	before := a.everything()
	for _, c := range list {
		var body any
		if c.body != "" {
			body = []byte(c.body)
		}
		answer := a.problem(c.status, c.name, c.method, c.path, body)
		if bytes.Contains(answer, []byte("s3cret")) {
			t.Errorf("%s %s: the answer holds what was sent: %s", c.method, c.path, answer)
		}
	}
	if after := a.everything(); after != before {
		t.Errorf("something was changed:\n%s\nbefore:\n%s", after, before)
	}
}

// everything is the caller's snapshot without its moments: what one may see, as one text.
func (a *agent) everything() string {
	a.t.Helper()
	var out strings.Builder
	for next := "first"; next != ""; {
		var page struct {
			Position string            `json:"position"`
			Items    []json.RawMessage `json:"items"`
			Next     string            `json:"next"`
		}
		path := "/api/v1/snapshot?limit=200"
		if next != "first" {
			path += "&cursor=" + next
		}
		a.must(200, "GET", path, nil, &page)
		if next == "first" {
			out.WriteString(page.Position)
		}
		for _, item := range page.Items {
			out.WriteString("\n" + string(withoutMoment(a.t, item)))
		}
		next = page.Next
	}
	return out.String()
}

func withoutMoment(t *testing.T, item json.RawMessage) []byte {
	t.Helper()
	var e map[string]json.RawMessage
	if err := json.Unmarshal(item, &e); err != nil {
		t.Fatal(err)
	}
	delete(e, "at")
	line, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func TestBodiesThatAreNoJSONOfTheContract(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	c := ana.start("first", luis)
	post := "/api/v1/conversations/" + c.ID + "/messages"
	var list []refusal
	for _, b := range []struct {
		body   string
		status int
		name   string
	}{
		{`{`, 400, "malformed"},
		{`{"key":"k1","body":"x"} {}`, 400, "malformed"},
		{`{"key":"k1","body":"x"}]`, 400, "malformed"},
		{"{\"key\":\"k1\",\"body\":\"\xff\xfe\"}", 400, "malformed"},
		{`{"key":"k1","body":"x","body":"y"}`, 400, "malformed"},
		{`{"key":"k1","body":"x","b\u006fdy":"y"}`, 400, "malformed"},
		{`{"key":"k1","body":"\ud800"}`, 400, "malformed"},
		{`{"key":"k1","body":"\udc00\ud800"}`, 400, "malformed"},
		{`{"key":"k1","body":"\\\ud83dx"}`, 400, "malformed"},
		{strings.Repeat(`[`, 20_000), 400, "malformed"},
		{`null`, 422, "invalid"},
		{`[]`, 422, "invalid"},
		{`"s3cret"`, 422, "invalid"},
		{`7`, 422, "invalid"},
		{`{}`, 422, "invalid"},
		{`{"key":"k1","body":3}`, 422, "invalid"},
		{`{"key":"k1","body":{"s3cret":1}}`, 422, "invalid"},
		{`{"key":7,"body":"x"}`, 422, "invalid"},
		{`{"key":null,"body":"x"}`, 422, "invalid"},
		{`{"key":"k1","body":null}`, 422, "invalid"},
		{`{"key":"k1","body":""}`, 422, "invalid"},
		{`{"key":"k1","body":" \u200b\n"}`, 422, "invalid"},
		{`{"key":"k1","body":"a\u0000b"}`, 422, "invalid"},
		{`{"key":"k1","Body":"x"}`, 422, "invalid"},
		{`{"key":"k1","body":"x","author":"s3cret"}`, 422, "invalid"},
		{`{"key":"k1","body":"x","number":7}`, 422, "invalid"},
		{`{"key":"k1","body":"x","files":[null]}`, 422, "invalid"},
		{`{"key":"k1","body":"x","files":"s3cret"}`, 422, "invalid"},
		{`{"key":"k1","body":"x","files":["s3cret"]}`, 422, "unknown-file"},
		{`{"key":"k1","body":"x","mentions":[null]}`, 422, "invalid"},
		{`{"key":"k1","body":"x","mentions":["s3cret"]}`, 422, "unknown-person"},
		{`{"key":"k1","body":"x","audience":"s3cret"}`, 409, "audience-changed"},
		{`{"key":"","body":"x"}`, 422, "invalid"},
		{`{"key":"a b","body":"x"}`, 422, "invalid"},
		{`{"key":"ñ","body":"x"}`, 422, "invalid"},
		{`{"key":"` + strings.Repeat("k", 65) + `","body":"x"}`, 422, "invalid"},
		{`{"key":"k1","body":"` + strings.Repeat("ñ", desk.MaxBody+1) + `"}`, 422, "invalid"},
		{`{"key":"k1","body":"` + strings.Repeat("x", 1<<20) + `"}`, 422, "invalid"},
		{`{"key":"k1","body":"` + strings.Repeat("x", 3<<20) + `"}`, 413, "too-large"},
	} {
		list = append(list, refusal{"POST", post, b.body, b.status, b.name})
	}
	refused(t, ana, list)
	if status, _, _ := ana.call("POST", post, []byte(`{"key":"k1","body":"x"}`), "Content-Type", "text/plain"); status != 415 {
		t.Errorf("text/plain: %d, want 415", status)
	}
	longest := strings.Repeat("𝄞", desk.MaxBody)
	if m := ana.say(c.ID, longest); m.Body != longest {
		t.Error("the longest message is not as it was sent")
	}
}

func TestConversationsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	c := ana.start("first", luis)
	var customer wire.Person
	ana.must(201, "POST", "/api/v1/people", map[string]any{"kind": "customer", "name": "Marta", "email": "marta@customer.test"}, &customer)
	with := func(participants, more string) string {
		return `{"key":"k1","kind":"internal","participants":[` + participants + `],"message":{"body":"s3cret"}` + more + `}`
	}
	me, other := `"`+ana.id+`"`, `"`+luis.id+`"`
	list := []refusal{
		{"POST", "/api/v1/conversations", with(``, ``), 422, "no-recipients"},
		{"POST", "/api/v1/conversations", with(me, ``), 422, "no-recipients"},
		{"POST", "/api/v1/conversations", with(other+`,"`+customer.ID+`"`, ``), 422, "customer-in-internal-conversation"},
		{"POST", "/api/v1/conversations", with(other+`,"`+newKey()+`"`, ``), 422, "unknown-person"},
		{"POST", "/api/v1/conversations", with(other+`,"s3cret"`, ``), 422, "unknown-person"},
		{"POST", "/api/v1/conversations", with(other+`,null`, ``), 422, "invalid"},
		{"POST", "/api/v1/conversations", with(other, `,"kind":"internal"`), 400, "malformed"},
		{"POST", "/api/v1/conversations", with(other, `,"id":"x"`), 422, "invalid"},
		{"POST", "/api/v1/conversations", with(other, `,"item":"s3cret"`), 422, "invalid"},
		{"POST", "/api/v1/conversations", with(other, `,"subject":"`+strings.Repeat("x", desk.MaxSubject+1)+`"`), 422, "invalid"},
		{"POST", "/api/v1/conversations", `{"key":"k1","kind":"s3cret","participants":[` + other + `],"message":{"body":"x"}}`, 422, "invalid"},
		{"POST", "/api/v1/conversations", `{"key":"k1","kind":"internal","participants":"x","message":{"body":"x"}}`, 422, "invalid"},
		{"POST", "/api/v1/conversations", `{"key":"k1","kind":"internal","participants":[` + other + `],"message":null}`, 422, "invalid"},
		{"POST", "/api/v1/conversations", `{"key":"k1","kind":"internal","participants":[` + other + `],"message":{"body":"x","key":"k2"}}`, 422, "invalid"},
		{"POST", "/api/v1/conversations", with(strings.TrimSuffix(strings.Repeat(`"`+newKey()+`",`, 1), ",")+manyPeople(10_000), ``), 422, "invalid"},
		{"PUT", "/api/v1/conversations/" + c.ID + "/participants/" + customer.ID, `{"history":"all"}`, 422, "customer-in-internal-conversation"},
		{"PUT", "/api/v1/conversations/" + c.ID + "/participants/" + newKey(), `{"history":"all"}`, 422, "unknown-person"},
		{"PUT", "/api/v1/conversations/" + c.ID + "/participants/" + luis.id, `{"history":"s3cret"}`, 422, "invalid"},
		{"PUT", "/api/v1/conversations/" + c.ID + "/participants/" + luis.id, `{}`, 422, "invalid"},
		{"DELETE", "/api/v1/conversations/" + c.ID + "/participants/" + newKey(), ``, 404, "not-found"},
		{"PATCH", "/api/v1/conversations/" + c.ID, `{"state":"s3cret"}`, 422, "invalid"},
		{"PATCH", "/api/v1/conversations/" + c.ID, `{"subject":"` + strings.Repeat("x", desk.MaxSubject+1) + `"}`, 422, "invalid"},
		{"PATCH", "/api/v1/conversations/" + c.ID, `{"muted":"yes"}`, 422, "invalid"},
		{"PATCH", "/api/v1/conversations/" + c.ID, `{"assignee":"` + luis.id + `"}`, 422, "invalid"},
		{"PATCH", "/api/v1/conversations/" + c.ID, `{"snoozedUntil":"tomorrow"}`, 422, "invalid"},
		{"PATCH", "/api/v1/conversations/" + c.ID, `{"snoozedUntil":"9999-12-31T23:59:59-14:00"}`, 422, "invalid"},
		{"PATCH", "/api/v1/conversations/" + c.ID, `{"participants":[]}`, 422, "invalid"},
		{"PUT", "/api/v1/conversations/" + c.ID + "/seen", `{}`, 422, "invalid"},
		{"PUT", "/api/v1/conversations/" + c.ID + "/seen", `{"upTo":-1}`, 422, "invalid"},
		{"PUT", "/api/v1/conversations/" + c.ID + "/seen", `{"upTo":1.5}`, 422, "invalid"},
		{"PUT", "/api/v1/conversations/" + c.ID + "/seen", `{"upTo":99999999999999999999}`, 422, "invalid"},
		{"PUT", "/api/v1/conversations/" + c.ID + "/seen", `{"upTo":1,"at":"yesterday"}`, 422, "invalid"},
		{"PUT", "/api/v1/conversations/" + c.ID + "/seen", `{"upTo":1,"at":5}`, 422, "invalid"},
		{"PATCH", "/api/v1/messages/" + c.LastMessage.ID, `{"body":""}`, 422, "invalid"},
		{"PATCH", "/api/v1/messages/" + c.LastMessage.ID, `{"body":"x","author":"` + luis.id + `"}`, 422, "invalid"},
	}
	refused(t, ana, list)
	var v wire.Conversation
	ana.must(200, "PUT", "/api/v1/conversations/"+c.ID+"/seen", map[string]any{"upTo": int64(1) << 62}, &v)
	if v.SeenUpTo != 1 {
		t.Errorf("seen beyond the last message: %d, want 1", v.SeenUpTo)
	}
}

// manyPeople is n ids more, each after a comma.
func manyPeople(n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(`,"` + uuid.NewString() + `"`)
	}
	return b.String()
}

func TestPeopleAndSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	refused(t, ana, []refusal{
		{"POST", "/api/v1/people", `{"kind":"customer","name":"","email":"a@b.test"}`, 422, "invalid"},
		{"POST", "/api/v1/people", `{"kind":"s3cret","name":"N","email":"a@b.test"}`, 422, "invalid"},
		{"POST", "/api/v1/people", `{"kind":"customer","name":"N","email":"s3cret"}`, 422, "invalid"},
		{"POST", "/api/v1/people", `{"kind":"customer","name":"N","email":"a@b.test\r\nBcc: x@y.test"}`, 422, "invalid"},
		{"POST", "/api/v1/people", `{"kind":"customer","name":"N","email":"a@b.test","role":"admin"}`, 422, "invalid"},
		{"POST", "/api/v1/people", `{"kind":"user","name":"N","email":"a@b.test","role":"s3cret"}`, 422, "invalid"},
		{"POST", "/api/v1/people", `{"kind":"user","name":"N","email":"a@b.test","locale":"s3cret"}`, 422, "invalid"},
		{"POST", "/api/v1/people", `{"kind":"user","name":"N","email":"a@b.test","password":"s3cret"}`, 422, "invalid"},
		{"POST", "/api/v1/people", `{"kind":"user","name":"N","email":"LUIS@example.test"}`, 409, "address-taken"},
		{"PATCH", "/api/v1/me", `{"disabled":true}`, 422, "invalid"},
		{"PATCH", "/api/v1/me", `{"locale":"s3cret"}`, 422, "invalid"},
		{"PATCH", "/api/v1/me", `{"id":"x"}`, 422, "invalid"},
		{"PATCH", "/api/v1/people/" + luis.id, `{"role":"owner"}`, 422, "invalid"},
		{"PATCH", "/api/v1/people/" + newKey(), `{"name":"x"}`, 404, "not-found"},
		{"PUT", "/api/v1/me/password", `{"old":"s3cret","new":"long enough to be one"}`, 422, "wrong-password"},
		{"PUT", "/api/v1/me/password", `{"old":"` + password + `","new":"short"}`, 422, "invalid"},
		{"PUT", "/api/v1/me/presence", `{"state":"s3cret"}`, 422, "invalid"},
		{"PUT", "/api/v1/settings/notifications", `{}`, 422, "invalid"},
		{"PUT", "/api/v1/settings/notifications", `{"bubbles":"all","mail":{"afterSeconds":-1}}`, 422, "invalid"},
		{"PUT", "/api/v1/settings/notifications", `{"bubbles":"all","quietHours":{"from":"25:00","to":"07:00"},"mail":{}}`, 422, "invalid"},
	})
	refused(t, luis, []refusal{ // an agent is no admin
		{"POST", "/api/v1/people", `{"kind":"user","name":"N","email":"a@b.test"}`, 403, "forbidden"},
		{"PATCH", "/api/v1/me", `{"role":"admin"}`, 403, "forbidden"},
		{"PATCH", "/api/v1/people/" + ana.id, `{"name":"x"}`, 403, "forbidden"},
		{"PATCH", "/api/v1/people/" + luis.id, `{"email":"other@example.test"}`, 403, "forbidden"},
	})
}

func TestQueriesThatCannotBe(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	for range 3 {
		ana.start("first", luis)
	}
	var page wire.Page[wire.Conversation]
	ana.must(200, "GET", "/api/v1/conversations?limit=1", nil, &page)
	if page.Next == "" {
		t.Fatal("no cursor")
	}
	made := func(place string) string { return base64.RawURLEncoding.EncodeToString([]byte(place)) }
	var list []refusal
	for _, path := range []string{"/people", "/conversations", "/snapshot", "/search", "/conversations/" + page.Items[0].ID + "/messages"} {
		for _, l := range []string{"0", "-1", "201", "x", "", "1.5", "99999999999999999999"} {
			list = append(list, refusal{"GET", "/api/v1" + path + "?limit=" + l, "", 422, "invalid"})
		}
		list = append(list, refusal{"GET", "/api/v1" + path + "?limit=1&x=%ff", "", 400, "malformed"},
			refusal{"GET", "/api/v1" + path + "?x=%zz", "", 400, "malformed"}, refusal{"GET", "/api/v1" + path + "?x=%00", "", 400, "malformed"})
	}
	for _, path := range []string{"/people", "/conversations?view=unread", "/snapshot", "/search?q=x"} {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		for _, c := range []string{page.Next, "s3cret", "====", made("people"), made("nowhere\x1fx"), made("search\x1fx"), made("people\x1f\xff"), made("people\x1fa\x00b\x00c"),
			made("snapshot\x1fx1"), made("snapshot\x1fc\x00"), made("conversations:unread\x1f7"), made("conversations:unread\x1fx \x00")} {
			if path == "/snapshot" && c == made("snapshot\x1fc\x00") {
				continue // two parts are a place of a list; there is nothing after it
			}
			list = append(list, refusal{"GET", "/api/v1" + path + sep + "cursor=" + c, "", 422, "invalid"})
		}
	}
	list = append(list,
		refusal{"GET", "/api/v1/conversations?view=s3cret", "", 422, "invalid"},
		refusal{"GET", "/api/v1/conversations?view=all", "", 422, "invalid"},
		refusal{"GET", "/api/v1/conversations?query=" + strings.Repeat("x+", 60), "", 422, "invalid"},
		refusal{"GET", "/api/v1/people?kind=s3cret", "", 422, "invalid"},
		refusal{"GET", "/api/v1/people?query=" + strings.Repeat("x+", 60), "", 422, "invalid"},
		refusal{"GET", "/api/v1/search?q=" + strings.Repeat("x", 501), "", 422, "invalid"},
		refusal{"GET", "/api/v1/search?q=a+b+c+d+e+f+g+h+i+j+k+l+m", "", 422, "invalid"},
		refusal{"GET", "/api/v1/conversations/" + page.Items[0].ID + "/messages?before=x", "", 422, "invalid"},
		refusal{"GET", "/api/v1/conversations/" + page.Items[0].ID + "/messages?after=-1", "", 422, "invalid"})
	refused(t, ana, list)
	for _, q := range []string{"before=9223372036854775807", "after=9223372036854775807", "after=0", "before=1"} {
		ana.must(200, "GET", "/api/v1/conversations/"+page.Items[0].ID+"/messages?"+q, nil, nil)
	}
	for _, q := range []string{`"`, `*`, `a*`, `NEAR(a b)`, `body:x`, `a OR b`, `-a`, `'; DROP TABLE messages; --`, `%`, `_`, `☀`, ``} {
		ana.must(200, "GET", "/api/v1/search?"+urlQuery("q", q), nil, nil)
		ana.must(200, "GET", "/api/v1/people?"+urlQuery("query", q), nil, nil)
		ana.must(200, "GET", "/api/v1/conversations?"+urlQuery("query", q), nil, nil)
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana := s.user("Ana", desk.Admin)
	nobody := &agent{testServer: s}
	refused(t, ana, []refusal{
		{"GET", "/api/v1/nothing", "", 404, "not-found"},
		{"GET", "/", "", 404, "not-found"},
		{"DELETE", "/api/v1/me", "", 405, "method-not-allowed"},
		{"POST", "/healthz", "", 405, "method-not-allowed"},
		{"PATCH", "/api/v1/conversations", "{}", 405, "method-not-allowed"},
	})
	if _, _, h := ana.call("DELETE", "/api/v1/me", nil); h.Get("Allow") != "GET, PATCH" {
		t.Errorf("Allow: %q", h.Get("Allow"))
	}
	for _, r := range signedRoutes(newKey()) {
		nobody.problem(401, "not-signed-in", r.method, r.path, []byte("{"))
	}
	if status, answer, _ := ana.call("POST", "/api/v1/conversations", []byte("{}"), "Origin", "https://elsewhere.test", "Sec-Fetch-Site", "cross-site"); status != 403 {
		t.Errorf("from another web site: %d %s", status, answer)
	}
}
