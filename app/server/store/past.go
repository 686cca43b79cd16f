package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/mailin"
	"recado/app/server/messaging"
)

// Known gives those of keys under which a mail came before.
func (s Mails) Known(ctx context.Context, keys []string) (map[string]bool, error) {
	known := map[string]bool{}
	err := s.db.Read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT id FROM mail_firsts WHERE id IN {list:$1}`, list(keys))
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var id string
			err := r.Scan(&id)
			known[id] = true
			return err
		})
	})
	return known, err
}

// EnterPast notes mails with what became of them, and the keys that each came under, in the transaction of w, which must
// be one of this store. mailin.ErrCame where one came under its key before.
func EnterPast(w messaging.Writer, mails []mailin.Mail, keys [][]string) error {
	t, ok := w.(tx)
	if !ok {
		return errors.New("mails are entered in another store's transaction")
	}
	for i, m := range mails {
		for _, key := range keys[i] {
			n, err := t.q.Exec(`INSERT INTO mail_firsts (id, mail) VALUES ($1, $2) ON CONFLICT DO NOTHING`, key, m.ID)
			if err != nil {
				return err
			}
			if n == 0 {
				return mailin.ErrCame
			}
		}
		envelope, err := json.Marshal(m.Envelope)
		if err != nil {
			return err
		}
		if _, err := t.q.Exec(`INSERT INTO mails (id, sha256, size, received_at, envelope, state, reason, due_at, message_id, sender, sender_name, subject,
			person, conversation, message, verified) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			m.ID, m.SHA256, m.Size, m.ReceivedAt, string(envelope), string(m.State), string(m.Reason), m.Due, m.MessageID, m.Sender, m.SenderName, m.Subject,
			m.Person, m.Conversation, m.Message, bit(m.Verified)); err != nil {
			return err
		}
	}
	return nil
}

// AllUsers lists all users, those who are disabled too.
func (s Accounts) AllUsers(ctx context.Context) (users []desk.Person, err error) {
	err = s.read(ctx, func(t tx) error {
		users, err = t.people(`SELECT ` + personColumns + ` FROM people p WHERE p.kind = 'user' ORDER BY p.id`)
		return err
	})
	return users, err
}
