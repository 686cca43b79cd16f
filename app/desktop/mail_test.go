package desktop

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// mailServer speaks as much of the contract as showing one mail needs.
func mailServer(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	say := func(pattern, kind, content string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			io.WriteString(w, content)
		})
	}
	const at = `"2026-11-23T10:00:00.000Z"`
	say("GET /api/v1/snapshot", "application/json", `{"position":"e.0","items":[]}`)
	say("GET /api/v1/messages/m1/mail/content", "application/json", `{"id":"mail1","receivedAt":`+at+`,"from":{"name":"","email":"d@x.example"},"subject":"Prices / 2026: \"new\"",
		"to":[],"cc":[],"text":"t","fresh":"t","folded":"","remote":1,"html":"<p>New <a href=\"https://a.example/\">link</a></p><blockquote type=\"cite\">old</blockquote><img data-remote=\"https://t.example/p.gif\">"}`)
	say("GET /api/v1/mail/mail1/raw", "message/rfc822", "From: d@x.example\r\n\r\n<script>1</script>")
	mux.HandleFunc("POST /api/v1/sessions", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"token":"secret","person":{"id":"p1","kind":"user","name":"Ana","email":"a@x.example","createdAt":%s,"version":1}}`, at)
	})
	mux.HandleFunc("GET /api/v1/feed", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "event: hello\ndata: {\"epoch\":\"e\",\"boot\":\"b\",\"floor\":0,\"head\":0,\"at\":%s,\"heartbeatSeconds\":15}\n\n", at)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"type":"urn:recado:problem:not-found","title":"There is no such thing.","status":404}`)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}

func TestAMailIsAPageOfItsOwnThatLoadsNothing(t *testing.T) {
	t.Parallel()
	server := mailServer(t)
	address := start(t)
	c, base := enter(t, address), "http://"+address.Host
	if status, body, _ := do(t, c, "POST", base+"/rpc/Session/Connect", `["`+server.URL+`","a@x.example","a long enough password"]`, nil); status != 200 {
		t.Fatalf("sign in: %d %v", status, body)
	}
	page := func(path string) (int, string, http.Header) {
		t.Helper()
		res, err := c.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		content, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(content), res.Header
	}
	status, html, h := page("/mail/m1?lang=es")
	policy := h.Get("Content-Security-Policy")
	if status != 200 || !strings.HasPrefix(h.Get("Content-Type"), "text/html") || len(h.Values("Content-Security-Policy")) != 1 ||
		!strings.Contains(policy, "default-src 'none'; img-src data:;") || !strings.Contains(policy, "sandbox") || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the frame: %d %v", status, h)
	}
	for _, want := range []string{`lang="es"`, "<summary>Mostrar el texto citado</summary>", `href="https://a.example/" rel="noopener noreferrer" target="_blank"`, `data-remote="https://t.example/p.gif"`} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in %s", want, html)
		}
	}
	_, html, h = page("/mail/m1?images=1")
	if !strings.Contains(html, `<img src="https://t.example/p.gif">`) || !strings.Contains(h.Get("Content-Security-Policy"), "img-src data: https:;") {
		t.Errorf("with images: %s %v", html, h)
	}
	status, raw, h := page("/mail/m1/raw")
	if status != 200 || !strings.Contains(raw, "<script>") || h.Get("Content-Disposition") != `attachment; filename="Prices  2026 new.eml"` ||
		h.Get("Content-Type") != "message/rfc822" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("as it came: %d %v", status, h)
	}
	for _, path := range []string{"/mail/m2", "/mail/m2/raw", "/mail/m1/link/1", "/mail/m1/link/x", "/mail/m2/link/0"} {
		if status, body, _ := page(path); status != 404 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _, _ := do(t, c, "GET", base+"/mail/m1", "", map[string]string{"Sec-Fetch-Site": "cross-site"}); status != 403 {
		t.Errorf("another site was shown a mail: %d", status)
	}
}
