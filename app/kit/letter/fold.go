package letter

import (
	"regexp"
	"strings"
)

// FoldText parts a plain text into what is new and what is quoted: earlier mails, signatures, footers of lists. A
// forward is new, all of it. Where nothing would be new, all of it is.
func FoldText(text string) (kept, folded string) {
	lines := plainLines(text)
	foldLines(lines, false)
	return join(lines)
}

// FoldHTML does the same with HTML, by what mail programs mark as quoted and then by the rules for text. The results
// are plain text.
func FoldHTML(markup string) (kept, folded string) {
	lines := linesOfHTML(markup)
	foldLines(lines, false)
	return join(lines)
}

// fold fills Kept and Folded. HTML goes first, for there programs mark the quote; where they did not, the plain form is
// taken, which shows links and layout as its writer meant them.
func (l *Letter) fold() {
	forward := forwardSubject.MatchString(l.Subject)
	l.keptCIDs, l.quotedCIDs = map[string]bool{}, map[string]bool{}
	plain := plainLines(l.Text)
	foldLines(plain, forward)
	if l.HTML == "" {
		l.Kept, l.Folded = join(plain)
		return
	}
	rich := linesOfHTML(l.HTML)
	marked := false
	for _, line := range rich {
		marked = marked || line.folded || line.quote > 0
	}
	foldLines(rich, forward)
	for _, line := range rich {
		for _, id := range line.cids {
			if line.folded {
				l.quotedCIDs[id] = true
			} else {
				l.keptCIDs[id] = true
			}
		}
	}
	l.Kept, l.Folded = join(plain)
	if kept, folded := join(rich); kept != "" && (l.Text == "" || l.Kept == "" || marked && len(kept) < len(l.Kept)*9/10) {
		l.Kept, l.Folded = kept, folded
	}
}

// forwardSubject is a subject that mail programs give a forward. A reply to one begins otherwise.
var forwardSubject = regexp.MustCompile(`(?i)^\s*(fwd?|wg|tr|rv|enc|i|vb|vl|vs|doorst|pd|転送|转发|轉寄)\s*:`)

func plainLines(text string) []line {
	raw := strings.Split(text, "\n")
	lines := make([]line, len(raw))
	for i, s := range raw {
		lines[i].text = strings.TrimRight(s, " \t\r\u00a0")
		if strings.TrimRight(s, "\r") == "-- " {
			lines[i].text = "-- "
		}
	}
	return lines
}

func join(lines []line) (kept, folded string) {
	var k, f strings.Builder
	for _, l := range lines {
		out := &k
		if l.folded {
			out = &f
		}
		if depth := max(l.quote, min(l.group, 1)); depth > 0 && l.text != "" {
			out.WriteString(strings.Repeat(">", min(depth, 9)) + " ")
		}
		if l.rule {
			out.WriteString("---")
		}
		out.WriteString(l.text + "\n")
	}
	return tidy(k.String()), tidy(f.String())
}

var manyBlank = regexp.MustCompile(`\n{3,}`)

// tidy leaves at most one line empty between two others, and none around the whole.
func tidy(s string) string {
	s = manyBlank.ReplaceAllString(s, "\n\n")
	return strings.TrimRight(strings.TrimLeft(s, "\n"), " \t\n")
}

// folder marks the lines of one mail. Rules only ever fold; the last word has the rule that something must be left.
type folder struct {
	lines   []line
	end     int  // lines from here on are a forward, and not looked at
	forward bool // the mail as a whole is one
	tries   int  // how many lines were looked at for an attribution
	asked   []asField
}

// asField is what a line is as one of a block of header fields: asked for again and again, found out once.
type asField struct {
	known, timed bool
	kind         int
}

func (f *folder) field(i int) asField {
	if f.asked == nil {
		f.asked = make([]asField, len(f.lines))
	}
	if at := &f.asked[i]; !at.known {
		*at = asField{true, isTimed(f.lines[i].text), fieldKind(f.lines[i].text)}
	}
	return f.asked[i]
}

func foldLines(lines []line, forward bool) {
	f := &folder{lines: lines, forward: forward}
	f.end = f.findForward()
	f.splitShared()
	if !forward {
		f.cutEarlier()
	}
	f.quotes()
	f.signature()
	for i := range lines {
		if !lines[i].folded && lines[i].text != "" || len(lines[i].cids) > 0 && !lines[i].folded {
			return
		}
	}
	for i := range lines {
		lines[i].folded = false
	}
}

