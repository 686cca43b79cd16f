package mailin

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/smtp"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recado/app/server/filestore"
)

// noted is a store in memory that mails are noted in, and nothing else.
type noted struct {
	Store
	mu    sync.Mutex
	mails []Mail
}

func (n *noted) AddMail(_ context.Context, m Mail) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.mails = append(n.mails, m)
	return nil
}

func (n *noted) all() []Mail {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]Mail(nil), n.mails...)
}

type listening struct {
	t testing.TB
	*Listener
	noted *noted
	files *filestore.Store
}

// listen takes mails at an address of this machine, by LMTP where the scheme says so.
func listen(t testing.TB, scheme string) *listening {
	t.Helper()
	files, err := filestore.Open(t.TempDir(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var last atomic.Int64
	l := &listening{t: t, noted: &noted{}, files: files}
	s := New(Config{Store: l.noted, Files: files, Ours: acme, Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		NewID: func() string { return fmt.Sprintf("01234567-89ab-7cde-8f01-%012x", last.Add(1)) }})
	if l.Listener, err = s.Listen(scheme + "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- l.Serve() }()
	t.Cleanup(func() {
		l.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		files.Close()
	})
	return l
}

// bytesOf gives the mails that were taken, as they lie on disk.
func (l *listening) bytesOf() (out []string) {
	l.t.Helper()
	for _, m := range l.noted.all() {
		f, err := l.files.Open(m.ID)
		if err != nil {
			l.t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			l.t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

// client speaks SMTP word for word.
type client struct {
	t testing.TB
	net.Conn
	in *bufio.Reader
}

func (l *listening) dial() *client {
	l.t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	return &client{l.t, conn, bufio.NewReader(conn)}
}

func (c *client) say(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

// hear gives the code of the next answer; empty where the connection ended.
func (c *client) hear() string {
	c.t.Helper()
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return ""
		}
		if len(line) > 3 && line[3] == ' ' {
			return line[:3]
		}
	}
}

func (c *client) expect(code string) {
	c.t.Helper()
	if got := c.hear(); got != code {
		c.t.Fatalf("answered %q, want %s", got, code)
	}
}

// begins a mail, up to the answer to DATA.
func (c *client) begins() {
	c.t.Helper()
	c.expect("220")
	c.say("EHLO test\r\n")
	c.expect("250")
	c.mails()
}

func (c *client) mails() {
	c.t.Helper()
	for _, line := range []string{"MAIL FROM:<a@b.example>", "RCPT TO:<support@acme.example>"} {
		c.say(line + "\r\n")
		c.expect("250")
	}
	c.say("DATA\r\n")
	c.expect("354")
}

// smuggled is what a second mail would be, to a server that takes what is before it for the end of the first.
const smuggled = "MAIL FROM:<admin@acme.example>\r\nRCPT TO:<support@acme.example>\r\nDATA\r\nFrom: admin@acme.example\r\n\r\nsmuggled\r\n"

func TestOnlyOneLineEndsAMail(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]string{
		"LF . LF": "\n.\n", "LF . CR LF": "\n.\r\n", "CR LF . LF": "\r\n.\n", "CR . CR": "\r.\r", "CR . CR LF": "\r.\r\n", "CR LF . CR": "\r\n.\r",
		"CR LF . CR CR LF": "\r\n.\r\r\n", "LF CR . CR LF": "\n\r.\r\n", "CR LF NUL . CR LF": "\r\n\x00.\r\n", "LF . CR CR LF": "\n.\r\r\n", "CR LF . . CR LF": "\r\n..\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listen(t, "")
			c := l.dial()
			c.begins()
			c.say("Subject: x\r\n\r\nfirst" + end + smuggled + "\r\n.\r\nQUIT\r\n")
			c.expect("250")
			c.expect("221")
			want := "Subject: x\r\n\r\nfirst" + strings.Replace(end, "\r\n.", "\r\n", 1) + smuggled + "\r\n"
			if got := l.bytesOf(); len(got) != 1 || got[0] != want {
				t.Errorf("%d mails: %q, want %q", len(got), got, want)
			}
		})
	}
}

func TestAMailEndsWhateverStandsBefore(t *testing.T) {
	t.Parallel()
	l := listen(t, "")
	c := l.dial()
	c.begins()
	bodies := []string{"x\r\r\n", "x\r\r\r\n", "bare\nfeeds\n\r\n", "bare\rreturns\r\r\n", "", "\r\n", "\r\r\n", ".\r\n", "..\r\n", ".\r\r\n", ".x\r\n", "\x00\r\n", "\n\r\n", "\r\n\r\n"}
	for i, body := range bodies {
		if i > 0 {
			c.mails()
		}
		doubled := strings.ReplaceAll("\r\n"+body, "\r\n.", "\r\n..")[2:]
		c.say(doubled + ".\r\n")
		c.expect("250")
		if got := l.bytesOf(); len(got) != i+1 || got[i] != body {
			t.Fatalf("after %q: %q", body, got[i:])
		}
	}
}

func TestWhoEndsAMailWronglyHearsItSoon(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"", "lmtp://"} {
		for _, end := range []string{"\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r"} {
			t.Run(scheme+fmt.Sprintf("%q", end), func(t *testing.T) {
				t.Parallel()
				l := listen(t, scheme)
				c := l.dial()
				c.expect("220")
				c.say(map[string]string{"": "EHLO test\r\n", "lmtp://": "LHLO test\r\n"}[scheme])
				c.expect("250")
				c.mails()
				begun := time.Now()
				c.say("Subject: x\n\nfirst" + end)
				c.expect("554")
				if took := time.Since(begun); took > 4*dotPatience {
					t.Errorf("answered after %v", took)
				}
				if got := c.hear(); got != "" {
					t.Errorf("goes on with %q", got)
				}
				if got := l.noted.all(); len(got) != 0 {
					t.Errorf("%d mails were taken", len(got))
				}
			})
		}
	}
}

func TestAMailInPiecesIsWhole(t *testing.T) {
	t.Parallel()
	l := listen(t, "")
	c := l.dial()
	c.begins()
	for _, b := range []byte("Subject: x\r\n\r\n..a.\r\nb\r\n.\r\nNOOP\r\n") {
		c.say(string(b))
	}
	c.expect("250")
	c.expect("250")
	if got := l.bytesOf(); len(got) != 1 || got[0] != "Subject: x\r\n\r\n.a.\r\nb\r\n" {
		t.Errorf("%q", got)
	}
}

func TestCommandsPipelinedWithDataAreTheMail(t *testing.T) {
	t.Parallel()
	l := listen(t, "")
	c := l.dial()
	c.expect("220")
	c.say("EHLO test\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@acme.example>\r\nDATA\r\nQUIT\r\n.\r\nNOOP\r\n")
	for _, code := range []string{"250", "250", "250", "354", "250", "250"} {
		c.expect(code)
	}
	if got := l.bytesOf(); len(got) != 1 || got[0] != "QUIT\r\n" {
		t.Errorf("%q", got)
	}
}

func TestChunksAreTaken(t *testing.T) {
	t.Parallel()
	l := listen(t, "")
	c := l.dial()
	c.expect("220")
	c.say("EHLO test\r\n")
	c.expect("250")
	c.say("MAIL FROM:<a@b.example> BODY=BINARYMIME\r\nRCPT TO:<support@acme.example>\r\nBDAT 6\r\na\n.\r\nbBDAT 3 LAST\r\n\r\n.NOOP\r\n")
	for range 5 {
		c.expect("250")
	}
	if got := l.bytesOf(); len(got) != 1 || got[0] != "a\n.\r\nb\r\n." {
		t.Errorf("%q", got)
	}
}

func TestTooLargeIsToldAtOnceAndWhileItComes(t *testing.T) {
	t.Parallel()
	l := listen(t, "")
	c := l.dial()
	c.expect("220")
	c.say("EHLO test\r\nMAIL FROM:<a@b.example> SIZE=41943040\r\n")
	c.expect("250")
	c.expect("552")
	c.mails()
	chunk := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 1<<10)
	for sent := 0; sent < 40<<20; sent += len(chunk) {
		c.say(chunk)
	}
	c.say(".\r\n")
	c.expect("552")
	c.mails() // the connection is good for more
	c.say("Subject: small\r\n.\r\n")
	c.expect("250")
	if got := l.noted.all(); len(got) != 1 || got[0].Size != 16 {
		t.Errorf("%+v", got)
	}
}

