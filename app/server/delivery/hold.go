package delivery

import (
	"context"
	"sync"
	"time"

	"recado/app/desk"
)

// hold keeps a letter this worker's while it is being handed over. A node that is killed holds it no longer than a lease.
type hold struct {
	w      *Worker
	letter desk.Letter
	stop   context.CancelFunc
	ended  sync.WaitGroup

	mu    sync.Mutex
	since moment // when it was last claimed or renewed, before that was asked for
	lost  bool
}

// moment is one moment by two clocks: the one on the wall may be set, and the other stands still with the machine.
type moment struct{ wall, steady time.Time }

func (w *Worker) moment() moment { return moment{w.Now().Round(0), time.Now()} }

// hold begins to renew the lease of a letter that was claimed after began.
func (w *Worker) hold(ctx context.Context, l desk.Letter, began moment) *hold {
	ctx, stop := context.WithCancel(ctx)
	h := &hold{w: w, letter: l, stop: stop, since: began}
	h.ended.Go(func() { h.renew(ctx) })
	return h
}

func (h *hold) renew(ctx context.Context) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		began := h.w.moment()
		until, ok, err := h.w.Ledger.Renew(context.WithoutCancel(ctx), h.letter, Lease)
		if err != nil {
			h.w.Log.Error("keep what is leaving", "mail", h.letter.Mail, "error", err)
			continue
		}
		h.mu.Lock()
		if h.lost = !ok; ok {
			h.letter.Until, h.since = until, began
		}
		h.mu.Unlock()
		if !ok {
			return
		}
	}
}

// ours tells whether the letter is surely still this worker's.
func (h *hold) ours() bool {
	now := h.w.moment()
	h.mu.Lock()
	defer h.mu.Unlock()
	steady, wall := now.steady.Sub(h.since.steady), now.wall.Sub(h.since.wall)
	return !h.lost && steady < sure && wall < sure && wall > -sure
}

// end stops renewing and gives until when the letter is leased.
func (h *hold) end() int64 {
	h.stop()
	h.ended.Wait()
	return h.letter.Until
}
