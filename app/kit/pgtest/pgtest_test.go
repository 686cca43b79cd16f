package pgtest

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { Main(m) }

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	first, second := URL(t), URL(t)
	if first == second {
		t.Fatalf("two tests share %s", first)
	}
	run := func(url, sql string) error {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		_, err = conn.Exec(t.Context(), sql)
		return err
	}
	if err := run(first, "CREATE TABLE mark (n int)"); err != nil {
		t.Fatal(err)
	}
	if err := run(second, "SELECT * FROM mark"); err == nil {
		t.Error("the second database holds the first one's table")
	}
}

func TestDurableClusterStopsAndLeavesNothing(t *testing.T) {
	t.Parallel()
	c, err := Start(t.Context(), Options{Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	url, err := c.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	var fsync string
	if err := conn.QueryRow(t.Context(), "SHOW fsync").Scan(&fsync); err != nil || fsync != "on" {
		t.Errorf("fsync is %q, %v", fsync, err)
	}
	conn.Close(context.Background())
	c.Stop()
	if _, err := os.Stat(c.dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("the cluster still answers")
	}
}
