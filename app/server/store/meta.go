package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"recado/app/kit/sqldb"
)

// Identity is what tells one life of a database from another.
type Identity struct {
	Epoch string // of all feeds; changes when the database was restored or is another one than it says
	Boot  string // of this start
}

// keptBoots bounds how many starts are remembered; a client that last spoke to an older one takes a snapshot.
const keptBoots = 10_000

// Begin notes a start: it stores a new boot, and a new epoch where there was none or where the recorded identity of the
// database (its file, or its cluster) differs from the one given. newID makes random names. On a full disk a start that
// would change nothing else goes on as the last one that was noted, so that the database can be read.
func (s *Store) Begin(ctx context.Context, identity string, at int64, newID func() string) (id Identity, changed bool, err error) {
	id, changed, err = s.note(ctx, identity, at, newID)
	if errors.Is(err, sqldb.ErrFull) {
		if last, e := s.lastNoted(ctx, identity); e == nil {
			return last, false, nil
		}
	}
	return id, changed, err
}

// lastNoted gives the last start of the same database; an error where there was none.
func (s *Store) lastNoted(ctx context.Context, identity string) (id Identity, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		known, err := meta(q, "identity")
		if err != nil {
			return err
		}
		if known != identity {
			return sqldb.ErrNoRows
		}
		if id.Epoch, err = meta(q, "epoch"); err != nil {
			return err
		}
		return q.QueryRow(`SELECT boot FROM boots ORDER BY at DESC LIMIT 1`).Scan(&id.Boot)
	})
	return id, err
}

func (s *Store) note(ctx context.Context, identity string, at int64, newID func() string) (id Identity, changed bool, err error) {
	err = s.db.Write(ctx, func(q sqldb.Queryer) error {
		id, changed = Identity{Boot: newID()}, false
		known, err := meta(q, "identity")
		if err != nil {
			return err
		}
		if id.Epoch, err = meta(q, "epoch"); err != nil {
			return err
		}
		if id.Epoch == "" || known != identity {
			changed = id.Epoch != ""
			id.Epoch = newID()
			if err := setMeta(q, "epoch", id.Epoch); err != nil {
				return err
			}
			if err := setMeta(q, "identity", identity); err != nil {
				return err
			}
		}
		if _, err := q.Exec(`INSERT INTO boots (boot, at) VALUES ($1, $2)`, id.Boot, at); err != nil {
			return err
		}
		_, err = q.Exec(`DELETE FROM boots WHERE boot NOT IN (SELECT boot FROM boots ORDER BY at DESC LIMIT $1)`, keptBoots)
		return err
	})
	return id, changed, err
}

// Epoch gives the epoch in force; another node or a restore may have changed it.
func (s *Store) Epoch(ctx context.Context) (epoch string, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		epoch, err = meta(q, "epoch")
		return err
	})
	return epoch, err
}

// KnowsBoot reports whether a start is remembered. One that is not means that the database went back in time.
func (s *Store) KnowsBoot(ctx context.Context, boot string) (known bool, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		var n int
		err := q.QueryRow(`SELECT COUNT(*) FROM boots WHERE boot = $1`, boot).Scan(&n)
		known = n > 0
		return err
	})
	return known, err
}

// NewEpoch makes every client start over: called after a restore.
func (s *Store) NewEpoch(ctx context.Context, epoch string) error {
	return s.db.Write(ctx, func(q sqldb.Queryer) error { return setMeta(q, "epoch", epoch) })
}

// FilesID gives the id that the folder with this database's files is marked with. Where there is none yet, otherwise
// becomes it, unless that is empty. Several nodes may ask at once: all get the same.
func (s *Store) FilesID(ctx context.Context, otherwise string) (id string, err error) {
	if otherwise == "" {
		err = s.db.Read(ctx, func(q sqldb.Queryer) error {
			id, err = meta(q, "files")
			return err
		})
		return id, err
	}
	err = s.db.Write(ctx, func(q sqldb.Queryer) error {
		if _, err := q.Exec(`INSERT INTO meta (name, value) VALUES ('files', $1) ON CONFLICT (name) DO NOTHING`, otherwise); err != nil {
			return err
		}
		id, err = meta(q, "files")
		return err
	})
	return id, err
}

func meta(q sqldb.Queryer, name string) (v string, err error) {
	err = q.QueryRow(`SELECT value FROM meta WHERE name = $1`, name).Scan(&v)
	if err == sql.ErrNoRows {
		return "", nil
	}
	return v, err
}

func setMeta(q sqldb.Queryer, name, value string) error {
	_, err := q.Exec(`INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`, name, value)
	return err
}

// ClusterIdentity is the identity of a PostgreSQL cluster: system identifier and timeline, which a restore to a point
// in time changes. The identity of a SQLite database is its file's, which the caller knows.
func (s *Store) ClusterIdentity(ctx context.Context) (id string, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		var system, timeline int64
		if err := q.QueryRow(`SELECT s.system_identifier, c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c`).Scan(&system, &timeline); err != nil {
			return fmt.Errorf("ask for the cluster's identity: %w", err)
		}
		var database string
		if err := q.QueryRow(`SELECT current_database()`).Scan(&database); err != nil {
			return err
		}
		id = fmt.Sprintf("%d/%d/%s", system, timeline, database)
		return nil
	})
	return id, err
}
