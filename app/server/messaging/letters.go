package messaging

import (
	"context"
	"slices"
	"time"

	"recado/app/desk"
)

// lookAhead is how many due deliveries are looked at to find what is due.
const lookAhead = 512

// maxEarlier is how many mails before it a letter refers to.
const maxEarlier = 20

// Due lists what is due to leave, the longest overdue first, and when the next is due after that; the zero time where
// nothing is planned.
func (s *Service) Due(ctx context.Context) (calls []desk.Call, next time.Time, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		if calls, err = r.Due(s.now(), lookAhead); err != nil {
			return err
		}
		due, err := r.NextDue()
		if due > 0 {
			next = time.UnixMilli(due)
		}
		return err
	})
	return calls, next, err
}

// Reclock plans anew what was planned by a clock that was ahead of the present one: each keeps its delay, from now on.
func (s *Service) Reclock(ctx context.Context) error {
	return s.Store.Write(ctx, func(w Writer) error {
		_, err := w.Reclock(s.now())
		return err
	})
}

// Abandon ends all leases: for a server that starts as the only one on its data, so that what was leaving when the one
// before was killed goes on at once.
func (s *Service) Abandon(ctx context.Context) error {
	return s.Store.Write(ctx, func(w Writer) error { return w.Abandon(s.now()) })
}

// Claim makes the letter of a call, leased for a while: until then nobody else gets it. Everything is asked again, as
// it is now: whether the person still stands there and wants mail, what they have seen, what was deleted. What must not
// leave is ended with the reason. ok is false where nothing is left to be handed over now.
func (s *Service) Claim(ctx context.Context, call desk.Call, lease time.Duration) (l desk.Letter, ok bool, err error) {
	err = s.write(ctx, func(w Writer, t *telling) error {
		ok = false
		l = desk.Letter{Call: call}
		if err := w.Gate(call.Conversation, call.Person); err != nil {
			return err
		}
		held, err := release(w, t, call)
		if err != nil {
			return err
		}
		if wanted, err := s.stillWanted(w, t, &l); err != nil || !wanted {
			return err
		}
		// Who has the app finds the older ones there; a customer has nothing but mail, and gets all of it, in turn.
		oldest := l.To.Kind == desk.Customer
		some, all, due, err := w.Waiting(call, oldest, desk.MaxInLetter)
		if err != nil || all == 0 || due > t.at {
			return err
		}
		if call.Mail == "" {
			// What failed to leave goes first: its mail keeps its extent, and what came after it follows.
			if retry, err := w.RetryDue(call.Person, call.Conversation); err != nil {
				return err
			} else if retry > t.at {
				return w.Postpone(call, retry+1)
			}
			if may, err := s.mayLeave(w, t, l, held); err != nil || !may {
				return err
			}
		}
		l.Attempts, l.Until = some[0].Attempts, t.at+lease.Milliseconds()
		if !oldest {
			l.Omitted = all - int64(len(some))
		}
		if err := fill(w, t, &l, some); err != nil || len(l.Messages) == 0 {
			return err
		}
		if ok = true; l.Mail == "" {
			l.Mail = l.Messages[len(l.Messages)-1].ID
		}
		return w.Lease(call, l.Mail, some[len(some)-1].Number, t.at, l.Until)
	})
	return l, ok && err == nil, err
}

// stillWanted asks about the person, and ends what is planned where the answer is no. What they have seen is ended too.
func (s *Service) stillWanted(w Writer, t *telling, l *desk.Letter) (bool, error) {
	c, st, err := w.Conversation(l.Conversation, l.Person)
	if err != nil {
		return false, err
	}
	known, err := w.People([]string{l.Person})
	if err != nil {
		return false, err
	}
	l.Room, l.To = c, known[l.Person]
	set, err := w.Settings(l.Person)
	if err != nil {
		return false, err
	}
	end := Withdrawal{Person: l.Person, Conversation: c.ID, UpTo: c.LastNumber, State: desk.Cancelled, At: t.at}
	switch {
	case l.To.Disabled:
		end.Reason = desk.ReasonDisabled
	case st == nil || !st.Participant:
		end.Reason = desk.ReasonLeft
	case l.To.Email == "" || l.To.MergedInto != "":
		end.Reason = desk.ReasonNowhere
	case l.To.Kind == desk.Customer && st.Muted:
		end.Reason = desk.ReasonStranger
	case l.To.Kind == desk.User && st.Muted:
		end.Reason = desk.ReasonMuted
	case l.To.Kind == desk.User && !set.Mail:
		end.Reason = desk.ReasonMailOff
	case c.Kind == desk.Internal && l.To.Kind != desk.User:
		end.Reason = desk.ReasonLeft // nothing of the team's own ever goes outside, whatever stands in the tables
	default:
		end.State, end.Reason, end.UpTo = desk.SeenThere, desk.ReasonSeen, st.SeenUpTo
		return true, w.Withdraw(end)
	}
	return false, endWaiting(w, t, *l, end, nil)
}

