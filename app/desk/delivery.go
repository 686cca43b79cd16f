package desk

import "time"

// Channel is a way on which a message reaches one recipient.
type Channel string

// The channels.
const (
	InApp   Channel = "app"
	InChat  Channel = "chat"
	ByEmail Channel = "email"
	ByPush  Channel = "push"
)

// DeliveryState is what became of a message for one recipient on one channel.
type DeliveryState string

// The states of a delivery. Planned is the only one that changes by itself.
const (
	Planned   DeliveryState = "planned"
	Sent      DeliveryState = "sent"
	SeenThere DeliveryState = "seen"
	Cancelled DeliveryState = "cancelled"
	Failed    DeliveryState = "failed"
	Held      DeliveryState = "held"
)

// Delivery is one message on its way to one recipient on one channel. The recipient is never the message's author.
type Delivery struct {
	Message      string
	Conversation string
	Number       int64 // of the message
	Person       string
	Channel      Channel
	State        DeliveryState
	Reason       Reason
	DueAt        int64  // when it leaves, or is looked at again; 0 where nothing is planned
	At           int64  // when it came to be as it is
	Attempts     int    // that failed and are to be tried again
	Mail         string // the message that names the mail it goes in; empty until one was made
	Detail       string // what the mail server answered to a failure
}

// Reason is why a delivery is as it is: the answer to "why was I told, or not". Its value is a stable code.
type Reason string

// The reasons.
const (
	ReasonInFeed   Reason = "in-app"       // sent: it stands in the recipient's app
	ReasonSeen     Reason = "seen"         // seen in the app, in time
	ReasonWaiting  Reason = "unseen-after" // planned: leaves unless it is seen before
	ReasonCustomer Reason = "customer"     // planned: a customer who is not in the live chat
	ReasonInChat   Reason = "in-chat"      // sent: a customer who is
	ReasonNotSeen  Reason = "chat-unseen"  // planned: leaves unless it is seen in the live chat before
	ReasonNowhere  Reason = "no-address"   // cancelled: a visitor who told no address
	ReasonAsked    Reason = "asked"        // planned: somebody said "send now"
	ReasonLeaving  Reason = "leaving"      // planned: on its way to the mail server
	ReasonMailed   Reason = "mailed"       // sent: the mail server took it
	ReasonGathered Reason = "gathered"     // sent: in one mail with a later message
	ReasonLater    Reason = "try-later"    // planned: the mail server could not take it
	ReasonUnknown  Reason = "no-answer"    // planned: the mail server's answer was lost; the same mail goes again
	ReasonRefused  Reason = "refused"      // failed: the mail server refused it for good
	ReasonReturned Reason = "returned"     // failed: the mail came back
	ReasonGaveUp   Reason = "gave-up"      // failed: tried for three days
	ReasonFailing  Reason = "no-mailbox"   // failed: mail to the address came back before
	ReasonUnwanted Reason = "unwanted"     // failed: the recipient called mail from here unwanted
	ReasonTooOften Reason = "too-often"    // held: so many mails are a loop, until somebody says "send now"
	ReasonStopped  Reason = "stopped"      // cancelled: somebody said "don't"
	ReasonMuted    Reason = "muted"        // cancelled: the recipient muted the conversation
	ReasonMailOff  Reason = "mail-off"     // cancelled: the recipient wants no mail
	ReasonDisabled Reason = "disabled"     // cancelled: the recipient is disabled
	ReasonDeleted  Reason = "deleted"      // cancelled: the message was deleted
	ReasonLeft     Reason = "left"         // cancelled: the recipient is no longer in the conversation
	ReasonStranger Reason = "unconfirmed"  // cancelled: the recipient answered what was sent to somebody else, and nobody has let them in
	ReasonOwn      Reason = "own"          // cancelled: the recipient wrote it
)

