// Package mailin is how a mail comes in: it is on disk and in the database before whoever brought it is told so, and a
// job says what it is, whose it is and where it belongs. What can't be placed is held, with the reason, for an agent to
// decide; nothing is dropped.
package mailin

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"recado/app/desk"
	"recado/app/server/filestore"
)

// State is what became of a mail.
type State string

// The states. Received is the only one that changes by itself.
const (
	Received  State = "received"  // on disk, to be placed
	Placed    State = "placed"    // a message, or what it told of was written down
	Held      State = "held"      // waits for an agent
	Discarded State = "discarded" // of no use: a duplicate, an own mail that came back, or an agent said so
)

// Reason is why a mail is in its state: a stable code.
type Reason string

// The reasons.
const (
	ReasonAnswer     Reason = "answer"            // placed: in the conversation it answers
	ReasonNew        Reason = "new-conversation"  // placed: in one of its own
	ReasonReport     Reason = "delivery-report"   // placed: a delivery was marked
	ReasonAccepted   Reason = "accepted"          // placed: an agent vouched for it
	ReasonAssigned   Reason = "assigned"          // placed: an agent chose the conversation
	ReasonDuplicate  Reason = "duplicate"         // discarded: it came before
	ReasonLoop       Reason = "own-mail"          // discarded: sent from here, and came back
	ReasonNested     Reason = "report-of-report"  // discarded: a report about a report
	ReasonTest       Reason = "test"              // discarded: a test of the mail, which was noted
	ReasonByAgent    Reason = "discarded"         // discarded: an agent said so
	ReasonNoSender   Reason = "no-single-sender"  // held: none or several From addresses
	ReasonForged     Reason = "forged"            // held: its domain says that it is not from there
	ReasonUnproven   Reason = "unproven"          // held: nothing proves the sender, where that is needed
	ReasonMismatch   Reason = "other-sender"      // held: the token is somebody else's
	ReasonTooOften   Reason = "too-often"         // held: a loop, or as many mails as one makes
	ReasonAutomatic  Reason = "automatic"         // held: a program wrote it, and it answers nothing
	ReasonUnknown    Reason = "report-of-unknown" // held: it reports of a mail that is not known here
	ReasonColleague  Reason = "user-to-team"      // held: a user wrote to the team's address, where customers write
	ReasonNoAccess   Reason = "no-access"         // held: the sender is not in that conversation any more
	ReasonEmpty      Reason = "empty"             // held: there is nothing in it
	ReasonUnreadable Reason = "unreadable"        // held: larger or deeper than is taken on
	ReasonFailed     Reason = "failed"            // held: placing it failed again and again
	ReasonSetAside   Reason = "set-aside"         // held: an archive had it among spam, drafts or deleted mails
)

var reasonWords = map[Reason]string{
	ReasonAnswer: "It stands in the conversation it answers.", ReasonNew: "It began a conversation.",
	ReasonReport: "It told what became of a mail from here.", ReasonAccepted: "An agent accepted it.",
	ReasonAssigned: "An agent put it into a conversation.", ReasonDuplicate: "The same mail had come before.",
	ReasonLoop: "It had been sent from here and came back.", ReasonByAgent: "An agent discarded it.",
	ReasonTest:       "It was a test of the mail, and it came.",
	ReasonNested:     "It reports of a report, and nobody waits for that.",
	ReasonNoSender:   "It does not have exactly one sender, so nobody knows who wrote it.",
	ReasonForged:     "The sender's domain says that this mail is not from there.",
	ReasonUnproven:   "Nothing proves that it is from the sender it names.",
	ReasonMismatch:   "It came to an address that was given to somebody else than its sender.",
	ReasonTooOften:   "Too many mails came from this sender in a short time.",
	ReasonAutomatic:  "A program wrote it, and it answers nothing from here.",
	ReasonUnknown:    "It reports of a mail that is not known here.",
	ReasonColleague:  "A member of the team wrote to the address that customers write to.",
	ReasonNoAccess:   "Its sender is not in that conversation any more.",
	ReasonEmpty:      "There is nothing in it.",
	ReasonUnreadable: "It is larger, or nested deeper, than is taken on.",
	ReasonFailed:     "Placing it failed several times.",
	ReasonSetAside:   "The mailbox it was imported from had it among spam, drafts or deleted mails.",
}

