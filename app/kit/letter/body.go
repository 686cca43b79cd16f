package letter

import (
	"html"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostText is how many bytes of text are looked at for each character that is allowed: room for markup and quotes.
const mostText = 8

// segment is one piece of the body in reading order: plain, HTML, or both as alternatives of each other.
type segment struct{ plain, html string }

func (l *Letter) readBody(root *part, limits Limits) {
	c := collector{charset: root.head.charset(), letter: l}
	segments := c.collect(root)
	var plain, markup []string
	hasHTML := false
	for _, s := range segments {
		hasHTML = hasHTML || s.html != ""
	}
	for _, s := range segments {
		if limits.Chars > 0 {
			s.plain, s.html = l.cut(s.plain, limits.Chars*mostText), l.cut(s.html, limits.Chars*mostText)
		}
		if s.plain == "" {
			s.plain = TextOf(s.html)
		}
		plain = append(plain, strings.Trim(s.plain, "\n"))
		if hasHTML && s.html == "" {
			s.html = `<div style="white-space:pre-wrap">` + html.EscapeString(s.plain) + "</div>"
		}
		markup = append(markup, s.html)
	}
	l.Text = strings.TrimSpace(strings.Join(plain, "\n\n"))
	l.HTML = strings.TrimSpace(strings.Join(markup, "\n"))
	l.fold()
	l.placeImages()
}

// cut bounds a text, at a character's end.
func (l *Letter) cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	l.Cut = true
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// collector walks the tree for what is to be read and what is to be kept as a file.
type collector struct {
	charset string
	letter  *Letter
	texts   int
}

func (c *collector) collect(p *part) []segment {
	switch {
	case len(p.children) > 0 && p.media.is("multipart/alternative"):
		return c.alternative(p)
	case len(p.children) > 0:
		var out []segment
		for _, child := range p.children {
			out = append(out, c.collect(child)...)
		}
		return out
	case c.isText(p):
		text := p.text(c.charset)
		if strings.TrimSpace(text) == "" {
			return nil
		}
		c.texts++
		if p.media.is("text/html") {
			return []segment{{html: text}}
		}
		if p.media.is("text/enriched") || p.media.is("text/richtext") {
			return []segment{{plain: withoutTags(text)}}
		}
		if strings.EqualFold(p.media.params["format"], "flowed") {
			text = unflow(text, strings.EqualFold(p.media.params["delsp"], "yes"))
		}
		return []segment{{plain: text}}
	case !p.media.is("message/delivery-status") && !p.media.is("message/disposition-notification"):
		c.file(p)
	}
	return nil
}

// alternative joins the forms of one text: the last plain and the last HTML one, for later forms are richer (RFC 2046, 5.1.4).
func (c *collector) alternative(p *part) []segment {
	var both segment
	for _, child := range p.children {
		var plain, markup []string
		for _, s := range c.collect(child) {
			if s.plain != "" {
				plain = append(plain, s.plain)
			}
			if s.html != "" {
				markup = append(markup, s.html)
			}
		}
		if len(markup) > 0 {
			both.html = strings.Join(markup, "\n")
		}
		if len(plain) > 0 && (len(markup) == 0 || both.plain == "") {
			both.plain = strings.Join(plain, "\n\n")
		}
	}
	if both == (segment{}) {
		return nil
	}
	return []segment{both}
}

// isText says whether a leaf is read. A named text is a file, but where it is all the mail holds.
func (c *collector) isText(p *part) bool {
	if !p.media.is("text/") && p.media.value != "text" || p.media.is("text/calendar") || p.media.is("text/vcard") ||
		p.media.is("text/x-vcard") || p.media.is("text/rfc822-headers") || p.media.is("text/csv") {
		return false
	}
	if p.disposition.is("attachment") {
		return false
	}
	return fileName(p) == "" || c.texts == 0
}

func fileName(p *part) string {
	if n := p.disposition.params["filename"]; n != "" {
		return n
	}
	return p.media.params["name"]
}

func (c *collector) file(p *part) {
	f := File{Type: p.media.value, Content: p.content(), Name: cleanName(fileName(p))}
	if found := ids(p.head.first("Content-ID")); len(found) > 0 {
		f.ContentID = found[0]
	} else {
		f.ContentID = strings.Trim(strings.TrimSpace(p.head.first("Content-ID")), "<>")
	}
	if len(f.Content) == 0 && f.Name == "" {
		return
	}
	if f.Name == "" {
		f.Name = c.nameFor(p)
	}
	c.letter.Files = append(c.letter.Files, f)
}

// nameFor names a file that came without: a mail by its subject, all else by its type.
func (c *collector) nameFor(p *part) string {
	switch p.media.value {
	case "message/rfc822", "message/global", "message/partial", "message/news":
		h, _, _ := splitHead(repair(p.content()))
		if s := cleanName(oneLine(decodeWords(h.first("Subject"), ""))); s != "" {
			return s + ".eml"
		}
		return "message.eml"
	case "text/rfc822-headers":
		return "headers.txt"
	case "text/calendar":
		return "invite.ics"
	case "image/jpeg":
		return "image.jpg"
	}
	if ext, err := mime.ExtensionsByType(p.media.value); err == nil && len(ext) > 0 {
		return "file" + ext[0]
	}
	return "file"
}

// cleanName takes the path and all that is not seen, or turns the direction of what is, out of a file's name.
func cleanName(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	name = name[strings.LastIndexByte(name, '/')+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(strings.TrimSpace(name), ". ")
	for len(name) > 200 {
		_, size := utf8.DecodeRuneInString(name)
		name = name[size:] // the end of a name says what it is
	}
	return name
}

// unflow joins the lines of a paragraph that end in a blank (RFC 3676), within one depth of quotes.
func unflow(s string, delSp bool) string {
	var out strings.Builder
	lines := strings.Split(s, "\n")
	open, openDepth := false, 0
	for i, line := range lines {
		depth := 0
		for depth < len(line) && line[depth] == '>' {
			depth++
		}
		content := strings.TrimPrefix(line[depth:], " ")
		if i > 0 && !(open && depth == openDepth && content != "-- ") {
			out.WriteByte('\n')
			open = false
		}
		if !open && depth > 0 {
			out.WriteString(strings.Repeat(">", depth) + " ")
		}
		open, openDepth = strings.HasSuffix(content, " ") && content != "-- ", depth
		if open && delSp {
			content = content[:len(content)-1]
		}
		out.WriteString(content)
	}
	return out.String()
}

// placeImages says of each file with a Content-ID whether the new text shows it, only the quoted rest does, or neither.
func (l *Letter) placeImages() {
	for i := range l.Files {
		switch id := l.Files[i].ContentID; {
		case id == "":
		case l.keptCIDs[id]:
			l.Files[i].Use = Inline
		case l.quotedCIDs[id]:
			l.Files[i].Use = QuotedOnly
		}
	}
}
