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
			if _, err := l.Try("ana@example.test", "192.0.2.1"); err != nil {
				t.Fatalf("refused after %d failures: %v", i, err)
			}
			time.Sleep(time.Minute)
		}
		_, err := l.Try("ana@example.test", "192.0.2.2")
		var often *TooOften
		if !errors.As(err, &often) || often.RetryAfter != limitWindow-limitPerAccount*time.Minute {
			t.Fatalf("the account, from elsewhere: %v", err)
		}
		for range 3 * limitPerAccount {
			forgive, err := l.Try("luis@example.test", "192.0.2.1")
			if err != nil {
				t.Fatalf("another account from the same address, which is right each time: %v", err)
			}
			forgive()
		}
		// The oldest failure leaves the window: one more try, and only one.
		time.Sleep(often.RetryAfter)
		if _, err := l.Try("ana@example.test", "192.0.2.2"); err != nil {
			t.Errorf("after waiting as told: %v", err)
		}
		if _, err := l.Try("ana@example.test", "192.0.2.2"); err == nil {
			t.Error("a second try within the window was allowed")
		}
	})
}

func TestAnAddressThatTriesManyAccounts(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := &Limits{Now: func() time.Time { return now }}
	for i := range limitPerAddress {
		if _, err := l.Try(fmt.Sprint(i), "192.0.2.1"); err != nil {
			t.Fatalf("refused after %d failures: %v", i, err)
		}
	}
	if _, err := l.Try("another", "192.0.2.1"); err == nil {
		t.Error("the address may go on")
	}
	if _, err := l.Try("another", ""); err != nil {
		t.Errorf("without an address: %v", err)
	}
}

func TestTheMemoryOfFailuresIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := &Limits{Now: func() time.Time { return now }}
	for i := range limitKept + 1000 {
		l.Try(fmt.Sprint("account", i), "")
	}
	if len(l.failed) > limitKept {
		t.Errorf("%d names are remembered, want at most %d", len(l.failed), limitKept)
	}
	now = now.Add(limitWindow + time.Minute)
	l.Try("one more", "")
	if len(l.failed) > 1 {
		t.Errorf("%d names are remembered after the window, want 1", len(l.failed))
	}
}
