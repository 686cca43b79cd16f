package client

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"recado/app/client/remote"
	"recado/app/client/sync"
)

// Bounds of the contract, told before something is stored that the server would refuse.
const (
	maxBody         = 150_000
	maxParticipants = 1000
)

// Conversations lists a view from the cache, latest activity first; cursor is empty or the Next of the page before.
func (c *Client) Conversations(ctx context.Context, view View, cursor string, limit int) (ConversationPage, error) {
	return c.store().Conversations(ctx, view, cursor, limit)
}

// Counts gives for each view how many of its conversations hold something unseen; for drafts, how many there are.
func (c *Client) Counts(ctx context.Context) (map[View]int64, error) { return c.store().Counts(ctx) }

// Conversation gives one conversation from the cache; code not-found where it is not there.
func (c *Client) Conversation(ctx context.Context, id string) (Conversation, error) {
	return c.store().Conversation(ctx, id)
}

// Messages gives a stretch of a conversation from the cache: before or after a number, exclusive, the newest where both
// are 0.
func (c *Client) Messages(ctx context.Context, id string, before, after int64, limit int) (MessagePage, error) {
	return c.store().Messages(ctx, id, before, after, limit)
}

// ConversationsWith lists from the cache the conversations a person stands in, latest activity first; paged as a view.
func (c *Client) ConversationsWith(ctx context.Context, person, cursor string, limit int) (ConversationPage, error) {
	return c.store().ConversationsWith(ctx, person, cursor, limit)
}

// Create writes a new conversation, internal or with customers, into the outbox and returns at once. The key is 1–64
// printable ASCII characters; the same key again changes nothing.
func (c *Client) Create(ctx context.Context, key, kind string, participants []string, subject, body string, files, mentions []string) (Conversation, error) {
	switch {
	case kind != sync.Internal && kind != sync.WithCustomer:
		return Conversation{}, &Error{Code: sync.CodeInvalid, Message: "A conversation is internal or with customers."}
	case len(participants) == 0:
		return Conversation{}, &Error{Code: "no-recipients", Message: "Choose at least one person to write to."}
	case len(participants) > maxParticipants:
		return Conversation{}, &Error{Code: sync.CodeInvalid, Message: "A conversation can have up to 1,000 people."}
	}
	for _, id := range participants {
		if _, err := c.store().Person(ctx, id); err != nil {
			return Conversation{}, &Error{Code: "unknown-person", Message: "One of these people is not known here. Choose them again."}
		}
	}
	m, err := c.enqueue(ctx, sync.Outgoing{Key: key, Create: true, Kind: kind, Participants: participants, Subject: subject, Body: body, Mentions: mentions}, files)
	if err != nil {
		return Conversation{}, err
	}
	return c.store().Conversation(ctx, m.Conversation)
}

// Send writes a message into the outbox and returns at once; key as in Create.
func (c *Client) Send(ctx context.Context, key, conversation, body string, files, mentions []string) (Message, error) {
	return c.enqueue(ctx, sync.Outgoing{Key: key, Kind: sync.Internal, Conversation: conversation, Body: body, Mentions: mentions}, files)
}

func (c *Client) enqueue(ctx context.Context, o sync.Outgoing, files []string) (m Message, err error) {
	if c.store().Me() == "" {
		return m, errSignedOut()
	}
	if err := checkTyped(o, files); err != nil {
		return m, err
	}
	if o.Files, err = c.store().Finished(ctx, files); err != nil {
		return m, err
	}
	if o.Hold, err = c.hold(ctx, o); err != nil {
		return m, err
	}
	if m, err = c.store().Enqueue(ctx, o); err != nil {
		return m, err
	}
	c.tellOutbox(ctx, m)
	return m, nil
}

// hold is how long a message stays here before it leaves.
func (c *Client) hold(ctx context.Context, o sync.Outgoing) (time.Duration, error) {
	if c.opts.Hold == nil {
		return 0, nil
	}
	if o.Create {
		return c.opts.Hold(o.Kind), nil
	}
	v, err := c.store().Conversation(ctx, o.Conversation)
	if err != nil {
		return 0, err
	}
	return c.opts.Hold(v.Kind), nil
}

func checkTyped(o sync.Outgoing, files []string) error {
	printable := !strings.ContainsFunc(o.Key, func(r rune) bool { return r < '!' || r > '~' })
	switch {
	case o.Key == "" || len(o.Key) > 64 || !printable:
		return &Error{Code: sync.CodeInvalid, Message: "The key of a message is 1 to 64 printable ASCII characters without spaces."}
	case !utf8.ValidString(o.Body) || !utf8.ValidString(o.Subject):
		return &Error{Code: sync.CodeInvalid, Message: "The text is not valid UTF-8."}
	case strings.TrimSpace(o.Body) == "" && len(files) == 0:
		return &Error{Code: sync.CodeInvalid, Message: "Write something first."}
	case utf8.RuneCountInString(o.Body) > maxBody:
		return &Error{Code: "too-large", Message: "A message can have up to 150,000 characters. Send the rest as a file."}
	}
	return nil
}

