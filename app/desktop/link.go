package desktop

import (
	"errors"
	"regexp"
	"strconv"

	"recado/app/desktop/bind"
)

// Scheme begins the links that open the app.
const Scheme = "recado:"

var errLink = errors.New("this link does not belong to Recado: one looks like recado://conversation/ID or recado://conversation/ID/message/NUMBER")

// An id is a UUID; a number has no sign, no leading zero, and fits.
var linkForm = regexp.MustCompile(`^recado://(?:conversation/(` + uuidForm + `)(?:/message/([1-9][0-9]{0,17}))?|message/(` + uuidForm + `))/?$`)

const uuidForm = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// parseLink reads recado://conversation/ID, with /message/NUMBER or without, and recado://message/ID. Any program and any
// web page can hand one over, so that it says what to show and nothing else: no server, no text, no action.
func parseLink(link string) (bind.Target, error) {
	parts := linkForm.FindStringSubmatch(link)
	if parts == nil {
		return bind.Target{}, errLink
	}
	t := bind.Target{Conversation: parts[1], Message: parts[3]}
	if parts[2] != "" {
		number, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil {
			return bind.Target{}, errLink
		}
		t.Number = number
	}
	return t, nil
}
