package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"recado/app/kit/disk"
	"recado/app/kit/filelock"
	"recado/app/kit/sqldb"
	"recado/app/server/accounts"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// Tools is the data with its use cases, without listening: for the commands, also beside a running server, which finds
// what they changed within a second.
type Tools struct {
	Accounts  *accounts.Service
	Messaging *messaging.Service
	DB        *sqldb.DB
	Data      string
	store     *store.Store
	use       *filelock.Lock // nil on PostgreSQL
}

// OpenTools opens the data and brings its schema up to date. ErrRestoring while a restore replaces it, ErrLost where its
// database is gone.
func OpenTools(ctx context.Context, c Config) (*Tools, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	return openTools(ctx, c, silent{})
}

// notices is who hears what must take effect at once.
type notices interface {
	messaging.Waker
	accounts.Notices
}

// silent is for commands: no stream hangs on this process.
type silent struct{}

func (silent) Wake([]string)          {}
func (silent) SessionsEnded([]string) {}

func openTools(ctx context.Context, c Config, n notices) (*Tools, error) {
	t := &Tools{Data: c.Data}
	if err := t.open(ctx, c, n); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (t *Tools) open(ctx context.Context, c Config, n notices) (err error) {
	if err := t.openDatabase(ctx, c); err != nil {
		return err
	}
	t.store = store.New(t.DB, func() int64 { return time.Now().UnixMilli() })
	if err := t.migrate(ctx); err != nil {
		return err
	}
	t.Messaging = &messaging.Service{Store: t.store, Waker: n, Now: time.Now, NewID: newID}
	t.Accounts, err = accounts.New(accounts.Service{Store: store.Accounts{Store: t.store}, Passwords: accounts.NewArgon2(), Notices: n,
		Limits: &accounts.Limits{Now: time.Now}, Now: time.Now, NewID: newID})
	return err
}

func (t *Tools) openDatabase(ctx context.Context, c Config) (err error) {
	if c.Database != "" {
		t.DB, err = sqldb.OpenPostgres(ctx, c.Database)
		return err
	}
	if t.use, err = c.enter(); err != nil {
		return err
	}
	gone, err := lost(c.Data)
	if err != nil {
		return err
	}
	if gone {
		return fmt.Errorf("%w (%s)", ErrLost, filepath.Join(c.Data, databaseFile))
	}
	room := c.room()
	if free, err := room.ask(c.Data); err == nil && free < reserved {
		room.relieve() // even opening needs room beside the database
	}
	if t.DB, err = sqldb.OpenSQLite(filepath.Join(c.Data, databaseFile)); err != nil {
		return err
	}
	t.DB.OnFull(room.relieve)
	return nil
}

// migrate makes a backup first where an existing SQLite database is about to change its schema. An empty one where there
// was data is not filled.
func (t *Tools) migrate(ctx context.Context) error {
	has, wants, err := store.Versions(ctx, t.DB)
	if err != nil {
		return err
	}
	if has == 0 && t.DB.Engine() == sqldb.SQLite {
		if held, err := exists(filepath.Join(t.Data, markFile)); err != nil || held {
			return errors.Join(err, fmt.Errorf("%w (%s)", ErrLost, t.DB.Path()))
		}
	}
	if has > 0 && has < wants && t.DB.Engine() == sqldb.SQLite {
		if err := t.keepOld(ctx, wants); err != nil {
			return fmt.Errorf("back up before the migration: %w", err)
		}
	}
	if err := store.Migrate(ctx, t.DB); err != nil || t.DB.Engine() != sqldb.SQLite {
		return err
	}
	return mark(t.Data)
}

// schemaPrefix begins the name of a copy from before a change of the schema, and of the folder it is made in.
const schemaPrefix = "before-schema-"

// keepOld copies the database before its schema changes; what has the name of such a copy is whole.
func (t *Tools) keepOld(ctx context.Context, wants int64) error {
	work, err := os.MkdirTemp(t.Data, schemaPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	unfinished := filepath.Join(work, databaseFile)
	if err := t.DB.Backup(ctx, unfinished); err != nil {
		return err
	}
	copied := fmt.Sprintf("%s%d-%s.db", schemaPrefix, wants, time.Now().UTC().Format("20060102T150405"))
	if err := os.Rename(unfinished, filepath.Join(t.Data, copied)); err != nil {
		return err
	}
	return disk.SyncFolder(t.Data)
}

func (t *Tools) databaseIdentity(ctx context.Context) (string, error) {
	if t.DB.Engine() == sqldb.Postgres {
		return t.store.ClusterIdentity(ctx)
	}
	return disk.Identity(t.DB.Path())
}

// NewEpoch makes every client start over: for a restore.
func (t *Tools) NewEpoch(ctx context.Context) error { return t.store.NewEpoch(ctx, newID()) }

// Close closes the database; after it a restore may replace the data.
func (t *Tools) Close() (err error) {
	if t.DB != nil {
		err = t.DB.Close()
	}
	if t.use != nil {
		err = errors.Join(err, t.use.Release())
	}
	return err
}

var _ io.Closer = (*Tools)(nil)
