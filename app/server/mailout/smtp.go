package mailout

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"recado/app/desk"
)

// SMTP sends to one mail server (RFC 5321) and keeps connections open between mails.
type SMTP struct {
	server  Server
	options SMTPOptions
	slots   chan struct{} // one for each connection that may be open

	mu     sync.Mutex
	idle   []*connection
	closed bool
}

// SMTPOptions are all optional.
type SMTPOptions struct {
	Connections int           // at most this many at once; 4
	Timeout     time.Duration // of connecting and of each answer but the last; 30 s
	DataTimeout time.Duration // of the answer to the mail itself; 5 min (RFC 5321, 4.5.3.2.6, asks for 10)
	IdleFor     time.Duration // how long a connection is kept unused; 20 s
	Hello       string        // the name to greet with; the computer's
	TLS         *tls.Config   // how to verify the server; the system's roots and the server's name
	Signer      *Signer
}

var _ Sender = (*SMTP)(nil)

// connection is one open session with the server.
type connection struct {
	client *smtp.Client
	conn   net.Conn
	used   bool // at least one mail went over it
	since  time.Time
}

// NewSMTP makes a Sender for the server. It does not connect: a server that is away when Recado starts is no error.
func NewSMTP(server Server, options SMTPOptions) *SMTP {
	o := &options
	setDefault(&o.Connections, 4)
	setDefault(&o.Timeout, 30*time.Second)
	setDefault(&o.DataTimeout, 5*time.Minute)
	setDefault(&o.IdleFor, 20*time.Second)
	if o.Hello == "" {
		o.Hello = helloName()
	}
	return &SMTP{server: server, options: options, slots: make(chan struct{}, o.Connections)}
}

func setDefault[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

// helloName is the computer's name where it is one that servers take: some refuse a bare word.
func helloName() string {
	if name, err := os.Hostname(); err == nil && strings.Contains(name, ".") && !strings.ContainsAny(name, " _") {
		return name
	}
	return "[127.0.0.1]"
}

// Send hands one mail over. It waits while all connections are in use. A kept connection that the server has closed
// meanwhile is replaced once, which is safe: it is noticed before the mail is on its way.
func (s *SMTP) Send(ctx context.Context, m Mail) Result {
	if desk.CheckEmail("to", m.To) != nil || desk.CheckEmail("from", m.From) != nil {
		return Result{Outcome: Refused, Detail: ErrAddress.Message}
	}
	raw, err := s.options.Signer.Sign(m.Raw)
	if err != nil {
		return Result{Outcome: Later, Detail: oneLine(err.Error())}
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return Result{Outcome: Later, Detail: "stopped before it was sent"}
	}
	for {
		c, err := s.take(ctx)
		if err != nil {
			// What a server says before it hears of the mail is not about the mail.
			result := failed(err)
			result.Outcome, result.Away = Later, true
			return result
		}
		result, stale := s.hand(ctx, c, m, raw)
		if stale && ctx.Err() == nil {
			continue
		}
		return result
	}
}

// path is an address as SMTP wants it (RFC 5321, 4.1.2): without the brackets strict servers refuse it.
func path(address string) string { return "<" + address + ">" }

// hand sends one mail over c. stale means that a kept connection failed before anything was sent.
func (s *SMTP) hand(ctx context.Context, c *connection, m Mail, raw []byte) (result Result, stale bool) {
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	defer stop()
	// Asked for only where an address needs it: a mail marked so is bounced by every older server on its way (RFC 6531).
	c.client.SkipSMTPUTF8(ascii(m.From + m.To))
	if err := s.step(c, func() error { return c.client.Mail(path(m.From)) }); err != nil {
		return s.drop(c, err), c.used && lost(err)
	}
	if err := s.step(c, func() error { return c.client.Rcpt(path(m.To)) }); err != nil {
		return s.reject(c, err), false
	}
	result, whole := s.data(c, m, raw)
	if !whole || !stop() {
		_ = c.client.Close()
		return result, false
	}
	s.keep(c)
	return result, false
}

// data sends the mail itself. whole reports whether the server answered, so that the connection is good for more.
// Only an answer that is missing after the final dot leaves the outcome unknown (RFC 5321, 4.2.5).
func (s *SMTP) data(c *connection, m Mail, raw []byte) (result Result, whole bool) {
	_ = c.conn.SetDeadline(time.Now().Add(s.options.Timeout))
	w, err := c.client.Data()
	if err != nil {
		return failed(err), false
	}
	_ = c.conn.SetDeadline(time.Now().Add(s.options.DataTimeout))
	if _, err = w.Write(raw); err != nil {
		return failed(err), false
	}
	if !m.mayLeave() {
		return notOurs, false // the connection is closed before the final dot: the server keeps nothing (RFC 5321, 3.3)
	}
	if err = w.Close(); err == nil {
		said := ""
		if d, ok := w.(*smtp.DataCloser); ok {
			said = oneLine(d.ServerResponse())
		}
		return Result{Outcome: Accepted, Code: 250, Detail: said, ServerID: queueID(said)}, true
	}
	result = failed(err)
	if result.Code == 0 {
		result.Outcome = Unknown
	}
	return result, result.Code != 0 && result.Code != 421
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// step bounds one command in time.
func (s *SMTP) step(c *connection, command func() error) error {
	_ = c.conn.SetDeadline(time.Now().Add(s.options.Timeout))
	return command()
}

// reject keeps the connection after a refused recipient, when the server forgets the mail.
func (s *SMTP) reject(c *connection, err error) Result {
	if lost(err) || s.step(c, c.client.Reset) != nil {
		return s.drop(c, err)
	}
	s.keep(c)
	return failed(err)
}

func (s *SMTP) drop(c *connection, err error) Result {
	_ = c.client.Close()
	return failed(err)
}

// take gives a kept connection that is fresh enough, or a new one.
func (s *SMTP) take(ctx context.Context) (*connection, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errors.New("this sender is closed")
	}
	var old []*connection
	var kept *connection
	for n := len(s.idle); n > 0 && kept == nil; n = len(s.idle) {
		c := s.idle[n-1]
		s.idle = slices.Delete(s.idle, n-1, n)
		if time.Since(c.since) < s.options.IdleFor {
			kept = c
		} else {
			old = append(old, c)
		}
	}
	s.mu.Unlock()
	for _, c := range old {
		_ = c.client.Close()
	}
	if kept != nil {
		return kept, nil
	}
	return s.dial(ctx)
}

func (s *SMTP) keep(c *connection) {
	c.used, c.since = true, time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = c.client.Close()
		return
	}
	s.idle = append(s.idle, c)
}

