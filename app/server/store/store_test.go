package store_test

import (
	"path/filepath"
	"testing"

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
