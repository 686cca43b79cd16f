package livechat

import (
	"context"
	"strings"
	"sync"
	"time"

	"recado/app/desk"
)

// openStreams counts this node's streams by customer.
type openStreams struct {
	mu sync.Mutex
	by map[string]int
}

// take counts one more, unless there are too many.
func (o *openStreams) take(person string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.by == nil {
		o.by = map[string]int{}
	}
	if o.by[person] >= MaxStreams {
		return false
	}
	o.by[person]++
	return true
}

func (o *openStreams) give(person string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.by[person]--; o.by[person] <= 0 {
		delete(o.by, person)
	}
}

// Connect notes that a customer's stream opens; closed is to be called once when it has ended. *TooOften where the
// customer has too many of them.
func (s *Service) Connect(ctx context.Context, v Stream) (closed func(), err error) {
	if !s.open.take(v.Person) {
		return nil, &TooOften{After: 5 * time.Second, Problem: &desk.Error{Code: "too-many-streams", Message: "This chat is open in too many places at once."}}
	}
	v.ID, v.Node, v.OpenedAt = s.NewID(), s.Node, s.now()
	if err := s.Store.OpenStream(ctx, v); err != nil {
		s.open.give(v.Person)
		return nil, err
	}
	if err := s.Desk.BackInChat(ctx, v.Person); err != nil {
		s.open.give(v.Person)
		return nil, err
	}
	s.changed(v.Person)
	return sync.OnceFunc(func() {
		s.open.give(v.Person)
		s.left(context.WithoutCancel(ctx), v)
	}), nil
}

// left: what this customer has not seen leaves by mail once they no longer count as connected.
func (s *Service) left(ctx context.Context, v Stream) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	at := s.now()
	if s.Store.CloseStream(ctx, v.ID, at) != nil {
		return // the node's own lease ends it, where it does not live on
	}
	others, err := s.Store.Connected(ctx, at, v.Person)
	if err != nil {
		return
	}
	for _, o := range others {
		if o.ClosedAt == 0 {
			return
		}
	}
	s.Desk.LeftChat(ctx, v.Person, at+Linger.Milliseconds())
	s.changed(v.Person)
	time.AfterFunc(Linger+100*time.Millisecond, func() { s.changed(v.Person) })
}

func (s *Service) changed(person string) {
	if s.Changed != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		s.Changed(ctx, person)
	}
}

// Look notes on which page a browser is. What an address holds behind ? or # is cut off: it may be secret.
func (s *Service) Look(ctx context.Context, v Session, page, title string) error {
	page, _, _ = strings.Cut(page, "#")
	page, _, _ = strings.Cut(page, "?")
	if err := s.Store.PutPage(ctx, v.ID, clip(page, 500), clip(title, 200)); err != nil {
		return err
	}
	s.changed(v.Person)
	return nil
}

// clip cuts a text after a number of characters.
func clip(text string, most int) string {
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i]
		}
	}
	return text
}

// Run says that this node lives, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		now := s.now()
		s.Store.Beat(ctx, s.Node, now, now+nodeLife.Milliseconds()) // what fails is made up for by the next
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Connected lists who is connected now, for users: the streams of each customer.
func (s *Service) Connected(ctx context.Context, viewer desk.Person) ([]Stream, error) {
	if viewer.Kind != desk.User {
		return nil, desk.ErrNotFound
	}
	return s.Store.Connected(ctx, s.now(), "")
}
