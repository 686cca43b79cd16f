package livechat

import (
	"context"
	"slices"
	"sync"
	"time"
)

// How often what needs no visitor is done, and how much of it at once.
const (
	beatEvery  = 5 * time.Second
	nodeLife   = 20 * time.Second // a node that says nothing for so long is dead
	sweepEvery = time.Hour
	sweepPart  = 500
	// leavePart are told to have left at once, and leavePause is what programs are given to take that: a stream keeps a
	// few kilobytes of what is not stored, and misses what comes beyond.
	leavePart  = 25
	leavePause = 100 * time.Millisecond
)

// SilentLife is for how long a visitor is remembered who opened the chat and never wrote.
const SilentLife = 24 * time.Hour

// Run says that this node lives, takes leave of the customers of nodes that don't, and forgets who never wrote, until ctx
// ends.
func (s *Service) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { s.every(ctx, beatEvery, "say that this node lives", s.Beat) })
	work.Go(func() { s.every(ctx, beatEvery, "take leave of customers whose node died", s.TakeLeave) })
	work.Go(func() { s.every(ctx, sweepEvery, "forget visitors who never wrote", s.Sweep) })
	work.Wait()
}

// every does something now and again and again. What fails is made up for by the next time.
func (s *Service) every(ctx context.Context, pause time.Duration, what string, do func(context.Context) error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil && s.Log != nil {
			s.Log.Error("live chat: "+what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Beat says that this node lives for another 20 seconds. Where it had said nothing for so long, as after a computer
// slept, others have taken its customers for gone: those whose streams are still open are back.
func (s *Service) Beat(ctx context.Context) error {
	now, last := s.now(), s.beat.Load()
	if err := s.Store.Beat(ctx, s.Node, now, now+nodeLife.Milliseconds()); err != nil {
		return err
	}
	if last > 0 && now-last >= nodeLife.Milliseconds() {
		if err := s.comeBack(ctx); err != nil {
			return err
		}
	}
	s.beat.Store(now)
	return nil
}

func (s *Service) comeBack(ctx context.Context) error {
	streams := s.open.all()
	for part := range slices.Chunk(streams, sweepPart) {
		if err := s.Store.Reopen(ctx, part); err != nil {
			return err
		}
	}
	still := map[string]bool{}
	for _, v := range s.open.all() {
		still[v.ID] = true
	}
	back := map[string]bool{}
	for _, v := range streams {
		if !still[v.ID] { // it ended while it was being opened anew
			if err := s.Store.CloseStream(ctx, v.ID, s.now()); err != nil {
				return err
			}
			continue
		}
		if back[v.Person] {
			continue
		}
		back[v.Person] = true
		if err := s.Desk.BackInChat(ctx, v.Person); err != nil {
			return err
		}
		s.changed(v.Person)
	}
	return nil
}

// TakeLeave ends the streams of nodes that died: what their customers have not seen leaves by mail at once, and programs
// are told that they left. All nodes do this; each stream is ended by one of them.
func (s *Service) TakeLeave(ctx context.Context) error {
	dead, err := s.Store.Dead(ctx, s.now())
	if err != nil {
		return err
	}
	for part := range slices.Chunk(dead, leavePart) {
		now := s.now()
		var ids, people []string
		for _, v := range part {
			ids, people = append(ids, v.ID), append(people, v.Person)
		}
		if err := s.Desk.LeftChat(ctx, people, now); err != nil {
			return err
		}
		gone, err := s.Store.CloseDead(ctx, ids, now, now-Linger.Milliseconds())
		if err != nil {
			return err
		}
		for _, person := range gone {
			s.changed(person)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(leavePause):
		}
	}
	return nil
}

// Sweep forgets visitors who opened the chat more than a day ago and never wrote, with all they left here, and ends
// sessions that no browser has used for 180 days.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		n, files, err := s.Store.ForgetSilent(ctx, s.now(), s.now()-SilentLife.Milliseconds(), sweepPart)
		if err != nil {
			return err
		}
		for _, id := range files {
			if s.RemoveFile == nil {
				continue
			}
			if err := s.RemoveFile(id); err != nil {
				return err
			}
		}
		if n < sweepPart {
			break
		}
	}
	for {
		n, err := s.Store.EndSessions(ctx, s.now()-SessionLife.Milliseconds(), sweepPart)
		if err != nil || n < sweepPart {
			return err
		}
	}
}
