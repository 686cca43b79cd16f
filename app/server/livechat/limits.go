package livechat

import (
	"sync"
	"time"

	"recado/app/desk"
)

// TooOften says how long to wait.
type TooOften struct {
	Problem *desk.Error
	After   time.Duration
}

// Error gives the sentence for a person.
func (e *TooOften) Error() string { return e.Problem.Message }

// Unwrap gives the coded error.
func (e *TooOften) Unwrap() error { return e.Problem }

// rate is a bucket: so many at once, refilled within a minute.
type rate struct {
	name string
	most float64
}

// What each visitor, each network address and each site may do in a minute. A site's limit is its own: a flood of one
// does not use up another's.
var (
	perVisitor   = rate{"v", 40}
	perAddress   = rate{"a", 200}
	perSite      = rate{"s", 3000}
	beginAddress = rate{"b", 30}
	beginSite    = rate{"t", 1200}
)

const bucketsKept = 100_000

// Limits counts by visitor, address and site. The zero value is ready with Now set.
type Limits struct {
	Now     func() time.Time
	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	used float64
	at   time.Time
}

// Begin counts a new session.
func (l *Limits) Begin(address, site string) error {
	return l.take(map[rate]string{beginAddress: address, beginSite: site})
}

// Act counts what a visitor does.
func (l *Limits) Act(visitor, address, site string) error {
	return l.take(map[rate]string{perVisitor: visitor, perAddress: address, perSite: site})
}

// take counts one in all buckets, or in none where one of them is full.
func (l *Limits) take(in map[rate]string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Now()
	if l.buckets == nil || len(l.buckets) > bucketsKept {
		l.sweep(now)
	}
	for r, who := range in {
		if wait := l.wait(r, who, now); wait > 0 {
			return &TooOften{After: wait, Problem: &desk.Error{Code: "too-often", Message: "That was much at once. Try again in a moment."}}
		}
	}
	for r, who := range in {
		b := l.level(r, who, now)
		l.buckets[r.name+who] = bucket{b + 1, now}
	}
	return nil
}

func (l *Limits) level(r rate, who string, now time.Time) float64 {
	b, ok := l.buckets[r.name+who]
	if !ok {
		return 0
	}
	return max(0, b.used-now.Sub(b.at).Minutes()*r.most)
}

func (l *Limits) wait(r rate, who string, now time.Time) time.Duration {
	over := l.level(r, who, now) + 1 - r.most
	if over <= 0 {
		return 0
	}
	return time.Duration(over / r.most * float64(time.Minute))
}

// sweep forgets buckets that are empty again; where that is not enough, all: memory is bounded whatever comes.
func (l *Limits) sweep(now time.Time) {
	kept := map[string]bucket{}
	for name, b := range l.buckets {
		if now.Sub(b.at) < time.Minute {
			kept[name] = b
		}
	}
	if len(kept) > bucketsKept {
		clear(kept)
	}
	l.buckets = kept
}
