package audit

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestLoad runs every measurement in short: it is the check of what is measured, not of how fast it is.
func TestLoad(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	p := &Program{Binary: built(t), Data: t.TempDir()}
	if err := (Load{Program: p, Each: 300 * time.Millisecond, Senders: []int{2, 8}, People: 12, Streams: 30, Log: &said}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"memory at start", "posted at 50/s", "2 senders", "8 senders", "replay of 10,000", "to 12 streams", "30 idle streams"} {
		if !strings.Contains(said.String(), line) {
			t.Errorf("no line %q in\n%s", line, &said)
		}
	}
}

// TestMailLoad checks what is measured, as above.
func TestMailLoad(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	p := &Program{Binary: built(t), Data: t.TempDir()}
	if err := (MailLoad{Program: p, Mails: 100, Each: 200 * time.Millisecond, Log: &said}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"posted at 50/s, nothing leaves", "mails, nobody writes", "16 senders, mails leave", "100 planned"} {
		if !strings.Contains(said.String(), line) {
			t.Errorf("no line %q in\n%s", line, &said)
		}
	}
}

// TestMailLoadBites: a mail that did not come, and one that came twice, are found.
func TestMailLoadBites(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]bool{"a b": true, "a": false, "a b b": false, "a b c": false} {
		s := &sink{names: map[string]int{}}
		for _, n := range strings.Fields(names) {
			s.names[n]++
		}
		run := &mailLoad{sink: s, left: 2}
		if err := run.judge(); (err == nil) != want {
			t.Errorf("%s: %v", names, err)
		}
	}
}

// TestFollowerBites: what a server must never send is found.
func TestFollowerBites(t *testing.T) {
	t.Parallel()
	l := newLane(&Speaker{Base: "http://x"}, &Speaker{}, "c", nil, 8)
	entry := func(number, message, body string) string {
		return `data: {"number":` + number + `,"message":{"conversation":"c","number":` + message + `,"body":"` + body + "\"}}\nevent: message.created\nid: e." + number + "\n\n"
	}
	first := entry("1", "2", l.text(2))
	for name, c := range map[string]struct{ sent, want string }{
		"in order":      {first + entry("2", "3", l.text(3)), ""},
		"entry missing": {first + entry("3", "3", l.text(3)), "entry 3"},
		"lost":          {first + entry("2", "4", l.text(4)), "message 4"},
		"twice":         {first + entry("2", "2", l.text(2)), "message 2"},
		"other text":    {first + entry("2", "3", "x"), "another text"},
	} {
		ours, theirs := net.Pipe()
		f := newFollower(streamOf(ours))
		f.lanes["c"], f.next["c"] = l, 2
		go func() {
			io.WriteString(theirs, c.sent)
			theirs.Close()
		}()
		f.read()
		if c.want == "" && !errors.Is(f.err, io.EOF) || !strings.Contains(f.err.Error(), c.want) {
			t.Errorf("%s: %v", name, f.err)
		}
	}
}
