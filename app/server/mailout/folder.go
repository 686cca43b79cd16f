package mailout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Folder writes each mail as an .eml file, for teams that have no mail server yet. The name comes from the Message-ID
// and recipient, so that a second try replaces the first instead of adding a copy.
type Folder struct{ dir string }

var _ Sender = Folder{}

// NewFolder makes the folder where it is missing, readable by its owner only.
func NewFolder(dir string) (Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Folder{}, fmt.Errorf("make mail folder: %w", err)
	}
	return Folder{dir}, nil
}

// Send writes the mail so that it is whole and on disk, or not there. Nothing is refused for good: a full disk passes.
func (f Folder) Send(ctx context.Context, m Mail) Result {
	if ctx.Err() != nil {
		return Result{Outcome: Later, Detail: "stopped before it was sent"}
	}
	sum := sha256.Sum256([]byte(m.MessageID + "\x00" + m.To))
	name := hex.EncodeToString(sum[:16]) + ".eml"
	if err := f.write(name, m.Raw); err != nil {
		return Result{Outcome: Later, Detail: oneLine(err.Error())}
	}
	return Result{Outcome: Accepted, ServerID: name}
}

// write goes by a temporary file, whose name no program takes for a mail, and syncs the folder too: without that the
// new name may be lost with the power.
func (f Folder) write(name string, raw []byte) error {
	tmp, err := os.CreateTemp(f.dir, ".writing-*")
	if err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	_, err = tmp.Write(raw)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(f.dir, name))
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("write mail: %w", err)
	}
	return syncFolder(f.dir)
}

// Close does nothing: every mail is on disk already.
func (Folder) Close() error { return nil }
