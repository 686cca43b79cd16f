// Package presence tells whether a person is at this computer: by input and by the screen's lock, never by a connection.
package presence

import (
	"sync"
	"time"
)

// IdleAfter is how long there may be no input before a person counts as away.
const IdleAfter = 5 * time.Minute

// Probe is what the system tells beyond the app's own window.
type Probe interface {
	// Idle gives how long there was no input at all; ok is false where that can't be asked.
	Idle() (d time.Duration, ok bool)
}

// Watch puts together what the window, the system and the person say.
type Watch struct {
	probe  Probe
	tell   func(here bool)
	locked func(bool)
	now    func() time.Time

	mu     sync.Mutex
	input  time.Time // the last known
	lock   bool
	away   bool // chosen
	here   bool
	told   bool
	timer  *time.Timer
	closed bool
}

// New begins to watch, with the person here: they have just started the app. tell is told at once and on each change
// whether the person is here; locked, whether the screen is locked, on each change. Neither may call the Watch.
func New(probe Probe, tell, locked func(bool), now func() time.Time) *Watch {
	w := &Watch{probe: probe, tell: tell, locked: locked, now: now, input: now()}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.decide()
	return w
}

// Input is told of input in the window.
func (w *Watch) Input() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.input = w.now()
	w.decide()
}

// Lock is told that the screen was locked or unlocked. Whoever unlocks it is here.
func (w *Watch) Lock(locked bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lock == locked {
		return
	}
	if w.lock = locked; !locked {
		w.input = w.now()
	}
	w.locked(locked)
	w.decide()
}

// Choose has the person shown as away whatever they do, or by what they do again.
func (w *Watch) Choose(away bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = away
	w.input = w.now() // choosing is input
	w.decide()
}

// Chosen tells whether the person chose to be shown as away.
func (w *Watch) Chosen() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.away
}

// Close ends the watch; nothing is told afterwards.
func (w *Watch) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.timer != nil {
		w.timer.Stop()
	}
}

// decide tells what changed, and looks again when the person would become away. Only then is the system asked: while
// there is input in the window nothing needs to be, and while nobody is there nothing changes without input or unlocking.
func (w *Watch) decide() {
	if w.closed {
		return
	}
	if w.timer != nil {
		w.timer.Stop()
	}
	since := w.now().Sub(w.input)
	if since >= IdleAfter && !w.lock {
		if idle, ok := w.probe.Idle(); ok {
			since = min(since, idle)
		}
	}
	here := since < IdleAfter && !w.lock && !w.away
	switch {
	case w.lock || w.away: // ended by a call
	case here:
		w.timer = time.AfterFunc(IdleAfter-since, w.look)
	default:
		w.timer = time.AfterFunc(awayLook, w.look)
	}
	if here != w.here || !w.told {
		w.here, w.told = here, true
		w.tell(here)
	}
}

// awayLook is how often the system is asked whether somebody came back to it, to another window than ours.
const awayLook = 30 * time.Second

func (w *Watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.decide()
}
