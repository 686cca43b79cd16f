package mailin

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

const (
	linePatience = 5 * time.Minute  // for one command (RFC 5321, 4.5.3.2.7)
	hurried      = 10 * time.Second // the same while more than half of the places are taken
	dataPatience = 3 * time.Minute  // for the next bytes of a mail (RFC 5321, 4.5.3.2.5)
	mailPatience = 10 * time.Minute // for a whole mail, and for the next one to begin
	// dotPatience is for what follows a line that looks like the last one and is not: whoever wrote it is waiting for us.
	dotPatience = 2 * time.Second
)

var (
	// errBareEnds is a mail whose last line would be its end in a laxer reading. Where two servers read that differently,
	// what one takes for the rest of a mail is a second mail to the other, with any sender at all ("SMTP smuggling").
	errBareEnds = errors.New("the lines of the mail do not end in CR LF")
	errSlow     = errors.New("the mail did not come in time")
)

// wire is a connection as the SMTP library sees it. Commands come to the library one line at a time, so that none of a
// mail's bytes lie in its buffer when the mail begins; the mail itself is read here, by mail, and to the library it is
// empty. Read and Write are called by one goroutine; what is atomic is asked by a second one, while chunks come (BDAT).
type wire struct {
	net.Conn
	in     *bufio.Reader
	places *fewer
	leave  func()

	inMail atomic.Bool // the library said 354: what comes now is a mail
	rest   string      // what the library is to read before anything else
	done   bool        // nothing more is to be read: the connection ends after the answer
	until  time.Time   // when patience ends, whatever comes
}

func newWire(c net.Conn, places *fewer, leave func()) *wire {
	return &wire{Conn: c, in: bufio.NewReaderSize(c, 32<<10), places: places, leave: leave, until: time.Now().Add(mailPatience)}
}

// Read gives at most one line.
func (w *wire) Read(b []byte) (int, error) {
	if w.rest != "" {
		n := copy(b, w.rest)
		w.rest = w.rest[n:]
		return n, nil
	}
	if w.done {
		return 0, io.EOF
	}
	if _, err := w.in.Peek(1); err != nil {
		return 0, err
	}
	line, _ := w.in.Peek(w.in.Buffered())
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i+1]
	}
	n := copy(b, line)
	w.in.Discard(n)
	return n, nil
}

// Write notices that a mail was asked for.
func (w *wire) Write(b []byte) (int, error) {
	if bytes.HasPrefix(b, []byte("354 ")) {
		w.inMail.Store(true)
	}
	w.Conn.SetWriteDeadline(time.Now().Add(linePatience))
	return w.Conn.Write(b)
}

// SetReadDeadline is what the library asks for before each command. It gets less where places are scarce, and nothing
// beyond the time in which a mail is to come: a client that says a little now and then holds a place like any other.
func (w *wire) SetReadDeadline(t time.Time) error {
	now := time.Now()
	if most := now.Add(hurried); w.places.scarce() && t.After(most) {
		t = most
	}
	if t.After(w.until) {
		t = w.until
	}
	return w.Conn.SetReadDeadline(t)
}

// end lets the connection end after the answer that is being given.
func (w *wire) end() { w.done = true }

// Close gives the place free.
func (w *wire) Close() error {
	w.leave()
	return w.Conn.Close()
}

// mail gives the bytes of the mail that was asked for, up to CR LF . CR LF and to nothing else (RFC 5321, 4.1.1.4), with
// the dots that were doubled single again and its line ends as they came.
func (w *wire) mail() *mailReader {
	w.until = time.Now().Add(mailPatience)
	return &mailReader{wire: w}
}

// finish lets the library see the end of the mail. What can't be read to its end ends the connection, so that none of it
// is taken for commands.
func (w *wire) finish(r *mailReader) {
	w.inMail.Store(false)
	w.rest = ".\r\n"
	w.until = time.Now().Add(mailPatience)
	if r.state != ended {
		w.done = true
	}
}

