// Package disk asks the system about the place data lies on, how much room is left and which file a file is, and makes
// changes of folders durable.
package disk

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Reserve keeps size bytes of the disk back in a file at path, so that removing it makes that much room. Where the file
// is there nothing is done; where it can't be written as a whole nothing stays.
func Reserve(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reserve room: %w", err)
	}
	// What can't be compressed: some file systems would keep zeros in no room at all.
	_, err = io.CopyN(f, rand.Reader, size)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("reserve room: %w", err), os.Remove(path))
	}
	return nil
}

// SyncFolder makes what was made, renamed or removed in a folder survive a power cut.
func SyncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return SyncOpenFolder(d)
}

// SyncOpenFolder is SyncFolder for a folder that is open. Systems that can't sync a folder do it by themselves.
func SyncOpenFolder(d *os.File) error {
	err := d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}
