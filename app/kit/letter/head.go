package letter

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// field is one header field, unfolded, its name as it stood.
type field struct{ name, value string }

type header []field

func (h header) all(name string) (values []string) {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			values = append(values, f.value)
		}
	}
	return values
}

func (h header) first(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

func (h header) has(name string) bool { return len(h.all(name)) > 0 }

// charset is the one that the block itself names: what stands there unencoded is most likely in it.
func (h header) charset() string {
	if c := mediaType(h.first("Content-Type")).params["charset"]; c != "" {
		return c
	}
	for _, f := range h {
		if _, rest, ok := strings.Cut(f.value, "=?"); ok {
			if c, _, ok := strings.Cut(rest, "?"); ok && known(c) {
				return c
			}
		}
	}
	return ""
}

// splitHead takes the header block off a mail or a part. Bytes that do not begin with a field are all body.
func splitHead(b []byte) (h header, headBytes int, body []byte) {
	rest := b
	for len(rest) > 0 {
		line, after := cutLine(rest)
		if len(bytes.TrimRight(line, " \t")) == 0 {
			rest = after
			break
		}
		name, value, isField := fieldOf(line)
		switch {
		case line[0] == ' ' || line[0] == '\t' || !isField:
			if len(h) == 0 {
				return nil, 0, b
			}
			h[len(h)-1].value += "\n" + string(bytes.TrimLeft(line, " \t"))
		default:
			h = append(h, field{name, value})
		}
		rest = after
	}
	h.decode()
	return h, len(b) - len(rest), rest
}

// fieldOf reads "Name: value" (RFC 5322, 2.2). Blanks before the colon are an obsolete form that is still sent.
func fieldOf(line []byte) (name, value string, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon < 1 {
		return "", "", false
	}
	key := bytes.TrimRight(line[:colon], " \t")
	for _, c := range key {
		if c <= ' ' || c >= 0x7f {
			return "", "", false
		}
	}
	return string(key), string(bytes.TrimSpace(line[colon+1:])), len(key) > 0
}

// decode makes values valid UTF-8 on one line. Raw bytes in another charset are common in old mail.
func (h header) decode() {
	valid := true
	for i := range h {
		h[i].value = strings.ReplaceAll(h[i].value, "\x00", "")
		valid = valid && utf8.ValidString(h[i].value)
	}
	charset := ""
	if !valid {
		charset = h.charset()
	}
	for i := range h {
		if !utf8.ValidString(h[i].value) {
			h[i].value = decodeBytes([]byte(h[i].value), charset)
		}
		if strings.ContainsRune(h[i].value, '\n') {
			h[i].value = unfold(h[i].value)
		}
	}
}

// unfold joins the lines of a field with a blank (RFC 5322, 2.2.3).
func unfold(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.TrimSpace(strings.Join(lines, " "))
}

// cutLine gives the first line without its end, and what follows it.
func cutLine(b []byte) (line, rest []byte) {
	line, rest, found := bytes.Cut(b, []byte("\n"))
	if !found {
		rest = nil
	}
	return bytes.TrimRight(line, "\r"), rest
}

// repair mends what stands before and around a header block: the leavings of mailbox files and of programs that wrote
// lines with CR alone.
func repair(raw []byte) []byte {
	b := raw
	if !bytes.ContainsRune(b, '\n') && bytes.ContainsRune(b, '\r') {
		b = bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	start := b
	for len(b) > 0 {
		line, rest := cutLine(b)
		blank := len(bytes.TrimSpace(line)) == 0
		if !blank && !bytes.HasPrefix(line, []byte("From ")) && !bytes.HasPrefix(line, []byte(">From ")) {
			break
		}
		b = rest
	}
	if !startsMail(b) {
		return append([]byte("\n"), start...)
	}
	return b
}

// startsMail says whether there is a header block. A letter without one may begin with a line like "Hello: …", so one
// name that mails do have is asked for.
func startsMail(b []byte) bool {
	for n := 0; len(b) > 0 && n < 200; n++ {
		var line []byte
		line, b = cutLine(b)
		if len(line) == 0 {
			return false
		}
		name, _, ok := fieldOf(line)
		if !ok && n == 0 {
			return false
		}
		if ok && usual[strings.ToLower(name)] {
			return true
		}
	}
	return false
}

var usual = setOf("from", "to", "cc", "bcc", "subject", "date", "received", "return-path", "message-id", "reply-to",
	"sender", "content-type", "content-transfer-encoding", "content-disposition", "mime-version", "delivered-to",
	"x-original-to", "envelope-to", "in-reply-to", "references", "x-mailer", "user-agent", "dkim-signature",
	"authentication-results", "resent-from", "errors-to", "list-id", "x-gm-original-to", "content-length", "status")

func setOf(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

// oneLine leaves out control characters, so that what is shown or sent on as one line is one.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(s)
}
