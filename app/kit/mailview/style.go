package mailview

import (
	"regexp"
	"strings"
)

// styled are the properties of CSS that only look, and only where they stand: nothing that is placed over something else,
// and nothing that takes an address.
var styled = setOf(`color background-color background font font-family font-size font-style font-weight font-variant
		line-height letter-spacing word-spacing text-align text-decoration text-indent text-transform vertical-align white-space word-break
		overflow-wrap word-wrap direction width max-width min-width height max-height min-height padding padding-top padding-right
		padding-bottom padding-left margin margin-top margin-right margin-bottom margin-left border border-top border-right border-bottom
		border-left border-color border-style border-width border-radius border-collapse border-spacing border-top-width border-right-width
		border-bottom-width border-left-width border-top-color border-right-color border-bottom-color border-left-color border-top-style
	border-right-style border-bottom-style border-left-style display float clear list-style-type table-layout empty-cells caption-side`)

func setOf(names string) map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		set[name] = true
	}
	return set
}

// styleValue is made of what colours, lengths, names and numbers are made of. There is no escape, no comment and no
// address in it; of functions there are only those of colour and sum.
var styleValue = regexp.MustCompile(`^[a-zA-Z0-9#%.,'" +!/-]*(?:(?:rgb|rgba|hsl|hsla|calc)\([0-9%., /+*a-z-]*\)[a-zA-Z0-9#%.,'" +!/-]*)*$`)

// mostStyle is how much of one style attribute is looked at.
const mostStyle = 4 << 10

// style keeps the declarations that only look.
func style(text string) string {
	if len(text) > mostStyle {
		return ""
	}
	var kept []string
	for declaration := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(declaration, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !ok || !styled[name] || value == "" || !styleValue.MatchString(value) || strings.Count(value, `"`)%2 != 0 || strings.Count(value, `'`)%2 != 0 {
			continue
		}
		kept = append(kept, name+":"+value)
	}
	return strings.Join(kept, ";")
}
