package bind

import (
	"context"

	"recado/app/client"
)

// Target is what the window is asked to show from outside: by a link, a bubble, the tray. At most one of the fields is
// set, but for Number, which goes with Conversation. The zero value asks for nothing but the window.
type Target struct {
	// Conversation is to be opened, at message Number or where it is 0 as usual.
	Conversation string `json:"conversation,omitempty"`
	Number       int64  `json:"number,omitempty"`
	// Message is to be shown in its conversation.
	Message string `json:"-"`
	// View is the view to be shown.
	View string `json:"view,omitempty"`
	// Write: a new conversation is to be begun.
	Write bool `json:"write,omitempty"`
}

// Ask has the window show something as soon as it can: now, or once somebody has signed in. What was asked before and is
// not yet shown is forgotten.
func (h *Host) Ask(t Target) {
	if t == (Target{}) {
		return
	}
	h.asked.Store(&t)
	h.Emit(client.Event{Type: "asked"})
}

// Asked gives what the window was asked to show, once; nil where nothing is asked. A message that is not here becomes a
// conversation that is not.
func (s *Session) Asked() *Target {
	t := s.host.asked.Swap(nil)
	if t == nil || t.Message == "" {
		return t
	}
	m, err := s.host.Client.Message(context.Background(), t.Message)
	if err != nil {
		return &Target{Conversation: t.Message}
	}
	return &Target{Conversation: m.Conversation, Number: m.Number}
}
