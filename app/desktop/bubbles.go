package desktop

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"recado/app/client"
	"recado/app/desktop/bind"
	"recado/app/desktop/notify"
)

// bubbleOn tells the bubbler what happened to what it shows. It runs on the client's goroutine and does not wait.
func (a *App) bubbleOn(e client.Event) {
	switch e.Type {
	case "seen":
		if me, known := a.client.Me(); known && e.Person == me.ID {
			a.bubbles.Seen(e.ConversationID, e.UpTo)
		}
	case "conversation":
		a.bubbles.Seen(e.Conversation.ID, e.Conversation.SeenUpTo)
	case "message":
		a.bubbles.Changed(*e.Message)
	case "access-lost":
		a.bubbles.Lost(e.ConversationID)
	case "refilled":
		a.bubbles.Recheck()
	case "connection":
		if e.Connection.State == "signed-out" {
			a.bubbles.Forget()
		}
	}
}

// locked tells the window that nobody can look at it, or that somebody can again.
func (a *App) locked(locked bool) {
	a.events.emit(map[string]any{"type": "locked", "locked": locked})
}

// hands do what is asked for at a bubble.
type hands struct{ app *App }

var _ notify.Hands = hands{}

// Open implements notify.Hands.
func (h hands) Open(conversation string, number int64) {
	target := bind.Target{Conversation: conversation, Number: number}
	if conversation == "" {
		target = bind.Target{View: string(unread)}
	}
	if h.app.window != nil {
		h.app.window.show()
	}
	h.app.host.Ask(target)
}

// MarkSeen implements notify.Hands.
func (h hands) MarkSeen(conversation string, number int64) {
	if err := h.app.client.Seen(context.Background(), conversation, number); err != nil {
		h.app.Logger.Warn("mark as seen from a bubble", "error", err)
	}
}

// Reply implements notify.Hands. What can't be taken is not lost without a word: the conversation opens.
func (h hands) Reply(conversation, text string) {
	key := uuid.Must(uuid.NewV7()).String()
	if _, err := h.app.client.Send(context.Background(), key, conversation, text, nil, nil); err != nil {
		h.app.Logger.Warn("answer from a bubble", "error", err)
		h.Open(conversation, 0)
	}
}

// reader answers the bubbler about the person at this app.
type reader struct{ app *App }

var _ notify.Desk = reader{}

// Me implements notify.Desk.
func (r reader) Me() string {
	me, _ := r.app.client.Me()
	return me.ID
}

// Settings implements notify.Desk.
func (r reader) Settings() (client.NotificationSettings, error) {
	return r.app.client.Notifications(context.Background())
}

// SeenUpTo implements notify.Desk; 0 where the conversation is gone.
func (r reader) SeenUpTo(conversation string) int64 {
	c, err := r.app.client.Conversation(context.Background(), conversation)
	if err != nil {
		return 0
	}
	return c.SeenUpTo
}

// Record implements notify.Desk.
func (r reader) Record(decisions []client.Bubble) {
	if err := r.app.client.RecordBubbles(context.Background(), decisions); err != nil {
		r.app.Logger.Warn("record bubbles", "error", err)
	}
}

// Looking implements notify.Desk.
func (r reader) Looking(conversation string) bool {
	return r.app.host.Looks(conversation)
}

// Paused implements notify.Desk.
func (r reader) Paused() bool { return !r.app.pausedUntil(time.Now()).IsZero() }

// Language implements notify.Desk.
func (r reader) Language() string {
	if l := r.app.profile.App().Language; l != "system" {
		return l
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return strings.ToLower(v)
		}
	}
	return "en"
}
