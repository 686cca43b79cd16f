package livechat

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"recado/app/desk"
)

// openStreams are this node's streams, by customer.
type openStreams struct {
	mu sync.Mutex
	by map[string][]Stream
}

// take notes one more, unless its customer has too many.
func (o *openStreams) take(v Stream) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.by == nil {
		o.by = map[string][]Stream{}
	}
	if len(o.by[v.Person]) >= MaxStreams {
		return false
	}
	o.by[v.Person] = append(o.by[v.Person], v)
	return true
}

func (o *openStreams) give(v Stream) {
	o.mu.Lock()
	defer o.mu.Unlock()
	left := slices.DeleteFunc(o.by[v.Person], func(other Stream) bool { return other.ID == v.ID })
	if len(left) == 0 {
		delete(o.by, v.Person)
		return
	}
	o.by[v.Person] = left
}

// all lists them, each customer's together.
func (o *openStreams) all() (out []Stream) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, list := range o.by {
		out = append(out, list...)
	}
	return out
}

// Connect notes that a customer's stream opens; closed is to be called once when it has ended. *TooOften where the
// customer has too many of them.
func (s *Service) Connect(ctx context.Context, v Stream) (closed func(), err error) {
	v.ID, v.Node, v.OpenedAt = s.NewID(), s.Node, s.now()
	if !s.open.take(v) {
		return nil, &TooOften{After: 5 * time.Second, Problem: &desk.Error{Code: "too-many-streams", Message: "This chat is open in too many places at once."}}
	}
	if err := s.Store.OpenStream(ctx, v); err != nil {
		s.open.give(v)
		return nil, err
	}
	if err := s.Desk.BackInChat(ctx, v.Person); err != nil {
		s.open.give(v)
		return nil, err
	}
	s.changed(v.Person)
	return sync.OnceFunc(func() {
		s.open.give(v)
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
	s.Desk.LeftChat(ctx, []string{v.Person}, at+Linger.Milliseconds())
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

// Connected lists who is connected now, for users: the streams of each customer.
func (s *Service) Connected(ctx context.Context, viewer desk.Person) ([]Stream, error) {
	if viewer.Kind != desk.User {
		return nil, desk.ErrNotFound
	}
	return s.Store.Connected(ctx, s.now(), "")
}
