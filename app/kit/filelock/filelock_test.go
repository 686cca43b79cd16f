package filelock_test

import (
	"errors"
	"path/filepath"
	"testing"

	"recado/app/kit/filelock"
)

func TestOnlyOneHolds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, err := filelock.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Take(path); !errors.Is(err, filelock.ErrHeld) {
		t.Fatalf("a second holder: %v", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := filelock.Take(path)
	if err != nil {
		t.Fatalf("after release: %v", err)
	}
	again.Release()
}

func TestThoseWhoShareKeepOutWhoWantsItAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	var shared []*filelock.Lock
	for range 2 {
		l, err := filelock.Share(path)
		if err != nil {
			t.Fatal(err)
		}
		shared = append(shared, l)
	}
	for _, l := range shared {
		if _, err := filelock.Take(path); !errors.Is(err, filelock.ErrHeld) {
			t.Fatalf("taken beside who shares it: %v", err)
		}
		if err := l.Release(); err != nil {
			t.Fatal(err)
		}
	}
	alone, err := filelock.Take(path)
	if err != nil {
		t.Fatalf("after all have left: %v", err)
	}
	defer alone.Release()
	if _, err := filelock.Share(path); !errors.Is(err, filelock.ErrHeld) {
		t.Fatalf("shared beside who has it alone: %v", err)
	}
}
