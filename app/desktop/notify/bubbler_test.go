package notify

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/app/client"
)

type desk struct {
	mu       sync.Mutex
	settings client.NotificationSettings
	seen     map[string]int64
	recorded []client.Bubble
	batches  int
}

func (d *desk) Record(decisions []client.Bubble) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.recorded, d.batches = append(d.recorded, decisions...), d.batches+1
}

func (d *desk) Me() string { return "me" }
func (d *desk) Settings() (client.NotificationSettings, error) {
	return d.settings, nil
}
func (d *desk) SeenUpTo(c string) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen[c]
}
func (d *desk) Looking(string) bool { return false }
func (d *desk) Paused() bool        { return false }
func (d *desk) Language() string    { return "en" }

// shown is a system that shows bubbles, and a reader who answers them.
type shown struct {
	bubbles   []Bubble
	withdrawn []string
	busy      bool
	tell      func(Answer)
	did       []string
}

func (s *shown) Show(b Bubble) error {
	s.bubbles = append(s.bubbles, b)
	return nil
}
func (s *shown) Withdraw(key string)        { s.withdrawn = append(s.withdrawn, key) }
func (s *shown) Listen(tell func(Answer))   { s.tell = tell }
func (s *shown) Busy() bool                 { return s.busy }
func (s *shown) Open(c string, n int64)     { s.did = append(s.did, fmt.Sprint("open ", c, " ", n)) }
func (s *shown) MarkSeen(c string, n int64) { s.did = append(s.did, fmt.Sprint("seen ", c, " ", n)) }
func (s *shown) Reply(c, text string)       { s.did = append(s.did, fmt.Sprint("reply ", c, " ", text)) }

func newTest() (*Bubbler, *desk, *shown) {
	d := &desk{settings: client.NotificationSettings{Bubbles: "all", Preview: true, Sound: true}, seen: map[string]int64{}}
	s := &shown{}
	return NewBubbler(d, s, s, slog.New(slog.DiscardHandler), time.Now), d, s
}

func message(conversation string, number int64, body string) client.MessageArrived {
	var m client.MessageArrived
	m.Message = client.Message{ID: fmt.Sprint(conversation, number), Conversation: conversation, Number: number, Author: "luis", Body: body}
	m.Conversation.ID, m.Conversation.Kind, m.Author.Name, m.Live, m.Involved = conversation, "internal", "Luis Marín", true, true
	return m
}

func TestOneMessageOneBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _, s := newTest()
		b.Arrived(message("c", 1, "Shall we <@1|Ana>  eat?"))
		time.Sleep(LiveWait)
		synctest.Wait()
		want := Bubble{Key: "c", Title: "Luis Marín", Text: "Shall we @Ana eat?", Sound: true, Open: "Open", Seen: "Mark as seen", Reply: "Answer"}
		if len(s.bubbles) != 1 || s.bubbles[0] != want {
			t.Errorf("shown %+v, want %+v", s.bubbles, want)
		}
	})
}

func TestWhatWasMissedIsOneBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _, s := newTest()
		for i := range 200 { // pages come in slowly: longer in all than any single wait
			m := message(fmt.Sprint("c", i%5), int64(i+1), "text")
			m.Live = false
			b.Arrived(m)
			time.Sleep(CatchWait / 4)
		}
		time.Sleep(CatchWait)
		synctest.Wait()
		if len(s.bubbles) != 1 || s.bubbles[0].Title != "200 new messages" || s.bubbles[0].Text != "in 5 conversations" {
			t.Errorf("shown %+v, want one that sums up", s.bubbles)
		}
	})
}

func TestALiveBurstIsShownWhileItGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _, s := newTest()
		for i := range 40 {
			b.Arrived(message("c", int64(i+1), "text"))
			time.Sleep(LiveWait / 4)
		}
		synctest.Wait()
		if len(s.bubbles) != 1 {
			t.Errorf("%d bubbles after %v of writing, want 1", len(s.bubbles), 10*LiveWait)
		}
		b.Close()
	})
}

func TestSeenWithinTheBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, d, s := newTest()
		b.Arrived(message("c", 1, "text"))
		d.mu.Lock()
		d.seen["c"] = 1
		d.mu.Unlock()
		time.Sleep(LiveWait)
		synctest.Wait()
		if len(s.bubbles) != 0 {
			t.Errorf("shown %+v though it was seen", s.bubbles)
		}
	})
}

