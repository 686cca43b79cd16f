package letter

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse holds what is true of every mail: it is read or refused by a limit, what stands in the letter is text, and
// nothing of it is lost between what is kept and what is folded.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{report, "From: a@example.com\n\nHi\n\nOn 1 May 2024, at 10:00, b@example.com wrote:\n> x\ny\n> z",
		"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>x<blockquote type=cite>y\n--b--",
		"Subject: =?utf-8?b?w6k=?= =?x?q?=FF?=\nFrom: \"a\" (b) <c@d>, e:f@g;\nContent-Disposition: attachment; filename*0*=utf-8''%ff\n\nbegin 644 x\n#0V%T\n`\nend",
		"Content-Type: text/plain; charset=iso-2022-kr; format=flowed\n\n\x1b$)C\x0e!!\x0f \n> x \n>y", "\xff\xfe\x00", "Content-Transfer-Encoding: uuencode\n\nM"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := Parse(raw, DefaultLimits())
		if err != nil {
			return
		}
		for _, s := range []string{l.Subject, l.Text, l.HTML, l.Kept, l.Folded, l.MessageID, l.TopAuthResults} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Errorf("%q is no text", s)
			}
		}
		if strings.ContainsAny(l.Subject+l.MessageID+l.TopAuthResults, "\r\n") {
			t.Errorf("a field is not on one line: %q", l.Subject)
		}
		if l.MessageID == "" || len(l.Hash) != 64 {
			t.Error("a letter without an identity")
		}
		if strings.TrimFunc(l.Text, func(r rune) bool { return r <= ' ' || r == '\u00a0' }) != "" && l.HTML == "" && l.Kept+l.Folded == "" {
			t.Errorf("%q was lost", l.Text)
		}
		for _, file := range l.Files {
			if file.Name == "" || strings.ContainsAny(file.Name, "/\\\x00\n\u202e") || !utf8.ValidString(file.Name) {
				t.Errorf("a file is named %q", file.Name)
			}
		}
	})
}

// FuzzFold holds that folding loses no word of a text.
func FuzzFold(f *testing.F) {
	f.Add("a\n\nOn 1 May 2024 at 10:00, b <b@example.com> wrote:\n> c\nd\n-- \ne")
	f.Add("reply On Wed, Apr 4, 2012 at 3:59 PM, bob@example.com wrote:\n> Hi")
	f.Add("____\nFrom: a@b\nTo: c\n\n```\n--\n```")
	f.Fuzz(func(t *testing.T, text string) {
		kept, folded := FoldText(text)
		count := func(s string) (n int) {
			for _, r := range s {
				if r >= 'a' && r <= 'z' {
					n++
				}
			}
			return n
		}
		if got, want := count(kept)+count(folded), count(text); got != want {
			t.Errorf("%d letters of %d are left in %q and %q", got, want, kept, folded)
		}
		FoldHTML(text)
	})
}
