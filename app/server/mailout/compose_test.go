package mailout_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/kit/mailid"
	"recado/app/server/mailout"
)

var update = flag.Bool("update", false, "write the golden files anew")

var identity = mailout.Identity{Brand: "Casa Verde", Address: "support@casaverde.example", Domain: "casaverde.example",
	ReplyDomain: "in.casaverde.example", Key: []byte("0123456789abcdef0123456789abcdef")}

const (
	token   = "abcdefghijklmnopqrstuvwxyz234567"
	luis    = "01980000-0000-7000-8000-000000000002"
	message = "01980000-0000-7000-8000-00000000000a"
)

func openText(s string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

func toCustomer() mailout.Notice {
	at := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	return mailout.Notice{
		Recipient:    mailout.Recipient{ID: luis, Name: "Dana Köhler", Address: "dana@kohler.example", Locale: "en-GB", Role: mailout.ToCustomer},
		Conversation: "01980000-0000-7000-8000-0000000000c1", Kind: desk.WithCustomers, Subject: "The delivery of the 14th",
		Messages: []mailout.Message{{ID: message, Author: "Ana Ruiz", At: at,
			Body:  "Hello Dana,\n\nyour parcel left **this morning**. You can follow it at https://post.example/t?a=1&b=2.\n\n- two chairs\n- one table\n\nBest wishes\nAna",
			Files: []mailout.File{{Name: "Lieferschein Größe.txt", Size: 5, Type: "text/plain", Open: openText("chair")}}}},
		Token: token, At: at.Add(time.Minute),
	}
}

func toUser() mailout.Notice {
	n := toCustomer()
	n.Recipient = mailout.Recipient{ID: luis, Name: "Luis Peña", Address: "luis@casaverde.example", Locale: "es", Role: mailout.ToUser}
	n.Kind, n.Subject, n.Link = desk.Internal, "Inventario de otoño", "https://recado.casaverde.example/c/1"
	n.InReplyTo, n.Anchor, n.References = "<last@casaverde.example>", "<anchor@casaverde.example>", []string{"<a@x.example>", "<b@x.example>"}
	n.Messages = []mailout.Message{
		{ID: "01980000-0000-7000-8000-000000000008", Author: "Ana Ruiz", At: n.At.Add(-9 * time.Minute), Edited: true,
			Body: "Hola <@" + luis + "|Luis Peña>, ¿puedes mirar el almacén?\n\n> faltan 12 sillas\n\nUsa `stock --all`:\n\n```\nstock --all --since 2026-11-01\n```"},
		{ID: "01980000-0000-7000-8000-000000000009", Author: "Marta Gil", At: n.At.Add(-5 * time.Minute), Deleted: true},
		{ID: message, Author: "Marta Gil", At: n.At.Add(-2 * time.Minute), Body: "Lo veo yo también. <b>No es HTML</b>",
			Files: []mailout.File{{Name: "plano.pdf", Size: 31_400_000, Type: "application/pdf", Link: "https://recado.casaverde.example/f/1"}}},
	}
	return n
}

func toFollower() mailout.Notice {
	n := toUser()
	n.Recipient.Role, n.Recipient.Locale, n.Item = mailout.ToFollower, "en", "01980000-0000-7000-8000-0000000000e1"
	n.Unsubscribe = "https://recado.casaverde.example/unsubscribe/abc"
	return n
}

// letter is a mail taken apart by the standard library.
type letter struct {
	header     mail.Header
	text, html string
	files      map[string]string
}

func open(t *testing.T, m mailout.Mail) letter {
	t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		t.Fatal(err)
	}
	l := letter{header: msg.Header, files: map[string]string{}}
	l.part(t, msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), "", msg.Body)
	return l
}

func (l *letter) part(t *testing.T, contentType, encoding, file string, body io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("%q: %v", contentType, err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		r := multipart.NewReader(body, params["boundary"])
		for p, err := r.NextRawPart(); err != io.EOF; p, err = r.NextRawPart() {
			if err != nil {
				t.Fatal(err)
			}
			l.part(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.FileName(), p)
		}
		return
	}
	if encoding == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	switch text := strings.ReplaceAll(string(b), "\r\n", "\n"); {
	case file != "":
		name, err := new(mime.WordDecoder).DecodeHeader(file)
		if err != nil {
			t.Fatal(err)
		}
		l.files[name] = strings.TrimSpace(text)
	case kind == "text/plain":
		l.text = text
	case kind == "text/html":
		l.html = text
	}
}

