package mailin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"recado/app/server/filestore"
)

// Bounds of what one client may do.
const (
	mostConnections = 100
	mostPerHost     = 20  // connections of one address at a time; this machine's own may use all
	mostPerSession  = 100 // mails on one connection
	mostRecipients  = 100 // of one mail; the rest is told to come in another (RFC 5321, 4.5.3.1.10)
	mostRefused     = 10  // recipients on one connection: who tries more is trying out addresses
	mostLine        = 4096
	mostDrained     = 4 * MaxMail // of a mail that is too large, so that its sender hears why
)

// Listener takes mails by SMTP (RFC 5321), or by LMTP (RFC 2033) from a mail server that hands them on.
type Listener struct {
	service *Service
	server  *smtp.Server
	net.Listener
}

// Listen listens on host:port, or lmtp://host:port; Serve takes mails.
func (s *Service) Listen(address string) (*Listener, error) {
	address, lmtp := strings.CutPrefix(address, "lmtp://")
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for mail on %s: %w", address, err)
	}
	out := &Listener{service: s, Listener: &fewer{Listener: l, open: map[string]int{}}}
	srv := smtp.NewServer(smtp.BackendFunc(out.session))
	srv.LMTP, srv.Domain = lmtp, s.Ours.ReplyDomain
	srv.MaxMessageBytes, srv.MaxRecipients, srv.MaxLineLength = MaxMail, mostRecipients, mostLine
	srv.ReadTimeout, srv.WriteTimeout = linePatience, linePatience
	srv.EnableSMTPUTF8, srv.EnableBINARYMIME = true, true
	srv.ErrorLog = slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug)
	out.server = srv
	return out, nil
}

// Serve takes mails until Close.
func (l *Listener) Serve() error {
	err := l.server.Serve(l.Listener)
	if err == nil || errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("take mails: %w", err)
}

// Close ends all connections; a mail that was not acknowledged is the sender's still.
func (l *Listener) Close() error { return l.server.Close() }

func (l *Listener) session(c *smtp.Conn) (smtp.Session, error) {
	w, ok := c.Conn().(*wire)
	if !ok {
		return nil, errors.New("a connection that is not the listener's")
	}
	host, _, _ := net.SplitHostPort(w.RemoteAddr().String())
	return &session{service: l.service, envelope: Envelope{Remote: host}, helo: c.Hostname, wire: w}, nil
}

// session is one client's; mails come one after the other.
type session struct {
	service  *Service
	envelope Envelope
	helo     func() string
	wire     *wire
	mails    int
	refused  int
}

func answer(code int, a, b, c int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: text}
}

// Reset forgets the mail under way.
func (s *session) Reset() { s.envelope.From, s.envelope.To = "", nil }

// Logout ends the session.
func (s *session) Logout() error { return nil }

// Mail begins a mail.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.mails++; s.mails > mostPerSession {
		s.wire.end()
		return answer(421, 4, 7, 0, "Too many mails on one connection")
	}
	s.envelope.From, s.envelope.Helo = from, s.helo()
	return nil
}

// Rcpt takes addresses of ours alone: this is no relay.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.service.Ours.Takes(to) {
		s.envelope.To = append(s.envelope.To, to)
		return nil
	}
	if s.refused++; s.refused > mostRefused {
		s.wire.end()
		return answer(421, 4, 7, 0, "Too many unknown recipients")
	}
	return answer(550, 5, 1, 1, "No such mailbox here")
}

// Data answers after the mail is safe. What came in chunks (BDAT, RFC 3030) has a length; everything else is read by the
// wire, which alone knows where it ends.
func (s *session) Data(r io.Reader) error {
	if !s.wire.inMail.Load() {
		return s.take(r)
	}
	m := s.wire.mail()
	defer s.wire.finish(m)
	err := s.take(m)
	if err != nil && m.err == nil {
		io.CopyN(io.Discard, m, mostDrained)
	}
	return err
}

func (s *session) take(r io.Reader) error {
	ctx, cancel := context.WithTimeout(context.Background(), mailPatience)
	defer cancel()
	_, err := s.service.Take(ctx, s.envelope, r)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, filestore.ErrTooLarge), errors.Is(err, smtp.ErrDataTooLarge):
		return answer(552, 5, 3, 4, "Mails may be at most 30 MB")
	case errors.Is(err, errBareEnds):
		return answer(554, 5, 5, 2, "The lines of a mail end in CR LF, the last one too")
	case errors.Is(err, errSlow):
		return answer(451, 4, 4, 2, "The mail did not come in time")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return answer(451, 4, 4, 2, "The mail ended in the middle")
	}
	s.service.Log.Error("take a mail", "error", err)
	return answer(451, 4, 3, 0, "The mail could not be stored; try again later")
}

// fewer bounds connections, in all and of one address.
type fewer struct {
	net.Listener
	mu   sync.Mutex
	open map[string]int
	all  int
}

// Accept ends connections beyond the bounds at once.
func (f *fewer) Accept() (net.Conn, error) {
	for {
		c, err := f.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
		if f.enter(host) {
			return newWire(c, f, sync.OnceFunc(func() { f.leave(host) })), nil
		}
		c.SetWriteDeadline(time.Now().Add(time.Second))
		io.WriteString(c, "421 4.7.0 Too many connections\r\n")
		c.Close()
	}
}

func (f *fewer) enter(host string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	own := net.ParseIP(host).IsLoopback()
	if f.all >= mostConnections || !own && f.open[host] >= mostPerHost {
		return false
	}
	f.all++
	f.open[host]++
	return true
}

func (f *fewer) leave(host string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all--
	if f.open[host]--; f.open[host] == 0 {
		delete(f.open, host)
	}
}

// scarce tells that more than half of the places are taken.
func (f *fewer) scarce() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all > mostConnections/2
}
