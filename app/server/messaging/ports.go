// Package messaging holds what people do with conversations: start, post, see, edit, add, remove, search, follow the
// feed. Each use case is one transaction; who may see what is asked of desk, every time.
package messaging

import (
	"context"
	"time"

	"recado/app/desk"
)

// Store keeps everything. Read and Write run fn in one transaction; Write answers after it is durable, and may run
// fn again after a conflict.
type Store interface {
	Read(ctx context.Context, fn func(Reader) error) error
	Write(ctx context.Context, fn func(Writer) error) error
}

// Reader is what a transaction can be asked.
type Reader interface {
	// Recipients gives those of ids that exist, with what they wish of mail.
	Recipients(ids []string) ([]desk.Recipient, error)
	ConversationReader
	MessageReader
	FeedReader
	DeliveryReader
	ItemReader
	// People gives those of ids that exist, by id.
	People(ids []string) (map[string]desk.Person, error)
	// UserIDs lists all users who are not disabled.
	UserIDs() ([]string, error)
	// Settings of a person, the defaults where never chosen.
	Settings(person string) (desk.Settings, error)
	// File gives desk.ErrNotFound where there is none.
	File(id string) (desk.File, error)
	// FileShares lists the messages that carry a file beside its own.
	FileShares(id string) ([]string, error)
	// PeopleAfter lists all people in the order of their ids, for a snapshot.
	PeopleAfter(id string, limit int) ([]desk.Person, error)
	// FindPeople lists people by prefix of the words of name, address and organisation, by name.
	FindPeople(kind desk.Kind, words []string, after string, limit int) ([]desk.Person, string, error)
}

// ConversationReader asks about conversations.
type ConversationReader interface {
	// Conversation gives it with the standing of one person in it (nil for none); desk.ErrNotFound where there is none.
	Conversation(id, person string) (desk.Conversation, *desk.Standing, error)
	// Conversations gives those of ids that exist, by id.
	Conversations(ids []string) (map[string]desk.Conversation, error)
	// Standings of conversations, by conversation; of some people only where people is not nil.
	Standings(conversations, people []string) (map[string][]desk.Standing, error)
	// List gives ids of one view of what viewer may see, latest activity first, and a cursor to go on with.
	List(viewer desk.Person, q ListQuery) (ids []string, next string, err error)
	// CountViews counts up to MaxCount conversations of each view that asks for something to be done.
	CountViews(viewer desk.Person) (map[string]int64, error)
	// NextWaking gives when the next sleeping conversation wakes, 0 where none sleeps.
	NextWaking() (int64, error)
	// Unseen counts messages of others after SeenUpTo and from HistoryFrom on, in those of conversations the person stands in.
	Unseen(person string, conversations []string) (map[string]int64, error)
}

// MessageReader asks about messages.
type MessageReader interface {
	// Message gives desk.ErrNotFound where there is none.
	Message(id string) (desk.Message, error)
	Messages(ids []string) (map[string]desk.Message, error)
	// Page lists messages of a conversation with from <= number, ascending.
	Page(conversation string, from int64, q PageQuery) ([]desk.Message, error)
	// Last gives the newest message of each conversation.
	Last(conversations []string) (map[string]desk.Message, error)
	// ByKey gives the hash and what was made with a person's key.
	ByKey(person, key string) (hash, ref string, ok bool, err error)
	// Search lists messages the viewer may see that hold all words (the last as a prefix), newest first.
	Search(viewer desk.Person, words []string, before int64, limit int) (found []desk.Message, next int64, err error)
	// Snapshot lists messages that a viewer may see, newest first, older than the message before (empty: the newest).
	MessagesBefore(viewer desk.Person, before string, limit int) ([]desk.Message, error)
	// AuthorsBetween lists who wrote messages after and up to two numbers.
	AuthorsBetween(conversation string, after, upTo int64) ([]string, error)
}

// FeedReader asks about feeds.
type FeedReader interface {
	// Entries lists up to limit entries of each feed after its number, in order.
	Entries(reads []FeedRead, limit int) ([]desk.Entry, error)
	// Heads gives head and floor of people's feeds.
	Heads(people []string) (map[string]FeedHead, error)
}

