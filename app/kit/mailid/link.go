package mailid

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// SignFile makes what stands in a link to a file in a mail: whoever has it may have the file until a moment, in seconds
// since 1970, and nothing else.
func SignFile(key []byte, file string, until int64) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("file\x00" + file + "\x00" + strconv.FormatInt(until, 10)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// VerifyFile tells whether a signature was made for that file and that moment. Whether the moment has come is not asked.
func VerifyFile(key []byte, file string, until int64, signature string) bool {
	return len(key) > 0 && hmac.Equal([]byte(SignFile(key, file, until)), []byte(signature))
}
