package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/app/desk"
	"recado/app/server"
	"recado/app/server/accounts"
	"recado/app/wire"
)

// desk under test: a real server on a free port, with its data in a temporary folder.
type testServer struct {
	t     *testing.T
	data  string
	url   string
	stop  func()
	tools *server.Tools
	mail  string // host:port on which mail is taken
}

const password = "correct horse 42 battery"

func start(t *testing.T, data string) *testServer {
	t.Helper()
	return startWith(t, server.Config{Data: data})
}

func startWith(t *testing.T, config server.Config) *testServer {
	t.Helper()
	config.Listen, config.Log = "127.0.0.1:0", slog.New(slog.NewTextHandler(io.Discard, nil))
	ctx, cancel := context.WithCancel(context.Background())
	s, err := server.Open(ctx, config)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- s.Serve(ctx, func(a string) { ready <- a }) }()
	ts := &testServer{t: t, data: config.Data}
	select {
	case a := <-ready:
		ts.url, ts.mail = "http://"+a, s.MailAddress()
	case err := <-done:
		cancel()
		t.Fatal(err)
	}
	stopped := false
	ts.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve ended with %v", err)
		}
	}
	t.Cleanup(ts.stop)
	if ts.tools, err = server.OpenTools(context.Background(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ts.tools.Close() })
	return ts
}

type agent struct {
	*testServer
	token string
	id    string
}

func (s *testServer) user(name string, role desk.Role) *agent {
	s.t.Helper()
	email := strings.ToLower(name) + "@example.test"
	if _, _, err := s.tools.Accounts.Add(context.Background(), accounts.NewPerson{Kind: desk.User, Name: name, Email: email, Role: role, Password: password}); err != nil {
		s.t.Fatal(err)
	}
	return s.signIn(email)
}

func (s *testServer) signIn(email string) *agent {
	s.t.Helper()
	a := &agent{testServer: s}
	var out wire.Session
	a.must(201, "POST", "/api/v1/sessions", map[string]any{"email": email, "password": password, "device": "test"}, &out)
	a.token, a.id = out.Token, out.Person.ID
	return a
}

// call sends body (a []byte as it is, anything else as JSON) and gives status and answer.
func (a *agent) call(method, path string, body any, headers ...string) (int, []byte, http.Header) {
	a.t.Helper()
	var rd io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		rd = bytes.NewReader(b)
	default:
		j, err := json.Marshal(b)
		if err != nil {
			a.t.Fatal(err)
		}
		rd = bytes.NewReader(j)
	}
	req, err := http.NewRequest(method, a.url+path, rd)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return res.StatusCode, answer, res.Header
}

func (a *agent) must(status int, method, path string, body, out any) {
	a.t.Helper()
	got, answer, _ := a.call(method, path, body)
	if got != status {
		a.t.Fatalf("%s %s: %d %s, want %d", method, path, got, answer, status)
	}
	if out != nil {
		if err := json.Unmarshal(answer, out); err != nil {
			a.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
}

// problem asserts a refusal: its status, its name, and its form.
func (a *agent) problem(status int, name, method, path string, body any) []byte {
	a.t.Helper()
	got, answer, h := a.call(method, path, body)
	var p wire.Problem
	json.Unmarshal(answer, &p)
	if got != status || p.Name() != name || h.Get("Content-Type") != "application/problem+json" || p.Title == "" || p.Status != status {
		a.t.Errorf("%s %s: %d %s, want %d %s", method, path, got, answer, status, name)
	}
	return answer
}

func newKey() string { return uuid.Must(uuid.NewV7()).String() }

func (a *agent) start(body string, with ...*agent) wire.Conversation {
	a.t.Helper()
	ids := []string{}
	for _, w := range with {
		ids = append(ids, w.id)
	}
	var c wire.Conversation
	a.must(201, "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "internal", "participants": ids, "message": map[string]any{"body": body}}, &c)
	return c
}

func (a *agent) say(conversation, body string) wire.Message {
	a.t.Helper()
	var m wire.Message
	a.must(201, "POST", "/api/v1/conversations/"+conversation+"/messages", map[string]any{"key": newKey(), "body": body}, &m)
	return m
}

// event is one server-sent event as it came: its lines in their order.
type event struct {
	name, id, data string
	idLast         bool
}

type stream struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

// feed opens a stream as any client would; headers are pairs.
func (a *agent) feed(query string, headers ...string) *stream {
	a.t.Helper()
	return a.stream("/api/v1/feed"+query, headers...)
}

func (a *agent) stream(path string, headers ...string) *stream {
	a.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.url, "http://"))
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n", path, a.token)
	for i := 0; i+1 < len(headers); i += 2 {
		fmt.Fprintf(conn, "%s: %s\r\n", headers[i], headers[i+1])
	}
	fmt.Fprint(conn, "\r\n")
	s := &stream{a.t, conn, bufio.NewReader(conn)}
	res, err := http.ReadResponse(s.r, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("X-Accel-Buffering") != "no" {
		a.t.Fatalf("feed: %d %v", res.StatusCode, res.Header)
	}
	s.r = bufio.NewReader(res.Body)
	return s
}

// next gives the next event, ok false at the end of the stream.
func (s *stream) next() (e event, ok bool) {
	s.t.Helper()
	for {
		line, err := s.r.ReadString('\n')
		if err != nil {
			return event{}, false
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			return e, true
		}
		field, value, _ := strings.Cut(line, ": ")
		e.idLast = field == "id"
		switch field {
		case "event":
			e.name = value
		case "data":
			e.data += value
		case "id":
			e.id = value
		default:
			s.t.Fatalf("a line that is none of the form: %q", line)
		}
	}
}

// until reads to the first event of a name, and gives all before it and itself.
func (s *stream) until(name string) (before []event, e event) {
	s.t.Helper()
	for {
		e, ok := s.next()
		if !ok {
			s.t.Fatalf("the stream ended before %s", name)
		}
		if e.name == name {
			return before, e
		}
		before = append(before, e)
	}
}

func decodeEvent[T any](t *testing.T, e event) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(e.data), &v); err != nil {
		t.Fatalf("%v in %s", err, e.data)
	}
	return v
}
