package mailview_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"recado/app/kit/letter"
	"recado/app/kit/mailview"
)

var gif = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

func TestWhatLooksStaysAndWhatActsGoes(t *testing.T) {
	t.Parallel()
	files := []letter.File{{ContentID: "logo@x", Content: gif}, {ContentID: "act@x", Content: []byte("<svg onload=alert(1)>")}}
	for name, c := range map[string]struct{ in, want string }{
		"text":              {`<p align="center">Hello <b>you</b></p>`, `<p align="center">Hello <b>you</b></p>`},
		"a script":          {`a<script>alert(1)</script>b`, `ab`},
		"a handler":         {`<img src=x onerror=alert(1)><b onclick="x()">b</b>`, `<img><b>b</b>`},
		"a style sheet":     {`<style>*{background:url(https://t.example)}</style><p>t</p>`, `<p>t</p>`},
		"style that looks":  {`<p style="color:#fff; Margin: 0 4px">t</p>`, `<p style="color:#fff;margin:0 4px">t</p>`},
		"style that loads":  {`<p style="background:url(https://t.example);background-image:url(x);color:red">t</p>`, `<p style="color:red">t</p>`},
		"style in escapes":  {`<p style="background:\75rl(https://t.example)">t</p>`, `<p>t</p>`},
		"style with a hole": {`<p style="color:red/*;background:url(x)*/">t</p>`, `<p>t</p>`},
		"placed over":       {`<div style="position:fixed;z-index:9;top:0;width:100%">t</div>`, `<div style="width:100%">t</div>`},
		"a link":            {`<a href="https://a.example/x?y=1&amp;z=2">l</a>`, `<a href="https://a.example/x?y=1&amp;z=2">l</a>`},
		"a link to script":  {`<a href="java&#9;script:alert(1)">l</a>`, `<a>l</a>`},
		"a link to data":    {`<a href="data:text/html,<script>1</script>">l</a>`, `<a>l</a>`},
		"a link to a file":  {`<a href="file:///etc/passwd">l</a><a href="cid:logo@x">m</a>`, `<a>l</a><a>m</a>`},
		"a link of nowhere": {`<a href="/relative">l</a>`, `<a>l</a>`},
		"an own image":      {`<img src="cid:logo@x" width="1">`, `<img src="data:image/gif;base64,`},
		"an own svg":        {`<img src="cid:act@x" alt="x">`, `<img alt="x">`},
		"an image":          {`<img src="https://t.example/p.gif" width="1">`, `<img data-remote="https://t.example/p.gif" width="1">`},
		"one over http":     {`<img src="http://t.example/p.gif">`, `<img>`},
		"two addresses":     {`<img data-remote="https://a.example/" src="https://b.example/">`, `<img data-remote="https://a.example/">`},
		"srcset":            {`<img srcset="https://t.example/p.gif 2x" src="https://t.example/q.gif">`, `<img data-remote="https://t.example/q.gif">`},
		"a form":            {`<form action="https://t.example"><input name=a value=b><button>Go</button></form>`, `Go`},
		"frames":            {`<iframe src="https://t.example"></iframe><object data="x"></object><embed src="x">`, ``},
		"base and meta":     {`<base href="https://t.example"><meta http-equiv="refresh" content="0;url=https://t.example">t`, `t`},
		"a link element":    {`<link rel="stylesheet" href="https://t.example"><link rel="dns-prefetch" href="//t.example">t`, `t`},
		"svg":               {`<svg><script>1</script><image href="https://t.example"/></svg>t`, `t`},
		"a title":           {`<head><title>Title</title></head><body>t</body>`, `t`},
		"a template":        {`<template><img src="https://t.example"></template>t`, `t`},
		"a class of ours":   {`<div class="gmail_quote">q</div><div class="app">x</div>`, `<div class="gmail_quote">q</div><div>x</div>`},
	} {
		page := mailview.Clean(c.in, files)
		if ok := page.HTML == c.want || name == "an own image" && strings.HasPrefix(page.HTML, c.want); !ok {
			t.Errorf("%s: %s\nbecame %s\nwant   %s", name, c.in, page.HTML, c.want)
		}
	}
	if n := mailview.Clean(`<img src="https://a.example/1"><img src="https://a.example/2">`, nil).Remote; n != 2 {
		t.Errorf("%d images counted", n)
	}
}

