package mailout

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/wneessen/go-mail"

	"recado/app/desk"
	"recado/app/kit/mailid"
)

// maxReferences is how many ids of others a References header holds beside the anchor; long ones are cut by servers.
const maxReferences = 20

// ErrNothing means that every message of a notice was deleted: there is nothing to send.
var ErrNothing = &desk.Error{Code: "nothing-to-mail", Message: "All of these messages were deleted before the mail left."}

// ErrAddress means that an address of the notice or of the identity can't stand in a mail.
var ErrAddress = &desk.Error{Code: "bad-mail-address", Message: "This is not an address that mail can be sent to."}

// Compose writes the mail for a notice. For the same newest message and recipient it always has the same Message-ID.
// It fails with ErrNothing, ErrAddress, or when a file can't be opened or is not as long as it says.
func Compose(n Notice, id Identity) (Mail, error) {
	newest := newestOf(n.Messages)
	if newest == nil {
		return Mail{}, ErrNothing
	}
	out := Mail{From: mailid.BounceAddress(n.Token, id.ReplyDomain), To: n.Recipient.Address,
		MessageID: mailid.MessageID(id.Key, newest.ID, n.Recipient.ID, id.Domain)}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	w := wordsFor(n.Recipient.Locale)
	if err := address(msg, n, id, w.author(*newest)); err != nil {
		return Mail{}, err
	}
	msg.SetDateWithValue(n.At.UTC())
	msg.Subject(subject(n, w))
	thread(msg, n, out.MessageID)
	mark(msg, n, id)

	page := lay(n, id, w)
	text, html, err := page.write()
	if err != nil {
		return Mail{}, err
	}
	msg.SetBodyString(mail.TypeTextPlain, text)
	msg.AddAlternativeString(mail.TypeTextHTML, html)
	for _, f := range page.attached {
		if err := attach(msg, f); err != nil {
			return Mail{}, err
		}
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return Mail{}, fmt.Errorf("write mail: %w", err)
	}
	out.Raw = sameBoundaries(raw.Bytes(), out.MessageID)
	return out, nil
}

var boundaryForm = regexp.MustCompile(`boundary=([0-9a-f]{60})\r\n`)

// sameBoundaries replaces the random boundaries between a mail's parts by ones made of its Message-ID: a mail that is
// sent again is the same to the byte below its header, and mail servers that compare copies see that.
func sameBoundaries(raw []byte, messageID string) []byte {
	for i, found := range boundaryForm.FindAllSubmatch(raw, -1) {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", i, messageID))
		random := bytes.Clone(found[1])
		raw = bytes.ReplaceAll(raw, random, []byte(hex.EncodeToString(sum[:])[:len(random)]))
	}
	return raw
}

func newestOf(messages []Message) *Message {
	for i := len(messages) - 1; i >= 0; i-- {
		if !messages[i].Deleted {
			return &messages[i]
		}
	}
	return nil
}

// address fills in who writes to whom. One bad address refuses the mail before a server sees it.
func address(msg *mail.Msg, n Notice, id Identity, author string) error {
	for _, a := range []string{n.Recipient.Address, id.Address, mailid.ReplyAddress(n.Token, id.ReplyDomain)} {
		if desk.CheckEmail("address", a) != nil {
			return ErrAddress
		}
	}
	from := line(author)
	if brand := line(id.Brand); brand != "" {
		from += " (" + brand + ")"
	}
	if msg.FromFormat(from, id.Address) != nil || msg.AddToFormat(line(n.Recipient.Name), n.Recipient.Address) != nil ||
		msg.ReplyTo(mailid.ReplyAddress(n.Token, id.ReplyDomain)) != nil {
		return ErrAddress
	}
	return nil
}

// line makes text fit for a header: one line, no controls, no characters that turn the direction of what follows.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

func subject(n Notice, w words) string {
	s := line(n.Subject)
	if s == "" {
		s = w.subject(authors(n.Messages))
	}
	if n.InReplyTo != "" && !strings.HasPrefix(strings.ToLower(s), "re:") {
		s = "Re: " + s
	}
	return s
}

// authors names who wrote what is left, each once, in order.
func authors(messages []Message) []string {
	var out []string
	for _, m := range messages {
		if name := line(m.Author); !m.Deleted && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// thread says what this mail answers (RFC 5322, 3.6.4). Its own id stands among the references too: a provider that
// replaces the Message-ID leaves them alone, and the answer brings ours back. It comes before the parent, which
// programs look for at the end.
func thread(msg *mail.Msg, n Notice, own string) {
	msg.SetMessageIDWithValue(strings.Trim(own, "<>"))
	var refs []string
	add := func(id string) {
		if id = messageID(id); id != "" && !slices.Contains(refs, id) {
			refs = append(refs, id)
		}
	}
	parent := messageID(n.InReplyTo)
	others := slices.DeleteFunc(slices.Clone(n.References), func(id string) bool {
		id = messageID(id)
		return id == "" || id == parent || id == messageID(n.Anchor)
	})
	if room := maxReferences - 2; len(others) > room {
		others = others[len(others)-room:]
	}
	add(n.Anchor)
	for _, id := range others {
		add(id)
	}
	refs = slices.DeleteFunc(refs, func(id string) bool { return id == parent || id == own })
	add(own)
	add(parent)
	if parent != "" {
		msg.SetGenHeaderPreformatted(mail.HeaderInReplyTo, parent)
	}
	msg.SetGenHeaderPreformatted(mail.HeaderReferences, strings.Join(refs, "\r\n "))
}

// messageID gives an id in angle brackets, or nothing for what can't be one: ids of foreign mails are input.
func messageID(id string) string {
	id = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(id), "<"), ">")
	bad := strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '<' || r == '>' })
	if id == "" || bad || len(id) > 900 {
		return ""
	}
	return "<" + id + ">"
}

// mark tells machines what kind of mail it is; a person's letter to a customer is not marked.
func mark(msg *mail.Msg, n Notice, id Identity) {
	if n.Recipient.Role == ToCustomer {
		return
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	if n.Recipient.Role != ToFollower {
		return
	}
	list := n.Item
	if list == "" {
		list = n.Conversation
	}
	msg.SetGenHeaderPreformatted("List-Id", "<"+list+"."+id.Domain+">")
	if n.Unsubscribe != "" && messageID(n.Unsubscribe) != "" {
		msg.SetGenHeaderPreformatted("List-Unsubscribe", "<"+n.Unsubscribe+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
}

// attach reads one byte more than a file should have, so that one that grew is noticed and not cut.
func attach(msg *mail.Msg, f File) error {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("open attachment: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(r, f.Size+1))
	if closing := r.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("read attachment: %w", err)
	}
	if int64(len(content)) != f.Size {
		return fmt.Errorf("read attachment: %d bytes where %d were expected", len(content), f.Size)
	}
	msg.AttachReadSeeker(fileName(f.Name), bytes.NewReader(content), mail.WithFileContentType(contentType(f.Type)))
	return nil
}

func fileName(name string) string {
	name = strings.NewReplacer("/", "_", `\`, "_", `"`, "'").Replace(line(name))
	if name == "" {
		return "file"
	}
	return name
}

// contentType keeps a type only if it is one that a part can have.
func contentType(t string) mail.ContentType {
	kind, _, err := mime.ParseMediaType(t)
	if err != nil || !strings.Contains(kind, "/") || strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		return "application/octet-stream"
	}
	return mail.ContentType(kind)
}
