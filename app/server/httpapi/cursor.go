package httpapi

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"recado/app/desk"
)

// A list's cursor names its list, so that one list's cursor is refused by another.

func cursorFor(list, place string) string {
	if place == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(list + "\x1f" + place))
}

func cursorOf(r *request, list string) (string, error) {
	text := r.query.Get("cursor")
	if text == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	place, ok := strings.CutPrefix(string(b), list+"\x1f")
	text = strings.Replace(place, "\x00", "", 1) // a place may have two parts
	if err != nil || !ok || place == "" || !utf8.ValidString(place) || strings.ContainsRune(text, 0) {
		return "", desk.Invalid("query.cursor", "this cursor is not from this list")
	}
	return place, nil
}
