package hub

import (
	"errors"
	"os"
	"time"
)

// work serves queued streams, many at a time: one read of the database for all of them.
func (h *Hub) work() {
	for {
		select {
		case <-h.ctx.Done():
			return
		case s := <-h.queue:
			h.round(h.collect(s))
		}
	}
}

func (h *Hub) collect(first *Stream) []*Stream {
	round := []*Stream{first}
	for len(round) < roundSize {
		select {
		case s := <-h.queue:
			round = append(round, s)
			continue
		default:
		}
		h.overflow.Lock()
		n := min(len(h.overflow.streams), roundSize-len(round))
		round = append(round, h.overflow.streams[:n]...)
		h.overflow.streams = append(h.overflow.streams[:0], h.overflow.streams[n:]...)
		h.overflow.Unlock()
		return round
	}
	return round
}

// round reads for streams and writes to each. Two streams of one person that stand at different places take turns.
func (h *Hub) round(streams []*Stream) {
	places := make(map[string]int64, len(streams))
	reads := make([]Read, 0, len(streams))
	served := streams[:0]
	for _, s := range streams {
		s.mu.Lock()
		if s.state == closed {
			s.mu.Unlock()
			continue
		}
		at, taken := places[s.person]
		if taken && at != s.cursor {
			s.mu.Unlock()
			h.push(s) // still queued; in the next round
			continue
		}
		s.state, s.again = serving, false
		if !taken {
			places[s.person] = s.cursor
			reads = append(reads, Read{s.person, s.cursor})
		}
		served = append(served, s)
		s.mu.Unlock()
	}
	batches, err := h.Source.Batches(h.ctx, reads)
	if err != nil {
		if h.ctx.Err() == nil {
			h.Log.Error("reading feeds", "streams", len(served), "error", err)
		}
		for _, s := range served {
			h.finish(s, false)
		}
		return
	}
	for _, s := range served {
		h.serve(s, batches[s.person])
	}
}

// serve writes what is due on one stream: entries, then a head where everything was written, then what is not stored.
func (h *Hub) serve(s *Stream, b Batch) {
	out := b.Bytes
	s.mu.Lock()
	if len(b.Bytes) > 0 {
		s.cursor = b.UpTo
	}
	if !b.More && (s.head || len(s.extra) > 0) {
		out = append([]byte(nil), out...) // other streams share these bytes
		if s.head {
			out = append(out, h.Source.Head(s.cursor)...)
		}
		out = append(out, s.extra...)
		s.head, s.extra = false, nil
	}
	s.mu.Unlock()
	if len(out) == 0 {
		h.finish(s, b.More)
		return
	}
	if s.slow { // it kept a worker waiting once; from then on it has a goroutine for each write
		go h.waitFor(s, out, b.More)
		return
	}
	s.conn.SetWriteDeadline(time.Now().Add(patience))
	n, err := s.conn.Write(out)
	switch {
	case err == nil:
		h.wrote(s, b.More)
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.slow = true
		rest := out[n:]
		go h.waitFor(s, rest, b.More) // off the workers: others go on
	default:
		h.drop(s)
	}
}

// waitFor gives a reader that is behind its ten seconds.
func (h *Hub) waitFor(s *Stream, rest []byte, more bool) {
	s.conn.SetWriteDeadline(time.Now().Add(WriteTimeout))
	if _, err := s.conn.Write(rest); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			h.Stats.Slow.Add(1)
			h.Log.Info("a reader took nothing for ten seconds and was cut off")
		}
		h.drop(s)
		return
	}
	h.wrote(s, more)
}

func (h *Hub) wrote(s *Stream, more bool) {
	h.Stats.Written.Add(1)
	s.mu.Lock()
	s.beat = time.Now()
	s.mu.Unlock()
	h.finish(s, more)
}

// finish makes a stream idle, or queues it again where there is more or it was woken meanwhile.
func (h *Hub) finish(s *Stream, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != serving {
		return
	}
	if more || s.again {
		s.state = queued
		h.push(s)
		return
	}
	s.state = idle
}

// keep looks after all streams: heads in time, entries another process or node wrote, sessions ended elsewhere.
func (h *Hub) keep() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-h.ctx.Done():
			return
		case now := <-tick.C:
			h.beats(now)
			h.lookForNew()
			if n%3 == 0 {
				h.endRevoked()
			}
		}
	}
}

func (h *Hub) beats(now time.Time) {
	due := h.all(func(s *Stream) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if now.Sub(s.beat) < beatEvery || s.state == closed {
			return false
		}
		s.head = true
		return true
	})
	for _, s := range due {
		h.wake(s)
	}
}

// lookForNew compares heads with cursors: a wake-up can be lost between nodes, and a command that writes to the same
// database sends none.
func (h *Hub) lookForNew() {
	h.mu.RLock()
	people := make([]string, 0, len(h.people))
	for p := range h.people {
		people = append(people, p)
	}
	h.mu.RUnlock()
	if len(people) == 0 {
		return
	}
	heads, err := h.Source.Heads(h.ctx, people)
	if err != nil {
		return // the next tick asks again
	}
	for _, s := range h.all(func(s *Stream) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.state == idle && heads[s.person] > s.cursor
	}) {
		h.wake(s)
	}
}

func (h *Hub) endRevoked() {
	seen := map[string]bool{}
	var ids []string
	h.all(func(s *Stream) bool {
		if !seen[s.session] {
			seen[s.session] = true
			ids = append(ids, s.session)
		}
		return false
	})
	if len(ids) == 0 {
		return
	}
	live, err := h.Source.LiveSessions(h.ctx, ids)
	if err != nil {
		return
	}
	var ended []string
	for _, id := range ids {
		if !live[id] {
			ended = append(ended, id)
		}
	}
	if len(ended) > 0 {
		h.EndSessions(ended)
	}
}
