package accounts

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestOnlyFailuresCountAndTimeHeals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &Limits{Now: time.Now}
		for i := range limitPerAccount {
			if err := l.Check("ana@example.test", "192.0.2.1"); err != nil {
				t.Fatalf("refused after %d failures: %v", i, err)
			}
			l.Failed("ana@example.test", "192.0.2.1")
			time.Sleep(time.Minute)
		}
		err := l.Check("ana@example.test", "192.0.2.2")
		var often *TooOften
		if !errors.As(err, &often) || often.RetryAfter != limitWindow-limitPerAccount*time.Minute {
			t.Fatalf("the account, from elsewhere: %v", err)
		}
		if err := l.Check("luis@example.test", "192.0.2.1"); err != nil {
			t.Errorf("another account from the same address: %v", err)
		}
		// The oldest failure leaves the window: one more try, and only one.
		time.Sleep(often.RetryAfter)
		if err := l.Check("ana@example.test", "192.0.2.2"); err != nil {
			t.Errorf("after waiting as told: %v", err)
		}
		l.Failed("ana@example.test", "192.0.2.2")
		if l.Check("ana@example.test", "192.0.2.2") == nil {
			t.Error("a second try within the window was allowed")
		}
	})
}

func TestAnAddressThatTriesManyAccounts(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := &Limits{Now: func() time.Time { return now }}
	for i := range limitPerAddress {
		if err := l.Check(fmt.Sprint(i), "192.0.2.1"); err != nil {
			t.Fatalf("refused after %d failures: %v", i, err)
		}
		l.Failed(fmt.Sprint(i), "192.0.2.1")
	}
	if l.Check("another", "192.0.2.1") == nil {
		t.Error("the address may go on")
	}
	if err := l.Check("another", ""); err != nil {
		t.Errorf("without an address: %v", err)
	}
}

func TestTheMemoryOfFailuresIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := &Limits{Now: func() time.Time { return now }}
	for i := range limitKept + 1000 {
		l.Failed(fmt.Sprint("account", i), "")
	}
	if len(l.failed) > limitKept {
		t.Errorf("%d names are remembered, want at most %d", len(l.failed), limitKept)
	}
	now = now.Add(limitWindow + time.Minute)
	l.Failed("one more", "")
	if len(l.failed) > 1 {
		t.Errorf("%d names are remembered after the window, want 1", len(l.failed))
	}
}
