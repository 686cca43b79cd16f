package letter

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// line is one line of a text, plain or taken out of HTML, with what the markup said about it.
type line struct {
	text   string
	quote  int      // how many quotes it stands in
	folded bool     // it stands in what a mail program marked as the earlier mail
	group  int      // which unmarked <blockquote> it stands in, if any
	rule   bool     // it is an <hr>
	cids   []string // the images in it
}

// TextOf gives the text of HTML, as a reader would see it: what is hidden is left out, links carry their address.
func TextOf(markup string) string {
	var out strings.Builder
	for _, l := range linesOfHTML(markup) {
		if l.quote > 0 && l.text != "" {
			out.WriteString(strings.Repeat(">", min(l.quote, 9)) + " ")
		}
		out.WriteString(l.text + "\n")
	}
	return strings.TrimSpace(out.String())
}

// element is an open tag and what it means for the text in it.
type element struct {
	tag                 atom.Atom
	quote               int
	folded, hidden, pre bool
	group, href         int
	link                string
}

// mostOpen bounds how deep tags stand in each other; deeper ones are read as if they were siblings.
const mostOpen = 512

// reader turns tags into lines, in one pass over the tokens: no tree is built, so no nesting makes it slow.
type reader struct {
	lines    []line
	text     strings.Builder
	cids     []string
	open     []element
	space    bool
	anything bool // the line being written has a text
	after    bool // everything from here on is the earlier mail
	groups   int
}

func linesOfHTML(markup string) []line {
	r := &reader{open: []element{{}}}
	z := html.NewTokenizer(strings.NewReader(markup))
	z.SetMaxBuf(4 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			r.endLine()
			r.lastGroup()
			return r.lines
		case html.TextToken:
			r.write(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			r.start(t)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(atom.Lookup(name))
		}
	}
}

func (r *reader) top() element { return r.open[len(r.open)-1] }

func (r *reader) write(s string) {
	top := r.top()
	if top.hidden {
		return
	}
	s = strings.ToValidUTF8(html.UnescapeString(s), "\uFFFD")
	if top.pre {
		for i, part := range strings.Split(strings.ReplaceAll(s, "\r", ""), "\n") {
			if i > 0 {
				r.endLine()
			}
			r.text.WriteString(part)
			r.anything = r.anything || part != ""
		}
		return
	}
	for _, c := range s {
		switch c {
		case ' ', '\n', '\t', '\r', '\f':
			r.space = true
			continue
		case '\u00a0':
			c = ' '
		}
		if r.space && r.anything {
			r.text.WriteByte(' ')
		}
		r.space, r.anything = false, true
		r.text.WriteRune(c)
	}
}

// endLine puts the line away; the state of the open tags is what it is marked with.
func (r *reader) endLine() {
	top := r.top()
	text := strings.TrimRight(r.text.String(), " \t")
	r.lines = append(r.lines, line{text: text, quote: top.quote, folded: top.folded || r.after, group: top.group, cids: r.cids})
	r.text.Reset()
	r.cids, r.space, r.anything = nil, false, false
}

func (r *reader) breakLine() {
	if r.anything || len(r.cids) > 0 {
		r.endLine()
	}
}

// gap leaves one line empty.
func (r *reader) gap() {
	r.breakLine()
	if n := len(r.lines); n > 0 && r.lines[n-1].text != "" {
		r.endLine()
	}
}

func (r *reader) start(t html.Token) {
	switch t.DataAtom {
	case atom.Br:
		if !r.top().hidden {
			r.endLine()
		}
		return
	case atom.Hr:
		r.breakLine()
		r.lines = append(r.lines, line{rule: true, quote: r.top().quote, folded: r.top().folded || r.after, group: r.top().group})
		return
	case atom.Img:
		if id, ok := strings.CutPrefix(attr(t, "src"), "cid:"); ok {
			r.cids = append(r.cids, id)
		}
		return
	case atom.Meta, atom.Link, atom.Input, atom.Area, atom.Base, atom.Col, atom.Wbr, atom.Source:
		return
	}
	if t.Type == html.SelfClosingTagToken && t.DataAtom != atom.Div && t.DataAtom != atom.P {
		return
	}
	if block[t.DataAtom] {
		r.breakLine()
	}
	if t.DataAtom == atom.P || t.DataAtom == atom.Blockquote {
		r.gap()
	}
	e := r.top()
	e.tag, e.link = t.DataAtom, ""
	r.mark(&e, t)
	if len(r.open) < mostOpen && t.Type != html.SelfClosingTagToken {
		r.open = append(r.open, e)
	}
	switch {
	case t.DataAtom == atom.Li && !e.hidden:
		r.write("- ")
		r.space = true
	case t.DataAtom == atom.Td || t.DataAtom == atom.Th:
		r.space = true
	}
}

func (r *reader) end(tag atom.Atom) {
	if block[tag] {
		r.breakLine()
	}
	for i := len(r.open) - 1; i > 0; i-- {
		if r.open[i].tag == tag {
			if tag == atom.A {
				r.closeLink(r.open[i])
			}
			r.open = r.open[:i]
			break
		}
		if tag != atom.Div && tag != atom.Blockquote && tag != atom.Body && tag != atom.Table && r.open[i].tag == atom.Blockquote {
			break // a stray end of something small does not close a quote
		}
	}
	if tag == atom.P || tag == atom.Blockquote {
		r.gap()
	}
}

// closeLink adds a link's address where its text does not say it.
func (r *reader) closeLink(e element) {
	if e.hidden || e.link == "" || !r.anything || len(e.link) > 300 || e.href > r.text.Len() {
		return
	}
	shown := strings.TrimSpace(r.text.String()[e.href:])
	if shown == "" || strings.Contains(strings.TrimRight(e.link, "/"), strings.TrimRight(shown, "/")) || strings.Contains(shown, "://") {
		return
	}
	r.text.WriteString(" <" + e.link + ">")
}

// lastGroup takes the last plain <blockquote> of a mail for the quote: the programs that mark nothing put it there.
func (r *reader) lastGroup() {
	last := 0
	for _, l := range r.lines {
		last = max(last, l.group)
	}
	for i := range r.lines {
		if l := &r.lines[i]; l.group > 0 && l.group == last {
			l.quote = max(l.quote, 1)
		}
	}
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

var block = map[atom.Atom]bool{atom.Div: true, atom.P: true, atom.Blockquote: true, atom.Table: true, atom.Tr: true,
	atom.Ul: true, atom.Ol: true, atom.Li: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true,
	atom.H6: true, atom.Pre: true, atom.Body: true, atom.Html: true, atom.Head: true, atom.Section: true, atom.Article: true,
	atom.Header: true, atom.Footer: true, atom.Center: true, atom.Form: true, atom.Fieldset: true, atom.Address: true,
	atom.Dl: true, atom.Dt: true, atom.Dd: true}

// withoutTags takes the commands out of text/enriched (RFC 1896) and text/richtext.
func withoutTags(s string) string {
	var out strings.Builder
	for s != "" {
		before, rest, found := strings.Cut(s, "<")
		out.WriteString(before)
		if !found {
			break
		}
		if strings.HasPrefix(rest, "<") { // a "<" stands twice
			out.WriteByte('<')
			s = rest[1:]
			continue
		}
		_, s, _ = strings.Cut(rest, ">")
	}
	return out.String()
}
