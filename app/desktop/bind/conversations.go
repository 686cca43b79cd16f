package bind

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"recado/app/client"
)

// Conversations is reading and writing messages. Reading never needs the network; what is written waits in the outbox.
type Conversations struct{ host *Host }

func (c *Conversations) client() (context.Context, *client.Client) {
	return context.Background(), c.host.Client
}

// List gives a page of a view, latest activity first.
func (c *Conversations) List(view, cursor string, limit int) (client.ConversationPage, error) {
	ctx, desk := c.client()
	page, err := desk.Conversations(ctx, client.View(view), cursor, limit)
	page.Items = filled(page.Items)
	return page, err
}

// Counts gives the number of unseen conversations of each view.
func (c *Conversations) Counts() (map[string]int64, error) {
	ctx, desk := c.client()
	counts, err := desk.Counts(ctx)
	byName := make(map[string]int64, len(counts))
	for view, n := range counts {
		byName[string(view)] = n
	}
	return byName, err
}

// Get gives a conversation; code not-found where it is not cached.
func (c *Conversations) Get(id string) (client.Conversation, error) {
	ctx, desk := c.client()
	return desk.Conversation(ctx, id)
}

// Messages gives messages in ascending order: the newest when before and after are 0, else exclusive of them.
func (c *Conversations) Messages(id string, before, after int64, limit int) (client.MessagePage, error) {
	ctx, desk := c.client()
	page, err := desk.Messages(ctx, id, before, after, limit)
	page.Items = filled(page.Items)
	return page, err
}

// With gives a page of the conversations a person stands in, latest activity first.
func (c *Conversations) With(person, cursor string, limit int) (client.ConversationPage, error) {
	ctx, desk := c.client()
	page, err := desk.ConversationsWith(ctx, person, cursor, limit)
	page.Items = filled(page.Items)
	return page, err
}

// Create writes a new conversation, internal or customer, into the outbox and returns at once.
func (c *Conversations) Create(key, kind string, participants []string, subject, body string, files, mentions []string) (client.Conversation, error) {
	ctx, desk := c.client()
	return desk.Create(ctx, key, kind, participants, subject, body, files, mentions)
}

// Send writes a message into the outbox and returns at once.
func (c *Conversations) Send(key, conversation, body string, files, mentions []string) (client.Message, error) {
	ctx, desk := c.client()
	return desk.Send(ctx, key, conversation, body, files, mentions)
}

// Retry sends a failed or held message again.
func (c *Conversations) Retry(key string) error {
	ctx, desk := c.client()
	return desk.Retry(ctx, key)
}

// TakeBack takes a message out of the outbox; what was typed comes back, to go on with.
func (c *Conversations) TakeBack(key string) (client.Draft, error) {
	ctx, desk := c.client()
	return desk.TakeBack(ctx, key)
}

// Undo takes a message out of the outbox while it stays there; refused with code left once it has left.
func (c *Conversations) Undo(key string) (client.Draft, error) {
	ctx, desk := c.client()
	return desk.Undo(ctx, key)
}

// Edit changes one of one's own messages. Needs the server.
func (c *Conversations) Edit(message, body string) (client.Message, error) {
	ctx, desk := c.client()
	return desk.Edit(ctx, message, body)
}

// Delete deletes one of one's own messages. Needs the server.
func (c *Conversations) Delete(message string) error {
	ctx, desk := c.client()
	return desk.Delete(ctx, message)
}

// Deliveries tells what became of a message for each recipient, and what will. Needs the server.
func (c *Conversations) Deliveries(message string) ([]client.Delivery, error) {
	ctx, desk := c.client()
	list, err := desk.Deliveries(ctx, message)
	return filled(list), err
}

// SendNow has a planned mail leave at once. Needs the server.
func (c *Conversations) SendNow(message, person string) (client.Delivery, error) {
	ctx, desk := c.client()
	return desk.SendNow(ctx, message, person)
}

