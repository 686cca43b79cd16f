// Package wire is the REST and SSE contract in types: what crosses between a server and any client.
// It holds forms only, no behaviour of either side.
package wire

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Time is a moment in UTC, written with three digits: 2026-11-22T10:00:00.000Z.
type Time struct{ time.Time }

// TimeForm is the layout of every time in the contract.
const TimeForm = "2006-01-02T15:04:05.000Z"

// Millis makes a Time from milliseconds since 1970.
func Millis(ms int64) Time { return Time{time.UnixMilli(ms).UTC()} }

// MillisOrNil is Millis, and nil for 0 (a moment that has not come).
func MillisOrNil(ms int64) *Time {
	if ms == 0 {
		return nil
	}
	t := Millis(ms)
	return &t
}

// MarshalJSON writes the contract's form.
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(`"` + t.UTC().Format(TimeForm) + `"`), nil
}

// UnmarshalJSON reads any RFC 3339 time.
func (t *Time) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := time.Parse(time.RFC3339Nano, s)
	t.Time = v.UTC()
	return err
}

// Person is a user or a customer as others may see them.
type Person struct {
	ID           string `json:"id"`
	Kind         string `json:"kind" enum:"user,customer"`
	Name         string `json:"name"`
	Email        string `json:"email"`
	Organisation string `json:"organisation,omitempty"`
	Role         string `json:"role,omitempty"`
	Disabled     bool   `json:"disabled,omitempty"`
	// Unverified: a visitor of the live chat, who says who they are; nothing proves it.
	Unverified bool `json:"unverified,omitempty"`
	// MergedInto is the customer whom an agent found this visitor to be.
	MergedInto string `json:"mergedInto,omitempty"`
	Locale     string `json:"locale,omitempty"`
	CreatedAt  Time   `json:"createdAt"`
	Version    int64  `json:"version"`
}

// File is an attachment's description; its content is at /api/v1/files/{id}.
type File struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"`
	Type string `json:"type"`
}

// Message is one message in its present state. Truncated ones (feed only) carry id, conversation, number and version.
type Message struct {
	ID           string   `json:"id"`
	Conversation string   `json:"conversation"`
	Number       int64    `json:"number"`
	Author       string   `json:"author,omitempty"`
	Body         string   `json:"body"`
	Quote        string   `json:"quote,omitempty"`
	Files        []File   `json:"files"`
	Mentions     []string `json:"mentions"`
	CreatedAt    Time     `json:"createdAt"`
	EditedAt     *Time    `json:"editedAt,omitempty"`
	DeletedAt    *Time    `json:"deletedAt,omitempty"`
	Version      int64    `json:"version"`
	// Key is the author's idempotency key, given to the author alone, so that a second device recognises its outbox.
	Key       string `json:"key,omitempty"`
	Truncated bool   `json:"truncated,omitempty"`
	// Mail is there where the message came by mail.
	Mail *MailMark `json:"mail,omitempty"`
}

// Participant stands in a conversation and sees it from message HistoryFrom on.
type Participant struct {
	Person      string `json:"person"`
	HistoryFrom int64  `json:"historyFrom"`
	// SeenUpTo is what this participant has seen; told in conversations of up to 50 people.
	SeenUpTo int64 `json:"seenUpTo"`
	SeenAt   *Time `json:"seenAt,omitempty"`
}

