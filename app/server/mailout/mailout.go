// Package mailout is how a mail leaves: Compose writes it, a Sender hands it to a mail server or to a folder and says
// what became of it. Who gets a mail, and when, is decided elsewhere.
package mailout

import (
	"io"
	"time"

	"recado/app/desk"
)

// MaxAttached is how many bytes of files one mail carries, before base64; what is beyond is linked.
const MaxAttached = 20 << 20

// Role is what the recipient is to the conversation; it decides how the mail is marked for machines.
type Role string

// The roles of recipients.
const (
	ToUser     Role = "user"     // a participant of the team: an automatic notice (RFC 3834)
	ToCustomer Role = "customer" // a person's own letter, unmarked
	ToFollower Role = "follower" // a notice one can unsubscribe from (RFC 2369, RFC 8058)
)

// Recipient is the one person a mail goes to.
type Recipient struct {
	ID, Name, Address string
	Locale            string // "es" and "es-…" give Spanish, everything else English
	Role              Role
}

// File is an attachment of a message.
type File struct {
	Name string
	Size int64 // bytes
	Type string
	Link string                        // where it can be had when it is not attached; it expires by itself
	Open func() (io.ReadCloser, error) // asked only when the file is attached
}

// Message is one message the recipient has not seen.
type Message struct {
	ID     string
	Author string
	// Unproven: it came by mail, and nothing proves who wrote it. The mail says so.
	Unproven bool
	At       time.Time
	Body     string // Markdown as desk describes it
	Files    []File
	Edited   bool
	Deleted  bool // its number stays, its text and files are gone
}

// Notice is all that one mail tells one recipient about one conversation.
type Notice struct {
	Recipient    Recipient
	Conversation string // id
	Item         string // id of the ticket or task a follower follows; empty for direct conversations
	Kind         desk.ConversationKind
	Subject      string
	Messages     []Message // ascending; the newest names the mail and its author
	Omitted      int64     // how many older ones the recipient has not seen either, that only the app shows

	Token       string   // of mailid.NewToken, for this recipient and the newest message
	InReplyTo   string   // Message-ID of the last mail this recipient has; empty at the first
	Anchor      string   // Message-ID the conversation's thread begins with
	References  []string // further Message-IDs of the thread, oldest first
	Link        string   // the conversation in the app; empty: no button
	Unsubscribe string   // https address that takes one-click POSTs; followers only
	At          time.Time
}

// Identity is who the team is in mail.
type Identity struct {
	Brand       string
	Address     string         // support@example.com: the From address
	Domain      string         // of Message-IDs
	ReplyDomain string         // of reply and bounce addresses
	Key         []byte         // of the Message-ID's HMAC, 32 bytes; it must outlive restarts
	Zone        *time.Location // of the times shown, which name it; nil: UTC
}

// Mail is a finished mail with its envelope. Raw is a whole message as RFC 5322 has it, with CRLF line ends.
type Mail struct {
	From, To  string
	MessageID string
	Raw       []byte
	// Still is asked right before the mail's end leaves, after which it can't be called back; where it says no, nothing was
	// sent and the outcome is Later. It may be nil.
	Still func() bool
}

func (m Mail) mayLeave() bool { return m.Still == nil || m.Still() }

// TookTooLong is the detail of a mail whose Still said no: nothing is known of the mail server then.
const TookTooLong = "It took too long until it could leave, and is tried again."

// notOurs is what became of a mail whose Still said no.
var notOurs = Result{Outcome: Later, Detail: TookTooLong}
