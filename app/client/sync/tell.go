package sync

import "context"

// tell turns what changed in the cache into events: first what changes identity, then states, then messages.
func (e *Engine) tell(ctx context.Context, c Changes) {
	for _, m := range c.Moved {
		e.Emit(Event{Type: MovedEvent, From: m.From, To: m.To})
	}
	for _, id := range c.Lost {
		e.Emit(Event{Type: AccessLostEvent, ConversationID: id})
	}
	if len(c.People) > 0 {
		for i := range c.People {
			c.People[i].Presence = e.Presence(c.People[i].ID)
		}
		e.Emit(Event{Type: PeopleEvent, People: c.People})
	}
	for i := range c.Items {
		e.Emit(Event{Type: ItemEvent, Item: &c.Items[i]})
	}
	for _, id := range c.Conversations {
		if v, err := e.Store.Conversation(ctx, id); err == nil {
			e.Emit(Event{Type: ConversationEvent, Conversation: &v})
		}
	}
	for i := range c.Messages {
		e.Emit(Event{Type: MessageEvent, Message: &c.Messages[i]})
	}
	for _, s := range c.Seen {
		e.Emit(Event{Type: SeenEvent, ConversationID: s.Conversation, Person: s.Person, UpTo: s.UpTo, At: s.At})
	}
	for i := range c.Deliveries {
		e.Emit(Event{Type: DeliveryEvent, ConversationID: c.Deliveries[i].Conversation, Delivery: &c.Deliveries[i]})
	}
	if c.Settings {
		e.Emit(Event{Type: SettingsEvent})
	}
}

// tellArrived reports messages of others with what a bubble depends on.
func (e *Engine) tellArrived(ctx context.Context, messages []Message, live bool) {
	if e.Arrived == nil {
		return
	}
	for _, m := range messages {
		v, err := e.Store.Conversation(ctx, m.Conversation)
		if err != nil {
			continue // lost again in the same batch
		}
		author, err := e.Store.Person(ctx, m.Author)
		if err != nil {
			author = Person{ID: m.Author}
		}
		e.mu.Lock()
		looking := e.hasFocus && e.looking == m.Conversation
		e.mu.Unlock()
		mentioned := false
		for _, id := range m.Mentions {
			mentioned = mentioned || id == e.me
		}
		e.Arrived(MessageArrived{Message: m, Conversation: v, Author: author, Mentioned: mentioned, Involved: e.involved(ctx, v),
			Live: live, Seen: m.Number <= v.SeenUpTo, Looking: looking})
	}
}

// involved tells whether what is written in a conversation is for the reader: as one who stands in it, or as one of the
// whole team where a customer's conversation is nobody's yet.
func (e *Engine) involved(ctx context.Context, v Conversation) bool {
	taken := false
	for _, p := range v.Participants {
		if p.Person == e.me {
			return true
		}
		if taken {
			continue
		}
		if known, err := e.Store.Person(ctx, p.Person); err == nil && known.Kind == "user" && !known.Disabled {
			taken = true
		}
	}
	return !taken
}
