package mailout

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// Outcome is what became of a try to send.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted" // somebody else answers for the mail now
	Refused  Outcome = "refused"  // for good: trying again would be refused again
	Later    Outcome = "later"    // not taken now: try again with the same mail
	// Unknown means that the whole mail was handed over and the answer was lost. It may have been taken: a further try
	// must carry the same Message-ID, and may be a second copy.
	Unknown Outcome = "unknown"
)

// Result is an Outcome with what the server said about it.
type Result struct {
	Outcome  Outcome
	Code     int    // the SMTP reply code; 0 where no server answered
	Detail   string // the server's own words, or what went wrong on the way; one line, at most 500 bytes
	Away     bool   // it says nothing of the mail: no server that takes mails of the team was found, or it left in the middle
	ServerID string // under which the server, or the folder, keeps the mail; empty where it does not tell
}

var badMailbox = regexp.MustCompile(`^5\.1\.(1|2|3|4|6|10)\b`)

// NoMailbox tells that the server refused the mail because there is no such address: by its enhanced status code (RFC
// 3463, 3.2; RFC 7505 for 5.1.10). Without one a refusal may be about anything.
func (r Result) NoMailbox() bool { return r.Outcome == Refused && badMailbox.MatchString(r.Detail) }

// Sender takes mails away. It is safe for concurrent use. Send always tells what became of the mail, also when ctx ends.
// After Close nothing is taken any more.
type Sender interface {
	Send(ctx context.Context, m Mail) Result
	Close() error
}

// Server is a mail server as --smtp names it.
type Server struct {
	Host, Port     string
	User, Password string
	TLS            bool // from the first byte (RFC 8314)
	StartTLS       bool // required: a server that does not offer it gets no mail (RFC 3207)
}

// ParseServer reads smtp://, smtps:// or smtp+starttls://user:password@host:port. The ports are 25, 465 and 587 where
// none is given. A password over smtp:// is refused unless the server is on this computer. No error shows the address,
// which holds the password.
func ParseServer(address string) (Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return Server{}, errors.New("a mail server is written smtp://, smtps:// or smtp+starttls://user:password@host:port")
	}
	s := Server{Host: u.Hostname(), Port: u.Port(), User: u.User.Username()}
	s.Password, _ = u.User.Password()
	port := ""
	switch u.Scheme {
	case "smtp":
		port = "25"
	case "smtps":
		port, s.TLS = "465", true
	case "smtp+starttls":
		port, s.StartTLS = "587", true
	default:
		return Server{}, errors.New("a mail server's address begins with smtp://, smtps:// or smtp+starttls://")
	}
	if s.Port == "" {
		s.Port = port
	}
	if s.User != "" && !s.TLS && !s.StartTLS && !onThisComputer(s.Host) {
		return Server{}, errors.New("a password would cross the network unencrypted: use smtps:// or smtp+starttls://")
	}
	return s, nil
}

func onThisComputer(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Signer adds DKIM signatures (RFC 6376), relaxed in header and body.
type Signer struct {
	domain, selector string
	key              crypto.Signer
}

// NewSigner reads an RSA or Ed25519 (RFC 8463) private key from PEM, in PKCS #8 or PKCS #1.
func NewSigner(domain, selector string, keyPEM []byte) (*Signer, error) {
	block, _ := pem.Decode(keyPEM)
	if block == nil {
		return nil, errors.New("read DKIM key: no PEM block")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return nil, errors.New("read DKIM key: neither PKCS #8 nor PKCS #1")
		}
	}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		return &Signer{domain, selector, key}, nil
	case ed25519.PrivateKey:
		return &Signer{domain, selector, key}, nil
	}
	return nil, errors.New("read DKIM key: neither RSA nor Ed25519")
}

// signed are the fields a signature covers, where they are there; From twice, so that none can be added.
var signed = []string{"From", "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References",
	"MIME-Version", "Content-Type", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted"}

// Sign gives the mail with a signature in front. Without a Signer (nil) it gives the mail as it is.
func (s *Signer) Sign(raw []byte) ([]byte, error) {
	if s == nil {
		return raw, nil
	}
	var out bytes.Buffer
	out.Grow(len(raw) + 1024)
	err := dkim.Sign(&out, bytes.NewReader(raw), &dkim.SignOptions{Domain: s.domain, Selector: s.selector, Signer: s.key,
		Hash: crypto.SHA256, HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization: dkim.CanonicalizationRelaxed, HeaderKeys: signed})
	if err != nil {
		return nil, fmt.Errorf("sign mail: %w", err)
	}
	return out.Bytes(), nil
}

// oneLine makes a server's words fit for a log and a page.
func oneLine(s string) string {
	s = line(s)
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "")
	}
	return s
}
