package desktop

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"recado/app/desktop/bind"
	"recado/app/desktop/notify"
)

type silent struct{}

func (silent) Show(notify.Bubble) error { return nil }
func (silent) Withdraw(string)          {}

// start runs the browser's face of a fresh profile and gives the printed address.
func start(t *testing.T) (address *url.URL) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	o := Options{Base: t.TempDir(), UI: fstest.MapFS{"index.html": {Data: []byte("<title>Recado</title>")}},
		Version: "test", Logger: slog.New(slog.DiscardHandler), Program: "/nonexistent", Notifier: silent{}}
	go func() {
		ended <- Browser(ctx, o, BrowserOptions{Listen: "127.0.0.1:0", NoOpen: true, Out: in})
		in.CloseWithError(io.EOF)
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(<-ended)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Browser ended with %v", err)
		}
	})
	printed, ok := strings.CutPrefix(strings.TrimSpace(line), "recado: open ")
	if !ok {
		t.Fatalf("printed %q", line)
	}
	address, err = url.Parse(printed)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// enter swaps the token for a cookie, as a browser does.
func enter(t *testing.T, address *url.URL) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	res, err := c.Get(address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Request.URL.RawQuery != "" {
		t.Fatalf("entered with %d at %s, want 200 without the token", res.StatusCode, res.Request.URL)
	}
	return c
}

func do(t *testing.T, c *http.Client, method, target, body string, header map[string]string) (int, map[string]any, http.Header) {
	t.Helper()
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
		if k == "Host" {
			req.Host = v
		}
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var content map[string]any
	json.NewDecoder(res.Body).Decode(&content)
	return res.StatusCode, content, res.Header
}

func TestOnlyTheOneWhoWasShownTheAddressComesIn(t *testing.T) {
	t.Parallel()
	address := start(t)
	base := "http://" + address.Host
	known := enter(t, address)
	stranger := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, target := range []string{"/", "/index.html", "/rpc/events", "/files/x", "/?token=wrong", "/nothing"} {
		if status, _, _ := do(t, stranger, "GET", base+target, "", nil); status != 401 {
			t.Errorf("GET %s without the cookie: %d, want 401", target, status)
		}
	}
	status, _, header := do(t, stranger, "GET", address.String(), "", nil)
	cookie := header.Get("Set-Cookie")
	if status != 303 || header.Get("Location") != "/" || !strings.HasPrefix(cookie, "recado_"+address.Port()+"=") ||
		!strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
		t.Errorf("the token gives %d to %q with %q", status, header.Get("Location"), cookie)
	}
	for name, bad := range map[string]map[string]string{
		"another origin": {"Origin": "http://evil.example"}, "another port": {"Origin": "http://127.0.0.1:1"},
		"a rebound name": {"Host": "evil.example:" + address.Port()}, "another site": {"Sec-Fetch-Site": "cross-site"},
	} {
		if status, body, _ := do(t, known, "POST", base+"/rpc/Session/State", "[]", bad); status != 403 || body["code"] != "foreign-origin" {
			t.Errorf("%s: %d %v, want 403", name, status, body)
		}
	}
	status, body, _ := do(t, known, "POST", base+"/rpc/Session/State", "[]", map[string]string{"Origin": base})
	result, _ := body["result"].(map[string]any)
	if status != 200 || result["stage"] != bind.FirstStart || result["face"] != bind.BrowserFace {
		t.Errorf("State: %d %v", status, body)
	}
	_, _, header = do(t, known, "GET", base+"/", "", nil)
	if got := header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("policy of the page %q", got)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	address := start(t)
	c := enter(t, address)
	for _, call := range []struct {
		method, args string
		status       int
		code         string
	}{
		{"Session/Nothing", `[]`, 404, "no-such-method"},
		{"Nobody/State", `[]`, 404, "no-such-method"},
		{"Session/State", `{`, 400, "invalid-call"},
		{"Session/State", `null`, 400, "invalid-call"},
		{"Session/State", `{}`, 400, "invalid-call"},
		{"Session/State", `[] []`, 400, "invalid-call"},
		{"Session/State", `["more"]`, 422, "invalid-call"},
		{"Contacts/List", `["a"]`, 422, "invalid-call"},
		{"Contacts/List", `[1, ""]`, 422, "invalid-call"},
		{"Contacts/List", `[null, ""]`, 422, "invalid-call"},
		{"Conversations/Messages", `["x", 1.5, 0, 10]`, 422, "invalid-call"},
		{"Conversations/AppendFile", `["x", "` + strings.Repeat("A", maxCall) + `"]`, 413, "invalid-call"},
		{"Conversations/AppendFile", `["x", "not base64!"]`, 422, "invalid"},
		{"Conversations/Get", `["01900000-0000-7000-8000-000000000000"]`, 422, "not-found"},
		{"Conversations/SaveFile", `["x"]`, 422, "use-link"},
		{"Session/OpenExternal", `["javascript:alert(1)"]`, 422, "bad-link"},
		{"Session/OpenExternal", `["file:///etc/passwd"]`, 422, "bad-link"},
		{"Session/StartHere", `["", "a@example.test", " "]`, 422, "invalid"},
		{"Settings/SetApp", `[{"language":"fr","theme":"dark","enterSends":true}]`, 422, "invalid"},
		{"Settings/SetApp", `[{"language":"es","theme":"dark","enterSends":false}]`, 200, ""},
		{"Contacts/List", `["", ""]`, 200, ""},
		{"Session/Looking", `["", false]`, 200, ""},
	} {
		status, body, _ := do(t, c, "POST", "http://"+address.Host+"/rpc/"+call.method, call.args, nil)
		code, _ := body["code"].(string)
		if status != call.status || code != call.code || status != 200 && body["message"] == "" {
			t.Errorf("%s(%.40s): %d %v, want %d %s", call.method, call.args, status, body, call.status, call.code)
		}
	}
	_, body, _ := do(t, c, "POST", "http://"+address.Host+"/rpc/Contacts/List", `["",""]`, nil)
	if list, ok := body["result"].([]any); !ok || len(list) != 0 {
		t.Errorf("nobody is %v, want []", body)
	}
}

