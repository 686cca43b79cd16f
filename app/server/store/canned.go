package store

import (
	"context"
	"database/sql"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/canned"
)

// Canned is the store of canned answers.
type Canned struct{ *Store }

var _ canned.Store = Canned{}

const cannedColumns = `id, name, body, changed_by, created_at, changed_at, version`

func scanCanned(r interface{ Scan(...any) error }) (a desk.CannedAnswer, err error) {
	err = r.Scan(&a.ID, &a.Name, &a.Body, &a.ChangedBy, &a.CreatedAt, &a.ChangedAt, &a.Version)
	return a, err
}

// CannedAnswers lists all, in the order of their names.
func (s Canned) CannedAnswers(ctx context.Context) (out []desk.CannedAnswer, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		out = nil
		rows, err := q.Query(`SELECT ` + cannedColumns + ` FROM canned_answers ORDER BY folded`)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			a, err := scanCanned(r)
			out = append(out, a)
			return err
		})
	})
	return out, err
}

// change lets one transaction at a time change the answers: a name is looked for before it is given.
func (s Canned) change(ctx context.Context, fn func(tx) error) error {
	return explain(s.db.Write(ctx, func(q sqldb.Queryer) error {
		t := tx{q}
		if _, err := t.count("canned", 1); err != nil {
			return err
		}
		return fn(t)
	}))
}

func (t tx) cannedNameFree(a desk.CannedAnswer) error {
	n := 0
	err := t.q.QueryRow(`SELECT COUNT(*) FROM canned_answers WHERE folded = $1 AND id <> $2`, a.Folded(), a.ID).Scan(&n)
	if err == nil && n > 0 {
		err = canned.ErrNameTaken
	}
	return err
}

// AddCanned keeps a new answer.
func (s Canned) AddCanned(ctx context.Context, a desk.CannedAnswer) error {
	return s.change(ctx, func(t tx) error {
		n := 0
		if err := t.q.QueryRow(`SELECT COUNT(*) FROM canned_answers`).Scan(&n); err != nil {
			return err
		}
		if n >= desk.MaxCanned {
			return canned.ErrTooMany
		}
		if err := t.cannedNameFree(a); err != nil {
			return err
		}
		_, err := t.q.Exec(`INSERT INTO canned_answers (`+cannedColumns+`, folded) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			a.ID, a.Name, a.Body, a.ChangedBy, a.CreatedAt, a.ChangedAt, a.Version, a.Folded())
		return err
	})
}

// ChangeCanned changes the one that is stored.
func (s Canned) ChangeCanned(ctx context.Context, id string, change func(desk.CannedAnswer) (desk.CannedAnswer, error)) (a desk.CannedAnswer, err error) {
	err = s.change(ctx, func(t tx) error {
		known, err := scanCanned(t.q.QueryRow(`SELECT `+cannedColumns+` FROM canned_answers WHERE id = $1`, id))
		if err != nil {
			return notFound(err)
		}
		if a, err = change(known); err != nil {
			return err
		}
		if err := t.cannedNameFree(a); err != nil {
			return err
		}
		_, err = t.q.Exec(`UPDATE canned_answers SET name = $2, body = $3, changed_by = $4, changed_at = $5, version = $6, folded = $7 WHERE id = $1`,
			a.ID, a.Name, a.Body, a.ChangedBy, a.ChangedAt, a.Version, a.Folded())
		return err
	})
	return a, err
}

// RemoveCanned forgets one.
func (s Canned) RemoveCanned(ctx context.Context, id string) error {
	return s.change(ctx, func(t tx) error {
		n, err := t.q.Exec(`DELETE FROM canned_answers WHERE id = $1`, id)
		if err == nil && n == 0 {
			err = desk.ErrNotFound
		}
		return err
	})
}