// quoted says whether a line is in somebody else's words.
func (f *folder) quoted(i int) bool {
	text := strings.TrimLeft(f.lines[i].text, " \t")
	return f.lines[i].quote > 0 || strings.HasPrefix(text, ">") && (len(text) > mostAnnouncement || !pointer.MatchString(text))
}

// pointer is a line that only points at something with angle brackets.
var pointer = regexp.MustCompile(`^\s*>+.*<+\s*$|^\s*>\s*:\s*$|^\s*>\s*\S+\s*:\s*$`)

func (f *folder) blank(i int) bool {
	return strings.TrimSpace(f.lines[i].text) == "" && !f.lines[i].rule && len(f.lines[i].cids) == 0
}

// findForward gives the first line of a forwarded mail, which is kept with all that follows. A forward within what is
// quoted is no forward of this mail.
func (f *folder) findForward() int {
	for i := range f.lines {
		text := strings.TrimSpace(f.lines[i].text)
		if len(text) <= mostAnnouncement && !f.quoted(i) && (forwardRule.MatchString(text) || forwardBegin.MatchString(text)) {
			if f.earlierBefore(i) {
				break
			}
			for j := i; j < len(f.lines); j++ {
				f.lines[j].folded = false
			}
			return i
		}
	}
	return len(f.lines)
}

// earlierBefore says whether an earlier mail begins before line end.
func (f *folder) earlierBefore(end int) bool {
	for i := range end {
		if f.originalRule(i) || f.headerBlock(i, end) || f.attribution(i, end) > 0 {
			return true
		}
	}
	return false
}

// cutEarlier folds from the first line on that says that an earlier mail follows whole. Where its lines carry marks of
// quoting instead, only its announcement is folded here.
func (f *folder) cutEarlier() {
	fenced := false
	for i := 0; i < f.end; i++ {
		if strings.HasPrefix(f.lines[i].text, "```") {
			fenced = !fenced && f.closes(i)
		}
		if fenced || f.quoted(i) || f.lines[i].folded {
			continue
		}
		if f.originalRule(i) || f.headerBlock(i, f.end) || f.isOurLine(i) {
			f.foldFrom(f.before(i))
			return
		}
		n := f.attribution(i, f.end)
		if n == 0 {
			continue
		}
		next := f.next(i + n)
		if next == f.end || !f.quoted(next) && !f.lines[next].folded {
			f.foldFrom(i)
			return
		}
		for j := i; j < i+n; j++ {
			f.lines[j].folded = true
		}
		i += n - 1
	}
}

func (f *folder) isOurLine(i int) bool {
	return len(f.lines[i].text) < mostAnnouncement && ourLine.MatchString(f.lines[i].text)
}

func (f *folder) closes(i int) bool {
	for j := i + 1; j < f.end; j++ {
		if strings.HasPrefix(f.lines[j].text, "```") {
			return true
		}
	}
	return false
}

func (f *folder) foldFrom(i int) {
	for j := i; j < f.end; j++ {
		f.lines[j].folded = true
	}
	f.end = i
}

// next is the first line at or after i that is not empty.
func (f *folder) next(i int) int {
	for i < f.end && f.blank(i) {
		i++
	}
	return i
}

// before takes a rule of dashes, and the like, that stands above an announcement with it.
func (f *folder) before(i int) int {
	for j := i - 1; j >= 0 && i-j <= 4; j-- {
		switch {
		case f.blank(j):
		case f.lines[j].rule || drawn.MatchString(f.lines[j].text):
			return j
		case f.field(j).kind != 0:
			i = j
		default:
			return i
		}
	}
	return i
}

var drawn = regexp.MustCompile(`^\s*[-_=*]{3,}\s*$`)

// ourLine is the line above which a reply is asked for: ours, and those of other desks, for customers quote them too.
var ourLine = regexp.MustCompile(`(?i)^\s*##-.{3,120}-##\s*$|^[^\p{L}]{2,}.{0,80}(reply|respond|answer|respuesta|conteste|antwort|répon|rispo|antwoord).{0,60}` +
	`(above|encima|arriba|oberhalb|über|au-dessus|acima|sopra|boven).{0,80}[^\p{L}]{2,}$`)
