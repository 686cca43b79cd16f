package mailin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"recado/app/desk"
	"recado/app/kit/letter"
	"recado/app/kit/mailid"
)

// verdict is what becomes of a mail.
type verdict struct {
	state  State
	reason Reason
}

func held(r Reason) verdict { return verdict{Held, r} }

// ruling is an agent's word on a held mail: it is what it says it is, and (where given) belongs there.
type ruling struct {
	conversation string
	customer     desk.Person // whose it is, in a conversation of its own; empty: its sender's
}

// arrival is a mail while it is being placed.
type arrival struct {
	mail   *Mail
	raw    []byte
	letter letter.Letter
	from   letter.Address
	to     []string // addresses it came to, the surest first
	proof  proof
	ruling *ruling
	// entrusted: it came by what only the mail it answers, and so only its recipient, was given.
	entrusted bool
	replays   string // the key of posting
}

// place finds out what a mail is and does what follows. It can be run again after any interruption. An error means that
// another try may succeed.
func (s *Service) place(ctx context.Context, m *Mail, by *ruling) (verdict, error) {
	a := &arrival{mail: m, ruling: by}
	v, err := s.settle(ctx, a)
	if err == nil && v.state == Held && m.Conversation == "" {
		err = s.veil(ctx, a)
	}
	return v, err
}

// veil notes of a held mail which conversation of the team it answers, however it came to be held: nobody else may read
// it, for it may quote what was written there. A token that has expired still says so.
func (s *Service) veil(ctx context.Context, a *arrival) error {
	var about []string
	if text, ok := s.Ours.answerToken(append(slices.Clone(a.mail.Envelope.To), a.to...)); ok {
		t, err := s.Store.TokenOf(ctx, mailid.TokenHash(text), 0)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return err
		}
		about = append(about, t.Conversation)
	}
	for _, id := range a.answers() {
		message, _, ok := mailid.VerifyMessageID(s.Ours.Key, id, s.Ours.Domain)
		if !ok {
			continue
		}
		c, err := s.Desk.ConversationOf(ctx, message)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return err
		}
		about = append(about, c)
	}
	for _, c := range about {
		if c == "" {
			continue
		}
		room, _, err := s.Desk.Place(ctx, c, "")
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return err
		}
		if err == nil && room.Kind == desk.Internal {
			a.mail.Conversation = c
			return nil
		}
	}
	return nil
}

func (s *Service) settle(ctx context.Context, a *arrival) (verdict, error) {
	m, by := a.mail, a.ruling
	if v, err := s.open(a); err != nil || v.state != "" {
		return v, err
	}
	if s.isOwn(a) {
		return s.own(ctx, a)
	}
	if first, err := s.Store.FirstMail(ctx, a.duplicateKey(), m.ID); err != nil {
		return verdict{}, err
	} else if first != m.ID {
		return verdict{Discarded, ReasonDuplicate}, nil
	}
	if k := a.letter.Kind; by == nil && (k == letter.Bounced || k == letter.FeedbackReport) {
		return s.report(ctx, a)
	}
	if a.from.Email == "" || desk.CheckEmail("from", a.from.Email) != nil {
		return held(ReasonNoSender), nil
	}
	a.proof = s.prove(ctx, a)
	m.Verified = a.proof == proven
	if a.proof == disproven && by == nil {
		return held(ReasonForged), nil
	}
	return s.belong(ctx, a)
}

// open reads the mail. The envelope's sender is put where mail servers put it (RFC 5321, 4.4).
func (s *Service) open(a *arrival) (verdict, error) {
	f, err := s.Files.Open(a.mail.ID)
	if err != nil {
		return verdict{}, err
	}
	defer f.Close()
	var whole bytes.Buffer // once in memory: it may have 30 MB, and several are placed at the same time
	whole.Grow(int(a.mail.Size) + 1<<10)
	if a.mail.Envelope.Mailbox == "" {
		whole.WriteString("Return-Path: <" + oneLine(a.mail.Envelope.From) + ">\r\n")
	}
	before := whole.Len()
	if _, err := whole.ReadFrom(f); err != nil {
		return verdict{}, err
	}
	a.raw = whole.Bytes()[before:]
	limits := letter.DefaultLimits()
	limits.Bytes += 1 << 10
	if a.letter, err = letter.Parse(whole.Bytes(), limits); err != nil {
		return held(ReasonUnreadable), nil
	}
	l := &a.letter
	a.from, _ = l.Sender()
	a.to = append(slices.Clone(a.mail.Envelope.To), l.Recipients...)
	a.mail.MessageID, a.mail.Subject = clip(l.MessageID, 998), clip(l.Subject, desk.MaxSubject)
	a.mail.Sender, a.mail.SenderName = clip(desk.Address(a.from.Email), 320), clip(a.from.Name, desk.MaxName)
	return verdict{}, nil
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, s)
}

