package desk

// ConversationKind says who can ever stand in a conversation.
type ConversationKind string

// The kinds of conversations.
const (
	Internal      ConversationKind = "internal" // users only
	WithCustomers ConversationKind = "customer"
)

// Conversation is a row of messages numbered from 1. It is direct, or belongs to an item.
type Conversation struct {
	ID         string
	Kind       ConversationKind
	Subject    string
	State      string // open or closed
	Item       string // empty: direct
	Assignee   string // the user who looks after it; empty: nobody
	CreatedAt  int64
	LastNumber int64
	LastAt     int64
	// Past is the number up to which messages were brought from an archive: they count as seen by everybody, also by who
	// comes later.
	Past int64
	// WaitingSince is when a customer wrote who has had no answer from the team since; 0: nobody waits.
	WaitingSince int64
	MergedInto   string // the conversation this one leads to; empty: none
	SplitFrom    string // the message this one began with a copy of; empty: none
	Audience     int64  // counts changes of who receives
	Version      int64
	// Shown is the version that everybody was last told of. In a large circle customers are not told who comes and
	// goes: to them the conversation is as it was then.
	Shown int64
}

// Changed makes c the next version; all says whether everybody who sees it is told.
func (c *Conversation) Changed(all bool) {
	c.Version++
	if all {
		c.Shown = c.Version
	}
}

// Shared reports whether every user sees the conversation, participant or not.
func (c Conversation) Shared() bool { return c.Kind == WithCustomers || c.Item != "" }

// Standing is what one person is in one conversation.
type Standing struct {
	Person       string
	Participant  bool
	HistoryFrom  int64 // the first message number this person sees
	SeenUpTo     int64
	SeenAt       int64
	Muted        bool
	SnoozedUntil int64
	Written      int64 // how many messages from HistoryFrom on are this person's own
}

// SeesFrom decides who may see a conversation, and from which message on. standing is nil for one who has none.
// This is the one place where it is decided:
//
//   - a direct internal conversation: its participants and nobody else, admins neither;
//   - one with customers, or of an item: every user;
//   - a customer: only conversations with customers they stand in, from where their history begins.
func SeesFrom(viewer Person, c Conversation, standing *Standing) (from int64, ok bool) {
	stands := standing != nil && standing.Participant
	switch {
	case viewer.Disabled:
		return 0, false
	case viewer.Kind == Customer:
		if c.Kind == WithCustomers && stands {
			return standing.HistoryFrom, true
		}
		return 0, false
	case viewer.Kind != User:
		return 0, false
	case c.Shared():
		return 1, true
	case stands:
		return standing.HistoryFrom, true
	default:
		return 0, false
	}
}

// MayStand says whether p can be put into a conversation of this kind: no customer ever into an internal one, and
// nobody who is disabled.
func MayStand(p Person, kind ConversationKind) *Error {
	if kind == Internal && p.Kind != User {
		return &Error{Code: "customer-in-internal-conversation",
			Message: "Customers can't be in a conversation of the team. Start a conversation with customers instead.",
			Fields:  []Field{{"body.participants", "holds a customer"}}}
	}
	if p.Disabled {
		return UnknownPerson("body.participants")
	}
	return nil
}

// UnknownPerson is for an id that is nobody's, or of somebody who can't be written to.
func UnknownPerson(location string) *Error {
	return &Error{Code: "unknown-person", Message: "One of these people does not exist here, or is disabled.",
		Fields: []Field{{location, "holds an unknown person"}}}
}

// NoRecipients is for a message that nobody would receive.
func NoRecipients() *Error {
	return &Error{Code: "no-recipients", Message: "Choose at least one person besides yourself.",
		Fields: []Field{{"body.participants", "nobody would receive this"}}}
}
