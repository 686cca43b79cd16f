package cache

import (
	"context"
	"database/sql"
	"errors"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// BeginFill begins a filling from a snapshot, and forgets one that was broken off.
func (c *Cache) BeginFill(ctx context.Context) error {
	return c.write(ctx, func(q sqldb.Queryer) error {
		if _, err := q.Exec(`DELETE FROM snapshot`); err != nil {
			return err
		}
		return setMeta(q, "epoch", "")
	})
}

// FillPage stores a page of a snapshot and notes what it named.
func (c *Cache) FillPage(ctx context.Context, entries []sync.Entry) (sync.Changes, error) {
	return c.applying(ctx, func(a *applier) error {
		for _, e := range entries {
			e.Type = "" // an item has the form of an entry, but nothing was created just now
			if err := a.entry(e); err != nil {
				return err
			}
			if err := a.named(e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *applier) named(e sync.Entry) error {
	id := ""
	switch {
	case e.Message != nil:
		id = e.Message.ID
	case e.Conversation != nil:
		id = e.Conversation.ID
	case e.Item != nil:
		id = e.Item.ID
	case e.Person != nil:
		id = e.Person.ID
	}
	if id == "" {
		return nil
	}
	_, err := a.q.Exec(`INSERT INTO snapshot (id) VALUES ($1) ON CONFLICT DO NOTHING`, id)
	return err
}

// EndFill removes what the snapshot did not name and sets the place to go on from, in one transaction. What is in the
// outbox and the drafts stays.
func (c *Cache) EndFill(ctx context.Context, place sync.Place) (lost []string, err error) {
	changes, err := c.applying(ctx, func(a *applier) error {
		gone, err := ids(a.q, `SELECT id FROM conversations WHERE id NOT IN (SELECT id FROM snapshot)
			AND id NOT IN (SELECT conversation FROM outbox WHERE is_new = 1)`)
		if err != nil {
			return err
		}
		for _, id := range gone {
			if err := a.lose(id); err != nil {
				return err
			}
		}
		if err := a.removeUnnamed(); err != nil {
			return err
		}
		return setPlace(a.q, place)
	})
	return changes.Lost, err
}

func (a *applier) removeUnnamed() error {
	touched, err := ids(a.q, `SELECT DISTINCT conversation FROM messages WHERE id NOT IN (SELECT id FROM snapshot)`)
	if err != nil {
		return err
	}
	for _, text := range []string{
		`DELETE FROM messages WHERE id NOT IN (SELECT id FROM snapshot)`,
		`DELETE FROM items WHERE id NOT IN (SELECT id FROM snapshot)`,
		`DELETE FROM people WHERE id NOT IN (SELECT id FROM snapshot)`,
		`DELETE FROM snapshot`,
	} {
		if _, err := a.q.Exec(text); err != nil {
			return err
		}
	}
	if err := forgetBeside(a.q, ""); err != nil {
		return err
	}
	for _, id := range touched {
		if err := a.markAll(id); err != nil {
			return err
		}
		a.touch(id)
	}
	return nil
}

func ids(q sqldb.Queryer, text string, args ...any) (out []string, err error) {
	rows, err := q.Query(text, args...)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

// NextHistory names a conversation with messages missing before a number; ok is false where there is none. before is
// below 0 where the conversation itself is to be fetched.
func (c *Cache) NextHistory(ctx context.Context) (conversation string, before int64, ok bool, err error) {
	err = c.write(ctx, func(q sqldb.Queryer) error {
		// Most of what was missing when a conversation was told of has come by the feed since.
		_, err := q.Exec(`DELETE FROM history WHERE before >= 0 AND (SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation
			WHERE m.conversation = history.conversation AND m.number >= max(c.history_from, 1) AND m.number < history.before)
			>= (SELECT history.before - max(c.history_from, 1) FROM conversations c WHERE c.id = history.conversation)`)
		if err != nil {
			return err
		}
		err = q.QueryRow(`SELECT conversation, before FROM history LIMIT 1`).Scan(&conversation, &before)
		if errors.Is(err, sqldb.ErrNoRows) {
			return nil
		}
		ok = err == nil
		return err
	})
	return conversation, before, ok, err
}

// StoreHistory stores a page of old messages and notes how far back the conversation is known now; done ends it.
func (c *Cache) StoreHistory(ctx context.Context, conversation string, page []sync.Message, done bool) (sync.Changes, error) {
	return c.applying(ctx, func(a *applier) error {
		for _, m := range page {
			if err := a.message(m, false); err != nil {
				return err
			}
		}
		if done || len(page) == 0 {
			_, err := a.q.Exec(`DELETE FROM history WHERE conversation = $1`, conversation)
			return err
		}
		_, err := a.q.Exec(`UPDATE history SET before = $2 WHERE conversation = $1`, conversation, page[0].Number)
		return err
	})
}
