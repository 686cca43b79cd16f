//go:build !windows

package mailout

import (
	"errors"
	"fmt"
	"os"
)

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync mail folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync mail folder: %w", err)
	}
	return nil
}
