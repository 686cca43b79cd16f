package server_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/kit/pgtest"
	"recado/app/server"
)

// childOf is the variable that makes this test binary do one thing to a data folder, and die in the middle of it.
const childOf = "RECADO_TEST_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(childOf); what != "" {
		if err := child(strings.Split(what, "|")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if what := os.Getenv(importChild); what != "" {
		if err := childImport(strings.Split(what, "|")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	pgtest.Main(m)
}

// child restores BACKUP into DATA, or opens DATA where there is no BACKUP, and is killed before the change STEP.
func child(args []string) error {
	left, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	c := server.Config{Data: args[0]}.Stepping(func() {
		if left--; left == 0 {
			self, _ := os.FindProcess(os.Getpid())
			self.Kill()
			select {}
		}
	})
	if args[1] != "" {
		_, err = server.Restore(context.Background(), c, args[1])
		return err
	}
	tools, err := server.OpenTools(context.Background(), c)
	if err != nil {
		return err
	}
	return tools.Close()
}

// killedAt runs the child, and reports whether it was killed; where it came to its end, that must have been a good one.
func killedAt(t *testing.T, data, backup string, step int) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childOf+"="+strings.Join([]string{data, backup, strconv.Itoa(step)}, "|"))
	said, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && !exit.Exited() {
		return true
	}
	if err != nil {
		t.Fatalf("the child: %v: %s", err, said)
	}
	return false
}

// twoLives is a data folder with two users, each with a file, and a backup of it from when there was only the first.
func twoLives(t *testing.T) (data, backup string) {
	t.Helper()
	data, backup = t.TempDir(), filepath.Join(t.TempDir(), "backup.tar")
	s := start(t, data)
	s.user("Ana", desk.Admin).upload("a", "of the first life")
	if err := s.tools.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	s.user("Luis", desk.Agent).upload("b", "of the second life, and longer")
	s.stop()
	s.tools.Close()
	return data, backup
}

