package letter

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
)

// addresses reads an address list (RFC 5322, 3.4) with groups, comments and quotes, and takes what programs send
// instead: semicolons, unquoted dots and encoded words, brackets that never close. What has no address in it is left out.
func addresses(s, charset string) (out []Address) {
	for _, item := range splitList(s) {
		if a, ok := address(item, charset); ok {
			out = append(out, a)
		}
	}
	return out
}

// splitList cuts at commas and semicolons that stand outside quotes, comments and brackets, and drops names of groups.
func splitList(s string) (items []string) {
	start, comment := 0, 0
	quoted, angle := false, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && (quoted || comment > 0):
			i++
		case c == '"' && comment == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			comment++
		case c == ')' && comment > 0:
			comment--
		case comment > 0:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case (c == ',' || c == ';') && !angle:
			items = append(items, s[start:i])
			start = i + 1
		case c == ':' && !angle && !strings.Contains(s[start:i], "@"):
			start = i + 1
		}
	}
	if quoted && start == 0 && strings.Count(s, "@") > 1 {
		return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' }) // a quote that never closes
	}
	return append(items, s[start:])
}

func address(item, charset string) (Address, bool) {
	name, email := item, ""
	if open := strings.LastIndexByte(item, '<'); open >= 0 {
		inside, _, _ := strings.Cut(item[open+1:], ">")
		name, email = item[:open], inside
		if i := strings.LastIndexByte(email, ':'); i >= 0 && strings.HasPrefix(strings.TrimSpace(email), "@") {
			email = email[i+1:] // a source route, obsolete since 1989
		}
	} else {
		email, name = withoutComments(item)
	}
	email = strings.TrimPrefix(strings.TrimSpace(decodeWords(email, charset)), "mailto:")
	if !isEmail(email) {
		if email = findEmail(item); email == "" {
			return Address{}, false
		}
	}
	at := strings.LastIndexByte(email, '@')
	email = email[:at+1] + strings.ToLower(email[at+1:])
	return Address{Name: displayName(name, charset), Email: email}, true
}

// withoutComments takes "(…)" out; the last one serves as a name, as it did before names had a place.
func withoutComments(s string) (rest, comment string) {
	var out strings.Builder
	depth, start := 0, 0
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && depth == 0:
			quoted = !quoted
			out.WriteByte(c)
		case c == '(' && !quoted:
			if depth == 0 {
				start = i + 1
			}
			depth++
		case c == ')' && depth > 0:
			if depth--; depth == 0 {
				comment = s[start:i]
			}
		case depth == 0:
			out.WriteByte(c)
		}
	}
	return out.String(), comment
}

func displayName(s, charset string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && (s[0] == '"' && s[len(s)-1] == '"' || s[0] == '\'' && s[len(s)-1] == '\'') {
		s = s[1 : len(s)-1]
	}
	s = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s)
	return oneLine(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, decodeWords(s, charset)))
}

// isEmail says whether s is one address and nothing else.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || len(s) > 320 {
		return false
	}
	local, domain := s[:at], s[at+1:]
	if strings.ContainsFunc(domain, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`"(),:;<>@\`, r) }) &&
		!strings.HasPrefix(domain, "[") {
		return false
	}
	if strings.HasPrefix(local, `"`) && strings.HasSuffix(local, `"`) && len(local) > 2 {
		return !strings.ContainsFunc(local, unicode.IsControl)
	}
	return !strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`"(),:;<>@\`, r) })
}

// findEmail gives the first word in s that is an address, or nothing.
func findEmail(s string) string {
	for _, f := range strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("<>()[]\"',;:", r)
	}) {
		if f = strings.Trim(f, "."); isEmail(f) {
			return f
		}
	}
	return ""
}

// ids are the message ids in a field, without brackets: those in brackets, or else the words that have an @.
func ids(s string) (out []string) {
	add := func(id string) {
		id = strings.Join(strings.FieldsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), "")
		if id != "" && len(id) <= 998 && len(out) < 200 {
			out = append(out, id)
		}
	}
	for rest := s; ; {
		_, after, found := strings.Cut(rest, "<")
		if !found {
			break
		}
		id, more, closed := strings.Cut(after, ">")
		if !closed {
			break
		}
		add(id)
		rest = more
	}
	if len(out) > 0 {
		return out
	}
	for _, word := range strings.Fields(s) {
		if word = strings.Trim(word, "<>,;"); strings.Contains(word, "@") {
			add(word)
		}
	}
	return out
}

// date reads a date as RFC 5322 has it and in the forms of old programs; zero if it is none.
func date(s string) time.Time {
	s = oneLine(s)
	if t, err := mail.ParseDate(s); err == nil {
		return t
	}
	bare, _ := withoutComments(s)
	bare = strings.Join(strings.Fields(bare), " ")
	if _, after, ok := strings.Cut(bare, ","); ok {
		bare = strings.TrimSpace(after)
	}
	for _, layout := range []string{"2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04 -0700",
		"2 Jan 2006 15:04:05", "2 Jan 06 15:04:05 -0700", "2 Jan 06 15:04:05 MST", "2 Jan 06 15:04:05", time.ANSIC, time.UnixDate,
		"2 January 2006 15:04:05 -0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", time.RFC3339} {
		if t, err := time.Parse(layout, bare); err == nil {
			return t
		}
	}
	return time.Time{}
}
