package cache

import (
	"context"
	"database/sql"
	"slices"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// CannedAnswers lists what the team answers often, by name.
func (c *Cache) CannedAnswers(ctx context.Context) (list []sync.CannedAnswer, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		list, err = cannedAnswers(q)
		return err
	})
	return list, err
}

func cannedAnswers(q sqldb.Queryer) ([]sync.CannedAnswer, error) {
	list := []sync.CannedAnswer{}
	rows, err := q.Query(`SELECT id, name, body, changed_by, changed_at, version FROM canned_answers ORDER BY position`)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var a sync.CannedAnswer
		err := r.Scan(&a.ID, &a.Name, &a.Body, &a.ChangedBy, &a.ChangedAt, &a.Version)
		list = append(list, a)
		return err
	})
	return list, err
}

// PutCanned keeps the canned answers as the server told them; false where that changed nothing.
func (c *Cache) PutCanned(ctx context.Context, list []sync.CannedAnswer) (changed bool, err error) {
	err = c.write(ctx, func(q sqldb.Queryer) error {
		known, err := cannedAnswers(q)
		if err != nil {
			return err
		}
		if changed = !slices.Equal(known, list); !changed {
			return nil
		}
		if _, err := q.Exec(`DELETE FROM canned_answers`); err != nil {
			return err
		}
		for i, a := range list {
			_, err := q.Exec(`INSERT INTO canned_answers (position, id, name, body, changed_by, changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				i, a.ID, a.Name, a.Body, a.ChangedBy, a.ChangedAt, a.Version)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}
