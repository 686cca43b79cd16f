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

func TestTimesOfSeparators(t *testing.T) {
	t.Parallel()
	file := "From a@b.test Thu Feb  1 09:05:00 2024\nS: a\n\nx\n\nFrom - Thu Feb  1 09:05 2024\nS: b\n\ny\n\n" +
		"From c Thu Feb 01 10:05:00 2024 +0100\nS: c\n\nFrom d Thu Feb 1 10:05:00 +0100 2024\nS: d\n\nFrom e 9:05 sometime 2024\nS: e\n"
	var got []string
	for m, err := range mailbox.Mbox(strings.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m.Time.UTC().Format("15:04 2006"))
	}
	if want := []string{"09:05 2024", "09:05 2024", "09:05 2024", "09:05 2024", "00:00 0001"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestBoxesGiveAMailAgain: whatever stands around it, and also once its program has moved it.
func TestBoxesGiveAMailAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mbox, maildir := filepath.Join(dir, "In.mbox"), filepath.Join(dir, "Mail")
	file := separator + "S: a\n\n>From x\n\n" + separator + "\n" + separator + "S: c\n\n" + strings.Repeat("y", 100<<10) + "\n\n" + separator + separator + "S: d"
	write := func(path, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(mbox, file)
	write(filepath.Join(maildir, "new", "1000.b"), "S: new\n\n")
	write(filepath.Join(maildir, ".Sent", "cur", "1001.c:2,RS"), "S: sent\n\n")
	boxes := map[string]func() (*mailbox.Box, error){
		"In":   func() (*mailbox.Box, error) { return mailbox.OpenMbox(mbox) },
		"Mail": func() (*mailbox.Box, error) { return mailbox.OpenMaildir(maildir) },
	}
	for name, open := range boxes {
		box, err := open()
		if err != nil || box.Name != name {
			t.Fatalf("%s: opened %+v, %v", name, box, err)
		}
		defer box.Close()
		list, err := box.Mails()
		if err != nil {
			t.Fatal(err)
		}
		var mails []mailbox.Mail
		for m, err := range list {
			if err != nil {
				t.Fatal(err)
			}
			mails = append(mails, m)
		}
		if name == "Mail" {
			if m := mails[1]; m.Folder != ".Sent" || m.Flags != "RS" || m.Time.IsZero() {
				t.Errorf("%+v", m)
			}
			if err := os.Rename(filepath.Join(maildir, "new", "1000.b"), filepath.Join(maildir, "cur-")); err != nil {
				t.Fatal(err)
			}
			write(filepath.Join(maildir, "cur", "1000.b:2,S"), "S: new\n\n")
		}
		for _, m := range mails {
			if raw, err := box.Read(m); err != nil || !bytes.Equal(raw, m.Raw) {
				t.Errorf("%s, %s: %.40q, %v, want %.40q", name, m.Name, raw, err, m.Raw)
			}
		}
	}
	for _, path := range []string{maildir, filepath.Join(dir, "missing")} {
		if _, err := mailbox.OpenMbox(path); err == nil {
			t.Errorf("%s was opened as an mbox", path)
		}
	}
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
