package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLettersCountsWhatComesOutOtherwise(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"one/a.eml":         "From: a@example.com\n\nHi",
		"one/b.eml":         "From: mailer-daemon@example.com\nReturn-Path: <>\nSubject: failure notice\n\nuser unknown",
		"one/c.eml":         "From: a@example.com\n\nna\u00c3\u00a9ve",
		"one/LICENSE":       "no mail",
		"one/expected.json": `{"a.eml": [{"reason": "userunknown"}], "b.eml": [{"reason": "userunknown"}]}`,
		"two/a.txt":         "Yes.\n\nOn 1 May 2024 at 10:00, b <b@example.com> wrote:\n> No?",
		"two/b.txt":         "Yes.",
		"two/expected.json": `[{"test": "fold", "file": "a.txt", "reply_equals": "Yes."}, {"test": "wrong", "file": "b.txt", "reply_equals": "No."}]`,
		"three/cases.json":  `[{"name": "rich", "kind": "html", "input": "<p>Yes.</p><blockquote type=\"cite\">No?</blockquote>", "expected": "<p>Yes.</p>"}]`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := (Letters{Dir: dir, Log: &out, Verbose: true}).Run(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"one: 3 mails, 0 errors, 0 panics, 0 empty, 1 mojibake; ordinary 2, automatic 0, bounces 1, feedback 0; recognised 1 of 2",
		"taken for another kind a.eml ordinary", "mojibake c.eml", "two: 2 mails", "folded exactly 1 of 2", "folded otherwise wrong",
		"three: 0 mails", "folded exactly 1 of 1",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	if err := (Letters{Dir: filepath.Join(dir, "one"), Log: &out}).Run(); err == nil {
		t.Error("a folder without corpora is measured")
	}
}
