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
	"path/filepath"
	"regexp"
	"strings"
	"time"

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

// Open opens the folder, making it if need be, and removes what was staged longer than old ago and never kept: 0 where
// nobody else uses the folder, a day where other nodes may be staging files in it.
func Open(dir string, old time.Duration) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{root}
	if err := s.clear(old); err != nil {
		root.Close()
		return nil, fmt.Errorf("clear what was never kept: %w", err)
	}
	return s, nil
}

// clear leaves the folder itself: on a full disk it could not be made again.
func (s *Store) clear(old time.Duration) error {
	if err := s.root.Mkdir(incoming, 0o700); !errors.Is(err, fs.ErrExist) {
		return err
	}
	staged, err := fs.ReadDir(s.root.FS(), incoming)
	if err != nil {
		return err
	}
	before := time.Now().Add(-old)
	for _, e := range staged {
		st, err := e.Info()
		if err == nil && !st.ModTime().After(before) {
			err = s.root.RemoveAll(path.Join(incoming, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another node was faster
			return err
		}
	}
	return nil
}

// Names in the folder beside those of files.
const (
	incoming = "incoming"    // what is being received
	mark     = "database.id" // whose files these are
)

// Owner gives the id of the database whose files these are, empty where nobody said.
func (s *Store) Owner() (string, error) {
	id, err := s.root.ReadFile(mark)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(id)), err
}

// SetOwner notes the id of the database whose files these are, unless there is one, and gives the one that holds.
func (s *Store) SetOwner(id string) (string, error) {
	unfinished := path.Join(incoming, id)
	f, err := s.root.OpenFile(unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	defer s.root.Remove(unfinished)
	_, err = f.WriteString(id + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", err
	}
	// Link keeps what another node put there meanwhile.
	if err := s.root.Link(unfinished, mark); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	if err := s.syncDir("."); err != nil {
		return "", err
	}
	return s.Owner()
}

// MarkPath is the file inside the folder that Owner is read from.
func (s *Store) MarkPath() string { return filepath.Join(s.root.Name(), mark) }

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
	st.name = path.Join(incoming, id)
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
