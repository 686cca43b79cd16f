package letter

import (
	"strconv"
	"strings"
)

// decodeWords decodes the encoded words (RFC 2047) in a field. Unlike the standard it takes words that hold blanks, are
// longer than allowed, stand in quotes, touch other text, or share a character with the next: all of them are sent.
func decodeWords(s, charset string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	var pending []byte // bytes of words in one charset, for a character may be cut between two words
	in := ""
	flush := func() {
		if len(pending) > 0 {
			out.WriteString(decodeBytes(pending, in))
			pending = nil
		}
	}
	for s != "" {
		start := strings.Index(s, "=?")
		if start < 0 {
			break
		}
		w, ok := wordAt(s[start:])
		if !ok {
			flush()
			out.WriteString(s[:start+2])
			s = s[start+2:]
			continue
		}
		between := s[:start]
		if len(pending) == 0 || strings.Trim(between, " \t\n") != "" {
			flush()
			out.WriteString(between)
		}
		if !strings.EqualFold(in, w.charset) {
			flush()
			in = w.charset
		}
		pending = append(pending, w.bytes...)
		s = s[start+w.length:]
	}
	flush()
	out.WriteString(s)
	return out.String()
}

type word struct {
	charset string
	bytes   []byte
	length  int
}

// wordAt reads one encoded word at the beginning of s: "=?charset?B?text?=".
func wordAt(s string) (w word, ok bool) {
	charset, rest, ok := strings.Cut(s[2:], "?")
	if !ok || charset == "" || len(charset) > 40 || strings.ContainsAny(charset, " \t=") || len(rest) < 2 || rest[1] != '?' {
		return w, false
	}
	text := rest[2:]
	end := strings.Index(text, "?=")
	if end < 0 {
		return w, false
	}
	w.charset, w.length = charset, len(s)-len(text)+end+2
	switch rest[0] | 0x20 {
	case 'b':
		w.bytes = fromBase64([]byte(text[:end]))
	case 'q':
		w.bytes = fromQ(text[:end])
	default:
		return w, false
	}
	return w, true
}

func fromQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// media is a Content-Type or Content-Disposition: the value in lower case, and its parameters, decoded.
type media struct {
	value  string
	params map[string]string
}

func (m media) is(kind string) bool { return strings.HasPrefix(m.value, kind) }

// mediaType reads "type/sub; name=value" (RFC 2045) with the continuations and charsets of RFC 2231, and what programs
// send instead: blanks without quotes, no semicolon between parameters, encoded words in file names.
func mediaType(s string) media {
	value, rest, _ := strings.Cut(s, ";")
	m := media{value: strings.ToLower(strings.TrimSpace(value)), params: map[string]string{}}
	if name, _, ok := strings.Cut(m.value, " "); ok {
		m.value = name
	}
	pieces := map[string]string{}
	for rest != "" && len(pieces) < 100 {
		var name, v string
		name, v, rest = param(rest)
		if _, twice := pieces[name]; name != "" && !twice {
			pieces[name] = v
		}
	}
	for name, v := range pieces {
		base, _, star := strings.Cut(name, "*")
		switch {
		case base == "":
		case !star:
			if m.params[base] == "" {
				m.params[base] = decodeWords(v, "")
			}
		case name == base+"*" || name == base+"*0" || name == base+"*0*":
			m.params[base] = continued(pieces, base)
		}
	}
	return m
}

// param takes one parameter off s.
func param(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, "; \t\n")
	equals := strings.IndexAny(s, "=;")
	if equals < 0 {
		return "", "", ""
	}
	name = strings.ToLower(strings.TrimSpace(s[:equals]))
	if s[equals] == ';' {
		return "", "", s[equals:]
	}
	s = strings.TrimLeft(s[equals+1:], " \t\n")
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return name, strings.TrimSpace(value), rest
	}
	var out strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			out.WriteByte(s[i])
		case s[i] == '"':
			return name, out.String(), s[i+1:]
		default:
			out.WriteByte(s[i])
		}
	}
	return name, out.String(), ""
}

// continued puts name*, or name*0, name*1* … together (RFC 2231, 3 and 4).
func continued(pieces map[string]string, base string) string {
	var raw []byte
	charset := ""
	add := func(v string, encoded, first bool) {
		if encoded && first {
			if c, rest, ok := strings.Cut(v, "'"); ok {
				charset = c
				_, v, _ = strings.Cut(rest, "'")
			}
		}
		if encoded {
			raw = append(raw, fromPercent(v)...)
		} else {
			raw = append(raw, v...)
		}
	}
	if v, ok := pieces[base+"*"]; ok {
		add(v, true, true)
	}
	for i := 0; ; i++ {
		name := base + "*" + strconv.Itoa(i)
		v, encoded := pieces[name+"*"]
		if !encoded {
			var ok bool
			if v, ok = pieces[name]; !ok {
				break
			}
		}
		add(v, encoded, i == 0)
	}
	return decodeWords(decodeBytes(raw, charset), "")
}

func fromPercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}
