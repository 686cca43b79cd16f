package letter

import (
	"regexp"
	"strings"
)

// stretch is a run of quoted lines, the ones that lost their mark in wrapping included.
type stretch struct{ from, to int }

// quotes folds quoted lines. Who answers between several of them means them to be seen, so then only what stands after
// the last answer is folded.
func (f *folder) quotes() {
	all := f.stretches()
	answered, first := 0, f.next(0)
	for n, s := range all {
		end := f.end
		if n+1 < len(all) {
			end = all[n+1].from
		}
		if f.speaks(s.to, end) {
			answered++
		}
	}
	for n, s := range all {
		announced := f.announced(s.from)
		last := n == len(all)-1 && !f.speaks(s.to, f.end)
		if !last && (answered > 1 || !announced && first < s.from) {
			continue
		}
		for i := s.from; i < s.to; i++ {
			f.lines[i].folded = true
		}
	}
	f.unfoldAnnouncements()
}

// stretches finds the runs. A short line between two quoted ones belongs to them where the line above was wrapped.
func (f *folder) stretches() (all []stretch) {
	for i := 0; i < f.end; i++ {
		if !f.quoted(i) || f.lines[i].folded && f.lines[i].quote == 0 {
			continue
		}
		s := stretch{i, i + 1}
		for j := i + 1; j < f.end; j++ {
			switch {
			case f.quoted(j):
				s.to = j + 1
				continue
			case f.blank(j):
				continue
			case f.wrapped(j):
				continue
			}
			break
		}
		all = append(all, s)
		i = s.to - 1
	}
	return all
}

// wrapped says whether line j is the end of the quoted line above it, which a program wrapped.
func (f *folder) wrapped(j int) bool {
	if j == 0 || j+1 >= f.end || !f.quoted(j-1) || f.lines[j].quote > 0 {
		return false
	}
	above := f.lines[j-1].text
	open := strings.Count(above, "(") > strings.Count(above, ")") || strings.HasSuffix(above, "<")
	ends := strings.HasSuffix(f.lines[j].text, ">")
	return f.quoted(j+1) && (len(above) >= 60 || open || ends)
}

// speaks says whether there is a new text between two lines.
func (f *folder) speaks(from, to int) bool {
	for i := from; i < to; i++ {
		if f.lines[i].text == "-- " || f.lines[i].text == "--" {
			return false
		}
		if !f.blank(i) && !f.lines[i].folded && !drawn.MatchString(f.lines[i].text) {
			return true
		}
	}
	return false
}

// announced says whether an attribution stands above line i.
func (f *folder) announced(i int) bool {
	if strings.Contains(f.lines[i].text, "\n") {
		return true
	}
	for i--; i >= 0; i-- {
		if !f.blank(i) {
			return f.lines[i].folded
		}
	}
	return false
}

// unfoldAnnouncements shows an attribution again whose quote is shown.
func (f *folder) unfoldAnnouncements() {
	for i := range f.lines[:f.end] {
		if !f.lines[i].folded || f.quoted(i) {
			continue
		}
		next := f.next(i + 1)
		if next < f.end && f.quoted(next) && !f.lines[next].folded {
			f.lines[i].folded = false
		}
	}
}

var (
	dashes  = regexp.MustCompile(`^--\s*$`)
	listEnd = regexp.MustCompile(`^_{2,}\s*$`)
	footer  = regexp.MustCompile(`(?i)https?://|mailing list|@lists?\.|unsubscribe`)
	sentBy  = regexp.MustCompile(`(?i)^[\[(]?\s*(sent (from|via|with|using) |get outlook for |envoyé (de|depuis|à partir|avec) |gesendet (von|mit|über) |von mei\S+ .{2,40} gesendet|` +
		`enviado (desde|do|a partir|con|com) |inviato (da|con) |verzonden (vanaf|met|vanuit) |verstuurd vanaf |skickat från |sendt fra |sendt med |` +
		`lähetetty |отправлено (с|из) |wysłano z |wysłane z |odesláno z |odoslané z |trimis de pe |.{2,40}(から送信|から送信されました)|发自|來自我的|從我的.{2,20}傳送|` +
		`.{2,20}에서 보냄|.{2,30} gönderildi|надіслано з |diperintah dari |enviat (des )?de(l|s)? |στάλθηκε από |mobil(e)? gesendet)`)
)

// signature folds what programs and list servers put below a text: after "-- " (RFC 3676, 4.3), "Sent from my …", and
// the footer of a mailing list. How people end their letters is theirs, and stays.
func (f *folder) signature() {
	fenced := false
	for i := 0; i < f.end; i++ {
		text := f.lines[i].text
		if strings.HasPrefix(text, "```") {
			fenced = !fenced && f.closes(i)
		}
		if fenced || f.lines[i].folded || f.quoted(i) {
			continue
		}
		below := i == 0 || f.blank(i-1) || f.lines[i-1].folded || f.next(i+1) == f.end
		switch {
		case dashes.MatchString(text) && f.words(i+1) <= 15, listEnd.MatchString(text) && f.isFooter(i+1), below && isSentBy(text):
			for j := i; j < f.end; j++ {
				f.lines[j].folded = true
			}
			return
		}
	}
}

// isSentBy says whether a line is what a program adds, not a sentence of a person about what was sent.
func isSentBy(s string) bool {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "<("); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	return len(s) < 90 && len(strings.Fields(s)) <= 9 && !strings.ContainsAny(s, "?:;") && sentBy.MatchString(s) &&
		!strings.HasSuffix(s, ".") && !strings.Contains(s, ", ")
}

// words counts the lines that are not empty from line i on, up to where it is too many for a signature anyway.
func (f *folder) words(i int) (n int) {
	for ; i < f.end && n <= 15; i++ {
		if !f.blank(i) && !f.lines[i].folded {
			n++
		}
	}
	return n
}

func (f *folder) isFooter(i int) bool {
	if f.words(i) > 8 {
		return false
	}
	for ; i < f.end; i++ {
		if footer.MatchString(f.lines[i].text) {
			return true
		}
	}
	return false
}
