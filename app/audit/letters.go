package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"recado/app/kit/letter"
)

// Letters reads every mail below a folder and counts what became of it. Each folder in it is a corpus; what a corpus says
// it expects, in a file expected.json or cases.json, is compared.
type Letters struct {
	// Dir holds the corpora.
	Dir string
	// Log gets a line for each corpus.
	Log io.Writer
	// Verbose names each mail that did not come out as expected.
	Verbose bool
}

// Figures are what one corpus came to.
type Figures struct {
	// Parsed, Errors and Panics count mails.
	Parsed, Errors, Panics int
	// Empty are mails that hold a text of which nothing was found.
	Empty int
	// Mojibake are mails with replacement characters, or with UTF-8 read as if it were Windows-1252.
	Mojibake int
	// Folded of FoldCases came out exactly as expected, white space aside.
	Folded, FoldCases int
	// Machines of MachineCases were recognised as what they are: bounces, feedback reports, automatic answers.
	Machines, MachineCases int
	// Kinds counts all mails of the corpus by kind.
	Kinds [4]int
	// Slowest is how long the slowest mail took, and SlowestMail which it was.
	Slowest     time.Duration
	SlowestMail string
}

// Run measures each corpus and prints a line for it. The error says that a corpus could not be read; what comes out of a
// mail is a figure.
func (a Letters) Run() error {
	entries, err := os.ReadDir(a.Dir)
	if err != nil {
		return err
	}
	found := false
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		figures, err := a.corpus(os.DirFS(path.Join(a.Dir, e.Name())))
		if err != nil {
			return fmt.Errorf("corpus %s: %w", e.Name(), err)
		}
		found = true
		fmt.Fprintf(a.Log, "%s: %s\n", e.Name(), figures)
	}
	if !found {
		return errors.New("the folder holds no corpora: each is a folder in it")
	}
	return nil
}

func (f Figures) String() string {
	s := fmt.Sprintf("%d mails, %d errors, %d panics, %d empty, %d mojibake; ordinary %d, automatic %d, bounces %d, feedback %d",
		f.Parsed, f.Errors, f.Panics, f.Empty, f.Mojibake, f.Kinds[letter.Ordinary], f.Kinds[letter.AutoReply],
		f.Kinds[letter.Bounced], f.Kinds[letter.FeedbackReport])
	if f.FoldCases > 0 {
		s += fmt.Sprintf("; folded exactly %d of %d", f.Folded, f.FoldCases)
	}
	if f.MachineCases > 0 {
		s += fmt.Sprintf("; recognised %d of %d", f.Machines, f.MachineCases)
	}
	return s + fmt.Sprintf("; slowest %.1f ms (%s)", float64(f.Slowest.Microseconds())/1000, f.SlowestMail)
}

func (a Letters) corpus(root fs.FS) (f Figures, err error) {
	kinds := map[string]letter.Kind{}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !slices.Contains([]string{".eml", ".msg", ".txt", ""}, path.Ext(name)) ||
			slices.Contains([]string{"LICENSE", "README", "README.md"}, d.Name()) {
			return err
		}
		raw, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		kinds[name] = a.one(&f, name, raw)
		return nil
	})
	if err != nil {
		return f, err
	}
	if b, err := fs.ReadFile(root, "cases.json"); err == nil {
		return f, a.cases(&f, b)
	}
	if b, err := fs.ReadFile(root, "expected.json"); err == nil {
		return f, a.expected(&f, root, kinds, b)
	}
	return f, nil
}

// one reads a mail. A panic is counted, for the rest of the corpus is to be seen too.
func (a Letters) one(f *Figures, name string, raw []byte) letter.Kind {
	defer func() {
		if p := recover(); p != nil {
			f.Panics++
			a.tell("panic", name, p)
		}
	}()
	started := time.Now()
	l, err := letter.Parse(raw, letter.DefaultLimits())
	if took := time.Since(started); took > f.Slowest {
		f.Slowest, f.SlowestMail = took, name
	}
	if err != nil {
		f.Errors++
		a.tell("error", name, err)
		return letter.Ordinary
	}
	f.Parsed++
	f.Kinds[l.Kind]++
	if strings.TrimSpace(l.Kept) == "" && len(l.Files) == 0 && textOf(raw).Body != "" && strings.TrimFunc(textOf(raw).Body, blank) != "" {
		f.Empty++
		a.tell("empty", name, "")
	}
	if garbled(l.Subject + l.Text) {
		f.Mojibake++
		a.tell("mojibake", name, "")
	}
	return l.Kind
}

func (a Letters) tell(what, name string, detail any) {
	if a.Verbose {
		fmt.Fprintf(a.Log, "  %s %s %v\n", what, name, detail)
	}
}

// garbled sees replacement characters, and the letters that come of reading UTF-8 as Windows-1252.
func garbled(s string) bool {
	if strings.ContainsRune(s, '\uFFFD') {
		return true
	}
	for _, pair := range []string{"Ã©", "Ã¨", "Ã¤", "Ã¶", "Ã¼", "Ã±", "Ã³", "Ã¡", "Ã§", "â€™", "â€œ", "â€“", "Ð°Ð", "Ã£Â", "ã‚"} {
		if strings.Contains(s, pair) {
			return true
		}
	}
	return false
}

// cases are texts with what is new in them.
func (a Letters) cases(f *Figures, b []byte) error {
	var cases []struct{ Name, Kind, Input, Expected string }
	if err := json.Unmarshal(b, &cases); err != nil {
		return err
	}
	for _, c := range cases {
		var got, want string
		switch c.Kind {
		case "text":
			got, _ = letter.FoldText(c.Input)
			want = c.Expected
		case "html":
			got, _ = letter.FoldHTML(c.Input)
			want = letter.TextOf(c.Expected)
		default:
			continue
		}
		a.compare(f, c.Kind+" "+c.Name, got, want)
	}
	return nil
}

// expected is a list of texts with what is new in them, or names of mails that programs wrote.
func (a Letters) expected(f *Figures, root fs.FS, kinds map[string]letter.Kind, b []byte) error {
	var machines map[string][]struct{ Reason string }
	if json.Unmarshal(b, &machines) == nil {
		for name, reports := range machines {
			a.machine(f, name, kinds[name], len(reports) > 0 && reports[0].Reason == "vacation",
				len(reports) > 0 && reports[0].Reason == "delivered", len(reports) > 0 && reports[0].Reason == "feedback")
		}
		return nil
	}
	var texts []struct {
		Test, File string
		Reply      string `json:"reply_equals"`
	}
	if err := json.Unmarshal(b, &texts); err != nil {
		return err
	}
	for _, t := range texts {
		if t.Reply == "" {
			continue
		}
		text, err := fs.ReadFile(root, t.File)
		if err != nil {
			return err
		}
		got, _ := letter.FoldText(string(text))
		a.compare(f, t.Test, got, t.Reply)
	}
	return nil
}

func (a Letters) machine(f *Figures, name string, kind letter.Kind, vacation, delivered, feedback bool) {
	want := letter.Bounced
	switch {
	case vacation, delivered:
		want = letter.AutoReply
	case feedback:
		want = letter.FeedbackReport
	}
	f.MachineCases++
	if kind == want {
		f.Machines++
	} else {
		a.tell("taken for another kind", name, kind)
	}
}

func (a Letters) compare(f *Figures, name, got, want string) {
	f.FoldCases++
	if strings.Join(strings.Fields(got), " ") == strings.Join(strings.Fields(want), " ") {
		f.Folded++
	} else {
		a.tell("folded otherwise", name, fmt.Sprintf("\n    got  %.300q\n    want %.300q", got, want))
	}
}
