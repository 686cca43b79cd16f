package messaging

import (
	"context"

	"recado/app/desk"
)

// Split begins a conversation of its own with a copy of a message, by whom and with whom it was written: those who stand
// where it is and can see it, never anybody else, and the kind stays. The message itself stays where it is, for its
// number is taken. Nobody is told outside the app. made is false where the key had made it before.
func (s *Service) Split(ctx context.Context, actor desk.Person, message, key, subject string) (v View, made bool, err error) {
	if e := desk.CheckKey(key); e != nil {
		return v, false, e
	}
	if e := desk.CheckSubject("body.subject", subject); e != nil {
		return v, false, e
	}
	if actor.Kind != desk.User {
		return v, false, desk.ErrNotFound
	}
	h := hash("split", message, subject)
	err = s.write(ctx, func(w Writer, t *telling) error {
		m, at, err := seeMessage(w, actor, message)
		if err != nil {
			return err
		}
		if m.DeletedAt != 0 {
			return desk.Invalid("message", "it was deleted")
		}
		id := s.NewID()
		fresh, err := w.TakeKey(actor.ID, key, h, id, t.at)
		if made = fresh; err != nil {
			return err
		}
		if fresh {
			err = s.split(w, t, actor, id, subject, m, at.c)
		} else {
			id, _, err = replay(w, actor.ID, key, h)
		}
		if err != nil {
			return err
		}
		v, err = view(w, actor, id)
		return err
	})
	if err != nil {
		return View{}, false, err
	}
	return v, made, nil
}

func (s *Service) split(w Writer, t *telling, actor desk.Person, id, subject string, m desk.Message, from desk.Conversation) error {
	_, stand, err := circle(w, from)
	if err != nil {
		return err
	}
	c := desk.Conversation{ID: id, Kind: from.Kind, Subject: subject, State: open, SplitFrom: m.ID, CreatedAt: t.at, LastAt: t.at, Audience: 1, Version: 1, Shown: 1}
	if err := w.InsertConversation(c); err != nil {
		return err
	}
	there := map[string]bool{}
	for _, st := range stand {
		if st.HistoryFrom > m.Number {
			continue
		}
		next := desk.Standing{Person: st.Person, Participant: true, HistoryFrom: 1}
		there[st.Person] = true
		if err := w.PutStanding(id, next); err != nil {
			return err
		}
	}
	if !there[actor.ID] { // a user, who sees it without standing there
		if err := w.PutStanding(id, desk.Standing{Person: actor.ID, Participant: true, HistoryFrom: 1}); err != nil {
			return err
		}
	}
	return s.copyInto(w, t, c, m, stand)
}

// copyInto makes a copy of m the first message of c, seen by those who have seen m.
func (s *Service) copyInto(w Writer, t *telling, c desk.Conversation, m desk.Message, stand []desk.Standing) error {
	number := m.Number
	authors, err := w.People([]string{m.Author})
	if err != nil {
		return err
	}
	m.ID, m.Conversation, m.Key, m.Version, m.EditedAt = s.NewID(), c.ID, "", 1, 0
	if m.Number, err = w.NextNumber(c.ID, t.at, waits(c, authors[m.Author], m.Origin != nil && m.Origin.Automatic)); err != nil {
		return err
	}
	if err := w.InsertMessage(m); err != nil {
		return err
	}
	if err := w.Wrote(c.ID, m.Author); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := w.ShareFile(f.ID, m.ID); err != nil {
			return err
		}
	}
	for _, st := range stand {
		if st.HistoryFrom <= number && (st.SeenUpTo >= number || st.Person == m.Author) {
			seen := desk.Standing{Person: st.Person, Participant: true, HistoryFrom: 1, SeenUpTo: m.Number, SeenAt: max(st.SeenAt, m.CreatedAt)}
			if err := w.PutStanding(c.ID, seen); err != nil {
				return err
			}
		}
	}
	people, err := audience(w, c)
	if err != nil {
		return err
	}
	t.tell(desk.ConversationCreated, c.ID, "", people)
	t.tell(desk.MessageCreated, c.ID, m.ID, people)
	return nil
}
