package desk

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold maps one character to how it is searched: lower case, and Latin letters without their marks. It maps one
// character to one, so that a match in folded text is at the same place in the text itself.
func fold(r rune) rune {
	r = unicode.ToLower(r)
	if r < 0xc0 {
		return r
	}
	if i := strings.IndexRune(marked, r); i >= 0 {
		return plain[utf8.RuneCountInString(marked[:i])]
	}
	return r
}

const marked = "àáâãäåāăąǎçćĉċčďđèéêëēĕėęěĝğġģĥħìíîïĩīĭįıǐĵķĺļľŀłñńņňòóôõöøōŏőǒŕŗřśŝşšșţťŧțùúûüũūŭůűųǔŵýÿŷźżž"

var plain = []rune("aaaaaaaaaacccccddeeeeeeeeegggghhiiiiiiiiiijklllllnnnnoooooooooorrrsssssttttuuuuuuuuuuuwyyyzzz")

// inWord reports whether r belongs to a word, as SQLite's unicode61 tokenizer sees it: letters, digits, marks.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r)
}

// Words splits text into folded words, for searching.
func Words(text string) []string {
	return strings.FieldsFunc(strings.Map(fold, text), func(r rune) bool { return !inWord(r) })
}

// Matches tells where words stand in text, as [from, to) in code points, in order and without overlap. Each word
// matches the beginning of a word of the text.
func Matches(text string, words []string) [][2]int {
	var out [][2]int
	runes := []rune(text)
	for i := 0; i < len(runes); {
		if !inWord(runes[i]) {
			i++
			continue
		}
		end := i
		for end < len(runes) && inWord(runes[end]) {
			end++
		}
		word := strings.Map(fold, string(runes[i:end]))
		if n := longestPrefix(word, words); n > 0 {
			out = append(out, [2]int{i, i + n})
		}
		i = end
	}
	return out
}

func longestPrefix(word string, words []string) (n int) {
	for _, w := range words {
		if strings.HasPrefix(word, w) {
			n = max(n, utf8.RuneCountInString(w))
		}
	}
	return n
}
