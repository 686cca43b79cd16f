package sync

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	maxBatch = 500
	// maxGaps at one and the same place are taken for a broken feed: then everything is read anew.
	maxGaps = 3
)

var errGap = errors.New("entries are missing in the feed")

// feedLoop follows the feed, from one stream to the next.
func (e *Engine) feedLoop(ctx context.Context) {
	for fails := 0; ctx.Err() == nil; {
		wait, met, err := e.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if a := answered(err); a != nil && a.Status == 401 {
			e.SessionEnded()
			return
		}
		if met {
			fails = 0
		}
		if wait < 0 {
			wait = e.Backoff(fails)
			fails++
		}
		if !pause(ctx, wait, e.feedWake) {
			return
		}
	}
}

// follow fills the cache where that is needed and reads one stream to its end. wait is below 0 for the usual backoff;
// met tells that the server was reached.
func (e *Engine) follow(ctx context.Context) (wait time.Duration, met bool, err error) {
	e.change(func(c *Connection) {
		if c.State != Offline {
			c.State = Connecting
		}
	})
	place, err := e.Store.Place(ctx)
	if err == nil && (place.Epoch == "" || e.fillNext) {
		if place, err = e.fill(ctx); err == nil {
			e.fillNext = false
		}
	}
	s := &stream{e: e, place: place, next: place.Number + 1}
	if err == nil {
		err = s.run(ctx)
	}
	wait, problem := e.ended(err, place)
	if wait != 0 {
		e.wentOffline(problem)
	}
	return wait, s.met, err
}

// ended decides how to go on after a stream has ended.
func (e *Engine) ended(err error, place Place) (wait time.Duration, problem string) {
	var reset *ResetError
	var bye *ByeError
	switch {
	case errors.As(err, &reset):
		e.Logger.Info("feed starts over", "reason", reset.Reason)
		e.fillNext = true
		return 0, ""
	case errors.As(err, &bye):
		e.Logger.Info("server ended the stream", "reason", bye.Reason)
		return max(time.Duration(bye.RetryAfterMS)*time.Millisecond, time.Millisecond), ""
	case errors.Is(err, errGap):
		return e.foundGap(place), "Entries were missing. They are being fetched."
	case err != nil:
		e.Logger.Info("feed ended", "error", err)
	}
	if a := answered(err); a != nil {
		return -1, a.Message
	}
	var local *Error
	if errors.As(err, &local) {
		return -1, local.Message
	}
	return -1, ""
}

func (e *Engine) foundGap(place Place) time.Duration {
	now, err := e.Store.Place(context.Background())
	if err == nil {
		place = now
	}
	if e.gaps++; e.gapsAt != place.Number {
		e.gapsAt, e.gaps = place.Number, 1
	}
	if e.gaps >= maxGaps {
		e.fillNext, e.gaps = true, 0
	}
	e.Logger.Warn("gap in the feed", "after", place.Number)
	e.change(func(c *Connection) { c.Gap = true })
	return -1
}

// stream is one connection to the feed. Its handler methods run on the connection's goroutine and hand over to apply,
// which stores what has come together.
type stream struct {
	e     *Engine
	place Place
	next  int64
	hello int64 // the head when the stream began: entries after it are live
	met   bool
	work  chan work
	ended chan struct{}
	err   error
	ctx   context.Context
	asks  sync.WaitGroup
}

// work is an entry, or the head that was told after it.
type work struct {
	entry Entry
	head  int64
}

var errEnded = errors.New("applying ended")

func (s *stream) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.ctx = ctx
	s.work, s.ended = make(chan work, maxBatch), make(chan struct{})
	go func() {
		defer close(s.ended)
		if s.err = s.apply(ctx); s.err != nil {
			cancel()
		}
	}()
	err := s.e.Remote.Stream(ctx, s.place, s)
	close(s.work)
	<-s.ended
	cancel()
	s.asks.Wait()
	if s.e.lobby.clear() {
		s.e.Emit(Event{Type: ChatsEvent})
	}
	if s.err != nil && !errors.Is(s.err, context.Canceled) {
		return s.err
	}
	return err
}

func (s *stream) Hello(epoch, boot string, _, head int64) error {
	if epoch != s.place.Epoch {
		return &ResetError{Reason: "epoch"}
	}
	s.place.Boot, s.hello, s.met = boot, head, true
	p := s.place
	if _, err := s.e.Store.Apply(context.Background(), nil, &p); err != nil {
		return err
	}
	s.e.change(func(c *Connection) {
		c.State, c.Since, c.Problem, c.UpTo, c.Head = Connected, "", "", s.place.Number, head
	})
	wake(s.e.sendWake)
	s.e.lobby.begin()
	s.asks.Go(func() { s.e.readChats(s.ctx) })
	s.asks.Go(func() { s.e.ReadCanned(s.ctx) })
	if s.place.Number >= head {
		wake(s.e.oldWake)
	}
	return nil
}