func clip(s string, characters int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if r := []rune(s); len(r) > characters {
		return string(r[:characters])
	}
	return s
}

// isOwn sees a mail that was sent from here: by its signed id, or by a sender that is an address of ours.
func (s *Service) isOwn(a *arrival) bool {
	if _, _, ok := mailid.VerifyMessageID(s.Ours.Key, a.letter.MessageID, s.Ours.Domain); ok {
		return true
	}
	return a.from.Email != "" && s.Ours.Takes(a.from.Email)
}

// own ends a mail that was sent from here. One of a test has come where it was to come.
func (s *Service) own(ctx context.Context, a *arrival) (verdict, error) {
	message, way, _ := mailid.VerifyMessageID(s.Ours.Key, a.letter.MessageID, s.Ours.Domain)
	test, ok := mailid.TestOf(message)
	if !ok || s.Tested == nil {
		return verdict{Discarded, ReasonLoop}, nil
	}
	return verdict{Discarded, ReasonTest}, s.Tested(ctx, test, way, s.findings(ctx, a))
}

// duplicateKey is the same for one mail however often and by whichever way it comes to one address of ours: by sender
// and Message-ID, which stands for the content where a mail has none.
func (a *arrival) duplicateKey() string {
	id := a.letter.MessageID
	if strings.HasSuffix(id, "@hash.invalid") {
		id = a.mail.SHA256
	}
	sum := sha256.Sum256([]byte("mail\x00" + a.mail.Sender + "\x00" + id + "\x00" + a.destination()))
	a.replays = hex.EncodeToString(sum[:20])
	return a.replays
}

// destination tells apart the addresses of ours that lead to different places; all ways to the team are one.
func (a *arrival) destination() string {
	for _, to := range a.mail.Envelope.To {
		if local, _, ok := splitAddress(to); ok && strings.Contains(local, "+") && len(local) > 32 {
			return local
		}
	}
	return ""
}

// belong finds where a mail goes: by its token, by the mails of ours it refers to, by others' that stand in a
// conversation of its sender's, or else to a conversation of its own.
func (s *Service) belong(ctx context.Context, a *arrival) (verdict, error) {
	sender, err := s.People.ByAddress(ctx, a.mail.Sender)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return verdict{}, err
	}
	t, found, err := s.token(ctx, a, sender)
	if err != nil {
		return verdict{}, err
	}
	if found {
		a.mail.Conversation = t.Conversation
	}
	if a.ruling == nil {
		if often, err := s.tooOften(ctx, a); err != nil || often {
			return held(ReasonTooOften), err
		}
	}
	switch {
	case a.ruling != nil && a.ruling.customer.ID != "":
		return s.begin(ctx, a, a.ruling.customer)
	case a.ruling != nil && a.ruling.conversation != "":
		return s.assigned(ctx, a, sender)
	case found:
		return s.answer(ctx, a, t, sender)
	case sender.Kind == desk.User:
		return held(ReasonColleague), nil
	case a.letter.Kind == letter.AutoReply && a.ruling == nil:
		return held(ReasonAutomatic), nil
	}
	return s.begin(ctx, a, sender)
}

// token gives what a mail answers: with the person whom the mail it answers went to.
func (s *Service) token(ctx context.Context, a *arrival, sender desk.Person) (Token, bool, error) {
	t, found, err := s.given(ctx, a, sender)
	if err != nil || found || sender.ID == "" {
		return t, found, err
	}
	ids := a.answers()
	if len(ids) == 0 {
		return Token{}, false, nil
	}
	conversations, err := s.Store.Threads(ctx, ids)
	for _, c := range conversations {
		room, st, err := s.Desk.Place(ctx, c, sender.ID)
		if err == nil && room.Kind == desk.WithCustomers && st != nil && st.Participant {
			return Token{Person: sender.ID, Conversation: c}, true, nil
		}
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return Token{}, false, err
		}
	}
	return Token{}, false, err
}

