package server_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"recado/app/desk"
	"recado/app/server"
	"recado/app/wire"
)

// relay is a mail server that hands everything on to another, which is known later, and keeps what was said to it.
type relay struct {
	net.Listener
	mu   sync.Mutex
	to   string
	said []*bytes.Buffer // by each connection that ended
	open sync.WaitGroup
}

func startRelay(t *testing.T) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r.open.Go(func() { r.pass(c) })
		}
	}()
	return r
}

func (r *relay) pass(c net.Conn) {
	defer c.Close()
	r.mu.Lock()
	to, said := r.to, new(bytes.Buffer)
	r.mu.Unlock()
	if to == "" {
		return
	}
	far, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer far.Close()
	go func() {
		io.Copy(c, far)
		c.Close()
	}()
	io.Copy(far, io.TeeReader(c, said))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, said)
}

func (r *relay) leadsTo(address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = address
}

// mails gives what was sent between DATA and the final dot, once all connections have ended.
func (r *relay) mails() (out []string) {
	r.open.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, said := range r.said {
		for _, part := range strings.Split(said.String(), "\r\nDATA\r\n")[1:] {
			mail, _, _ := strings.Cut(part, "\r\n.\r\n")
			out = append(out, strings.ReplaceAll(mail, "\r\n..", "\r\n.")+"\r\n")
		}
	}
	return out
}

func (a *agent) mailState() (s wire.MailState) {
	a.t.Helper()
	a.must(200, "GET", "/api/v1/mail/state", nil, &s)
	return s
}

// TestATestOfTheMailComesIn: it really leaves, by the team's mail server, really comes in on both ways, signed, and is
// nothing anybody must look at.
func TestATestOfTheMailComesIn(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	r := startRelay(t)
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	s := startWith(t, server.Config{Data: t.TempDir(), MailListen: "127.0.0.1:0", MailFrom: "Acme <support@acme.example>", SMTP: "smtp://" + r.Addr().String(),
		DKIMKey: key, DKIMSelector: "recado", Resolver: names{"recado._domainkey.acme.example": {record}}})
	r.leadsTo(s.mail)
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	luis.problem(403, "forbidden", "POST", "/api/v1/mail-tests", nil)
	var test wire.MailTest
	ana.must(201, "POST", "/api/v1/mail-tests", nil, &test)
	ana.problem(429, "too-often", "POST", "/api/v1/mail-tests", nil)
	luis.problem(403, "forbidden", "GET", "/api/v1/mail-tests/"+test.ID, nil)
	s.eventually("both mails come in", func() bool {
		ana.must(200, "GET", "/api/v1/mail-tests/"+test.ID, nil, &test)
		return len(test.Steps) == 2 && test.Steps[0].ArrivedAt != nil && test.Steps[1].ArrivedAt != nil && test.Steps[0].AnsweredAt != nil && test.Steps[1].AnsweredAt != nil
	})
	if test.Steps[0].Way != "team" || test.Steps[0].Address != "support@acme.example" || test.Steps[1].Way != "answers" || !strings.HasPrefix(test.Steps[1].Address, "reply+") {
		t.Errorf("the ways: %+v", test.Steps)
	}
	for _, step := range test.Steps {
		if step.Outcome != "accepted" || len(step.Findings) != 3 || step.Findings[1] != (wire.MailFinding{Check: "dkim", Result: "pass", Domain: "acme.example"}) {
			t.Errorf("%s: %+v", step.Way, step)
		}
	}
	if list := ana.held(); len(list) != 0 {
		t.Errorf("held: %+v", list)
	}
	st := luis.mailState()
	if st.From != `"Acme" <support@acme.example>` || st.Out.Server != r.Addr().String() || st.Out.DKIM != "recado._domainkey.acme.example" || st.In.Listens != s.mail {
		t.Errorf("set up as %+v", st)
	}
	if st.Out.OKAt == nil || st.Out.FailingSince != nil || st.In.ReceivedLastHour != 2 || st.In.LastReceivedAt == nil {
		t.Errorf("state %+v", st)
	}
	var page wire.Page[wire.Conversation]
	ana.must(200, "GET", "/api/v1/conversations?view=open", nil, &page)
	if len(page.Items) != 0 {
		t.Errorf("the test is a conversation: %+v", page.Items)
	}
	s.stop() // which ends the connections
	mails := r.mails()
	if len(mails) != 2 {
		t.Fatalf("%d mails left", len(mails))
	}
	for _, mail := range mails {
		found, err := dkim.VerifyWithOptions(strings.NewReader(mail), &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) { return []string{record}, nil }})
		if err != nil || len(found) != 1 || found[0].Err != nil || found[0].Domain != "acme.example" {
			t.Errorf("signatures %+v, %v", found, err)
		}
	}
}

// TestAMailServerThatIsAwayIsTold: with what went wrong, since when, and that it is over.
func TestAMailServerThatIsAwayIsTold(t *testing.T) {
	t.Parallel()
	r := startRelay(t) // it hangs up on everybody
	s := startWith(t, server.Config{Data: t.TempDir(), MailListen: "127.0.0.1:0", MailFrom: "Acme <support@acme.example>", SMTP: "smtp://" + r.Addr().String(), Resolver: names{}})
	ana := s.user("Ana", desk.Admin)
	var test wire.MailTest
	ana.must(201, "POST", "/api/v1/mail-tests", nil, &test)
	s.eventually("it fails", func() bool {
		ana.must(200, "GET", "/api/v1/mail-tests/"+test.ID, nil, &test)
		return test.Steps[0].Outcome == "later" && test.Steps[1].Outcome == "later"
	})
	if test.Steps[0].Detail == "" || test.Steps[0].ArrivedAt != nil {
		t.Errorf("%+v", test.Steps[0])
	}
	if st := ana.mailState(); st.Out.FailingSince == nil || st.Out.Problem == "" || st.Out.OKAt != nil {
		t.Errorf("state %+v", st.Out)
	}
}

// TestWithoutAMailServerTheTestSaysSo: mails lie in a folder, and that is no success.
func TestWithoutAMailServerTheTestSaysSo(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana := s.user("Ana", desk.Admin)
	var test wire.MailTest
	ana.must(201, "POST", "/api/v1/mail-tests", nil, &test)
	s.eventually("it is in the folder", func() bool {
		ana.must(200, "GET", "/api/v1/mail-tests/"+test.ID, nil, &test)
		return test.Steps[0].Outcome == "folder" && test.Steps[1].Outcome == "folder"
	})
	if st := ana.mailState(); st.Out.Kind != "folder" || st.Out.Server != "" || st.In.Listens != "" {
		t.Errorf("state %+v", st)
	}
	ana.problem(404, "not-found", "GET", "/api/v1/mail-tests/none", nil)
}
