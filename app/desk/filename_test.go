package desk

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFileName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"notes.pdf": "notes.pdf", "../../etc/passwd": "passwd", `C:\Windows\cmd.exe`: "cmd.exe", "a\x00b\r\n.txt": "ab.txt",
		"invoice\u202efdp.exe": "invoicefdp.exe", "CON": "_CON", "nul.txt": "_nul.txt", "": "file", "..": "file", "...": "file", ".": "file",
		"a/": "a", "x. . ": "x", "ñandú ☀.png": "ñandú ☀.png", `a"b<c>.txt`: "a_b_c_.txt", "\xff\xfe.txt": ".txt",
	} {
		if got := FileName(in); got != want {
			t.Errorf("FileName(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzFileName(f *testing.F) {
	f.Add("../..\\x\x00.txt")
	f.Add(strings.Repeat("ñ", 300) + ".pdf")
	f.Fuzz(func(t *testing.T, in string) {
		got := FileName(in)
		if got == "" || got == "." || got == ".." || len(got) > maxFileName+1 || strings.ContainsAny(got, "/\\\x00\r\n") || !utf8.ValidString(got) {
			t.Errorf("FileName(%q) = %q", in, got)
		}
	})
}
