// Package store keeps everything in SQLite or PostgreSQL: one text per query, written with $n, and a small dialect for
// what the two spell differently.
package store

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
)

//go:embed migrations
var migrations embed.FS

// Store is the database as the use cases ask for it.
type Store struct {
	db  *sqldb.DB
	now func() int64
}

var _ messaging.Store = (*Store)(nil)

// ErrNewer means that the database was made by a later version of Recado.
var ErrNewer = errors.New("the database was made by a newer version of Recado")

// New takes an open database, whose schema must be up to date (see Migrate). now gives milliseconds since 1970.
func New(db *sqldb.DB, now func() int64) *Store { return &Store{db, now} }

func provider(db *sqldb.DB) (*goose.Provider, error) {
	dialect, dir := goose.DialectSQLite3, "migrations/sqlite"
	if db.Engine() == sqldb.Postgres {
		dialect, dir = goose.DialectPostgres, "migrations/postgres"
	}
	sub, err := fs.Sub(migrations, dir)
	if err != nil {
		return nil, err
	}
	opts := []goose.ProviderOption{goose.WithLogger(goose.NopLogger())}
	if db.Engine() == sqldb.Postgres { // two nodes may start at once
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, db.Migrations(), sub, opts...)
}

// Versions tells which schema version the database has, and which this program wants. A fresh database has 0.
func Versions(ctx context.Context, db *sqldb.DB) (has, wants int64, err error) {
	p, err := provider(db)
	if err != nil {
		return 0, 0, err
	}
	has, wants, err = p.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("ask for the schema's version: %w", err)
	}
	return has, wants, nil
}

// Migrate brings the schema up to date, forward only. ErrNewer where it is ahead of this program.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	has, wants, err := Versions(ctx, db)
	if err != nil {
		return err
	}
	if has > wants {
		return fmt.Errorf("%w (its schema is %d, this program knows %d): update Recado", ErrNewer, has, wants)
	}
	if has == wants {
		return nil
	}
	p, err := provider(db)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// Read runs fn in one read transaction.
func (s *Store) Read(ctx context.Context, fn func(messaging.Reader) error) error {
	return s.db.Read(ctx, func(q sqldb.Queryer) error { return fn(tx{q}) })
}

// Write runs fn in one write transaction and answers after it is durable.
func (s *Store) Write(ctx context.Context, fn func(messaging.Writer) error) error {
	return explain(s.db.Write(ctx, func(q sqldb.Queryer) error { return fn(tx{q}) }))
}

// explain turns what the disk says into what a person can act on.
func explain(err error) error {
	if errors.Is(err, sqldb.ErrFull) {
		return errors.Join(&desk.Error{Code: "storage-full", Message: "The server's disk is full: nothing was changed. Free some space and try again."}, err)
	}
	return err
}

// tx answers all ports inside one transaction.
type tx struct{ q sqldb.Queryer }

var _ messaging.Writer = tx{}

// among says how a column is compared with parameter n, a set of ids, and what that parameter is. One id alone is
// compared as it is: SQLite looks it up in a fifth of the time.
func among(ids []string, n string) (condition, arg string) {
	if len(ids) == 1 {
		return ` = ` + n, ids[0]
	}
	return ` IN {list:` + n + `}`, list(ids)
}

// list gives ids as the JSON array that {list:$n} takes.
func list(ids []string) string {
	if len(ids) == 1 && plainID(ids[0]) {
		return `["` + ids[0] + `"]`
	}
	if ids == nil {
		return "[]"
	}
	b, _ := json.Marshal(ids) // strings always encode
	return string(b)
}

func plainID(s string) bool {
	for i := range len(s) {
		if s[i] != '-' && (s[i] < '0' || s[i] > 'z') || s[i] == '\\' {
			return false
		}
	}
	return true
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func number(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

func notFound(err error) error {
	if errors.Is(err, sqldb.ErrNoRows) {
		return desk.ErrNotFound
	}
	return err
}
