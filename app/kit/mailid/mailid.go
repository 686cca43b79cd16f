// Package mailid holds the names by which an answer finds its way back: reply and bounce addresses with their tokens,
// Message-IDs that prove they are ours, and the line above which one answers. It is a leaf because the side that sends
// mail and the side that receives it must agree on them, and neither may import the other.
package mailid

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
)

// ReplyMarker is the attribute of the HTML element that stands above a mail's content. It is a data- attribute because
// Outlook renames ids and classes on answering. In the text part one of ReplyLines stands in its place.
const ReplyMarker = "data-recado-above"

// ReplyLines are the visible lines, one per language, above which an answer is written.
var ReplyLines = map[string]string{
	"en": "--- Reply above this line ---",
	"es": "--- Responda encima de esta línea ---",
}

const (
	replyLocal  = "reply"
	bounceLocal = "bounce"
	tokenBytes  = 20 // 160 bits: 32 characters without padding
	macBytes    = 16
)

// Lower case, because mail servers fold the local part; RFC 4648's alphabet has no characters that need quoting.
var lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewToken makes a token of 160 random bits: 32 lower-case base32 characters.
func NewToken() string {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails since Go 1.24
	return lower.EncodeToString(b[:])
}

// TokenHash is the form in which a token is stored, so that a stolen database answers no mail: SHA-256 in hexadecimal.
// Upper and lower case are the same token.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(token)))
	return hex.EncodeToString(sum[:])
}

// ReplyAddress is where the answer to one mail goes: reply+TOKEN@domain, with a local part of at most 64 bytes
// (RFC 5321, 4.5.3.1.1).
func ReplyAddress(token, domain string) string { return replyLocal + "+" + token + "@" + domain }

// BounceAddress is the envelope sender of one mail: bounce+TOKEN@domain.
func BounceAddress(token, domain string) string { return bounceLocal + "+" + token + "@" + domain }

// ParseReplyAddress finds the token in an address: reply+TOKEN@domain, or TOKEN@ at the subdomain reply of domain or
// reply+TOKEN@ at any subdomain of it, where a catch-all receives. Case does not matter. It reports false for every
// other address; whether the token is known, current and the sender's remains to be asked.
func ParseReplyAddress(address, domain string) (token string, ok bool) {
	return parse(address, domain, replyLocal)
}

// ParseBounceAddress is ParseReplyAddress for envelope senders.
func ParseBounceAddress(address, domain string) (token string, ok bool) {
	return parse(address, domain, bounceLocal)
}

func parse(address, domain, kind string) (string, bool) {
	address = strings.Trim(strings.ToLower(strings.TrimSpace(address)), "<>")
	local, host, found := strings.Cut(address, "@")
	domain = strings.ToLower(domain)
	if !found || domain == "" || host != domain && !strings.HasSuffix(host, "."+domain) {
		return "", false
	}
	token, tagged := strings.CutPrefix(local, kind+"+")
	if !tagged && host != kind+"."+domain || !isToken(token) {
		return "", false
	}
	return token, true
}

func isToken(s string) bool {
	b, err := lower.DecodeString(s)
	return err == nil && len(b) == tokenBytes && lower.EncodeToString(b) == s
}

// MessageID is the Message-ID, in angle brackets, of the mail that takes a message to a recipient:
// <m.MESSAGE.RECIPIENT.HMAC@domain>. It is the same at every try, so that a mail sent twice can be told to be one
// (RFC 5322, 3.6.4). The ids must be made of letters, digits and hyphens.
func MessageID(key []byte, message, recipient, domain string) string {
	return "<m." + message + "." + recipient + "." + mac(key, message, recipient) + "@" + domain + ">"
}

// VerifyMessageID reports which message and recipient one of our own Message-IDs names, and false for every id that was
// not made with this key for this domain. The comparison takes the same time whatever differs.
func VerifyMessageID(key []byte, id, domain string) (message, recipient string, ok bool) {
	id = strings.Trim(strings.ToLower(strings.TrimSpace(id)), "<>")
	local, host, found := strings.Cut(id, "@")
	if !found || host != strings.ToLower(domain) {
		return "", "", false
	}
	parts := strings.Split(local, ".")
	if len(parts) != 4 || parts[0] != "m" {
		return "", "", false
	}
	if !hmac.Equal([]byte(parts[3]), []byte(mac(key, parts[1], parts[2]))) {
		return "", "", false
	}
	return parts[1], parts[2], true
}

func mac(key []byte, message, recipient string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("recado message-id\x00" + strings.ToLower(message) + "\x00" + strings.ToLower(recipient)))
	return lower.EncodeToString(h.Sum(nil)[:macBytes])
}

// testPrefix begins the name of a test where a message's id stands otherwise, which never begins so.
const testPrefix = "test-"

// TestName is what a test of the mail is called in a Message-ID, in place of a message.
func TestName(id string) string { return testPrefix + id }

// TestOf gives the id of a test from what VerifyMessageID gave as a message; false where it is none.
func TestOf(message string) (id string, ok bool) { return strings.CutPrefix(message, testPrefix) }
