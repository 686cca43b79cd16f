package desk

import "strings"

// Bounds of canned answers.
const (
	MaxCanned     = 1_000  // of a team
	MaxCannedName = 60     // characters of a name
	MaxCannedBody = 10_000 // characters of a text
)

// CannedAnswer is a text the team answers with often. Every user sees and changes all of them; a customer only ever sees
// what somebody made of one and sent. Names like {customer.name} in the body are filled in where it is used.
type CannedAnswer struct {
	ID        string
	Name      string // one line; no two differ in case and spaces alone
	Body      string
	ChangedBy string
	CreatedAt int64
	ChangedAt int64
	Version   int64
}

// Check refuses what can't be a canned answer, and gives it with the spaces of its name as they are kept.
func (a CannedAnswer) Check() (CannedAnswer, *Error) {
	a.Name = strings.Join(strings.Fields(a.Name), " ")
	if e := checkLine("body.name", a.Name, MaxCannedName); e != nil {
		return a, e
	}
	if Blank(a.Name) {
		return a, Invalid("body.name", "a name is needed")
	}
	if e := CheckText("body.body", a.Body, MaxCannedBody); e != nil {
		return a, e
	}
	if Blank(a.Body) {
		return a, Invalid("body.body", "a text is needed")
	}
	return a, nil
}

// Folded is the name as it is compared: two answers of one name could not be told apart.
func (a CannedAnswer) Folded() string { return strings.ToLower(a.Name) }
