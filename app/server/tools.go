package server

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"recado/app/kit/disk"
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
}

// OpenTools opens the data and brings its schema up to date.
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
	db, err := openDatabase(ctx, c)
	if err != nil {
		return nil, err
	}
	t := &Tools{DB: db, Data: c.Data, store: store.New(db, func() int64 { return time.Now().UnixMilli() })}
	if err := t.migrate(ctx); err != nil {
		db.Close()
		return nil, err
	}
	t.Messaging = &messaging.Service{Store: t.store, Waker: n, Now: time.Now, NewID: newID}
	t.Accounts, err = accounts.New(accounts.Service{Store: store.Accounts{Store: t.store}, Passwords: accounts.NewArgon2(), Notices: n,
		Limits: &accounts.Limits{Now: time.Now}, Now: time.Now, NewID: newID})
	if err != nil {
		db.Close()
		return nil, err
	}
	return t, nil
}

func openDatabase(ctx context.Context, c Config) (*sqldb.DB, error) {
	if c.Database != "" {
		return sqldb.OpenPostgres(ctx, c.Database)
	}
	return sqldb.OpenSQLite(filepath.Join(c.Data, databaseFile))
}

// migrate makes a backup first where an existing SQLite database is about to change its schema.
func (t *Tools) migrate(ctx context.Context) error {
	has, wants, err := store.Versions(ctx, t.DB)
	if err != nil {
		return err
	}
	if has > 0 && has < wants && t.DB.Engine() == sqldb.SQLite {
		if err := t.DB.Backup(ctx, filepath.Join(t.Data, fmt.Sprintf("before-schema-%d-%s.db", wants, time.Now().UTC().Format("20060102T150405")))); err != nil {
			return fmt.Errorf("back up before the migration: %w", err)
		}
	}
	return store.Migrate(ctx, t.DB)
}

func (t *Tools) databaseIdentity(ctx context.Context) (string, error) {
	if t.DB.Engine() == sqldb.Postgres {
		return t.store.ClusterIdentity(ctx)
	}
	return disk.Identity(t.DB.Path())
}

// NewEpoch makes every client start over: for a restore.
func (t *Tools) NewEpoch(ctx context.Context) error { return t.store.NewEpoch(ctx, newID()) }

// Close closes the database.
func (t *Tools) Close() error { return t.DB.Close() }

var _ io.Closer = (*Tools)(nil)
