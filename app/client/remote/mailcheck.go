package remote

import (
	"context"
	"net/http"

	"recado/app/client/sync"
	"recado/app/wire"
)

// MailState reads how the team's mail does.
func (r *Remote) MailState(ctx context.Context) (sync.MailState, error) {
	var s wire.MailState
	err := r.call(ctx, http.MethodGet, "/mail/state", nil, &s)
	o, i := s.Out, s.In
	return sync.MailState{From: s.From, ReplyDomain: s.ReplyDomain,
		Out: sync.MailOut{Kind: o.Kind, Server: o.Server, Security: o.Security, SignsIn: o.SignsIn, DKIM: o.DKIM, OKAt: stampOrNone(o.OKAt),
			FailingSince: stampOrNone(o.FailingSince), Problem: o.Problem, Sent: o.SentLastHour, Failed: o.FailedLastHour, Overdue: o.Overdue, LastAt: stampOrNone(o.LastSentAt)},
		In: sync.MailIn{Listens: i.Listens, LMTP: i.LMTP, Mailbox: i.Mailbox, OKAt: stampOrNone(i.OKAt),
			FailingSince: stampOrNone(i.FailingSince), Problem: i.Problem, Received: i.ReceivedLastHour, Held: i.Held, LastAt: stampOrNone(i.LastReceivedAt)}}, err
}

func mailTest(t wire.MailTest) sync.MailTest {
	out := sync.MailTest{ID: t.ID, StartedAt: stamp(t.StartedAt), Steps: []sync.MailTestStep{}}
	for _, s := range t.Steps {
		step := sync.MailTestStep{Way: s.Way, Address: s.Address, Outcome: s.Outcome, Detail: s.Detail, AnsweredAt: stampOrNone(s.AnsweredAt),
			ArrivedAt: stampOrNone(s.ArrivedAt), Findings: []sync.MailFinding{}}
		for _, f := range s.Findings {
			step.Findings = append(step.Findings, sync.MailFinding(f))
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}

// BeginMailTest sends a mail on each way.
func (r *Remote) BeginMailTest(ctx context.Context) (sync.MailTest, error) {
	var t wire.MailTest
	err := r.call(ctx, http.MethodPost, "/mail-tests", nil, &t)
	return mailTest(t), err
}

// MailTest tells how a test goes on.
func (r *Remote) MailTest(ctx context.Context, id string) (sync.MailTest, error) {
	var t wire.MailTest
	err := r.call(ctx, http.MethodGet, "/mail-tests/"+seg(id), nil, &t)
	return mailTest(t), err
}

// MailAddresses lists the team's addresses.
func (r *Remote) MailAddresses(ctx context.Context) ([]sync.TeamAddress, error) {
	var page wire.Page[wire.TeamAddress]
	err := r.call(ctx, http.MethodGet, "/mail/addresses", nil, &page)
	out := make([]sync.TeamAddress, len(page.Items))
	for i, a := range page.Items {
		out[i] = sync.TeamAddress(a)
	}
	return out, err
}

// SetMailAddress says what mails to an address of the team's open; empty forgets what was said of one with a tag.
func (r *Remote) SetMailAddress(ctx context.Context, address, opens string) error {
	if opens == "" {
		return r.call(ctx, http.MethodDelete, "/mail/addresses/"+seg(address), nil, nil)
	}
	return r.call(ctx, http.MethodPut, "/mail/addresses/"+seg(address), map[string]string{"opens": opens}, nil)
}
