// Package mailview makes of a mail's HTML what may be shown. A mail is the work of strangers: [Clean] keeps of it what
// only looks, and [Frame] puts that into a page of its own which is shown in a frame without scripts, under a policy that
// lets nothing be loaded. Either wall holds without the other.
package mailview

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"

	"recado/app/kit/letter"
)

// mostImages is how many bytes of a mail's own images a page holds, before they are encoded.
const mostImages = 8 << 20

// Page is a mail's HTML with nothing in it that acts or loads.
type Page struct {
	HTML string
	// Remote is how many images it names that lie elsewhere. They stand as img elements with their address in the
	// attribute data-remote, which loads nothing.
	Remote int
}

// remoteAttribute holds the address of an image that is not loaded unless its reader says so.
const remoteAttribute = "data-remote"

// Clean keeps of HTML what only looks: text, tables, lists, links to http, https and mailto, images, and of style what
// stands in attributes and reaches nowhere. Images by cid: are put in from files; what is no picture, or is too much,
// leaves its alternative text. The result is the same when cleaned again.
func Clean(markup string, files []letter.File) Page {
	c := cleaner{files: files, left: mostImages}
	z := html.NewTokenizer(strings.NewReader(policy().Sanitize(markup)))
	var out strings.Builder
	for {
		switch z.Next() {
		case html.ErrorToken:
			return Page{HTML: out.String(), Remote: c.remote}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			t.Attr = c.attributes(t)
			out.WriteString(t.String())
		case html.TextToken, html.EndTagToken:
			out.Write(z.Raw())
		}
	}
}

// policy is the allow-list. Nothing in it has content that is read otherwise than as HTML (style, script, svg, math,
// template, noscript, textarea, title): where parsers disagree about an element, it is not let through.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("a", "abbr", "address", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del",
		"dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li",
		"mark", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot",
		"th", "thead", "tr", "tt", "u", "ul", "var", "wbr")
	p.AllowNoAttrs().OnElements("a", "font", "img", "span")
	p.AllowAttrs("align", "valign", "width", "height", "bgcolor", "border", "cellpadding", "cellspacing", "colspan", "rowspan", "nowrap").
		Matching(plainValue).OnElements("table", "tbody", "thead", "tfoot", "tr", "td", "th", "col", "colgroup", "div", "p", "img", "hr", "center")
	p.AllowAttrs("color", "face", "size").Matching(plainValue).OnElements("font")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^(ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("lang", "title", "alt", "start", "type").Globally()
	p.AllowAttrs("class").Matching(quoteClass).Globally()
	p.AllowAttrs("id").Matching(quoteID).Globally()
	p.AllowAttrs(letter.QuoteAttribute).Globally()
	p.AllowAttrs("style").Globally() // looked through afterwards, see attributes
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", remoteAttribute).OnElements("img")
	p.SkipElementsContent("title", "template", "svg", "math", "textarea", "select", "noscript")
	p.AllowURLSchemes("http", "https", "mailto", "cid")
	p.AllowDataURIImages()
	p.RequireParseableURLs(true)
	return p
})

var plainValue = regexp.MustCompile(`^[\w#%.,() -]{0,64}$`)

// cleaner looks at the attributes that are let through by their values.
type cleaner struct {
	files  []letter.File
	left   int // bytes of images
	remote int
}

func (c *cleaner) attributes(t html.Token) (kept []html.Attribute) {
	for _, a := range t.Attr {
		switch a.Key {
		case "style":
			if a.Val = style(a.Val); a.Val == "" {
				continue
			}
		case "href":
			if !leadsOutside(a.Val) {
				continue
			}
		case "src", remoteAttribute:
			if slices.ContainsFunc(kept, func(k html.Attribute) bool { return k.Key == "src" || k.Key == remoteAttribute }) {
				continue
			}
			if a = c.image(a.Val); a.Key == "" {
				continue
			}
		}
		kept = append(kept, a)
	}
	return kept
}

// leadsOutside says whether a link may be opened: in a browser or a mail program.
func leadsOutside(address string) bool {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}

// image gives the attribute an image's address becomes; none (an empty key) for what is not to be had.
func (c *cleaner) image(address string) html.Attribute {
	address = strings.TrimSpace(address)
	if id, ok := strings.CutPrefix(address, "cid:"); ok {
		return c.own(id)
	}
	if strings.HasPrefix(address, "data:") {
		if isPicture(address) {
			return html.Attribute{Key: "src", Val: address}
		}
		return html.Attribute{}
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return html.Attribute{} // over http anybody on the way would know who looks
	}
	c.remote++
	return html.Attribute{Key: remoteAttribute, Val: u.String()}
}

// isPicture says whether a data: address holds a picture that can't act; SVG is none.
func isPicture(address string) bool {
	for _, kind := range []string{"png", "jpeg", "gif", "webp"} {
		if strings.HasPrefix(address, "data:image/"+kind+";base64,") {
			return true
		}
	}
	return false
}

func (c *cleaner) own(id string) html.Attribute {
	if decoded, err := url.PathUnescape(id); err == nil {
		id = decoded
	}
	for _, f := range c.files {
		if f.ContentID == "" || f.ContentID != id {
			continue
		}
		address := "data:" + http.DetectContentType(f.Content) + ";base64,"
		if !isPicture(address) || len(f.Content) > c.left {
			break
		}
		c.left -= len(f.Content)
		return html.Attribute{Key: "src", Val: address + base64.StdEncoding.EncodeToString(f.Content)}
	}
	return html.Attribute{}
}
