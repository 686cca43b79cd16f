package audit

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"recado/app/kit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestCrash is the crash audit in short; `make audit` runs it for as long as one likes.
func TestCrash(t *testing.T) {
	t.Parallel()
	binary := built(t)
	for name, database := range map[string]string{"SQLite": "", "PostgreSQL": pgtest.URL(t)} {
		t.Run(name, func(t *testing.T) {
			p := &Program{Binary: binary, Data: t.TempDir(), Database: database}
			err := Crash{Program: p, Duration: 4 * time.Second, Between: time.Second, Log: t.Output()}.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// built builds the program as it is now.
func built(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "recado")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "sqlite_fts5", "-o", binary, "recado")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	return binary
}
