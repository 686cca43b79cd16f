package mailin

import (
	"context"
	"errors"
	"slices"

	"recado/app/desk"
	"recado/app/kit/letter"
	"recado/app/kit/mailid"
)

// talk is a conversation that mails of one thread belong to.
type talk struct {
	room  desk.Conversation // with its id only where it is to be made
	made  bool
	stand map[string]bool // addresses of customers who stand there, by what is entered now
	posts []*planned
}

// planned is a mail that becomes a message.
type planned struct {
	*pastMail
	author string   // an address
	team   bool     // the author is of the team
	to     []string // customers who stand there from then on
}

// plan says what becomes of one thread's mails.
type plan struct {
	talks []*talk
	rest  []*pastMail // become no message
}

type planner struct {
	*importer
	plan
	at    map[string]*talk // by the Message-ID of a mail in it
	rooms map[string]*talk // by the id of one that was there
}

func (im *importer) plan(ctx context.Context, thread []*pastMail) (plan, error) {
	p := &planner{importer: im, at: map[string]*talk{}, rooms: map[string]*talk{}}
	for _, m := range thread {
		if err := p.place(ctx, m); err != nil {
			return plan{}, err
		}
	}
	return p.plan, nil
}

// place decides on one mail, by the rules of those that arrive.
func (p *planner) place(ctx context.Context, m *pastMail) error {
	switch {
	case m.broken:
		p.leave(m, held(ReasonUnreadable))
	case m.aside:
		p.leave(m, held(ReasonSetAside))
	case p.leftHere(m):
		p.leave(m, verdict{Discarded, ReasonLoop})
	case m.kind == letter.Bounced, m.kind == letter.FeedbackReport:
		return p.report(ctx, m)
	case m.sender == "" || desk.CheckEmail("from", m.from.Email) != nil:
		p.leave(m, held(ReasonNoSender))
	case m.proof == disproven:
		p.leave(m, held(ReasonForged))
	case m.empty:
		p.leave(m, held(ReasonEmpty))
	case m.own:
		return p.outgoing(ctx, m)
	default:
		return p.incoming(ctx, m)
	}
	return nil
}

func (p *planner) leave(m *pastMail, v verdict) {
	m.verdict = v
	p.rest = append(p.rest, m)
}

// leftHere sees a copy of a mail that this desk sent: its message is here.
func (p *planner) leftHere(m *pastMail) bool {
	_, _, ok := mailid.VerifyMessageID(p.Ours.Key, m.messageID, p.Ours.Domain)
	return ok
}

// outgoing places what the team wrote: into a conversation that one of its recipients stands in, or one of its own.
func (p *planner) outgoing(ctx context.Context, m *pastMail) error {
	if !m.sent {
		p.leave(m, held(ReasonUnproven))
		return nil
	}
	if len(m.to) == 0 {
		p.leave(m, held(ReasonColleague))
		return nil
	}
	t, err := p.find(ctx, m, m.to)
	if err != nil {
		return err
	}
	why := ReasonAnswer
	if t == nil {
		t, why = p.begin(m), ReasonNew
	}
	p.post(t, &planned{pastMail: m, author: m.sender, team: true, to: m.to}, why)
	return nil
}

func (p *planner) incoming(ctx context.Context, m *pastMail) error {
	sender, err := p.People.ByAddress(ctx, m.sender)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return err
	}
	if sender.Disabled {
		p.leave(m, held(ReasonNoAccess))
		return nil
	}
	t, v, err := p.trusted(ctx, m, sender)
	if err != nil {
		return err
	}
	if v.state == Held {
		p.leave(m, v)
		return nil
	}
	if t == nil {
		if t, err = p.find(ctx, m, []string{m.sender}); err != nil {
			return err
		}
	}
	why := ReasonAnswer
	switch {
	case t == nil && m.kind == letter.AutoReply:
		p.leave(m, held(ReasonAutomatic))
		return nil
	case t == nil:
		t, why = p.begin(m), ReasonNew
	}
	p.post(t, &planned{pastMail: m, author: m.sender, to: []string{m.sender}}, why)
	return nil
}

// trusted finds the conversation by what only a mail from here can have given: an address for answers, or a signed
// Message-ID. The archive proves nothing, so no mail of it is posted among colleagues, or as somebody who is known but
// does not stand there.
func (p *planner) trusted(ctx context.Context, m *pastMail, sender desk.Person) (*talk, verdict, error) {
	a := &arrival{to: m.all, letter: letter.Letter{InReplyTo: m.refs}}
	t, found, err := p.given(ctx, a, sender)
	if err != nil || !found {
		return nil, verdict{}, err
	}
	m.entrusted = a.entrusted
	room, st, err := p.Desk.Place(ctx, t.Conversation, sender.ID)
	if errors.Is(err, desk.ErrNotFound) {
		return nil, held(ReasonNoAccess), nil
	}
	if err != nil {
		return nil, verdict{}, err
	}
	owner, stands := sender.ID != "" && sender.ID == t.Person, st != nil && st.Participant
	switch {
	case room.Kind != desk.WithCustomers && owner:
		return nil, held(ReasonUnproven), nil
	case room.Kind != desk.WithCustomers, sender.ID != "" && !stands && !owner && m.proof != proven:
		return nil, held(ReasonMismatch), nil
	case owner && !stands:
		return nil, held(ReasonNoAccess), nil
	}
	return p.known(room), verdict{}, nil
}

