package mailout_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"recado/app/server/mailout"
)

// certificate makes one for 127.0.0.1, and the pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestMailGoesEncryptedAndSignedInOrNotAtAll(t *testing.T) {
	t.Parallel()
	cert, pool := certificate(t)
	for name, c := range map[string]struct {
		auth  string
		roots *x509.CertPool
		said  string // the answer to AUTH
		want  mailout.Outcome
	}{
		"plain":          {"PLAIN LOGIN", pool, "235 welcome", mailout.Accepted},
		"wrong password": {"PLAIN", pool, "535 5.7.8 secret was wrong", mailout.Later},
		"no mechanism":   {"GSSAPI", pool, "235 welcome", mailout.Later},
		"not its own":    {"PLAIN", x509.NewCertPool(), "235 welcome", mailout.Later},
		"hangs up at us": {"PLAIN", pool, "", mailout.Later},
		"keeps asking":   {"LOGIN", pool, "334 VXNlcm5hbWU6", mailout.Later},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPostbox(t, map[string]string{"EHLO": "250-here\r\n250 AUTH " + c.auth, "AUTH": c.said})
			p.Listener = tls.NewListener(p.Listener, &tls.Config{Certificates: []tls.Certificate{cert}})
			p.start()
			server, err := mailout.ParseServer("smtps://ana:secret@" + p.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			s := mailout.NewSMTP(server, mailout.SMTPOptions{Timeout: time.Second, TLS: &tls.Config{RootCAs: c.roots}})
			defer func() { _ = s.Close() }()
			got := s.Send(t.Context(), small)
			if got.Outcome != c.want || strings.Contains(got.Detail, "secret") {
				t.Errorf("got %+v", got)
			}
			if mails, _ := p.got(); (len(mails) == 1) != (c.want == mailout.Accepted) {
				t.Errorf("%d mails came", len(mails))
			}
		})
	}
}