func TestManyRecipientsAndUnknownOnes(t *testing.T) {
	t.Parallel()
	l := listen(t, "")
	c := l.dial()
	c.expect("220")
	c.say("EHLO test\r\nMAIL FROM:<a@b.example>\r\n")
	c.expect("250")
	c.expect("250")
	codes := map[string]int{}
	for i := range 1000 {
		c.say(fmt.Sprintf("RCPT TO:<support+%d@acme.example>\r\n", i))
		codes[c.hear()]++
	}
	if codes["250"] != mostRecipients || codes["452"] != 1000-mostRecipients {
		t.Errorf("%v", codes)
	}
	c.say("RSET\r\nMAIL FROM:<a@b.example>\r\n")
	c.expect("250")
	c.expect("250")
	for i := range mostRefused {
		c.say(fmt.Sprintf("RCPT TO:<nobody%d@acme.example>\r\n", i))
		c.expect("550")
	}
	c.say("RCPT TO:<nobody@acme.example>\r\n")
	c.expect("421")
	if got := c.hear(); got != "" {
		t.Errorf("goes on with %q", got)
	}
}

func TestTwoHundredConnections(t *testing.T) {
	t.Parallel()
	l := listen(t, "")
	clients := make([]*client, 200)
	for i := range clients {
		clients[i] = l.dial()
	}
	var open []*client
	for _, c := range clients {
		switch code := c.hear(); code {
		case "220":
			open = append(open, c)
		case "421":
		default:
			t.Fatalf("greeted with %q", code)
		}
	}
	if len(open) != mostConnections {
		t.Errorf("%d connections", len(open))
	}
	for _, c := range open {
		c.say("EHLO test\r\n")
		c.expect("250")
		c.mails()
		c.say("Subject: x\r\n.\r\nQUIT\r\n")
		c.expect("250")
		c.expect("221")
		c.Close()
	}
	if got := len(l.noted.all()); got != len(open) {
		t.Errorf("%d mails", got)
	}
	var c *client
	for begun := time.Now(); ; { // a place is free when its connection was seen to end
		if c = l.dial(); c.hear() == "220" {
			break
		}
		if time.Since(begun) > 10*time.Second {
			t.Fatal("no place became free")
		}
	}
	c.say("EHLO test\r\n")
	c.expect("250")
}

