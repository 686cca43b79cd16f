// Package desk is the domain of Recado: who people are, what they write to each other, who may see what and who gets
// what. It does no I/O and knows no transport; every other room asks it.
//
// Moments are milliseconds since 1970 in UTC; 0 is a moment that has not come.
package desk

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is taken in.
const (
	MaxBody         = 150_000 // characters of a message
	MaxSubject      = 300     // characters of a subject
	MaxName         = 200     // characters of a name
	MaxParticipants = 1_000   // of a conversation
	MaxFiles        = 50      // of a message
	MaxFileSize     = 100 << 20
	MaxKey          = 64
	// SmallCircle is the largest conversation in which everybody is told what everybody has seen. In larger ones only
	// the author is: 5,000 people who see a message must not make 25 million entries.
	SmallCircle = 50
)

// Error is what went wrong, in a form both sides understand: Code is stable and for programs, Message is for a person
// and says what to do. Fields name bad input by place, never by value.
type Error struct {
	Code    string
	Message string
	Fields  []Field
}

// Field is a place in the input and what is wrong with it.
type Field struct {
	Location string
	Message  string
}

// Error gives the sentence for a person.
func (e *Error) Error() string { return e.Message }

// The errors that need no detail of their own.
var (
	// ErrNotFound answers alike for what does not exist and for what one may not see.
	ErrNotFound = &Error{Code: "not-found", Message: "There is nothing here, or you may not see it."}
	// ErrForbidden is for what one may see but not do.
	ErrForbidden = &Error{Code: "forbidden", Message: "You may see this, but not change it."}
	// ErrKeyReused means that a key came again with other content.
	ErrKeyReused = &Error{Code: "key-reused", Message: "This key was used before with other content. Make a new key for each thing you send."}
)

// Invalid is bad input at one place.
func Invalid(location, message string) *Error {
	return &Error{Code: "invalid", Message: "Something in the request is not right: " + message, Fields: []Field{{location, message}}}
}

// CheckKey says whether an idempotency key is 1–64 printable ASCII characters.
func CheckKey(key string) *Error {
	if key == "" || len(key) > MaxKey {
		return Invalid("body.key", "a key has 1 to 64 characters")
	}
	for i := range len(key) {
		if key[i] < 0x21 || key[i] > 0x7e {
			return Invalid("body.key", "a key has printable ASCII characters only, no spaces")
		}
	}
	return nil
}

// CheckText refuses text that no store keeps as it is, or that is longer than max characters.
func CheckText(location, text string, max int) *Error {
	if !utf8.ValidString(text) {
		return Invalid(location, "text must be valid UTF-8")
	}
	if strings.ContainsRune(text, 0) {
		return Invalid(location, "text must not contain the character NUL")
	}
	if utf8.RuneCountInString(text) > max {
		return Invalid(location, "text is too long")
	}
	return nil
}

// CheckSubject refuses what can't be a subject: it is one line, of no control characters but tabs.
func CheckSubject(location, subject string) *Error {
	if err := CheckText(location, subject, MaxSubject); err != nil {
		return err
	}
	if strings.IndexFunc(subject, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) >= 0 {
		return Invalid(location, "a subject is one line without control characters")
	}
	return nil
}

// Blank reports whether text has nothing that can be seen.
func Blank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && !unicode.IsControl(r)
	}) < 0
}
