package remote

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"recado/app/client/sync"
	"recado/app/wire"
)

func seg(id string) string { return url.PathEscape(id) }

// SignIn makes a session for this device; Token of the answer is given once.
func (r *Remote) SignIn(ctx context.Context, email, password, device string) (token string, me sync.Person, err error) {
	return r.session(ctx, "/sessions", map[string]string{"email": email, "password": password, "device": device})
}

// Accept takes an invitation and makes the first session.
func (r *Remote) Accept(ctx context.Context, invitation, password, device string) (token string, me sync.Person, err error) {
	return r.session(ctx, "/invitations/accept", map[string]string{"token": invitation, "password": password, "device": device})
}

func (r *Remote) session(ctx context.Context, path string, body any) (string, sync.Person, error) {
	var s wire.Session
	err := r.call(ctx, http.MethodPost, path, body, &s)
	return s.Token, person(s.Person), err
}

// SignOut ends this session at the server.
func (r *Remote) SignOut(ctx context.Context) error {
	return r.call(ctx, http.MethodDelete, "/sessions/current", nil, nil)
}

// Devices lists the person's sessions.
func (r *Remote) Devices(ctx context.Context) ([]sync.Device, error) {
	var page wire.Page[wire.Device]
	err := r.call(ctx, http.MethodGet, "/sessions", nil, &page)
	out := make([]sync.Device, 0, len(page.Items))
	for _, d := range page.Items {
		out = append(out, sync.Device{ID: d.ID, Device: d.Device, CreatedAt: stamp(d.CreatedAt), LastUsedAt: stamp(d.LastUsedAt), Current: d.Current})
	}
	return out, err
}

// EndDevice ends another session.
func (r *Remote) EndDevice(ctx context.Context, id string) error {
	return r.call(ctx, http.MethodDelete, "/sessions/"+seg(id), nil, nil)
}

// ChangePassword sets a new password.
func (r *Remote) ChangePassword(ctx context.Context, old, next string) error {
	return r.call(ctx, http.MethodPut, "/me/password", map[string]string{"old": old, "new": next}, nil)
}

// TellPresence says whether the person is here or away.
func (r *Remote) TellPresence(ctx context.Context, state string) error {
	return r.call(ctx, http.MethodPut, "/me/presence", map[string]string{"state": state}, nil)
}

// Invite adds a user; the link is to be handed over and works once.
func (r *Remote) Invite(ctx context.Context, name, email, role string) (sync.Invitation, error) {
	var answer struct {
		wire.Person
		Invitation string `json:"invitation"`
	}
	err := r.call(ctx, http.MethodPost, "/people", map[string]string{"kind": "user", "name": name, "email": email, "role": role}, &answer)
	return sync.Invitation{Person: person(answer.Person), Link: answer.Invitation}, err
}

// Snapshot reads a page of everything the person may see; cursor is empty for the first.
func (r *Remote) Snapshot(ctx context.Context, cursor string) (sync.SnapshotPage, error) {
	path := "/snapshot?limit=" + strconv.Itoa(pageSize)
	if cursor != "" {
		path += "&cursor=" + url.QueryEscape(cursor)
	}
	var page wire.SnapshotPage
	if err := r.call(ctx, http.MethodGet, path, nil, &page); err != nil {
		return sync.SnapshotPage{}, err
	}
	at, err := wire.ParseCursor(page.Position)
	if err != nil {
		return sync.SnapshotPage{}, err
	}
	out := sync.SnapshotPage{Place: sync.Place{Epoch: at.Epoch, Number: at.Number}, Next: page.Next, Items: make([]sync.Entry, len(page.Items))}
	for i, e := range page.Items {
		out.Items[i] = entry(e)
	}
	return out, nil
}

// Message fetches one message.
func (r *Remote) Message(ctx context.Context, id string) (sync.Message, error) {
	return r.message(ctx, http.MethodGet, "/messages/"+seg(id), nil)
}

// Edit changes the body of one's own message.
func (r *Remote) Edit(ctx context.Context, id, body string) (sync.Message, error) {
	return r.message(ctx, http.MethodPatch, "/messages/"+seg(id), map[string]string{"body": body})
}

// Delete takes the body out of one's own message.
func (r *Remote) Delete(ctx context.Context, id string) error {
	return r.call(ctx, http.MethodDelete, "/messages/"+seg(id), nil, nil)
}

func (r *Remote) message(ctx context.Context, method, path string, body any) (sync.Message, error) {
	var m wire.Message
	err := r.call(ctx, method, path, body, &m)
	return message(m), err
}

// Deliveries tells what became of a message for each recipient on each channel, and what will.
func (r *Remote) Deliveries(ctx context.Context, message string) ([]sync.Delivery, error) {
	var page wire.Page[wire.Delivery]
	err := r.call(ctx, http.MethodGet, "/messages/"+seg(message)+"/deliveries", nil, &page)
	out := make([]sync.Delivery, len(page.Items))
	for i, d := range page.Items {
		out[i] = delivery(d)
	}
	return out, err
}

// SendNow has a planned mail leave at once.
func (r *Remote) SendNow(ctx context.Context, message, who string) (sync.Delivery, error) {
	return r.decide(ctx, message, who, "now")
}

// Cancel keeps a planned mail from leaving.
func (r *Remote) Cancel(ctx context.Context, message, who string) (sync.Delivery, error) {
	return r.decide(ctx, message, who, "cancel")
}

