package desk

import (
	"strings"
	"unicode"
)

// Kind tells the team from everybody else.
type Kind string

// The kinds of people.
const (
	User     Kind = "user"     // a member of the team
	Customer Kind = "customer" // somebody outside
)

// Role is what a user may do beyond writing.
type Role string

// The roles of users.
const (
	Agent Role = "agent"
	Admin Role = "admin"
)

// Person is a user or a customer. An admin sees no more than an agent: the role is for managing people and the server.
type Person struct {
	ID           string
	Kind         Kind
	Name         string
	Email        string
	Organisation string
	Role         Role
	Locale       string
	Disabled     bool
	Unverified   bool   // says who they are, and nothing proves it: somebody in the live chat
	Unheard      bool   // a visitor who has not written yet: users are not told of them
	MergedInto   string // the customer whom an agent found this visitor to be
	CreatedAt    int64
	Version      int64
}

// MayManage reports whether p may add users and change others.
func (p Person) MayManage() bool { return p.Kind == User && p.Role == Admin && !p.Disabled }

// CheckName refuses names that are empty, too long, or hold control characters.
func CheckName(location, name string) *Error {
	if err := CheckText(location, name, MaxName); err != nil {
		return err
	}
	if Blank(name) {
		return Invalid(location, "a name is needed")
	}
	if strings.IndexFunc(name, func(r rune) bool { return unicode.IsControl(r) || turns(r) }) >= 0 {
		return Invalid(location, "a name must not contain control characters")
	}
	return nil
}

// turns reports whether a character changes the direction of what follows it (Unicode, UAX #9): in a name it would turn
// round the text of others.
func turns(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// Address is the form under which an e-mail address is unique: trimmed and in lower case.
func Address(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// CheckEmail refuses what can't be an address: it asks for local@domain without spaces, controls or brackets. Whether
// somebody is there, only a mail can tell.
func CheckEmail(location, email string) *Error {
	if err := CheckText(location, email, 254); err != nil {
		return err
	}
	at := strings.LastIndexByte(email, '@')
	bad := strings.IndexFunc(email, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`<>()[],;:"\`, r)
	})
	if at < 1 || at == len(email)-1 || bad >= 0 || strings.Count(email, "@") != 1 {
		return Invalid(location, "this is not an e-mail address")
	}
	return nil
}

// MinPassword is the fewest characters of a password.
const MinPassword = 10

// CheckPassword asks for length alone, as NIST SP 800-63B advises, and bounds it so that hashing stays cheap.
func CheckPassword(location, password string) *Error {
	if n := len([]rune(password)); n < MinPassword {
		return Invalid(location, "a password has at least 10 characters")
	}
	return CheckText(location, password, 1_000)
}
