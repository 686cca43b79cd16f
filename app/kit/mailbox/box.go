package mailbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Box is a mailbox on disk that can be gone through, and of which single mails can be read again.
type Box struct {
	// Name is that of the file or folder, without what tells only its form: ".mbox".
	Name string
	// Size is how many bytes there are to read; 0 where that is not known beforehand.
	Size int64
	// Time is when an mbox was last changed; zero for a Maildir.
	Time time.Time
	path string
	file *os.File // nil for a Maildir
}

// OpenMbox opens an mbox file. Close it.
func OpenMbox(path string) (*Box, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is no file: for a folder of mails, import a Maildir", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &Box{Name: strings.TrimSuffix(filepath.Base(path), ".mbox"), Size: st.Size(), Time: st.ModTime(), path: path, file: f}, nil
}

// OpenMaildir opens a Maildir folder; the error says so where it is none.
func OpenMaildir(dir string) (*Box, error) {
	if _, err := maildirFiles(dir); err != nil {
		return nil, err
	}
	return &Box{Name: filepath.Base(filepath.Clean(dir)), path: dir}, nil
}

// Mails gives the mails one after the other, as [Mbox] and [Maildir] do.
func (b *Box) Mails() (iter.Seq2[Mail, error], error) {
	if b.file == nil {
		return Maildir(b.path)
	}
	return Mbox(io.NewSectionReader(b.file, 0, b.Size)), nil
}

// Read gives a mail's bytes once more. Where the mailbox was changed meanwhile they may be another's: compare them. It
// may be called at several mails at once.
func (b *Box) Read(m Mail) ([]byte, error) {
	if b.file == nil {
		return b.readFile(m.Name)
	}
	for again, err := range Mbox(io.NewSectionReader(b.file, m.Start, m.Offset-m.Start)) {
		return again.Raw, err
	}
	return nil, io.ErrUnexpectedEOF
}

// readFile follows a mail that its program has moved since: out of "new", or to a name with other flags.
func (b *Box) readFile(name string) ([]byte, error) {
	m, err := readMail(b.path, name)
	if !errors.Is(err, fs.ErrNotExist) {
		return m.Raw, err
	}
	folder, unique := filepath.Dir(filepath.Dir(name)), filepath.Base(name)
	unique, _, _ = strings.Cut(unique, ":2,")
	for _, in := range []string{"cur", "new"} {
		entries, _ := os.ReadDir(filepath.Join(b.path, folder, in))
		for _, e := range entries {
			if base, _, _ := strings.Cut(e.Name(), ":2,"); base == unique {
				m, err = readMail(b.path, filepath.Join(folder, in, e.Name()))
				return m.Raw, err
			}
		}
	}
	return nil, err
}

// Close gives the file back.
func (b *Box) Close() error {
	if b.file == nil {
		return nil
	}
	return b.file.Close()
}
