package mailin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"recado/app/desk"
	"recado/app/kit/letter"
	"recado/app/kit/mailid"
)

// report writes down what a report says of a mail from here: by the token it came to, or by the mail it holds. It is
// never answered.
func (s *Service) report(ctx context.Context, a *arrival) (verdict, error) {
	t, ok, err := s.reported(ctx, a)
	switch {
	case err != nil:
		return verdict{}, err
	case !ok && a.letter.Bounce.OfReport:
		return verdict{Discarded, ReasonNested}, nil
	case !ok:
		return held(ReasonUnknown), nil
	}
	p, err := s.People.Person(ctx, t.Person)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return verdict{}, err
	}
	b := a.letter.Bounce
	if p.Email != "" {
		if err := s.Store.CountReport(ctx, desk.Address(p.Email), reportKind(a.letter.Kind, b.Status), b.Status, s.now()); err != nil {
			return verdict{}, err
		}
	}
	a.mail.Person = t.Person
	if a.mail.Conversation, err = s.Desk.ConversationOf(ctx, t.Message); err != nil && !errors.Is(err, desk.ErrNotFound) {
		return verdict{}, err
	}
	if a.letter.Kind == letter.Bounced && b.Permanent() {
		err := s.Desk.Returned(ctx, t.Message, t.Person, fmt.Sprintf("%s The mail came back.", b.Status))
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return verdict{}, err
		}
	}
	return verdict{Placed, ReasonReport}, nil
}

// reported finds the mail that a report is about.
func (s *Service) reported(ctx context.Context, a *arrival) (t Token, ok bool, err error) {
	text, tagged := s.Ours.reportToken(a.to)
	if !tagged {
		text, tagged = s.Ours.answerToken(a.to)
	}
	if tagged {
		t, err := s.Store.TokenOf(ctx, mailid.TokenHash(text), s.now())
		if !errors.Is(err, desk.ErrNotFound) {
			return t, err == nil, err
		}
	}
	t.Message, t.Person, ok = mailid.VerifyMessageID(s.Ours.Key, a.letter.Bounce.OriginalID, s.Ours.Domain)
	return t, ok, nil
}

// reportKind tells what a report says of the address. A status of the group "addressing" (RFC 3463, 3.2) says that there
// is no such mailbox, but for two that speak of the sender's.
func reportKind(k letter.Kind, status string) Report {
	switch {
	case k == letter.FeedbackReport:
		return Complaint
	case status == "5.1.7", status == "5.1.8":
		return SoftReport
	case strings.HasPrefix(status, "5.1."):
		return HardReport
	}
	return SoftReport
}

// hears forgets what reports said of an address that a believed mail of a person's came from.
func (s *Service) hears(ctx context.Context, a *arrival) error {
	if a.letter.Kind != letter.Ordinary || a.proof != proven && !a.entrusted {
		return nil
	}
	return s.Store.ClearReports(ctx, a.mail.Sender)
}
