package httpapi

import (
	"cmp"
	"net/http"

	"recado/app/desk"
	"recado/app/server/mailcheck"
	"recado/app/wire"
)

func healthForm(h mailcheck.Health) wire.MailHealth {
	return wire.MailHealth{OKAt: wire.MillisOrNil(h.OKAt), FailingSince: wire.MillisOrNil(h.FailingSince), Problem: h.Problem}
}

func (a *API) mailState(_ http.ResponseWriter, r *request) (reply, error) {
	if r.caller.Person.Kind != desk.User {
		return reply{}, desk.ErrForbidden
	}
	health, n, err := a.MailCheck.State(r.Context())
	if err != nil {
		return reply{}, err
	}
	u := a.MailCheck.Setup()
	s := wire.MailState{From: u.From, ReplyDomain: u.ReplyDomain,
		Out: wire.MailOut{Kind: u.Kind, Server: u.Server, Security: u.Security, SignsIn: u.SignsIn, DKIM: u.DKIM, MailHealth: healthForm(health[mailcheck.Out]),
			SentLastHour: n.Sent, FailedLastHour: n.Failed, Overdue: n.Overdue, LastSentAt: wire.MillisOrNil(n.LastSent)},
		In: wire.MailIn{Listens: u.Listens, LMTP: u.LMTP, Mailbox: u.Mailbox, MailHealth: healthForm(health[mailcheck.In]),
			ReceivedLastHour: n.Received, Held: n.Held, LastReceivedAt: wire.MillisOrNil(n.LastReceived)}}
	return reply{status: http.StatusOK, body: s}, nil
}

func testForm(t mailcheck.Test) wire.MailTest {
	out := wire.MailTest{ID: t.ID, StartedAt: wire.Millis(t.StartedAt), Steps: make([]wire.MailTestStep, 0, len(t.Steps))}
	for _, s := range t.Steps {
		step := wire.MailTestStep{Way: string(s.Way), Address: s.Address, Outcome: cmp.Or(s.Outcome, "waiting"), Detail: s.Detail,
			AnsweredAt: wire.MillisOrNil(s.AnsweredAt), ArrivedAt: wire.MillisOrNil(s.ArrivedAt), Findings: []wire.MailFinding{}}
		for _, f := range s.Findings {
			step.Findings = append(step.Findings, wire.MailFinding(f))
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}

func (a *API) beginMailTest(_ http.ResponseWriter, r *request) (reply, error) {
	t, err := a.MailCheck.Begin(r.Context(), r.caller.Person)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: testForm(t)}, nil
}

func (a *API) mailTest(_ http.ResponseWriter, r *request) (reply, error) {
	if r.caller.Person.Role != desk.Admin {
		return reply{}, desk.ErrForbidden
	}
	t, err := a.MailCheck.Test(r.Context(), r.id("id"))
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: testForm(t)}, nil
}
