package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"recado/app/kit/pgtest"
	"recado/app/kit/sqldb"
	"recado/app/server/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(tb testing.TB) *sqldb.DB {
		db, err := sqldb.OpenSQLite(filepath.Join(tb.TempDir(), "recado.db"))
		if err != nil {
			tb.Fatal(err)
		}
		return db
	})
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(tb testing.TB) *sqldb.DB {
		db, err := sqldb.OpenPostgres(context.Background(), pgtest.URL(tb))
		if err != nil {
			tb.Fatal(err)
		}
		return db
	})
}

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestFeedAfterSnapshotIsSnapshotOfNow(t *testing.T) {
	t.Parallel()
	storetest.Property(t, func(tb testing.TB) *sqldb.DB {
		db, err := sqldb.OpenSQLite(filepath.Join(tb.TempDir(), "recado.db"))
		if err != nil {
			tb.Fatal(err)
		}
		return db
	})
}
