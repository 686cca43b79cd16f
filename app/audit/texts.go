package audit

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// Text is what a mail says: its subject on one line, and its first text.
type Text struct{ Subject, Body string }

const (
	mailMost    = 4 << 20 // bytes of one file
	bodyMost    = 150_000 // characters, as the contract bounds a message
	subjectMost = 200     // characters
	partsDeep   = 8
)

// Texts reads the mails below a folder, in the order of their names. What is no mail at all counts as plain text, and
// what holds no text is left out: here it matters what people's words look like, not how a mail is built.
func Texts(dir string) (texts []Text, err error) {
	root := os.DirFS(dir)
	err = fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := root.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		raw, err := io.ReadAll(io.LimitReader(f, mailMost))
		if err != nil {
			return err
		}
		if t := textOf(raw); strings.TrimFunc(t.Body, blank) != "" {
			texts = append(texts, t)
		}
		return nil
	})
	if err == nil && len(texts) == 0 {
		err = fmt.Errorf("%s holds no mail with a text", dir)
	}
	return texts, err
}

func blank(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }

func textOf(raw []byte) Text {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Text{Body: clean(decode(raw, ""), bodyMost)}
	}
	words := mime.WordDecoder{CharsetReader: func(charset string, in io.Reader) (io.Reader, error) {
		b, err := io.ReadAll(in)
		return strings.NewReader(decode(b, charset)), err
	}}
	subject, err := words.DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		subject = decode([]byte(m.Header.Get("Subject")), "")
	}
	body := part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body, partsDeep)
	return Text{Subject: strings.Join(strings.Fields(clean(subject, subjectMost)), " "), Body: clean(body, bodyMost)}
}

// part gives the first text of a part. Where a mail is broken, what could be read counts.
func part(contentType, transfer string, r io.Reader, deep int) string {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" && deep > 0 {
		parts := multipart.NewReader(r, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return ""
			}
			if s := part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, deep-1); s != "" {
				return s
			}
		}
	}
	if !strings.HasPrefix(kind, "text/") {
		return ""
	}
	switch strings.ToLower(strings.TrimSpace(transfer)) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	b, _ := io.ReadAll(r) // what a broken encoding gave before its end counts
	return decode(b, params["charset"])
}

// decode reads bytes in a charset; without one, or with an unknown one, as UTF-8 where they are that, else as Windows-1252.
func decode(b []byte, charset string) string {
	if e, err := htmlindex.Get(strings.TrimSpace(charset)); err == nil {
		if out, err := e.NewDecoder().Bytes(b); err == nil {
			return string(out)
		}
	}
	if utf8.Valid(b) {
		return string(b)
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

// clean leaves out NUL, which PostgreSQL can't hold and no keyboard types, and bounds the length.
func clean(s string, most int) string {
	runes := []rune(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""))
	return string(runes[:min(len(runes), most)])
}
