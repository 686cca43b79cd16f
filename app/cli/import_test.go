package cli

import (
	"testing"
	"time"

	"recado/app/server/mailin"
)

func TestDays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"30d": 720 * time.Hour, "0d": 0, "12h": 12 * time.Hour, "90m": 90 * time.Minute} {
		var d daysValue
		if err := d.Set(text); err != nil || time.Duration(d) != want {
			t.Errorf("%q: %v, %v", text, time.Duration(d), err)
		}
	}
	for _, bad := range []string{"", "d", "-1d", "-1h", "1.5d", "65536d", "soon"} {
		if d := daysValue(time.Hour); d.Set(bad) == nil || time.Duration(d) != time.Hour {
			t.Errorf("%q was taken as %v", bad, time.Duration(d))
		}
	}
	if d := daysValue(48 * time.Hour); d.String() != "2d" {
		t.Errorf("two days are told as %s", d.String())
	}
}

func TestProgressTellsRateAndWhatIsLeft(t *testing.T) {
	t.Parallel()
	at := &mailin.ImportProgress{}
	m := meter{at: at, size: 200}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	line := func(want string) {
		t.Helper()
		now = now.Add(10 * time.Second)
		if got := m.line(now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	at.Read.Store(3)
	at.Bytes.Store(50)
	line("reading: 3 mails, 25 % of the file")
	at.All.Store(1000)
	at.Done.Store(100)
	line("importing: 100 of 1000 mails")
	line("importing: 100 of 1000 mails")
	at.Done.Store(400)
	line("importing: 400 of 1000 mails, 15 a second, 40s left")
}
