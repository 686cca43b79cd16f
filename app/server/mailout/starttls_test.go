package mailout_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/app/server/mailout"
)

// upgrading is a mail server that speaks in the clear until STARTTLS, and notes what was said before and after.
type upgrading struct {
	net.Listener
	config        *tls.Config
	offer, answer string // the extensions in the clear, and what STARTTLS is answered with
	auth          string // the mechanism it knows

	mu            sync.Mutex
	clear, hidden []string
	password      string
	mails         int
}

func (u *upgrading) start(t *testing.T) *upgrading {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Listener = l
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go u.serve(conn)
		}
	}()
	return u
}

func (u *upgrading) note(list *[]string, command string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	*list = append(*list, command)
}

func (u *upgrading) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprint(conn, "220 here\r\n")
	r := bufio.NewReader(conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		u.note(&u.clear, strings.TrimSpace(line))
		switch strings.ToUpper(strings.Fields(line + " ?")[0]) {
		case "EHLO":
			_, _ = fmt.Fprintf(conn, "250-here\r\n%s250 8BITMIME\r\n", u.offer)
		case "STARTTLS":
			_, _ = fmt.Fprintf(conn, "%s\r\n", u.answer)
			if strings.HasPrefix(u.answer, "220") {
				secure := tls.Server(conn, u.config)
				u.converse(secure, bufio.NewReader(secure))
				return
			}
		case "QUIT":
			return
		default:
			_, _ = fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

func (u *upgrading) converse(conn net.Conn, r *bufio.Reader) {
	ask := func(prompt string) string {
		_, _ = fmt.Fprintf(conn, "334 %s\r\n", base64.StdEncoding.EncodeToString([]byte(prompt)))
		line, _ := r.ReadString('\n')
		text, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		return string(text)
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		u.note(&u.hidden, strings.TrimSpace(line))
		fields := strings.Fields(line + " ?")
		switch strings.ToUpper(fields[0]) {
		case "EHLO":
			_, _ = fmt.Fprintf(conn, "250-here\r\n250 AUTH %s\r\n", u.auth)
		case "AUTH":
			said := ""
			if fields[1] == "LOGIN" {
				said = ask("Username:") + " " + ask("Password:")
			} else {
				text, _ := base64.StdEncoding.DecodeString(fields[2])
				said = strings.ReplaceAll(strings.TrimPrefix(string(text), "\x00"), "\x00", " ")
			}
			u.mu.Lock()
			u.password = said
			u.mu.Unlock()
			_, _ = fmt.Fprint(conn, "235 welcome\r\n")
		case "DATA":
			_, _ = fmt.Fprint(conn, "354 go on\r\n")
			for line != ".\r\n" {
				if line, err = r.ReadString('\n'); err != nil {
					return
				}
			}
			u.mu.Lock()
			u.mails++
			u.mu.Unlock()
			_, _ = fmt.Fprint(conn, "250 ok\r\n")
		default:
			_, _ = fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

func TestStartTLSOrNothing(t *testing.T) {
	t.Parallel()
	cert, pool := certificate(t)
	for name, c := range map[string]struct {
		offer, answer, auth string
		trusted             bool
		want                mailout.Outcome
		detail              string
	}{
		"taken, PLAIN":           {"250-STARTTLS\r\n", "220 go", "PLAIN LOGIN", true, mailout.Accepted, ""},
		"taken, LOGIN":           {"250-STARTTLS\r\n", "220 go", "LOGIN", true, mailout.Accepted, ""},
		"not offered":            {"", "220 go", "PLAIN", true, mailout.Later, "does not offer STARTTLS"},
		"not offered, but AUTH":  {"250-AUTH PLAIN\r\n", "220 go", "PLAIN", true, mailout.Later, "does not offer STARTTLS"},
		"not now":                {"250-STARTTLS\r\n", "454 4.7.0 not now", "PLAIN", true, mailout.Later, "not now"},
		"refused":                {"250-STARTTLS\r\n", "502 no", "PLAIN", true, mailout.Later, "no"},
		"not its certificate":    {"250-STARTTLS\r\n", "220 go", "PLAIN", false, mailout.Later, "certificate"},
		"no mechanism afterward": {"250-STARTTLS\r\n", "220 go", "GSSAPI", true, mailout.Later, "neither PLAIN nor LOGIN"},
		"an answer put in front": {"250-STARTTLS\r\n", "220 go\r\n250-here\r\n250 AUTH PLAIN", "LOGIN", true, mailout.Accepted, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := (&upgrading{config: &tls.Config{Certificates: []tls.Certificate{cert}}, offer: c.offer, answer: c.answer, auth: c.auth}).start(t)
			server, err := mailout.ParseServer("smtp+starttls://ana:secret@" + u.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			config := &tls.Config{RootCAs: pool}
			if !c.trusted {
				config = nil
			}
			s := mailout.NewSMTP(server, mailout.SMTPOptions{Timeout: time.Second, TLS: config})
			defer func() { _ = s.Close() }()
			got := s.Send(t.Context(), small)
			if got.Outcome != c.want || !strings.Contains(got.Detail, c.detail) || strings.Contains(got.Detail, "secret") {
				t.Errorf("got %+v", got)
			}
			u.mu.Lock()
			defer u.mu.Unlock()
			for _, said := range u.clear {
				if verb := strings.ToUpper(strings.Fields(said + " ?")[0]); verb == "AUTH" || verb == "MAIL" || verb == "RCPT" || verb == "DATA" {
					t.Errorf("in the clear: %q", said)
				}
			}
			if c.auth == "LOGIN" && !slices.Contains(u.hidden, "AUTH LOGIN") {
				t.Errorf("what was put in front of the handshake was believed: %q", u.hidden)
			}
			if taken := c.want == mailout.Accepted; taken != (u.mails == 1) || taken && u.password != "ana secret" {
				t.Errorf("%d mails, signed in with %q", u.mails, u.password)
			}
		})
	}
}

// TestFailuresAreToldInSentences: what stands under a message is for people.
func TestFailuresAreToldInSentences(t *testing.T) {
	t.Parallel()
	closed := newPostbox(t, nil)
	_ = closed.Close()
	for name, c := range map[string]struct {
		box  *postbox
		want string
	}{
		"nobody there":        {closed, "Nobody answers at 127.0.0.1 on port"},
		"silent":              {newPostbox(t, map[string]string{"GREETING": "…"}).start(), "The mail server did not answer in time."},
		"silent in between":   {newPostbox(t, map[string]string{"RCPT": "…"}).start(), "The mail server did not answer in time."},
		"hangs up":            {newPostbox(t, map[string]string{"MAIL": ""}).start(), "The mail server ended the connection."},
		"hangs up at the end": {newPostbox(t, map[string]string{".": ""}).start(), "The mail server ended the connection."},
		"half an answer":      {newPostbox(t, map[string]string{"RCPT": "25"}).start(), "The mail server answered something that is not SMTP."},
		"not a mail server":   {newPostbox(t, map[string]string{"GREETING": "HTTP/1.1 400 Bad Request"}).start(), "The mail server answered something that is not SMTP."},
		"its own words":       {newPostbox(t, map[string]string{"RCPT": "550 5.1.1 nobody of that name"}).start(), "nobody of that name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.box.sender(t, mailout.SMTPOptions{Timeout: 200 * time.Millisecond, DataTimeout: 200 * time.Millisecond})
			if got := s.Send(t.Context(), small); !strings.Contains(got.Detail, c.want) {
				t.Errorf("told %q, want %q", got.Detail, c.want)
			}
		})
	}
}

// TestNoLineOfAMailEndsItEarly: what is written leaves in lines that end in CR LF, whatever stood in the text.
func TestNoLineOfAMailEndsItEarly(t *testing.T) {
	t.Parallel()
	p := newPostbox(t, nil).start()
	for _, body := range []string{"a\n.\nb", "a\r.\rb", "a\r\n.\r\nMAIL FROM:<x@y.example>\r\n", "a\n.\r\nb", ".", "..", "\r.\n"} {
		n := toUser()
		n.Messages = n.Messages[:1]
		n.Messages[0].Body = body
		m, err := mailout.Compose(n, identity)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.sender(t, mailout.SMTPOptions{}).Send(t.Context(), m); got.Outcome != mailout.Accepted {
			t.Errorf("%q: %+v", body, got)
		}
	}
	mails, commands := p.got()
	for _, m := range mails {
		if bare := strings.ReplaceAll(m, "\r\n", ""); strings.ContainsAny(bare, "\r\n") {
			t.Errorf("a bare line end in %q", m)
		}
	}
	for _, c := range commands {
		if strings.Contains(c, "x@y.example") {
			t.Errorf("a text became a command: %q", c)
		}
	}
	if len(mails) != 7 {
		t.Errorf("%d mails", len(mails))
	}
}
