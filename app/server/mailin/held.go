package mailin

import (
	"context"
	"errors"
	"io"
	"os"

	"recado/app/desk"
	"recado/app/kit/letter"
)

var (
	errNotHeld      = &desk.Error{Code: "not-held", Message: "This mail does not wait any more: somebody else decided already."}
	errNotDiscarded = &desk.Error{Code: "not-discarded", Message: "Nobody discarded this mail, so nothing can be taken back."}
	errCannot       = &desk.Error{Code: "cannot-accept", Message: "This mail can't be posted like this. Put it into a conversation with customers, or discard it."}
)

// Held lists mails that wait for an agent, newest first, and the cursor to go on with. A mail to a conversation that
// viewer may not see is not there for them.
func (s *Service) Held(ctx context.Context, viewer desk.Person, before string, limit int) (out []Mail, next string, err error) {
	if viewer.Kind != desk.User {
		return nil, "", desk.ErrNotFound
	}
	for {
		page, err := s.Store.HeldMails(ctx, before, limit)
		if err != nil {
			return nil, "", err
		}
		for _, m := range page {
			before = m.ID
			ok, err := s.maySee(ctx, viewer, m)
			if err != nil {
				return nil, "", err
			}
			if ok {
				out = append(out, m)
			}
			if len(out) == limit {
				return out, before, nil
			}
		}
		if len(page) < limit {
			return out, "", nil
		}
	}
}

func (s *Service) maySee(ctx context.Context, viewer desk.Person, m Mail) (bool, error) {
	if viewer.Kind != desk.User || viewer.Disabled {
		return false, nil
	}
	if m.Conversation == "" {
		return true, nil
	}
	return s.Desk.MaySee(ctx, viewer, m.Conversation)
}

func (s *Service) see(ctx context.Context, viewer desk.Person, id string) (Mail, error) {
	m, err := s.Store.Mail(ctx, id)
	if err != nil {
		return m, err
	}
	ok, err := s.maySee(ctx, viewer, m)
	if err == nil && !ok {
		err = desk.ErrNotFound
	}
	return m, err
}

// Raw opens the bytes of a mail as they came; the caller closes them.
func (s *Service) Raw(ctx context.Context, viewer desk.Person, id string) (Mail, *os.File, error) {
	m, err := s.see(ctx, viewer, id)
	if err != nil {
		return m, nil, err
	}
	f, err := s.Files.Open(m.ID)
	return m, f, err
}

// Letter reads a mail: what stands in it, for those who may see it. One that is larger or deeper than is taken on gives an
// error with code unreadable; its bytes can still be had.
func (s *Service) Letter(ctx context.Context, viewer desk.Person, id string) (m Mail, l letter.Letter, err error) {
	m, f, err := s.Raw(ctx, viewer, id)
	if err != nil {
		return m, l, err
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		return m, l, err
	}
	if l, err = letter.Parse(raw, letter.DefaultLimits()); err != nil {
		err = &desk.Error{Code: "unreadable", Message: err.Error() + " It can only be had as it came."}
	}
	return m, l, err
}

// MailOf gives the mail that became a message, for those who may see its conversation.
func (s *Service) MailOf(ctx context.Context, viewer desk.Person, message string) (Mail, error) {
	m, err := s.Store.MailOf(ctx, message)
	if err != nil {
		return m, err
	}
	return s.see(ctx, viewer, m.ID)
}

// Accept posts a held mail as what it says it is: viewer vouches for its sender. Where that can't be, the error is
// cannot-accept and it stays held.
func (s *Service) Accept(ctx context.Context, viewer desk.Person, id string) (Mail, error) {
	in, err := s.Inspect(ctx, viewer, id)
	if err != nil {
		return Mail{}, err
	}
	if in.Prospect.Refusal != "" {
		return in.Mail, errCannot
	}
	return s.rule(ctx, viewer, id, ruling{}, ReasonAccepted)
}

