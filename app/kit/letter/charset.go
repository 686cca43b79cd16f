package letter

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// encodings are names that mails use and the registries do not know, or know otherwise.
var encodings = map[string]encoding.Encoding{
	"gb2312": simplifiedchinese.GB18030, "gbk": simplifiedchinese.GB18030, "cp936": simplifiedchinese.GB18030,
	"hz-gb-2312": simplifiedchinese.HZGB2312, "cp932": japanese.ShiftJIS, "ms932": japanese.ShiftJIS,
	"cp50220": japanese.ISO2022JP, "cp50221": japanese.ISO2022JP, "iso-2022-jp-1": japanese.ISO2022JP,
	"iso-2022-jp-2": japanese.ISO2022JP, "iso-2022-jp-3": japanese.ISO2022JP, "iso-2022-jp-ms": japanese.ISO2022JP,
	"cp949": korean.EUCKR, "uhc": korean.EUCKR, "cp1252": charmap.Windows1252, "cp1251": charmap.Windows1251,
	"cp1250": charmap.Windows1250, "cp850": charmap.CodePage850, "cp437": charmap.CodePage437,
	"cp866": charmap.CodePage866, "latin-1": charmap.Windows1252, "latin-9": charmap.ISO8859_15,
	"iso-8859-8-i": charmap.ISO8859_8, "macintosh": charmap.Macintosh, "x-mac-roman": charmap.Macintosh,
}

func normal(charset string) string {
	charset, _, _ = strings.Cut(charset, "*") // the language of RFC 2231
	charset = strings.ToLower(strings.Trim(charset, " \t\"'<>;"))
	return strings.ReplaceAll(charset, "_", "-")
}

// find gives nil where nobody knows the charset.
func find(charset string) encoding.Encoding {
	name := normal(charset)
	if e := encodings[name]; e != nil {
		return e
	}
	for _, n := range []string{name, strings.ReplaceAll(name, "-", "_"), strings.TrimPrefix(name, "x-")} {
		if e, err := htmlindex.Get(n); err == nil && e != encoding.Replacement {
			return e
		}
		if e, err := ianaindex.MIME.Encoding(n); err == nil && e != nil {
			return e
		}
	}
	return nil
}

func known(charset string) bool {
	n := normal(charset)
	return n == "utf-8" || n == "utf-7" || n == "iso-2022-kr" || find(n) != nil
}

// decodeBytes makes text of bytes in a charset. It trusts the bytes more than the name: what is UTF-8 by every byte is
// UTF-8, whatever the mail says, and what claims to be but is not is read as Windows-1252, the charset that programs
// without one write.
func decodeBytes(b []byte, charset string) string {
	name := normal(charset)
	switch {
	case escapesJapanese(b) && !strings.HasPrefix(name, "iso-2022") && !strings.HasPrefix(name, "cp5022"):
		return toText(japanese.ISO2022JP, b)
	case name == "utf-7":
		return fromUTF7(b)
	case name == "iso-2022-kr" && bytes.ContainsRune(b, 0x0e):
		return fromISO2022KR(b)
	case strings.HasPrefix(name, "utf-16"), strings.HasPrefix(name, "utf-32"), strings.HasPrefix(name, "hz-"):
	case utf8.Valid(b) && !bytes.ContainsRune(b, 0x1b) && !bytes.ContainsRune(b, 0x0e):
		return string(b)
	}
	e := find(name)
	switch {
	case strings.HasPrefix(name, "iso-2022-jp") && !bytes.ContainsRune(b, 0x1b), e == nil, name == "us-ascii":
		if text, ok := japaneseText(b); ok {
			return text
		}
	}
	switch {
	case name == "utf-8" && mostlyUTF8(b):
		return strings.ToValidUTF8(string(b), "\uFFFD")
	case e == nil, name == "utf-8":
		e = charmap.Windows1252
	}
	return toText(e, b)
}

func toText(e encoding.Encoding, b []byte) string {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

// escapesJapanese sees the shift into JIS X 0208 (RFC 1468), which no other text holds.
func escapesJapanese(b []byte) bool {
	return bytes.Contains(b, []byte("\x1b$B")) || bytes.Contains(b, []byte("\x1b$@"))
}

// japaneseText reads bytes without a charset of their own in the two that Japanese programs leave unnamed. Kana by the
// dozen come of no other text.
func japaneseText(b []byte) (string, bool) {
	for _, e := range []encoding.Encoding{japanese.EUCJP, japanese.ShiftJIS} {
		s, kana, wide := toText(e, b), 0, 0
		for _, r := range s {
			switch {
			case r == utf8.RuneError:
				wide += 20
			case r >= 0x3041 && r <= 0x30fe:
				kana++
				fallthrough
			case r > 0xff:
				wide++
			}
		}
		if kana > 0 && kana*4 >= wide {
			return s, true
		}
	}
	return "", false
}

// mostlyUTF8 says whether a few bytes only are damaged, as by a line cut inside a character.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		b = b[size:]
	}
	return good > bad
}

// fromUTF7 decodes RFC 2152. What is not in its form stands as it is.
func fromUTF7(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		plus := bytes.IndexByte(b, '+')
		if plus < 0 {
			break
		}
		out.WriteString(strings.ToValidUTF8(string(b[:plus]), "\uFFFD"))
		b = b[plus+1:]
		n := 0
		for n < len(b) && (isAlnum(b[n]) || b[n] == '+' || b[n] == '/') {
			n++
		}
		if n == 0 {
			out.WriteByte('+')
		} else {
			bytes16, _ := base64.RawStdEncoding.DecodeString(string(b[:n-n%4+[]int{0, 0, 2, 3}[n%4]]))
			units := make([]uint16, 0, len(bytes16)/2)
			for i := 0; i+1 < len(bytes16); i += 2 {
				units = append(units, uint16(bytes16[i])<<8|uint16(bytes16[i+1]))
			}
			out.WriteString(string(utf16.Decode(units)))
		}
		b = b[n:]
		if len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
	}
	out.WriteString(strings.ToValidUTF8(string(b), "\uFFFD"))
	return out.String()
}

func isAlnum(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// fromISO2022KR decodes RFC 1557: between SO and SI stand the bytes of EUC-KR without their high bit.
func fromISO2022KR(b []byte) string {
	out := make([]byte, 0, len(b))
	shifted := false
	for _, c := range bytes.ReplaceAll(b, []byte("\x1b$)C"), nil) {
		switch {
		case c == 0x0e:
			shifted = true
		case c == 0x0f || c == '\n':
			shifted = false
			if c == '\n' {
				out = append(out, c)
			}
		case shifted && c > ' ':
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	return toText(korean.EUCKR, out)
}
