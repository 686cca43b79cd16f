package mailin

import (
	"cmp"
	"context"
	"errors"

	"github.com/emersion/go-msgauth/authres"

	"recado/app/desk"
	"recado/app/kit/letter"
)

// Finding is what one check of a mail's sender said (RFC 8601, 2.7).
type Finding struct {
	Check  string // spf, dkim or dmarc
	Result string // pass, fail, none and the like
	Domain string // of whom it says so; may be empty
}

// Prospect is what Accept would do with a held mail.
type Prospect struct {
	Refusal      Reason // why it can't be accepted; empty where it can
	Conversation string // where it would stand; empty: in one of its own
	Subject      string // of that conversation
	Person       string // as whose; empty: a customer's who is made of Name and Email
	Name, Email  string
}

// Inspection is a held mail with what an agent needs to decide on it.
type Inspection struct {
	Mail     Mail
	Letter   letter.Letter // empty where the mail is larger or deeper than is taken on
	Findings []Finding
	Prospect Prospect
}

// Inspect opens a held mail: what stands in it, what is known of its sender, and what accepting it would do. It changes
// nothing. DNS may be asked, for two seconds at most.
func (s *Service) Inspect(ctx context.Context, viewer desk.Person, id string) (in Inspection, err error) {
	m, err := s.waiting(ctx, viewer, id)
	in.Mail = m
	if err != nil {
		return in, err
	}
	a := &arrival{mail: &m, ruling: &ruling{}}
	v, err := s.open(a)
	if err != nil || v.state != "" {
		in.Prospect.Refusal = v.reason
		return in, err
	}
	in.Letter = a.letter
	in.Findings = s.findings(ctx, a)
	in.Prospect, err = s.prospect(ctx, viewer, a)
	return in, err
}

// prospect follows belong, with an agent who vouches.
func (s *Service) prospect(ctx context.Context, viewer desk.Person, a *arrival) (p Prospect, err error) {
	if s.isOwn(a) {
		return Prospect{Refusal: ReasonLoop}, nil
	}
	if a.from.Email == "" || desk.CheckEmail("from", a.from.Email) != nil {
		return Prospect{Refusal: ReasonNoSender}, nil
	}
	sender, err := s.People.ByAddress(ctx, a.mail.Sender)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return p, err
	}
	p = Prospect{Person: sender.ID, Name: cmp.Or(sender.Name, a.name()), Email: a.from.Email}
	t, found, err := s.token(ctx, a, sender)
	switch {
	case err != nil:
		return p, err
	case found:
		return s.inRoom(ctx, viewer, p, t, sender)
	case sender.Kind == desk.User:
		p.Refusal = ReasonColleague
	case sender.Disabled:
		p.Refusal = ReasonNoAccess
	}
	p.Subject = a.mail.Subject
	return p, nil
}

// inRoom follows answer. What viewer may not see is not told of.
func (s *Service) inRoom(ctx context.Context, viewer desk.Person, p Prospect, t Token, sender desk.Person) (Prospect, error) {
	room, st, err := s.Desk.Place(ctx, t.Conversation, sender.ID)
	if errors.Is(err, desk.ErrNotFound) {
		return Prospect{Refusal: ReasonNoAccess}, nil
	}
	if err != nil {
		return p, err
	}
	sees, err := s.Desk.MaySee(ctx, viewer, room.ID)
	if err != nil || !sees {
		return Prospect{Refusal: ReasonNoAccess}, err
	}
	owner := sender.ID != "" && sender.ID == t.Person
	switch {
	case room.Kind == desk.Internal && !owner:
		p.Refusal = ReasonMismatch
	case owner && sender.Kind == desk.Customer && (st == nil || !st.Participant):
		p.Refusal = ReasonNoAccess
	default:
		p.Conversation, p.Subject = room.ID, room.Subject
	}
	return p, nil
}

// findings are those of our own server where it wrote some, else what is found now.
func (s *Service) findings(ctx context.Context, a *arrival) []Finding {
	_, domain, ok := splitAddress(a.from.Email)
	if !ok {
		return nil
	}
	if id, results, err := authres.Parse(a.letter.TopAuthResults); a.mail.Envelope.isTrusted() && a.letter.TopAuthResults != "" && err == nil && s.isOurServer(id) {
		return written(results)
	}
	if s.Resolver == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, dnsPatience)
	defer cancel()
	spfOK, _ := s.spf(ctx, a, domain)
	signed, _ := s.signed(ctx, a, domain)
	all := map[proof]string{proven: "pass", disproven: "fail", unproven: "none"}
	return []Finding{{"spf", passed(spfOK), domain}, {"dkim", passed(signed), domain}, {"dmarc", all[s.look(ctx, a, domain)], domain}}
}

func passed(ok bool) string {
	if ok {
		return "pass"
	}
	return "none"
}

func written(results []authres.Result) (out []Finding) {
	for _, r := range results {
		switch r := r.(type) {
		case *authres.SPFResult:
			out = append(out, Finding{"spf", string(r.Value), hostOf(r.From)})
		case *authres.DKIMResult:
			out = append(out, Finding{"dkim", string(r.Value), cmp.Or(r.Domain, hostOf(r.Identifier))})
		case *authres.DMARCResult:
			out = append(out, Finding{"dmarc", string(r.Value), hostOf(r.From)})
		}
	}
	return out
}
