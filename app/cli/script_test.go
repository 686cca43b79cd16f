package cli_test

import (
	"database/sql"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	_ "github.com/mattn/go-sqlite3"
	"github.com/rogpeppe/go-internal/testscript"

	"recado/app/cli"
	"recado/app/kit/filelock"
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
	db, err := sql.Open("sqlite3", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(args[1])
	ts.Check(err)
}

// hold locks a data folder as a running server does: hold DIR.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	lock, err := filelock.Take(filepath.Join(ts.MkAbs(args[0]), "server.lock"))
	ts.Check(err)
	ts.Defer(func() { lock.Release() })
}

// epoch writes the epoch of a data folder to a file: epoch DIR FILE.
func epoch(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite3", filepath.Join(ts.MkAbs(args[0]), "recado.db"))
	ts.Check(err)
	defer db.Close()
	var e string
	if err := db.QueryRow(`SELECT value FROM meta WHERE name = 'epoch'`).Scan(&e); err != nil && err != sql.ErrNoRows {
		ts.Fatalf("%v", err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), fmt.Appendln(nil, e), 0o600))
}
