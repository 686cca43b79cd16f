package audit

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

var messageID = regexp.MustCompile(`(?mi)^Message-ID:\s*(<\S+>)`)

// fate is what the sink does with one mail.
type fate int

const (
	takes      fate = iota
	postpones       // answers 451 and keeps nothing
	diesBefore      // hangs up instead of answering, and keeps nothing
	diesAfter       // keeps the mail and hangs up instead of answering
	dawdles         // keeps it and answers late
)

// copy is one mail as it lies at the sink.
type mailCopy struct {
	id, to  string
	replyTo string
	marks   []string // of the messages in it
	body    [32]byte // of everything below the header
	whole   time.Time
	// answered is when the answer was handed to the connection, and lost tells that it was kept back on purpose.
	answered time.Time
	lost     bool
}

// sink is a mail server that keeps what it takes in memory, behaves as badly as it is told, and knows of each mail whether
// its answer can have arrived.
type sink struct {
	address  string
	server   *smtp.Server
	unkind   atomic.Bool
	counting bool         // nothing is kept but how often each Message-ID came
	newest   atomic.Int64 // when the latest was taken, in nanoseconds since 1970

	mu       sync.Mutex
	copies   []*mailCopy
	names    map[string]int
	refused  int
	findings []string
}

// newSink listens on a free port of this machine.
func newSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{address: l.Addr().String(), names: map[string]int{}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &sinkSession{sink: s, conn: c}, nil }))
	s.server.Domain, s.server.MaxLineLength = "sink.example", 1<<20
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	go s.server.Serve(l)
	return s, nil
}

func (s *sink) close() { s.server.Close() }

type sinkSession struct {
	sink *sink
	conn *smtp.Conn
	to   string
}

func (n *sinkSession) Reset()                                    { n.to = "" }
func (n *sinkSession) Logout() error                             { return nil }
func (n *sinkSession) Mail(string, *smtp.MailOptions) error      { return nil }
func (n *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error { n.to = to; return nil }
func (n *sinkSession) Data(r io.Reader) error                    { return n.sink.take(n, r) }

var errHungUp = errors.New("the sink hung up")

func (s *sink) take(n *sinkSession, r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err // a mail that was not whole is none
	}
	if s.counting {
		name := messageID.FindSubmatch(raw)
		if name == nil {
			return errors.New("a mail without Message-ID")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.names[string(name[1])]++
		s.newest.Store(time.Now().UnixNano())
		return nil
	}
	c, err := readCopy(raw)
	if err != nil {
		s.find("a mail to %s can't be read: %v", n.to, err)
		return nil
	}
	c.to, c.whole = n.to, time.Now()
	f := s.fate()
	switch f {
	case postpones:
		s.mu.Lock()
		s.refused++
		s.mu.Unlock()
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Come again later"}
	case diesBefore:
		n.conn.Conn().Close()
		return errHungUp
	case dawdles:
		time.Sleep(100*time.Millisecond + rand.N(700*time.Millisecond))
	}
	c.answered, c.lost = time.Now(), f == diesAfter
	s.mu.Lock()
	s.copies = append(s.copies, c)
	s.mu.Unlock()
	if c.lost {
		n.conn.Conn().Close()
		return errHungUp
	}
	return nil
}

func (s *sink) fate() fate {
	if !s.unkind.Load() {
		return takes
	}
	switch n := rand.IntN(100); {
	case n < 8:
		return postpones
	case n < 12:
		return diesBefore
	case n < 17:
		return diesAfter
	case n < 25:
		return dawdles
	}
	return takes
}

func (s *sink) find(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.findings = append(s.findings, fmt.Sprintf(format, args...))
}

// all gives what lies there, in the order it came.
func (s *sink) all() []*mailCopy {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.copies)
}

// some gives one at random among those to an address that ends so; nil for none.
func (s *sink) some(suffix string) *mailCopy {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range 20 {
		if len(s.copies) == 0 {
			return nil
		}
		if c := s.copies[rand.IntN(len(s.copies))]; strings.HasSuffix(c.to, suffix) {
			return c
		}
	}
	return nil
}

// markForm is how every text of a mail audit is marked: by it alone is a message known again.
var markForm = regexp.MustCompile(`\bx[0-9a-f]{32}\b`)

func newMark() string { return "x" + strings.ReplaceAll(newKey(), "-", "") }

// readCopy reads what the audit compares. It uses none of the product's code.
func readCopy(raw []byte) (*mailCopy, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	below, err := io.ReadAll(m.Body)
	if err != nil {
		return nil, err
	}
	c := &mailCopy{id: m.Header.Get("Message-Id"), body: sha256.Sum256(below)}
	if a, err := mail.ParseAddress(m.Header.Get("Reply-To")); err == nil {
		c.replyTo = a.Address
	}
	text, err := plainText(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), bytes.NewReader(below))
	for _, mark := range markForm.FindAllString(text, -1) {
		if !slices.Contains(c.marks, mark) {
			c.marks = append(c.marks, mark)
		}
	}
	if err == nil && (c.id == "" || c.replyTo == "" || len(c.marks) == 0) {
		err = errors.New("it has no Message-ID, no Reply-To or no text of this audit")
	}
	return c, err
}

// plainText gives the first text/plain part.
func plainText(contentType, encoding string, r io.Reader) (string, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(kind, "multipart/") {
		if kind != "text/plain" {
			return "", nil
		}
		if strings.EqualFold(encoding, "quoted-printable") {
			r = quotedprintable.NewReader(r)
		}
		b, err := io.ReadAll(r)
		return string(b), err
	}
	parts := multipart.NewReader(r, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if text, err := plainText(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); err != nil || text != "" {
			return text, err
		}
	}
}
