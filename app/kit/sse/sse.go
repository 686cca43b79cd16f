// Package sse writes server-sent events (WHATWG HTML, section 9.2) in the order Recado's contract asks for: data first
// and id last, so that a reader cut off in the middle does not advance its cursor.
package sse

import "strconv"

// Append adds one event to b. Data must be one line; an empty id leaves the reader's cursor as it is.
func Append(b []byte, event string, data []byte, id string) []byte {
	b = append(b, "data: "...)
	b = append(b, data...)
	b = append(b, "\nevent: "...)
	b = append(b, event...)
	if id != "" {
		b = append(b, "\nid: "...)
		b = append(b, id...)
	}
	return append(b, "\n\n"...)
}

// AppendNumbered adds one event whose id is epoch.number.
func AppendNumbered(b []byte, event string, data []byte, epoch string, number int64) []byte {
	b = append(b, "data: "...)
	b = append(b, data...)
	b = append(b, "\nevent: "...)
	b = append(b, event...)
	b = append(b, "\nid: "...)
	b = append(b, epoch...)
	b = append(b, '.')
	b = strconv.AppendInt(b, number, 10)
	return append(b, "\n\n"...)
}
