package mailview

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"recado/app/kit/letter"
)

// The marks that mail programs put on what they quote. Nothing else of classes and ids comes through.
var (
	quoteClass = regexp.MustCompile(`(?i)^[\w -]*\b(x_)?(gmail_quote|gmail_quote_container|yahoo_quoted|protonmail_quote|tutanota_quote|` +
		`mail-editor-reference-message-container|ms-outlook-mobile-reference-message|front-blockquote)\b[\w -]*$`)
	quoteID = regexp.MustCompile(`(?i)^(x_)?(divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|mac_outlook_attribution_blockquote|yahoo_quoted\w*)$`)
	restID  = regexp.MustCompile(`(?i)^(x_)?(divRplyFwdMsg|appendonsend)$`)
)

// begins says whether everything from an element on is the earlier mail.
func begins(t html.Token) bool {
	return slices.ContainsFunc(t.Attr, func(a html.Attribute) bool {
		return a.Key == letter.QuoteAttribute || a.Key == "id" && restID.MatchString(a.Val)
	})
}

// quotes says whether an element holds what a mail quotes.
func quotes(t html.Token) bool {
	return slices.ContainsFunc(t.Attr, func(a html.Attribute) bool {
		switch a.Key {
		case "class":
			return quoteClass.MatchString(a.Val)
		case "id":
			return quoteID.MatchString(a.Val)
		case "type":
			return t.DataAtom == atom.Blockquote && strings.EqualFold(a.Val, "cite")
		}
		return false
	})
}