// deadlines notes for how long a connection is waited for.
type deadlines struct {
	net.Conn
	asked []time.Duration
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.asked = append(d.asked, time.Until(t).Round(time.Second))
	return nil
}

func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	places := &fewer{open: map[string]int{}}
	d := &deadlines{}
	w := newWire(d, places, func() {})
	w.SetReadDeadline(time.Now().Add(linePatience))
	places.all = mostConnections/2 + 1
	w.SetReadDeadline(time.Now().Add(linePatience))
	w.until = time.Now().Add(3 * time.Second)
	w.SetReadDeadline(time.Now().Add(linePatience))
	if want := []time.Duration{linePatience, hurried, 3 * time.Second}; fmt.Sprint(d.asked) != fmt.Sprint(want) {
		t.Errorf("waits %v, want %v", d.asked, want)
	}
}

func TestASlowMailIsNotWaitedForForever(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	defer here.Close()
	w := newWire(there, &fewer{open: map[string]int{}}, func() {})
	m := w.mail()
	w.until = time.Now().Add(100 * time.Millisecond)
	go func() {
		for { // never silent for long, never done
			if _, err := here.Write([]byte("x")); err != nil {
				return
			}
		}
	}()
	if _, err := io.Copy(io.Discard, m); err != errSlow {
		t.Errorf("ended with %v", err)
	}
	there.Close()
}

