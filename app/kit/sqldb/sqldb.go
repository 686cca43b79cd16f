// Package sqldb opens the two databases Recado runs on and gives both one face: a reader, a writer that groups
// concurrent writes, and one text per query. It knows nothing of what is stored.
//
// Queries are written with $1, $2, … and two small marks that each engine spells its own way:
// {list:$n} is the set of strings in parameter n, given as a JSON array; {lock} is FOR UPDATE.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

// Engine names the database a DB runs on.
type Engine string

// The engines there are.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Queryer runs queries inside one transaction. Its methods take the transaction's own context: a request that
// goes away must not interrupt a transaction it shares with others.
type Queryer interface {
	Exec(query string, args ...any) (int64, error)
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
	Engine() Engine
}

// DB is an open database.
type DB struct {
	engine  Engine
	readers *sql.DB
	writers *sql.DB
	schema  *sql.DB
	writer  *writer // SQLite only: the one that groups
	texts   sync.Map
	stmts   sync.Map
	path    string
	dsn     string
	base    context.Context
	stop    context.CancelFunc
	relief  atomic.Pointer[func() bool]
}

// ErrNoRows is returned by QueryRow's Scan where nothing matched.
var ErrNoRows = sql.ErrNoRows

// Engine tells which database this is.
func (d *DB) Engine() Engine { return d.engine }

// Path is the SQLite file, empty on PostgreSQL.
func (d *DB) Path() string { return d.path }

// Migrations gives a handle for changing the schema, apart from the connection the writer holds.
func (d *DB) Migrations() *sql.DB { return d.schema }

var (
	listMark  = regexp.MustCompile(`\{list:(\$[0-9]+)\}`)
	inList    = regexp.MustCompile(`\bIN \{list:(\$[0-9]+)\}`)
	paramMark = regexp.MustCompile(`\$([0-9]+)`)
)

// Text gives the query as the engine spells it. mattn/go-sqlite3 binds $1 by order of appearance and ?1 by number.
func (d *DB) text(query string) string {
	if t, ok := d.texts.Load(query); ok {
		return t.(string)
	}
	t := query
	if d.engine == SQLite {
		t = strings.ReplaceAll(listMark.ReplaceAllString(t, `(SELECT value FROM json_each(${1}))`), "{lock}", "")
		t = paramMark.ReplaceAllString(t, `?$1`)
	} else {
		// As an array: for a set of unknown size PostgreSQL expects more rows than there mostly are, and reads whole tables.
		t = inList.ReplaceAllString(t, `= ANY (ARRAY(SELECT jsonb_array_elements_text(${1}::jsonb)))`)
		t = listMark.ReplaceAllString(t, `(SELECT jsonb_array_elements_text(${1}::jsonb))`)
		t = strings.ReplaceAll(t, "{lock}", "FOR UPDATE")
	}
	d.texts.Store(query, t)
	return t
}

// Read runs fn in one read transaction: all its queries see the same state. On SQLite a read that has begun goes on to
// its end even where ctx ends: mattn/go-sqlite3 starts a goroutine for each statement whose context can end, which costs
// more than most statements.
func (d *DB) Read(ctx context.Context, fn func(Queryer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	opts := &sql.TxOptions{ReadOnly: true}
	if d.engine == SQLite {
		ctx = context.WithoutCancel(ctx)
	}
	if d.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	tx, err := begin(ctx, d.readers, opts)
	if err != nil {
		return unavailable(fmt.Errorf("begin read: %w", err))
	}
	defer tx.Rollback()
	return unavailable(fn(&txQueryer{d: d, ctx: ctx, tx: tx}))
}

// Write runs fn in one write transaction and returns after it is durable. fn may run more than once (a retry after a
// conflict) and must have no effect outside the transaction but on variables it sets anew each time.
// On SQLite concurrent calls share a transaction, each under a savepoint of its own.
func (d *DB) Write(ctx context.Context, fn func(Queryer) error) error {
	if d.writer != nil {
		return d.writer.do(ctx, fn)
	}
	return unavailable(d.writePostgres(ctx, fn))
}

// OnFull has relief called when a write on SQLite finds the disk full. Where it reports that it made room the write is
// tried once more. It may be called by several writes at once.
func (d *DB) OnFull(relief func() bool) { d.relief.Store(&relief) }

// Close ends the writer after what it has taken, and closes all connections. On SQLite everything stands in the one
// file then, the WAL is gone (unless another process has it open).
func (d *DB) Close() error {
	if d.writer != nil {
		d.writer.close()
	}
	d.stmts.Range(func(_, s any) bool {
		s.(*sql.Stmt).Close()
		return true
	})
	d.stop()
	err := d.readers.Close()
	if d.writers != d.readers {
		err = errors.Join(err, d.schema.Close(), d.writers.Close())
	}
	return err
}

type txQueryer struct {
	d   *DB
	ctx context.Context
	tx  *sql.Tx
}

func (q *txQueryer) Engine() Engine { return q.d.engine }

// stmt prepares each text once per pool; database/sql keeps it prepared on each connection it meets.
func (q *txQueryer) stmt(query string) (*sql.Stmt, error) {
	if s, ok := q.d.stmts.Load(query); ok {
		return q.tx.StmtContext(q.ctx, s.(*sql.Stmt)), nil
	}
	s, err := q.d.readers.PrepareContext(q.d.base, q.d.text(query))
	if err != nil {
		return nil, err
	}
	if prev, loaded := q.d.stmts.LoadOrStore(query, s); loaded {
		s.Close()
		s = prev.(*sql.Stmt)
	}
	return q.tx.StmtContext(q.ctx, s), nil
}

func (q *txQueryer) Exec(query string, args ...any) (int64, error) {
	r, err := q.tx.ExecContext(q.ctx, q.d.text(query), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (q *txQueryer) Query(query string, args ...any) (*sql.Rows, error) {
	if q.d.engine == Postgres { // pgx keeps its own statements
		return q.tx.QueryContext(q.ctx, q.d.text(query), args...)
	}
	s, err := q.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(q.ctx, args...)
}

func (q *txQueryer) QueryRow(query string, args ...any) *sql.Row {
	if q.d.engine == SQLite {
		if s, err := q.stmt(query); err == nil {
			return s.QueryRowContext(q.ctx, args...)
		}
	}
	return q.tx.QueryRowContext(q.ctx, q.d.text(query), args...)
}

// Rows reads every row of a query with scan, and closes it.
func Rows(rows *sql.Rows, err error, scan func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
