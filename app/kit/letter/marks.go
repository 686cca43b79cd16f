package letter

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// QuoteAttribute marks, in the HTML of our own mails, the element from which on everything is ours. An attribute with
// "data-" survives in a reply where an id or a class is renamed.
const QuoteAttribute = "data-recado-above"

// quoteClasses are of elements that hold nothing but the earlier mail, by the programs that write them.
var quoteClasses = setOf("gmail_quote", "gmail_quote_container", "gmail_extra_quote", "yahoo_quoted", "protonmail_quote",
	"tutanota_quote", "moz-cite-prefix", "zmail_extra", "mail-editor-reference-message-container",
	"ms-outlook-mobile-reference-message", "front-blockquote")

var quoteIDs = setOf("olk_src_body_section", "mac_outlook_attribution_blockquote", "yahoo_quoted")

// restIDs are of elements after which the earlier mail follows, not in them.
var restIDs = setOf("divrplyfwdmsg", "appendonsend", "stopspelling")

// mark says what a tag means for the text in it.
func (r *reader) mark(e *element, t html.Token) {
	style := strings.ToLower(strings.ReplaceAll(attr(t, "style"), " ", ""))
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Noscript, atom.Object, atom.Svg:
		e.hidden = true
	case atom.Pre, atom.Textarea:
		e.pre = true
	case atom.A:
		e.href = r.text.Len()
		if link := attr(t, "href"); strings.HasPrefix(link, "http://") || strings.HasPrefix(link, "https://") {
			e.link = link
		}
	case atom.Body:
		e.hidden = false // the body of a mail whose head never closed
	}
	if strings.Contains(style, "display:none") || strings.Contains(style, "mso-hide:all") {
		e.hidden = true
	}
	if strings.Contains(style, "white-space:pre") {
		e.pre = true
	}
	r.markQuote(e, t)
}

func (r *reader) markQuote(e *element, t html.Token) {
	id := strings.TrimPrefix(strings.ToLower(attr(t, "id")), "x_")
	inContainer := false
	for class := range strings.FieldsSeq(strings.ToLower(attr(t, "class"))) {
		inContainer = inContainer || quoteClasses[strings.TrimPrefix(class, "x_")]
	}
	for _, a := range t.Attr {
		r.after = r.after || a.Key == QuoteAttribute
	}
	switch {
	case restIDs[id]:
		r.after = true
	case quoteIDs[id], strings.HasPrefix(id, "yahoo_quoted"):
		e.folded = true
	case t.DataAtom == atom.Blockquote:
		cite := strings.EqualFold(attr(t, "type"), "cite")
		switch {
		case cite, inContainer && strings.Contains(strings.ToLower(attr(t, "class")), "proton"):
			e.quote++
		case e.quote > 0 || e.folded:
			e.quote++
		case inContainer: // Gmail's button for a quotation writes the class of its quotes
		case e.group == 0:
			r.groups++
			e.group = r.groups
		}
	case inContainer:
		e.folded = true
	}
}
