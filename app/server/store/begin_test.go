package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"recado/app/kit/sqldb"
	"recado/app/server/store"
)

// TestBeginOnAFullDisk starts again and again in a database that can't grow: the start goes on as the last one that was
// noted, but never for another database than it was.
func TestBeginOnAFullDisk(t *testing.T) {
	t.Parallel()
	db, err := sqldb.OpenSQLite(filepath.Join(t.TempDir(), "recado.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := store.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	s, starts := store.New(db, func() int64 { return 0 }), 0
	newID := func() string { return fmt.Sprintf("id %030d", starts) }
	begin := func(identity string) (store.Identity, error) {
		starts++
		id, _, err := s.Begin(t.Context(), identity, int64(starts), newID)
		return id, err
	}
	last, err := begin("here")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(q sqldb.Queryer) error {
		return q.QueryRow(`PRAGMA max_page_count = 1`).Scan(new(int)) // SQLite takes the size it has
	}); err != nil {
		t.Fatal(err)
	}
	for {
		id, err := begin("here")
		if err != nil || id.Epoch != last.Epoch {
			t.Fatalf("start %d: %+v, %v", starts, id, err)
		}
		if id == last {
			break
		}
		last = id
		if starts > 1000 {
			t.Fatal("the database grows for ever")
		}
	}
	if known, err := s.KnowsBoot(context.Background(), last.Boot); err != nil || !known {
		t.Errorf("clients would start over: %v", err)
	}
	if id, err := begin("elsewhere"); !errors.Is(err, sqldb.ErrFull) {
		t.Errorf("another database goes on as %+v, %v", id, err)
	}
}
