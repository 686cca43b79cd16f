package store

import (
	"context"
	"encoding/hex"
	"fmt"

	"recado/app/kit/sqldb"
)

// MailToken says which mail an answer belongs to.
type MailToken struct {
	Message      string
	Person       string // the only one who answers with it
	Conversation string
	ExpiresAt    int64
}

// KeepMailToken stores a token, hashed.
func (s *Store) KeepMailToken(ctx context.Context, hash string, t MailToken) error {
	return explain(s.db.Write(ctx, func(q sqldb.Queryer) error {
		_, err := q.Exec(`INSERT INTO mail_tokens (hash, message, person, conversation, expires_at) VALUES ($1, $2, $3, $4, $5)`,
			hash, t.Message, t.Person, t.Conversation, t.ExpiresAt)
		return err
	}))
}

// MailToken gives what a token's hash stands for; desk.ErrNotFound for one that is unknown or has expired by at.
func (s *Store) MailToken(ctx context.Context, hash string, at int64) (t MailToken, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		return notFound(q.QueryRow(`SELECT message, person, conversation, expires_at FROM mail_tokens WHERE hash = $1 AND expires_at > $2`, hash, at).
			Scan(&t.Message, &t.Person, &t.Conversation, &t.ExpiresAt))
	})
	return t, err
}

// MailKey gives the key that this desk's Message-IDs are signed with: the one made first, by whichever node.
func (s *Store) MailKey(ctx context.Context, fresh []byte) (key []byte, err error) {
	err = s.db.Write(ctx, func(q sqldb.Queryer) error {
		if _, err := q.Exec(`INSERT INTO meta (name, value) VALUES ('mail-key', $1) ON CONFLICT DO NOTHING`, hex.EncodeToString(fresh)); err != nil {
			return err
		}
		text, err := meta(q, "mail-key")
		if err != nil {
			return err
		}
		key, err = hex.DecodeString(text)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask for the key of mail: %w", err)
	}
	return key, nil
}