// answers lists what a mail refers to, the nearest first.
func (a *arrival) answers() []string {
	ids := slices.Clone(a.letter.References)
	slices.Reverse(ids)
	return append(slices.Clone(a.letter.InReplyTo), ids...)
}

// given finds what a mail answers by what only a mail from here can have given: an address for answers, or a signed
// Message-ID.
func (s *Service) given(ctx context.Context, a *arrival, sender desk.Person) (Token, bool, error) {
	if text, ok := s.Ours.answerToken(a.to); ok {
		t, err := s.Store.TokenOf(ctx, mailid.TokenHash(text), s.now())
		if !errors.Is(err, desk.ErrNotFound) {
			a.entrusted = err == nil && sender.ID != "" && sender.ID == t.Person
			return t, err == nil, err
		}
	}
	for _, id := range a.answers() {
		message, person, ok := mailid.VerifyMessageID(s.Ours.Key, id, s.Ours.Domain)
		if !ok {
			continue
		}
		c, err := s.Desk.ConversationOf(ctx, message)
		if !errors.Is(err, desk.ErrNotFound) {
			return Token{Message: message, Person: person, Conversation: c}, err == nil, err
		}
	}
	return Token{}, false, nil
}

// answer posts into the conversation a token leads to. A sender whom the token does not belong to is never taken for its
// owner: in a conversation with customers they are somebody of their own, in one of the team nobody.
func (s *Service) answer(ctx context.Context, a *arrival, t Token, sender desk.Person) (verdict, error) {
	room, st, err := s.Desk.Place(ctx, t.Conversation, sender.ID)
	if errors.Is(err, desk.ErrNotFound) {
		a.mail.Conversation = ""
		return held(ReasonNoAccess), nil
	}
	if err != nil {
		return verdict{}, err
	}
	if sender.ID == "" { // a visitor of the live chat answers from the address that they told, and the mail went to
		visitor, err := s.People.Person(ctx, t.Person)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return verdict{}, err
		}
		if visitor.Unverified && desk.Address(visitor.Email) == a.mail.Sender {
			sender = visitor
			if room, st, err = s.Desk.Place(ctx, t.Conversation, sender.ID); err != nil {
				return verdict{}, err
			}
		}
	}
	owner := sender.ID != "" && sender.ID == t.Person
	stands := st != nil && st.Participant
	switch vouched := a.proof == proven || a.ruling != nil; {
	case room.Kind == desk.Internal && !owner:
		return held(ReasonMismatch), s.tellOwner(ctx, a, t)
	case room.Kind == desk.Internal && !vouched:
		return held(ReasonUnproven), nil
	case owner && sender.Kind == desk.Customer && !stands:
		return held(ReasonNoAccess), nil
	case owner:
		// the token and the sender it belongs to suffice among customers
	case sender.Kind == desk.User && !vouched:
		return held(ReasonMismatch), s.tellOwner(ctx, a, t)
	case sender.ID != "" && !vouched:
		return held(ReasonMismatch), nil // a known customer whom nothing proves: not to be posed as
	}
	if sender.ID == "" || sender.Kind == desk.Customer && !stands {
		if sender, err = s.joined(ctx, a, sender, room.ID); err != nil {
			return verdict{}, err
		}
	}
	return s.post(ctx, a, sender, room.ID, ReasonAnswer)
}

// joined is the sender as somebody who stands in the conversation from now on. They get what is written there where a user
// has decided on this mail, and else when a user adds them.
func (s *Service) joined(ctx context.Context, a *arrival, sender desk.Person, conversation string) (_ desk.Person, err error) {
	if sender.ID == "" {
		if sender, err = s.People.AddCustomer(ctx, a.name(), a.from.Email); err != nil {
			return sender, err
		}
	}
	return sender, s.Desk.Join(ctx, sender, conversation, a.ruling != nil)
}

