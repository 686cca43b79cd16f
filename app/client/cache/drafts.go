package cache

import (
	"context"
	"errors"
	"strings"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// SaveDraft stores what was typed for a conversation or a new one, durable when it returns; an empty draft removes it.
func (c *Cache) SaveDraft(ctx context.Context, target string, d sync.Draft) error {
	return c.write(ctx, func(q sqldb.Queryer) error {
		if d.Body == "" && d.Subject == "" && len(d.Files)+len(d.Participants) == 0 {
			_, err := q.Exec(`DELETE FROM drafts WHERE target = $1`, target)
			return err
		}
		_, err := q.Exec(`INSERT INTO drafts (target, body, participants, files, mentions, subject, saved_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (target) DO UPDATE SET body = excluded.body,
			participants = excluded.participants, files = excluded.files, mentions = excluded.mentions,
			subject = excluded.subject, saved_at = excluded.saved_at`,
			target, d.Body, list(d.Participants), list(d.Files), list(d.Mentions), d.Subject, c.stamp())
		return err
	})
}

// Draft gives what was typed for a target; empty where there is nothing.
func (c *Cache) Draft(ctx context.Context, target string) (d sync.Draft, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		var participants, files, mentions string
		err := q.QueryRow(`SELECT body, participants, files, mentions, subject FROM drafts WHERE target = $1`, target).
			Scan(&d.Body, &participants, &files, &mentions, &d.Subject)
		if errors.Is(err, sqldb.ErrNoRows) {
			err = nil
		}
		d.Participants, d.Files, d.Mentions = unlist[string](participants), unlist[sync.FileRef](files), unlist[string](mentions)
		return err
	})
	return d, err
}

// TakeBack takes a message out of the outbox and gives what was typed. A new conversation goes with its first message,
// and what was typed after it comes back in the same draft.
func (c *Cache) TakeBack(ctx context.Context, key string) (d sync.Draft, taken sync.Message, err error) {
	return c.takeBack(ctx, key, func(sqldb.Queryer) error { return nil })
}

// Undo is TakeBack of what has surely not left: refused with code left once it may have.
func (c *Cache) Undo(ctx context.Context, key string) (d sync.Draft, taken sync.Message, err error) {
	return c.takeBack(ctx, key, func(q sqldb.Queryer) error {
		n := 0
		err := q.QueryRow(`SELECT count(*) FROM outbox WHERE key = $2 AND state = 'waiting' AND `+staying, c.stamp(), key).Scan(&n)
		if err == nil && n == 0 {
			err = &sync.Error{Code: sync.CodeLeft, Message: "It is too late: the message has left."}
		}
		return err
	})
}

func (c *Cache) takeBack(ctx context.Context, key string, may func(sqldb.Queryer) error) (d sync.Draft, taken sync.Message, err error) {
	err = c.write(ctx, func(q sqldb.Queryer) error {
		if err := may(q); err != nil {
			return err
		}
		var isNew bool
		var participants, files, mentions string
		err := q.QueryRow(`DELETE FROM outbox WHERE key = $1 RETURNING conversation, is_new, participants, subject, body, files, mentions`,
			key).Scan(&taken.Conversation, &isNew, &participants, &d.Subject, &d.Body, &files, &mentions)
		if err != nil {
			return gone(err)
		}
		taken.RowKey, taken.Key = key, key
		d.Participants, d.Files, d.Mentions = unlist[string](participants), unlist[sync.FileRef](files), unlist[string](mentions)
		if isNew {
			return c.takeBackNew(q, taken.Conversation, &d)
		}
		_, err = q.Exec(`UPDATE conversations SET
			has_mine = EXISTS (SELECT 1 FROM messages m WHERE m.conversation = $1 AND m.author = $2)
				OR EXISTS (SELECT 1 FROM outbox WHERE conversation = $1),
			last_at = coalesce((SELECT created_at FROM outbox WHERE conversation = $1 ORDER BY position DESC LIMIT 1),
				(SELECT created_at FROM messages WHERE conversation = $1 ORDER BY number DESC LIMIT 1), last_at) WHERE id = $1`,
			taken.Conversation, c.Me())
		return err
	})
	return d, taken, err
}

func (c *Cache) takeBackNew(q sqldb.Queryer, id string, d *sync.Draft) error {
	bodies, err := ids(q, `SELECT body FROM outbox WHERE conversation = $1 ORDER BY position`, id)
	if err != nil {
		return err
	}
	d.Body = strings.Join(append([]string{d.Body}, bodies...), "\n\n")
	for _, text := range []string{`DELETE FROM outbox WHERE conversation = $1`, `DELETE FROM conversations WHERE id = $1`,
		`DELETE FROM participants WHERE conversation = $1`, `DELETE FROM drafts WHERE target = $1`} {
		if _, err := q.Exec(text, id); err != nil {
			return err
		}
	}
	return nil
}

// MarkSeen moves forward what was seen here, at once, and keeps it with its time until the server was told.
// changed is false where it was seen before.
func (c *Cache) MarkSeen(ctx context.Context, conversation string, upTo int64) (s sync.Seen, changed bool, err error) {
	s = sync.Seen{Conversation: conversation, Person: c.Me(), UpTo: upTo, At: c.stamp()}
	changes, err := c.applying(ctx, func(a *applier) error {
		var last int64
		err := a.q.QueryRow(`SELECT min(last_number, $2) FROM conversations WHERE id = $1 AND seen_up_to < min(last_number, $2)`,
			conversation, upTo).Scan(&last)
		if errors.Is(err, sqldb.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		s.UpTo = last
		if err := a.seen(s); err != nil {
			return err
		}
		_, err = a.q.Exec(`INSERT INTO unsent_seen (conversation, up_to, at) VALUES ($1, $2, $3)
			ON CONFLICT (conversation) DO UPDATE SET up_to = max(up_to, excluded.up_to), at = excluded.at`, conversation, last, s.At)
		return err
	})
	return s, len(changes.Seen) > 0, err
}