// mailState is where a reader stands in a line.
type mailState int

const (
	lineBegun mailState = iota // after CR LF, and at the beginning
	dotBegun                   // after a dot there, which belongs to the protocol
	dotReturn                  // after that and CR
	returned                   // after CR
	within                     // anywhere else
	ended
)

// mailReader reads one mail.
type mailReader struct {
	wire  *wire
	state mailState
	last  uint64 // the last eight bytes, the newest lowest
	two   [2]byte
	kept  int // how many of them, the last ones, are still to be given
	err   error
}

// Read gives io.EOF at the end of the mail only, and errBareEnds or errSlow where it can't be waited for any longer.
func (r *mailReader) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if r.kept > 0 {
			b[n] = r.two[2-r.kept]
			n, r.kept = n+1, r.kept-1
			continue
		}
		if plain := r.plain(b[n:]); plain > 0 {
			n += plain
			continue
		}
		if r.state == ended || r.err != nil || n > 0 && r.wire.in.Buffered() == 0 {
			break // what is there is given before it is waited for more
		}
		c, err := r.next()
		if err != nil {
			r.err = err
			break
		}
		r.take(c)
	}
	switch {
	case n > 0 || len(b) == 0:
		return n, nil
	case r.state == ended:
		return 0, io.EOF
	}
	return 0, r.err
}

// plain gives what lies ready of a line up to its CR: nothing in it can be the end.
func (r *mailReader) plain(b []byte) int {
	in := r.wire.in
	if r.state != within || in.Buffered() == 0 {
		return 0
	}
	run, _ := in.Peek(min(in.Buffered(), len(b)))
	if i := bytes.IndexByte(run, '\r'); i >= 0 {
		run = run[:i]
	}
	n := copy(b, run)
	for _, c := range run[max(0, n-8):] {
		r.last = r.last<<8 | uint64(c)
	}
	in.Discard(n)
	return n
}

// take moves on by one byte, and keeps what of it, and of the one before, belongs to the mail.
func (r *mailReader) take(c byte) {
	switch {
	case r.state == lineBegun && c == '.':
		r.state = dotBegun
		return
	case r.state == dotBegun && c == '\r':
		r.state = dotReturn
		return
	case r.state == dotReturn && c == '\n':
		r.state = ended
		return
	}
	r.two[1], r.kept = c, 1
	if r.state == dotReturn { // no end after all: the return is the mail's own
		r.two[0], r.kept, r.state = '\r', 2, returned
	}
	switch {
	case c == '\r':
		r.state = returned
	case c == '\n' && r.state == returned:
		r.state = lineBegun
	default:
		r.state = within
	}
}

// next gives one byte. It waits for it as long as a mail server may take; after what looks like an end, only for as long
// as it takes to see that there is more.
func (r *mailReader) next() (byte, error) {
	w := r.wire
	lax := false
	if w.in.Buffered() == 0 {
		wait := dataPatience
		if lax = looksEnded(r.last); lax {
			wait = dotPatience
		}
		at := time.Now().Add(wait)
		if at.After(w.until) {
			at = w.until
		}
		w.Conn.SetReadDeadline(at)
	}
	c, err := w.in.ReadByte()
	switch {
	case err == nil:
		r.last = r.last<<8 | uint64(c)
	case errors.Is(err, os.ErrDeadlineExceeded) && lax:
		err = errBareEnds
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errSlow
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return c, err
}

// looksEnded tells whether the last bytes are a line of one dot, wherever lines end in CR, in LF, or in several of them.
func looksEnded(last uint64) bool {
	isEnd := func(b uint64) bool { return byte(b) == '\r' || byte(b) == '\n' }
	if !isEnd(last) {
		return false
	}
	for isEnd(last) {
		last >>= 8
	}
	if byte(last) != '.' {
		return false
	}
	return last>>8 == 0 || isEnd(last>>8)
}
