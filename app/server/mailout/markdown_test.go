package mailout_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"recado/app/server/mailout"
)

// allowed is every element that a mail of ours may hold, whatever people type.
var allowed = strings.Fields(`html head meta title style body div table tbody tr td p br span b strong em del a ul ol li blockquote
	pre code hr h1 h2 h3 h4 h5 h6`)

func harmless(t *testing.T, page string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		tag := z.Token()
		if !slices.Contains(allowed, tag.Data) {
			t.Fatalf("element %q", tag.Data)
		}
		for _, a := range tag.Attr {
			scheme, _, _ := strings.Cut(a.Val, ":")
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "id" ||
				a.Key == "href" && !slices.Contains([]string{"http", "https", "mailto"}, strings.ToLower(scheme)) {
				t.Fatalf("%s=%q in %q", a.Key, a.Val, tag.Data)
			}
		}
	}
}

func bodyOf(t *testing.T, body string) letter {
	t.Helper()
	n := toUser()
	n.Messages = []mailout.Message{{ID: message, Author: "Ana", At: time.Unix(0, 0), Body: body}}
	_, l := compose(t, n)
	return l
}

func TestWhatIsTypedIsShownAndNeverObeyed(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"<script>alert(1)</script>":             "&lt;script&gt;alert(1)&lt;/script&gt;",
		"[x](javascript:alert(1))":              ">x<",
		"[x](  JaVaScRiPt:alert(1))":            "",
		"[x](data:text/html,hello)":             ">x<",
		"<javascript:alert(1)>":                 "javascript:alert(1)",
		"![cat](https://x.example/cat.png)":     `href="https://x.example/cat.png"`,
		"![](https://x.example/cat.png)":        ">https://x.example/cat.png</a>",
		"![cat](javascript:alert(1))":           "cat",
		"[a ![b](https://x.example/b) c](/rel)": "a ",
		"one\ntwo":                              "one<br />\ntwo",
		"~~gone~~":                              "<del>gone</del>",
		"<@" + luis + "|*Luis*>":                "<strong>@*Luis*</strong>",
		"<@" + luis + "|<b>>":                   "&lt;@",
		"`<@" + luis + "|Luis>`":                "&lt;@" + luis,
		"a & b \" ' <":                          "a &amp; b",
		"{{.Link}}":                             "{{.Link}}",
	} {
		l := bodyOf(t, body)
		harmless(t, l.html)
		if !strings.Contains(l.html, want) {
			t.Errorf("%q is shown without %q:\n%s", body, want, l.html)
		}
	}
}

func FuzzBody(f *testing.F) {
	for _, seed := range []string{"[x](javascript:y)", "<img src=x onerror=y>", "![a](b)", "> - `a\n```\n<", "[a]: data:x\n\n[a]", "<@" + luis + "|x>",
		"[![a](https://b)](javascript:c)", "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		harmless(t, bodyOf(t, body).html)
	})
}