// tellOutbox tells the window of a change in the outbox, and has it sent.
func (c *Client) tellOutbox(ctx context.Context, m Message) {
	c.tellConversation(ctx, m.Conversation)
	c.emit(Event{Type: sync.MessageEvent, Message: &m})
	c.tellConnection()
	c.nudge()
}

func (c *Client) tellConversation(ctx context.Context, id string) {
	if v, err := c.store().Conversation(ctx, id); err == nil {
		c.emit(Event{Type: sync.ConversationEvent, Conversation: &v})
	}
}

func (c *Client) tellConnection() {
	conn := c.Connection()
	c.emit(Event{Type: sync.ConnectionEvent, Connection: &conn})
}

// Retry sends a failed or held message again, to those who would receive it now.
func (c *Client) Retry(ctx context.Context, key string) error {
	m, err := c.store().Retry(ctx, key)
	if err != nil {
		return err
	}
	c.tellOutbox(ctx, m)
	return nil
}

// TakeBack takes a message out of the outbox and gives what was typed, to go on with. One that is just being sent may
// still arrive: then it comes back by the feed.
func (c *Client) TakeBack(ctx context.Context, key string) (Draft, error) {
	d, m, err := c.store().TakeBack(ctx, key)
	return c.tookBack(ctx, d, m, err)
}

// Undo takes a message out of the outbox while it stays there, and gives what was typed: it has not left, and will not.
// Refused with code left once that can't be promised any more.
func (c *Client) Undo(ctx context.Context, key string) (Draft, error) {
	d, m, err := c.store().Undo(ctx, key)
	return c.tookBack(ctx, d, m, err)
}

func (c *Client) tookBack(ctx context.Context, d Draft, m Message, err error) (Draft, error) {
	if err != nil {
		return d, err
	}
	c.emit(Event{Type: sync.MessageGoneEvent, ConversationID: m.Conversation, RowKey: m.RowKey})
	if _, err := c.store().Conversation(ctx, m.Conversation); err != nil {
		c.emit(Event{Type: sync.AccessLostEvent, ConversationID: m.Conversation})
	} else {
		c.tellConversation(ctx, m.Conversation)
	}
	c.tellConnection()
	c.nudge()
	return d, nil
}

// Edit changes the body of one's own message. Needs the server.
func (c *Client) Edit(ctx context.Context, message, body string) (m Message, err error) {
	err = c.online(func(r *remote.Remote) error {
		if m, err = r.Edit(ctx, message, body); err != nil {
			return err
		}
		return c.apply(ctx, sync.Entry{Message: &m})
	})
	return m, err
}

// Delete takes the body out of one's own message; its number stays. Needs the server.
func (c *Client) Delete(ctx context.Context, message string) error {
	return c.online(func(r *remote.Remote) error {
		if err := r.Delete(ctx, message); err != nil {
			return err
		}
		m, err := r.Message(ctx, message)
		if err != nil {
			return err
		}
		return c.apply(ctx, sync.Entry{Message: &m})
	})
}

// Deliveries tells what became of a message for each recipient on each channel, and what will. Needs the server.
func (c *Client) Deliveries(ctx context.Context, message string) (list []Delivery, err error) {
	err = c.online(func(r *remote.Remote) error {
		list, err = r.Deliveries(ctx, message)
		return err
	})
	if err == nil {
		c.keepDeliveries(ctx, list...)
	}
	return list, err
}

// SendNow has a planned mail leave at once. Needs the server.
func (c *Client) SendNow(ctx context.Context, message, person string) (d Delivery, err error) {
	err = c.online(func(r *remote.Remote) error {
		d, err = r.SendNow(ctx, message, person)
		return err
	})
	if err == nil {
		c.keepDeliveries(ctx, d)
	}
	return d, err
}

// CancelDelivery keeps a planned mail from leaving. Needs the server.
func (c *Client) CancelDelivery(ctx context.Context, message, person string) (d Delivery, err error) {
	err = c.online(func(r *remote.Remote) error {
		d, err = r.Cancel(ctx, message, person)
		return err
	})
	if err == nil {
		c.keepDeliveries(ctx, d)
	}
	return d, err
}