// Conversation as its reader sees it: SeenUpTo, Unseen, Muted, SnoozedUntil are the reader's own.
type Conversation struct {
	ID           string        `json:"id"`
	Kind         string        `json:"kind" enum:"internal,customer"`
	Subject      string        `json:"subject"`
	State        string        `json:"state" enum:"open,closed"`
	Item         string        `json:"item,omitempty"`
	Assignee     string        `json:"assignee,omitempty"`
	Participants []Participant `json:"participants"`
	LastMessage  *Message      `json:"lastMessage,omitempty"`
	LastNumber   int64         `json:"lastNumber"`
	LastAt       Time          `json:"lastAt"`
	SeenUpTo     int64         `json:"seenUpTo"`
	Unseen       int64         `json:"unseen"`
	Muted        bool          `json:"muted"`
	SnoozedUntil *Time         `json:"snoozedUntil,omitempty"`
	// SnoozedUntilAnswer: it sleeps until somebody else writes; one with a time wakes then, too.
	SnoozedUntilAnswer bool `json:"snoozedUntilAnswer,omitempty"`
	// WaitingSince is when a customer wrote who has had no answer since.
	WaitingSince *Time `json:"waitingSince,omitempty"`
	// MergedInto is the conversation this one leads to; SplitFrom the message it began with a copy of.
	MergedInto  string `json:"mergedInto,omitempty"`
	SplitFrom   string `json:"splitFrom,omitempty"`
	HistoryFrom int64  `json:"historyFrom"`
	CreatedAt   Time   `json:"createdAt"`
	Version     int64  `json:"version"`
	// Audience is an opaque version of who would receive a message now.
	Audience string `json:"audience"`
	// Truncated (feed only): the whole did not fit an entry and is to be fetched; participants and the last message
	// are left out.
	Truncated bool `json:"truncated,omitempty"`
}

// Seen tells that a person has seen a conversation up to a number.
type Seen struct {
	Conversation string `json:"conversation"`
	Person       string `json:"person"`
	UpTo         int64  `json:"upTo"`
	At           Time   `json:"at"`
}

// Delivery is what became of a message for one recipient on one channel, and what will.
type Delivery struct {
	Message      string `json:"message"`
	Conversation string `json:"conversation"`
	Person       string `json:"person"`
	Channel      string `json:"channel" enum:"app,chat,email,push"`
	State        string `json:"state" enum:"planned,sent,seen,cancelled,failed,held"`
	// DueAt is when what is planned leaves, or is tried again.
	DueAt *Time `json:"dueAt,omitempty"`
	At    Time  `json:"at"`
	// Code is why it is so, for programs; Reason says it in a sentence.
	Code   string `json:"code"`
	Reason string `json:"reason"`
	// Attempts that failed and are followed by another; Detail is what the mail server answered.
	Attempts int    `json:"attempts,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

// NotificationSettings say when a person is told, and how.
type NotificationSettings struct {
	Bubbles    string      `json:"bubbles" enum:"all,mentions,none"`
	Sound      bool        `json:"sound"`
	Preview    bool        `json:"preview"`
	QuietHours *QuietHours `json:"quietHours,omitempty"`
	Mail       MailSetting `json:"mail"`
}

// QuietHours are local wall-clock times HH:MM; From may be later than To (over midnight).
type QuietHours struct {
	From string `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$"`
	To   string `json:"to" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$"`
}

// MailSetting is the one-minute rule, per person.
type MailSetting struct {
	On bool `json:"on"`
	// AfterSeconds a message may stay unseen before it is mailed; 0 takes the server's default.
	AfterSeconds int `json:"afterSeconds" minimum:"0" maximum:"86400"`
}

// Entry is one feed entry, or one item of a snapshot (without Number). Exactly one of the pointers is set,
// or none for `gone`.
type Entry struct {
	Number       int64                 `json:"number,omitempty"`
	Type         string                `json:"type"`
	At           Time                  `json:"at"`
	Message      *Message              `json:"message,omitempty"`
	Conversation *Conversation         `json:"conversation,omitempty"`
	Person       *Person               `json:"person,omitempty"`
	Seen         *Seen                 `json:"seen,omitempty"`
	Settings     *NotificationSettings `json:"settings,omitempty"`
	Delivery     *Delivery             `json:"delivery,omitempty"`
	Item         *Item                 `json:"item,omitempty"`
	// Lost is the conversation that access.lost tells to forget; in JSON it stands as a plain id under `conversation`.
	Lost string `json:"-"`
}

type entryFields Entry

// lostEntry is the form of access.lost, whose `conversation` is an id and not an object.
type lostEntry struct {
	Number       int64  `json:"number,omitempty"`
	Type         string `json:"type"`
	At           Time   `json:"at"`
	Conversation string `json:"conversation"`
}

// MarshalJSON writes the entry with what changed under its name.
func (e Entry) MarshalJSON() ([]byte, error) {
	if e.Type == AccessLost {
		return json.Marshal(lostEntry{e.Number, e.Type, e.At, e.Lost})
	}
	return json.Marshal(entryFields(e))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Entry) UnmarshalJSON(b []byte) error {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return err
	}
	if head.Type == AccessLost {
		var l lostEntry
		err := json.Unmarshal(b, &l)
		*e = Entry{Number: l.Number, Type: l.Type, At: l.At, Lost: l.Conversation}
		return err
	}
	return json.Unmarshal(b, (*entryFields)(e))
}

