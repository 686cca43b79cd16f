package desk

// Origin is what a mail said beside the text that became a message. It is for users: whom a customer writes to besides
// is nobody else's business.
type Origin struct {
	Mail       string    // its id
	Unverified bool      // nothing proves that its sender is who it says
	Automatic  bool      // a program wrote it: an absence notice, a receipt, a report
	Folded     bool      // the mail holds more than the message shows: what it quotes, or a signature
	Others     []Mailbox // who else it was addressed to, neither we nor its sender; at most MaxOthers
}

// MaxOthers is how many other recipients of a mail are kept with its message; the mail itself names all.
const MaxOthers = 20

// Mailbox is an address with the name it was written with, which may be empty.
type Mailbox struct {
	Name  string
	Email string
}