// DeliveryReader asks about what happens to messages outside the app.
type DeliveryReader interface {
	// Deliveries of a message, those in the app not among them, in the order of people's ids.
	Deliveries(message string) ([]desk.Delivery, error)
	// Delivery gives desk.ErrNotFound where there is none.
	Delivery(message, person string, channel desk.Channel) (desk.Delivery, error)
	// Due lists calls that are due, the longest overdue first, looking at that many deliveries at most.
	Due(now int64, look int) ([]desk.Call, error)
	// NextDue gives when the next delivery is due, 0 where nothing is planned.
	NextDue() (int64, error)
	// Asked tells whether somebody said "send now" to something of a call.
	Asked(c desk.Call) (bool, error)
	// Left lists the mails that left to a person since a moment.
	Left(person string, since int64) ([]desk.Mailed, error)
	// Trouble gives what reports said of an address, as desk.Address writes it.
	Trouble(address string) (desk.Trouble, error)
	// Troubled gives, of some people, those of whose addresses reports said something.
	Troubled(people []string) (map[string]desk.Trouble, error)
	// InChat tells which of some customers are connected to the live chat at a moment, on any node.
	InChat(people []string, at int64) (map[string]bool, error)
	// ChatOpen tells which of some customers have the live chat open at a moment, on any node that lives.
	ChatOpen(people []string, at int64) (map[string]bool, error)
	// SamePerson lists a customer, whom an agent found them to be, and the visitors found to be that one.
	SamePerson(id string) ([]string, error)
	// NewestWith gives the conversation with customers in which a customer stands and something happened last; "" for none.
	NewestWith(customer string) (string, error)
}

// DeliveryWriter changes it.
type DeliveryWriter interface {
	// Plan writes new deliveries of one message.
	Plan(m desk.Message, ds []desk.Delivery) error
	// Withdraw ends what is planned and not on its way already.
	Withdraw(w Withdrawal) error
	// PutDelivery writes state, reason, times, attempts and mail of one that exists.
	PutDelivery(d desk.Delivery) error
	// Gate lets one transaction at a time decide about a person in a conversation: what they have seen, and what leaves.
	Gate(conversation, person string) error
	// Waiting gives planned deliveries of a call in the order of their messages, the newest or the oldest limit of them,
	// how many there are in all, and when the first of them is due.
	Waiting(c desk.Call, oldest bool, limit int) (some []desk.Delivery, all, due int64, err error)
	// RetryDue gives when the earliest mail that waits for another try is due; 0 for none.
	RetryDue(person, conversation string) (int64, error)
	// Postpone makes a call due at another time.
	Postpone(c desk.Call, due int64) error
	// Resume makes what never left, from a conversation to a person, due no later than after milliseconds since it was
	// planned (at once where somebody asked for it), and answers whether that changed anything.
	Resume(person, conversation string, after int64) (bool, error)
	// Lease gives a call, up to a message's number, to whoever hands it over, until a moment, and its mail a name for good.
	Lease(c desk.Call, mail string, upTo, at, until int64) error
	// Renew moves the end of a lease; false where it does not end then any more.
	Renew(c desk.Call, until, later int64) (bool, error)
	// Settle writes how handing over a call ended; where until is given, only if it is still leased until then.
	Settle(c desk.Call, d desk.Delivery, until int64) (bool, error)
	// Abandon ends all leases.
	Abandon(now int64) error
	// Release plans anew what is held of a call, due at a moment, and lists the messages.
	Release(c desk.Call, at int64) ([]string, error)
	// Return marks as not delivered all messages that went to a person in a mail, and lists them.
	Return(mail, person, detail string, at int64) ([]string, error)
	// MarkGone notes that a mail server knows no such mailbox, as a report of it does. Trouble says so from then on.
	MarkGone(address, detail string, at int64) error
	// Mailed lists the names of mails that left to a person from a conversation, newest first.
	Mailed(person, conversation string, limit int) ([]string, error)
	// MoveUnseen makes what a customer has not seen in the live chat due at a moment, or (0) after the delay it was planned
	// with, and gives when the first of it is due; 0 where nothing is planned.
	MoveUnseen(person string, due, after int64) (int64, error)
	// Readdress plans the mails that a visitor without an address could not get, of what they have not seen.
	Readdress(person string, at, due int64) error
	// LockPerson lets one transaction at a time begin a conversation of a customer's.
	LockPerson(id string) error
	// Hear lets users know of a visitor who writes for the first time; false where they do already.
	Hear(id string) (bool, error)
	// MergePerson notes that a visitor is a customer, as an agent found; false where that was noted before.
	MergePerson(visitor, into, actor string, at int64) (bool, error)
	// StandsIn lists where a person stands, with their standing there.
	StandsIn(person string) (map[string]desk.Standing, error)
	// Reclock plans anew what was planned by a clock that was well ahead of now, and answers how many.
	Reclock(now int64) (int64, error)
}

// Withdrawal says what of the planned ends, and why: a message's deliveries, one person's of it, or (without Message)
// those of a person in a conversation up to a number.
type Withdrawal struct {
	Message, Person, Conversation string
	UpTo                          int64
	State                         desk.DeliveryState
	Reason                        desk.Reason
	At                            int64
}

