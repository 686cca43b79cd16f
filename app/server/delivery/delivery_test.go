package delivery

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/app/desk"
)

// ledger is one in memory, with the promises of the real one: what is leased is not due, and a letter that was not
// accepted is due again.
type ledger struct {
	mu       sync.Mutex
	now      func() time.Time
	due      map[desk.Call]time.Time
	settled  []desk.Answer
	reclocks int
	looks    int
	failing  int // how many settlements still fail
	renewing error
}

func (l *ledger) Due(context.Context) (calls []desk.Call, next time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looks++
	for c, at := range l.due {
		if !at.After(l.now()) {
			calls = append(calls, c)
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return calls, next, nil
}

func (l *ledger) Claim(_ context.Context, c desk.Call, lease time.Duration) (desk.Letter, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, planned := l.due[c]
	if !planned || at.After(l.now()) {
		return desk.Letter{}, false, nil
	}
	l.due[c] = l.now().Add(lease)
	return desk.Letter{Call: c, Until: l.due[c].UnixMilli()}, true, nil
}

func (l *ledger) Renew(_ context.Context, letter desk.Letter, lease time.Duration) (int64, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.renewing != nil {
		return 0, false, l.renewing
	}
	if l.due[letter.Call].UnixMilli() != letter.Until {
		return 0, false, nil
	}
	l.due[letter.Call] = l.now().Add(lease)
	return l.due[letter.Call].UnixMilli(), true, nil
}

func (l *ledger) Settle(_ context.Context, letter desk.Letter, o desk.Outcome) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failing > 0 {
		l.failing--
		return errors.New("the database is away")
	}
	l.settled = append(l.settled, o.Answer)
	delete(l.due, letter.Call)
	if o.Answer == desk.Later {
		l.due[letter.Call] = l.now().Add(time.Minute)
	}
	return nil
}

func (l *ledger) Reclock(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reclocks++
	return nil
}

func (l *ledger) plan(c desk.Call, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due[c] = at
}

func (l *ledger) answers() []desk.Answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]desk.Answer(nil), l.settled...)
}

func (l *ledger) looked() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.looks
}

func (l *ledger) reclocked() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reclocks
}

func (l *ledger) fail(times int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failing = times
}

// mailer answers as it is told, and notes when it was asked.
type mailer struct {
	mu    sync.Mutex
	at    []time.Time
	busy  map[string]int
	most  int
	takes time.Duration
	reply func(n int) desk.Answer
}

func (m *mailer) Mail(ctx context.Context, l desk.Letter, ours func() bool) desk.Outcome {
	m.mu.Lock()
	m.at = append(m.at, time.Now())
	n := len(m.at)
	m.busy[l.Conversation]++
	m.most = max(m.most, m.busy[l.Conversation])
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.busy[l.Conversation]--
		m.mu.Unlock()
	}()
	select {
	case <-time.After(m.takes):
		if !ours() {
			return desk.Outcome{Answer: desk.Later}
		}
	case <-ctx.Done():
		return desk.Outcome{Answer: desk.Unknown}
	}
	return desk.Outcome{Answer: m.reply(n)}
}

func (m *mailer) times() []time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]time.Time(nil), m.at...)
}

func (m *mailer) mostAtOnce() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.most
}

func accepting(int) desk.Answer { return desk.Accepted }

// stage runs a worker on a clock that only the test moves.
func stage(t *testing.T, m *mailer, play func(w *Worker, l *ledger, start time.Time)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{now: time.Now, due: map[desk.Call]time.Time{}}
		m.busy = map[string]int{}
		w := New(l, m, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { w.Run(ctx) })
		synctest.Wait()
		play(w, l, time.Now())
		stop()
		running.Wait()
	})
}

func call(name string) desk.Call { return desk.Call{Person: "p", Conversation: name} }