func compose(t *testing.T, n mailout.Notice) (mailout.Mail, letter) {
	t.Helper()
	m, err := mailout.Compose(n, identity)
	if err != nil {
		t.Fatal(err)
	}
	return m, open(t, m)
}

func TestMailsLookAsTheyDid(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]mailout.Notice{"customer": toCustomer(), "user": toUser(), "follower": toFollower()} {
		_, l := compose(t, n)
		var head strings.Builder
		for _, key := range []string{"From", "To", "Reply-To", "Subject", "Date", "Message-Id", "In-Reply-To", "References", "Auto-Submitted",
			"X-Auto-Response-Suppress", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "User-Agent", "X-Mailer"} {
			if v := l.header.Get(key); v != "" {
				head.WriteString(key + ": " + v + "\n")
			}
		}
		golden(t, name+".txt", head.String()+"\n"+l.text)
		golden(t, name+".html", l.html)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as it was; look at it, then run with -update. Now:\n%s", path, got)
	}
}

func TestHeadersGiveAnAnswerItsWayBack(t *testing.T) {
	t.Parallel()
	m, l := compose(t, toUser())
	again, _ := compose(t, toUser())
	if m.MessageID != again.MessageID || l.header.Get("Message-Id") != m.MessageID {
		t.Errorf("Message-ID %s, then %s, header %s", m.MessageID, again.MessageID, l.header.Get("Message-Id"))
	}
	if msg, who, ok := mailid.VerifyMessageID(identity.Key, m.MessageID, identity.Domain); !ok || msg != message || who != luis {
		t.Errorf("%s names %s for %s, %v", m.MessageID, msg, who, ok)
	}
	if got, ok := mailid.ParseBounceAddress(m.From, identity.ReplyDomain); !ok || got != token {
		t.Errorf("envelope sender %s", m.From)
	}
	if refs := l.header.Get("References"); refs != "<anchor@casaverde.example> <a@x.example> <b@x.example> "+m.MessageID+" <last@casaverde.example>" {
		t.Errorf("References: %s", refs)
	}
}

func TestReferencesStayShortAndLinesToo(t *testing.T) {
	t.Parallel()
	n := toUser()
	for i := range 500 {
		n.References = append(n.References, "<"+strings.Repeat("x", 200)+string(rune('a'+i%26))+string(rune('a'+i/26))+"@x.example>")
	}
	n.References = append(n.References, "bad id\r\nBcc: all@x.example")
	m, l := compose(t, n)
	if refs := strings.Fields(l.header.Get("References")); len(refs) != 21 || refs[0] != n.Anchor || refs[20] != n.InReplyTo {
		t.Errorf("%d references", len(refs))
	}
	for _, line := range bytes.Split(m.Raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Fatalf("a line of %d bytes, or a bare CR or LF", len(line))
		}
	}
}

func TestNothingTypedMakesAHeader(t *testing.T) {
	t.Parallel()
	for _, evil := range []string{"a\r\nBcc: all@x.example", "a\nBcc: all@x.example", "a\rBcc: x", "\u2028Bcc: x\r\n\r\nbody", "=?utf-8?q?=0D=0ABcc:_x?="} {
		n := toCustomer()
		n.Subject, n.Recipient.Name, n.Messages[0].Author, n.Messages[0].Files[0].Name = evil, evil, evil, evil
		n.InReplyTo, n.Anchor = "<"+evil+">", evil
		_, l := compose(t, n)
		if l.header.Get("Bcc") != "" || len(l.files) != 1 {
			t.Errorf("%q makes a header: %v", evil, l.header)
		}
		if _, err := l.header.AddressList("From"); err != nil {
			t.Errorf("From %q: %v", l.header.Get("From"), err)
		}
	}
}

func TestBadNoticesAreRefused(t *testing.T) {
	t.Parallel()
	gone := toCustomer()
	gone.Messages[0].Deleted = true
	nowhere := toCustomer()
	nowhere.Recipient.Address = "dana@kohler.example>\r\nRCPT TO:<x@y.example"
	for _, c := range []struct {
		n    mailout.Notice
		want error
	}{{gone, mailout.ErrNothing}, {mailout.Notice{}, mailout.ErrNothing}, {nowhere, mailout.ErrAddress}} {
		if _, err := mailout.Compose(c.n, identity); !errors.Is(err, c.want) {
			t.Errorf("got %v, want %v", err, c.want)
		}
	}
	short := toCustomer()
	short.Messages[0].Files[0].Size = 6
	if _, err := mailout.Compose(short, identity); err == nil {
		t.Error("a file that is shorter than it says is sent as if it were whole")
	}
}