// Every decision is recorded with its reason, many of them together, and the last of them when the app ends.
func TestDecisionsAreRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, d, _ := newTest()
		d.seen["c"] = 1
		for i := range 100 {
			b.Arrived(message("c", int64(i+1), "text"))
		}
		time.Sleep(MostWait + RecordWait)
		synctest.Wait()
		if len(d.recorded) != 100 || d.batches > 3 {
			t.Fatalf("%d recorded in %d batches", len(d.recorded), d.batches)
		}
		want := client.Bubble{Message: "c1", Reason: string(AlreadySeen), At: "2000-01-01T00:00:00.000Z"}
		if d.recorded[0] != want {
			t.Errorf("recorded %+v, want %+v", d.recorded[0], want)
		}
		if last := d.recorded[99]; !last.Shown || last.Reason != string(New) {
			t.Errorf("recorded %+v", last)
		}
		muted := message("c", 101, "text")
		muted.Conversation.Muted = true
		b.Arrived(muted)
		b.Close()
		if len(d.recorded) != 101 || d.recorded[100].Reason != string(Muted) {
			t.Errorf("at the end %d, %+v", len(d.recorded), d.recorded[len(d.recorded)-1])
		}
	})
}

type broken struct{}

func (broken) Show(Bubble) error { return errors.New("no bus") }
func (broken) Withdraw(string)   {}

// What the system could not show is not said to have been shown.
func TestABubbleThatCouldNotBeShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{settings: client.NotificationSettings{Bubbles: "all"}, seen: map[string]int64{}}
		b := NewBubbler(d, nil, broken{}, slog.New(slog.DiscardHandler), time.Now)
		b.Arrived(message("c", 1, "text"))
		time.Sleep(LiveWait + RecordWait)
		synctest.Wait()
		if len(d.recorded) != 1 || d.recorded[0].Shown || d.recorded[0].Reason != string(NotPossible) {
			t.Errorf("recorded %+v", d.recorded)
		}
	})
}

func TestNothingAfterClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _, s := newTest()
		b.Arrived(message("c", 1, "text"))
		b.Close()
		b.Arrived(message("c", 2, "text"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(s.bubbles) != 0 {
			t.Errorf("shown %+v after Close", s.bubbles)
		}
	})
}

func TestCompose(t *testing.T) {
	t.Parallel()
	secret := message("c", 1, "the secret text")
	subject := message("c", 2, strings.Repeat("é", 400))
	subject.Conversation.Subject = "Acme\nrenewal"
	file := message("c", 3, "")
	file.Message.Files = []client.FileRef{{Name: "notes.pdf"}}
	for _, c := range []struct {
		name    string
		burst   []client.MessageArrived
		preview bool
		lang    string
		want    Bubble
	}{
		{"no preview hides the text", []client.MessageArrived{secret}, false, "en", Bubble{Key: "c", Open: "Open", Seen: "Mark as seen", Reply: "Answer", Title: "Luis Marín", Text: "New message"}},
		{"nor in a burst", []client.MessageArrived{secret, secret}, false, "es_ES.utf8", Bubble{Key: "c", Open: "Abrir", Seen: "Marcar como visto", Reply: "Responder", Title: "Luis Marín", Text: "2 mensajes nuevos"}},
		{"long text is cut by characters", []client.MessageArrived{subject}, true, "en", Bubble{Key: "c", Open: "Open", Seen: "Mark as seen", Reply: "Answer", Title: "Luis Marín · Acme renewal", Text: strings.Repeat("é", maxText) + "…"}},
		{"a file alone", []client.MessageArrived{file}, true, "en", Bubble{Key: "c", Open: "Open", Seen: "Mark as seen", Reply: "Answer", Title: "Luis Marín", Text: "notes.pdf"}},
		{"the last of several", []client.MessageArrived{file, secret}, true, "en", Bubble{Key: "c", Open: "Open", Seen: "Mark as seen", Reply: "Answer", Title: "Luis Marín · 2 new messages", Text: "the secret text"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := compose(c.burst, c.preview, c.lang); got != c.want {
				t.Errorf("compose = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestMarkupIsShownAsText(t *testing.T) {
	t.Parallel()
	linux, other := &Beeep{os: "linux"}, &Beeep{os: "darwin"}
	if got := linux.plain("<b>a & b</b>", true); got != "&lt;b&gt;a &amp; b&lt;/b&gt;" {
		t.Errorf("on Linux %q", got)
	}
	if got := other.plain("a & b", true); got != "a & b" {
		t.Errorf("elsewhere %q", got)
	}
}