var reasonWords = map[Reason]string{
	ReasonInFeed:   "It stands in the recipient's app.",
	ReasonSeen:     "The recipient has seen it.",
	ReasonWaiting:  "It leaves by e-mail unless the recipient sees it before.",
	ReasonCustomer: "Customers are written to by e-mail while they are not in the live chat.",
	ReasonInChat:   "The recipient was in the live chat and got it there.",
	ReasonNotSeen:  "It leaves by e-mail unless the recipient sees it in the live chat before.",
	ReasonNowhere:  "This visitor has no e-mail address of their own here: it waits for them in the live chat.",
	ReasonAsked:    "Somebody chose to send it now.",
	ReasonLeaving:  "It is on its way to the mail server.",
	ReasonMailed:   "The mail server took it.",
	ReasonGathered: "It went in one mail with what was written after it.",
	ReasonLater:    "The mail server could not take it yet. It is tried again.",
	ReasonUnknown:  "The mail server's answer was lost. The same mail goes once more.",
	ReasonRefused:  "The mail server refused it.",
	ReasonReturned: "The mail came back: it could not be delivered.",
	ReasonGaveUp:   "The mail server could not take it for three days.",
	ReasonFailing:  "Mail to this address came back before: there is no such mailbox. Correct the address, or send it now to try again.",
	ReasonUnwanted: "The recipient reported mail from here as unwanted, and gets none unless it is sent now.",
	ReasonTooOften: "So many mails went to the recipient in a short time that two programs may be answering each other. Send it now to let it go.",
	ReasonStopped:  "Somebody chose not to send it.",
	ReasonMuted:    "The recipient has muted this conversation.",
	ReasonMailOff:  "The recipient does not want to be told by e-mail.",
	ReasonDisabled: "The recipient's account is disabled.",
	ReasonDeleted:  "The message was deleted before it left.",
	ReasonLeft:     "The recipient was no longer in the conversation.",
	ReasonStranger: "They answered a mail that was sent to somebody else. They get nothing until somebody adds them.",
	ReasonOwn:      "The recipient wrote it.",
}

// Words say the reason in a sentence for a person.
func (r Reason) Words() string { return reasonWords[r] }

// EmailAfter is how long a message may stay unseen by a user before it is mailed, where neither the server nor the
// person says otherwise.
const EmailAfter = time.Minute

// retries are the pauses after a mail server could not take a mail: three days in all.
var retries = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour,
	12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour}

// Mailed is a mail that left to somebody: from which conversation, and when.
type Mailed struct {
	Conversation string
	At           int64
}

// loopCaps are how many mails may leave to one person from one conversation in which time: more is two programs that
// answer each other.
var loopCaps = []struct {
	within time.Duration
	most   int
}{{10 * time.Minute, 10}, {time.Hour, 25}, {CapWindow, 100}}

// CapWindow is the longest time in which mails to one person are counted; mostInAnHour how many may leave to one from
// all conversations.
const (
	CapWindow    = 10 * time.Hour
	mostInAnHour = 60
)

// MayMail tells whether one more mail may leave to a person from a conversation at a moment, by those that left before.
func MayMail(left []Mailed, conversation string, at int64) bool {
	since := func(within time.Duration, of string) (n int) {
		for _, m := range left {
			if m.At > at-within.Milliseconds() && (of == "" || of == m.Conversation) {
				n++
			}
		}
		return n
	}
	if since(time.Hour, "") >= mostInAnHour {
		return false
	}
	for _, c := range loopCaps {
		if since(c.within, conversation) >= c.most {
			return false
		}
	}
	return true
}

// Trouble is what reports said of an address.
type Trouble struct {
	Gone     bool // there is no such mailbox (RFC 3463, X.1.Y)
	Unwanted bool // its owner called mail from here unwanted (RFC 5965)
}

// RetryAfter gives the pause after a number of attempts that failed, from 1; ok is false where it is time to give up.
func RetryAfter(attempts int) (pause time.Duration, ok bool) {
	if attempts < 1 || attempts > len(retries) {
		return 0, false
	}
	return retries[attempts-1], true
}

// Call names what is due to leave together: everything one person has not been told of one conversation. Mail is empty
// for what never left, and names the mail that is to be tried again.
type Call struct {
	Person       string
	Conversation string
	Mail         string
}

// MaxInLetter is how many messages a letter spells out; older ones are told by their number.
const MaxInLetter = 50

