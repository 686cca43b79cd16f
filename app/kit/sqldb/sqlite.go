package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"syscall"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// Reasons why a database can't be opened, told apart by the commands.
var (
	// ErrNoFTS5 means the program was built without full-text search (or without cgo).
	ErrNoFTS5 = errors.New("this build has no SQLite with full-text search: build with CGO_ENABLED=1 and -tags sqlite_fts5")
	// ErrDamaged means the file is no database, or its structure is broken.
	ErrDamaged = errors.New("the database is damaged")
	// ErrFull means there is no room left to write.
	ErrFull = errors.New("the disk is full")
)

// OpenSQLite opens (and makes) the file at path: WAL, synchronous=FULL, one writer that groups, readers beside it.
func OpenSQLite(path string) (*DB, error) {
	base, stop := context.WithCancel(context.Background())
	d := &DB{engine: SQLite, path: path, base: base, stop: stop}
	var err error
	if d.writers, err = openSQLitePool(path, "rwc", 1); err != nil {
		stop()
		return nil, err
	}
	if err := d.probe(); err != nil {
		d.writers.Close()
		stop()
		return nil, err
	}
	if d.readers, err = openSQLitePool(path, "ro", 8); err != nil {
		d.writers.Close()
		stop()
		return nil, err
	}
	if d.schema, err = openSQLitePool(path, "rwc", 1); err == nil {
		d.writer, err = newWriter(d)
	}
	if err != nil {
		d.readers.Close()
		d.writers.Close()
		stop()
		return nil, err
	}
	return d, nil
}

func openSQLitePool(path, mode string, conns int) (*sql.DB, error) {
	v := url.Values{"mode": {mode}, "_busy_timeout": {"10000"}, "_foreign_keys": {"1"}, "_synchronous": {"FULL"}, "_cache_size": {"-16000"}}
	if mode == "ro" {
		v.Set("_query_only", "1")
	} else {
		v.Set("_journal_mode", "WAL")
		v.Set("_txlock", "immediate")
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+v.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// probe asserts what the rest relies on: a sound file, WAL, FULL, FTS5.
func (d *DB) probe() error {
	var mode, check string
	var sync, fts int
	if err := d.writers.QueryRow(`PRAGMA journal_mode`).Scan(&mode); err != nil {
		return explain(err, d.path)
	}
	if err := d.writers.QueryRow(`PRAGMA synchronous`).Scan(&sync); err != nil {
		return explain(err, d.path)
	}
	if err := d.writers.QueryRow(`SELECT sqlite_compileoption_used('ENABLE_FTS5')`).Scan(&fts); err != nil {
		return explain(err, d.path)
	}
	if fts != 1 {
		return ErrNoFTS5
	}
	if mode != "wal" || sync != 2 {
		return fmt.Errorf("%s: journal_mode %q and synchronous %d, want wal and 2: is the folder on a network drive?", d.path, mode, sync)
	}
	if err := d.writers.QueryRow(`PRAGMA schema_version`).Scan(new(int)); err != nil {
		return explain(err, d.path)
	}
	// quick_check reads everything; a missing file header or broken b-tree roots show already in the schema and its roots.
	if st, err := os.Stat(d.path); err == nil && st.Size() < 64<<20 {
		if err := d.writers.QueryRow(`PRAGMA quick_check(1)`).Scan(&check); err != nil {
			return explain(err, d.path)
		}
		if check != "ok" {
			return fmt.Errorf("%s: %w (%s)", d.path, ErrDamaged, check)
		}
	}
	return nil
}

func explain(err error, path string) error {
	var e sqlite3.Error
	if errors.As(err, &e) {
		switch {
		case e.Code == sqlite3.ErrCorrupt, e.Code == sqlite3.ErrNotADB:
			return fmt.Errorf("%s: %w", path, ErrDamaged)
		case e.Code == sqlite3.ErrFull, e.SystemErrno == syscall.ENOSPC:
			return fmt.Errorf("%s: %w", path, ErrFull)
		}
	}
	if err != nil && err.Error() == "Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work. This is a stub" {
		return ErrNoFTS5
	}
	return fmt.Errorf("open %s: %w", path, err)
}

// DataVersion changes whenever another connection or process has committed; a cheap question to ask often.
// It is meant to be asked on one and the same connection, which it holds for itself.
func (d *DB) DataVersion(ctx context.Context) (func() (int64, error), func(), error) {
	c, err := d.readers.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	ask := func() (v int64, err error) {
		err = c.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&v)
		return v, err
	}
	return ask, func() { c.Close() }, nil
}

// Backup writes an online, consistent copy of the database to path, which must not exist, checks and syncs it.
func (d *DB) Backup(ctx context.Context, path string) error {
	dst, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=rwc")
	if err != nil {
		return err
	}
	defer dst.Close()
	dst.SetMaxOpenConns(1)
	if err := d.copyTo(ctx, dst); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	var ok string
	if err := dst.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&ok); err != nil || ok != "ok" {
		return fmt.Errorf("the copy is not sound: %s %w", ok, err)
	}
	return nil
}

func (d *DB) copyTo(ctx context.Context, dst *sql.DB) error {
	sc, err := d.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer sc.Close()
	dc, err := dst.Conn(ctx)
	if err != nil {
		return err
	}
	defer dc.Close()
	return dc.Raw(func(to any) error {
		return sc.Raw(func(from any) error {
			b, err := to.(*sqlite3.SQLiteConn).Backup("main", from.(*sqlite3.SQLiteConn), "main")
			if err != nil {
				return err
			}
			for done := false; !done; {
				if done, err = b.Step(1024); err != nil {
					b.Finish()
					return err
				}
				if ctx.Err() != nil {
					b.Finish()
					return ctx.Err()
				}
				if !done {
					time.Sleep(time.Millisecond) // let the writer in between two steps
				}
			}
			return b.Finish()
		})
	})
}
