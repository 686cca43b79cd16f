// Package letter turns the bytes of a mail, as they came over SMTP or IMAP, into what a messaging desk needs of it: who
// wrote, to whom, what is new in it and what is quoted, which files came along, and whether a person or a program wrote.
//
// Mail in the wild breaks every rule there is, so nothing here refuses a mail for its form. What can be read is read;
// what cannot is kept as it stands. Only size is refused, and before any work that grows with it is done.
package letter

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits bound what [Parse] takes on. A zero field is unbounded, but for those whose doc says otherwise.
type Limits struct {
	// Bytes is the largest mail.
	Bytes int
	// HeaderBytes is the largest header block of the mail, and of all its parts together.
	HeaderBytes int
	// Depth is how deep multiparts may stand in each other. Zero is [DefaultLimits]' value: depth is never unbounded.
	Depth int
	// Parts is how many parts there may be at all, multiparts included.
	Parts int
	// Files is how many attachments there may be.
	Files int
	// Chars is how many characters the new text may have. The quoted rest is cut instead, see [Letter.Cut].
	Chars int
}

// DefaultLimits are those of the mail channel: 30 MB, 256 KB of headers, depth 50, 1,000 parts, 200 files, 150,000
// characters.
func DefaultLimits() Limits {
	return Limits{Bytes: 30 << 20, HeaderBytes: 256 << 10, Depth: 50, Parts: 1000, Files: 200, Chars: 150_000}
}

// The codes of an [Error].
const (
	TooManyBytes = "mail_too_large"
	TooMuchHead  = "mail_header_too_large"
	TooDeep      = "mail_too_deep"
	TooManyParts = "mail_too_many_parts"
	TooManyFiles = "mail_too_many_files"
	TooManyChars = "mail_text_too_long"
)

// Error says which limit a mail is over. It is the only kind of error that [Parse] returns.
type Error struct {
	// Code is for programs, and stable.
	Code string
	// Message is one sentence for a person.
	Message string
}

func (e *Error) Error() string { return e.Message }

// Address is one mailbox: the name shown, which may be empty, and the address with its domain in lower case.
type Address struct{ Name, Email string }

// File is an attachment. Content is decoded.
type File struct {
	// Name has no path, no control and no direction characters. It is never empty.
	Name string
	// Type is a media type in lower case, without parameters.
	Type string
	// ContentID is the id by which the HTML refers to it, without brackets; empty if there is none.
	ContentID string
	// Use says where the mail uses it.
	Use Use
	// Content is decoded. It may share memory with the bytes given to [Parse].
	Content []byte
}

// Use says where a mail uses a file.
type Use int

const (
	// Attached is a file beside the text.
	Attached Use = iota
	// Inline is an image that stands in the new text.
	Inline
	// QuotedOnly is an image that stands in the quoted rest only, as logos of earlier mails do.
	QuotedOnly
)

// Letter is a mail, read. All text in it is valid UTF-8 without NUL.
type Letter struct {
	// Hash is the SHA-256 of the bytes as they came, in hexadecimal.
	Hash string
	// MessageID has no brackets. A mail without one gets one made of Hash, in the domain "hash.invalid".
	MessageID string
	// InReplyTo and References are the ids of the mails before it, without brackets, oldest first.
	InReplyTo, References []string
	// From holds all addresses of all From fields; see [Letter.Sender].
	From, ReplyTo, To, Cc []Address
	// Recipients are the addresses a mail may have come to besides those of the envelope: X-Gm-Original-To,
	// Delivered-To, X-Original-To, Envelope-To, To, Cc, in that order, each once.
	Recipients []string
	// Subject is decoded, on one line, without control characters.
	Subject string
	// Date is when the sender says it was written; zero if there is no date that can be read.
	Date time.Time
	// TopAuthResults is the topmost Authentication-Results field (RFC 8601), unfolded; only the one of the last server
	// on the way can be believed.
	TopAuthResults string

	// Text is all text, plain. HTML is the body as it came, not sanitised; empty if there is none.
	Text, HTML string
	// Kept is what is new, Folded what it quotes: earlier mails, and signatures. Where nothing would be new, Kept is all.
	Kept, Folded string
	// Files are in the order they stand in the mail.
	Files []File
	// Cut says that the text was longer than is shown: Text and Folded end early. Kept never is.
	Cut bool

	// Kind says who wrote: a person, or which kind of program.
	Kind Kind
	// Bounce tells of the mail that could not be delivered, if Kind is [Bounced] or [FeedbackReport].
	Bounce Bounce

	head       header
	oneFrom    bool
	quotedCIDs map[string]bool
	keptCIDs   map[string]bool
}

