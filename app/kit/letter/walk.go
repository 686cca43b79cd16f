package letter

import (
	"bytes"
	"strings"
)

// part is a node of a mail's tree: a multipart with children, or a leaf whose body is not decoded yet.
type part struct {
	head        header
	media       media
	disposition media
	body        []byte
	children    []*part
}

// walker builds the tree and counts as it goes, so that a mail over a limit is refused at the part that is too many and
// before a byte of it is decoded.
type walker struct {
	limits           Limits
	parts, headBytes int
}

func walk(raw []byte, limits Limits) (*part, error) {
	if limits.Depth == 0 {
		limits.Depth = DefaultLimits().Depth
	}
	w := &walker{limits: limits}
	return w.part(raw, "text/plain", 0)
}

func (w *walker) part(raw []byte, otherwise string, depth int) (*part, error) {
	w.parts++
	switch {
	case depth > w.limits.Depth:
		return nil, over(TooDeep, "Parts of the mail stand more than %d deep in each other.", w.limits.Depth)
	case w.limits.Parts > 0 && w.parts > w.limits.Parts:
		return nil, over(TooManyParts, "The mail has more than %d parts.", w.limits.Parts)
	}
	if w.limits.HeaderBytes > 0 && headLength(raw, w.limits.HeaderBytes-w.headBytes) {
		return nil, over(TooMuchHead, "The header fields of the mail are longer than %d bytes.", w.limits.HeaderBytes)
	}
	h, n, body := splitHead(raw)
	w.headBytes += n
	p := &part{head: h, media: mediaType(h.first("Content-Type")), body: body,
		disposition: mediaType(h.first("Content-Disposition"))}
	if !strings.Contains(p.media.value, "/") {
		p.media.value = otherwise
		if p.media.params["charset"] == "" && p.media.params["name"] == "" && h.has("Content-Type") {
			p.media.value = "text/plain"
		}
	}
	if !p.media.is("multipart/") {
		return p, nil
	}
	return p, w.split(p, depth)
}

// headLength says whether the header block at the beginning of raw is longer than most.
func headLength(raw []byte, most int) bool {
	if len(raw) <= most {
		return false
	}
	if most < 0 {
		return true
	}
	window := raw[:most]
	return !bytes.HasPrefix(window, []byte("\n")) && !bytes.HasPrefix(window, []byte("\r\n")) &&
		!bytes.Contains(window, []byte("\n\n")) && !bytes.Contains(window, []byte("\n\r\n")) && beginsWithField(window)
}

func beginsWithField(b []byte) bool {
	_, _, ok := fieldOf(firstLine(b))
	return ok
}

func firstLine(b []byte) []byte {
	line, _ := cutLine(b)
	return line
}

// split finds the children of a multipart. One without a boundary, or whose boundary is nowhere, is text.
func (w *walker) split(p *part, depth int) error {
	boundary := p.media.params["boundary"]
	if boundary == "" || !bytes.Contains(p.body, []byte("--"+boundary)) {
		boundary = guessBoundary(p.body)
	}
	if boundary == "" {
		p.media.value = "text/plain"
		return nil
	}
	otherwise := "text/plain"
	if p.media.is("multipart/digest") {
		otherwise = "message/rfc822"
	}
	bodies := between(p.body, boundary, w.limits.Parts)
	if len(bodies) == 0 {
		p.media.value = "text/plain"
		return nil
	}
	for _, b := range bodies {
		child, err := w.part(b, otherwise, depth+1)
		if err != nil {
			return err
		}
		p.children = append(p.children, child)
	}
	return nil
}

// between gives what stands between the lines of a boundary (RFC 2046, 5.1.1), but for what is before the first and after
// the last. It stops after one more than most, so that a mail of very many parts costs no more than is allowed.
func between(b []byte, boundary string, most int) (bodies [][]byte) {
	start := -1
	for at := 0; at < len(b) && (most == 0 || len(bodies) <= most); {
		i, after, last := nextBoundary(b, at, boundary)
		if i < 0 {
			break
		}
		if start >= 0 {
			bodies = append(bodies, trimEnd(b[start:max(i, start)]))
		}
		start, at = after, after
		if last {
			return bodies
		}
	}
	if start >= 0 && start < len(b) && (most == 0 || len(bodies) <= most) {
		bodies = append(bodies, b[start:])
	}
	return bodies
}

// nextBoundary finds the next line that is the boundary, at or after from.
func nextBoundary(b []byte, from int, boundary string) (at, after int, last bool) {
	mark := []byte("--" + boundary)
	for from < len(b) {
		i := bytes.Index(b[from:], mark)
		if i < 0 {
			return -1, 0, false
		}
		i += from
		line, rest := cutLine(b[i+len(mark):])
		last = bytes.HasPrefix(line, []byte("--"))
		tail := bytes.TrimSpace(bytes.TrimPrefix(line, []byte("--")))
		if (i == 0 || b[i-1] == '\n') && len(tail) == 0 {
			return i, len(b) - len(rest), last
		}
		from = i + len(mark)
	}
	return -1, 0, false
}

// trimEnd takes the line end off that belongs to the boundary.
func trimEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// guessBoundary takes the first line that looks like one and stands before something like a header, for a multipart
// whose own boundary was lost on the way.
func guessBoundary(b []byte) string {
	for n := 0; len(b) > 0 && n < 100; n++ {
		line, rest := cutLine(b)
		line = bytes.TrimRight(line, " \t")
		if bytes.HasPrefix(line, []byte("--")) && len(line) > 6 && !bytes.ContainsAny(line, " \t") &&
			bytes.HasPrefix(bytes.ToLower(rest[:min(len(rest), 8)]), []byte("content-")) {
			return string(line[2:])
		}
		b = rest
	}
	return ""
}

// each calls do for a part and all below it.
func (p *part) each(do func(*part)) {
	do(p)
	for _, c := range p.children {
		c.each(do)
	}
}

// content is the decoded body of a leaf.
func (p *part) content() []byte {
	return decodeTransfer(p.body, p.head.first("Content-Transfer-Encoding"))
}

// text is the decoded body as text with plain line ends.
func (p *part) text(charset string) string {
	if c := p.media.params["charset"]; c != "" && known(c) {
		charset = c
	}
	s := decodeBytes(p.content(), charset)
	s = strings.TrimPrefix(s, "\uFEFF")
	if strings.ContainsRune(s, '\r') {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return strings.ReplaceAll(s, "\x00", "")
}