// copied is a data folder of one's own with what another holds.
func copied(t *testing.T, data string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// people starts a server on the data, which must be in order, and counts who is in it.
func people(t *testing.T, data string) int {
	t.Helper()
	s := start(t, data)
	defer s.tools.Close()
	defer s.stop()
	if found, err := s.tools.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("the check found %v, %v", found, err)
	}
	known, _, err := s.tools.Messaging.FindPeople(t.Context(), "", "", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	return len(known)
}

func matches(t *testing.T, data, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(data, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestRestoreKilledAnywhere kills a restore before each of its changes, then whoever finishes it before each of theirs:
// afterwards the data is what it was, or what was restored with the old data aside; whole, and with nothing left over.
func TestRestoreKilledAnywhere(t *testing.T) {
	t.Parallel()
	data, backup := twoLives(t)
	for name, c := range map[string]struct {
		data          string
		before, aside int // users, and folders put aside
		planned       int // the change that writes the plan down: killed before it nothing was changed
		changes       int // at least, so that the kills reach everything
	}{
		"over other data":      {data, 2, 1, 2, 8},
		"into an empty folder": {t.TempDir(), 0, 0, 1, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kills := 0
			for step := 1; ; step++ {
				data := copied(t, c.data)
				killed := killedAt(t, data, backup, step)
				for again := 1; killed && killedAt(t, data, "", again); again++ {
					kills++
				}
				users, asides := 1, c.aside
				if step <= c.planned {
					users, asides = c.before, 0
				}
				whole(t, fmt.Sprintf("killed before change %d", step), data, users)
				if got := matches(t, data, "before-restore-*"); len(got) != asides || len(matches(t, data, "before-restore-*/recado.db")) != asides {
					t.Errorf("killed before change %d: the old data is in %v", step, got)
				}
				if !killed {
					if step <= c.changes || kills < c.changes {
						t.Errorf("only %d changes, and %d deaths of those who went on", step-1, kills)
					}
					return
				}
			}
		})
	}
}

// whole asserts that the data is in order, has so many users, and that nothing is left of a restore.
func whole(t *testing.T, when, data string, users int) {
	t.Helper()
	if got := people(t, data); got != users {
		t.Errorf("%s: %d users, want %d", when, got, users)
	}
	if left := append(matches(t, data, "restore-*"), matches(t, data, "restore.json*")...); len(left) > 0 {
		t.Errorf("%s: %v is left", when, left)
	}
}

// TestRestoreUndone takes what was unpacked away after the kill: what can't be finished is undone.
func TestRestoreUndone(t *testing.T) {
	t.Parallel()
	data, backup := twoLives(t)
	undone := 0
	for step := 3; ; step++ {
		data := copied(t, data)
		if !killedAt(t, data, backup, step) {
			break
		}
		waiting := len(matches(t, data, "restore-*/*"))
		for _, fresh := range matches(t, data, "restore-*") {
			if err := os.RemoveAll(fresh); err != nil {
				t.Fatal(err)
			}
		}
		for again := 1; killedAt(t, data, "", again); again++ {
		}
		users := 1
		if waiting > 0 {
			users = 2
			undone++
		}
		whole(t, fmt.Sprintf("killed before change %d, with %d names waiting", step, waiting), data, users)
	}
	if undone < 3 {
		t.Errorf("only %d restores had to be undone", undone)
	}
}

func TestRestoreAndCommandsKeepOutOfEachOthersWay(t *testing.T) {
	t.Parallel()
	data, backup := twoLives(t)
	tools, err := server.OpenTools(t.Context(), server.Config{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Restore(t.Context(), server.Config{Data: data}, backup); !errors.Is(err, server.ErrBusy) {
		t.Errorf("a restore beside a command: %v", err)
	}
	if err := tools.Close(); err != nil {
		t.Fatal(err)
	}
	asked := false
	c := server.Config{Data: data}.Stepping(func() {
		asked = true
		if _, err := server.OpenTools(t.Context(), server.Config{Data: data}); !errors.Is(err, server.ErrRestoring) {
			t.Errorf("a command beside a restore: %v", err)
		}
		if _, err := server.Open(t.Context(), server.Config{Data: data}); !errors.Is(err, server.ErrInUse) {
			t.Errorf("a server beside a restore: %v", err)
		}
	})
	if _, err := server.Restore(t.Context(), c, backup); err != nil || !asked {
		t.Errorf("the restore: %v", err)
	}
	if got := people(t, data); got != 1 {
		t.Errorf("%d users after the restore", got)
	}
}

// TestLostDatabaseIsTold loses the database of a folder that held data: nothing may begin anew in its place.
func TestLostDatabaseIsTold(t *testing.T) {
	t.Parallel()
	data, backup := twoLives(t)
	for name, lose := range map[string]func(db string) error{
		"removed": os.Remove,
		"empty":   func(db string) error { return os.Truncate(db, 0) },
		"another, with nothing in it": func(db string) error {
			fresh := filepath.Join(t.TempDir(), "recado.db")
			return errors.Join(runSQL(fresh, `CREATE TABLE x (y)`), os.Rename(fresh, db))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := copied(t, data)
			if err := lose(filepath.Join(data, "recado.db")); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the refusal must not make it pass the next time
				if _, err := server.Open(t.Context(), server.Config{Data: data}); !errors.Is(err, server.ErrLost) {
					t.Errorf("a server opens it: %v", err)
				}
				if _, err := server.OpenTools(t.Context(), server.Config{Data: data}); !errors.Is(err, server.ErrLost) {
					t.Errorf("a command opens it: %v", err)
				}
			}
			if _, err := server.Restore(t.Context(), server.Config{Data: data}, backup); err != nil {
				t.Fatal(err)
			}
			if got := people(t, data); got != 1 {
				t.Errorf("%d users after the restore", got)
			}
		})
	}
}

// TestRestoreThatFailsHalfWay takes a part of the backup away under a running restore: it says so, and the data of before
// stands.
func TestRestoreThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	data, backup := twoLives(t)
	for step := 3; step <= 6; step++ { // from the first move to the last
		data, at := copied(t, data), 0
		c := server.Config{Data: data}.Stepping(func() {
			if at++; at == step {
				for _, part := range matches(t, data, "restore-*/*") {
					if err := os.RemoveAll(part); err != nil {
						t.Error(err)
					}
				}
			}
		})
		if before, err := server.Restore(t.Context(), c, backup); err == nil || before != "" {
			t.Errorf("failed at change %d: %q, %v", step, before, err)
		}
		if got := matches(t, data, "before-restore-*"); len(got) > 0 {
			t.Errorf("failed at change %d: %v is left", step, got)
		}
		whole(t, fmt.Sprintf("failed at change %d", step), data, 2)
	}
}

// TestPlanThatCannotBeRead keeps everybody from the data: nobody knows what stands where.
func TestPlanThatCannotBeRead(t *testing.T) {
	t.Parallel()
	data, backup := twoLives(t)
	if err := os.WriteFile(filepath.Join(data, "restore.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	const want = "a restore was cut off, and its plan can't be read"
	if _, err := server.OpenTools(t.Context(), server.Config{Data: data}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a command: %v", err)
	}
	if _, err := server.Restore(t.Context(), server.Config{Data: data}, backup); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("another restore: %v", err)
	}
}
