package mailin

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"recado/app/kit/letter"
)

// zone is a small world of DNS. Names that are not in it do not exist; those in slow answer when the asker gave up.
type zone struct {
	txt  map[string]string
	slow map[string]bool
	down map[string]bool
}

func (z zone) LookupTXT(ctx context.Context, name string) ([]string, error) {
	name = strings.TrimSuffix(name, ".")
	if z.slow[name] {
		<-ctx.Done()
		return nil, &net.DNSError{Err: "i/o timeout", Name: name, IsTimeout: true, IsTemporary: true}
	}
	if z.down[name] {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	}
	if t, ok := z.txt[name]; ok {
		return []string{t}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (z zone) LookupMX(context.Context, string) ([]*net.MX, error) { return nil, nowhere }

func (z zone) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) { return nil, nowhere }

func (z zone) LookupAddr(context.Context, string) ([]string, error) { return nil, nowhere }

var nowhere = &net.DNSError{Err: "no such host", IsNotFound: true}

const unsigned = "From: Nora <nora@shop.example>\r\nTo: support@acme.example\r\nSubject: Lamp\r\nMessage-ID: <1@shop.example>\r\n\r\nIt broke.\r\n"

// signer makes keys, notes them in a zone, and signs.
type signer struct {
	t   *testing.T
	txt map[string]string
}

func (s signer) sign(domain string, heads ...string) string {
	s.t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.txt["k._domainkey."+domain] = "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	var out bytes.Buffer
	if err := dkim.Sign(&out, strings.NewReader(unsigned), &dkim.SignOptions{Domain: domain, Selector: "k", Signer: private, HeaderKeys: heads}); err != nil {
		s.t.Fatal(err)
	}
	return out.String()
}

func (s *Service) proofOf(t *testing.T, raw string, e Envelope) proof {
	t.Helper()
	l, err := letter.Parse([]byte(raw), letter.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	a := &arrival{mail: &Mail{Envelope: e}, raw: []byte(raw), letter: l}
	a.from, _ = l.Sender()
	return s.prove(t.Context(), a)
}

func TestSendersAreProven(t *testing.T) {
	t.Parallel()
	const reject, spfOK, spfNo = "v=DMARC1; p=reject", "v=spf1 ip4:192.0.2.1 -all", "v=spf1 -all"
	direct := Envelope{From: "nora@shop.example", Remote: "192.0.2.1", Helo: "mx.shop.example"}
	from := func(path string) Envelope { e := direct; e.From = path; return e }
	fetched := Envelope{Mailbox: "INBOX"}
	found := func(server, verdict string) string {
		return "Authentication-Results: " + server + "; dmarc=" + verdict + " header.from=shop.example\r\n"
	}
	heads := []string{"From", "To", "Subject"}
	for name, c := range map[string]struct {
		mail func(signer) string // nil: unsigned
		txt  map[string]string
		slow []string
		down []string
		env  Envelope
		want proof
	}{
		"nothing is said":             {env: direct, want: unproven},
		"its host is its domain's":    {txt: map[string]string{"shop.example": spfOK}, env: direct, want: proven},
		"another host":                {txt: map[string]string{"shop.example": spfNo}, env: direct, want: unproven},
		"another host, and DMARC":     {txt: map[string]string{"shop.example": spfNo, "_dmarc.shop.example": reject}, env: direct, want: disproven},
		"DMARC alone":                 {txt: map[string]string{"_dmarc.shop.example": reject}, env: direct, want: disproven},
		"the path is a subdomain":     {txt: map[string]string{"bounces.shop.example": spfOK}, env: from("b@bounces.shop.example"), want: proven},
		"the path is somebody else":   {txt: map[string]string{"evil.example": spfOK}, env: from("x@evil.example"), want: unproven},
		"somebody else's, and DMARC":  {txt: map[string]string{"evil.example": spfOK, "_dmarc.shop.example": reject}, env: from("x@evil.example"), want: disproven},
		"no path, its own name":       {txt: map[string]string{"mx.shop.example": spfOK}, env: from(""), want: proven},
		"signed":                      {mail: func(s signer) string { return s.sign("shop.example", heads...) }, env: direct, want: proven},
		"signed, DMARC, another host": {mail: func(s signer) string { return s.sign("shop.example", heads...) }, txt: map[string]string{"_dmarc.shop.example": reject, "evil.example": spfOK}, env: from("x@evil.example"), want: proven},
		"signed by its organisation":  {mail: func(s signer) string { return s.sign("mail.shop.example", heads...) }, env: direct, want: proven},
		"signed by somebody else":     {mail: func(s signer) string { return s.sign("evil.example", heads...) }, txt: map[string]string{"_dmarc.shop.example": reject}, env: direct, want: disproven},
		"changed after it was signed": {mail: func(s signer) string { return strings.Replace(s.sign("shop.example", heads...), "broke", "works", 1) }, txt: map[string]string{"_dmarc.shop.example": reject}, env: direct, want: disproven},
		"a From after it was signed": {mail: func(s signer) string {
			return strings.Replace(s.sign("evil.example", heads...), "nora@shop", "luis@shop", 1)
		}, env: direct, want: unproven},
		"the key does not answer":   {mail: func(s signer) string { return s.sign("shop.example", heads...) }, txt: map[string]string{"_dmarc.shop.example": reject}, down: []string{"k._domainkey.shop.example"}, env: direct, want: unproven},
		"SPF does not answer":       {txt: map[string]string{"_dmarc.shop.example": reject}, down: []string{"shop.example"}, env: direct, want: unproven},
		"DMARC does not answer":     {down: []string{"_dmarc.shop.example"}, env: direct, want: unproven},
		"SPF is slow":               {txt: map[string]string{"_dmarc.shop.example": reject}, slow: []string{"shop.example"}, env: direct, want: unproven},
		"the key is slow":           {mail: func(s signer) string { return s.sign("shop.example", heads...) }, slow: []string{"k._domainkey.shop.example"}, env: direct, want: unproven},
		"direct, says it is proven": {mail: func(signer) string { return found("acme.example", "pass") + unsigned }, txt: map[string]string{"_dmarc.shop.example": reject}, env: direct, want: disproven},
		"our server: proven":        {mail: func(signer) string { return found("mx.google.com", "pass") + unsigned }, env: fetched, want: proven},
		"our server: forged":        {mail: func(signer) string { return found("mx.google.com", "fail") + found("mx.google.com", "pass") + unsigned }, env: fetched, want: disproven},
		"a stranger above our server": {mail: func(signer) string {
			return found("mx.evil.example", "pass") + found("mx.google.com", "pass") + unsigned
		}, env: fetched, want: unproven},
		"a forged one under our own's": {mail: func(signer) string { return found("mx.google.com", "none") + found("mx.google.com", "pass") + unsigned }, env: fetched, want: unproven},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z := zone{txt: map[string]string{}, slow: map[string]bool{}, down: map[string]bool{}}
				raw := unsigned
				if c.mail != nil {
					raw = c.mail(signer{t, z.txt})
				}
				for name, text := range c.txt {
					z.txt[name] = text
				}
				for _, name := range c.slow {
					z.slow[name] = true
				}
				for _, name := range c.down {
					z.down[name] = true
				}
				begun := time.Now()
				if got := New(Config{Ours: acme, Resolver: z}).proofOf(t, raw, c.env); got != c.want {
					t.Errorf("got %d, want %d", got, c.want)
				}
				if took := time.Since(begun); took > dnsPatience || (len(c.slow) > 0) != (took == dnsPatience) {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}
