package livechat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"recado/app/desk"
)

// SignedIdentity is who a visitor is, as the company's server says: the hex HMAC-SHA256 (RFC 2104) with the site's secret
// over email, name and expires, a line each, as they stand here.
type SignedIdentity struct {
	Email, Name string
	Expires     string // RFC 3339, or seconds since 1970
	Signature   string
}

// ErrIdentity is for an identity that is wrong, expired, or that of somebody of the team.
var ErrIdentity = &desk.Error{Code: "identity-refused", Message: "The web site's word on who this is can't be taken: it is wrong or has expired. Reload the page."}

// Sign gives the signature of an identity.
func Sign(secret, email, name, expires string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(email + "\n" + name + "\n" + expires))
	return hex.EncodeToString(mac.Sum(nil))
}

// verify compares in constant time, before anything else is looked at. A line break in a part would let parts be moved
// about under the same signature.
func (id SignedIdentity) verify(secret string, now time.Time) error {
	good := hmac.Equal([]byte(Sign(secret, id.Email, id.Name, id.Expires)), []byte(id.Signature))
	expires, ok := moment(id.Expires)
	for _, part := range []string{id.Email, id.Name, id.Expires} {
		for _, c := range part {
			ok = ok && c != '\n'
		}
	}
	if !good || !ok || !now.Before(expires) {
		return ErrIdentity
	}
	return nil
}

func moment(text string) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), seconds > 0
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}
