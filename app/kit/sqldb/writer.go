package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// maxGroup bounds how many writes share a transaction, and with it how long one of them waits for the others.
const maxGroup = 128

// ErrClosed is returned for a write that comes after Close.
var ErrClosed = errors.New("the database is closed")

type job struct {
	fn   func(Queryer) error
	err  error
	done chan struct{}
}

// writer is the one that writes to SQLite. Jobs that arrive while a commit is under way share the next transaction:
// one fsync for all of them. Each stands under its own savepoint, so that one's failure undoes only its own work,
// and nobody is answered before the commit.
type writer struct {
	d     *DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	jobs  chan *job
	quit  chan struct{}
	ended chan struct{}
	mu    sync.RWMutex
	shut  bool
}

func newWriter(d *DB) (*writer, error) {
	conn, err := d.writers.Conn(d.base)
	if err != nil {
		return nil, err
	}
	w := &writer{d: d, conn: conn, stmts: map[string]*sql.Stmt{}, jobs: make(chan *job, 4*maxGroup),
		quit: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w, nil
}

func (w *writer) do(ctx context.Context, fn func(Queryer) error) error {
	j := &job{fn: fn, done: make(chan struct{})}
	w.mu.RLock()
	if w.shut {
		w.mu.RUnlock()
		return ErrClosed
	}
	select {
	case w.jobs <- j:
		w.mu.RUnlock()
	case <-ctx.Done():
		w.mu.RUnlock()
		return ctx.Err()
	}
	// Once taken it will be committed or refused whatever becomes of the caller: wait for the truth.
	<-j.done
	return j.err
}

func (w *writer) close() {
	w.mu.Lock()
	if w.shut {
		w.mu.Unlock()
		return
	}
	w.shut = true
	close(w.quit)
	w.mu.Unlock()
	<-w.ended
}

func (w *writer) run() {
	defer close(w.ended)
	defer w.release()
	for {
		select {
		case j := <-w.jobs:
			w.group(w.collect(j))
		case <-w.quit:
			for {
				select {
				case j := <-w.jobs:
					w.group(w.collect(j))
				default:
					return
				}
			}
		}
	}
}

// release closes what was prepared, too: SQLite keeps a connection with open statements, and its WAL with it.
func (w *writer) release() {
	for _, s := range w.stmts {
		s.Close()
	}
	w.conn.Close()
}

func (w *writer) collect(first *job) []*job {
	group := []*job{first}
	for len(group) < maxGroup {
		select {
		case j := <-w.jobs:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// group runs jobs in one transaction. Where the transaction itself is lost, each is tried again alone.
func (w *writer) group(jobs []*job) {
	if err := w.together(jobs); err != nil {
		if len(jobs) > 1 {
			for _, j := range jobs {
				j.err = nil
				w.group([]*job{j})
			}
			return
		}
		jobs[0].err = writeError(err)
	}
	for _, j := range jobs {
		close(j.done)
	}
}

// together returns an error only where nothing at all was committed.
func (w *writer) together(jobs []*job) error {
	if err := w.exec(`BEGIN IMMEDIATE`); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	for _, j := range jobs {
		j.err = w.one(j, len(jobs) > 1)
		if !w.open() {
			if j.err != nil {
				return fmt.Errorf("transaction lost: %w", j.err)
			}
			return errors.New("transaction lost")
		}
	}
	if len(jobs) == 1 && jobs[0].err != nil {
		if err := w.exec(`ROLLBACK`); err != nil {
			return errors.Join(jobs[0].err, err)
		}
		return jobs[0].err
	}
	if err := w.exec(`COMMIT`); err != nil {
		if w.open() {
			err = errors.Join(err, w.exec(`ROLLBACK`))
		}
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// one runs a job; alone it needs no savepoint, its transaction is its own.
func (w *writer) one(j *job, shared bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v", p)
			if shared && w.open() {
				err = errors.Join(err, w.exec(`ROLLBACK TO job`), w.exec(`RELEASE job`))
			}
		}
	}()
	if !shared {
		return j.fn(w)
	}
	if err := w.exec(`SAVEPOINT job`); err != nil {
		return err
	}
	if err := j.fn(w); err != nil {
		if !w.open() {
			return err
		}
		if e := w.exec(`ROLLBACK TO job`); e != nil {
			return errors.Join(err, e)
		}
		if e := w.exec(`RELEASE job`); e != nil {
			return errors.Join(err, e)
		}
		return err
	}
	return w.exec(`RELEASE job`)
}

// open asks SQLite itself whether the transaction still stands: some errors roll everything back.
func (w *writer) open() bool {
	open := false
	_ = w.conn.Raw(func(c any) error {
		open = !c.(*sqlite3.SQLiteConn).AutoCommit()
		return nil
	})
	return open
}

func (w *writer) exec(query string) error {
	_, err := w.Exec(query)
	return err
}

func (w *writer) stmt(query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(w.d.base, w.d.text(query))
	if err != nil {
		return nil, err
	}
	w.stmts[query] = s
	return s, nil
}

// Engine tells which database this is.
func (w *writer) Engine() Engine { return SQLite }

// Exec runs a statement and tells how many rows it changed.
func (w *writer) Exec(query string, args ...any) (int64, error) {
	s, err := w.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(w.d.base, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Query runs a statement that answers rows.
func (w *writer) Query(query string, args ...any) (*sql.Rows, error) {
	s, err := w.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(w.d.base, args...)
}

// QueryRow runs a statement that answers one row at most.
func (w *writer) QueryRow(query string, args ...any) *sql.Row {
	s, err := w.stmt(query)
	if err != nil {
		return w.conn.QueryRowContext(w.d.base, w.d.text(query), args...)
	}
	return s.QueryRowContext(w.d.base, args...)
}

func writeError(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) {
		switch e.Code {
		case sqlite3.ErrFull, sqlite3.ErrIoErr:
			return fmt.Errorf("%w: %w", ErrFull, err)
		case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return err
}
