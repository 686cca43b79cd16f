package sync

// TimeForm is the layout of every time here: UTC with three digits, so that times as text stand in order.
const TimeForm = "2006-01-02T15:04:05.000Z"

// Person is a user or a customer.
type Person struct {
	ID           string `json:"id"`
	Kind         string `json:"kind"`
	Name         string `json:"name"`
	Email        string `json:"email"`
	Organisation string `json:"organisation,omitempty"`
	Role         string `json:"role,omitempty"`
	Disabled     bool   `json:"disabled,omitempty"`
	// Presence is what was last told: here, away, or empty where nothing is known.
	Presence string `json:"presence,omitempty"`
	// Unverified: a visitor of the live chat, who says who they are; nothing proves it.
	Unverified bool `json:"unverified,omitempty"`
	// MergedInto is the customer whom an agent found this visitor to be; empty: nobody.
	MergedInto string `json:"mergedInto,omitempty"`
	Version    int64  `json:"-"`
}

// FileRef describes an attachment: one at the server, or one that waits here to be uploaded.
type FileRef struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Size  int64  `json:"size"`
	Type  string `json:"type"`
	Image bool   `json:"image,omitempty"`
}

// The states of a message as its author sees it.
const (
	Sent    = "sent"    // acknowledged by the server
	Waiting = "waiting" // in the outbox
	Failed  = "failed"  // refused for good, with Problem
	Held    = "held"    // others would receive it than when it was typed: the author decides
)

// Message is one message: acknowledged (Number above 0), or in the outbox (Number 0, no ID).
type Message struct {
	// RowKey stays the same when the server acknowledges: the key where the author has one, else the id.
	RowKey       string    `json:"rowKey"`
	ID           string    `json:"id"`
	Conversation string    `json:"conversation"`
	Number       int64     `json:"number"`
	Author       string    `json:"author"`
	Body         string    `json:"body"`
	Files        []FileRef `json:"files"`
	Mentions     []string  `json:"mentions"`
	CreatedAt    string    `json:"createdAt"`
	EditedAt     string    `json:"editedAt,omitempty"`
	DeletedAt    string    `json:"deletedAt,omitempty"`
	State        string    `json:"state"`
	Problem      string    `json:"problem,omitempty"`
	// LeavesAt is until when it stays in the outbox and can be undone; empty where it may leave at once.
	LeavesAt string `json:"leavesAt,omitempty"`
	// Mail is there where the message came by mail.
	Mail    *MailMark `json:"mail,omitempty"`
	Version int64     `json:"-"`
	// Key is the author's idempotency key; empty for messages of others.
	Key string `json:"-"`
	// Truncated: the feed told of a message too large for it; it is to be fetched.
	Truncated bool `json:"-"`
}

// Participant stands in a conversation and sees it from message HistoryFrom on.
type Participant struct {
	Person      string `json:"person"`
	HistoryFrom int64  `json:"historyFrom"`
	SeenUpTo    int64  `json:"seenUpTo"`
	SeenAt      string `json:"seenAt,omitempty"`
}

// Conversation as its reader sees it: SeenUpTo, Unseen and Muted are the reader's own.
type Conversation struct {
	// ID is the server's; for one not yet there it is NewPrefix and its key.
	ID           string        `json:"id"`
	Kind         string        `json:"kind"`
	Subject      string        `json:"subject"`
	State        string        `json:"state"`
	Participants []Participant `json:"participants"`
	LastMessage  *Message      `json:"lastMessage,omitempty"`
	LastAt       string        `json:"lastAt"`
	LastNumber   int64         `json:"lastNumber"`
	SeenUpTo     int64         `json:"seenUpTo"`
	Unseen       int64         `json:"unseen"`
	Muted        bool          `json:"muted"`
	// Undelivered: the last that was sent to somebody in it did not arrive, as far as it was told here.
	Undelivered bool `json:"undelivered,omitempty"`
	// Draft is what was typed here and not sent.
	Draft string `json:"draft,omitempty"`
	// Item is the ticket or task it belongs to, empty where it is direct.
	Item string `json:"item,omitempty"`
	// About is that item in short, where it is known here.
	About *About `json:"about,omitempty"`
	// Assignee looks after it; empty: nobody.
	Assignee string `json:"assignee,omitempty"`
	// SnoozedUntil is when it wakes for the reader, UntilAnswer where only an answer wakes it; empty where it is awake.
	SnoozedUntil string `json:"snoozedUntil,omitempty"`
	// WaitingSince is when a customer wrote who has had no answer since.
	WaitingSince string `json:"waitingSince,omitempty"`
	// MergedInto is the conversation this one leads to; SplitFrom the message it began with a copy of.
	MergedInto  string `json:"mergedInto,omitempty"`
	SplitFrom   string `json:"splitFrom,omitempty"`
	HistoryFrom int64  `json:"-"`
	Version     int64  `json:"-"`
	Audience    string `json:"-"`
	// Truncated: the feed told of a conversation too large for it; it is to be fetched.
	Truncated bool `json:"-"`
}

// The kinds of a conversation.
const (
	Internal     = "internal" // of the team
	WithCustomer = "customer" // with customers
)

// NewPrefix begins the id of a conversation that is not yet at the server; with a kind it is the target of the draft of
// one not yet sent.
const NewPrefix = "new:"

// ConversationPage is one page of a view, latest activity first.
type ConversationPage struct {
	Items []Conversation `json:"items"`
	Next  string         `json:"next,omitempty"`
}

// MessagePage is a stretch of a conversation, ascending; those in the outbox stand at the end of the newest page.
type MessagePage struct {
	Items    []Message `json:"items"`
	HasOlder bool      `json:"hasOlder"`
	HasNewer bool      `json:"hasNewer"`
}

// View names a list of conversations.
type View string

