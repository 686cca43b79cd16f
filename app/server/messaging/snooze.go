package messaging

import (
	"context"
	"time"

	"recado/app/desk"
)

// Sleeper is somebody for whom a conversation sleeps.
type Sleeper struct {
	Conversation string
	Person       string
}

// wakeAtOnce bounds how many are woken in one transaction.
const wakeAtOnce = 200

// WakeDue ends the sleep of what is due to wake, and gives when the next is; the zero time where nothing sleeps until a
// moment. It may run on several nodes at once.
func (s *Service) WakeDue(ctx context.Context) (next time.Time, err error) {
	for {
		now, due := s.now(), int64(0)
		if err := s.Store.Read(ctx, func(r Reader) error {
			due, err = r.NextWaking()
			return err
		}); err != nil {
			return next, err
		}
		if due == 0 || due >= desk.Latest {
			return next, nil
		}
		if due > now {
			return time.UnixMilli(due), nil
		}
		err := s.write(ctx, func(w Writer, t *telling) error {
			list, err := w.Sleepers(t.at, wakeAtOnce)
			if err != nil {
				return err
			}
			for _, x := range list {
				if err := wake(w, t, x.Conversation, x.Person); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return next, err
		}
	}
}

// wake ends the sleep of a conversation for one person, and tells them.
func wake(w Writer, t *telling, conversation, person string) error {
	if err := w.Wake(conversation, person); err != nil {
		return err
	}
	t.tell(desk.ConversationChanged, conversation, "", []string{person})
	return nil
}

// waits says what a message does to how long customers wait for an answer: their own word begins it, the team's ends it.
func waits(c desk.Conversation, author desk.Person, quiet bool) Waiting {
	switch {
	case c.Kind != desk.WithCustomers || quiet:
		return WaitingAsBefore
	case author.Kind == desk.Customer:
		return WaitingBegins
	}
	return WaitingEnds
}

// Waiting is what becomes of the time since which customers wait.
type Waiting int

// What can become of it.
const (
	WaitingAsBefore Waiting = iota
	WaitingBegins           // unless they wait already
	WaitingEnds
)

// Counts tells how many conversations views hold that ask for something to be done, up to MaxCount each.
func (s *Service) Counts(ctx context.Context, viewer desk.Person) (counts map[string]int64, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		counts, err = r.CountViews(viewer)
		return err
	})
	return counts, err
}

// MaxCount is where counting ends: nobody acts otherwise on 1,000 than on more.
const MaxCount = 1000