// apply stores what an answer told; the feed will tell the same, and change nothing.
func (c *Client) apply(ctx context.Context, e sync.Entry) error {
	changes, err := c.store().Apply(ctx, []sync.Entry{e}, nil)
	if err != nil {
		return err
	}
	for i := range changes.Messages {
		c.emit(Event{Type: sync.MessageEvent, Message: &changes.Messages[i]})
	}
	for i := range changes.Items {
		c.emit(Event{Type: sync.ItemEvent, Item: &changes.Items[i]})
	}
	for _, id := range changes.Lost {
		c.emit(Event{Type: sync.AccessLostEvent, ConversationID: id})
	}
	for _, id := range changes.Conversations {
		c.tellConversation(ctx, id)
	}
	return nil
}

// Message gives an acknowledged message by its id; code not-found where it is not cached.
func (c *Client) Message(ctx context.Context, id string) (Message, error) {
	return c.store().Message(ctx, id)
}

// Seen moves forward what was seen, here at once and at the server when it can be reached, with the time of now.
func (c *Client) Seen(ctx context.Context, conversation string, upTo int64) error {
	s, changed, err := c.store().MarkSeen(ctx, conversation, upTo)
	if err != nil || !changed {
		return err
	}
	c.emit(Event{Type: sync.SeenEvent, ConversationID: s.Conversation, Person: s.Person, UpTo: s.UpTo, At: s.At})
	c.tellConversation(ctx, conversation)
	c.nudge()
	return nil
}

// Mute changes whether one is told of new messages in a conversation. Needs the server.
func (c *Client) Mute(ctx context.Context, conversation string, muted bool) error {
	return c.online(func(r *remote.Remote) error {
		v, err := r.Mute(ctx, conversation, muted)
		if err != nil {
			return err
		}
		return c.apply(ctx, sync.Entry{Conversation: &v})
	})
}

// SetState opens or closes a conversation with customers ("open", "closed"). Needs the server.
func (c *Client) SetState(ctx context.Context, conversation, state string) error {
	return c.online(func(r *remote.Remote) error {
		v, err := r.SetState(ctx, conversation, state)
		if err != nil {
			return err
		}
		return c.apply(ctx, sync.Entry{Conversation: &v})
	})
}

// AddParticipant adds a person with all of the history or from now on ("all", "from-now"). Needs the server.
func (c *Client) AddParticipant(ctx context.Context, conversation, person, history string) (v Conversation, err error) {
	err = c.online(func(r *remote.Remote) error {
		changed, err := r.AddParticipant(ctx, conversation, person, history)
		if err != nil {
			return err
		}
		if err := c.apply(ctx, sync.Entry{Conversation: &changed}); err != nil {
			return err
		}
		v, err = c.store().Conversation(ctx, conversation)
		return err
	})
	return v, err
}

// RemoveParticipant removes a person. Whoever removes themselves loses the conversation here too. Needs the server.
func (c *Client) RemoveParticipant(ctx context.Context, conversation, person string) error {
	return c.online(func(r *remote.Remote) error {
		if err := r.RemoveParticipant(ctx, conversation, person); err != nil {
			return err
		}
		if person == c.store().Me() {
			return c.apply(ctx, sync.Entry{Type: sync.AccessLost, Lost: conversation})
		}
		v, err := r.Conversation(ctx, conversation)
		if err != nil {
			return err
		}
		return c.apply(ctx, sync.Entry{Conversation: &v})
	})
}

// Typing tells those who look at the conversation that something is being written; without a network it tells nobody.
func (c *Client) Typing(ctx context.Context, conversation string) error {
	server, engine := c.running()
	if server == nil || strings.HasPrefix(conversation, sync.NewPrefix) || engine.Connection(ctx).State != sync.Connected {
		return nil
	}
	return c.online(func(r *remote.Remote) error { return r.Typing(ctx, conversation) })
}

// Looking tells other users that one looks at a conversation with customers, or no longer; without a network it tells nobody.
func (c *Client) Looking(ctx context.Context, conversation string, looking bool) error {
	server, engine := c.running()
	if server == nil || strings.HasPrefix(conversation, sync.NewPrefix) || engine.Connection(ctx).State != sync.Connected {
		return nil
	}
	return c.online(func(r *remote.Remote) error { return r.Looking(ctx, conversation, looking) })
}

// SaveDraft stores what was typed for target, a conversation's id, new:internal or new:customer; an empty draft removes it.
func (c *Client) SaveDraft(ctx context.Context, target string, d Draft) error {
	if err := c.store().SaveDraft(ctx, target, d); err != nil {
		return err
	}
	c.tellConversation(ctx, target)
	return nil
}

// Draft gives what was typed for target; empty where there is nothing.
func (c *Client) Draft(ctx context.Context, target string) (Draft, error) {
	return c.store().Draft(ctx, target)
}
