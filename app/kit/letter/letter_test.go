package letter

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

func parse(t testing.TB, raw string) Letter {
	t.Helper()
	l, err := Parse([]byte(strings.ReplaceAll(raw, "\n", "\r\n")), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEveryCharsetThatIsNamedIsRead(t *testing.T) {
	t.Parallel()
	for charset, text := range map[string]string{
		"iso-8859-1": "Señora Muñoz, übermorgen à côté", "iso-8859-15": "5 € für Ærø", "windows-1252": "“curly” – 5 €",
		"shift_jis": "こんにちは、ご確認ください", "iso-2022-jp": "会議は明日です", "euc-jp": "東京です", "koi8-r": "Добрый день",
		"windows-1251": "Спасибо", "gb2312": "谢谢你们", "big5": "謝謝您", "euc-kr": "안녕하세요", "utf-8": "naïve ☃",
	} {
		e, err := htmlindex.Get(charset)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(charset, err)
		}
		l, err := Parse([]byte("From: a@example.com\nContent-Type: text/plain; charset="+charset+"\n\n"+encoded+"\n"), DefaultLimits())
		if err != nil || l.Kept != text {
			t.Errorf("%s: %q, %v; want %q", charset, l.Kept, err, text)
		}
	}
}

func TestAWrongCharsetDoesNotSpoilAText(t *testing.T) {
	t.Parallel()
	latin, err := charmap.Windows1252.NewEncoder().String("Grüße aus Köln")
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][2]string{
		"UTF-8 that claims to be Latin 1":  {"iso-8859-1", "Grüße aus Köln"},
		"Latin 1 that claims to be UTF-8":  {"utf-8", latin},
		"Latin 1 that claims to be ASCII":  {"us-ascii", latin},
		"UTF-8 in a charset nobody knows":  {"x-unknown", "Grüße aus Köln"},
		"Latin 1 without a charset at all": {"", latin},
	} {
		l := parse(t, "From: a@example.com\nContent-Type: text/plain; charset="+body[0]+"\n\n"+body[1])
		if l.Kept != "Grüße aus Köln" {
			t.Errorf("%s: %q", name, l.Kept)
		}
	}
	for _, charset := range []string{"euc-jp", "shift_jis"} {
		e, err := htmlindex.Get(charset)
		if err != nil {
			t.Fatal(err)
		}
		want := "ご連絡ありがとうございます。明日の会議についてお知らせします。"
		encoded, err := e.NewEncoder().String(want)
		if err != nil {
			t.Fatal(err)
		}
		if l := parse(t, "From: a@example.com\nContent-Type: text/plain; charset=iso-2022-jp\n\n"+encoded); l.Kept != want {
			t.Errorf("%s without its name: %q", charset, l.Kept)
		}
	}
	if l := parse(t, "From: a@example.com\n\n\x1b$B2q5D\x1b(B ok"); l.Kept != "会議 ok" {
		t.Errorf("escapes without a charset: %q", l.Kept)
	}
	if l := parse(t, "From: a@example.com\nContent-Type: text/plain; charset=utf-7\n\nGr+APwA3w-e +- mehr"); l.Kept != "Grüße + mehr" {
		t.Errorf("UTF-7: %q", l.Kept)
	}
}

func TestFieldsAreDecodedAsTheyAreSent(t *testing.T) {
	t.Parallel()
	l := parse(t, `From: "Muñoz, Ana" <Ana.Munoz@EXAMPLE.com>
To: Team: one@example.com, "Two" <two@example.com>;, three@example.com (Three)
Cc: =?utf-8?q?J=C3=B8rgen?= <j@example.org>; broken
Delivered-To: desk+abc@example.net
Reply-To: <@old.example,@route.example:ana@home.example>
Subject: =?ISO-8859-1?Q?Caf=E9?= =?ISO-8859-1?Q?_solo?=
	=?utf-8?B?4oKs?=
Date: Tue, 7 Jan 2025 10:11:12 +0100 (CET)
Message-ID: <abc@example.com>
In-Reply-To: <one@x>
References: <zero@x>
	<one@x>
Authentication-Results: mx.example.net; dmarc=pass
	header.from=example.com
Authentication-Results: forged.example; dmarc=pass

Hola`)
	check := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	from, ok := l.Sender()
	check("sender", []any{from, ok}, []any{Address{"Muñoz, Ana", "Ana.Munoz@example.com"}, true})
	check("to", l.To, []Address{{"", "one@example.com"}, {"Two", "two@example.com"}, {"Three", "three@example.com"}})
	check("cc", l.Cc, []Address{{"Jørgen", "j@example.org"}})
	check("reply to", l.ReplyTo, []Address{{"", "ana@home.example"}})
	check("recipients", l.Recipients, []string{"desk+abc@example.net", "one@example.com", "two@example.com", "three@example.com", "j@example.org"})
	check("subject", l.Subject, "Café solo€")
	check("date", l.Date.UTC(), time.Date(2025, 1, 7, 9, 11, 12, 0, time.UTC))
	check("ids", []any{l.MessageID, l.InReplyTo, l.References}, []any{"abc@example.com", []string{"one@x"}, []string{"zero@x", "one@x"}})
	check("authentication", l.TopAuthResults, "mx.example.net; dmarc=pass header.from=example.com")
}

