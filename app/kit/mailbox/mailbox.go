// Package mailbox reads the mails of a mailbox on disk, one at a time, as the bytes they are: an mbox file (RFC 4155,
// and the "mboxrd" quoting most programs write) or a Maildir folder. It knows nothing of what a mail holds.
package mailbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// MaxMail is how large a mail may be, in bytes; a larger one is given as ErrTooLarge, and the next ones follow.
const MaxMail = 64 << 20

// ErrTooLarge is the error of a mail above MaxMail.
var ErrTooLarge = errors.New("the mail is larger than 64 MiB")

// Mail is one mail of a mailbox.
type Mail struct {
	// Name tells where it stands: the number in an mbox, from 1, or the file's name in a Maildir.
	Name string
	Raw  []byte
	// Start and Offset are where in an mbox reading it began and ended, in bytes; 0 in a Maildir.
	Start, Offset int64
	// Folder is where it lies within the mailbox, as ".Sent" in a Maildir; for an mbox, and for a Maildir's own mails, it
	// is empty.
	Folder string
	// Flags are those that a Maildir notes in the name: D draft, F flagged, P passed, R replied, S seen, T trashed.
	Flags string
	// Time is when it came, as its separator says, in an mbox; in a Maildir, when its file was last changed. It is zero where
	// there is neither.
	Time time.Time
}

// Mbox gives the mails of an mbox file in their order, with the separating "From " lines taken off and one ">" taken
// from quoted ones. An error belongs to one mail where it is ErrTooLarge, and ends the sequence otherwise.
func Mbox(r io.Reader) iter.Seq2[Mail, error] {
	return func(yield func(Mail, error) bool) {
		m := mbox{lines: bufio.NewReaderSize(r, 64<<10)}
		for n := 1; ; n++ {
			start, at := m.read, m.at
			raw, err := m.next()
			if n == 1 {
				at = m.first
			}
			if err == io.EOF {
				return
			}
			mail := Mail{Name: fmt.Sprint(n), Raw: raw, Start: start, Offset: m.read, Time: at}
			if !yield(mail, err) || err != nil && !errors.Is(err, ErrTooLarge) {
				return
			}
		}
	}
}

type mbox struct {
	lines  *bufio.Reader
	read   int64
	begun  bool // the separator of the next mail was read
	ended  bool
	inside bool // the last piece ended within a line
	// at is what the separator of the next mail says, first what that before the first one does.
	at, first time.Time
}

// next gives the mail up to the next separator or the end. A file that does not begin with a separator is one all the
// same: what stands before the first is a mail.
func (m *mbox) next() ([]byte, error) {
	var raw []byte
	blank, large, any := true, false, m.begun
	for !m.ended {
		line, start, err := m.line()
		if err != nil && err != io.EOF {
			return nil, err
		}
		m.ended = err == io.EOF
		if len(line) == 0 {
			continue
		}
		if start && blank && separates(line) {
			m.at = separated(line)
			if !any && len(raw) == 0 {
				any, m.first = true, m.at
				continue
			}
			m.begun = true
			break
		}
		any = true
		if start {
			line, blank = unquoted(line), len(bytes.TrimRight(line, "\r\n")) == 0
		}
		if large = large || len(raw)+len(line) > MaxMail; !large {
			raw = append(raw, line...)
		}
	}
	switch {
	case m.ended && !any:
		return nil, io.EOF
	case m.ended:
		m.begun = false
	}
	if large {
		return nil, ErrTooLarge
	}
	return withoutLastBlank(raw), nil
}

// line gives the next line with its end, or the next piece of one too long for the buffer; start tells whether a line
// begins with it.
func (m *mbox) line() (line []byte, start bool, err error) {
	start = !m.inside
	line, err = m.lines.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		err = nil
	}
	m.read += int64(len(line))
	m.inside = len(line) > 0 && line[len(line)-1] != '\n'
	return line, start, err
}

// separates tells whether a line after a blank one begins a mail: "From ", an address or none, and a time.
func separates(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("From "))
	if !ok {
		return false
	}
	// "From now on we …" in a text is none: a separator ends in a year, or in a year and a zone.
	fields := bytes.Fields(rest)
	for _, f := range fields[max(0, len(fields)-3):] {
		if len(f) == 4 && (f[0] == '1' || f[0] == '2') && digits(f) {
			return hasClock(fields)
		}
	}
	return false
}

// separated reads the time in a separator: that of asctime, in UTC where no zone stands beside it.
func separated(line []byte) time.Time {
	fields := bytes.Fields(line)
	for n := 5; n <= 6 && n < len(fields); n++ {
		text := string(bytes.Join(fields[len(fields)-n:], []byte(" ")))
		for _, form := range []string{"Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04 2006", "Mon Jan 2 15:04:05 2006 -0700", "Mon Jan 2 15:04:05 -0700 2006", "Mon Jan 2 15:04:05 MST 2006"} {
			if t, err := time.Parse(form, text); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}

func digits(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r < '0' || r > '9' })
}

func hasClock(fields [][]byte) bool {
	return slices.ContainsFunc(fields, func(f []byte) bool {
		return len(f) >= 4 && bytes.Count(f, []byte(":")) >= 1 && digits(bytes.ReplaceAll(f, []byte(":"), nil))
	})
}

// unquoted takes one ">" from a line that only has it so as not to look like a separator.
func unquoted(line []byte) []byte {
	if len(line) > 0 && line[0] == '>' && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
		return line[1:]
	}
	return line
}

// withoutLastBlank takes off the blank line that stands before the next separator and is no part of the mail.
func withoutLastBlank(raw []byte) []byte {
	for _, blank := range []string{"\r\n\r\n", "\n\n"} {
		if cut, ok := bytes.CutSuffix(raw, []byte(blank)); ok {
			return append(cut, blank[:len(blank)/2]...)
		}
	}
	return raw
}

// Maildir gives the mails of a Maildir folder and of the folders in it (".Sent", ".Archive.2024"), by name, which for
// most programs is the order they came in. Mails still being delivered (tmp) are left alone. An error belongs to one mail.
func Maildir(dir string) (iter.Seq2[Mail, error], error) {
	names, err := maildirFiles(dir)
	if err != nil {
		return nil, err
	}
	return func(yield func(Mail, error) bool) {
		for _, name := range names {
			m, err := readMail(dir, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue // taken away by its mail program meanwhile
			}
			if !yield(m, err) {
				return
			}
		}
	}, nil
}

func maildirFiles(dir string) (names []string, err error) {
	found := false
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		in := filepath.Base(filepath.Dir(path))
		switch {
		case d.IsDir() && (d.Name() == "cur" || d.Name() == "new"):
			found = true
		case d.Type().IsRegular() && (in == "cur" || in == "new") && !strings.HasPrefix(d.Name(), "."):
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			names = append(names, name)
		}
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("%s is no Maildir: it has neither a folder cur nor new", dir)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	return names, err
}

func readMail(dir, name string) (Mail, error) {
	m := Mail{Name: name, Folder: filepath.Dir(filepath.Dir(name))}
	if m.Folder == "." {
		m.Folder = ""
	}
	if _, flags, ok := strings.Cut(filepath.Base(name), ":2,"); ok {
		m.Flags = flags
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return m, err
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil {
		m.Time = st.ModTime()
	}
	m.Raw, err = io.ReadAll(io.LimitReader(f, MaxMail+1))
	if err == nil && len(m.Raw) > MaxMail {
		m.Raw, err = nil, ErrTooLarge
	}
	return m, err
}
