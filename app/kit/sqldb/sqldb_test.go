package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"recado/app/kit/sqldb"
)

func open(t *testing.T) *sqldb.DB {
	t.Helper()
	db, err := sqldb.OpenSQLite(filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Write(context.Background(), func(q sqldb.Queryer) error {
		_, err := q.Exec(`CREATE TABLE t (n BIGINT PRIMARY KEY)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return db
}

func count(t *testing.T, db *sqldb.DB) (n int) {
	t.Helper()
	if err := db.Read(context.Background(), func(q sqldb.Queryer) error { return q.QueryRow(`SELECT COUNT(*) FROM t`).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestGroupKeepsTheGoodOnes: of many concurrent writes each third fails after it wrote; its work is undone, the others'
// is not.
func TestGroupKeepsTheGoodOnes(t *testing.T) {
	t.Parallel()
	db := open(t)
	bad := errors.New("bad")
	var wg sync.WaitGroup
	for i := range 300 {
		wg.Go(func() {
			err := db.Write(context.Background(), func(q sqldb.Queryer) error {
				if _, err := q.Exec(`INSERT INTO t (n) VALUES ($1)`, i); err != nil {
					return err
				}
				switch i % 6 {
				case 0:
					return bad
				case 3:
					panic("in a write")
				}
				return nil
			})
			if failed := err != nil; failed != (i%3 == 0) || i%6 == 0 && !errors.Is(err, bad) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db); n != 200 {
		t.Errorf("%d rows, want 200", n)
	}
}

// TestLostTransactionIsTriedAgainAlone: a statement that rolls everything back takes nobody else's work with it.
func TestLostTransactionIsTriedAgainAlone(t *testing.T) {
	t.Parallel()
	db := open(t)
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			err := db.Write(context.Background(), func(q sqldb.Queryer) error {
				if i%20 == 0 {
					_, err := q.Exec(`INSERT OR ROLLBACK INTO t (n) SELECT 1000 UNION ALL SELECT 1000`)
					return err
				}
				_, err := q.Exec(`INSERT INTO t (n) VALUES ($1)`, i)
				return err
			})
			if (err != nil) != (i%20 == 0) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db); n != 190 {
		t.Errorf("%d rows, want 190", n)
	}
}

func TestParametersByNumber(t *testing.T) {
	t.Parallel()
	db := open(t)
	err := db.Read(context.Background(), func(q sqldb.Queryer) error {
		var got string
		if err := q.QueryRow(`SELECT $2 || $1 || $2 || (SELECT COUNT(*) FROM (SELECT 1 WHERE 'b' IN {list:$3}))`, "a", "b", `["b","c"]`).Scan(&got); err != nil {
			return err
		}
		if got != "bab1" {
			t.Errorf("got %q", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCloseLeavesOneFile(t *testing.T) {
	t.Parallel()
	db := open(t)
	for i := range 10 {
		if err := db.Write(context.Background(), func(q sqldb.Queryer) error { _, err := q.Exec(`INSERT INTO t (n) VALUES ($1)`, i); return err }); err != nil {
			t.Fatal(err)
		}
		count(t, db)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(db.Path() + "*")
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := db.Write(context.Background(), func(sqldb.Queryer) error { return nil }); !errors.Is(err, sqldb.ErrClosed) {
		t.Errorf("a write after close: %v", err)
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"text": "this is no database at all, whatever its name says it is", "header only": "SQLite format 3\x00garbage"} {
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, []byte(fmt.Sprintf("%-4096s", content)), 0o600); err != nil {
			t.Fatal(err)
		}
		if db, err := sqldb.OpenSQLite(path); !errors.Is(err, sqldb.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				db.Close()
			}
		}
	}
}

func TestBackupIsWholeWhileWritten(t *testing.T) {
	t.Parallel()
	db := open(t)
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				db.Write(context.Background(), func(q sqldb.Queryer) error { _, err := q.Exec(`INSERT INTO t (n) VALUES ($1)`, i); return err })
			}
		}
	}()
	path := filepath.Join(t.TempDir(), "copy.db")
	err := db.Backup(context.Background(), path)
	close(stop)
	<-ended
	if err != nil {
		t.Fatal(err)
	}
	copied, err := sqldb.OpenSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if n, m := count(t, copied), count(t, db); n > m {
		t.Errorf("the copy has %d rows, the database %d", n, m)
	}
}

func BenchmarkGroupedWrite(b *testing.B) {
	db, err := sqldb.OpenSQLite(filepath.Join(b.TempDir(), "x.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Write(context.Background(), func(q sqldb.Queryer) error {
		_, err := q.Exec(`CREATE TABLE t (n INTEGER PRIMARY KEY, body TEXT)`)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := db.Write(context.Background(), func(q sqldb.Queryer) error {
				_, err := q.Exec(`INSERT INTO t (body) VALUES ($1)`, "some text")
				return err
			}); err != nil {
				b.Error(err)
			}
		}
	})
}

// TestFullDiskIsRelieved fills a database up to a limit that the relief lifts: only then the write is kept.
func TestFullDiskIsRelieved(t *testing.T) {
	t.Parallel()
	db := open(t)
	limit := func(pages int) {
		t.Helper()
		if err := db.Write(t.Context(), func(q sqldb.Queryer) error {
			return q.QueryRow(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)).Scan(new(int))
		}); err != nil {
			t.Fatal(err)
		}
	}
	fill := func(from int) error {
		return db.Write(t.Context(), func(q sqldb.Queryer) error {
			for n := range 5_000 {
				if _, err := q.Exec(`INSERT INTO t (n) VALUES ($1)`, from+n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	limit(8)
	if err := fill(0); !errors.Is(err, sqldb.ErrFull) {
		t.Fatalf("beyond the limit: %v", err)
	}
	made := false
	db.OnFull(func() bool { return made })
	if err := fill(0); !errors.Is(err, sqldb.ErrFull) || count(t, db) != 0 {
		t.Fatalf("without room made: %v, and %d rows", err, count(t, db))
	}
	db.OnFull(func() bool {
		limit(100_000)
		return true
	})
	if err := fill(0); err != nil || count(t, db) != 5_000 {
		t.Errorf("with room made: %v, and %d rows", err, count(t, db))
	}
}
