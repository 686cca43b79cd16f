package desk

import (
	"testing"
	"time"
)

func TestRetriesEndAfterThreeDays(t *testing.T) {
	t.Parallel()
	var all time.Duration
	n := 1
	for ; ; n++ {
		pause, ok := RetryAfter(n)
		if !ok {
			break
		}
		if n > 1 && pause < retries[n-2] {
			t.Errorf("pause %d is shorter than the one before", n)
		}
		all += pause
	}
	if all < 72*time.Hour || all > 76*time.Hour {
		t.Errorf("%d attempts take %v", n, all)
	}
	if _, ok := RetryAfter(0); ok {
		t.Error("there is a pause before the first attempt")
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	for _, r := range []Reason{ReasonInFeed, ReasonSeen, ReasonWaiting, ReasonCustomer, ReasonInChat, ReasonNotSeen, ReasonNowhere, ReasonAsked, ReasonLeaving, ReasonMailed,
		ReasonGathered, ReasonLater, ReasonUnknown, ReasonRefused, ReasonGaveUp, ReasonStopped, ReasonMuted, ReasonMailOff, ReasonDisabled,
		ReasonDeleted, ReasonLeft, ReasonOwn, ReasonFailing, ReasonUnwanted, ReasonTooOften, ReasonReturned, ReasonStranger} {
		if r.Words() == "" {
			t.Errorf("%s has no words", r)
		}
	}
}

func TestPlanFor(t *testing.T) {
	t.Parallel()
	const at, after = 1_000_000, 60_000
	user := Recipient{ID: "p", Kind: User, Mail: true}
	with := func(change func(*Recipient)) Recipient {
		r := user
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		r    Recipient
		want Delivery
	}{
		"a user":            {user, Delivery{Channel: ByEmail, State: Planned, Reason: ReasonWaiting, DueAt: at + after}},
		"a delay of theirs": {with(func(r *Recipient) { r.MailAfter = 5 }), Delivery{Channel: ByEmail, State: Planned, Reason: ReasonWaiting, DueAt: at + 5_000}},
		"muted":             {with(func(r *Recipient) { r.Muted = true }), Delivery{Channel: ByEmail, State: Cancelled, Reason: ReasonMuted}},
		"no mail":           {with(func(r *Recipient) { r.Mail = false }), Delivery{Channel: ByEmail, State: Cancelled, Reason: ReasonMailOff}},
		"disabled":          {with(func(r *Recipient) { r.Disabled = true }), Delivery{Channel: ByEmail, State: Cancelled, Reason: ReasonDisabled}},
		"a customer":        {with(func(r *Recipient) { r.Kind, r.Mail = Customer, false }), Delivery{Channel: ByEmail, State: Planned, Reason: ReasonCustomer, DueAt: at}},
		"not let in":        {with(func(r *Recipient) { r.Kind, r.Muted = Customer, true }), Delivery{Channel: ByEmail, State: Cancelled, Reason: ReasonStranger}},
		"nowhere":           {with(func(r *Recipient) { r.Kind, r.Nowhere = Customer, true }), Delivery{Channel: ByEmail, State: Cancelled, Reason: ReasonNowhere}},
		"disabled customer": {with(func(r *Recipient) { r.Kind, r.Disabled, r.InChat = Customer, true, true }), Delivery{Channel: ByEmail, State: Cancelled, Reason: ReasonDisabled}},
	} {
		c.want.Person, c.want.At = "p", at
		if got := PlanFor(c.r, at, after); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	chat := Delivery{Person: "p", Channel: InChat, State: Sent, Reason: ReasonInChat, At: at}
	for nowhere, mail := range map[bool]Delivery{
		false: {Person: "p", Channel: ByEmail, State: Planned, Reason: ReasonNotSeen, DueAt: at + after, At: at},
		true:  {Person: "p", Channel: ByEmail, State: Cancelled, Reason: ReasonNowhere, At: at},
	} {
		got := PlanFor(Recipient{ID: "p", Kind: Customer, InChat: true, Nowhere: nowhere}, at, after)
		if len(got) != 2 || got[0] != chat || got[1] != mail {
			t.Errorf("in the chat, nowhere %v: %+v", nowhere, got)
		}
	}
}

func TestMayMail(t *testing.T) {
	t.Parallel()
	const at = 100 * 60 * 60 * 1000
	mails := func(n int, every time.Duration, of string) (out []Mailed) {
		for i := range n {
			out = append(out, Mailed{of, at - int64(i)*every.Milliseconds()})
		}
		return out
	}
	for name, c := range map[string]struct {
		left []Mailed
		want bool
	}{
		"none":                          {nil, true},
		"nine in ten minutes":           {mails(9, time.Minute, "c"), true},
		"ten in ten minutes":            {mails(10, time.Minute-time.Second, "c"), false},
		"ten in ten minutes, elsewhere": {mails(10, time.Second, "d"), true},
		"one a minute":                  {mails(100, time.Minute, "c"), false},
		"24 in an hour":                 {mails(24, 2*time.Minute, "c"), true},
		"25 in an hour":                 {mails(25, 2*time.Minute, "c"), false},
		"99 in ten hours":               {mails(99, 6*time.Minute, "c"), true},
		"100 in ten hours":              {mails(100, 6*time.Minute-time.Second, "c"), false},
		"59 in an hour from elsewhere":  {mails(59, time.Minute, "d"), true},
		"60 in an hour from elsewhere":  {mails(60, time.Minute-time.Second, "d"), false},
	} {
		if got := MayMail(c.left, "c", at); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
