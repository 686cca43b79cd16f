package mailin

import (
	"bytes"
	"context"
	"net"
	"slices"
	"strings"
	"time"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/authres"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

// Resolver answers questions of DNS; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) (names []string, err error)
}

// dnsPatience is how long all questions about one mail may take. What is not answered by then counts as nothing said.
const dnsPatience = 2 * time.Second

// proof is what is known of a sender.
type proof int

const (
	unproven  proof = iota // nothing is known for or against
	proven                 // DMARC passes (RFC 7489, 3.1): SPF or DKIM hold for the domain of From
	disproven              // the domain says how its mail is known, and this one is not
)

// prove says whether a mail is from the domain its From names. What our own server found is believed, everything else is
// looked into here.
func (s *Service) prove(ctx context.Context, a *arrival) proof {
	_, domain, ok := splitAddress(a.from.Email)
	if !ok {
		return unproven
	}
	if a.mail.Envelope.isTrusted() {
		if p, ok := s.found(a.letter.TopAuthResults, domain); ok {
			return p
		}
	}
	ctx, cancel := context.WithTimeout(ctx, dnsPatience)
	defer cancel()
	return s.look(ctx, a, domain)
}

// found reads Authentication-Results (RFC 8601); ok is false where they are not our own server's, or say nothing.
func (s *Service) found(field, domain string) (p proof, ok bool) {
	id, results, err := authres.Parse(field)
	named := s.isOurServer(id)
	if field == "" || err != nil || !named && !s.isOurDomain(id) {
		return unproven, false
	}
	if !named { // no forger says of a mail that it is forged
		failed := slices.ContainsFunc(results, func(r authres.Result) bool {
			d, ok := r.(*authres.DMARCResult)
			return ok && d.Value == authres.ResultFail
		})
		if failed {
			return disproven, true
		}
		return unproven, false
	}
	for _, r := range results {
		switch r := r.(type) {
		case *authres.DMARCResult:
			if r.Value == authres.ResultFail {
				return disproven, true
			}
			if r.Value == authres.ResultPass && (r.From == "" || sameDomain(r.From, domain)) {
				p, ok = proven, true
			}
		case *authres.DKIMResult:
			d := r.Domain
			if d == "" {
				_, d, _ = strings.Cut(r.Identifier, "@")
			}
			if r.Value == authres.ResultPass && aligned(d, domain) {
				p = proven
			}
			ok = true
		case *authres.SPFResult:
			if r.Value == authres.ResultPass && aligned(hostOf(r.From), domain) {
				p = proven
			}
			ok = true
		}
	}
	return p, ok
}

// isOurServer: only a name that was given is one. A server that writes no such field lets through what a sender wrote, and
// the domain of our addresses is the first that a forger would try.
func (s *Service) isOurServer(id string) bool {
	return slices.ContainsFunc(s.Ours.AuthServers, func(o string) bool { return o != "" && strings.EqualFold(o, id) })
}

func (s *Service) isOurDomain(id string) bool {
	return id != "" && (strings.EqualFold(id, s.Ours.Domain) || strings.EqualFold(id, s.Ours.ReplyDomain))
}

func sameDomain(address, domain string) bool { return strings.EqualFold(hostOf(address), domain) }

func hostOf(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return address[i+1:]
	}
	return address
}

// look asks DNS: SPF (RFC 7208) of the host that brought the mail, the signatures in it (RFC 6376), and what the domain
// of From says of both (RFC 7489). An answer that does not come in time says nothing.
func (s *Service) look(ctx context.Context, a *arrival, domain string) proof {
	if s.Resolver == nil {
		return unproven
	}
	spfOK, spfUnsure := s.spf(ctx, a, domain)
	if spfOK {
		return proven
	}
	signed, dkimUnsure := s.signed(ctx, a, domain)
	if signed {
		return proven
	}
	if spfUnsure || dkimUnsure || a.mail.Envelope.isTrusted() {
		return unproven // what came through a server of ours has lost the host it came from
	}
	for _, d := range []string{domain, organisation(domain)} {
		_, err := dmarc.LookupWithOptions(d, &dmarc.LookupOptions{LookupTXT: func(name string) ([]string, error) { return s.Resolver.LookupTXT(ctx, name) }})
		if err == nil {
			return disproven
		}
		if dmarc.IsTempFail(err) || ctx.Err() != nil {
			return unproven
		}
	}
	return unproven
}

func (s *Service) spf(ctx context.Context, a *arrival, domain string) (pass, unsure bool) {
	e := a.mail.Envelope
	ip := net.ParseIP(e.Remote)
	if ip == nil || e.isTrusted() {
		return false, false
	}
	who := hostOf(e.From)
	if e.From == "" {
		who = e.Helo
	}
	if !aligned(who, domain) {
		return false, false
	}
	r, err := spf.CheckHostWithSender(ip, e.Helo, e.From, spf.WithContext(ctx), spf.WithResolver(s.Resolver))
	return r == spf.Pass, r == spf.TempError || ctx.Err() != nil && err != nil
}

// mostSignatures is how many signatures of one mail are looked into: each costs a question and a computation.
const mostSignatures = 5

func (s *Service) signed(ctx context.Context, a *arrival, domain string) (pass, unsure bool) {
	found, _ := dkim.VerifyWithOptions(bytes.NewReader(withCRLF(a.raw)), &dkim.VerifyOptions{MaxVerifications: mostSignatures,
		LookupTXT: func(name string) ([]string, error) { return s.Resolver.LookupTXT(ctx, name) }})
	for _, v := range found {
		if v.Err == nil && aligned(v.Domain, domain) && slices.ContainsFunc(v.HeaderKeys, func(k string) bool { return strings.EqualFold(k, "From") }) {
			return true, false
		}
		unsure = unsure || dkim.IsTempFail(v.Err)
	}
	return false, unsure || ctx.Err() != nil
}

// withCRLF ends lines as signatures were made: some mailboxes give bare line feeds.
func withCRLF(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("\n")) || bytes.Contains(raw, []byte("\r\n")) {
		return raw
	}
	return bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
}

// aligned is DMARC's relaxed alignment: one organisation's domains (RFC 7489, 3.1).
func aligned(a, b string) bool {
	a, b = strings.ToLower(strings.TrimSuffix(a, ".")), strings.ToLower(strings.TrimSuffix(b, "."))
	return a != "" && (a == b || organisation(a) != "" && organisation(a) == organisation(b))
}

func organisation(domain string) string {
	o, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return ""
	}
	return o
}
