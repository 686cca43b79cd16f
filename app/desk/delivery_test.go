package desk

import (
	"testing"
	"time"
)

func TestRetriesEndAfterThreeDays(t *testing.T) {
	t.Parallel()
	var all time.Duration
	n := 1
	for ; ; n++ {
		pause, ok := RetryAfter(n)
		if !ok {
			break
		}
		if n > 1 && pause < retries[n-2] {
			t.Errorf("pause %d is shorter than the one before", n)
		}
		all += pause
	}
	if all < 72*time.Hour || all > 76*time.Hour {
		t.Errorf("%d attempts take %v", n, all)
	}
	if _, ok := RetryAfter(0); ok {
		t.Error("there is a pause before the first attempt")
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	for _, r := range []Reason{ReasonInFeed, ReasonSeen, ReasonWaiting, ReasonCustomer, ReasonInChat, ReasonAsked, ReasonLeaving, ReasonMailed,
		ReasonGathered, ReasonLater, ReasonUnknown, ReasonRefused, ReasonGaveUp, ReasonStopped, ReasonMuted, ReasonMailOff, ReasonDisabled,
		ReasonDeleted, ReasonLeft, ReasonOwn} {
		if r.Words() == "" {
			t.Errorf("%s has no words", r)
		}
	}
}
