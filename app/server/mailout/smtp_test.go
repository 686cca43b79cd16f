package mailout_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recado/app/server/mailout"
)

// postbox is a mail server that does as it is told: answers maps a command to what it says, "" hangs up and "…" says
// nothing at all. "." is the answer to a whole mail.
type postbox struct {
	net.Listener
	answers map[string]string
	perConn int64 // hang up after so many mails; 0: never

	connections atomic.Int64
	mu          sync.Mutex
	mails       []string
	commands    []string
}

func newPostbox(t testing.TB, answers map[string]string) *postbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postbox{Listener: l, answers: answers}
	t.Cleanup(func() { _ = l.Close() })
	return p
}

func (p *postbox) start() *postbox {
	go func() {
		for {
			conn, err := p.Accept()
			if err != nil {
				return
			}
			p.connections.Add(1)
			go p.serve(conn)
		}
	}()
	return p
}

func (p *postbox) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	if !p.answer(conn, "GREETING", "220 here") {
		return
	}
	for mails := int64(0); p.perConn == 0 || mails < p.perConn; {
		command, err := r.ReadString('\n')
		if err != nil {
			return
		}
		p.mu.Lock()
		p.commands = append(p.commands, strings.TrimSpace(command))
		p.mu.Unlock()
		verb := strings.ToUpper(strings.Fields(command + " ?")[0])
		usual := "250 ok"
		if verb == "DATA" {
			usual = "354 go on"
		}
		if !p.answer(conn, verb, usual) {
			return
		}
		if answer, told := p.answers[verb]; verb == "DATA" && (!told || strings.HasPrefix(answer, "354")) {
			if !p.take(conn, r) {
				return
			}
			mails++
		}
	}
}

// take reads a mail up to its final dot.
func (p *postbox) take(conn net.Conn, r *bufio.Reader) bool {
	var b strings.Builder
	for {
		s, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if s == ".\r\n" {
			break
		}
		b.WriteString(strings.TrimPrefix(s, "."))
	}
	p.mu.Lock()
	p.mails = append(p.mails, b.String())
	p.mu.Unlock()
	return p.answer(conn, ".", "250 2.0.0 Ok: queued as 4F2A1")
}

func (p *postbox) answer(conn net.Conn, to, usual string) bool {
	said, told := p.answers[to]
	switch {
	case !told:
		said = usual
	case said == "":
		return false
	case said == "…":
		_, _ = conn.Read(make([]byte, 1)) // until the other side gives up
		return false
	}
	_, err := fmt.Fprintf(conn, "%s\r\n", said)
	return err == nil
}

// got gives the mails and commands that have come.
func (p *postbox) got() (mails, commands []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.mails), slices.Clone(p.commands)
}

