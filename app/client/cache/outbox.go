package cache

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// Enqueue stores a message for sending, durable when it returns, and forgets the draft it came from. A key that is
// already there changes nothing. A conversation that does not exist yet appears under NewPrefix and the key.
func (c *Cache) Enqueue(ctx context.Context, o sync.Outgoing) (sync.Message, error) {
	var m sync.Message
	err := c.write(ctx, func(q sqldb.Queryer) error {
		var err error
		if m, err = c.known(q, o.Key); !errors.Is(err, sqldb.ErrNoRows) {
			return err
		}
		at := c.stamp()
		target := o.Conversation
		if o.Create {
			o.Conversation, target = sync.NewPrefix+o.Key, sync.NewPrefix+o.Kind
			err = c.addPending(q, o, at)
		} else {
			o.Audience, err = c.audience(q, o.Conversation, at)
		}
		if err != nil {
			return err
		}
		_, err = q.Exec(`INSERT INTO outbox (key, conversation, is_new, participants, subject, body, files, mentions, uploaded,
				audience, created_at, state, problem, kind, item, leaves_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '[]', $9, $10, $11, '', $12, $13, $14)`,
			o.Key, o.Conversation, o.Create, list(o.Participants), o.Subject, o.Body, list(o.Files), list(o.Mentions), o.Audience, at, sync.Waiting, o.Kind, o.Item, leaving(at, o.Hold))
		if err != nil {
			return err
		}
		if _, err := q.Exec(`DELETE FROM drafts WHERE target = $1`, target); err != nil {
			return err
		}
		m, err = c.waiting(q, o.Key)
		return err
	})
	return m, err
}

// known gives the message of a key that was used before: still in the outbox, or sent.
func (c *Cache) known(q sqldb.Queryer, key string) (sync.Message, error) {
	m, err := c.waiting(q, key)
	if !errors.Is(err, sqldb.ErrNoRows) {
		return m, err
	}
	return scanMessage(q.QueryRow(`SELECT `+messageColumns+` FROM messages WHERE key = $2 AND key <> '' AND author = $1
		ORDER BY seq DESC LIMIT 1`, c.Me(), key))
}

func (c *Cache) waiting(q sqldb.Queryer, key string) (sync.Message, error) {
	return c.scanWaiting(q.QueryRow(`SELECT `+waitingColumns+` FROM outbox WHERE key = $1`, key))
}

func (c *Cache) addPending(q sqldb.Queryer, o sync.Outgoing, at string) error {
	_, err := q.Exec(`INSERT INTO conversations (id, kind, subject, state, item, last_number, last_at, seen_up_to, unseen, muted,
		history_from, version, audience, has_mine, stands) VALUES ($1, $4, $2, 'open', $5, 0, $3, 0, 0, 0, 1, 0, '', 1, 1)`,
		o.Conversation, o.Subject, at, o.Kind, o.Item)
	if err != nil {
		return err
	}
	for i, p := range append([]string{c.Me()}, o.Participants...) {
		_, err := q.Exec(`INSERT INTO participants (conversation, position, person, history_from, seen_up_to, seen_at)
			VALUES ($1, $2, $3, 1, 0, '') ON CONFLICT DO NOTHING`, o.Conversation, i, p)
		if err != nil {
			return err
		}
	}
	return nil
}

// audience moves the conversation up in the lists and tells who would receive a message now.
func (c *Cache) audience(q sqldb.Queryer, conversation, at string) (audience string, err error) {
	err = q.QueryRow(`UPDATE conversations SET has_mine = 1, last_at = max(last_at, $2) WHERE id = $1 RETURNING audience`,
		conversation, at).Scan(&audience)
	if errors.Is(err, sqldb.ErrNoRows) {
		err = notFound("This conversation")
	}
	return audience, err
}

// staying tells of a row of the outbox that it may not leave yet at the moment $1. What was typed after that moment was
// typed by a clock that has been set back since: it must not wait for that clock.
const staying = `leaves_at > $1 AND created_at <= $1`

func leaving(at string, hold time.Duration) string {
	typed, err := time.Parse(sync.TimeForm, at)
	if hold <= 0 || err != nil { // stamps always parse
		return ""
	}
	return typed.Add(hold).Format(sync.TimeForm)
}

// NextLeaving gives when the next of the messages that still stay here may leave; the zero time where none does.
func (c *Cache) NextLeaving(ctx context.Context) (next time.Time, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		at := ""
		err := q.QueryRow(`SELECT coalesce(min(leaves_at), '') FROM outbox WHERE state = 'waiting' AND `+staying, c.stamp()).Scan(&at)
		if err != nil || at == "" {
			return err
		}
		next, err = time.Parse(sync.TimeForm, at)
		return err
	})
	return next, err
}

