package letter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFolding plays the cases of testdata/fold: a file holds cases of the form
//
//	== name
//	text
//	-- kept
//	what is new
//
// A name that begins with "html" is of a case in HTML. Kept is compared by the line, blanks at its ends aside.
func TestFolding(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/fold/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases found", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.Split("\n"+string(b), "\n== ")[1:] {
			title, rest, _ := strings.Cut(c, "\n")
			text, want, found := strings.Cut(rest, "\n-- kept\n")
			if !found {
				t.Fatalf("%s: the case %q has no result", name, title)
			}
			t.Run(filepath.Base(name)+"/"+title, func(t *testing.T) {
				t.Parallel()
				fold := FoldText
				if strings.HasPrefix(title, "html") {
					fold = FoldHTML
				}
				kept, folded := fold(text)
				if strings.TrimSpace(kept) != strings.TrimSpace(want) {
					t.Errorf("kept\n%s\nwant\n%s\nfolded\n%s", kept, want, folded)
				}
				if strings.Contains(title, "all") != (folded == "") {
					t.Errorf("folded is %q", folded)
				}
			})
		}
	}
}

func TestAForwardIsNotFoldedByItsSubject(t *testing.T) {
	t.Parallel()
	body := "\n\nPlease see below.\n\nFrom: Ana <ana@example.com>\nSent: Monday\nTo: Bo <bo@example.com>\nSubject: Invoice\n\nThe invoice"
	if l := parse(t, "From: bo@example.com\nSubject: FW: Invoice"+body); l.Folded != "" {
		t.Errorf("a forward lost %q", l.Folded)
	}
	if l := parse(t, "From: bo@example.com\nSubject: RE: FW: Invoice"+body); l.Kept != "Please see below." {
		t.Errorf("a reply keeps %q", l.Kept)
	}
}
