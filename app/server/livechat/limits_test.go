package livechat

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestOneSiteWaitsForItself: of those who write on one site at once two do, the others wait, and give up after a while;
// another site's visitors wait for nobody.
func TestOneSiteWaitsForItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &Limits{Now: time.Now}
		var dones []func()
		for range siteAtOnce {
			done, err := l.Turn(t.Context(), "flooded")
			if err != nil {
				t.Fatal(err)
			}
			dones = append(dones, done)
		}
		began := time.Now()
		if done, err := l.Turn(t.Context(), "quiet"); err != nil || time.Since(began) > 0 {
			t.Errorf("the other site waits %v, %v", time.Since(began), err)
		} else {
			done()
		}
		go func() {
			time.Sleep(time.Second)
			dones[0]()
		}()
		if _, err := l.Turn(t.Context(), "flooded"); err != nil || time.Since(began) != time.Second {
			t.Errorf("the third had its turn after %v, %v", time.Since(began), err)
		}
		var often *TooOften
		if _, err := l.Turn(t.Context(), "flooded"); !errors.As(err, &often) || time.Since(began) != time.Second+siteWait {
			t.Errorf("the fourth after %v: %v", time.Since(began), err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := l.Turn(gone, "flooded"); !errors.Is(err, context.Canceled) {
			t.Errorf("who goes away: %v", err)
		}
	})
}

// TestLimitsRefill: what a site may do at once is refilled within the minute, and one that is used up is its own.
func TestLimitsRefill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &Limits{Now: time.Now}
		act := func(site string, n int) (taken int) {
			for i := range n {
				if l.Act(strings.Repeat("v", 1+i%50), strings.Repeat("a", 1+i%50), site) == nil {
					taken++
				}
			}
			return taken
		}
		if n := act("flooded", 2000); n != int(perSite.burst) {
			t.Errorf("%d at once, want %v", n, perSite.burst)
		}
		if n := act("quiet", 10); n != 10 {
			t.Errorf("the other site: %d of 10", n)
		}
		time.Sleep(2 * time.Second)
		if n := act("flooded", 2000); n != int(perSite.perMin/30) {
			t.Errorf("%d more after two seconds, want %v", n, perSite.perMin/30)
		}
	})
}

// TestLimitsKeepNoLongNames: a site that a stranger makes up is counted by its beginning, so that what they send takes no
// memory.
func TestLimitsKeepNoLongNames(t *testing.T) {
	t.Parallel()
	l := &Limits{Now: time.Now}
	if err := l.Begin("10.0.0.1", strings.Repeat("x", 1<<20)); err != nil {
		t.Fatal(err)
	}
	for name := range l.buckets {
		if len(name) > nameBytes+1 {
			t.Errorf("a bucket has a name of %d bytes", len(name))
		}
	}
}

// TestUploadsAreCountedInBytes: few large files are as much as many small ones, and room comes back by and by.
func TestUploadsAreCountedInBytes(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := Limits{Now: func() time.Time { return now }}
	for i, want := range []bool{true, true, false} {
		if err := l.Upload("v", "a", "s", 100e6); (err == nil) != want {
			t.Errorf("file %d: %v", i, err)
		}
	}
	if err := l.Upload("w", "a", "s", 100e6); err != nil {
		t.Errorf("another visitor: %v", err)
	}
	now = now.Add(3 * time.Minute)
	if err := l.Upload("v", "a", "s", 100e6); err != nil {
		t.Errorf("after a while: %v", err)
	}
}
