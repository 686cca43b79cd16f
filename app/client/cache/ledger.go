package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

const (
	// mostMail is how large a mail is kept once it was seen, in bytes of JSON.
	mostMail = 2 << 20
	// mailsKept is how many are.
	mailsKept = 300
	// bubbleDays is for how long it is remembered why there was a bubble or was not.
	bubbleDays = 90
)

const deliveryColumns = `message, person, channel, conversation, state, due_at, at, code, reason, detail`

// putDelivery keeps what became of a message outside the app, unless something newer is known.
func putDelivery(q sqldb.Queryer, d sync.Delivery) error {
	if d.Channel == "app" { // what a participant has seen says it
		return nil
	}
	_, err := q.Exec(`INSERT INTO deliveries (`+deliveryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (message, person, channel) DO UPDATE SET state = excluded.state, due_at = excluded.due_at, at = excluded.at,
			code = excluded.code, reason = excluded.reason, detail = excluded.detail WHERE excluded.at >= deliveries.at`,
		d.Message, d.Person, d.Channel, d.Conversation, d.State, d.DueAt, d.At, d.Code, d.Reason, d.Detail)
	return err
}

// PutDeliveries keeps what the server told of messages, and tells what changed.
func (c *Cache) PutDeliveries(ctx context.Context, list []sync.Delivery) (sync.Changes, error) {
	return c.applying(ctx, func(a *applier) error {
		for _, d := range list {
			if err := a.delivery(d); err != nil {
				return err
			}
		}
		return nil
	})
}

// delivery keeps one; its conversation is told anew where that may change how it is marked in lists.
func (a *applier) delivery(d sync.Delivery) error {
	var before string
	err := a.q.QueryRow(`SELECT state FROM deliveries WHERE message = $1 AND person = $2 AND channel = $3`, d.Message, d.Person, d.Channel).Scan(&before)
	if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
		return err
	}
	if before != d.State && d.Channel != "app" {
		a.touch(d.Conversation)
	}
	return putDelivery(a.q, d)
}

// Deliveries lists what is known of messages of a conversation, by their numbers from and up to, those included.
func (c *Cache) Deliveries(ctx context.Context, conversation string, from, upTo int64) ([]sync.Delivery, error) {
	list := []sync.Delivery{}
	err := c.read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT `+deliveryColumns+` FROM deliveries WHERE message IN
			(SELECT id FROM messages WHERE conversation = $1 AND number BETWEEN $2 AND $3) ORDER BY message, person, channel`, conversation, from, upTo)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var d sync.Delivery
			err := r.Scan(&d.Message, &d.Person, &d.Channel, &d.Conversation, &d.State, &d.DueAt, &d.At, &d.Code, &d.Reason, &d.Detail)
			list = append(list, d)
			return err
		})
	})
	return list, err
}

// undelivered says, of a conversation c, whether the last that was sent to somebody in it did not arrive.
const undelivered = `EXISTS (SELECT 1 FROM deliveries d WHERE d.conversation = c.id AND d.state = 'failed' AND NOT EXISTS
	(SELECT 1 FROM deliveries l WHERE l.conversation = d.conversation AND l.person = d.person AND l.at > d.at AND l.state = 'sent'))`

// Failing lists the people to whom, wherever one wrote to them last, the mail did not arrive.
func (c *Cache) Failing(ctx context.Context) (people []string, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		people, err = ids(q, `SELECT DISTINCT person FROM deliveries d WHERE d.state = 'failed' AND NOT EXISTS
			(SELECT 1 FROM deliveries l WHERE l.person = d.person AND l.at > d.at AND l.state = 'sent' AND l.channel = 'email') ORDER BY person`)
		return err
	})
	return people, err
}

// PutBubbles keeps what was decided about telling the reader of messages.
func (c *Cache) PutBubbles(ctx context.Context, list []sync.Bubble) error {
	return c.write(ctx, func(q sqldb.Queryer) error {
		for _, b := range list {
			if _, err := q.Exec(`INSERT INTO bubbles (message, shown, reason, at) VALUES ($1, $2, $3, $4)
				ON CONFLICT (message) DO UPDATE SET shown = excluded.shown, reason = excluded.reason, at = excluded.at`, b.Message, b.Shown, b.Reason, b.At); err != nil {
				return err
			}
		}
		return nil
	})
}

// Bubble gives what was decided about a message; nil where nothing was.
func (c *Cache) Bubble(ctx context.Context, message string) (*sync.Bubble, error) {
	b := sync.Bubble{Message: message}
	err := c.read(ctx, func(q sqldb.Queryer) error {
		return q.QueryRow(`SELECT shown, reason, at FROM bubbles WHERE message = $1`, message).Scan(&b.Shown, &b.Reason, &b.At)
	})
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, nil
	}
	return &b, err
}

// Mail gives a mail that was seen before; code not-found where it is not kept.
func (c *Cache) Mail(ctx context.Context, message string) (m sync.Mail, err error) {
	var content string
	err = c.read(ctx, func(q sqldb.Queryer) error {
		err := q.QueryRow(`SELECT content FROM mails WHERE message = $1`, message).Scan(&content)
		if errors.Is(err, sqldb.ErrNoRows) {
			return notFound("This mail")
		}
		return err
	})
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal([]byte(content), &m)
}

// PutMail keeps a mail that was seen, so that it can be seen again without the network; large ones are not kept.
func (c *Cache) PutMail(ctx context.Context, m sync.Mail) error {
	content, err := json.Marshal(m)
	if err != nil || len(content) > mostMail {
		return err
	}
	return c.write(ctx, func(q sqldb.Queryer) error {
		if _, err := q.Exec(`INSERT INTO mails (message, content, seen_at) SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM messages WHERE id = $1)
			ON CONFLICT (message) DO UPDATE SET content = excluded.content, seen_at = excluded.seen_at`, m.Message, string(content), c.stamp()); err != nil {
			return err
		}
		_, err := q.Exec(`DELETE FROM mails WHERE message IN (SELECT message FROM mails ORDER BY seen_at DESC LIMIT -1 OFFSET $1)`, mailsKept)
		return err
	})
}

// forgetBeside removes what stands beside messages that are gone: of one conversation, or (empty) of all.
func forgetBeside(q sqldb.Queryer, conversation string) error {
	where, args := `message NOT IN (SELECT id FROM messages)`, []any{}
	if conversation != "" {
		where, args = `message IN (SELECT id FROM messages WHERE conversation = $1)`, []any{conversation}
	}
	for _, table := range []string{"deliveries", "bubbles", "mails"} {
		if _, err := q.Exec(`DELETE FROM `+table+` WHERE `+where, args...); err != nil {
			return err
		}
	}
	return nil
}