// The durable types of feed entries.
const (
	MessageCreated      = "message.created"
	MessageEdited       = "message.edited"
	MessageDeleted      = "message.deleted"
	ConversationCreated = "conversation.created"
	ConversationChanged = "conversation.changed"
	SeenChanged         = "seen.changed"
	PersonChanged       = "person.changed"
	SettingsChanged     = "settings.changed"
	DeliveryChanged     = "delivery.changed"
	ItemCreated         = "item.created"
	ItemChanged         = "item.changed"
	AccessLost          = "access.lost"
	Gone                = "gone"
)

// Hello is the first event of a stream (event: hello, no id).
type Hello struct {
	Epoch            string `json:"epoch"`
	Boot             string `json:"boot"`
	Floor            int64  `json:"floor"`
	Head             int64  `json:"head"`
	At               Time   `json:"at"`
	HeartbeatSeconds int    `json:"heartbeatSeconds"`
}

// Head says that every entry up to Head was written on this stream (event: head, no id).
type Head struct {
	Head int64 `json:"head"`
}

// Reset says why the cursor can't be resumed: take a snapshot (event: reset, no id; then the stream ends).
type Reset struct {
	Reason string `json:"reason"`
}

// Bye says why the server ends the stream, and when to come back (event: bye, no id).
type Bye struct {
	Reason       string `json:"reason"`
	RetryAfterMS int64  `json:"retryAfterMs"`
}

// Typing is told to those who may see the conversation and are connected (event: typing, no id).
type Typing struct {
	Conversation string `json:"conversation"`
	Person       string `json:"person"`
	At           Time   `json:"at"`
}

// Looking is told to users who are connected, of a conversation with customers (event: looking, no id). Who looks says so
// at least every 20 s: who has not for 45 s does not look any more.
type Looking struct {
	Conversation string `json:"conversation"`
	Person       string `json:"person"`
	Looking      bool   `json:"looking"`
	At           Time   `json:"at"`
}

// Presence is told to users who are connected (event: presence, no id).
type Presence struct {
	Person string `json:"person"`
	State  string `json:"state" enum:"here,away"`
	At     Time   `json:"at"`
}

// SnapshotPage is one page of everything the caller may see: people first, then items, conversations, and
// messages newest first. Each entry has the form of a feed entry without a number: `person`, `item`, `conversation`,
// `message` or `settings`.
// The feed is followed from the Position of the first page.
type SnapshotPage struct {
	Position string  `json:"position"`
	Items    []Entry `json:"items"`
	Next     string  `json:"next,omitempty"`
}

// Page is the form of every list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Session is a device's right to act as a person; Token is given once.
type Session struct {
	Token  string `json:"token"`
	Person Person `json:"person"`
}

// Device is one of the caller's sessions.
type Device struct {
	ID         string `json:"id"`
	Device     string `json:"device"`
	CreatedAt  Time   `json:"createdAt"`
	LastUsedAt Time   `json:"lastUsedAt"`
	Current    bool   `json:"current"`
}

// NewConversation is the body of POST /conversations.
type NewConversation struct {
	Key          string     `json:"key"`
	Kind         string     `json:"kind"`
	Participants []string   `json:"participants"`
	Subject      string     `json:"subject,omitempty"`
	Item         string     `json:"item,omitempty"`
	Message      NewMessage `json:"message"`
}

// NewMessage is the body of POST /conversations/{id}/messages; inside NewConversation without key and audience.
type NewMessage struct {
	Key      string   `json:"key,omitempty"`
	Body     string   `json:"body"`
	Files    []string `json:"files,omitempty"`
	Mentions []string `json:"mentions,omitempty"`
	Audience string   `json:"audience,omitempty"`
}

// Hit is a message found, with the matches in its body as [from, to) in Unicode code points.
type Hit struct {
	Message      Message  `json:"message"`
	Conversation string   `json:"conversation"`
	Ranges       [][2]int `json:"ranges"`
}

