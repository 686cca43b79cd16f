package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"recado/app/client/sync"
)

// heard writes down what a stream brings.
type heard struct{ lines []string }

func (h *heard) Hello(epoch, boot string, floor, head int64) error {
	h.lines = append(h.lines, fmt.Sprintf("hello %s %s %d %d", epoch, boot, floor, head))
	return nil
}
func (h *heard) Entry(e sync.Entry) error {
	h.lines = append(h.lines, fmt.Sprintf("entry %d %s", e.Number, e.Type))
	return nil
}
func (h *heard) Head(head int64) error {
	h.lines = append(h.lines, fmt.Sprint("head ", head))
	return nil
}
func (h *heard) Looking(c, p string, looking bool) {
	h.lines = append(h.lines, fmt.Sprint("looking ", c, " ", p, " ", looking))
}
func (h *heard) Typing(c, p string) { h.lines = append(h.lines, "typing "+c+" "+p) }
func (h *heard) Chat(c sync.Chat) {
	h.lines = append(h.lines, fmt.Sprintf("chat %s %v %s", c.Person, c.Connected, c.Page))
}
func (h *heard) Held()   { h.lines = append(h.lines, "held") }
func (h *heard) Canned() { h.lines = append(h.lines, "canned") }

func (h *heard) Presence(p, state string) { h.lines = append(h.lines, "presence "+p+" "+state) }

// serve streams body once and then ends, or keeps silent until the client goes.
func serve(t *testing.T, body string, silent bool) *Remote {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer tok" || r.Header.Get("Last-Event-ID") != "e.7" || r.Header.Get("Recado-Boot") != "b" {
			t.Errorf("headers: %v", r.Header)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, body)
		w.(http.Flusher).Flush()
		if silent {
			<-r.Context().Done()
		}
	}))
	t.Cleanup(s.Close)
	r, err := New(s.URL, "tok", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

var place = sync.Place{Epoch: "e", Number: 7, Boot: "b"}

func TestStreamBringsEvents(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("y", 200_000) // more than the library's own bound
	r := serve(t, "event: hello\ndata: {\"epoch\":\"e\",\"boot\":\"b\",\"head\":8}\n\n: comment\n\n"+
		"data: {\"number\":8,\"type\":\"message.created\",\"at\":\"2026-01-01T00:00:00Z\",\"message\":{\"body\":\""+big+"\"}}\nevent: message.created\nid: e.8\n\n"+
		"event: chat\ndata: {\"person\":\"v\",\"connected\":true,\"page\":\"https://shop.example/cart\"}\n\n"+
		"event: typing\ndata: {\"conversation\":\"c\",\"person\":\"p\"}\n\nevent: presence\ndata: {\"person\":\"p\",\"state\":\"here\"}\n\n"+
		"event: from-the-future\ndata: {}\n\nevent: head\ndata: {\"head\":8}\n\n", false)
	h := &heard{}
	err := r.Stream(t.Context(), place, h)
	if err == nil {
		t.Error("a clean end must be an error: there is always more to come")
	}
	want := "hello e b 0 8,entry 8 message.created,chat v true https://shop.example/cart,typing c p,presence p here,head 8"
	if got := strings.Join(h.lines, ","); got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}

func TestStreamEndsForAReason(t *testing.T) {
	t.Parallel()
	var reset *sync.ResetError
	if err := serve(t, "event: reset\ndata: {\"reason\":\"epoch\"}\n\n", true).Stream(t.Context(), place, &heard{}); !errors.As(err, &reset) {
		t.Errorf("reset: %v", err)
	}
	var bye *sync.ByeError
	err := serve(t, "event: bye\ndata: {\"reason\":\"shutdown\",\"retryAfterMs\":250}\n\n", true).Stream(t.Context(), place, &heard{})
	if !errors.As(err, &bye) || bye.RetryAfterMS != 250 {
		t.Errorf("bye: %v", err)
	}
}

func TestSilentStreamIsEnded(t *testing.T) {
	t.Parallel()
	r := serve(t, "event: hello\ndata: {\"epoch\":\"e\"}\n\n", true)
	r.idle = 20 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := r.Stream(ctx, place, &heard{}); !errors.Is(err, errIdle) {
		t.Errorf("a silent stream ended with %v", err)
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"recado.example.com":       "https://recado.example.com",
		" http://127.0.0.1:8420/ ": "http://127.0.0.1:8420",
		"https://h/sub/":           "https://h/sub",
		"":                         "", "ftp://h": "", "https://user:pw@h": "", "http://": "", "::": "",
	} {
		got, err := Address(typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q became %q, %v", typed, got, err)
		}
	}
}
