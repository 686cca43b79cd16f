package sync

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestEventsHaveTheFormOfTheWindow(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]Event{
		`{"from":"new:k","to":"c","type":"moved"}`:                          {Type: MovedEvent, From: "new:k", To: "c"},
		`{"conversation":"c","rowKey":"k","type":"message-gone"}`:           {Type: MessageGoneEvent, ConversationID: "c", RowKey: "k"},
		`{"at":"t","conversation":"c","person":"p","type":"seen","upTo":3}`: {Type: SeenEvent, ConversationID: "c", Person: "p", UpTo: 3, At: "t"},
		`{"type":"refilled"}`: {Type: RefilledEvent, UpTo: 3},
		`{"connection":{"state":"connected","waiting":1,"upTo":2,"head":3,"gap":true},"type":"connection"}`: {Type: ConnectionEvent,
			Connection: &Connection{State: Connected, Waiting: 1, UpTo: 2, Head: 3, Gap: true}},
	} {
		if got, err := json.Marshal(e); err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
}

func TestFileKeysFitAndDiffer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 64)
	seen := map[string]bool{}
	for _, key := range []string{"a", "b", long, long[:63] + "x"} {
		for i := range 12 {
			own := FileKey(key, i)
			if len(own) > 64 || seen[own] || own != FileKey(key, i) {
				t.Errorf("key %q of file %d", own, i)
			}
			seen[own] = true
		}
	}
}

func TestJitterIsBounded(t *testing.T) {
	t.Parallel()
	for n := range 100 {
		if d := FullJitter(n); d < 0 || d >= 30*time.Second || (n == 0 && d >= 500*time.Millisecond) {
			t.Errorf("attempt %d waits %v", n, d)
		}
	}
}