// Writer is what a transaction can change.
type Writer interface {
	Reader
	DeliveryWriter
	ItemWriter
	// TakeKey reserves a key for what it will make; false where it was taken before.
	TakeKey(person, key, hash, ref string, at int64) (bool, error)
	InsertConversation(c desk.Conversation) error
	// NextNumber moves a conversation on by one message and gives its number.
	NextNumber(conversation string, at int64, waits Waiting) (int64, error)
	// SetWaiting writes since when customers wait in a conversation.
	SetWaiting(conversation string, since int64) error
	// Sleepers lists for whom something sleeps that is due to wake.
	Sleepers(now int64, limit int) ([]Sleeper, error)
	// Wake ends the sleep of a conversation for a person.
	Wake(conversation, person string) error
	// LockMerges lets one transaction at a time merge.
	LockMerges() error
	InsertMerge(m Merge) error
	// EndMerge undoes the one in force of a source, and gives it.
	EndMerge(source, actor string, at int64) (Merge, error)
	// ShareFile lets a message carry a file that is another's.
	ShareFile(file, message string) error
	// UpdateConversation writes subject, state, assignee, where it leads, audience, past and versions.
	UpdateConversation(c desk.Conversation) error
	PutStanding(conversation string, s desk.Standing) error
	DeleteStanding(conversation, person string) error
	// Wrote counts one more message of a person's own.
	Wrote(conversation, person string) error
	InsertMessage(m desk.Message) error
	// ReplaceBody writes body, files, mentions, times and version of m, and keeps the body before.
	ReplaceBody(m desk.Message, at int64) error
	InsertFile(f desk.File, at int64) error
	// AttachFile gives a file to a message; false where it is not the owner's or has one.
	AttachFile(id, owner, message string) (bool, error)
	PutSettings(person string, s desk.Settings) error
	// Tell writes entries to the feeds of people: numbers without gaps, heads locked last and in order.
	Tell(told []Told) error
}

// ListQuery asks for one page of a view.
type ListQuery struct {
	View   string
	Query  string
	Item   string
	Person string // somebody who stands in it; empty does not ask
	Sort   string // empty: latest activity first; SortWaiting: where customers wait, the longest first
	Cursor string
	Limit  int
}

// SortWaiting lists only conversations in which customers wait for an answer, those first who have waited longest.
const SortWaiting = "waiting"

// PageQuery asks for messages by number; without Before and After for the newest. Both are exclusive.
type PageQuery struct {
	Before, After int64
	FromStart     bool // after 0: the oldest first
	Limit         int
}

// FeedRead asks for a feed after a number.
type FeedRead struct {
	Person string
	After  int64
}

// FeedHead is the newest number of a feed, and the lowest one can resume after.
type FeedHead struct{ Head, Floor int64 }

// Told is an entry and whose feeds it belongs to.
type Told struct {
	Entry  desk.Entry
	People []string
}

// Waker wakes the streams of people, here and on other nodes. A wake-up carries nothing: state is read again.
type Waker interface {
	Wake(people []string)
}

// Service is the use cases.
type Service struct {
	Store Store
	Waker Waker
	Now   func() time.Time
	NewID func() string
	// Outside says how messages reach people outside the app; nil where nothing is to leave, as for commands that tell
	// of the past.
	Outside *Outside
}

// Outside is how messages reach people who are not at the app.
type Outside struct {
	// After is how long a message may stay unseen by a user who never chose before it is mailed.
	After time.Duration
	// Planned is told after the commit that something was planned, and about when the first of it is due.
	Planned func(due time.Time)
}

func (s *Service) now() int64 { return s.Now().UnixMilli() }

// write runs fn in a transaction and wakes those it told after the commit.
func (s *Service) write(ctx context.Context, fn func(Writer, *telling) error) error {
	var t telling
	err := s.Store.Write(ctx, func(w Writer) error {
		t = telling{at: s.now()}
		if err := fn(w, &t); err != nil {
			return err
		}
		return w.Tell(t.told)
	})
	if err != nil {
		return err
	}
	if people := t.people(); len(people) > 0 {
		s.Waker.Wake(people)
	}
	if t.due > 0 && s.Outside != nil && s.Outside.Planned != nil {
		s.Outside.Planned(time.UnixMilli(t.due))
	}
	return nil
}

// telling collects what a transaction has to tell, and to whom, until its end.
type telling struct {
	at   int64
	due  int64 // when the first of what was planned is due, about; 0 where nothing was
	told []Told
}

func (t *telling) tell(typ desk.EntryType, conversation, ref string, people []string) {
	if len(people) > 0 {
		t.told = append(t.told, Told{desk.Entry{Type: typ, Conversation: conversation, Ref: ref, At: t.at}, people})
	}
}

func (t *telling) people() []string {
	if len(t.told) == 1 {
		return t.told[0].People
	}
	set := map[string]bool{}
	var all []string
	for _, told := range t.told {
		for _, p := range told.People {
			if !set[p] {
				set[p] = true
				all = append(all, p)
			}
		}
	}
	return all
}
