package messaging

import "recado/app/desk"

// release lets what was held for a call wait again, to be decided about together with what is due: either all of it may
// leave now, in its order, or none.
func release(w Writer, t *telling, call desk.Call) ([]string, error) {
	if call.Mail != "" {
		return nil, nil
	}
	return w.Release(call, t.at)
}

// mayLeave asks what speaks against a first try: an address that mail came back from or whose owner wants none, or so
// many mails that they are a loop. Then all that waits is ended with the reason; held is what had been before. Where
// somebody said "send now" it leaves: they know better than we do.
func (s *Service) mayLeave(w Writer, t *telling, l desk.Letter, held []string) (bool, error) {
	if asked, err := w.Asked(l.Call); err != nil || asked {
		return asked, err
	}
	trouble, err := w.Trouble(desk.Address(l.To.Email))
	if err != nil {
		return false, err
	}
	end := Withdrawal{Person: l.Person, Conversation: l.Conversation, UpTo: l.Room.LastNumber, State: desk.Failed, At: t.at}
	switch {
	case trouble.Gone:
		end.Reason = desk.ReasonFailing
	case trouble.Unwanted:
		end.Reason = desk.ReasonUnwanted
	default:
		left, err := w.Left(l.Person, t.at-desk.CapWindow.Milliseconds())
		if err != nil || desk.MayMail(left, l.Conversation, t.at) {
			return err == nil, err
		}
		end.State, end.Reason = desk.Held, desk.ReasonTooOften
		return false, endWaiting(w, t, l, end, held)
	}
	return false, endWaiting(w, t, l, end, nil)
}