func TestLMTPAnswersForEachRecipient(t *testing.T) {
	t.Parallel()
	l := listen(t, "lmtp://")
	c := l.dial()
	c.expect("220")
	c.say("LHLO test\r\nMAIL FROM:<>\r\nRCPT TO:<support@acme.example>\r\nRCPT TO:<support+2@acme.example>\r\nDATA\r\n")
	for _, code := range []string{"250", "250", "250", "250", "354"} {
		c.expect(code)
	}
	c.say("Subject: x\r\n.\r\n")
	c.expect("250")
	c.expect("250")
	if got := l.noted.all(); len(got) != 1 || len(got[0].Envelope.To) != 2 {
		t.Errorf("%+v", got)
	}
}

func TestSwaksIsUnderstood(t *testing.T) {
	t.Parallel()
	l := listen(t, "")
	out, err := exec.Command("swaks", "--server", l.Addr().String(), "--from", "nora@shop.example", "--to", "support@acme.example", "--pipeline",
		"--helo", "shop.example", "--body", "one\n.\n..two\n", "--header", "Subject: from swaks").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := l.noted.all()
	if len(got) != 1 || got[0].Envelope.From != "nora@shop.example" || got[0].Envelope.Helo != "shop.example" {
		t.Fatalf("%+v", got)
	}
	if raw := l.bytesOf()[0]; !strings.Contains(raw, "\r\none\r\n.\r\n..two\r\n") || strings.Contains(strings.ReplaceAll(raw, "\r\n", ""), "\n") {
		t.Errorf("%q", raw)
	}
}

func FuzzMailReader(f *testing.F) {
	f.Add("a\r\n..b\r\n.\r\nQUIT\r\n", 3)
	f.Add("\n.\r\n\r\r\n.\r\n", 0)
	f.Add(".\r\n", 2)
	f.Fuzz(func(t *testing.T, sent string, size int) {
		here, there := net.Pipe()
		go func() {
			io.WriteString(here, sent)
			here.Close()
		}()
		w := newWire(there, &fewer{open: map[string]int{}}, func() {})
		m := w.mail()
		var got bytes.Buffer
		_, err := io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{m}, make([]byte, 1+min(max(size, 0), 100)))
		end := strings.Index("\r\n"+sent, "\r\n.\r\n")
		if (end >= 0) != (err == nil) {
			t.Fatalf("%q: %v", sent, err)
		}
		if end < 0 {
			return
		}
		want := strings.TrimPrefix(strings.ReplaceAll("\r\n"+("\r\n" + sent)[2:max(end, 0)+2], "\r\n.", "\r\n"), "\r\n")
		if got.String() != want {
			t.Fatalf("%q gives %q, want %q", sent, got.String(), want)
		}
		rest, _ := io.ReadAll(struct{ io.Reader }{w})
		if after := ("\r\n" + sent)[end+5:]; string(rest) != after {
			t.Fatalf("%q leaves %q, want %q", sent, rest, after)
		}
	})
}

// TestFortyLargeMailsAtOnce goes through the standard library's client, which waits for nobody.
func TestFortyLargeMailsAtOnce(t *testing.T) {
	t.Parallel()
	l := listen(t, "")
	mail := []byte("Subject: large\r\n\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", 4<<10))
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if err := smtp.SendMail(l.Addr().String(), nil, "a@b.example", []string{"support@acme.example"}, mail); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, m := range l.noted.all() {
		if m.Size != int64(len(mail)) {
			t.Errorf("%d bytes", m.Size)
		}
	}
	if got := len(l.noted.all()); got != 40 {
		t.Errorf("%d mails", got)
	}
}
