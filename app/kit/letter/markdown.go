package letter

import (
	"regexp"
	"strings"
)

var (
	lineMark   = regexp.MustCompile(`^(\s*)([-+*](?:\s|$)|#{1,6}(?:\s|$)|=+\s*$|-+\s*$|~~~|\|)`)
	numbered   = regexp.MustCompile(`^(\s*\d{1,9})([.)](?:\s|$))`)
	webAddress = regexp.MustCompile(`<?(?:https?://|mailto:)[^\s<>]+>?`)
	inlineMark = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "~", `\~`, "&", `\&`)
)

// Markdown writes a plain text so that CommonMark shows it as it is: what would be a mark there is escaped, every line
// break stays one, and lines that begin with ">" stay quotes. Addresses of web pages are left alone, to be links.
func Markdown(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = markdownLine(line)
		if i+1 < len(lines) && strings.TrimSpace(line) != "" && strings.TrimSpace(lines[i+1]) != "" {
			lines[i] += `\`
		}
	}
	return strings.Join(lines, "\n")
}

func markdownLine(line string) string {
	depth := 0
	for depth < len(line) && (line[depth] == '>' || line[depth] == ' ' && strings.HasPrefix(strings.TrimLeft(line[depth:], " "), ">")) {
		depth++
	}
	quote, rest := line[:depth], line[depth:]
	indent := len(rest) - len(strings.TrimLeft(rest, " \t"))
	if indent > 3 {
		// Four blanks would make it code; blanks that do not break keep the shape.
		rest = strings.Repeat("\u00a0", indent) + rest[indent:]
	}
	var out strings.Builder
	for at := 0; at < len(rest); {
		found := webAddress.FindStringIndex(rest[at:])
		if found == nil {
			out.WriteString(inlineMark.Replace(rest[at:]))
			break
		}
		out.WriteString(inlineMark.Replace(rest[at:at+found[0]]) + rest[at+found[0]:at+found[1]])
		at += found[1]
	}
	rest = out.String()
	if m := lineMark.FindStringSubmatchIndex(rest); m != nil {
		rest = rest[:m[4]] + `\` + rest[m[4]:]
	} else if m := numbered.FindStringSubmatchIndex(rest); m != nil {
		rest = rest[:m[4]] + `\` + rest[m[4]:]
	}
	return quote + rest
}