// endWaiting ends all that waits for a call, and tells of it but for those messages that have been told of before.
func endWaiting(w Writer, t *telling, l desk.Letter, end Withdrawal, told []string) error {
	waiting, _, _, err := w.Waiting(l.Call, false, desk.MaxInLetter)
	if err != nil {
		return err
	}
	var messages []desk.Message
	for _, d := range waiting {
		if slices.Contains(told, d.Message) {
			continue
		}
		m, err := w.Message(d.Message)
		if err != nil {
			return err
		}
		messages = append(messages, m)
	}
	if err := tellOfDeliveries(w, t, l.Room, l.Person, messages); err != nil {
		return err
	}
	return w.Withdraw(end)
}

// fill puts the messages of deliveries into a letter, oldest first, and ends the deliveries of deleted ones.
func fill(w Writer, t *telling, l *desk.Letter, some []desk.Delivery) (err error) {
	ids := make([]string, len(some))
	for i, d := range some {
		ids[i] = d.Message
	}
	found, err := w.Messages(ids)
	if err != nil {
		return err
	}
	authors := map[string]bool{}
	for _, id := range ids {
		m := found[id]
		end := Withdrawal{Message: id, Person: l.Person, State: desk.Cancelled, At: t.at}
		switch {
		case m.ID == "" || m.DeletedAt != 0:
			end.Reason = desk.ReasonDeleted
		case m.Author == l.Person:
			end.Reason = desk.ReasonOwn
		}
		if end.Reason != "" {
			if err := w.Withdraw(end); err != nil {
				return err
			}
			continue
		}
		authors[m.Author] = true
		l.Messages = append(l.Messages, m)
	}
	if l.Authors, err = w.People(keys(authors)); err != nil {
		return err
	}
	l.Earlier, err = w.Mailed(l.Person, l.Conversation, maxEarlier)
	return err
}

// Renew leases a letter that is being handed over for longer, from now on; ok is false where it is somebody else's by now.
func (s *Service) Renew(ctx context.Context, l desk.Letter, lease time.Duration) (until int64, ok bool, err error) {
	err = s.Store.Write(ctx, func(w Writer) error {
		until = s.now() + lease.Milliseconds()
		ok, err = w.Renew(l.Call, l.Until, until)
		return err
	})
	return until, ok && err == nil, err
}

// Settle writes how handing over a letter ended. One that could not be handed over is planned again after a pause that
// grows, and given up after three days. Somebody whose lease ended meanwhile changes nothing but by telling that the
// letter was taken: that is true whoever says it.
func (s *Service) Settle(ctx context.Context, l desk.Letter, o desk.Outcome) error {
	return s.write(ctx, func(w Writer, t *telling) error {
		if err := w.Gate(l.Conversation, l.Person); err != nil {
			return err
		}
		d, until := desk.Delivery{At: t.at, Attempts: l.Attempts, Detail: o.Detail}, l.Until
		switch o.Answer {
		case desk.Accepted:
			d.State, d.Reason, d.Detail, until = desk.Sent, desk.ReasonMailed, "", 0
		case desk.Refused:
			d.State, d.Reason = desk.Failed, desk.ReasonRefused
		default:
			d = again(d, o)
			t.due = d.DueAt
		}
		changed, err := w.Settle(l.Call, d, until)
		if err != nil || !changed {
			return err
		}
		if o.Answer == desk.Refused && o.Nobody {
			if err := w.MarkGone(desk.Address(l.To.Email), o.Detail, t.at); err != nil {
				return err
			}
		}
		if d.State != desk.Planned && l.Attempts > 0 {
			if err := s.resume(w, t, l.Person, l.Conversation); err != nil {
				return err
			}
		}
		return tellOfDeliveries(w, t, l.Room, l.Person, l.Messages)
	})
}

// resume gives back its own time to what waited behind a mail that was tried again and is settled now, perhaps hours
// before it would have been tried next.
func (s *Service) resume(w Writer, t *telling, person, conversation string) error {
	known, err := w.Recipients([]string{person})
	if err != nil || len(known) == 0 {
		return err
	}
	var after int64
	for _, d := range s.planFor(known[0], t.at) {
		if d.Channel == desk.ByEmail {
			after = max(0, d.DueAt-t.at)
		}
	}
	changed, err := w.Resume(person, conversation, after)
	if changed {
		t.due = t.at
	}
	return err
}

func again(d desk.Delivery, o desk.Outcome) desk.Delivery {
	d.Attempts++
	pause, ok := desk.RetryAfter(d.Attempts)
	if !ok {
		d.State, d.Reason = desk.Failed, desk.ReasonGaveUp
		return d
	}
	d.State, d.Reason, d.DueAt = desk.Planned, desk.ReasonLater, d.At+pause.Milliseconds()
	if o.Answer == desk.Unknown {
		d.Reason = desk.ReasonUnknown
	}
	return d
}