func (r *Remote) decide(ctx context.Context, message, who, what string) (sync.Delivery, error) {
	var d wire.Delivery
	err := r.call(ctx, http.MethodPost, "/messages/"+seg(message)+"/deliveries/"+seg(who)+"/"+what, nil, &d)
	return delivery(d), err
}

// Conversation fetches one conversation.
func (r *Remote) Conversation(ctx context.Context, id string) (sync.Conversation, error) {
	return r.conversation(ctx, http.MethodGet, "/conversations/"+seg(id), nil)
}

// Mute changes whether the person is told of new messages in a conversation.
func (r *Remote) Mute(ctx context.Context, id string, muted bool) (sync.Conversation, error) {
	return r.conversation(ctx, http.MethodPatch, "/conversations/"+seg(id), map[string]bool{"muted": muted})
}

// SetState opens or closes a conversation with customers.
func (r *Remote) SetState(ctx context.Context, id, state string) (sync.Conversation, error) {
	return r.conversation(ctx, http.MethodPatch, "/conversations/"+seg(id), map[string]string{"state": state})
}

// AddCustomer adds somebody outside the team.
func (r *Remote) AddCustomer(ctx context.Context, name, email string) (sync.Person, error) {
	var added wire.Person
	err := r.call(ctx, http.MethodPost, "/people", map[string]string{"kind": "customer", "name": name, "email": email}, &added)
	return person(added), err
}

// AddParticipant adds a person who sees all of it, or only what is written from now on.
func (r *Remote) AddParticipant(ctx context.Context, id, who, history string) (sync.Conversation, error) {
	return r.conversation(ctx, http.MethodPut, "/conversations/"+seg(id)+"/participants/"+seg(who), map[string]string{"history": history})
}

// RemoveParticipant removes a person, or leaves.
func (r *Remote) RemoveParticipant(ctx context.Context, id, who string) error {
	return r.call(ctx, http.MethodDelete, "/conversations/"+seg(id)+"/participants/"+seg(who), nil, nil)
}

// Typing tells those who look at a conversation that something is being written.
func (r *Remote) Typing(ctx context.Context, id string) error {
	return r.call(ctx, http.MethodPost, "/conversations/"+seg(id)+"/typing", nil, nil)
}

// Looking tells other users that one looks at a conversation with customers, or no longer.
func (r *Remote) Looking(ctx context.Context, id string, looking bool) error {
	return r.call(ctx, http.MethodPut, "/conversations/"+seg(id)+"/looking", map[string]bool{"looking": looking}, nil)
}

func (r *Remote) conversation(ctx context.Context, method, path string, body any) (sync.Conversation, error) {
	var v wire.Conversation
	err := r.call(ctx, method, path, body, &v)
	return conversation(v), err
}

// pageSize is how much is asked for at once: as much as the server gives.
const pageSize = 200

// History reads the messages before a number, ascending.
func (r *Remote) History(ctx context.Context, id string, before int64) ([]sync.Message, error) {
	var page wire.Page[wire.Message]
	err := r.call(ctx, http.MethodGet, "/conversations/"+seg(id)+"/messages?before="+strconv.FormatInt(before, 10)+
		"&limit="+strconv.Itoa(pageSize), nil, &page)
	out := make([]sync.Message, len(page.Items))
	for i, m := range page.Items {
		out[i] = message(m)
	}
	return out, err
}

// Post sends a message; the same key answers with the same message.
func (r *Remote) Post(ctx context.Context, o sync.Outgoing) (sync.Message, error) {
	return r.message(ctx, http.MethodPost, "/conversations/"+seg(o.Conversation)+"/messages", wire.NewMessage{
		Key: o.Key, Body: o.Body, Files: o.Uploaded, Mentions: o.Mentions, Audience: o.Audience})
}

// Create makes a conversation with its first message; the same key answers with the same conversation.
func (r *Remote) Create(ctx context.Context, o sync.Outgoing) (sync.Conversation, error) {
	return r.conversation(ctx, http.MethodPost, "/conversations", wire.NewConversation{Key: o.Key, Kind: o.Kind,
		Participants: append([]string{}, o.Participants...), Item: o.Item, Subject: o.Subject,
		Message: wire.NewMessage{Body: o.Body, Files: o.Uploaded, Mentions: o.Mentions}})
}

// TellSeen tells what was seen, with the time it was seen at.
func (r *Remote) TellSeen(ctx context.Context, s sync.Seen) error {
	body := map[string]any{"upTo": s.UpTo}
	if _, err := time.Parse(time.RFC3339Nano, s.At); err == nil {
		body["at"] = s.At
	}
	return r.call(ctx, http.MethodPut, "/conversations/"+seg(s.Conversation)+"/seen", body, nil)
}

// SetNotifications stores when the person is told, and leaves what this client does not know as it is.
func (r *Remote) SetNotifications(ctx context.Context, s sync.NotificationSettings) (sync.NotificationSettings, error) {
	var w wire.NotificationSettings
	if err := r.call(ctx, http.MethodGet, "/settings/notifications", nil, &w); err != nil {
		return s, err
	}
	w.Bubbles, w.Sound, w.Preview = s.Bubbles, s.Sound, s.Preview
	w.Mail.On, w.Mail.AfterSeconds = s.Mail, s.MailAfter
	w.QuietHours = nil
	if s.QuietFrom != "" && s.QuietTo != "" {
		w.QuietHours = &wire.QuietHours{From: s.QuietFrom, To: s.QuietTo}
	}
	var stored wire.NotificationSettings
	err := r.call(ctx, http.MethodPut, "/settings/notifications", w, &stored)
	return settings(stored), err
}
