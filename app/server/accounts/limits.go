package accounts

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"recado/app/desk"
)

// How many failed sign-ins are borne within a window.
const (
	limitWindow     = 15 * time.Minute
	limitPerAccount = 10
	limitPerAddress = 100
	limitKept       = 100_000 // names remembered at most
)

// Limits counts failures by account and by network address in a sliding window. Only failures count, so that nobody
// who knows the password is locked out by their own use.
type Limits struct {
	Now    func() time.Time
	mu     sync.Mutex
	failed map[string][]time.Time
	swept  time.Time
}

// TooOften says how long to wait.
type TooOften struct {
	Problem    *desk.Error
	RetryAfter time.Duration
}

// Error gives the sentence for a person.
func (e *TooOften) Error() string { return e.Problem.Message }

// Unwrap gives the coded error.
func (e *TooOften) Unwrap() error { return e.Problem }

// Try refuses with *TooOften where the account or the address has failed too often; either may be empty. What it lets
// pass counts as a failure at once, so that tries under way together are no more than tries one after the other; forgive
// takes that back for who turned out to be right.
func (l *Limits) Try(account, address string) (forgive func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := map[string]string{"a:" + account: account, "n:" + address: address}
	if wait := max(l.wait("a:"+account, account, limitPerAccount), l.wait("n:"+address, address, limitPerAddress)); wait > 0 {
		return nil, &TooOften{&desk.Error{Code: "too-often", Message: fmt.Sprintf("Too many failed sign-ins. Try again in %d minutes.", int(wait.Minutes())+1)}, wait}
	}
	at := l.Now()
	l.count(keys, at)
	return func() { l.forgive(keys, at) }, nil
}

func (l *Limits) forgive(keys map[string]string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key := range keys {
		if i := slices.Index(l.failed[key], at); i >= 0 {
			l.failed[key] = slices.Delete(slices.Clone(l.failed[key]), i, i+1)
		}
	}
}

func (l *Limits) wait(key, name string, most int) time.Duration {
	if name == "" {
		return 0
	}
	times := l.recent(key)
	if len(times) < most {
		return 0
	}
	return times[len(times)-most].Add(limitWindow).Sub(l.Now())
}

func (l *Limits) recent(key string) []time.Time {
	times := l.failed[key]
	from := l.Now().Add(-limitWindow)
	for len(times) > 0 && !times[0].After(from) {
		times = times[1:]
	}
	if len(times) == 0 {
		delete(l.failed, key)
	} else {
		l.failed[key] = times
	}
	return times
}

// count adds a failure to each name there is.
func (l *Limits) count(keys map[string]string, at time.Time) {
	if l.failed == nil {
		l.failed = map[string][]time.Time{}
	}
	l.makeRoom()
	for key, name := range keys {
		if name != "" {
			l.failed[key] = append(l.recent(key), at)
		}
	}
}

// makeRoom keeps the memory bounded: what is over is forgotten, at most once a minute; where that is not enough, any
// name goes, for whoever has a hundred thousand addresses to fail from is not stopped by counting them.
func (l *Limits) makeRoom() {
	if len(l.failed) < limitKept {
		return
	}
	if now := l.Now(); now.Sub(l.swept) > time.Minute {
		l.swept = now
		for key := range l.failed {
			l.recent(key)
		}
	}
	for key := range l.failed {
		if len(l.failed) < limitKept {
			return
		}
		delete(l.failed, key)
	}
}
