package filestore_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recado/app/server/filestore"
)

const id = "01938f7e-0000-7000-8000-00000000abcd"

func TestKeepAndOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := filestore.Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	st, err := s.Stage(id, strings.NewReader("content"), 7)
	if err != nil || st.Size != 7 || string(st.Head) != "content" || len(st.SHA256) != 64 {
		t.Fatalf("staged %+v, %v", st, err)
	}
	if _, err := s.Open(id); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a staged file can be opened: %v", err)
	}
	if err := s.Keep(id, st); err != nil {
		t.Fatal(err)
	}
	f, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, err := io.ReadAll(f); err != nil || string(b) != "content" {
		t.Errorf("read %q, %v", b, err)
	}
}

func TestTooLargeLeavesNothing(t *testing.T) {
	t.Parallel()
	s, err := filestore.Open(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stage(id, strings.NewReader("12345678"), 7); !errors.Is(err, filestore.ErrTooLarge) {
		t.Fatalf("got %v", err)
	}
	if _, err := s.Stage(id, strings.NewReader("1234567"), 7); err != nil {
		t.Errorf("the refused one was left in the way: %v", err)
	}
}

func TestOnlyIdsNameFiles(t *testing.T) {
	t.Parallel()
	s, err := filestore.Open(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "../secret", "..", "/etc/passwd", strings.Repeat("../", 12), "incoming/x"} {
		if _, err := s.Open(bad); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %q: %v", bad, err)
		}
	}
}

// TestWhatOthersStageStays opens the folder beside a node that is receiving a file.
func TestWhatOthersStageStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := filestore.Open(dir, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	const stale = "01938f7e-0000-7000-8000-00000000dead"
	for _, id := range []string{id, stale} {
		if _, err := first.Stage(id, strings.NewReader("x"), 7); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "incoming", stale), yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		old  time.Duration
		want []string
	}{{24 * time.Hour, []string{id}}, {0, nil}} {
		if _, err := filestore.Open(dir, c.old); err != nil {
			t.Fatal(err)
		}
		var left []string
		entries, err := os.ReadDir(filepath.Join(dir, "incoming"))
		for _, e := range entries {
			left = append(left, e.Name())
		}
		if err != nil || !slices.Equal(left, c.want) {
			t.Errorf("older than %v cleared: %v is left, %v; want %v", c.old, left, err, c.want)
		}
	}
}

func TestTheFirstOwnerHolds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, id := range []string{"one", "two"} {
		s, err := filestore.Open(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		if owner, err := s.SetOwner(id); err != nil || owner != "one" {
			t.Errorf("the owner is %q, %v", owner, err)
		}
		if owner, err := s.Owner(); err != nil || owner != "one" {
			t.Errorf("the owner is read as %q, %v", owner, err)
		}
	}
	none, err := filestore.Open(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if owner, err := none.Owner(); err != nil || owner != "" {
		t.Errorf("a fresh folder belongs to %q, %v", owner, err)
	}
}
