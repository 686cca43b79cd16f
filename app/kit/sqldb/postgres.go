package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// OpenPostgres connects to the database at dsn (postgres://…), with time limits on statements, locks and idle
// transactions, so that no client can hold others up for good.
func OpenPostgres(ctx context.Context, dsn string) (*DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the address of the PostgreSQL database can't be understood: want postgres://user:password@host:port/name")
	}
	for k, v := range map[string]string{"statement_timeout": "30000", "lock_timeout": "10000",
		"idle_in_transaction_session_timeout": "60000", "application_name": "recado"} {
		if _, set := cfg.RuntimeParams[k]; !set {
			cfg.RuntimeParams[k] = v
		}
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("connect to PostgreSQL at %s:%d: %w", cfg.Host, cfg.Port, err)
	}
	base, stop := context.WithCancel(context.Background())
	return &DB{engine: Postgres, readers: db, writers: db, schema: db, dsn: dsn, base: base, stop: stop}, nil
}

// maxConns is how many connections one server holds at most; the cluster has room for several servers.
const maxConns = 24

// maxTries bounds how often a transaction that met a conflict is begun anew.
const maxTries = 8

func (d *DB) writePostgres(ctx context.Context, fn func(Queryer) error) error {
	var err error
	for range maxTries {
		if err = d.writeOnce(ctx, fn); !conflict(err) {
			return err
		}
	}
	return fmt.Errorf("after %d tries: %w", maxTries, err)
}

func (d *DB) writeOnce(ctx context.Context, fn func(Queryer) error) error {
	// A commit that was asked for must not be interrupted half way by a request that went away.
	ctx = context.WithoutCancel(ctx)
	tx, err := begin(ctx, d.writers, &sql.TxOptions{})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	if err := fn(&txQueryer{d: d, ctx: ctx, tx: tx}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// begin opens a transaction. A pooled connection that PostgreSQL ended meanwhile, as it does when it is restarted, says so
// in answer to BEGIN: nothing was asked yet, so the next one is taken, until the pool has none of that kind.
func begin(ctx context.Context, db *sql.DB, opts *sql.TxOptions) (*sql.Tx, error) {
	for tries := 0; ; tries++ {
		tx, err := db.BeginTx(ctx, opts)
		var answered *pgconn.PgError
		if !errors.As(err, &answered) || answered.Code != "57P01" || tries > maxConns {
			return tx, err
		}
	}
}

// ErrUnavailable means that PostgreSQL can't be reached, or is not ready to answer. Whether a write that met it was done
// is unknown: the connection may have broken with the answer to its commit.
var ErrUnavailable = errors.New("the database can't be reached")

// unavailable marks errors of the connection, and those with which PostgreSQL says that it is starting, stopping or full
// (classes 08, 53 and 57P of its error codes).
func unavailable(err error) error {
	var answered *pgconn.PgError
	var connecting *pgconn.ConnectError
	var network *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &connecting), errors.As(err, &network), errors.Is(err, driver.ErrBadConn), errors.Is(err, io.ErrUnexpectedEOF),
		errors.As(err, &answered) && (strings.HasPrefix(answered.Code, "08") || strings.HasPrefix(answered.Code, "53") || strings.HasPrefix(answered.Code, "57P")):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// conflict: serialization_failure and deadlock_detected, which PostgreSQL asks to be tried again.
func conflict(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}
