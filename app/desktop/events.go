package desktop

import "sync"

// events hands what happened to every window that listens, in order. A listener too slow to keep up is dropped, not
// waited for: it reads everything again when it comes back.
type events struct {
	mu        sync.Mutex
	listeners map[*listener]struct{}
}

// listener is one window. C is closed when it was dropped.
type listener struct{ C chan any }

// queued is how many events may wait for one window.
const queued = 1024

func newEvents() *events { return &events{listeners: map[*listener]struct{}{}} }

// emit never blocks.
func (e *events) emit(event any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for l := range e.listeners {
		select {
		case l.C <- event:
		default:
			delete(e.listeners, l)
			close(l.C)
		}
	}
}

func (e *events) listen() *listener {
	l := &listener{C: make(chan any, queued)}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.listeners[l] = struct{}{}
	return l
}

// leave may be called for a listener that was dropped.
func (e *events) leave(l *listener) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.listeners, l)
}