func (p *postbox) sender(t testing.TB, options mailout.SMTPOptions) *mailout.SMTP {
	t.Helper()
	server, err := mailout.ParseServer("smtp://" + p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := mailout.NewSMTP(server, options)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

var small = mailout.Mail{From: "bounce@a.example", To: "dana@b.example", MessageID: "<1@a.example>",
	Raw: []byte("From: a@a.example\r\nSubject: x\r\n\r\n.dot\r\nbody\r\n")}

func TestEveryAnswerHasItsOutcome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers map[string]string
		want    mailout.Outcome
		code    int
	}{
		"accepted":               {nil, mailout.Accepted, 250},
		"mailbox unknown":        {map[string]string{"RCPT": "550 5.1.1 nobody"}, mailout.Refused, 550},
		"sender unknown":         {map[string]string{"RCPT": "550 5.1.8 who are you"}, mailout.Refused, 550},
		"greylisted":             {map[string]string{"RCPT": "450 4.2.0 come back"}, mailout.Later, 450},
		"sender refused":         {map[string]string{"MAIL": "553 no"}, mailout.Refused, 553},
		"sign in first":          {map[string]string{"MAIL": "530 5.7.0 sign in"}, mailout.Later, 530},
		"no data":                {map[string]string{"DATA": "451 not now"}, mailout.Later, 451},
		"spam":                   {map[string]string{".": "554 5.7.1 no\r\n"}, mailout.Refused, 554},
		"disk full":              {map[string]string{".": "452 full"}, mailout.Later, 452},
		"closed to everybody":    {map[string]string{"GREETING": "554 no service"}, mailout.Later, 554},
		"dies at greeting":       {map[string]string{"GREETING": ""}, mailout.Later, 0},
		"dies at recipient":      {map[string]string{"RCPT": ""}, mailout.Later, 0},
		"dies before the mail":   {map[string]string{"DATA": ""}, mailout.Later, 0},
		"dies after the mail":    {map[string]string{".": ""}, mailout.Unknown, 0},
		"silent after the mail":  {map[string]string{".": "…"}, mailout.Unknown, 0},
		"half an answer":         {map[string]string{".": "2"}, mailout.Unknown, 0},
		"silent at greeting":     {map[string]string{"GREETING": "…"}, mailout.Later, 0},
		"silent at recipient":    {map[string]string{"RCPT": "…"}, mailout.Later, 0},
		"shuts down on the mail": {map[string]string{".": "421 going"}, mailout.Later, 421},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPostbox(t, c.answers).start()
			s := p.sender(t, mailout.SMTPOptions{Timeout: 200 * time.Millisecond, DataTimeout: 200 * time.Millisecond})
			got := s.Send(t.Context(), small)
			if got.Outcome != c.want || got.Code != c.code {
				t.Errorf("got %+v, want %s %d", got, c.want, c.code)
			}
			if away := c.code == 0 || c.code == 421 || c.code == 530 || name == "closed to everybody"; got.Away != away {
				t.Errorf("got %+v: is the server away?", got)
			}
			if nobody := name == "mailbox unknown"; got.NoMailbox() != nobody {
				t.Errorf("got %+v: is there a mailbox?", got)
			}
			if mails, _ := p.got(); c.want == mailout.Accepted && (got.ServerID != "4F2A1" || mails[0] != string(small.Raw)) {
				t.Errorf("server id %q, mail %q", got.ServerID, mails)
			}
		})
	}
}

func TestNobodyThereMeansLater(t *testing.T) {
	t.Parallel()
	p := newPostbox(t, nil)
	s := p.sender(t, mailout.SMTPOptions{})
	_ = p.Close()
	if got := s.Send(t.Context(), small); got.Outcome != mailout.Later || !got.Away {
		t.Errorf("got %+v", got)
	}
}

func TestConnectionsAreKeptAndReplaced(t *testing.T) {
	t.Parallel()
	p := newPostbox(t, nil)
	p.perConn = 10
	p.start()
	s := p.sender(t, mailout.SMTPOptions{Connections: 1})
	for range 30 {
		if got := s.Send(t.Context(), small); got.Outcome != mailout.Accepted {
			t.Fatalf("got %+v", got)
		}
	}
	mails, _ := p.got()
	if n := p.connections.Load(); n != 3 || len(mails) != 30 {
		t.Errorf("%d connections for %d mails", n, len(mails))
	}
}