func TestWhatIsDueLeavesOnTime(t *testing.T) {
	m := &mailer{reply: accepting}
	stage(t, m, func(w *Worker, l *ledger, start time.Time) {
		l.plan(call("a"), start.Add(61*time.Second))
		w.Planned(start.Add(61 * time.Second))
		time.Sleep(60 * time.Second)
		synctest.Wait()
		if len(m.times()) != 0 {
			t.Fatal("it left early")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(m.times()) != 1 || m.times()[0].Sub(start) != 61*time.Second {
			t.Errorf("it left at %v", m.times())
		}
	})
}

func TestAPostWakesTheWorker(t *testing.T) {
	m := &mailer{reply: accepting}
	stage(t, m, func(w *Worker, l *ledger, start time.Time) {
		time.Sleep(100 * time.Millisecond)
		l.plan(call("a"), time.Now())
		w.Planned(time.Now())
		synctest.Wait()
		if len(m.times()) != 1 || m.times()[0].Sub(start) != 100*time.Millisecond {
			t.Errorf("it left at %v", m.times())
		}
	})
}

func TestWhatAnotherNodePlannedIsNoticed(t *testing.T) {
	m := &mailer{reply: accepting}
	stage(t, m, func(_ *Worker, l *ledger, _ time.Time) {
		l.plan(call("a"), time.Now())
		time.Sleep(askEvery + time.Second)
		synctest.Wait()
		if len(m.times()) != 1 {
			t.Errorf("it left %d times", len(m.times()))
		}
	})
}

func TestFarPlansDoNotRouseTheWorker(t *testing.T) {
	m := &mailer{reply: accepting}
	stage(t, m, func(w *Worker, l *ledger, _ time.Time) {
		before := l.looked()
		for range 10_000 {
			w.Planned(time.Now().Add(time.Minute))
		}
		synctest.Wait()
		if l.looked() != before {
			t.Errorf("the worker looked %d times for what is due in a minute", l.looked()-before)
		}
	})
}

func TestLaterIsTriedAgain(t *testing.T) {
	m := &mailer{reply: func(n int) desk.Answer {
		if n < 3 {
			return desk.Later
		}
		return desk.Accepted
	}}
	stage(t, m, func(w *Worker, l *ledger, start time.Time) {
		l.plan(call("a"), start)
		w.Planned(start)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if got := l.answers(); len(got) != 3 || got[2] != desk.Accepted {
			t.Errorf("answers %v", got)
		}
		if w.Stats.Later.Load() != 2 || w.Stats.Accepted.Load() != 1 {
			t.Errorf("counted %d and %d", w.Stats.Later.Load(), w.Stats.Accepted.Load())
		}
	})
}

// TestASlowServer: one letter that takes long holds up no other, and nothing is begun twice.
func TestASlowServer(t *testing.T) {
	m := &mailer{reply: accepting, takes: 80 * time.Second}
	stage(t, m, func(w *Worker, l *ledger, start time.Time) {
		for _, c := range []desk.Call{call("a"), call("b"), {Person: "p", Conversation: "a", Mail: "earlier"}} {
			l.plan(c, start)
		}
		w.Planned(start)
		synctest.Wait()
		if len(m.times()) != 2 {
			t.Errorf("%d letters are under way, want one for each conversation", len(m.times()))
		}
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		if len(l.answers()) != 3 || m.mostAtOnce() != 1 {
			t.Errorf("%d answers, at most %d at once in one conversation", len(l.answers()), m.mostAtOnce())
		}
	})
}

func TestAnAnswerIsWrittenWhenTheDatabaseIsBack(t *testing.T) {
	m := &mailer{reply: accepting}
	stage(t, m, func(w *Worker, l *ledger, start time.Time) {
		l.fail(5)
		l.plan(call("a"), start)
		w.Planned(start)
		time.Sleep(Lease - time.Second)
		synctest.Wait()
		if got := l.answers(); len(got) != 1 || len(m.times()) != 1 {
			t.Errorf("settled %v after %d mails", got, len(m.times()))
		}
	})
}

func TestAPanicInTheMailerEndsNothing(t *testing.T) {
	m := &mailer{reply: func(n int) desk.Answer {
		if n == 1 {
			panic("a letter nobody can write")
		}
		return desk.Accepted
	}}
	stage(t, m, func(w *Worker, l *ledger, start time.Time) {
		l.plan(call("a"), start)
		w.Planned(start)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := l.answers(); len(got) != 2 || got[0] != desk.Later || got[1] != desk.Accepted {
			t.Errorf("answers %v", got)
		}
	})
}

func TestAServerThatNeverAnswersIsGivenUp(t *testing.T) {
	m := &mailer{reply: accepting, takes: time.Hour}
	stage(t, m, func(w *Worker, l *ledger, start time.Time) {
		l.plan(call("a"), start)
		w.Planned(start)
		time.Sleep(handOver + time.Second)
		synctest.Wait()
		if got := l.answers(); len(got) != 1 || got[0] != desk.Unknown {
			t.Errorf("answers %v", got)
		}
	})
}

func TestAClockThatIsSetBackIsNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		behind := time.Duration(0)
		wall := func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Round(0).Add(-behind)
		}
		l := &ledger{now: wall, due: map[desk.Call]time.Time{}}
		w := New(l, &mailer{reply: accepting, busy: map[string]int{}}, slog.New(slog.NewTextHandler(io.Discard, nil)), wall)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { w.Run(ctx) })
		time.Sleep(time.Minute)
		synctest.Wait()
		if l.reclocked() != 1 {
			t.Errorf("planned anew %d times, and once at the start was enough", l.reclocked())
		}
		mu.Lock()
		behind = 24 * time.Hour
		mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if l.reclocked() != 2 {
			t.Errorf("planned anew %d times", l.reclocked())
		}
		stop()
		running.Wait()
	})
}

// TestShutdown: what a mail server has begun to take has a moment for its answer, and nothing new is begun.
func TestShutdown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{now: time.Now, due: map[desk.Call]time.Time{call("a"): time.Now()}}
		m := &mailer{reply: accepting, busy: map[string]int{}, takes: 2 * time.Second}
		w := New(l, m, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { w.Run(ctx) })
		synctest.Wait()
		stop()
		l.plan(call("b"), time.Now())
		running.Wait()
		if got := l.answers(); len(got) != 1 || got[0] != desk.Accepted {
			t.Errorf("answers %v", got)
		}
	})
}
