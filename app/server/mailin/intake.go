package mailin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"recado/app/desk"
	"recado/app/kit/letter"
)

// MaxMail is the largest mail taken, in bytes.
const MaxMail = 30 << 20

const (
	lease      = 45 * time.Second // for placing one mail; after a kill it is placed by another node then
	askEvery   = 5 * time.Second  // what other nodes received, and what is to be tried again
	maxTries   = 8
	hands      = 4 // mails placed at once; most of the time is waiting for DNS
	firstPause = 2 * time.Second
	large      = 4 << 20 // bytes of a mail that is placed while no other of its size is
)

// Take stores a mail and its row. After it returns without error the mail survives a power cut and will be placed or
// held. filestore.ErrTooLarge where it is larger than MaxMail.
func (s *Service) Take(ctx context.Context, e Envelope, r io.Reader) (id string, err error) {
	id = s.NewID()
	var header headerOf
	st, err := s.Files.Stage(id, io.TeeReader(r, &header), MaxMail)
	if err != nil {
		return "", fmt.Errorf("store a mail: %w", err)
	}
	if err := s.Files.Keep(id, st); err != nil {
		s.Files.Discard(st)
		return "", fmt.Errorf("store a mail: %w", err)
	}
	now := s.now()
	m := Mail{ID: id, SHA256: st.SHA256, Size: st.Size, ReceivedAt: now, Envelope: e, Sender: header.sender(), State: Received, Due: now}
	if err := s.Store.AddMail(ctx, m); err != nil {
		return "", fmt.Errorf("note a mail: %w", err) // its bytes stay: whether the row stands is not known for sure
	}
	s.Stats.Received.Add(1)
	s.rouse()
	return id, nil
}

// headerOf keeps what is written up to the end of a mail's header, within bounds.
type headerOf struct {
	kept  []byte
	whole bool
}

// Write keeps no more than it needs, and never fails.
func (h *headerOf) Write(b []byte) (int, error) {
	if h.whole {
		return len(b), nil
	}
	from := max(0, len(h.kept)-3) // the empty line may come in two pieces
	h.kept = append(h.kept, b...)
	for _, empty := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(h.kept[from:], []byte(empty)); i >= 0 {
			h.kept, h.whole = h.kept[:from+i+len(empty)], true
		}
	}
	if most := letter.DefaultLimits().HeaderBytes; len(h.kept) > most {
		h.kept, h.whole = h.kept[:most], true
	}
	return len(b), nil
}

// sender is the From address, empty where there is not exactly one. By it mails are placed in the order they came.
func (h *headerOf) sender() string {
	l, err := letter.Parse(h.kept, letter.DefaultLimits())
	if err != nil {
		return ""
	}
	from, _ := l.Sender()
	return clip(desk.Address(from.Email), 320)
}

func (s *Service) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run places what has come in until ctx ends, and returns when nothing is under way any more.
func (s *Service) Run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	free := make(chan struct{}, hands)
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		free <- struct{}{}
		m, err := s.claim(ctx)
		if err == nil {
			wg.Go(func() {
				defer s.rouse() // what its sender sent after it may be placed now
				defer func() { <-free }()
				s.handle(context.WithoutCancel(ctx), m)
			})
			continue
		}
		<-free
		if !errors.Is(err, desk.ErrNotFound) && ctx.Err() == nil {
			s.Log.Error("look for mails to place", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-tick.C:
		}
	}
}

// PlaceDue places everything that is due now, one after the other, and answers how many there were.
func (s *Service) PlaceDue(ctx context.Context) (n int, err error) {
	for ; ; n++ {
		m, err := s.claim(ctx)
		if errors.Is(err, desk.ErrNotFound) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		s.handle(ctx, m)
	}
}

func (s *Service) claim(ctx context.Context) (Mail, error) {
	now := s.now()
	return s.Store.ClaimMail(ctx, now, now+lease.Milliseconds())
}

// handle brings one mail to an end, or plans another try. The number of tries was written before: a mail that takes the
// whole process with it is held in the end.
func (s *Service) handle(ctx context.Context, m Mail) {
	ctx, cancel := context.WithTimeout(ctx, lease-10*time.Second)
	defer cancel()
	if m.Size > large { // one after the other, so that memory does not grow with what comes at once
		s.large.Lock()
		defer s.large.Unlock()
	}
	var v verdict
	err := errors.New("it was tried too often")
	if m.Attempts <= maxTries {
		v, err = s.safely(ctx, &m)
	}
	switch {
	case err == nil:
		m.State, m.Reason = v.state, v.reason
	case m.Attempts >= maxTries:
		m.State, m.Reason = Held, ReasonFailed
	default:
		m.Due = s.now() + (firstPause << min(m.Attempts, 8)).Milliseconds()
	}
	if err != nil {
		s.Stats.Retried.Add(1)
		s.Log.Error("place a mail", "mail", m.ID, "attempt", m.Attempts, "error", err)
	}
	s.count(m.State)
	if err := s.Store.PutMail(ctx, m); err != nil {
		s.Log.Error("note what became of a mail", "mail", m.ID, "error", err) // its lease ends, and it is placed again with the same key
	} else if m.State == Held {
		s.changed()
	}
}

func (s *Service) count(st State) {
	switch st {
	case Placed:
		s.Stats.Placed.Add(1)
	case Held:
		s.Stats.Held.Add(1)
	case Discarded:
		s.Stats.Discarded.Add(1)
	}
}

// safely places a mail; one that makes the code panic must not take the server with it.
func (s *Service) safely(ctx context.Context, m *Mail) (v verdict, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic while placing a mail", "mail", m.ID, "panic", p, "stack", string(debug.Stack()))
			err = errors.New("panic")
		}
	}()
	return s.place(ctx, m, nil)
}
