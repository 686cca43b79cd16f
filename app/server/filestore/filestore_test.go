package filestore_test

import (
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	"recado/app/server/filestore"
)

const id = "01938f7e-0000-7000-8000-00000000abcd"

func TestKeepAndOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := filestore.Open(dir)
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
	s, err := filestore.Open(t.TempDir())
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
	s, err := filestore.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "../secret", "..", "/etc/passwd", strings.Repeat("../", 12), "incoming/x"} {
		if _, err := s.Open(bad); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %q: %v", bad, err)
		}
	}
}
