package client

import "sync"

// notifier hands over what happened, in order, from one goroutine, so that no loop of the client waits for a window.
type notifier struct {
	mu    sync.Mutex
	queue []func()
	bell  chan struct{}
	quit  chan struct{}
	ended chan struct{}
}

func newNotifier() *notifier {
	n := &notifier{bell: make(chan struct{}, 1), quit: make(chan struct{}), ended: make(chan struct{})}
	go n.run()
	return n
}

func (n *notifier) add(fn func()) {
	n.mu.Lock()
	n.queue = append(n.queue, fn)
	n.mu.Unlock()
	select {
	case n.bell <- struct{}{}:
	default: // it rings already
	}
}

func (n *notifier) run() {
	defer close(n.ended)
	for {
		n.mu.Lock()
		queue := n.queue
		n.queue = nil
		n.mu.Unlock()
		for _, fn := range queue {
			fn()
		}
		if len(queue) > 0 {
			continue
		}
		select {
		case <-n.bell:
		case <-n.quit:
			return
		}
	}
}

// close waits until everything that was added is told.
func (n *notifier) close() {
	close(n.quit)
	<-n.ended
}
