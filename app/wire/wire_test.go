package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"recado/app/wire"
)

func FuzzCursor(f *testing.F) {
	for _, s := range []string{"e.0", "e.1", "e.01", "e.-1", "e.", ".1", "e.9223372036854775808", "a.b.1", strings.Repeat("x", 200) + ".1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := wire.ParseCursor(s)
		if err != nil {
			return
		}
		// What is taken is written in one way only: two texts never mean one place.
		if c.String() != s || c.Number < 0 || c.Epoch == "" {
			t.Errorf("%q was read as %+v", s, c)
		}
	})
}

func TestTimesAreInTheContractsForm(t *testing.T) {
	t.Parallel()
	for at, want := range map[time.Time]string{
		time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC):                                       `"2026-11-22T10:00:00.000Z"`,
		time.Date(2026, 11, 22, 10, 0, 0, 1_999_999, time.UTC):                               `"2026-11-22T10:00:00.001Z"`,
		time.Date(2026, 11, 22, 23, 30, 0, 5_000_000, time.FixedZone("west", -3*60*60)):      `"2026-11-23T02:30:00.005Z"`,
		time.Date(2026, 2, 28, 23, 59, 59, 999_000_000, time.FixedZone("east", 5*3600+1800)): `"2026-02-28T18:29:59.999Z"`,
	} {
		got, err := json.Marshal(wire.Time{Time: at})
		if err != nil || string(got) != want {
			t.Errorf("%v: %s, %v; want %s", at, got, err, want)
		}
		var back wire.Time
		if err := json.Unmarshal(got, &back); err != nil || back.UnixMilli() != at.UnixMilli() {
			t.Errorf("%s: read as %v, %v", got, back, err)
		}
	}
}

func TestAccessLostCarriesAPlainId(t *testing.T) {
	t.Parallel()
	lost := wire.Entry{Number: 7, Type: wire.AccessLost, Lost: "c1"}
	b, err := json.Marshal(lost)
	if err != nil || !strings.Contains(string(b), `"conversation":"c1"`) {
		t.Fatalf("%s, %v", b, err)
	}
	var back wire.Entry
	if err := json.Unmarshal(b, &back); err != nil || back.Lost != "c1" || back.Number != 7 || back.Conversation != nil {
		t.Errorf("%s was read as %+v, %v", b, back, err)
	}
	var created wire.Entry
	if err := json.Unmarshal([]byte(`{"number":8,"type":"conversation.created","at":"2026-11-22T10:00:00.000Z","conversation":{"id":"c2"}}`), &created); err != nil ||
		created.Conversation == nil || created.Conversation.ID != "c2" || created.Lost != "" {
		t.Errorf("read as %+v, %v", created, err)
	}
}
