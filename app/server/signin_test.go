package server_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/app/desk"
	"recado/app/kit/pgtest"
	"recado/app/server"
)

// TestManyWrongPasswordsAtOnce: the limit of ten holds for tries that are under way together, too.
func TestManyWrongPasswordsAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	luis := s.user("Luis", desk.Agent)
	var compared, refused atomic.Int64
	var trying sync.WaitGroup
	for range 40 {
		trying.Go(func() {
			nobody := &agent{testServer: s}
			switch status, answer, h := nobody.call("POST", "/api/v1/sessions", map[string]any{"email": "LUIS@example.test", "password": "wrong", "device": "x"}); {
			case status == 401:
				compared.Add(1)
			case status == 429 && h.Get("Retry-After") != "":
				refused.Add(1)
			default:
				t.Errorf("%d %s", status, answer)
			}
		})
	}
	trying.Wait()
	if compared.Load() != 10 || refused.Load() != 30 {
		t.Errorf("%d passwords were compared and %d tries refused, want 10 and 30", compared.Load(), refused.Load())
	}
	trying.Wait()
	for range 20 {
		trying.Go(func() {
			body := map[string]any{"old": "wrong", "new": "another good password 7"}
			if status, answer, _ := luis.call("PUT", "/api/v1/me/password", body); status != 429 {
				t.Errorf("changing the password of a locked account: %d %s", status, answer)
			}
		})
	}
	trying.Wait()
}

// TestTheSameContentInOtherForms: a key that comes again with an empty list where none was, or with null, is the same.
func TestTheSameContentInOtherForms(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	c := ana.start("first", luis)
	for i, again := range []map[string]any{
		{"key": "k", "body": "x"}, {"key": "k", "body": "x", "files": []string{}}, {"key": "k", "body": "x", "mentions": []string{}},
		{"key": "k", "body": "x", "files": nil, "mentions": nil},
	} {
		want := 200
		if i == 0 {
			want = 201
		}
		ana.must(want, "POST", "/api/v1/conversations/"+c.ID+"/messages", again, nil)
	}
	for i, message := range []map[string]any{{"body": "y"}, {"body": "y", "files": []string{}, "mentions": []string{}}} {
		want := 201
		if i > 0 {
			want = 200
		}
		ana.must(want, "POST", "/api/v1/conversations", map[string]any{"key": "c", "kind": "internal", "participants": []string{luis.id}, "message": message}, nil)
	}
}

// TestWhoNeverSendsTheirBodyIsAnswered: a connection that promises a body and sends none is answered and closed, and
// costs no place for long.
func TestWhoNeverSendsTheirBodyIsAnswered(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for path, want := range map[string]int{"/api/v1/conversations": 401, "/nowhere": 404, "/api/v1/people": 401} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", path)
		r := bufio.NewReader(conn)
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if res.StatusCode != want || !res.Close {
			t.Errorf("%s: %d, closing: %v; want %d and closed", path, res.StatusCode, res.Close, want)
		}
	}
}

// TestLimitsBehindAProxy: only a proxy that is trusted may say where a request comes from.
func TestLimitsBehindAProxy(t *testing.T) {
	t.Parallel()
	fails := func(s *testServer, from string) (status int) {
		nobody := &agent{testServer: s}
		status, _, _ = nobody.call("POST", "/api/v1/invitations/accept", map[string]any{"token": "wrong", "password": password, "device": "x"}, "X-Forwarded-For", from)
		return status
	}
	plain := start(t, t.TempDir())
	for i := range 100 {
		fails(plain, fmt.Sprint("198.51.100.", i))
	}
	if got := fails(plain, "203.0.113.9"); got != 429 {
		t.Errorf("a header got round the limit: %d", got)
	}
	proxied := startWith(t, server.Config{Data: t.TempDir(), Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for i := range 100 {
		fails(proxied, fmt.Sprintf("203.0.113.%d, 198.51.100.1, 127.0.0.9", i))
	}
	if got := fails(proxied, "198.51.100.1"); got != 429 {
		t.Errorf("what a client wrote before the proxy got round the limit: %d", got)
	}
	if got := fails(proxied, "198.51.100.2"); got != 404 {
		t.Errorf("another client of the proxy: %d", got)
	}
}

// TestDatabaseAway: while PostgreSQL takes no connections requests are told to come back, and are served once it does.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	s := startWith(t, server.Config{Data: t.TempDir(), Database: address})
	ana := s.user("Ana", desk.Admin)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	admin, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	// Connections that PostgreSQL ended are no trouble while it takes new ones.
	var some sync.WaitGroup
	for range 8 {
		some.Go(func() { ana.must(200, "GET", "/api/v1/people", nil, nil) })
	}
	some.Wait()
	const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
	if _, err := admin.Exec(t.Context(), end+name+"'"); err != nil {
		t.Fatal(err)
	}
	ana.must(200, "GET", "/api/v1/people", nil, nil)
	for _, statement := range []string{"ALTER DATABASE " + name + " ALLOW_CONNECTIONS false", end + name + "'"} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	status, answer, h := ana.call("GET", "/api/v1/people", nil)
	if status != 503 || h.Get("Retry-After") == "" || !strings.Contains(string(answer), "urn:recado:problem:unavailable") {
		t.Errorf("%d %s", status, answer)
	}
	if _, err := admin.Exec(t.Context(), "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true"); err != nil {
		t.Fatal(err)
	}
	ana.must(200, "GET", "/api/v1/people", nil, nil)
}

func TestBadLinesAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	for _, subject := range []string{"a\r\nBcc: x@y", "a\nb", "a\ab"} {
		ana.problem(422, "invalid", "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "internal", "participants": []string{luis.id}, "subject": subject, "message": map[string]any{"body": "x"}})
	}
	for _, name := range []string{"Ana \u202eevil", "Ana\u2066"} {
		ana.problem(422, "invalid", "PATCH", "/api/v1/people/"+luis.id, map[string]any{"name": name})
	}
	ana.problem(422, "invalid", "PATCH", "/api/v1/people/"+ana.id, map[string]any{"role": "agent"})
	for _, query := range []string{"limit=1&limit=2", "limit=%2B5", "limit="} {
		ana.problem(422, "invalid", "GET", "/api/v1/people?"+query, nil)
	}
}
