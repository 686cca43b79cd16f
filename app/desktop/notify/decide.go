// Package notify decides which messages become bubbles of the operating system, groups a burst into one, and shows it.
package notify

import (
	"time"

	"recado/app/client"
)

// Reason says why there was, or was not, a bubble. Its value is a stable code.
type Reason string

// The reasons, in the order in which they are asked; the first that holds decides.
const (
	Own           Reason = "own"             // written by the reader
	Deleted       Reason = "deleted"         // nothing left to show
	AlreadySeen   Reason = "already-seen"    // seen here or elsewhere in the meantime
	BeingLookedAt Reason = "being-looked-at" // the conversation is shown in the focused window
	SettingNone   Reason = "setting-none"    // bubbles are switched off
	Muted         Reason = "muted"           // this conversation is muted
	NotMentioned  Reason = "not-mentioned"   // bubbles only for mentions, and this is none
	NotInvolved   Reason = "not-involved"    // a customer's conversation that colleagues look after
	Paused        Reason = "paused"          // the reader paused bubbles for a while
	Automatic     Reason = "automatic"       // a program wrote it, by mail: an absence notice, a receipt
	QuietHours    Reason = "quiet-hours"     // between the times chosen
	DoNotDisturb  Reason = "do-not-disturb"  // the system was asked not to disturb
	Mentioned     Reason = "mentioned"       // shown: the message names the reader
	New           Reason = "new"             // shown: a new message
	NotPossible   Reason = "not-possible"    // it was to be shown, and the system could not
)

// Decision is whether a message becomes a bubble, and why.
type Decision struct {
	Show   bool
	Reason Reason
}

// Facts are all that a decision rests on.
type Facts struct {
	Arrived  client.MessageArrived
	Me       string // the reader's id
	Settings client.NotificationSettings
	// SeenUpTo and Looking are as they stand when the bubble would be shown, which may be later than the arrival.
	SeenUpTo int64
	Looking  bool
	// Paused: bubbles are paused on this computer.
	Paused bool
	// Busy: the system was asked not to disturb.
	Busy bool
	Now  time.Time // in the reader's time zone
}

// Decide tells whether a message becomes a bubble. It has no effects.
func Decide(f Facts) Decision {
	m := f.Arrived.Message
	switch {
	case m.Author == f.Me:
		return Decision{Reason: Own}
	case m.DeletedAt != "":
		return Decision{Reason: Deleted}
	case f.Arrived.Seen || m.Number <= f.SeenUpTo:
		return Decision{Reason: AlreadySeen}
	case f.Arrived.Looking || f.Looking:
		return Decision{Reason: BeingLookedAt}
	case f.Settings.Bubbles == "none":
		return Decision{Reason: SettingNone}
	case f.Arrived.Conversation.Muted:
		return Decision{Reason: Muted}
	case f.Settings.Bubbles == "mentions" && !f.Arrived.Mentioned:
		return Decision{Reason: NotMentioned}
	case !f.Arrived.Involved && !f.Arrived.Mentioned:
		return Decision{Reason: NotInvolved}
	case f.Paused:
		return Decision{Reason: Paused}
	case m.Mail != nil && m.Mail.Automatic:
		return Decision{Reason: Automatic}
	case quiet(f.Settings.QuietFrom, f.Settings.QuietTo, f.Now):
		return Decision{Reason: QuietHours}
	case f.Busy:
		return Decision{Reason: DoNotDisturb}
	case f.Arrived.Mentioned:
		return Decision{Show: true, Reason: Mentioned}
	}
	return Decision{Show: true, Reason: New}
}

// quiet tells whether now lies in [from, to), which may go over midnight. Times that can't be read mean no quiet hours:
// a bubble too many is better than a message missed.
func quiet(from, to string, now time.Time) bool {
	start, err := time.Parse("15:04", from)
	if err != nil {
		return false
	}
	end, err := time.Parse("15:04", to)
	if err != nil {
		return false
	}
	minute := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	a, b, n := minute(start), minute(end), minute(now)
	if a <= b {
		return a <= n && n < b
	}
	return a <= n || n < b
}