func TestFilesBeyondTheRoomAreLinked(t *testing.T) {
	t.Parallel()
	n := toCustomer()
	big := strings.Repeat("x", mailout.MaxAttached-4)
	n.Messages[0].Files = []mailout.File{
		{Name: "big.bin", Size: int64(len(big)), Link: "https://r.example/f/big", Open: openText(big)},
		{Name: "late.txt", Size: 5, Link: "https://r.example/f/late", Open: openText("12345")},
		{Name: "small.txt", Size: 4, Link: "https://r.example/f/small", Open: openText("1234")},
	}
	_, l := compose(t, n)
	if _, there := l.files["late.txt"]; there || len(l.files) != 2 {
		t.Errorf("%d files attached", len(l.files))
	}
	for _, part := range []string{l.text, l.html} {
		if !strings.Contains(part, "https://r.example/f/late") || strings.Contains(part, "https://r.example/f/small") {
			t.Error("the links are not those of what is not attached")
		}
	}
}

func TestAConversationWithoutSubjectGetsOne(t *testing.T) {
	t.Parallel()
	n := toUser()
	n.Subject, n.InReplyTo = " \n", ""
	n.Messages[1].Deleted, n.Messages[1].Body = false, "x"
	_, l := compose(t, n)
	if got := l.header.Get("Subject"); got != "Mensajes de Ana Ruiz y Marta Gil" {
		t.Errorf("Subject: %s", got)
	}
}

func TestTimesNameTheirZoneAndEarlierMessagesAreTold(t *testing.T) {
	t.Parallel()
	n, id := toUser(), identity
	n.Omitted = 12
	at := n.Messages[0].At
	for zone, want := range map[*time.Location]string{
		nil: at.UTC().Format("15:04") + " UTC", time.FixedZone("CET", 3600): at.UTC().Add(time.Hour).Format("15:04") + " CET",
		time.FixedZone("-03", -3*3600): at.UTC().Add(-3*time.Hour).Format("15:04") + " UTC-3", time.FixedZone("+0530", 19800): at.UTC().Add(330*time.Minute).Format("15:04") + " UTC+5:30",
	} {
		id.Zone = zone
		m, err := mailout.Compose(n, id)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(m.Raw), "=\r\n", "")
		if !strings.Contains(text, want) || strings.Count(text, "12 mensajes anteriores") != 2 {
			t.Errorf("no %q, or no word of earlier messages", want)
		}
	}
}

// TestATryMoreIsTheSameMail: below the header not a byte differs, so that who compares copies sees one mail.
func TestATryMoreIsTheSameMail(t *testing.T) {
	t.Parallel()
	below := func(n mailout.Notice) []byte {
		m, err := mailout.Compose(n, identity)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := bytes.Cut(m.Raw, []byte("\r\n\r\n"))
		return body
	}
	n := toCustomer()
	first := below(n)
	n.Token, n.At = mailid.NewToken(), n.At.Add(time.Hour)
	if again := below(n); !bytes.Equal(first, again) {
		t.Errorf("the first time\n%s\nand again\n%s", first, again)
	}
	if boundaries := bytes.Count(first, []byte("--\r\n")); boundaries < 2 {
		t.Fatalf("%d multiparts end, want two or more", boundaries)
	}
	n.Messages[0].ID = luis
	if bytes.Equal(first, below(n)) {
		t.Error("another mail has the same boundaries")
	}
}

// TestAMailDoesNotVouchForWhomNothingProves: what goes on to others under the team's address says so, in From and above
// the text.
func TestAMailDoesNotVouchForWhomNothingProves(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{"en": "Eve (unverified sender)", "es": "Eve (remitente no verificado)"} {
		n := toCustomer()
		n.Recipient.Locale = locale
		n.Messages = []mailout.Message{{ID: "m", Author: "Eve", At: n.At, Body: "Pay here", Unproven: true}}
		m, _ := compose(t, n)
		raw := strings.ReplaceAll(string(m.Raw), "=\r\n", "")
		if got := strings.Count(raw, want); got < 3 {
			t.Errorf("%s: said %d times in\n%s", locale, got, raw)
		}
	}
}
