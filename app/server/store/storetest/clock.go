package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recado/app/desk"
)

// clockRun is a colleague who may be mailed, on a clock that is set forwards and back by hours.
type clockRun struct {
	b          *Bundle
	ana, luis  desk.Person
	room       string
	last, seen int64
	later      int
	mailed     map[int64]int // accepted mails a message stood in
	unseenThen map[int64]bool
}

// testClockJumps: whatever the clock on the wall does, what was not seen is mailed, once, and what was seen before is not.
func testClockJumps(t *testing.T, b *Bundle) {
	rapid.Check(t, func(rt *rapid.T) {
		run := &clockRun{b: b, ana: b.User("Ana"), luis: b.User("Luis"), mailed: map[int64]int{}, unseenThen: map[int64]bool{}}
		run.room = b.Start(run.ana, "1", run.luis).ID
		run.last = 1
		for range rapid.IntRange(5, 25).Draw(rt, "steps") {
			run.step(rt)
		}
		for range 50 { // whatever is put off comes within days
			b.Pass(3 * time.Hour)
			run.leave(rt, desk.Accepted)
		}
		for n := int64(1); n <= run.last; n++ {
			want := 0
			if n > run.seen || run.unseenThen[n] {
				want = 1
			}
			if run.mailed[n] != want {
				rt.Fatalf("message %d of %d, seen up to %d: mailed %d times, not %d", n, run.last, run.seen, run.mailed[n], want)
			}
		}
	})
}

func (r *clockRun) step(rt *rapid.T) {
	hours := time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour
	switch rapid.SampledFrom([]string{"say", "say", "see", "wait", "leave", "killed", "later", "ahead", "back"}).Draw(rt, "what") {
	case "say":
		if r.last < 8 { // more would be held: a loop
			r.last++
			r.b.Say(r.ana, r.room, fmt.Sprint(r.last))
		}
	case "see":
		r.see(rt, rapid.Int64Range(r.seen, r.last).Draw(rt, "up to"))
	case "wait":
		r.b.Pass(time.Duration(rapid.IntRange(1, 90).Draw(rt, "seconds")) * time.Second)
	case "leave":
		r.leave(rt, desk.Accepted)
	case "killed":
		r.b.claim()
	case "later":
		if r.later++; r.later < 4 {
			r.leave(rt, desk.Later)
		}
	case "ahead":
		r.b.Pass(hours)
	case "back":
		r.b.Pass(-hours)
		if err := r.b.Messaging.Reclock(context.Background()); err != nil {
			rt.Fatal(err)
		}
	}
}

func (r *clockRun) see(rt *rapid.T, upTo int64) {
	if _, err := r.b.Messaging.See(context.Background(), r.luis, r.room, upTo, r.b.now()); err != nil {
		rt.Fatal(err)
	}
	r.seen = max(r.seen, upTo)
}

// leave hands over what is due, and looks into it.
func (r *clockRun) leave(rt *rapid.T, a desk.Answer) {
	for _, l := range r.b.claim() {
		if l.Room.ID != r.room {
			continue // of a run before
		}
		for _, m := range l.Messages {
			if m.Number <= r.seen {
				rt.Fatalf("message %d leaves, seen up to %d", m.Number, r.seen)
			}
			if a == desk.Accepted {
				r.mailed[m.Number]++
				r.unseenThen[m.Number] = true
			}
		}
		r.b.settle(l, a)
	}
}
