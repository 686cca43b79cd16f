package mailview

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Look says how a page is shown.
type Look struct {
	// Images from elsewhere are loaded, over https.
	Images bool
	// Language of the page's own words, and Quoted is what is pressed to see what the mail quotes.
	Language, Quoted string
	// Link gives the address behind which a link is opened outside, by its number in the mail from 0; nil opens the link
	// itself in a tab of its own.
	Link func(n int) string
}

// Policy is the content security policy of a page with this look: whatever stands in it, it runs nothing, sends nothing,
// and loads nothing but, where they were asked for, images. It is shown in a frame of our own window only.
func (l Look) Policy() string {
	images := "data:"
	if l.Images {
		images = "data: https:"
	}
	return "default-src 'none'; img-src " + images + "; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; " +
		"sandbox allow-popups allow-popups-to-escape-sandbox"
}

// sheet is how a mail looks that says nothing of it. Mails are written for white paper, whatever the window's colours.
const sheet = `:root{color-scheme:light}html{background:#fff;color:#1c2430;font:14px/1.5 system-ui,sans-serif}body{margin:12px 16px;overflow-wrap:anywhere}
img{max-width:100%;height:auto}img:not([src]){display:none}pre{white-space:pre-wrap}table{max-width:100%}blockquote{margin:0 0 0 8px;padding-left:10px;border-left:2px solid #ccd3dd}
a{color:#2450c8}details>summary{cursor:pointer;margin:12px 0;padding:2px 10px;width:max-content;border:1px solid #8a94a6;border-radius:6px;color:#4a5568;font:12px/1.6 system-ui,sans-serif}`

// Frame puts what Clean made into a page. What the mail quotes is folded, and opened by a press without any script.
func Frame(clean string, l Look) string {
	w := framer{look: l}
	fmt.Fprintf(&w.out, `<!doctype html><html lang="%s"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>—</title><style>%s</style></head><body>`,
		html.EscapeString(l.Language), sheet)
	z := html.NewTokenizer(strings.NewReader(clean))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if w.folding {
				w.out.WriteString("</details>")
			}
			return w.out.String() + "</body></html>"
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(z.Token())
		case html.EndTagToken:
			t := z.Token()
			w.out.WriteString(t.String())
			w.end(t)
		case html.TextToken:
			w.out.Write(z.Raw())
		}
	}
}

// Link gives the address of a link by its number, false where there is none.
func Link(clean string, n int) (string, bool) {
	z := html.NewTokenizer(strings.NewReader(clean))
	for i := 0; ; {
		switch z.Next() {
		case html.ErrorToken:
			return "", false
		case html.StartTagToken:
			t := z.Token()
			at := hrefOf(t)
			if at < 0 {
				continue
			}
			if i == n {
				return t.Attr[at].Val, leadsOutside(t.Attr[at].Val)
			}
			i++
		}
	}
}

func hrefOf(t html.Token) int {
	if t.DataAtom == atom.A {
		for i, a := range t.Attr {
			if a.Key == "href" {
				return i
			}
		}
	}
	return -1
}

// framer writes a page, with what is quoted in it folded; quotes within a quote stand in it as they are.
type framer struct {
	out     strings.Builder
	look    Look
	links   int
	folding bool
	within  atom.Atom // the element that is folded; 0: all that follows
	depth   int       // how many of its kind are open
}

func (w *framer) start(t html.Token) {
	switch t.DataAtom {
	case atom.A:
		if at := hrefOf(t); at >= 0 {
			w.link(&t, at)
		}
	case atom.Img:
		w.image(&t)
	}
	if rest := begins(t); !w.folding && (rest || quotes(t)) {
		w.folding, w.within, w.depth = true, t.DataAtom, 0
		if rest {
			w.within = 0
		}
		w.out.WriteString("<details><summary>" + html.EscapeString(w.look.Quoted) + "</summary>")
	}
	if w.folding && w.within != 0 && t.DataAtom == w.within {
		w.depth++
	}
	w.out.WriteString(t.String())
}

func (w *framer) end(t html.Token) {
	if !w.folding || w.within == 0 || t.DataAtom != w.within {
		return
	}
	if w.depth--; w.depth == 0 {
		w.out.WriteString("</details>")
		w.folding = false
	}
}

func (w *framer) link(t *html.Token, at int) {
	address := t.Attr[at].Val
	switch {
	case !leadsOutside(address):
		address = "about:blank"
	case w.look.Link != nil:
		address = w.look.Link(w.links)
	}
	w.links++
	t.Attr[at].Val = address
	t.Attr = append(t.Attr, html.Attribute{Key: "rel", Val: "noopener noreferrer"})
	if w.look.Link == nil {
		t.Attr = append(t.Attr, html.Attribute{Key: "target", Val: "_blank"})
	}
}

func (w *framer) image(t *html.Token) {
	for i, a := range t.Attr {
		switch {
		case a.Key == remoteAttribute && w.look.Images:
			t.Attr[i].Key = "src"
		case a.Key == "src" && !isPicture(a.Val):
			t.Attr[i].Key = remoteAttribute // no page of Clean's has such a one
		}
	}
}
