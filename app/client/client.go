// Package client is the agent's side without a window: the cache, the feed and the outbox behind one face.
package client

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"
)

// Options say where a client keeps its data and whom it tells.
type Options struct {
	// Dir holds cache.db and the files waiting to be uploaded; it is made where it does not exist.
	Dir string
	// Now and NewID default to the clock and to UUIDv7.
	Now   func() time.Time
	NewID func() string
	// OnEvent is told what changed, in order, from one goroutine; it must not block for long.
	OnEvent func(Event)
	// OnMessage is told of each message of somebody else that arrives by the feed, for bubbles; same goroutine as OnEvent.
	OnMessage func(MessageArrived)
	Logger    *slog.Logger
}

// Client is one person's desk on this computer.
type Client struct{ opts Options }

var errUnavailable = errors.New("unavailable")

func Open(ctx context.Context, opts Options) (*Client, error) { return &Client{opts}, nil }
func (c *Client) Close() error                                { return nil }
func (c *Client) SignIn(ctx context.Context, url, email, password, device string) (token string, err error) {
	return "", errUnavailable
}
func (c *Client) AcceptInvitation(ctx context.Context, link, password, device string) (token string, err error) {
	return "", errUnavailable
}
func (c *Client) Resume(url, token string) error                        { return errUnavailable }
func (c *Client) SignOut(ctx context.Context, discardUnsent bool) error { return errUnavailable }
func (c *Client) Server() string                                        { return "" }
func (c *Client) Me() (Person, bool)                                    { return Person{}, false }
func (c *Client) Connection() Connection                                { return Connection{} }
func (c *Client) Reconnect()                                            {}
func (c *Client) SetLooking(conversation string, focused bool)          {}
func (c *Client) Devices(ctx context.Context) ([]Device, error)         { return nil, errUnavailable }
func (c *Client) EndDevice(ctx context.Context, id string) error        { return errUnavailable }
func (c *Client) ChangePassword(ctx context.Context, old, next string) error {
	return errUnavailable
}
func (c *Client) Invite(ctx context.Context, name, email, role string) (Invitation, error) {
	return Invitation{}, errUnavailable
}
func (c *Client) Conversations(ctx context.Context, view View, cursor string, limit int) (ConversationPage, error) {
	return ConversationPage{}, errUnavailable
}
func (c *Client) Counts(ctx context.Context) (map[View]int64, error) { return nil, errUnavailable }
func (c *Client) Conversation(ctx context.Context, id string) (Conversation, error) {
	return Conversation{}, errUnavailable
}
func (c *Client) Messages(ctx context.Context, id string, before, after int64, limit int) (MessagePage, error) {
	return MessagePage{}, errUnavailable
}
func (c *Client) Create(ctx context.Context, key string, participants []string, subject, body string, files, mentions []string) (Conversation, error) {
	return Conversation{}, errUnavailable
}
func (c *Client) Send(ctx context.Context, key, conversation, body string, files, mentions []string) (Message, error) {
	return Message{}, errUnavailable
}
func (c *Client) Retry(ctx context.Context, key string) error { return errUnavailable }
func (c *Client) TakeBack(ctx context.Context, key string) (Draft, error) {
	return Draft{}, errUnavailable
}
func (c *Client) Edit(ctx context.Context, message, body string) (Message, error) {
	return Message{}, errUnavailable
}
func (c *Client) Delete(ctx context.Context, message string) error { return errUnavailable }
func (c *Client) Seen(ctx context.Context, conversation string, upTo int64) error {
	return errUnavailable
}
func (c *Client) Mute(ctx context.Context, conversation string, muted bool) error {
	return errUnavailable
}
func (c *Client) AddParticipant(ctx context.Context, conversation, person, history string) (Conversation, error) {
	return Conversation{}, errUnavailable
}
func (c *Client) RemoveParticipant(ctx context.Context, conversation, person string) error {
	return errUnavailable
}
func (c *Client) Typing(ctx context.Context, conversation string) error { return errUnavailable }
func (c *Client) SaveDraft(ctx context.Context, target string, draft Draft) error {
	return errUnavailable
}
func (c *Client) Draft(ctx context.Context, target string) (Draft, error) {
	return Draft{}, errUnavailable
}
func (c *Client) BeginFile(ctx context.Context, name string, size int64) (string, error) {
	return "", errUnavailable
}
func (c *Client) AppendFile(ctx context.Context, id string, chunk []byte) error {
	return errUnavailable
}
func (c *Client) FinishFile(ctx context.Context, id string) (FileRef, error) {
	return FileRef{}, errUnavailable
}
func (c *Client) OpenFile(ctx context.Context, id string) (io.ReadCloser, FileRef, error) {
	return nil, FileRef{}, errUnavailable
}
func (c *Client) People(ctx context.Context, query, kind string) ([]Person, error) {
	return nil, errUnavailable
}
func (c *Client) Person(ctx context.Context, id string) (Person, error) {
	return Person{}, errUnavailable
}
func (c *Client) Find(ctx context.Context, query string, limit int) ([]SearchHit, error) {
	return nil, errUnavailable
}
func (c *Client) Notifications(ctx context.Context) (NotificationSettings, error) {
	return NotificationSettings{}, errUnavailable
}
func (c *Client) SetNotifications(ctx context.Context, s NotificationSettings) error {
	return errUnavailable
}
