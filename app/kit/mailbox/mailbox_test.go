package mailbox_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recado/app/kit/mailbox"
)

const separator = "From ana@example.test Mon Nov 23 10:00:00 2026\n"

func read(t testing.TB, mbox string) (mails []string) {
	t.Helper()
	for m, err := range mailbox.Mbox(strings.NewReader(mbox)) {
		if err != nil {
			t.Fatal(err)
		}
		mails = append(mails, string(m.Raw))
	}
	return mails
}

func TestMbox(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mbox string
		want []string
	}{
		"empty":                            {"", nil},
		"one":                              {separator + "Subject: a\n\nhello\n", []string{"Subject: a\n\nhello\n"}},
		"two":                              {separator + "Subject: a\n\nhello\n\n" + separator + "Subject: b\n\nbye\n\n", []string{"Subject: a\n\nhello\n", "Subject: b\n\nbye\n"}},
		"CRLF":                             {strings.ReplaceAll(separator+"S: a\n\nx\n\n"+separator+"S: b\n\ny\n", "\n", "\r\n"), []string{"S: a\r\n\r\nx\r\n", "S: b\r\n\r\ny\r\n"}},
		"quoted":                           {separator + "S: a\n\n>From here\n>>From there\n> From\n", []string{"S: a\n\nFrom here\n>From there\n> From\n"}},
		"no first":                         {"Subject: a\n\nhello\n\n" + separator + "Subject: b\n\n", []string{"Subject: a\n\nhello\n", "Subject: b\n"}},
		"a text's From after a blank line": {separator + "S: a\n\nx\n\nFrom now on we close at 5 2026 times\n", []string{"S: a\n\nx\n\nFrom now on we close at 5 2026 times\n"}},
		"From within a paragraph":          {separator + "S: a\n\nx\n" + separator, []string{"S: a\n\nx\n" + separator}},
		"with a zone, without seconds, no address": {separator + "S: a\n\nx\n\nFrom Mon Nov 23 10:00 2026 +0100\nS: b\n\n", []string{"S: a\n\nx\n", "S: b\n"}},
		"an empty mail":                 {separator + "\n" + separator + "S: b\n\n", []string{"\n", "S: b\n"}},
		"the last line has no end":      {separator + "S: a\n\nx", []string{"S: a\n\nx"}},
		"a line longer than the buffer": {separator + "S: a\n\n" + strings.Repeat("x", 200<<10) + "\nFrom\n", []string{"S: a\n\n" + strings.Repeat("x", 200<<10) + "\nFrom\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := read(t, c.mbox); !slices.Equal(got, c.want) {
				t.Errorf("got %.300q, want %.300q", got, c.want)
			}
		})
	}
}

func TestMboxGoesOnAfterAMailTooLarge(t *testing.T) {
	t.Parallel()
	var sizes []int
	tooLarge := 0
	large := bytes.Repeat([]byte(strings.Repeat("x", 1<<10)+"\n"), mailbox.MaxMail>>10)
	file := slices.Concat([]byte(separator+"S: a\n\n"), large, []byte("\n"+separator+"S: b\n\n"))
	for m, err := range mailbox.Mbox(bytes.NewReader(file)) {
		if errors.Is(err, mailbox.ErrTooLarge) {
			tooLarge++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(m.Raw))
		if m.Offset != int64(len(file)) {
			t.Errorf("read up to %d of %d", m.Offset, len(file))
		}
	}
	if tooLarge != 1 || !slices.Equal(sizes, []int{len("S: b\n")}) {
		t.Errorf("%d too large, then sizes %v", tooLarge, sizes)
	}
}

// FuzzMbox: whatever stands in a file, no line of it is lost but separators and the blank lines before them.
func FuzzMbox(f *testing.F) {
	f.Add(separator + "S: a\n\nhello\n\n" + separator + "x")
	f.Add("\n\n\nFrom \n>From \n" + separator + separator)
	f.Fuzz(func(t *testing.T, file string) {
		total, mails := 0, 0
		for m, err := range mailbox.Mbox(strings.NewReader(file)) {
			if err != nil {
				t.Fatal(err)
			}
			total += len(m.Raw)
			mails++
		}
		if total > len(file) || mails > strings.Count(file, "From ")+1 || total == 0 && strings.Trim(file, "\r\n") != "" && !strings.Contains(file, "From ") {
			t.Errorf("%d mails of %d bytes from %d", mails, total, len(file))
		}
	})
}

func TestMaildir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"cur/1000.b:2,S": "S: second\n\n", "new/0999.a": "S: first\n\n", "tmp/1001.c": "S: half", ".Sent/cur/1002.d:2,S": "S: third\n\n",
		"dovecot.index": "no mail", "cur/.hidden": "no mail",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mails, err := mailbox.Maildir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for m, err := range mails {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(m.Raw))
	}
	if want := []string{"S: first\n\n", "S: second\n\n", "S: third\n\n"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := mailbox.Maildir(t.TempDir()); err == nil {
		t.Error("an empty folder was taken for a Maildir")
	}
}