// Letter is one mail to one recipient: what they have not seen of a conversation when it leaves. Its name is Call.Mail,
// the newest message in it; however often it is tried, name and extent stay the same.
type Letter struct {
	Call
	To       Person
	Room     Conversation
	Messages []Message // ascending, at most MaxInLetter, none of them deleted
	Omitted  int64     // how many older ones go with them unspelled
	Authors  map[string]Person
	Earlier  []string // names of the mails this recipient had of this conversation before, newest first, at most 20
	Attempts int      // that failed before
	Until    int64    // the lease: whoever has not settled by then may be overtaken by a second try
}

// Answer is how an attempt to hand over a letter ended.
type Answer string

// The answers.
const (
	Accepted Answer = "accepted" // the mail server has it
	Refused  Answer = "refused"  // it never will: a permanent failure (RFC 5321, 4.2.1: 5yz)
	Later    Answer = "later"    // it has it not, and may take it later (4yz, or nobody answered)
	Unknown  Answer = "unknown"  // the letter was handed over whole, and no answer came
)

// Outcome is an answer and what the mail server said with it.
type Outcome struct {
	Answer Answer
	Detail string // for agents; never text of the letter
	// Nobody: with the answer Refused, there is no such mailbox. Nothing more is sent there by itself.
	Nobody bool
}

// Recipient is a participant to whom a message is to be brought, and what they wish.
type Recipient struct {
	ID       string
	Kind     Kind
	Disabled bool
	Muted    bool   // this conversation
	InChat   bool   // a customer who is connected to the live chat
	Closed   bool   // they closed it less than ChatLinger ago, and may come back
	Nowhere  bool   // has no e-mail address
	Is       string // whom an agent found this visitor to be; empty: nobody
	// InOther is true for a customer who is in the live chat as the visitor they were found to be: it reaches them there.
	InOther bool
	// Mailed is true for such a visitor where the customer is a recipient, too: mail goes there.
	Mailed    bool
	Mail      bool // wants mail
	MailAfter int  // seconds a message may stay unseen; 0: the server's default
}

// ChatLinger is how long a customer counts as connected to the live chat after it was closed: pages are reloaded.
const ChatLinger = 20 * time.Second

// PlanFor decides what becomes of a new message for a recipient outside the app: at is now, after the server's default
// delay, both in milliseconds. What a customer gets in the live chat is mailed, too, unless it is seen there. A visitor
// and the customer whom an agent found them to be are one person: in the chat the one, by mail the other.
func PlanFor(r Recipient, at, after int64) []Delivery {
	mail := planMail(r, at, after)
	if r.Disabled || r.Kind != Customer {
		return []Delivery{mail}
	}
	if mail.State == Planned && (r.InChat || r.InOther) {
		mail.Reason, mail.DueAt = ReasonNotSeen, at+after
		if r.Closed { // not there any more, once that has passed
			mail.DueAt = at + min(after, ChatLinger.Milliseconds())
		}
	}
	var out []Delivery
	if r.InChat {
		out = append(out, Delivery{Person: r.ID, Channel: InChat, State: Sent, Reason: ReasonInChat, At: at})
	}
	if r.Mailed {
		return out
	}
	return append(out, mail)
}

func planMail(r Recipient, at, after int64) Delivery {
	d := Delivery{Person: r.ID, Channel: ByEmail, State: Cancelled, At: at}
	switch {
	case r.Disabled:
		d.Reason = ReasonDisabled
	case r.Nowhere:
		d.Reason = ReasonNowhere
	case r.Kind == Customer && r.Muted:
		d.Reason = ReasonStranger
	case r.Kind == Customer:
		d.State, d.Reason, d.DueAt = Planned, ReasonCustomer, at
	case r.Muted:
		d.Reason = ReasonMuted
	case !r.Mail:
		d.Reason = ReasonMailOff
	case r.MailAfter > 0:
		d.State, d.Reason, d.DueAt = Planned, ReasonWaiting, at+1000*int64(r.MailAfter)
	default:
		d.State, d.Reason, d.DueAt = Planned, ReasonWaiting, at+after
	}
	return d
}
