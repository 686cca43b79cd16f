package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/mailin"
)

// Mails keeps what comes in by mail.
type Mails struct{ *Store }

var _ mailin.Store = Mails{}

const mailColumns = `id, sha256, size, received_at, envelope, state, reason, due_at, attempts, message_id, sender, sender_name, subject, person, conversation, message, verified, held_as`

func scanMail(scan func(...any) error) (m mailin.Mail, err error) {
	var envelope string
	var verified int
	err = scan(&m.ID, &m.SHA256, &m.Size, &m.ReceivedAt, &envelope, &m.State, &m.Reason, &m.Due, &m.Attempts, &m.MessageID, &m.Sender,
		&m.SenderName, &m.Subject, &m.Person, &m.Conversation, &m.Message, &verified, &m.HeldAs)
	if err != nil {
		return m, notFound(err)
	}
	m.Verified = verified != 0
	return m, json.Unmarshal([]byte(envelope), &m.Envelope)
}

func (s Mails) write(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = explain(s.db.Write(ctx, func(q sqldb.Queryer) error {
		n, err = q.Exec(query, args...)
		return err
	}))
	return n, err
}

// AddMail notes a mail whose bytes are stored.
func (s Mails) AddMail(ctx context.Context, m mailin.Mail) error {
	envelope, err := json.Marshal(m.Envelope)
	if err != nil {
		return err
	}
	_, err = s.write(ctx, `INSERT INTO mails (id, sha256, size, received_at, envelope, sender, state, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		m.ID, m.SHA256, m.Size, m.ReceivedAt, string(envelope), m.Sender, string(m.State), m.Due)
	return err
}

// holdsUp is how often a mail is tried before its sender's next ones no longer wait for it.
const holdsUp = 4

// ClaimMail gives the mail that has been due longest, leased until a moment; desk.ErrNotFound where none is due. A
// sender's mails are placed one after the other, in the order they came.
func (s Mails) ClaimMail(ctx context.Context, now, until int64) (m mailin.Mail, err error) {
	id := ""
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		return notFound(q.QueryRow(`SELECT m.id FROM mails m WHERE m.state = 'received' AND m.due_at <= $1
			AND NOT EXISTS (SELECT 1 FROM mails e WHERE e.state = 'received' AND e.sender <> '' AND e.sender = m.sender AND e.id < m.id AND e.attempts < $2)
			ORDER BY m.due_at, m.id LIMIT 1`, now, holdsUp).Scan(&id))
	})
	if err != nil {
		return m, err
	}
	err = explain(s.db.Write(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`UPDATE mails SET due_at = $3, attempts = attempts + 1 WHERE id = $1 AND state = 'received' AND due_at <= $2 RETURNING `+mailColumns, id, now, until)
		found := false
		err = sqldb.Rows(rows, err, func(r *sql.Rows) (err error) {
			found = true
			m, err = scanMail(r.Scan)
			return err
		})
		if err == nil && !found {
			err = desk.ErrNotFound // another node was faster
		}
		return err
	}))
	return m, err
}

// Unlease makes what was being placed due at once: for a server that starts as the only one on its data.
func (s Mails) Unlease(ctx context.Context, now int64) error {
	_, err := s.write(ctx, `UPDATE mails SET due_at = $1 WHERE state = 'received' AND due_at > $1`, now)
	return err
}

// PutMail writes what became of a mail.
func (s Mails) PutMail(ctx context.Context, m mailin.Mail) error {
	verified := bit(m.Verified)
	_, err := s.write(ctx, `UPDATE mails SET state = $2, reason = $3, due_at = $4, message_id = $5, sender = $6, sender_name = $7, subject = $8,
		person = $9, conversation = $10, message = $11, verified = $12, held_as = $13 WHERE id = $1`, m.ID, string(m.State), string(m.Reason), m.Due, m.MessageID,
		m.Sender, m.SenderName, m.Subject, m.Person, m.Conversation, m.Message, verified, string(m.HeldAs))
	return err
}

func (s Mails) one(ctx context.Context, where string, arg string) (m mailin.Mail, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		m, err = scanMail(q.QueryRow(`SELECT `+mailColumns+` FROM mails WHERE `+where, arg).Scan)
		return err
	})
	return m, err
}

// Mail gives desk.ErrNotFound where there is none.
func (s Mails) Mail(ctx context.Context, id string) (mailin.Mail, error) {
	return s.one(ctx, `id = $1`, id)
}

// MailOf gives the mail that became a message; desk.ErrNotFound where it was none.
func (s Mails) MailOf(ctx context.Context, message string) (mailin.Mail, error) {
	return s.one(ctx, `message = $1 AND message <> '' LIMIT 1`, message)
}

// HeldMails lists held ones, newest first, older than the id before (empty: the newest).
func (s Mails) HeldMails(ctx context.Context, before string, limit int) (out []mailin.Mail, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT `+mailColumns+` FROM mails WHERE state = 'held' AND ($1 = '' OR id < $1) ORDER BY id DESC LIMIT $2`, before, limit)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			m, err := scanMail(r.Scan)
			out = append(out, m)
			return err
		})
	})
	return out, err
}

