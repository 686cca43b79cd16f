// Package filestore keeps the content of attachments as plain files in a folder, named by id alone: no name that a
// person gave ever becomes part of a path.
package filestore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"

	"recado/app/kit/disk"
)

// ErrTooLarge means that more came than was allowed; nothing is kept.
var ErrTooLarge = errors.New("the file is too large")

// Store is a folder of files.
type Store struct{ root *os.Root }

// Staged is a file that is on disk but not kept yet.
type Staged struct {
	Size   int64
	SHA256 string
	Head   []byte // the first 512 bytes, to tell what it is
	name   string
}

// Open opens the folder, making it if need be, and removes what was never kept.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := root.RemoveAll("incoming"); err != nil {
		return nil, err
	}
	if err := root.Mkdir("incoming", 0o700); err != nil {
		return nil, err
	}
	return &Store{root}, nil
}

var idForm = regexp.MustCompile(`^[0-9a-f-]{36}$`)

// place spreads files over folders, so that none holds too many; the last digits of a UUIDv7 are random.
func place(id string) (string, error) {
	if !idForm.MatchString(id) {
		return "", fs.ErrNotExist
	}
	return path.Join(id[34:], id), nil
}

// Place is where the content of a file lies inside the folder, with slashes; empty for what is no id.
func Place(id string) string {
	p, _ := place(id)
	return p
}

// Stage writes at most limit bytes of r to disk under a temporary name and syncs them. ErrTooLarge where r has more.
func (s *Store) Stage(id string, r io.Reader, limit int64) (st Staged, err error) {
	st.name = path.Join("incoming", id)
	f, err := s.root.OpenFile(st.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return st, fmt.Errorf("stage a file: %w", err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			s.root.Remove(st.name)
		}
	}()
	sum := sha256.New()
	head := &headWriter{}
	if st.Size, err = io.Copy(io.MultiWriter(f, sum, head), io.LimitReader(r, limit+1)); err != nil {
		return st, fmt.Errorf("stage a file: %w", err)
	}
	if st.Size > limit {
		return st, ErrTooLarge
	}
	st.SHA256, st.Head = hex.EncodeToString(sum.Sum(nil)), head.b
	return st, f.Sync()
}

type headWriter struct{ b []byte }

func (h *headWriter) Write(p []byte) (int, error) {
	h.b = append(h.b, p[:min(len(p), 512-len(h.b))]...)
	return len(p), nil
}

// Keep gives a staged file its place; after it returns the file survives a power cut.
func (s *Store) Keep(id string, st Staged) error {
	to, err := place(id)
	if err != nil {
		return err
	}
	if err := s.root.Mkdir(path.Dir(to), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.root.Rename(st.name, to); err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	return errors.Join(s.syncDir(path.Dir(to)), s.syncDir("."))
}

func (s *Store) syncDir(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return disk.SyncOpenFolder(d)
}

// Discard removes a staged file.
func (s *Store) Discard(st Staged) error { return s.root.Remove(st.name) }

// Remove removes a kept file.
func (s *Store) Remove(id string) error {
	to, err := place(id)
	if err != nil {
		return err
	}
	return s.root.Remove(to)
}

// Open opens a kept file; fs.ErrNotExist where there is none.
func (s *Store) Open(id string) (*os.File, error) {
	from, err := place(id)
	if err != nil {
		return nil, err
	}
	return s.root.Open(from)
}

// Size of a kept file in bytes; fs.ErrNotExist where there is none.
func (s *Store) Size(id string) (int64, error) {
	from, err := place(id)
	if err != nil {
		return 0, err
	}
	st, err := s.root.Stat(from)
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// Look opens the folder as it is, beside a server that uses it.
func Look(dir string) (*Store, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Store{root}, nil
}

// Close gives the folder back.
func (s *Store) Close() error { return s.root.Close() }
