package sync

import "encoding/json"

// EventType names what an Event tells.
type EventType string

// The events the window is told of.
const (
	ConnectionEvent   EventType = "connection"
	ConversationEvent EventType = "conversation"
	MovedEvent        EventType = "moved"
	MessageEvent      EventType = "message"
	MessageGoneEvent  EventType = "message-gone"
	AccessLostEvent   EventType = "access-lost"
	SeenEvent         EventType = "seen"
	TypingEvent       EventType = "typing"
	LookingEvent      EventType = "looking"
	PeopleEvent       EventType = "people"
	SettingsEvent     EventType = "settings"
	RefilledEvent     EventType = "refilled"
	DeliveryEvent     EventType = "delivery"
	ItemEvent         EventType = "item"
	// ChatEvent tells of one who came to the live chat, moved in it or left; ChatsEvent that all are to be read again.
	ChatEvent  EventType = "chat"
	ChatsEvent EventType = "chats"
	HeldEvent  EventType = "held"
	// CannedEvent tells that the canned answers are others than before.
	CannedEvent EventType = "canned"
)

// Event is something that changed, in the order it changed. Which fields are set depends on Type.
type Event struct {
	Type         EventType
	Connection   *Connection
	Conversation *Conversation
	Message      *Message
	People       []Person
	Delivery     *Delivery
	Item         *Item
	Chat         *Chat
	// ConversationID is for events that name a conversation without telling its state.
	ConversationID string
	RowKey         string
	Person         string
	UpTo           int64
	Looking        bool
	At             string
	From, To       string
}

// MarshalJSON writes the fields that belong to the event's type.
func (e Event) MarshalJSON() ([]byte, error) {
	m := map[string]any{"type": e.Type}
	switch e.Type {
	case ConnectionEvent:
		m["connection"] = e.Connection
	case ConversationEvent:
		m["conversation"] = e.Conversation
	case MovedEvent:
		m["from"], m["to"] = e.From, e.To
	case MessageEvent:
		m["message"] = e.Message
	case MessageGoneEvent:
		m["conversation"], m["rowKey"] = e.ConversationID, e.RowKey
	case AccessLostEvent:
		m["conversation"] = e.ConversationID
	case SeenEvent:
		m["conversation"], m["person"], m["upTo"], m["at"] = e.ConversationID, e.Person, e.UpTo, e.At
	case TypingEvent:
		m["conversation"], m["person"] = e.ConversationID, e.Person
	case LookingEvent:
		m["conversation"], m["person"], m["looking"] = e.ConversationID, e.Person, e.Looking
	case PeopleEvent:
		m["people"] = e.People
	case DeliveryEvent:
		m["delivery"] = e.Delivery
	case ItemEvent:
		m["item"] = e.Item
	case ChatEvent:
		m["chat"] = e.Chat
	case SettingsEvent, RefilledEvent, ChatsEvent, HeldEvent, CannedEvent: // the type says it all
	}
	return json.Marshal(m)
}

// MessageArrived is a message of somebody else, with what is needed to decide on a bubble.
type MessageArrived struct {
	Message      Message
	Conversation Conversation
	// Author is the person who wrote it, as far as known.
	Author Person
	// Mentioned: the message names the reader.
	Mentioned bool
	// Involved: the reader stands in the conversation, or nobody of the team does and it is everybody's.
	Involved bool
	// Live: it was told over a stream that had caught up; false while missed entries are being read.
	Live bool
	// Seen: the reader had seen it elsewhere by the time it arrived here.
	Seen bool
	// Looking: the conversation is shown in the focused window.
	Looking bool
}
