package cli_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/testscript"

	"recado/app/cli"
	"recado/app/kit/filelock"
	"recado/app/kit/mailbox"
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
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"sqlite": runSQL, "hold": hold, "epoch": epoch, "dump": dump, "large": large},
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

// dump writes everything that a data folder's database holds to a file: dump DIR FILE.
func dump(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sqldb.OpenSQLite(filepath.Join(ts.MkAbs(args[0]), "recado.db"))
	ts.Check(err)
	defer db.Close()
	var out strings.Builder
	ts.Check(db.Read(context.Background(), func(q sqldb.Queryer) error {
		var tables []string
		rows, err := q.Query(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
		err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var name string
			err := r.Scan(&name)
			tables = append(tables, name)
			return err
		})
		if err != nil {
			return err
		}
		for _, t := range tables {
			rows, err := q.Query(`SELECT * FROM "` + t + `"`)
			if err := sqldb.Rows(rows, err, func(r *sql.Rows) error { return writeRow(&out, t, r) }); err != nil {
				return err
			}
		}
		return nil
	}))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(out.String()), 0o600))
}

func writeRow(out *strings.Builder, table string, r *sql.Rows) error {
	names, err := r.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	err = r.Scan(into...)
	fmt.Fprintln(out, append([]any{table}, values...)...)
	return err
}

// large writes an mbox of three mails, of which the second is larger than can be kept: large FILE.
func large(ts *testscript.TestScript, _ bool, args []string) {
	mail := func(n int, text string) string {
		return fmt.Sprintf("From x Mon Nov 24 10:00:00 2025\nFrom: x%d@far.example\nMessage-ID: <%d@far.example>\nDate: Mon, 24 Nov 2025 10:00:00 +0000\n\n%s\n\n", n, n, text)
	}
	file := mail(1, "one") + mail(2, strings.Repeat(strings.Repeat("x", 99)+"\n", mailbox.MaxMail/100+1)) + mail(3, "three")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(file), 0o600))
}