// Entry takes the next entry; one that was there before is passed over, one too far ahead is a gap.
func (s *stream) Entry(en Entry) error {
	switch {
	case !s.met:
		return errors.New("an entry came before hello")
	case en.Number < s.next:
		return nil
	case en.Number > s.next:
		return fmt.Errorf("%w: %d came, %d was due", errGap, en.Number, s.next)
	}
	s.next++
	return s.push(work{entry: en})
}

// Head is the server's word that every entry up to it was written on this stream.
func (s *stream) Head(head int64) error {
	if head >= s.next {
		return fmt.Errorf("%w: %d was told, %d was due", errGap, head, s.next)
	}
	return s.push(work{head: head})
}

func (s *stream) push(w work) error {
	select {
	case s.work <- w:
		return nil
	case <-s.ended:
		return errEnded
	}
}

func (s *stream) Typing(conversation, person string) {
	s.e.Emit(Event{Type: TypingEvent, ConversationID: conversation, Person: person})
}

func (s *stream) Looking(conversation, person string, looking bool) {
	s.e.Emit(Event{Type: LookingEvent, ConversationID: conversation, Person: person, Looking: looking})
}

func (s *stream) Held() { s.e.Emit(Event{Type: HeldEvent}) }

func (s *stream) Presence(person, state string) {
	s.e.mu.Lock()
	s.e.presence[person] = state
	s.e.mu.Unlock()
	if p, err := s.e.Store.Person(context.Background(), person); err == nil {
		p.Presence = state
		s.e.Emit(Event{Type: PeopleEvent, People: []Person{p}})
	}
}

// apply stores what has come, as much as there is at once, until the stream ends.
func (s *stream) apply(ctx context.Context) error {
	for w := range s.work {
		batch, head := s.collect(w)
		if err := s.store(ctx, batch); err != nil {
			return err
		}
		s.e.change(func(c *Connection) {
			c.UpTo, c.Head = s.place.Number, max(c.Head, head, s.place.Number)
			c.Gap = c.Gap && len(batch) == 0
		})
		if s.place.Number >= s.hello { // what was missed has come: what is still missing came before
			wake(s.e.oldWake)
		}
	}
	return nil
}

// collect takes what is there without waiting, but never mixes missed entries with live ones.
func (s *stream) collect(first work) (batch []Entry, head int64) {
	for w, ok := first, true; ok; {
		if w.entry.Number == 0 {
			head = max(head, w.head)
		} else {
			batch = append(batch, w.entry)
		}
		if len(batch) >= maxBatch || w.entry.Number == s.hello && s.hello != 0 {
			return batch, head
		}
		select {
		case w, ok = <-s.work:
		default:
			return batch, head
		}
	}
	return batch, head
}

func (s *stream) store(ctx context.Context, batch []Entry) error {
	if len(batch) == 0 {
		return nil
	}
	if err := s.e.fetchTruncated(ctx, batch); err != nil {
		return err
	}
	place := s.place
	place.Number = batch[len(batch)-1].Number
	changes, err := s.e.Store.Apply(context.WithoutCancel(ctx), batch, &place)
	if err != nil {
		return err
	}
	s.place = place
	s.e.tell(context.WithoutCancel(ctx), changes)
	s.e.tellArrived(context.WithoutCancel(ctx), changes.Arrived, batch[0].Number > s.hello)
	return nil
}

// fetchTruncated puts the whole message, conversation or item where the feed had only room for its name. What may no longer
// be seen becomes an entry that carries nothing.
func (e *Engine) fetchTruncated(ctx context.Context, batch []Entry) error {
	for i := range batch {
		if m := batch[i].Message; m != nil && m.Truncated {
			whole, err := fetched(e.Remote.Message(ctx, m.ID))
			if err != nil {
				return err
			}
			batch[i].Message = whole
		}
		if c := batch[i].Conversation; c != nil && c.Truncated {
			whole, err := fetched(e.Remote.Conversation(ctx, c.ID))
			if err != nil {
				return err
			}
			batch[i].Conversation = whole
		}
		if it := batch[i].Item; it != nil && it.Truncated {
			whole, err := fetched(e.Remote.Item(ctx, it.ID))
			if err != nil {
				return err
			}
			batch[i].Item = whole
		}
	}
	return nil
}

// fetched gives nil for what is not to be seen any more.
func fetched[T any](v T, err error) (*T, error) {
	if a := answered(err); a != nil && a.Status == 404 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &v, nil
}