// Problem is an RFC 9457 problem details object.
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Errors []FieldProblem `json:"errors,omitempty"`
}

// FieldProblem names the place of a bad field; never its value.
type FieldProblem struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

// ProblemPrefix starts every problem's type.
const ProblemPrefix = "urn:recado:problem:"

// Name is the stable code of a problem, without the prefix.
func (p Problem) Name() string { return strings.TrimPrefix(p.Type, ProblemPrefix) }

// Error lets a client pass a problem on as an error.
func (p Problem) Error() string {
	if p.Detail != "" {
		return p.Detail
	}
	return p.Title
}

// Cursor is a place in a feed: EPOCH.NUMBER.
type Cursor struct {
	Epoch  string
	Number int64
}

// String is the form used in id:, Last-Event-ID, ?after= and position.
func (c Cursor) String() string { return c.Epoch + "." + strconv.FormatInt(c.Number, 10) }

// ParseCursor reads a cursor; an error means it is unreadable, which the feed answers with reset.
func ParseCursor(s string) (Cursor, error) {
	epoch, n, ok := strings.Cut(s, ".")
	if !ok || epoch == "" || len(s) > 100 {
		return Cursor{}, fmt.Errorf("cursor is not EPOCH.NUMBER")
	}
	v, err := strconv.ParseInt(n, 10, 64)
	if err != nil || v < 0 || n != strconv.FormatInt(v, 10) {
		return Cursor{}, fmt.Errorf("cursor number: not a whole number from 0")
	}
	return Cursor{epoch, v}, nil
}

// MailMark is what is to be known of the mail a message came by wherever it is shown; its content is at
// /api/v1/messages/{id}/mail/content.
type MailMark struct {
	// Verified: its sender is proven, or answered what only they were sent.
	Verified bool `json:"verified"`
	// Automatic: a program wrote it.
	Automatic bool `json:"automatic,omitempty"`
	// Folded: the mail holds more than the message shows, what it quotes or a signature.
	Folded bool `json:"folded,omitempty"`
	// Others are whom it was addressed to besides, at most 20: suggestions, never recipients by themselves.
	Others []MailAddress `json:"others,omitempty"`
}

// Recipient is what would become of a message posted now for one of those who stand in a conversation.
type Recipient struct {
	Person  string `json:"person"`
	Channel string `json:"channel" enum:"app,chat,email,push"`
	State   string `json:"state" enum:"planned,sent,cancelled"`
	Code    string `json:"code"`
	Reason  string `json:"reason"`
	// AfterSeconds is how long it may stay unseen before it is mailed; 0: it leaves at once.
	AfterSeconds int64 `json:"afterSeconds"`
}

// MailContent is a mail, read.
type MailContent struct {
	Mail
	To   []MailAddress `json:"to"`
	Cc   []MailAddress `json:"cc"`
	Date *Time         `json:"date,omitempty"`
	// Text is all of its text; Fresh what is new in it; Folded the rest: what it quotes, or a signature.
	Text   string `json:"text"`
	Fresh  string `json:"fresh"`
	Folded string `json:"folded"`
	// HTML is sanitised: no scripts, no style sheets, nothing that loads. Images of the mail's own stand in it as data:
	// addresses, those from elsewhere as `data-remote`. Empty where the mail has no HTML.
	HTML string `json:"html"`
	// Remote is how many images from elsewhere it names.
	Remote int `json:"remote"`
	// Cut: it was longer than is shown.
	Cut bool `json:"cut,omitempty"`
}

// Mail is one mail that came in, without its content: that is had under /mail/{id}/raw.
type Mail struct {
	ID           string      `json:"id"`
	State        string      `json:"state" enum:"received,placed,held,discarded"`
	Code         string      `json:"code"`
	Reason       string      `json:"reason"`
	ReceivedAt   Time        `json:"receivedAt"`
	From         MailAddress `json:"from"`
	Subject      string      `json:"subject"`
	Size         int64       `json:"size"`
	Verified     bool        `json:"verified"` // the sender was proven
	Person       string      `json:"person,omitempty"`
	Conversation string      `json:"conversation,omitempty"`
	Message      string      `json:"message,omitempty"`
}

// MailAddress is a mailbox as a mail names it.
type MailAddress struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}
