package mailout

import (
	"bytes"
	"html/template"
	"net/url"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

var mention = regexp.MustCompile(`<@[0-9a-fA-F-]{36}\|([^<>|\n]{0,200})>`)

// plain gives a body as the text part shows it: the Markdown as it was typed, mentions as names.
func plain(body string) string {
	body = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(body)
	return strings.TrimSpace(mention.ReplaceAllString(body, "@$1"))
}

// rendered gives a body as safe HTML with inline styles. There is no parser for raw HTML in here, so tags that somebody
// typed are text; nothing is loaded from elsewhere, and links go to http, https and mailto only.
func rendered(body string) (template.HTML, error) {
	var out bytes.Buffer
	if err := markdown.Convert([]byte(strings.ToValidUTF8(body, "\uFFFD")), &out); err != nil {
		return "", err
	}
	return template.HTML(strings.TrimSpace(out.String())), nil
}

var markdown = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(mentionParser{}, 150),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewEmphasisParser(), 500),
		),
		parser.WithParagraphTransformers(util.Prioritized(parser.LinkReferenceParagraphTransformer, 100)),
		parser.WithASTTransformers(util.Prioritized(dress{}, 1000)),
	)),
	goldmark.WithExtensions(extension.Strikethrough, extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:", "mailto:"}))),
	goldmark.WithRendererOptions(html.WithHardWraps(), html.WithXHTML()),
)

// mentionParser turns <@ID|Name> into a bold @Name.
type mentionParser struct{}

func (mentionParser) Trigger() []byte { return []byte{'<'} }

func (mentionParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	m := mention.FindSubmatchIndex(line)
	if m == nil || m[0] != 0 {
		return nil
	}
	name := ast.NewString(append([]byte{'@'}, line[m[2]:m[3]]...))
	block.Advance(m[1])
	strong := ast.NewEmphasis(2)
	strong.AppendChild(strong, name)
	return strong
}

// dress writes the styles into the elements themselves, for mail programs that drop style sheets, and turns images
// into links.
type dress struct{}

var styles = map[ast.NodeKind]string{
	ast.KindParagraph:       "margin:0 0 10px 0",
	ast.KindHeading:         "margin:14px 0 6px 0;font-size:16px;line-height:1.35",
	ast.KindList:            "margin:0 0 10px 0;padding:0 0 0 22px",
	ast.KindListItem:        "margin:0 0 4px 0",
	ast.KindThematicBreak:   "border:0;border-top:1px solid #d5d9e0;margin:14px 0",
	ast.KindBlockquote:      "margin:0 0 10px 0;padding:0 0 0 12px;border-left:3px solid #c3c9d4;color:#5a6271",
	ast.KindLink:            "color:#3056d3;text-decoration:underline",
	ast.KindAutoLink:        "color:#3056d3;text-decoration:underline",
	ast.KindCodeSpan:        "font-family:Consolas,Menlo,monospace;font-size:90%;background-color:#eceef2;border-radius:3px;padding:1px 4px",
	ast.KindCodeBlock:       "",
	ast.KindFencedCodeBlock: "",
}

var darkClass = map[ast.NodeKind]string{
	ast.KindBlockquote: "quiet", ast.KindLink: "link", ast.KindAutoLink: "link", ast.KindCodeSpan: "sunk",
}

// Transform is called by the parser with each finished document.
func (dress) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	var images, links []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if style := styles[n.Kind()]; style != "" {
			n.SetAttributeString("style", []byte(style))
		}
		if class := darkClass[n.Kind()]; class != "" {
			n.SetAttributeString("class", []byte(class))
		}
		switch n := n.(type) {
		case *ast.Image:
			images = append(images, n)
		case *ast.Link:
			n.Title = nil
			if !mayLink(string(n.Destination)) {
				links = append(links, n)
			}
		case *ast.AutoLink:
			if n.AutoLinkType == ast.AutoLinkURL && !mayLink(string(n.URL(reader.Source()))) {
				links = append(links, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range images {
		imageToLink(n.(*ast.Image))
	}
	for _, n := range links {
		unlink(n, reader.Source())
	}
}

// imageToLink keeps an image's words and address without loading it.
func imageToLink(n *ast.Image) {
	if !mayLink(string(n.Destination)) {
		unlink(n, nil)
		return
	}
	link := ast.NewLink()
	link.Destination = n.Destination
	link.SetAttributeString("style", []byte(styles[ast.KindLink]))
	link.SetAttributeString("class", []byte(darkClass[ast.KindLink]))
	moveChildren(n, link)
	if link.FirstChild() == nil {
		link.AppendChild(link, ast.NewString(n.Destination))
	}
	n.Parent().ReplaceChild(n.Parent(), n, link)
}

// unlink leaves a link's words where the link stood.
func unlink(n ast.Node, source []byte) {
	words := ast.NewTextBlock()
	if auto, ok := n.(*ast.AutoLink); ok {
		n.Parent().ReplaceChild(n.Parent(), n, ast.NewString(auto.Label(source)))
		return
	}
	moveChildren(n, words)
	parent := n.Parent()
	for c := words.FirstChild(); c != nil; c = words.FirstChild() {
		parent.InsertBefore(parent, n, c)
	}
	parent.RemoveChild(parent, n)
}

func moveChildren(from, to ast.Node) {
	for c := from.FirstChild(); c != nil; c = from.FirstChild() {
		to.AppendChild(to, c)
	}
}

func mayLink(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return true
	}
	return false
}
