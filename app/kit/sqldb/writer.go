package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
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
// one fsync for all of them, and nobody is answered before the commit. A job that fails before it wrote anything leaves
// nothing to undo; where one fails later, the group is rolled back and run once more with a savepoint for each, so that
// a failure undoes only its own work. Savepoints are not the rule because SQLite copies every page it changes under one,
// and full-text search writes its index out at each.
//
// Statements run without a context that can end: mattn/go-sqlite3 would start a goroutine for each.
type writer struct {
	d     *DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	jobs  chan *job
	quit  chan struct{}
	ended chan struct{}
	wrote bool // whether the job under way may have changed something
	mu    sync.RWMutex
	shut  bool
}

// writerPragmas: what a failed statement needs to be undone stays in memory; pages go from the WAL into the database
// less often than by default, each of the many that are written again and again only once.
var writerPragmas = []string{`PRAGMA temp_store = MEMORY`, `PRAGMA wal_autocheckpoint = 4000`}

func newWriter(d *DB) (*writer, error) {
	conn, err := d.writers.Conn(d.base)
	if err != nil {
		return nil, err
	}
	for _, pragma := range writerPragmas {
		if _, err := conn.ExecContext(d.base, pragma); err != nil {
			conn.Close()
			return nil, err
		}
	}
	w := &writer{d: d, conn: conn, stmts: map[string]*sql.Stmt{}, jobs: make(chan *job, 4*maxGroup),
		quit: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w, nil
}

// do writes, and once more where the disk was full and room was made.
func (w *writer) do(ctx context.Context, fn func(Queryer) error) error {
	err := w.once(ctx, fn)
	if relief := w.d.relief.Load(); relief != nil && errors.Is(err, ErrFull) && (*relief)() {
		err = w.once(ctx, fn)
	}
	return err
}

func (w *writer) once(ctx context.Context, fn func(Queryer) error) error {
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
	err := w.transaction(jobs, false)
	if errors.Is(err, errUndo) {
		return w.transaction(jobs, true)
	}
	return err
}

// errUndo means that a job failed after it wrote, in a transaction it shared without a savepoint.
var errUndo = errors.New("a write of a group is to be undone")

// transaction runs jobs in one; with savepoints each can be undone alone.
func (w *writer) transaction(jobs []*job, savepoints bool) error {
	if err := w.exec(`BEGIN IMMEDIATE`); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	for _, j := range jobs {
		w.wrote = false
		j.err = writeError(w.one(j, savepoints))
		if !w.open() {
			return fmt.Errorf("transaction lost: %w", cmp.Or(j.err, errors.New("without a reason")))
		}
		if j.err == nil || savepoints || !w.wrote {
			continue
		}
		if err := w.exec(`ROLLBACK`); err != nil {
			return errors.Join(j.err, err)
		}
		if len(jobs) == 1 {
			return nil // undone, and j knows why
		}
		return errUndo
	}
	if err := w.exec(`COMMIT`); err != nil {
		if w.open() {
			err = errors.Join(err, w.exec(`ROLLBACK`))
		}
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// one runs a job; under a savepoint nothing is left of it where it fails.
func (w *writer) one(j *job, savepoint bool) error {
	if !savepoint {
		return w.call(j)
	}
	if err := w.exec(`SAVEPOINT job`); err != nil {
		return err
	}
	err := w.call(j)
	if err != nil && w.open() {
		err = errors.Join(err, w.exec(`ROLLBACK TO job`))
	}
	if w.open() {
		err = errors.Join(err, w.exec(`RELEASE job`))
	}
	return err
}

func (w *writer) call(j *job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v", p)
		}
	}()
	return j.fn(w)
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

// exec runs what steers the transaction itself.
func (w *writer) exec(query string) error {
	s, err := w.stmt(query)
	if err == nil {
		_, err = s.ExecContext(context.Background())
	}
	return err
}

func (w *writer) stmt(query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), w.d.text(query))
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
	w.wrote = true
	s, err := w.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Query runs a statement that answers rows.
func (w *writer) Query(query string, args ...any) (*sql.Rows, error) {
	w.wrote = w.wrote || !strings.HasPrefix(query, "SELECT")
	s, err := w.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

// QueryRow runs a statement that answers one row at most.
func (w *writer) QueryRow(query string, args ...any) *sql.Row {
	w.wrote = w.wrote || !strings.HasPrefix(query, "SELECT")
	s, err := w.stmt(query)
	if err != nil {
		return w.conn.QueryRowContext(context.Background(), w.d.text(query), args...)
	}
	return s.QueryRowContext(context.Background(), args...)
}

// writeError tells what the disk says from what the query says.
func writeError(err error) error {
	var e sqlite3.Error
	if errors.Is(err, ErrFull) || errors.Is(err, ErrDamaged) {
		return err
	}
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
