package mailout_test

import (
	"bytes"
	"context"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recado/app/kit/mailid"
	"recado/app/server/mailout"
)

const serversScript = "../../../build/e2e/mail-servers.sh"

// startServers starts real mail servers and gives the NAME=value lines they are reached by.
func startServers(t *testing.T) map[string]string {
	t.Helper()
	dir, err := os.MkdirTemp("", "recado-mail-") // not t.TempDir: servers run as nobody, who may not enter it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if out, err := exec.Command(serversScript, "stop", dir).CombinedOutput(); err != nil {
			t.Errorf("stop: %v: %s", err, out)
		}
		_ = os.RemoveAll(dir)
	})
	start := exec.Command(serversScript, "start", dir)
	start.Env = append(os.Environ(), "RECADO_MAIL_DOMAIN="+identity.Domain)
	var complaint bytes.Buffer
	start.Stderr = &complaint
	out, err := start.Output()
	if err != nil {
		t.Fatalf("mail servers do not start: %v: %s", err, complaint.String())
	}
	found := map[string]string{}
	for l := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(l), "=")
		found[name] = value
	}
	return found
}

func sendTo(t *testing.T, port string, m mailout.Mail) mailout.Result {
	t.Helper()
	server, err := mailout.ParseServer("smtp://127.0.0.1:" + port)
	if err != nil {
		t.Fatal(err)
	}
	s := mailout.NewSMTP(server, mailout.SMTPOptions{})
	defer func() { _ = s.Close() }()
	return s.Send(t.Context(), m)
}

// arrived waits for the one mail in a Dovecot mailbox.
func arrived(t *testing.T, mailbox string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		found, err := filepath.Glob(filepath.Join(mailbox, "new", "*"))
		if err == nil && len(found) == 1 {
			raw, err := os.ReadFile(found[0])
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s holds %d mails", mailbox, len(found))
		}
	}
}

func TestRealServersTakeRefuseAndReturn(t *testing.T) {
	t.Parallel()
	at := startServers(t)
	n := toCustomer()
	n.Recipient.Address = "dana@" + identity.Domain
	m, _ := compose(t, n)

	if got := sendTo(t, at["SINK_PORT"], m); got.Outcome != mailout.Accepted {
		t.Errorf("the sink: %+v", got)
	}
	if got := sendTo(t, at["SINK_REFUSING_PORT"], m); got.Outcome != mailout.Refused || got.Code != 500 {
		t.Errorf("the refusing sink: %+v", got)
	}
	if got := sendTo(t, at["SINK_LATER_PORT"], m); got.Outcome != mailout.Later || got.Code != 450 {
		t.Errorf("the sink that says later: %+v", got)
	}

	if got := sendTo(t, at["EXIM_PORT"], m); got.Outcome != mailout.Accepted || got.ServerID == "" {
		t.Fatalf("exim: %+v", got)
	}
	letter, err := mail.ReadMessage(bytes.NewReader(arrived(t, filepath.Join(at["MAIL_DIR"], "dana"))))
	if err != nil || letter.Header.Get("Message-Id") != m.MessageID || letter.Header.Get("Subject") != n.Subject {
		t.Errorf("in the mailbox lies %v, %v", letter, err)
	}

	n.Recipient.Address = "nobody@nowhere.example"
	lost, _ := compose(t, n)
	if got := sendTo(t, at["EXIM_PORT"], lost); got.Outcome != mailout.Accepted {
		t.Fatalf("exim: %+v", got)
	}
	bounce, err := mail.ReadMessage(bytes.NewReader(arrived(t, filepath.Join(at["MAIL_DIR"], "bounce"))))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := mailid.ParseBounceAddress(bounce.Header.Get("To"), identity.ReplyDomain); !ok || got != token {
		t.Errorf("the bounce came to %q", bounce.Header.Get("To"))
	}
}