// FirstMail notes under a key which mail came first, and gives that one.
func (s Mails) FirstMail(ctx context.Context, key, mail string) (first string, err error) {
	err = explain(s.db.Write(ctx, func(q sqldb.Queryer) error {
		if _, err := q.Exec(`INSERT INTO mail_firsts (id, mail) VALUES ($1, $2) ON CONFLICT DO NOTHING`, key, mail); err != nil {
			return err
		}
		return q.QueryRow(`SELECT mail FROM mail_firsts WHERE id = $1`, key).Scan(&first)
	}))
	return first, err
}

// Threads lists the conversations that mails with these Message-IDs stand in, in the order of the ids.
func (s Mails) Threads(ctx context.Context, ids []string) (out []string, err error) {
	at := map[string][]string{}
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT message_id, conversation FROM mails WHERE message_id IN {list:$1} AND state = 'placed' AND message <> '' ORDER BY id DESC`, list(ids))
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var id, conversation string
			err := r.Scan(&id, &conversation)
			at[id] = append(at[id], conversation)
			return err
		})
	})
	for _, id := range ids {
		for _, c := range at[id] {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out, err
}

// CountMails counts placed mails of a sender since a moment, in one conversation or (empty) in all.
func (s Mails) CountMails(ctx context.Context, sender, conversation string, since int64) (n int64, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		return q.QueryRow(`SELECT COUNT(*) FROM mails WHERE state = 'placed' AND sender = $1 AND received_at >= $2 AND ($3 = '' OR conversation = $3)`,
			sender, since, conversation).Scan(&n)
	})
	return n, err
}

// TokenOf gives what the hash of a token stands for; desk.ErrNotFound for one that is unknown or expired.
func (s Mails) TokenOf(ctx context.Context, hash string, at int64) (mailin.Token, error) {
	t, err := s.MailToken(ctx, hash, at)
	return mailin.Token{Message: t.Message, Person: t.Person, Conversation: t.Conversation}, err
}

// CountReport counts a report about an address.
func (s Mails) CountReport(ctx context.Context, address string, kind mailin.Report, status string, at int64) error {
	one := func(k mailin.Report) int { return bit(k == kind) }
	_, err := s.write(ctx, `INSERT INTO mail_addresses (address, hard, soft, complaints, status, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (address) DO UPDATE SET hard = mail_addresses.hard + $2, soft = mail_addresses.soft + $3, complaints = mail_addresses.complaints + $4, status = $5, at = $6`,
		address, one(mailin.HardReport), one(mailin.SoftReport), one(mailin.Complaint), status, at)
	return err
}

// ClearReports forgets what reports said of an address.
func (s Mails) ClearReports(ctx context.Context, address string) error {
	known := false
	err := s.db.Read(ctx, func(q sqldb.Queryer) error {
		n := 0
		err := q.QueryRow(`SELECT COUNT(*) FROM mail_addresses WHERE address = $1`, address).Scan(&n)
		known = n > 0
		return err
	})
	if err != nil || !known { // hardly any is: a read costs less than a write
		return err
	}
	_, err = s.write(ctx, `DELETE FROM mail_addresses WHERE address = $1`, address)
	return err
}

// Mailbox gives how far a mailbox has been fetched; zeros where it never was.
func (s Mails) Mailbox(ctx context.Context, name string) (validity, uid uint32, err error) {
	var v, u int64
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		return q.QueryRow(`SELECT COALESCE(MAX(validity), 0), COALESCE(MAX(uid), 0) FROM mailboxes WHERE name = $1`, name).Scan(&v, &u)
	})
	return uint32(v), uint32(u), err
}

// PutMailbox notes how far a mailbox has been fetched.
func (s Mails) PutMailbox(ctx context.Context, name string, validity, uid uint32) error {
	_, err := s.write(ctx, `INSERT INTO mailboxes (name, validity, uid) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET validity = $2, uid = $3`, name, int64(validity), int64(uid))
	return err
}

// FirstToday tells whether nothing was noted for a person on a day yet, and notes it.
func (s Mails) FirstToday(ctx context.Context, person string, day int64) (bool, error) {
	n, err := s.write(ctx, `INSERT INTO mail_notices (person, day) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET day = $2 WHERE mail_notices.day < $2`, person, day)
	return n > 0, err
}

// Return marks as not delivered all messages that went to a person in a mail, and lists them.
func (t tx) Return(mail, person, detail string, at int64) (messages []string, err error) {
	rows, err := t.q.Query(`UPDATE deliveries SET state = 'failed', reason = 'returned', detail = $3, at = $4
		WHERE mail = $1 AND person = $2 AND channel = 'email' AND state = 'sent' RETURNING message`, mail, person, detail, at)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		messages = append(messages, id)
		return err
	})
	return messages, err
}