// AssignTo posts a held mail as a customer's, in a conversation of its own: viewer says that it is theirs, whatever
// address it came from.
func (s *Service) AssignTo(ctx context.Context, viewer desk.Person, id, customer string) (Mail, error) {
	if err := s.mayGoOut(ctx, viewer, id); err != nil {
		return Mail{}, err
	}
	whose, err := s.People.Person(ctx, customer)
	if errors.Is(err, desk.ErrNotFound) || err == nil && (whose.Kind != desk.Customer || whose.Disabled) {
		return Mail{}, desk.Invalid("body.customer", "there is no such customer")
	}
	if err != nil {
		return Mail{}, err
	}
	return s.rule(ctx, viewer, id, ruling{customer: whose}, ReasonAssigned)
}

// mayGoOut refuses to show customers a mail that answers what the team wrote to itself.
func (s *Service) mayGoOut(ctx context.Context, viewer desk.Person, id string) error {
	m, err := s.waiting(ctx, viewer, id)
	if err != nil || m.Conversation == "" {
		return err
	}
	room, _, err := s.Desk.Place(ctx, m.Conversation, viewer.ID)
	if err == nil && room.Kind == desk.Internal {
		return errTeamOnly
	}
	if errors.Is(err, desk.ErrNotFound) {
		return nil
	}
	return err
}

var errTeamOnly = &desk.Error{Code: "cannot-accept", Message: "This mail answers a conversation of the team. Customers can't be shown it."}

// Assign posts a held mail into a conversation with customers, as a message of its sender's.
func (s *Service) Assign(ctx context.Context, viewer desk.Person, id, conversation string) (Mail, error) {
	ok, err := s.Desk.MaySee(ctx, viewer, conversation)
	if err != nil {
		return Mail{}, err
	}
	room, _, err := s.Desk.Place(ctx, conversation, viewer.ID)
	if err != nil || !ok {
		return Mail{}, errors.Join(desk.ErrNotFound, err)
	}
	if room.Kind != desk.WithCustomers {
		return Mail{}, desk.Invalid("body.conversation", "a mail from outside belongs into a conversation with customers")
	}
	if err := s.mayGoOut(ctx, viewer, id); err != nil {
		return Mail{}, err
	}
	return s.rule(ctx, viewer, id, ruling{conversation: conversation}, ReasonAssigned)
}

func (s *Service) rule(ctx context.Context, viewer desk.Person, id string, by ruling, why Reason) (Mail, error) {
	m, err := s.waiting(ctx, viewer, id)
	if err != nil {
		return m, err
	}
	before := m
	v, err := s.place(context.WithoutCancel(ctx), &m, &by)
	if err != nil {
		return before, err
	}
	if v.state != Placed {
		return before, errCannot
	}
	m.State, m.Reason = Placed, why
	s.count(Placed)
	return m, s.decided(context.WithoutCancel(ctx), m)
}

// decided writes down what an agent said, and has everybody's list told.
func (s *Service) decided(ctx context.Context, m Mail) error {
	err := s.Store.PutMail(ctx, m)
	if err == nil {
		s.changed()
	}
	return err
}

func (s *Service) changed() {
	if s.Changed != nil {
		s.Changed()
	}
}

// Discard ends the waiting of a mail; its bytes stay, and Restore takes it back.
func (s *Service) Discard(ctx context.Context, viewer desk.Person, id string) (Mail, error) {
	m, err := s.waiting(ctx, viewer, id)
	if err != nil {
		return m, err
	}
	m.State, m.Reason, m.HeldAs = Discarded, ReasonByAgent, m.Reason
	s.count(Discarded)
	return m, s.decided(ctx, m)
}

// Restore lets a mail that an agent discarded wait again, for the reason it waited for. One that waits already stays as
// it is; any other gives an error with code not-discarded.
func (s *Service) Restore(ctx context.Context, viewer desk.Person, id string) (Mail, error) {
	m, err := s.see(ctx, viewer, id)
	if err != nil || m.State == Held {
		return m, err
	}
	if m.State != Discarded || m.HeldAs == "" {
		return m, errNotDiscarded
	}
	m.State, m.Reason, m.HeldAs = Held, m.HeldAs, ""
	return m, s.decided(ctx, m)
}

func (s *Service) waiting(ctx context.Context, viewer desk.Person, id string) (Mail, error) {
	m, err := s.see(ctx, viewer, id)
	if err == nil && m.State != Held {
		err = errNotHeld
	}
	return m, err
}
