package mailin

import (
	"net"
	"strings"

	"recado/app/desk"
	"recado/app/kit/mailid"
)

// Ours says which addresses mail is taken for, and by what our own mails are known.
type Ours struct {
	Team        string   // the address customers write to
	Domain      string   // of our Message-IDs
	ReplyDomain string   // of the addresses that answers and reports go to
	Key         []byte   // that Message-IDs are signed with
	AuthServers []string // whose Authentication-Results are believed (RFC 8601, 2.5); besides Domain and ReplyDomain
}

// Takes tells whether an address is one of ours: the team's, also with a tag ("support+sales@"), or one that was given
// out for answers or reports. Whether a token is known is asked later: who tries tokens must not be told.
func (o Ours) Takes(address string) bool {
	return o.isTeam(address) || o.isAnswer(address) || o.isReport(address)
}

func (o Ours) isAnswer(address string) bool {
	_, ok := mailid.ParseReplyAddress(address, o.ReplyDomain)
	return ok
}

func (o Ours) isReport(address string) bool {
	_, ok := mailid.ParseBounceAddress(address, o.ReplyDomain)
	return ok
}

func (o Ours) isTeam(address string) bool {
	local, host, ok := splitAddress(address)
	teamLocal, teamHost, team := splitAddress(o.Team)
	if !ok || !team || host != teamHost {
		return false
	}
	local, _, _ = strings.Cut(local, "+")
	return local == teamLocal
}

// splitAddress cuts an address into its parts in lower case; false where one is missing.
func splitAddress(address string) (local, host string, ok bool) {
	address = desk.Address(strings.Trim(strings.TrimSpace(address), "<>"))
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 {
		return "", "", false
	}
	return address[:at], strings.TrimSuffix(address[at+1:], "."), true
}

// isTrusted tells whether a mail came through a server of our own, whose findings are written in the mail: it was
// fetched from a mailbox, or brought from this machine.
func (e Envelope) isTrusted() bool {
	if e.Mailbox != "" {
		return true
	}
	ip := net.ParseIP(e.Remote)
	return ip != nil && ip.IsLoopback()
}

// reportToken and answerToken give the first token among addresses.
func (o Ours) reportToken(addresses []string) (string, bool) {
	return firstToken(addresses, o.ReplyDomain, mailid.ParseBounceAddress)
}

func (o Ours) answerToken(addresses []string) (string, bool) {
	return firstToken(addresses, o.ReplyDomain, mailid.ParseReplyAddress)
}

func firstToken(addresses []string, domain string, parse func(string, string) (string, bool)) (string, bool) {
	for _, a := range addresses {
		if t, ok := parse(a, domain); ok {
			return t, true
		}
	}
	return "", false
}