// Words say the reason in a sentence for a person.
func (r Reason) Words() string { return reasonWords[r] }

// Envelope is what came with a mail without standing in it. For a mail fetched from a mailbox only Mailbox is known.
type Envelope struct {
	From    string   // the return path; empty for reports
	To      []string // who it was brought for
	Remote  string   // the address of the host that brought it
	Helo    string   // what that host calls itself
	Mailbox string   // the mailbox it was fetched from; empty where it was brought
}

// Mail is one mail that came in. Its bytes lie in the file store under its ID.
type Mail struct {
	ID         string
	SHA256     string // of the bytes as they came, in hexadecimal
	Size       int64  // bytes
	ReceivedAt int64
	Envelope   Envelope
	State      State
	Reason     Reason
	HeldAs     Reason // why it waited, where an agent discarded it and may take that back
	Due        int64  // when it is to be placed, or is looked at again
	Attempts   int

	MessageID    string // without brackets
	Sender       string // the From address, as it is compared
	SenderName   string
	Subject      string
	Person       string // its author here
	Conversation string // where it stands, or is to stand
	Message      string // what it became
	Verified     bool   // its sender was proven
}

// Token says which mail an answer belongs to.
type Token struct{ Message, Person, Conversation string }

// Store keeps mails and what is known of them. Each method is one transaction.
type Store interface {
	AddMail(ctx context.Context, m Mail) error
	// ClaimMail gives the mail that has been due longest, leased until a moment; desk.ErrNotFound where none is due. A
	// sender's next mail is due when the one before it is placed, or failed several times.
	ClaimMail(ctx context.Context, now, until int64) (Mail, error)
	// PutMail writes what became of a mail.
	PutMail(ctx context.Context, m Mail) error
	// Mail gives desk.ErrNotFound where there is none.
	Mail(ctx context.Context, id string) (Mail, error)
	// MailOf gives the mail that became a message; desk.ErrNotFound where it was none.
	MailOf(ctx context.Context, message string) (Mail, error)
	// HeldMails lists held ones, newest first, older than the id before (empty: the newest).
	HeldMails(ctx context.Context, before string, limit int) ([]Mail, error)
	// FirstMail notes under a key which mail came first, and gives that one.
	FirstMail(ctx context.Context, key, mail string) (first string, err error)
	// Threads lists the conversations that mails with these Message-IDs stand in, in the order of the ids.
	Threads(ctx context.Context, ids []string) ([]string, error)
	// CountMails counts placed mails of a sender since a moment, in one conversation or (empty) in all.
	CountMails(ctx context.Context, sender, conversation string, since int64) (int64, error)
	// TokenOf gives what the hash of a token stands for; desk.ErrNotFound for one that is unknown or expired.
	TokenOf(ctx context.Context, hash string, at int64) (Token, error)
	// CountReport counts a report about an address; status is an enhanced status code (RFC 3463).
	CountReport(ctx context.Context, address string, kind Report, status string, at int64) error
	// ClearReports forgets what reports said of an address: mail came from it, so there is somebody.
	ClearReports(ctx context.Context, address string) error
	// Mailbox gives how far a mailbox has been fetched: its UIDVALIDITY and the highest UID (RFC 9051, 2.3.1.1).
	Mailbox(ctx context.Context, name string) (validity, uid uint32, err error)
	PutMailbox(ctx context.Context, name string, validity, uid uint32) error
	// Openings gives what mails to addresses of the team open, by address; those nothing was said of are missing.
	Openings(ctx context.Context) (map[string]desk.Opens, error)
	// PutOpening notes it; empty forgets it.
	PutOpening(ctx context.Context, address string, opens desk.Opens) error
	// FirstToday tells whether nothing was noted for a person on a day yet, and notes it.
	FirstToday(ctx context.Context, person string, day int64) (bool, error)
}

