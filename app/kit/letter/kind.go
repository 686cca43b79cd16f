package letter

// Kind says who wrote a mail. The first that holds is taken, in the order they stand here from the end.
type Kind int

const (
	// Ordinary is a mail that a person wrote, as far as anybody can tell.
	Ordinary Kind = iota
	// AutoReply is a program's: a vacation notice, a receipt, a list's mail. It is never answered.
	AutoReply
	// Bounced says that a mail could not be delivered, or not yet.
	Bounced
	// FeedbackReport says that a reader called a mail spam (RFC 5965).
	FeedbackReport
)

// Bounce tells of the mail that a report is about.
type Bounce struct {
	// Failed are the addresses that did not get it.
	Failed []string
	// Status is an enhanced status code (RFC 3463), as "5.1.1"; empty if none could be found.
	Status string
	// OriginalID is the Message-ID of that mail, without brackets; empty if the report does not hold it.
	OriginalID string
}

// Permanent says whether trying again is of no use.
func (b Bounce) Permanent() bool { return len(b.Status) > 0 && b.Status[0] == '5' }

func (l *Letter) classify(root *part) {}
