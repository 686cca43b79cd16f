package desk

// EntryType says what a feed entry tells of.
type EntryType string

// The durable types of feed entries.
const (
	MessageCreated      EntryType = "message.created"
	MessageEdited       EntryType = "message.edited"
	MessageDeleted      EntryType = "message.deleted"
	ConversationCreated EntryType = "conversation.created"
	ConversationChanged EntryType = "conversation.changed"
	SeenChanged         EntryType = "seen.changed"
	PersonChanged       EntryType = "person.changed"
	SettingsChanged     EntryType = "settings.changed"
	DeliveryChanged     EntryType = "delivery.changed"
	ItemCreated         EntryType = "item.created"
	ItemWasChanged      EntryType = "item.changed"
	AccessLost          EntryType = "access.lost"
	Gone                EntryType = "gone"
)

// Entry is a line of a person's feed. It points at what changed and holds nothing of it: whether the reader may see it,
// and what it is by then, is asked when it is read.
type Entry struct {
	Person       string
	Number       int64
	Type         EntryType
	Conversation string // empty where none is concerned
	Ref          string // the message, person or item it tells of; for a delivery: message, person and channel, spaces between
	At           int64
}

// Settings say when a person is told, and how.
type Settings struct {
	Bubbles          string // all, mentions or none
	Sound            bool
	Preview          bool
	QuietFrom        string // HH:MM local time, empty for none
	QuietTo          string
	Mail             bool
	MailAfterSeconds int // 0: the server's default
}

// DefaultSettings are those of somebody who never chose.
func DefaultSettings() Settings {
	return Settings{Bubbles: "all", Sound: true, Preview: true, Mail: true}
}

// CheckSettings refuses what can't be followed.
func CheckSettings(s Settings) *Error {
	if s.Bubbles != "all" && s.Bubbles != "mentions" && s.Bubbles != "none" {
		return Invalid("body.bubbles", "bubbles are all, mentions or none")
	}
	if s.MailAfterSeconds < 0 || s.MailAfterSeconds > 86_400 {
		return Invalid("body.mail.afterSeconds", "a delay is 0 to 86,400 seconds")
	}
	if (s.QuietFrom != "" || s.QuietTo != "") && (!clock(s.QuietFrom) || !clock(s.QuietTo)) {
		return Invalid("body.quietHours", "a time of day is HH:MM")
	}
	return nil
}

func clock(t string) bool {
	return len(t) == 5 && t[2] == ':' && t[:2] >= "00" && t[:2] <= "23" && t[3:] >= "00" && t[3:] <= "59" &&
		t[1] >= '0' && t[1] <= '9' && t[4] >= '0' && t[4] <= '9'
}