func TestASenderIsExactlyOne(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"none": "Subject: x", "two fields": "From: a@example.com\nFrom: b@example.com", "two addresses": "From: a@example.com, b@example.com",
		"no address": "From: somebody",
	} {
		if from, ok := parsedSender(t, head); ok {
			t.Errorf("%s: %v is taken for the sender", name, from)
		}
	}
	if from, ok := parsedSender(t, `From: "boss@example.com" <eve@example.net>`); !ok || from.Email != "eve@example.net" {
		t.Errorf("an address as a name: %v %v", from, ok)
	}
}

func parsedSender(t *testing.T, head string) (Address, bool) {
	l := parse(t, head+"\nTo: x@example.com\n\nHi")
	return l.Sender()
}

func TestASubjectIsOneLine(t *testing.T) {
	t.Parallel()
	l := parse(t, "From: a@example.com\nSubject: =?utf-8?q?Hi=0D=0ABcc:_x@example.com=00=07?=\n\nx")
	if strings.ContainsAny(l.Subject, "\r\n\x00\x07") || !strings.HasPrefix(l.Subject, "Hi") {
		t.Errorf("%q", l.Subject)
	}
}

func TestWhatMailboxesLeaveBeforeAMailIsTakenOff(t *testing.T) {
	t.Parallel()
	mail := "Subject: hello\nFrom: a@example.com\n\nbody"
	for name, raw := range map[string]string{
		"a mark of UTF-8": "\ufeff" + mail, "blank lines": "\n\n" + mail, "a From line": "From a@example.com Tue Jan  7 10:00:00 2025\n" + mail,
		"CR alone": strings.ReplaceAll(mail, "\n", "\r"), "a field broken without a blank": "Subject: hel\nlo\nFrom: a@example.com\n\nbody",
	} {
		l, err := Parse([]byte(raw), DefaultLimits())
		if err != nil || strings.ReplaceAll(l.Subject, " ", "") != "hello" || l.Kept != "body" {
			t.Errorf("%s: %q %q %v", name, l.Subject, l.Kept, err)
		}
	}
	l, err := Parse([]byte("Hello: this is no mail\nat all"), DefaultLimits())
	if err != nil || l.Kept != "Hello: this is no mail\nat all" || !strings.HasSuffix(l.MessageID, "@hash.invalid") {
		t.Errorf("without a header: %q %q %v", l.Kept, l.MessageID, err)
	}
}

