package messaging

import (
	"context"

	"recado/app/desk"
)

// Messages lists messages of a conversation that viewer may see, ascending.
func (s *Service) Messages(ctx context.Context, viewer desk.Person, conversation string, q PageQuery) (page []desk.Message, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		at, err := see(r, viewer, conversation)
		if err != nil {
			return err
		}
		page, err = r.Page(conversation, at.from, q)
		return err
	})
	return page, err
}

// Message gives one message.
func (s *Service) Message(ctx context.Context, viewer desk.Person, id string) (m desk.Message, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		m, _, err = seeMessage(r, viewer, id)
		return err
	})
	return m, err
}

// seeMessage answers desk.ErrNotFound also for a message before the viewer's history.
func seeMessage(r Reader, viewer desk.Person, id string) (desk.Message, sight, error) {
	m, err := r.Message(id)
	if err != nil {
		return m, sight{}, err
	}
	at, err := see(r, viewer, m.Conversation)
	if err != nil {
		return desk.Message{}, sight{}, err
	}
	if m.Number < at.from {
		return desk.Message{}, sight{}, desk.ErrNotFound
	}
	return m, at, nil
}

// Edit replaces the body of one's own message; the one before is kept.
func (s *Service) Edit(ctx context.Context, author desk.Person, id, body string) (m desk.Message, err error) {
	err = s.write(ctx, func(w Writer, t *telling) error {
		var at sight
		if m, at, err = seeMessage(w, author, id); err != nil {
			return err
		}
		if m.Author != author.ID || m.DeletedAt != 0 {
			return desk.ErrForbidden
		}
		if e := desk.CheckBody("body.body", body, len(m.Files)); e != nil {
			return e
		}
		if body == m.Body {
			return nil
		}
		people, err := audience(w, at.c)
		if err != nil {
			return err
		}
		m.Body, m.EditedAt, m.Version = body, t.at, m.Version+1
		if m.Mentions, err = mentions(w, Draft{Body: body}, people); err != nil {
			return err
		}
		if _, err := s.followMentioned(w, t, author, at.c, m.Mentions, nil); err != nil {
			return err
		}
		t.tell(desk.MessageEdited, m.Conversation, m.ID, people)
		return w.ReplaceBody(m, t.at)
	})
	return m, err
}

// Delete takes body and files from one's own message, for good; its number stays.
func (s *Service) Delete(ctx context.Context, author desk.Person, id string) error {
	return s.write(ctx, func(w Writer, t *telling) error {
		m, at, err := seeMessage(w, author, id)
		if err != nil {
			return err
		}
		if m.Author != author.ID {
			return desk.ErrForbidden
		}
		if m.DeletedAt != 0 {
			return nil
		}
		people, err := audience(w, at.c)
		if err != nil {
			return err
		}
		m.Body, m.Files, m.Mentions, m.DeletedAt, m.Version = "", nil, nil, t.at, m.Version+1
		t.tell(desk.MessageDeleted, m.Conversation, m.ID, people)
		if err := w.Withdraw(Withdrawal{Message: m.ID, State: desk.Cancelled, Reason: desk.ReasonDeleted, At: t.at}); err != nil {
			return err
		}
		return w.ReplaceBody(m, t.at)
	})
}

// File gives a file's description to its owner while no message carries it, and to whoever may see the message then.
func (s *Service) File(ctx context.Context, viewer desk.Person, id string) (f desk.File, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		if f, err = r.File(id); err != nil {
			return err
		}
		if f.Message == "" {
			if f.Owner != viewer.ID {
				return desk.ErrNotFound
			}
			return nil
		}
		shares, err := r.FileShares(id)
		if err != nil {
			return err
		}
		for _, carrier := range append([]string{f.Message}, shares...) {
			m, _, err := seeMessage(r, viewer, carrier)
			if err == nil && m.DeletedAt == 0 || err != nil && err != desk.ErrNotFound {
				return err
			}
		}
		return desk.ErrNotFound
	})
	return f, err
}

// Upload notes a file whose content is stored already under f.ID. made is false where the key had made one before:
// then that one is given, and the new content is not needed.
func (s *Service) Upload(ctx context.Context, owner desk.Person, key, sum string, f desk.File) (got desk.File, made bool, err error) {
	if e := desk.CheckKey(key); e != nil {
		return got, false, e
	}
	h := hash("file", f.Name, f.Size, sum)
	err = s.write(ctx, func(w Writer, t *telling) error {
		made = false
		fresh, err := w.TakeKey(owner.ID, key, h, f.ID, t.at)
		if err != nil {
			return err
		}
		if !fresh {
			ref, _, err := replay(w, owner.ID, key, h)
			if err != nil {
				return err
			}
			got, err = w.File(ref)
			return err
		}
		made, got = true, f
		got.Owner = owner.ID
		return w.InsertFile(got, t.at)
	})
	if err != nil {
		return desk.File{}, false, err
	}
	return got, made, nil
}

// LinkedFile gives a file for who has a link to it, which says that they may: as long as a message carries it.
func (s *Service) LinkedFile(ctx context.Context, id string) (f desk.File, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		if f, err = r.File(id); err != nil {
			return err
		}
		m, err := r.Message(f.Message)
		if err == nil && m.DeletedAt != 0 {
			err = desk.ErrNotFound
		}
		return err
	})
	return f, err
}

// Settings gives how a person wants to be told.
func (s *Service) Settings(ctx context.Context, person desk.Person) (set desk.Settings, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		set, err = r.Settings(person.ID)
		return err
	})
	return set, err
}

// PutSettings changes it, and tells the person's other devices.
func (s *Service) PutSettings(ctx context.Context, person desk.Person, set desk.Settings) error {
	return s.write(ctx, func(w Writer, t *telling) error {
		t.tell(desk.SettingsChanged, "", "", []string{person.ID})
		return w.PutSettings(person.ID, set)
	})
}
