package store

import (
	"context"
	"database/sql"

	"recado/app/desk"
	"recado/app/kit/sqldb"
)

// Openings gives what mails to addresses of the team open, by address; those nothing was said of are missing.
func (s Mails) Openings(ctx context.Context) (said map[string]desk.Opens, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		said = map[string]desk.Opens{}
		rows, err := q.Query(`SELECT address, opens FROM mail_openings`)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var address string
			var opens desk.Opens
			err := r.Scan(&address, &opens)
			said[address] = opens
			return err
		})
	})
	return said, err
}

// PutOpening notes it; empty forgets it.
func (s Mails) PutOpening(ctx context.Context, address string, opens desk.Opens) error {
	query, args := `INSERT INTO mail_openings (address, opens) VALUES ($1, $2) ON CONFLICT (address) DO UPDATE SET opens = $2`, []any{address, string(opens)}
	if opens == "" {
		query, args = `DELETE FROM mail_openings WHERE address = $1`, args[:1]
	}
	_, err := s.write(ctx, query, args...)
	return err
}
