package audit

import (
	"strings"
	"testing"
	"time"
)

// TestChatLoad runs every measurement in short: it is the check of what is measured, not of how fast it is.
func TestChatLoad(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	p := &Program{Binary: built(t), Data: t.TempDir()}
	if err := (ChatLoad{Program: p, Visitors: 40, Agents: 2, Rate: 50, Each: time.Second, Flood: 500, Log: &said}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"visitors ", "connected ", "agents write ", "visitors write ", "beside a flood ", "left "} {
		if !strings.Contains(said.String(), line) {
			t.Errorf("no line %q in\n%s", line, &said)
		}
	}
}

// TestTallyBites: a message that comes twice is found, and what is none of a measurement's is passed over.
func TestTallyBites(t *testing.T) {
	t.Parallel()
	tally := newTally(2)
	for _, body := range []string{"0 first", "1 second", "flood x", "2 of another measurement"} {
		if err := tally.arrive(body); err != nil {
			t.Errorf("%q: %v", body, err)
		}
	}
	if got := tally.count(); got != 2 {
		t.Errorf("%d arrived, want 2", got)
	}
	if err := tally.arrive("1 second"); err == nil {
		t.Error("a second copy is not found")
	}
}