// The views there are.
const (
	InternalInbox View = "internal-inbox" // of the team, with a message from somebody else
	InternalSent  View = "internal-sent"  // of the team, with a message of one's own
	Open          View = "open"           // with customers, not closed
	Closed        View = "closed"         // with customers, closed
	Unread        View = "unread"         // with something unseen
	Mentions      View = "mentions"       // where one was mentioned
	Drafts        View = "drafts"         // with something typed and not sent
	Mine          View = "mine"           // one looks after them, and they are awake
	Unassigned    View = "unassigned"     // open ones with customers that nobody looks after, and awake
	Snoozed       View = "snoozed"        // asleep
	WaitingView   View = "waiting"        // open ones in which customers wait for an answer, the longest first
)

// Views lists every view.
func Views() []View {
	return []View{InternalInbox, InternalSent, Open, Closed, Unread, Mentions, Drafts, Mine, Unassigned, Snoozed, WaitingView}
}

// Draft is what was typed and not sent.
type Draft struct {
	Body         string    `json:"body"`
	Participants []string  `json:"participants"`
	Files        []FileRef `json:"files"`
	Mentions     []string  `json:"mentions"`
	Subject      string    `json:"subject"`
}

// The states of the connection to the server.
const (
	Connected  = "connected"
	Connecting = "connecting"
	Offline    = "offline"
	SignedOut  = "signed-out"
)

// Connection tells how the cache stands to the server.
type Connection struct {
	State string `json:"state"`
	// Since is when it went offline.
	Since   string `json:"since,omitempty"`
	Waiting int64  `json:"waiting"`
	// UpTo: every feed entry up to this one is in the cache.
	UpTo int64 `json:"upTo"`
	// Head is the server's newest entry as last told.
	Head int64 `json:"head"`
	// Gap: entries were missing in between, and are being repaired.
	Gap bool `json:"gap,omitempty"`
	// Filling is the progress of filling the cache, 0 to 1; nil when it is full.
	Filling *float64 `json:"filling,omitempty"`
	Problem string   `json:"problem,omitempty"`
}

// Device is one of the caller's sessions.
type Device struct {
	ID         string `json:"id"`
	Device     string `json:"device"`
	CreatedAt  string `json:"createdAt"`
	LastUsedAt string `json:"lastUsedAt"`
	Current    bool   `json:"current"`
}

// SearchHit is a message found, with the matches in its body as [from, to) in Unicode code points.
type SearchHit struct {
	Message      Message      `json:"message"`
	Conversation Conversation `json:"conversation"`
	Ranges       [][2]int     `json:"ranges"`
}

// NotificationSettings say when a person is told, and how.
type NotificationSettings struct {
	Bubbles string `json:"bubbles"`
	Sound   bool   `json:"sound"`
	Preview bool   `json:"preview"`
	// QuietFrom and QuietTo are local wall-clock times HH:MM, empty where there are no quiet hours.
	QuietFrom string `json:"quietFrom,omitempty"`
	QuietTo   string `json:"quietTo,omitempty"`
	// Mail: what was not seen goes out by e-mail too, after so many seconds; 0 takes the server's default.
	Mail      bool `json:"mail"`
	MailAfter int  `json:"mailAfter"`
}

// Seen tells that a person has seen a conversation up to a number.
type Seen struct {
	Conversation string
	Person       string
	UpTo         int64
	At           string
}

// Delivery is what happened, or will, to a message on its way to one recipient on one channel.
type Delivery struct {
	Person  string `json:"person"`
	Channel string `json:"channel"` // app, chat, email or push
	State   string `json:"state"`   // planned, sent, seen, cancelled, failed or held
	DueAt   string `json:"dueAt,omitempty"`
	At      string `json:"at"`
	Code    string `json:"code,omitempty"`   // why it is so, for programs
	Reason  string `json:"reason,omitempty"` // the same in a sentence
	Detail  string `json:"detail,omitempty"` // what the mail server answered
	// Message and Conversation are what it is a delivery of.
	Message      string `json:"message"`
	Conversation string `json:"conversation"`
}

// Invitation is a person who was added, and the one-time link to hand over.
type Invitation struct {
	Person Person `json:"person"`
	Link   string `json:"link"`
}

// Field names the place of a bad field; never its value.
type Field struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

// The codes of errors that arise here; others are the server's problem names.
const (
	CodeOffline      = "offline"       // needs the server, which can't be reached
	CodeSignedOut    = "signed-out"    // the session ended
	CodeNotFound     = "not-found"     // no such thing in the cache
	CodeUnsent       = "unsent"        // the outbox is not empty
	CodeInvalid      = "invalid"       // what was given can't be used
	CodeCacheNewer   = "cache-newer"   // the cache was written by a newer program
	CodeCacheDamaged = "cache-damaged" // the cache file is damaged
	CodeCacheFull    = "cache-full"    // no room left on this computer's disk
	CodeAudience     = "audience-changed"
	CodeLeft         = "left" // too late to undo
)

// Error is what a call is refused with: a stable code for programs, a sentence for a person.
type Error struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	Fields  []Field `json:"fields,omitempty"`
	// Status is the HTTP status it came with; 0 where no answer came.
	Status int `json:"-"`
	// RetryAfter is how many seconds the server asks to wait; 0 where it said nothing.
	RetryAfter int `json:"-"`
	cause      error
}

// Error gives the sentence.
func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause, which may be nil.
func (e *Error) Unwrap() error { return e.cause }

// Because is an Error with a cause kept for the log.
func Because(cause error, code, message string) *Error {
	return &Error{Code: code, Message: message, cause: cause}
}

// SafeImage tells whether a file of this type may be shown inline: no format that can carry scripts.
func SafeImage(kind string) bool {
	switch kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}