func TestARefusedRecipientCostsNoConnection(t *testing.T) {
	t.Parallel()
	p := newPostbox(t, map[string]string{"RCPT": "550 no"}).start()
	s := p.sender(t, mailout.SMTPOptions{})
	for range 5 {
		if got := s.Send(t.Context(), small); got.Outcome != mailout.Refused {
			t.Fatalf("got %+v", got)
		}
	}
	if n := p.connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestStoppingBreaksOffAtOnce(t *testing.T) {
	t.Parallel()
	p := newPostbox(t, map[string]string{"RCPT": "…"}).start()
	s := p.sender(t, mailout.SMTPOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got := s.Send(ctx, small); got.Outcome != mailout.Later {
		t.Errorf("got %+v", got)
	}
	_ = s.Close()
	if got := s.Send(t.Context(), small); got.Outcome != mailout.Later {
		t.Errorf("a closed sender gives %+v", got)
	}
}

func TestNoCommandHidesInAnAddress(t *testing.T) {
	t.Parallel()
	p := newPostbox(t, nil).start()
	m := small
	m.To = "x@b.example>\r\nRCPT TO:<y@b.example"
	if got := p.sender(t, mailout.SMTPOptions{}).Send(t.Context(), m); got.Outcome != mailout.Refused || p.connections.Load() != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestWithoutStartTLSNothingIsSaid(t *testing.T) {
	t.Parallel()
	p := newPostbox(t, map[string]string{"EHLO": "250-here\r\n250 AUTH PLAIN"}).start()
	server, err := mailout.ParseServer("smtp+starttls://ana:secret@" + p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := mailout.NewSMTP(server, mailout.SMTPOptions{})
	defer func() { _ = s.Close() }()
	got := s.Send(t.Context(), small)
	if _, said := p.got(); got.Outcome != mailout.Later || len(said) != 1 || !strings.Contains(got.Detail, "STARTTLS") {
		t.Errorf("got %+v after %q", got, said)
	}
}

func TestServersAreWrittenInOneWay(t *testing.T) {
	t.Parallel()
	got, err := mailout.ParseServer("smtp+starttls://ana%40x.example:p%3Aw@mail.example:2587")
	if want := (mailout.Server{Host: "mail.example", Port: "2587", User: "ana@x.example", Password: "p:w", StartTLS: true}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"", "mail.example:25", "http://mail.example", "smtp://", "smtp://ana:secret@mail.example", "smtps://h/x",
		"smtp://ana:sec\x7fret@h"} {
		if _, err := mailout.ParseServer(bad); err == nil || strings.Contains(err.Error(), "sec") && !strings.Contains(err.Error(), "unencrypted") {
			t.Errorf("%q gives %v", bad, err)
		}
	}
}

// BenchmarkSend10000 sends ten thousand mails over four connections to a server that keeps nothing.
func BenchmarkSend10000(b *testing.B) {
	p := newPostbox(b, nil).start()
	s := p.sender(b, mailout.SMTPOptions{})
	m, err := mailout.Compose(toUser(), identity)
	if err != nil {
		b.Fatal(err)
	}
	const mails = 10_000
	for b.Loop() {
		var wg sync.WaitGroup
		var next atomic.Int64
		for range 4 {
			wg.Go(func() {
				for next.Add(1) <= mails {
					if got := s.Send(b.Context(), m); got.Outcome != mailout.Accepted {
						b.Errorf("got %+v", got)
						return
					}
				}
			})
		}
		wg.Wait()
		p.mu.Lock()
		p.mails, p.commands = nil, nil
		p.mu.Unlock()
	}
	b.ReportMetric(mails*float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}

// TestPathsHaveBrackets: RFC 5321, 4.1.2 wants them, and strict servers refuse an address without.
func TestPathsHaveBrackets(t *testing.T) {
	t.Parallel()
	p := newPostbox(t, nil).start()
	if r := p.sender(t, mailout.SMTPOptions{}).Send(context.Background(), small); r.Outcome != mailout.Accepted {
		t.Fatalf("%+v", r)
	}
	_, commands := p.got()
	for _, want := range []string{"MAIL FROM:<" + small.From + ">", "RCPT TO:<" + small.To + ">"} {
		if !slices.Contains(commands, want) {
			t.Errorf("no %q in %q", want, commands)
		}
	}
}

// TestAMailThatMayNotLeaveIsNotTaken: its last byte does not leave, so that no server keeps it.
func TestAMailThatMayNotLeaveIsNotTaken(t *testing.T) {
	t.Parallel()
	p := newPostbox(t, nil).start()
	host, port, _ := net.SplitHostPort(p.Addr().String())
	s := mailout.NewSMTP(mailout.Server{Host: host, Port: port}, mailout.SMTPOptions{})
	defer s.Close()
	m := mailout.Mail{From: "a@b.example", To: "c@d.example", Raw: []byte("Subject: x\r\n\r\ny\r\n"), Still: func() bool { return false }}
	if r := s.Send(t.Context(), m); r.Outcome != mailout.Later {
		t.Errorf("%+v", r)
	}
	m.Still = func() bool { return true }
	if r := s.Send(t.Context(), m); r.Outcome != mailout.Accepted {
		t.Errorf("then %+v", r)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.mails) != 1 {
		t.Errorf("the server has %d mails, want the second alone", len(p.mails))
	}
}
