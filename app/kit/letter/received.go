package letter

import (
	"strings"
	"time"
)

// ReceivedAt is when the last server on the way took the mail, as its Received field says (RFC 5321, 4.4); zero if there
// is none, or no date that can be read.
func (l *Letter) ReceivedAt() time.Time {
	v := l.head.first("Received")
	i := strings.LastIndexByte(v, ';')
	if i < 0 {
		return time.Time{}
	}
	return date(v[i+1:])
}