// Sender is the one mailbox in the one From field. ok is false if there are none or several: such a mail has no
// identity, for readers differ in which of them they show.
func (l *Letter) Sender() (from Address, ok bool) {
	if !l.oneFrom {
		return Address{}, false
	}
	return l.From[0], true
}

// Field gives the values of a header field in the order they stand, unfolded and with encoded words decoded. The name is
// compared without case.
func (l *Letter) Field(name string) []string {
	var out []string
	for _, v := range l.head.all(name) {
		out = append(out, oneLine(decodeWords(v, "")))
	}
	return out
}

// Parse reads a mail. The error is an [*Error] where the mail is over one of the limits, and nil for everything else,
// however broken: then at least Hash, MessageID and Kept stand, Kept being empty only if there was no text. Time and
// memory are linear in the length of raw.
func Parse(raw []byte, limits Limits) (Letter, error) {
	if limits.Bytes > 0 && len(raw) > limits.Bytes {
		return Letter{}, over(TooManyBytes, "The mail is larger than %d bytes.", limits.Bytes)
	}
	sum := sha256.Sum256(raw)
	l := Letter{Hash: hex.EncodeToString(sum[:])}
	root, err := walk(repair(raw), limits)
	if err != nil {
		return Letter{}, err
	}
	l.head = root.head
	l.readHead()
	l.readBody(root, limits)
	if limits.Files > 0 && len(l.Files) > limits.Files {
		return Letter{}, over(TooManyFiles, "The mail has more than %d files.", limits.Files)
	}
	l.classify(root)
	if limits.Chars > 0 && utf8.RuneCountInString(l.Kept) > limits.Chars {
		return Letter{}, over(TooManyChars, "The text of the mail is longer than %d characters.", limits.Chars)
	}
	return l, nil
}

func over(code, sentence string, limit int) error {
	return &Error{Code: code, Message: fmt.Sprintf(sentence, limit)}
}

func (l *Letter) readHead() {
	h := l.head
	charset := h.charset()
	list := func(name string) (out []Address) {
		for _, v := range h.all(name) {
			out = append(out, addresses(v, charset)...)
		}
		return out
	}
	l.From, l.ReplyTo, l.To, l.Cc = list("From"), list("Reply-To"), list("To"), list("Cc")
	l.oneFrom = len(h.all("From")) == 1 && len(l.From) == 1
	l.Recipients = recipients(h)
	l.Subject = oneLine(decodeWords(h.first("Subject"), charset))
	l.Date = date(h.first("Date"))
	l.InReplyTo = ids(h.first("In-Reply-To"))
	l.References = ids(h.first("References"))
	l.TopAuthResults = oneLine(h.first("Authentication-Results"))
	if found := ids(h.first("Message-ID")); len(found) > 0 {
		l.MessageID = found[0]
	} else {
		l.MessageID = l.Hash[:32] + "@hash.invalid"
	}
}

// recipients are looked for in the order of how surely a field names the mailbox that the mail came to.
func recipients(h header) (out []string) {
	seen := map[string]bool{}
	for _, name := range []string{"X-Gm-Original-To", "Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"} {
		for _, v := range h.all(name) {
			for _, a := range addresses(v, "") {
				if key := strings.ToLower(a.Email); !seen[key] {
					seen[key] = true
					out = append(out, a.Email)
				}
			}
		}
	}
	return out
}