// Sendable lists the oldest unsent message of each conversation, where it waits and may leave. One that is held or was refused does
// not keep later ones back, but those of a conversation that does not exist yet wait until it does.
func (c *Cache) Sendable(ctx context.Context) (out []sync.Outgoing, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		out = nil
		rows, err := q.Query(`SELECT key, conversation, is_new, participants, subject, body, files, mentions, uploaded, audience, state, kind, item
			FROM outbox o WHERE state = 'waiting' AND NOT (`+staying+`) AND position = (SELECT min(position) FROM outbox f
				WHERE f.conversation = o.conversation AND (f.state = 'waiting' OR f.is_new = 1)) ORDER BY position`, c.stamp())
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var o sync.Outgoing
			var participants, files, mentions, uploaded string
			err := r.Scan(&o.Key, &o.Conversation, &o.Create, &participants, &o.Subject, &o.Body, &files, &mentions, &uploaded,
				&o.Audience, &o.State, &o.Kind, &o.Item)
			o.Participants, o.Files = unlist[string](participants), unlist[sync.FileRef](files)
			o.Mentions, o.Uploaded = unlist[string](mentions), unlist[string](uploaded)
			out = append(out, o)
			return err
		})
	})
	return out, err
}

// FileSent keeps the server's id of the next file of a message.
func (c *Cache) FileSent(ctx context.Context, key, id string) error {
	return c.write(ctx, func(q sqldb.Queryer) error {
		_, err := q.Exec(`UPDATE outbox SET uploaded = json_insert(uploaded, '$[#]', $2) WHERE key = $1`, key, id)
		return err
	})
}

// MessageSent stores what the server made of a message and takes it out of the outbox.
func (c *Cache) MessageSent(ctx context.Context, key string, m sync.Message) (sync.Changes, error) {
	m.Key = key
	return c.applying(ctx, func(a *applier) error { return a.message(m, false) })
}

// ConversationSent stores the conversation the server made, with its first message, in place of the local one.
func (c *Cache) ConversationSent(ctx context.Context, key string, v sync.Conversation) (sync.Changes, error) {
	return c.applying(ctx, func(a *applier) error {
		if err := a.acknowledged(key, v.ID); err != nil {
			return err
		}
		if err := a.conversation(v, true); err != nil {
			return err
		}
		// Messages typed meanwhile were typed for exactly those the conversation was made with.
		if _, err := a.q.Exec(`UPDATE outbox SET audience = $2 WHERE conversation = $1 AND audience = ''`, v.ID, v.Audience); err != nil {
			return err
		}
		if v.LastMessage != nil && v.LastMessage.Number == 1 && v.LastMessage.Author == a.me {
			first := *v.LastMessage
			first.Key = key
			return a.message(first, false)
		}
		return a.markAll(v.ID)
	})
}

// Refused keeps a message with the reason why it was not sent, for its author to decide.
func (c *Cache) Refused(ctx context.Context, key, state, problem string) (m sync.Message, err error) {
	err = c.write(ctx, func(q sqldb.Queryer) error {
		if _, err := q.Exec(`UPDATE outbox SET state = $2, problem = $3 WHERE key = $1`, key, state, problem); err != nil {
			return err
		}
		m, err = c.waiting(q, key)
		return gone(err)
	})
	return m, err
}

func gone(err error) error {
	if errors.Is(err, sqldb.ErrNoRows) {
		return notFound("This message is not in the outbox any more: it")
	}
	return err
}

// Retry sends a refused or held message again, to those who would receive it now.
func (c *Cache) Retry(ctx context.Context, key string) (m sync.Message, err error) {
	err = c.write(ctx, func(q sqldb.Queryer) error {
		_, err := q.Exec(`UPDATE outbox SET state = 'waiting', problem = '', leaves_at = '',
			audience = coalesce((SELECT audience FROM conversations c WHERE c.id = outbox.conversation), '')
			WHERE key = $1 AND state <> 'waiting'`, key)
		if err != nil {
			return err
		}
		m, err = c.waiting(q, key)
		return gone(err)
	})
	return m, err
}

// Waiting counts what is in the outbox, refused and held ones included.
func (c *Cache) Waiting(ctx context.Context) (n int64, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error { return q.QueryRow(`SELECT count(*) FROM outbox`).Scan(&n) })
	return n, err
}
