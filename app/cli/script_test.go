package cli_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/testscript"

	"recado/app/cli"
	"recado/app/kit/filelock"
	"recado/app/kit/sqldb"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"recado": func() {
			p := cli.Program{UI: fstest.MapFS{}, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
			os.Exit(p.Main(os.Args[1:]))
		},
	})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			taken, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			env.Defer(func() { taken.Close() })
			env.Setenv("TAKEN", taken.Addr().String())
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"sqlite": runSQL, "hold": hold, "epoch": epoch},
	})
}

// runSQL changes a database behind the program's back: sqlite FILE STATEMENT.
func runSQL(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sqldb.OpenSQLite(ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	ts.Check(db.Write(context.Background(), func(q sqldb.Queryer) error {
		_, err := q.Exec(args[1])
		return err
	}))
}

// hold locks a data folder as a running server does: hold DIR.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	lock, err := filelock.Take(filepath.Join(ts.MkAbs(args[0]), "server.lock"))
	ts.Check(err)
	ts.Defer(func() { lock.Release() })
}

// epoch writes the epoch of a data folder to a file: epoch DIR FILE.
func epoch(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sqldb.OpenSQLite(filepath.Join(ts.MkAbs(args[0]), "recado.db"))
	ts.Check(err)
	defer db.Close()
	var e string
	err = db.Read(context.Background(), func(q sqldb.Queryer) error {
		return q.QueryRow(`SELECT value FROM meta WHERE name = 'epoch'`).Scan(&e)
	})
	if !errors.Is(err, sqldb.ErrNoRows) {
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), fmt.Appendln(nil, e), 0o600))
}
