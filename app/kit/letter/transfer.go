package letter

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// decodeTransfer undoes a Content-Transfer-Encoding (RFC 2045, 6). What is damaged is decoded as far as it can be.
func decodeTransfer(b []byte, encoding string) []byte {
	encoding, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(encoding)), ";")
	switch strings.Trim(encoding, " \t\"'") {
	case "base64":
		return fromBase64(b)
	case "quoted-printable":
		return fromQuotedPrintable(b)
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return fromUU(b)
	}
	return b
}

// fromBase64 skips what is no letter of the alphabet and goes on after padding, as parts are glued together in the wild.
func fromBase64(b []byte) []byte {
	clean := make([]byte, 0, len(b))
	out := make([]byte, 0, len(b)*3/4)
	flush := func() {
		if len(clean)%4 == 1 {
			clean = clean[:len(clean)-1]
		}
		n := len(out)
		out = append(out, make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))...)
		base64.RawStdEncoding.Decode(out[n:], clean) // cannot fail: only the alphabet is left, in a length that decodes
		clean = clean[:0]
	}
	for _, c := range b {
		switch {
		case isAlnum(c), c == '+', c == '/':
			clean = append(clean, c)
		case c == '=' && len(clean) > 0:
			flush()
		}
	}
	flush()
	return out
}

func fromQuotedPrintable(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		line, rest, more := bytes.Cut(b, []byte("\n"))
		line = bytes.TrimRight(line, " \t\r")
		soft := bytes.HasSuffix(line, []byte("="))
		line = bytes.TrimSuffix(line, []byte("="))
		for i := 0; i < len(line); i++ {
			if line[i] == '=' && i+2 < len(line) && isHex(line[i+1]) && isHex(line[i+2]) {
				out = append(out, unhex(line[i+1])<<4|unhex(line[i+2]))
				i += 2
				continue
			}
			out = append(out, line[i])
		}
		if more && !soft {
			out = append(out, '\n')
		}
		b = rest
	}
	return out
}

// fromUU decodes the lines between "begin" and "end".
func fromUU(b []byte) []byte {
	if i := bytes.Index(b, []byte("begin ")); i >= 0 {
		_, b = cutLine(b[i:])
	}
	var out []byte
	for len(b) > 0 {
		var line []byte
		line, b = cutLine(b)
		if len(line) == 0 || bytes.Equal(line, []byte("end")) {
			break
		}
		n := int(line[0]-' ') & 63
		var group []byte
		for i := 1; i < len(line); i += 4 {
			var c [4]byte
			for j := range c {
				if i+j < len(line) {
					c[j] = (line[i+j] - ' ') & 63
				}
			}
			group = append(group, c[0]<<2|c[1]>>4, c[1]<<4|c[2]>>2, c[2]<<6|c[3])
		}
		out = append(out, group[:min(n, len(group))]...)
	}
	return out
}
