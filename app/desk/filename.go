package desk

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reserved names mean a device on Windows, whatever follows the dot.
var reserved = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true,
	"com1": true, "com2": true, "com3": true, "com4": true, "com5": true, "com6": true, "com7": true, "com8": true, "com9": true,
	"lpt1": true, "lpt2": true, "lpt3": true, "lpt4": true, "lpt5": true, "lpt6": true, "lpt7": true, "lpt8": true, "lpt9": true}

// maxFileName is the most bytes of a file's name that common file systems take, with room for a suffix.
const maxFileName = 200

// FileName makes any name one that is safe on every system and shows what it is: no path, no control or direction
// characters (which let "exe.txt" read as something else), no device names, not empty.
func FileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError, r == '\u2028', r == '\u2029':
			return -1
		case strings.ContainsRune(`<>:"|?*/`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimRight(strings.TrimSpace(name), ". "), " ")
	for strings.HasPrefix(name, "..") {
		name = name[1:]
	}
	for ext := path.Ext(name); len(name) > maxFileName; {
		if len(ext) > 20 {
			ext = ""
		}
		base := strings.TrimSuffix(name, ext)
		_, size := utf8.DecodeLastRuneInString(base)
		name = base[:len(base)-size] + ext
	}
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	if reserved[strings.TrimSpace(stem)] {
		name = "_" + name
	}
	if name == "" || name == "." {
		return "file"
	}
	return name
}