// CancelDelivery keeps a planned mail from leaving. Needs the server.
func (c *Conversations) CancelDelivery(message, person string) (client.Delivery, error) {
	ctx, desk := c.client()
	return desk.CancelDelivery(ctx, message, person)
}

// Ledger gives what is known here of what became of the messages with numbers from and up to; offline, too.
func (c *Conversations) Ledger(conversation string, from, upTo int64) ([]client.Delivery, error) {
	ctx, desk := c.client()
	list, err := desk.Ledger(ctx, conversation, from, upTo)
	return filled(list), err
}

// Recipients tells who would get a message written now, and how. Needs the server.
func (c *Conversations) Recipients(conversation string) ([]client.Recipient, error) {
	ctx, desk := c.client()
	list, err := desk.Recipients(ctx, conversation)
	return filled(list), err
}

// Why tells how the person was told of a message, or why they were not.
func (c *Conversations) Why(message string) (client.Why, error) {
	ctx, desk := c.client()
	why, err := desk.Why(ctx, message)
	why.Deliveries = filled(why.Deliveries)
	return why, err
}

// Mail gives the mail that became a message, without its HTML: that is shown from /mail/{message} in a frame alone. Needs
// the server, unless it was seen before.
func (c *Conversations) Mail(message string) (client.Mail, error) {
	ctx, desk := c.client()
	m, err := desk.Mail(ctx, message)
	m.HTML = ""
	return m, err
}

// SaveMail saves the mail that became a message as it came, as SaveFile does; the link is /mail/{message}/raw. Needs the
// server.
func (c *Conversations) SaveMail(message string) error {
	if c.host.Face.Name() == BrowserFace {
		return refuse(CodeUseLink, "The browser saves the mail.")
	}
	ctx, desk := c.client()
	content, m, err := desk.RawMail(ctx, message)
	if err != nil {
		return err
	}
	defer content.Close()
	return c.save(MailName(m.Subject), content)
}

// MailName is what a mail is called as a file, by its subject.
func MailName(subject string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune(" -_.", r) {
			return r
		}
		return -1
	}, subject)
	if name = strings.Trim(name, " ."); name == "" {
		name = "mail"
	}
	if r := []rune(name); len(r) > 80 {
		name = strings.TrimSpace(string(r[:80]))
	}
	return name + ".eml"
}

// Seen says that everything up to a number has been seen; it only moves forward.
func (c *Conversations) Seen(conversation string, upTo int64) error {
	ctx, desk := c.client()
	return desk.Seen(ctx, conversation, upTo)
}

// Mute switches the bubbles of a conversation off or on. Needs the server.
func (c *Conversations) Mute(conversation string, muted bool) error {
	ctx, desk := c.client()
	return desk.Mute(ctx, conversation, muted)
}

// SetState opens or closes a conversation with customers. Needs the server.
func (c *Conversations) SetState(conversation, state string) error {
	ctx, desk := c.client()
	return desk.SetState(ctx, conversation, state)
}

// AddParticipant adds a person, who sees all of the history or what comes from now on. Needs the server.
func (c *Conversations) AddParticipant(conversation, person, history string) (client.Conversation, error) {
	ctx, desk := c.client()
	return desk.AddParticipant(ctx, conversation, person, history)
}

// RemoveParticipant removes a person. Needs the server.
func (c *Conversations) RemoveParticipant(conversation, person string) error {
	ctx, desk := c.client()
	return desk.RemoveParticipant(ctx, conversation, person)
}

// Looking tells colleagues that one looks at a conversation with customers, or no longer.
func (c *Conversations) Looking(conversation string, looking bool) error {
	ctx, desk := c.client()
	return desk.Looking(ctx, conversation, looking)
}

// Typing tells the others that something is being typed.
func (c *Conversations) Typing(conversation string) error {
	ctx, desk := c.client()
	return desk.Typing(ctx, conversation)
}

// SaveDraft keeps what was typed, as typed; an empty draft removes it.
func (c *Conversations) SaveDraft(target string, draft client.Draft) error {
	ctx, desk := c.client()
	return desk.SaveDraft(ctx, target, draft)
}