// dial connects, encrypts and signs in. Errors name no password.
func (s *SMTP) dial(ctx context.Context) (*connection, error) {
	dialer := net.Dialer{Timeout: s.options.Timeout}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(s.server.Host, s.server.Port))
	if err != nil {
		return nil, fmt.Errorf("connect to mail server: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(s.options.Timeout))
	if s.server.TLS {
		conn = tls.Client(conn, s.tls())
	}
	client, err := smtp.NewClient(conn, s.server.Host)
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("greet mail server: %w", err)
	}
	if err := s.open(client); err != nil {
		_ = client.Close()
		return nil, err
	}
	return &connection{client: client, conn: conn}, nil
}

func (s *SMTP) open(client *smtp.Client) error {
	if err := client.Hello(s.options.Hello); err != nil {
		return fmt.Errorf("greet mail server: %w", err)
	}
	if s.server.StartTLS {
		if ok, _ := client.Extension("STARTTLS"); !ok {
			return errors.New("encrypt: the mail server does not offer STARTTLS, which its address asks for")
		}
		if err := client.StartTLS(s.tls()); err != nil {
			return fmt.Errorf("encrypt: %w", err)
		}
	}
	if s.server.User == "" {
		return nil
	}
	return s.signIn(client)
}

// signIn uses PLAIN, or LOGIN where the server knows nothing better. A refusal concerns the whole team's mail and may be
// put right by an admin, so it never fails a single mail for good.
func (s *SMTP) signIn(client *smtp.Client) error {
	_, offered := client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	unencrypted := !s.server.TLS && !s.server.StartTLS // to this computer only, as ParseServer sees to
	var auth smtp.Auth
	switch {
	case slices.Contains(mechanisms, "PLAIN"):
		auth = smtp.PlainAuth("", s.server.User, s.server.Password, s.server.Host, unencrypted)
	case slices.Contains(mechanisms, "LOGIN"):
		auth = smtp.LoginAuth(s.server.User, s.server.Password, s.server.Host, unencrypted)
	default:
		return errors.New("sign in: the mail server offers neither PLAIN nor LOGIN")
	}
	err := client.Auth(auth)
	var said *textproto.Error
	if errors.As(err, &said) {
		return fmt.Errorf("sign in: the mail server answered %d", said.Code)
	}
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

func (s *SMTP) tls() *tls.Config {
	config := s.options.TLS.Clone()
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if config.ServerName == "" {
		config.ServerName = s.server.Host
	}
	return config
}

// Close says goodbye on idle connections; mails on their way are finished.
func (s *SMTP) Close() error {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, c := range idle {
		_ = c.conn.SetDeadline(time.Now().Add(time.Second))
		_ = c.client.Quit()
		_ = c.conn.Close() // Quit leaves it open where nobody answers
	}
	return nil
}