// tellOwner tells the user whose token it is, at their own address, at most once a day.
func (s *Service) tellOwner(ctx context.Context, a *arrival, t Token) error {
	if s.Notifier == nil || a.letter.Kind != letter.Ordinary {
		return nil
	}
	owner, err := s.People.Person(ctx, t.Person)
	if err != nil || owner.Kind != desk.User || owner.Disabled {
		return nil
	}
	first, err := s.Store.FirstToday(ctx, owner.ID, s.now()/(24*time.Hour).Milliseconds())
	if err != nil || !first {
		return err
	}
	if err := s.Notifier.TellHeld(ctx, owner, a.mail.ID); err != nil {
		s.Log.Warn("a notice about a held mail did not leave", "mail", a.mail.ID, "error", err)
	}
	return nil
}

func (s *Service) begin(ctx context.Context, a *arrival, sender desk.Person) (verdict, error) {
	var err error
	if sender.Disabled {
		return held(ReasonNoAccess), nil
	}
	if sender.ID == "" {
		if sender, err = s.People.AddCustomer(ctx, a.name(), a.from.Email); err != nil {
			return verdict{}, err
		}
	}
	n, ok, err := s.note(ctx, a, sender)
	if err != nil || !ok {
		return held(ReasonEmpty), err
	}
	opens, err := s.opens(ctx, a.to)
	if err != nil {
		return verdict{}, err
	}
	c, msg, err := s.Desk.Start(ctx, sender, a.mail.Subject, opens, n)
	if err != nil {
		return refused(err)
	}
	a.mail.Conversation, a.mail.Message, a.mail.Person = c, msg, sender.ID
	return verdict{Placed, ReasonNew}, errors.Join(s.hears(ctx, a), s.knows(ctx, a))
}

// assigned posts where an agent said.
func (s *Service) assigned(ctx context.Context, a *arrival, sender desk.Person) (verdict, error) {
	if sender.Kind == desk.User {
		return held(ReasonColleague), nil
	}
	sender, err := s.joined(ctx, a, sender, a.ruling.conversation)
	if err != nil {
		return verdict{}, err
	}
	return s.post(ctx, a, sender, a.ruling.conversation, ReasonAssigned)
}

func (s *Service) post(ctx context.Context, a *arrival, author desk.Person, conversation string, why Reason) (verdict, error) {
	n, ok, err := s.note(ctx, a, author)
	if err != nil || !ok {
		return held(ReasonEmpty), err
	}
	msg, err := s.Desk.Post(ctx, author, conversation, n)
	if err != nil {
		return refused(err)
	}
	a.mail.Conversation, a.mail.Message, a.mail.Person = conversation, msg, author.ID
	return verdict{Placed, why}, s.hears(ctx, a)
}

// refused tells what will never be taken from what may be taken later.
func refused(err error) (verdict, error) {
	var e *desk.Error
	switch {
	case errors.Is(err, desk.ErrNotFound), errors.Is(err, desk.ErrForbidden):
		return held(ReasonNoAccess), nil
	case errors.As(err, &e) && e.Code != "storage-full":
		return held(ReasonFailed), nil
	}
	return verdict{}, err
}

// name is what a new customer is called: what they call themselves, or the part before the @.
func (a *arrival) name() string {
	name := strings.TrimSpace(clip(a.from.Name, desk.MaxName))
	if desk.CheckName("name", name) == nil {
		return name
	}
	local, _, _ := strings.Cut(a.from.Email, "@")
	return clip(local, desk.MaxName)
}

// caps are how many mails of one sender are posted into one conversation in which time: more is two programs answering
// each other.
var caps = []struct {
	within time.Duration
	most   int64
}{{10 * time.Minute, 10}, {time.Hour, 25}, {10 * time.Hour, 100}}

// mostInAnHour is how many mails of one sender are posted anywhere.
const mostInAnHour = 60

func (s *Service) tooOften(ctx context.Context, a *arrival) (bool, error) {
	n, err := s.Store.CountMails(ctx, a.mail.Sender, "", s.now()-time.Hour.Milliseconds())
	if err != nil || n >= mostInAnHour {
		return err == nil, err
	}
	if a.mail.Conversation == "" {
		return false, nil
	}
	for _, c := range caps {
		n, err := s.Store.CountMails(ctx, a.mail.Sender, a.mail.Conversation, s.now()-c.within.Milliseconds())
		if err != nil || n >= c.most {
			return err == nil, err
		}
	}
	return false, nil
}