func TestEventsComeInOrder(t *testing.T) {
	t.Parallel()
	address := start(t)
	c := enter(t, address)
	res, err := c.Get("http://" + address.Host + "/rpc/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type %q", got)
	}
	lines := bufio.NewScanner(res.Body)
	if !lines.Scan() || lines.Text() != ": open" {
		t.Fatalf("begins with %q", lines.Text())
	}
	do(t, c, "POST", "http://"+address.Host+"/rpc/Settings/SetApp", `[{"language":"es","theme":"light","enterSends":true}]`, nil)
	for lines.Scan() {
		if content, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if content != `{"type":"settings"}` {
				t.Errorf("event %s", content)
			}
			return
		}
	}
	t.Fatalf("the stream ended: %v", lines.Err())
}

func TestASlowListenerIsDroppedNotWaitedFor(t *testing.T) {
	t.Parallel()
	e := newEvents()
	slow := e.listen()
	for i := range queued + 1 {
		e.emit(i)
	}
	got := 0
	for range slow.C {
		got++
	}
	if got != queued {
		t.Errorf("%d events before the end, want %d", got, queued)
	}
	e.leave(slow)
}

func TestListenOnlyOnThisComputer(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:0", "127.0.0.1"} {
		if l, err := listenOnLoopback(address); err == nil {
			l.Close()
			t.Errorf("%s was taken", address)
		}
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	p, err := openProfile(base, "work")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openProfile(base, "work"); err == nil || !strings.Contains(err.Error(), "open in another app") {
		t.Errorf("a second app on one profile: %v", err)
	}
	other, err := openProfile(base, "home")
	if err != nil {
		t.Fatalf("another profile beside it: %v", err)
	}
	other.close()
	want := bind.AppSettings{Language: "es", Theme: "dark"}
	if err := p.SetApp(want); err != nil {
		t.Fatal(err)
	}
	if err := p.SetServer("http://127.0.0.1:1", true); err != nil {
		t.Fatal(err)
	}
	p.close()
	again, err := openProfile(base, "work")
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	if server, embedded := again.Server(); again.App() != want || server != "http://127.0.0.1:1" || !embedded {
		t.Errorf("after a restart: %+v", again.now())
	}
	info, err := os.Stat(again.file())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the settings %v, %v", info.Mode(), err)
	}
}

func TestBadProfiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "..", "../x", "a/b", ".hidden", strings.Repeat("a", 65), "a\x00"} {
		if p, err := openProfile(t.TempDir(), name); err == nil {
			p.close()
			t.Errorf("the name %q was taken", name)
		}
	}
	base := t.TempDir()
	dir := filepath.Join(base, "profiles", "work")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "profile.json"), []byte(`{"server":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openProfile(base, "work"); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("damaged settings: %v", err)
	}
}

func TestSecretsWithoutAKeyring(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := &secrets{file: filepath.Join(dir, "token")}
	if err := s.SetToken("abc"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(s.file)
	if err != nil || string(content) != "abc\n" || s.Kind() != "file" {
		t.Errorf("file holds %q, %v; kind %s", content, err, s.Kind())
	}
	if info, _ := os.Stat(s.file); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if err := s.SetToken(""); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.file); !os.IsNotExist(err) || s.Token() != "" {
		t.Errorf("the token is still there: %v", err)
	}
}