// Draft gives what was typed, empty where there is nothing.
func (c *Conversations) Draft(target string) (client.Draft, error) {
	ctx, desk := c.client()
	draft, err := desk.Draft(ctx, target)
	draft.Participants, draft.Mentions = filled(draft.Participants), filled(draft.Mentions)
	draft.Files = filled(draft.Files)
	return draft, err
}

// BeginFile begins handing over a file of size bytes and gives the id for the chunks.
func (c *Conversations) BeginFile(name string, size int64) (string, error) {
	ctx, desk := c.client()
	return desk.BeginFile(ctx, name, size)
}

// maxChunk is what one AppendFile may carry, in bytes after decoding.
const maxChunk = 512 << 10

// AppendFile adds a chunk of at most 512 KiB, in base64.
func (c *Conversations) AppendFile(id, chunk string) error {
	content, err := base64.StdEncoding.DecodeString(chunk)
	if err != nil || len(content) > maxChunk {
		return refuse(CodeInvalid, "The file could not be taken over. Try to add it again.")
	}
	ctx, desk := c.client()
	return desk.AppendFile(ctx, id, content)
}

// FinishFile ends handing over; the file goes with the message that will carry it.
func (c *Conversations) FinishFile(id string) (client.FileRef, error) {
	ctx, desk := c.client()
	return desk.FinishFile(ctx, id)
}

// SaveFile asks where to save a file and writes it there; nothing half-written stays. In the browser it is refused with
// code use-link: the window then opens /files/{id}.
func (c *Conversations) SaveFile(id string) error {
	if c.host.Face.Name() == BrowserFace {
		return refuse(CodeUseLink, "The browser saves the file.")
	}
	ctx, desk := c.client()
	content, file, err := desk.OpenFile(ctx, id)
	if err != nil {
		return err
	}
	defer content.Close()
	return c.save(filepath.Base(file.Name), content)
}

// save asks where, and writes there.
func (c *Conversations) save(name string, content io.Reader) error {
	path, err := c.host.Face.AskWhere(name)
	if err != nil || path == "" {
		return err
	}
	if err := writeWhole(path, content); err != nil {
		return &client.Error{Code: "not-saved", Message: "The file could not be saved there: " + err.Error()}
	}
	return nil
}

// writeWhole writes content beside path and renames it into place once it is complete.
func writeWhole(path string, content io.Reader) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".recado-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = io.Copy(f, content)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return os.Rename(f.Name(), path)
}

// Snooze lets a conversation sleep until a moment, until an answer ("answer"), or no longer (empty), also offline.
func (c *Conversations) Snooze(conversation, until string) error {
	ctx, desk := c.client()
	return desk.Snooze(ctx, conversation, until)
}

// Assign gives a conversation with customers to a user to look after; empty: to nobody. Needs the server.
func (c *Conversations) Assign(conversation, user string) (client.Conversation, error) {
	ctx, desk := c.client()
	return desk.Assign(ctx, conversation, user)
}

// Merge lets a conversation with customers lead to another, and gives that one. Needs the server.
func (c *Conversations) Merge(source, target string) (client.Conversation, error) {
	ctx, desk := c.client()
	return desk.Merge(ctx, source, target)
}

// Unmerge undoes it. Needs the server.
func (c *Conversations) Unmerge(source string) (client.Conversation, error) {
	ctx, desk := c.client()
	return desk.Unmerge(ctx, source)
}

// Move puts another customer in the place of one, who sees all of it or what comes from now on. Needs the server.
func (c *Conversations) Move(conversation, from, to, history string) (client.Conversation, error) {
	ctx, desk := c.client()
	return desk.Move(ctx, conversation, from, to, history)
}

// Split begins a conversation of its own with a copy of a message. Needs the server.
func (c *Conversations) Split(message, key, subject string) (client.Conversation, error) {
	ctx, desk := c.client()
	return desk.Split(ctx, message, key, subject)
}