func TestPartsBecomeTextAndFiles(t *testing.T) {
	t.Parallel()
	l := parse(t, `From: a@example.com
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

preamble
--outer
Content-Type: multipart/related; boundary="in ner"

--in ner
Content-Type: multipart/alternative; boundary=alt

--alt
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Caf=C3=A9 =
now
--alt
Content-Type: text/html

<p>Caf&eacute; now <img src="cid:new@x"></p><blockquote type="cite"><img src="cid:old@x"></blockquote>
--alt--
--in ner
Content-Type: image/png; name="a.png"
Content-ID: <new@x>
Content-Transfer-Encoding: base64

iVBORw0K
Ggo=
--in ner
Content-Type: image/png; name="b.png"
Content-ID: <old@x>

x
--in ner--
--outer
Content-Type: application/pdf
Content-Disposition: attachment; filename*0*=utf-8''%E2%80%AErechnung%2F; filename*1="../evil.pdf"

%PDF
--outer
Content-Type: message/rfc822

Subject: inner
From: b@example.com

inside
--outer--
epilogue`)
	var got []string
	for _, f := range l.Files {
		got = append(got, fmt.Sprintf("%s %s %d %q", f.Name, f.Type, f.Use, f.Content[:min(8, len(f.Content))]))
	}
	want := []string{`a.png image/png 1 "\x89PNG\r\n\x1a\n"`, `b.png image/png 2 "x"`, `evil.pdf application/pdf 0 "%PDF"`,
		`inner.eml message/rfc822 0 "Subject:"`}
	if fmt.Sprint(got) != fmt.Sprint(want) || l.Kept != "Café now" {
		t.Errorf("kept %q, files\n%s\nwant\n%s", l.Kept, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTextIsFoundWhereTheFormIsBroken(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"no boundary":              "From: a@example.com\nContent-Type: multipart/mixed\n\nfound",
		"a boundary that is lost":  "From: a@example.com\nContent-Type: multipart/mixed; boundary=x\n\n--other1234\nContent-Type: text/plain\n\nfound\n--other1234--",
		"no end":                   "From: a@example.com\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nfound",
		"an empty type":            "From: a@example.com\nContent-Type:\n\nfound",
		"a type without a subtype": "From: a@example.com\nContent-Type: text; charset=us-ascii\n\nfound",
		"broken base64":            "From: a@example.com\nContent-Transfer-Encoding: base64\n\nZm91!!bmQ",
		"only HTML":                "From: a@example.com\nContent-Type: text/html\n\n<style>x{}</style><div>found</div>",
		"an empty alternative":     "From: a@example.com\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\n \n--x\nContent-Type: text/html\n\n<b>found</b>\n--x--",
		"a named text alone":       "From: a@example.com\nContent-Type: text/plain; name=a.txt\n\nfound",
		"format=flowed":            "From: a@example.com\nContent-Type: text/plain; format=flowed; delsp=yes\n\nfo \nund",
	} {
		if l := parse(t, raw); l.Kept != "found" {
			t.Errorf("%s: %q", name, l.Kept)
		}
	}
}

func TestLimitsAreRefusedBeforeTheWork(t *testing.T) {
	t.Parallel()
	nested := &bytes.Buffer{}
	nested.WriteString("From: a@example.com\n")
	for i := range 10_000 {
		fmt.Fprintf(nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	flat := "From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 200_000)
	files := "From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: image/png\n\nx\n", 201)
	for name, c := range map[string]struct {
		raw  string
		code string
	}{
		"nested": {nested.String(), TooDeep}, "flat": {flat, TooManyParts}, "files": {files, TooManyFiles},
		"header": {"From: a@example.com\nSubject: " + strings.Repeat("x", 300<<10) + "\n\n", TooMuchHead},
		"text":   {"From: a@example.com\n\n" + strings.Repeat("ab ", 60_000), TooManyChars},
		"bytes":  {strings.Repeat("x", 30<<20+1), TooManyBytes},
	} {
		_, err := Parse([]byte(c.raw), DefaultLimits())
		if e := (*Error)(nil); !errors.As(err, &e) || e.Code != c.code || e.Message == "" {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// TestNoTextIsSlow holds texts that make a rule look again and again, were it written without care: with time that grows
// as the square or worse it takes minutes, and runs into the limit of the test command. BenchmarkHostile has the figures.
func TestNoTextIsSlow(t *testing.T) {
	t.Parallel()
	for name, piece := range map[string]string{
		"signatures": "--\n", "quotes": "> a\nb\n", "announcements": "On 1 May 2024 at 10:00, a@b.c\n", "rules": "-----Original-----x\n",
		"forwards": "---------- Forwarded message x\n", "blank": "a\n\n\n\n", "fences": "```\n", "fields": "From:\n", "brackets": "<a@b.c>:\n",
		"open tags": "<div><blockquote>", "tags": "<b><i></b>", "ends": "</p></div>", "entities": "&amp;&", "footers": "__\n", "words": "=?utf-8?q?",
	} {
		text := strings.Repeat(piece, 50_000/len(piece))
		for _, head := range []string{"text/plain", "text/html"} {
			if _, err := Parse([]byte("From: a@example.com\nSubject: "+text[:1000]+"\nContent-Type: "+head+"\n\n"+text), Limits{}); err != nil {
				t.Error(name, err)
			}
		}
	}
}

// BenchmarkHostile is the worst text known, of twice and once a size: the second must take about twice the time.
func BenchmarkHostile(b *testing.B) {
	for _, lines := range []int{5_000, 10_000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			raw := []byte("From: a@example.com\n\n" + strings.Repeat("From:\n", lines))
			for b.Loop() {
				if _, err := Parse(raw, Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
