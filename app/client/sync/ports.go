package sync

import (
	"context"
	"io"
	"time"
)

// Entry is one feed entry, or one item of a snapshot (without Number). At most one of the pointers is set.
type Entry struct {
	Number       int64
	Type         EntryType
	At           string
	Message      *Message
	Conversation *Conversation
	Person       *Person
	Seen         *Seen
	Settings     *NotificationSettings
	Delivery     *Delivery
	Item         *Item
	// Lost is the conversation an AccessLost entry tells to forget.
	Lost string
}

// EntryType names what an Entry tells; the names are the feed's own.
type EntryType string

// The types that are treated apart; all others are applied by what they carry.
const (
	MessageCreated      EntryType = "message.created"
	ConversationCreated EntryType = "conversation.created"
	AccessLost          EntryType = "access.lost"
)

// Place is where the cache stands in the feed. Epoch is empty before the first filling.
type Place struct {
	Epoch  string
	Number int64
	// Boot is the server's start as last told; a server that does not know it was rolled back.
	Boot string
}

// Moved tells that a conversation written here got its place at the server.
type Moved struct{ From, To string }

// Changes is what applying entries changed in the cache, for those who are to be told.
type Changes struct {
	Messages      []Message // in their new state
	Arrived       []Message // of others, new here by message.created
	Conversations []string  // to be shown anew
	People        []Person
	Seen          []Seen
	Lost          []string
	Moved         []Moved
	Settings      bool
	Deliveries    []Delivery
	Items         []Item
}

// Outgoing is something typed here that is not yet at the server.
type Outgoing struct {
	Key          string
	Conversation string
	// Create: the first message of a conversation that does not exist yet.
	Create       bool
	Kind         string // of the conversation to be created, internal or customer
	Participants []string
	Item         string // it is to be the item's; empty: direct
	Subject      string
	Body         string
	Mentions     []string
	Files        []FileRef
	// Uploaded holds the server's ids of the files uploaded so far, in the order of Files.
	Uploaded []string
	// Audience is who would have received it when it was typed; opaque.
	Audience string
	State    string
	Tries    int
	// Hold is how long it stays here before it may leave, for its author to undo it.
	Hold time.Duration
}

// Feed is what the cache does for the feed. Each method is one local transaction.
type Feed interface {
	// Place tells where the feed is to be resumed.
	Place(ctx context.Context) (Place, error)
	// Apply stores entries and, where place is not nil, the place reached with them.
	Apply(ctx context.Context, entries []Entry, place *Place) (Changes, error)
	// BeginFill begins a filling from a snapshot; FillPage stores a page; EndFill removes what no page held, but never
	// the outbox or a draft, and sets the place.
	BeginFill(ctx context.Context) error
	FillPage(ctx context.Context, entries []Entry) (Changes, error)
	EndFill(ctx context.Context, place Place) (lost []string, err error)
	// NextHistory names a conversation with messages missing before a number; ok is false where there is none.
	// before is below 0 where the conversation itself is unknown and to be fetched.
	NextHistory(ctx context.Context) (conversation string, before int64, ok bool, err error)
	// StoreHistory stores a page of old messages; done ends the search in this conversation.
	StoreHistory(ctx context.Context, conversation string, page []Message, done bool) (Changes, error)
}

// Outbox is what the cache does for what is typed here.
type Outbox interface {
	// Sendable lists the oldest unsent of each conversation that may go now: those waiting, behind nothing held or failed
	// to be created, whose time to leave has come.
	Sendable(ctx context.Context) ([]Outgoing, error)
	// NextLeaving gives when the next of those that still stay here may leave; the zero time where none does.
	NextLeaving(ctx context.Context) (time.Time, error)
	// FileSent keeps the server's id of the next file of a message.
	FileSent(ctx context.Context, key, id string) error
	// MessageSent and ConversationSent take it out of the outbox and store what the server made of it.
	MessageSent(ctx context.Context, key string, m Message) (Changes, error)
	ConversationSent(ctx context.Context, key string, c Conversation) (Changes, error)
	// Refused keeps it with a problem, state Failed or Held.
	Refused(ctx context.Context, key, state, problem string) (Message, error)
	// UnsentSeen lists what was seen here and not yet told; SeenSent forgets one that was told.
	UnsentSeen(ctx context.Context) ([]Seen, error)
	SeenSent(ctx context.Context, s Seen) error
	// UnsentSnoozes lists what was put to sleep here and not yet told; SnoozeSent forgets one that was told.
	UnsentSnoozes(ctx context.Context) ([]Snooze, error)
	SnoozeSent(ctx context.Context, s Snooze) error
	// PutCanned keeps the canned answers as the server told them; false where that changed nothing.
	PutCanned(ctx context.Context, list []CannedAnswer) (bool, error)
	// OpenPending opens a file that waits to be uploaded.
	OpenPending(id string) (io.ReadCloser, error)
}

// CacheView is what the events need to tell the present state.
type CacheView interface {
	Conversation(ctx context.Context, id string) (Conversation, error)
	Person(ctx context.Context, id string) (Person, error)
	Waiting(ctx context.Context) (int64, error)
}

// Store is the whole cache as the use case needs it.
type Store interface {
	Feed
	Outbox
	CacheView
}

// StreamHandler is told what a stream brings, in order, from one goroutine. An error ends the stream with it.
type StreamHandler interface {
	Hello(epoch, boot string, floor, head int64) error
	Entry(e Entry) error
	Head(head int64) error
	Typing(conversation, person string)
	// Looking: a user looks at a conversation with customers, or no longer.
	Looking(conversation, person string, looking bool)
	Presence(person, state string)
	Chat(c Chat)
	// Held: other mails wait for an agent than before.
	Held()
	// Canned: the canned answers are others than before.
	Canned()
}

// SnapshotPage is one page of everything the reader may see.
type SnapshotPage struct {
	Place Place
	Items []Entry
	Next  string
}

// Remote is the server. Its errors are *Error where the server answered; anything else means it was not reached.
type Remote interface {
	// Stream reads the feed from a place until it ends; *ResetError and *ByeError tell why the server ended it.
	Stream(ctx context.Context, from Place, h StreamHandler) error
	Snapshot(ctx context.Context, cursor string) (SnapshotPage, error)
	Message(ctx context.Context, id string) (Message, error)
	Conversation(ctx context.Context, id string) (Conversation, error)
	// History reads a page of messages before a number, ascending.
	History(ctx context.Context, conversation string, before int64) (page []Message, err error)
	Post(ctx context.Context, o Outgoing) (Message, error)
	Create(ctx context.Context, o Outgoing) (Conversation, error)
	Upload(ctx context.Context, key, name string, content io.Reader) (id string, err error)
	TellSeen(ctx context.Context, s Seen) error
	TellSnooze(ctx context.Context, s Snooze) error
	Item(ctx context.Context, id string) (Item, error)
	// Chats lists who is connected to the live chat.
	Chats(ctx context.Context) ([]Chat, error)
	// CannedAnswers lists what the team answers often, by name.
	CannedAnswers(ctx context.Context) ([]CannedAnswer, error)
}

// ResetError means that the place can't be resumed: everything is to be read anew.
type ResetError struct{ Reason string }

// Error gives the server's reason.
func (e *ResetError) Error() string { return "the feed starts over: " + e.Reason }

// ByeError means that the server ended the stream and asks to come back after a while.
type ByeError struct {
	Reason       string
	RetryAfterMS int64
}

// Error gives the server's reason.
func (e *ByeError) Error() string { return "the server ended the stream: " + e.Reason }