// Report is what a report says of an address.
type Report string

// The kinds of reports.
const (
	HardReport Report = "hard"      // there is no such mailbox
	SoftReport Report = "soft"      // it could not be delivered this time
	Complaint  Report = "complaint" // its owner does not want mail
)

// Note is what a mail says, as it is to be posted.
type Note struct {
	Key   string // the same at every try
	Body  string // Markdown
	Files []string
	Quiet bool // a program wrote it: nothing reopens, nobody is told outside the app
	// Origin is what is to be known of the mail wherever the message is shown.
	Origin desk.Origin
}

// Desk is where mails become messages.
type Desk interface {
	// Place gives a conversation and how somebody stands there (nil: not); desk.ErrNotFound where there is none.
	Place(ctx context.Context, conversation, person string) (desk.Conversation, *desk.Standing, error)
	// ConversationOf gives the one a message stands in.
	ConversationOf(ctx context.Context, message string) (string, error)
	// Join lets a customer stand in a conversation with customers from now on.
	Join(ctx context.Context, customer desk.Person, conversation string, invited bool) error
	// Post adds a message and gives its id.
	Post(ctx context.Context, author desk.Person, conversation string, n Note) (string, error)
	// Start begins a customer's conversation, or a ticket with it.
	Start(ctx context.Context, customer desk.Person, subject string, opens desk.Opens, n Note) (conversation, message string, err error)
	// Upload notes a file that lies in the file store, and gives the id of the one noted under the key.
	Upload(ctx context.Context, owner desk.Person, key, sha256 string, f desk.File) (string, error)
	// Returned marks the mail that took a message to a person as not delivered.
	Returned(ctx context.Context, message, person, detail string) error
	// MaySee tells whether somebody may see a conversation.
	MaySee(ctx context.Context, viewer desk.Person, conversation string) (bool, error)
}

// People are looked for and added.
type People interface {
	// ByAddress gives desk.ErrNotFound for nobody's.
	ByAddress(ctx context.Context, address string) (desk.Person, error)
	Person(ctx context.Context, id string) (desk.Person, error)
	// AddCustomer gives the customer with that address where somebody was faster.
	AddCustomer(ctx context.Context, name, email string) (desk.Person, error)
}

// Files keeps bytes; what it says was kept survives a power cut.
type Files interface {
	Stage(id string, r io.Reader, limit int64) (filestore.Staged, error)
	Keep(id string, st filestore.Staged) error
	Discard(st filestore.Staged) error
	Remove(id string) error
	Open(id string) (*os.File, error)
}

// Notifier tells a user, at their own address, that a mail to an address of theirs was held. It may be nil.
type Notifier interface {
	TellHeld(ctx context.Context, user desk.Person, mail string) error
}

// Config is what a service stands on.
type Config struct {
	Store    Store
	Desk     Desk
	People   People
	Files    Files
	Notifier Notifier
	Ours     Ours
	Resolver Resolver
	// Tested is told of a mail of a test that came in, what it is called, on which way it went and what was found of its
	// sender; it may be nil.
	Tested func(ctx context.Context, test, way string, findings []Finding) error
	// Reached is told each time that a mailbox was looked through (nil), or could not be; it may be nil.
	Reached func(error)
	// Changed is told after the mails that wait became others; it may be nil.
	Changed func()
	Log     *slog.Logger
	Now     func() time.Time
	NewID   func() string
}

// Service takes mails in and places them.
type Service struct {
	Config
	Stats Stats
	wake  chan struct{}
	large sync.Mutex
}

// Stats counts since the start.
type Stats struct{ Received, Placed, Held, Discarded, Retried atomic.Int64 }

// New makes a service; Run places what comes in.
func New(c Config) *Service { return &Service{Config: c, wake: make(chan struct{}, 1)} }

func (s *Service) now() int64 { return s.Now().UnixMilli() }