func TestAFrameFoldsQuotesAndOpensLinksOutside(t *testing.T) {
	t.Parallel()
	clean := mailview.Clean(`<p>New <a href="https://a.example/">one</a></p><div class="gmail_quote">On Monday<div><blockquote>old</blockquote></div></div><p>after</p><img src="https://t.example/p.gif">`, nil).HTML
	page := mailview.Frame(clean, mailview.Look{Language: "en", Quoted: "Show <quoted> text"})
	for _, want := range []string{`<details><summary>Show &lt;quoted&gt; text</summary><div class="gmail_quote">`, `</div></div></details><p>after</p>`,
		`<a href="https://a.example/" rel="noopener noreferrer" target="_blank">`, `<img data-remote="https://t.example/p.gif">`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	page = mailview.Frame(clean, mailview.Look{Images: true, Link: func(n int) string { return "open?" + string(rune('0'+n)) }})
	for _, want := range []string{`<a href="open?0" rel="noopener noreferrer">`, `<img src="https://t.example/p.gif">`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	if address, ok := mailview.Link(clean, 0); !ok || address != "https://a.example/" {
		t.Errorf("link 0 is %q, %v", address, ok)
	}
	if _, ok := mailview.Link(clean, 1); ok {
		t.Error("there is no second link")
	}
	outlook := mailview.Frame(mailview.Clean(`<p>New</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: x</div><p>old</p>`, nil).HTML, mailview.Look{})
	if at := strings.Index(outlook, "<details>"); at < 0 || at > strings.Index(outlook, "From: x") || strings.Count(outlook, "<details>") != 1 {
		t.Errorf("what follows is not folded:\n%s", outlook)
	}
}

func TestOnlyImagesAreEverLoaded(t *testing.T) {
	t.Parallel()
	shut, open := mailview.Look{}.Policy(), mailview.Look{Images: true}.Policy()
	if strings.Contains(shut, "https:") || !strings.Contains(open, "img-src data: https:;") {
		t.Errorf("%s\n%s", shut, open)
	}
	for _, p := range []string{shut, open} {
		for _, want := range []string{"default-src 'none'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'", "sandbox "} {
			if !strings.Contains(p, want) {
				t.Errorf("no %q in %s", want, p)
			}
		}
		if strings.Contains(p, "script") || strings.Contains(p, "same-origin") {
			t.Errorf("too much in %s", p)
		}
	}
}

// TestNothingIsSlow: what is nested or repeated without end takes time in proportion to its length.
func TestNothingIsSlow(t *testing.T) {
	t.Parallel()
	const n = 1 << 20
	for name, piece := range map[string]string{"tags": "<div>", "quotes": `<blockquote type="cite">`, "styles": `<p style="color:red;background:url(`, "entities": "&lt;",
		"unclosed": "<a href=", "tables": "<table><tr><td>", "images": `<img src="cid:x">`, "values": `<p style="color:rgb(` + strings.Repeat("1", 900) + `">`} {
		began := time.Now()
		page := mailview.Clean(strings.Repeat(piece, n/len(piece)), nil)
		mailview.Frame(page.HTML, mailview.Look{})
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: %v for a megabyte", name, took)
		}
	}
}

var acting = regexp.MustCompile(`(?i)^on|^srcset$|^formaction$|^background$|^xlink|^data$|^poster$|^ping$|^http-equiv$|^action$`)

// FuzzClean: whatever comes, a browser's own reading of the page finds nothing in it that acts or loads, and cleaning
// once more changes nothing of that.
func FuzzClean(f *testing.F) {
	for _, s := range []string{`<p>Hi <b>you</b>`, `<img src=x onerror=alert(1)>`, `<svg><style><img src=x onerror=alert(1)>`, `<math><mi><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<a href="&#x6a;avascript:1">`, `<table><td background=x style="background:url(//x)">`, `<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`,
		"<p style=\"color:red;\x00background:url(x)\">", `<div class=gmail_quote><details open ontoggle=alert(1)>`, `<template><script>1</script>`, `<textarea></p title="</textarea><img src onerror=1>">`, `<plaintext><a href=x>`, `<!--><img src=x>-->`, `<![CDATA[><img src=x>]]>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		page := mailview.Clean(s, nil)
		framed := mailview.Frame(page.HTML, mailview.Look{Language: "en", Quoted: "Quoted"})
		doc, err := html.Parse(strings.NewReader(framed))
		if err != nil {
			return // deeper than that parser goes
		}
		for n := range doc.Descendants() {
			if n.Type == html.CommentNode {
				t.Errorf("a comment came through: %q", framed)
			}
			if n.Type != html.ElementNode {
				continue
			}
			switch n.Data {
			case "script", "iframe", "object", "embed", "form", "input", "button", "base", "link", "svg", "math", "template", "video", "audio", "source", "frameset", "noscript", "textarea":
				t.Errorf("<%s> came through: %q", n.Data, framed)
			case "style":
				if n.Parent.Data != "head" {
					t.Errorf("a style sheet came through: %q", framed)
				}
			case "meta":
				if n.Parent.Data != "head" {
					t.Errorf("<meta> came through: %q", framed)
				}
			}
			for _, a := range n.Attr {
				low := strings.ToLower(a.Val)
				switch {
				case acting.MatchString(a.Key):
					t.Errorf("%s=%q came through: %q", a.Key, a.Val, framed)
				case a.Key == "style" && (strings.Contains(low, "url") && strings.Contains(low, "url(") || strings.ContainsAny(low, `\@`)):
					t.Errorf("style %q came through", a.Val)
				case a.Key == "src" && !strings.HasPrefix(a.Val, "data:image/"):
					t.Errorf("an image would load %q", a.Val)
				case a.Key == "href" && !regexp.MustCompile(`^(https?://|mailto:|about:blank$)`).MatchString(low):
					t.Errorf("a link leads to %q", a.Val)
				}
			}
		}
		if again := mailview.Clean(page.HTML, nil); again.HTML != page.HTML {
			t.Errorf("cleaned again\n%q\nbecame\n%q", page.HTML, again.HTML)
		}
	})
}