// find gives the conversation of the nearest mail referred to that one of some customers stands in; nil for none.
func (p *planner) find(ctx context.Context, m *pastMail, customers []string) (*talk, error) {
	var elsewhere []string
	for _, id := range m.refs {
		t := p.at[id]
		if t == nil {
			elsewhere = append(elsewhere, id)
			continue
		}
		if ok, err := p.stands(ctx, t, customers); err != nil || ok {
			return t, err
		}
	}
	if len(elsewhere) == 0 {
		return nil, nil
	}
	rooms, err := p.Store.Threads(ctx, elsewhere)
	if err != nil {
		return nil, err
	}
	for _, id := range rooms {
		room, _, err := p.Desk.Place(ctx, id, "")
		if errors.Is(err, desk.ErrNotFound) || err == nil && room.Kind != desk.WithCustomers {
			continue
		}
		if err != nil {
			return nil, err
		}
		t := p.known(room)
		if ok, err := p.stands(ctx, t, customers); err != nil || ok {
			return t, err
		}
	}
	return nil, nil
}

// stands tells whether one of some customers stands in a conversation.
func (p *planner) stands(ctx context.Context, t *talk, customers []string) (bool, error) {
	for _, address := range customers {
		if t.stand[address] {
			return true, nil
		}
		if t.made {
			continue
		}
		who, err := p.People.ByAddress(ctx, address)
		if errors.Is(err, desk.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		_, st, err := p.Desk.Place(ctx, t.room.ID, who.ID)
		if err != nil || st != nil && st.Participant {
			return err == nil, err
		}
	}
	return false, nil
}

func (p *planner) known(room desk.Conversation) *talk {
	t := p.rooms[room.ID]
	if t == nil {
		t = &talk{room: room, stand: map[string]bool{}}
		p.rooms[room.ID] = t
	}
	return t
}

func (p *planner) begin(m *pastMail) *talk {
	return &talk{room: desk.Conversation{ID: pastID(m.at, "conversation", m.keys[0]), Subject: m.subject}, made: true, stand: map[string]bool{}}
}

func (p *planner) post(t *talk, m *planned, why Reason) {
	m.verdict = verdict{Placed, why}
	if len(t.posts) == 0 {
		p.talks = append(p.talks, t)
	}
	t.posts = append(t.posts, m)
	for _, a := range m.to {
		t.stand[a] = true
	}
	p.at[m.messageID] = t
}

// report places what a mail system says of a mail that is here: as a quiet note of the one it did not reach, for that is
// whose mailbox it tells of. Counting past failures against an address would punish it for what may be long mended.
func (p *planner) report(ctx context.Context, m *pastMail) error {
	t := p.at[m.original]
	if t == nil && m.original != "" {
		room, err := p.reported(ctx, m.original)
		if err != nil {
			return err
		}
		if room.ID != "" && room.Kind == desk.WithCustomers {
			t = p.known(room)
		}
	}
	if t == nil {
		p.leave(m, held(ReasonUnknown))
		return nil
	}
	m.about = t.room.ID
	who := slices.Clone(m.failed)
	if len(who) == 0 && len(t.stand) == 1 {
		for a := range t.stand {
			who = []string{a}
		}
	}
	for _, address := range who {
		address = desk.Address(address)
		if ok, err := p.stands(ctx, t, []string{address}); err != nil {
			return err
		} else if ok && !m.empty {
			p.post(t, &planned{pastMail: m, author: address}, ReasonReport)
			return nil
		}
	}
	p.leave(m, verdict{Placed, ReasonReport})
	return nil
}

// reported gives the conversation of the mail that a report tells of; without an id where it is not here.
func (p *planner) reported(ctx context.Context, id string) (room desk.Conversation, err error) {
	var rooms []string
	if message, _, ok := mailid.VerifyMessageID(p.Ours.Key, id, p.Ours.Domain); ok {
		c, err := p.Desk.ConversationOf(ctx, message)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return room, err
		}
		rooms = append(rooms, c)
	} else if rooms, err = p.Store.Threads(ctx, []string{id}); err != nil {
		return room, err
	}
	for _, c := range rooms {
		room, _, err = p.Desk.Place(ctx, c, "")
		if !errors.Is(err, desk.ErrNotFound) {
			return room, err
		}
	}
	return desk.Conversation{}, nil
}
