package letter

import "testing"

func TestMarkdownShowsATextAsItIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":                          "plain",
		"a\nb\n\nc":                      "a\\\nb\n\nc",
		"*no* _emphasis_ `code` <b> [x]": "\\*no\\* \\_emphasis\\_ \\`code\\` \\<b> \\[x\\]",
		"# no heading":                   `\# no heading`,
		"1. no list":                     `1\. no list`,
		"- no list":                      `\- no list`,
		"a\n---":                         "a\\\n\\---",
		"    no code":                    "\u00a0\u00a0\u00a0\u00a0no code",
		"> a *quote*":                    `> a \*quote\*`,
		"see https://example.com/a_b_c":  "see https://example.com/a_b_c",
		"1.5 and #7 stay":                "1.5 and #7 stay",
		`C:\temp`:                        `C:\\temp`,
		"&amp; stays an entity's letter": `\&amp; stays an entity's letter`,
	} {
		if got := Markdown(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
