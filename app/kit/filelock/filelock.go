// Package filelock keeps two processes from the same folder: a lock that the system releases when its holder ends,
// however it ends.
package filelock

import (
	"errors"
	"fmt"
	"os"
)

// ErrHeld means that another process holds the lock.
var ErrHeld = errors.New("another process holds the lock")

// Lock is a held lock.
type Lock struct{ file *os.File }

// Take locks the file at path for oneself, making it if need be, without waiting: ErrHeld where somebody else has it.
func Take(path string) (*Lock, error) { return take(path, false) }

// Share locks the file at path together with others who share it, making it if need be, without waiting: ErrHeld where
// somebody has it for themselves.
func Share(path string) (*Lock, error) { return take(path, true) }

func take(path string, shared bool) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := lock(f, shared); err != nil {
		f.Close()
		return nil, err
	}
	return &Lock{f}, nil
}

// Release gives the lock back. The file stays: removing it would let two processes lock two files of one name.
func (l *Lock) Release() error { return l.file.Close() }
