package livechat

import (
	"context"
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

// rate is a bucket: so many at once, and so many more in a minute.
type rate struct {
	name          string
	burst, perMin float64
}

// What each visitor, each network address and each site may do in a minute. A site's limit is its own: a flood of one
// does not use up another's.
var (
	perVisitor   = rate{"v", 40, 40}
	perAddress   = rate{"a", 200, 200}
	perSite      = rate{"s", 300, 3000}
	beginAddress = rate{"b", 30, 30}
	beginSite    = rate{"t", 600, 1200}
)

// What is uploaded is counted in MB, too, whether it is ever sent or not: nobody in particular must not fill the disk.
var (
	filesVisitor = rate{"fv", 250, 25}
	filesAddress = rate{"fa", 1000, 50}
	filesSite    = rate{"fs", 2000, 100}
)

// How many visitors of one site write at the same moment, and how long others of it wait for their turn: who floods
// one site waits for those who flood it with them, and takes no more of the database than a busy site does.
const (
	siteAtOnce = 2
	siteWait   = 5 * time.Second
)

const (
	bucketsKept = 100_000
	nameBytes   = 64 // of a name that a bucket is kept under: some come from outside
)

// Limits counts by visitor, address and site. The zero value is ready with Now set.
type Limits struct {
	Now     func() time.Time
	mu      sync.Mutex
	buckets map[string]bucket
	turns   map[string]chan struct{} // by site
}

type bucket struct {
	used float64
	at   time.Time
}

// Turn waits until a visitor of a site, which must be a known one, may write; done is to be called when they have.
// *TooOften where that takes too long.
func (l *Limits) Turn(ctx context.Context, site string) (done func(), err error) {
	l.mu.Lock()
	turn := l.turns[site]
	if turn == nil {
		if l.turns == nil {
			l.turns = map[string]chan struct{}{}
		}
		turn = make(chan struct{}, siteAtOnce)
		l.turns[site] = turn
	}
	l.mu.Unlock()
	done = func() { <-turn }
	select {
	case turn <- struct{}{}:
		return done, nil
	default:
	}
	late := time.NewTimer(siteWait)
	defer late.Stop()
	select {
	case turn <- struct{}{}:
		return done, nil
	case <-late.C:
		return nil, &TooOften{After: siteWait, Problem: errTooOften}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

var errTooOften = &desk.Error{Code: "too-often", Message: "That was much at once. Try again in a moment."}

// Begin counts a new session.
func (l *Limits) Begin(address, site string) error {
	return l.take(map[rate]string{beginAddress: address, beginSite: site}, 1)
}

// Act counts what a visitor does.
func (l *Limits) Act(visitor, address, site string) error {
	return l.take(map[rate]string{perVisitor: visitor, perAddress: address, perSite: site}, 1)
}

// Upload counts a file of so many bytes.
func (l *Limits) Upload(visitor, address, site string, bytes int64) error {
	return l.take(map[rate]string{filesVisitor: visitor, filesAddress: address, filesSite: site}, float64(bytes)/1e6)
}

// take counts so many in all buckets, or in none where one of them is full.
func (l *Limits) take(in map[rate]string, n float64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Now()
	if l.buckets == nil || len(l.buckets) > bucketsKept {
		l.sweep(now)
	}
	for r, who := range in {
		if wait := l.wait(r, who, n, now); wait > 0 {
			return &TooOften{After: wait, Problem: errTooOften}
		}
	}
	for r, who := range in {
		b := l.level(r, who, now)
		l.buckets[r.key(who)] = bucket{b + n, now}
	}
	return nil
}

func (r rate) key(who string) string { return r.name + who[:min(len(who), nameBytes)] }

func (l *Limits) level(r rate, who string, now time.Time) float64 {
	b, ok := l.buckets[r.key(who)]
	if !ok {
		return 0
	}
	return max(0, b.used-now.Sub(b.at).Minutes()*r.perMin)
}

func (l *Limits) wait(r rate, who string, n float64, now time.Time) time.Duration {
	over := l.level(r, who, now) + n - r.burst
	if over <= 0 {
		return 0
	}
	return time.Duration(over / r.perMin * float64(time.Minute))
}

// sweep forgets buckets that are empty again; where that is not enough, all: memory is bounded whatever comes.
func (l *Limits) sweep(now time.Time) {
	kept := map[string]bucket{}
	for name, b := range l.buckets {
		if now.Sub(b.at) < 20*time.Minute { // the slowest bucket is empty by then
			kept[name] = b
		}
	}
	if len(kept) > bucketsKept {
		clear(kept)
	}
	l.buckets = kept
}
