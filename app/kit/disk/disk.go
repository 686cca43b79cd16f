// Package disk asks the system about the place data lies on, how much room is left and which file a file is, and makes
// changes of folders durable.
package disk

import (
	"errors"
	"io/fs"
	"os"
)

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
