package sync

import (
	"context"
	"sync"
)

// Chat tells that somebody is connected to the live chat, and what their browser said of itself.
type Chat struct {
	Person    string `json:"person"`
	Connected bool   `json:"connected"`
	// Site is the id of the web site; Page and Title are where they are on it, which nothing proves.
	Site  string `json:"site,omitempty"`
	Page  string `json:"page,omitempty"`
	Title string `json:"title,omitempty"`
	// Since is when their chat was opened.
	Since string `json:"since,omitempty"`
	// LeftAt is when it was closed: they count as connected a little longer, for a page that is loaded anew.
	LeftAt string `json:"leftAt,omitempty"`
	// Browser is like "Firefox, Linux", Language a tag like es-ES (BCP 47).
	Browser  string `json:"browser,omitempty"`
	Language string `json:"language,omitempty"`
}

// lobby holds who is in the live chat as told on the present stream. Without a stream nobody knows, and it is empty.
type lobby struct {
	mu        sync.Mutex
	connected map[string]Chat
	// told is what came while the server is being asked: it is newer than the answer. nil where it is not being asked.
	told map[string]Chat
}

// begin forgets everybody and awaits an answer.
func (l *lobby) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.connected, l.told = nil, map[string]Chat{}
}

// answer takes over who is connected, with what was told since the question.
func (l *lobby) answer(list []Chat) {
	l.mu.Lock()
	defer l.mu.Unlock()
	told := l.told
	l.told, l.connected = nil, map[string]Chat{}
	for _, c := range list {
		l.put(c)
	}
	for _, c := range told {
		l.put(c)
	}
}

func (l *lobby) tell(c Chat) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.told != nil {
		l.told[c.Person] = c
	}
	l.put(c)
}

// put is called with the lock held.
func (l *lobby) put(c Chat) {
	if !c.Connected {
		delete(l.connected, c.Person)
		return
	}
	if l.connected == nil {
		l.connected = map[string]Chat{}
	}
	l.connected[c.Person] = c
}

// clear forgets everybody; it returns whether anybody was known.
func (l *lobby) clear() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	any := len(l.connected) > 0
	l.connected, l.told = nil, nil
	return any
}

// Chats lists who is connected to the live chat, in no order; nobody while the feed is not connected.
func (e *Engine) Chats() []Chat {
	e.lobby.mu.Lock()
	defer e.lobby.mu.Unlock()
	out := make([]Chat, 0, len(e.lobby.connected))
	for _, c := range e.lobby.connected {
		out = append(out, c)
	}
	return out
}

// readChats asks who is connected. A server that doesn't know, or doesn't answer, leaves what is told from now on.
func (e *Engine) readChats(ctx context.Context) {
	list, err := e.Remote.Chats(ctx)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		e.Logger.Info("who is in the live chat", "error", err)
		list = nil
	}
	e.lobby.answer(list)
	e.Emit(Event{Type: ChatsEvent})
}

// Chat takes what a stream tells of somebody in the live chat.
func (s *stream) Chat(c Chat) {
	s.e.lobby.tell(c)
	s.e.Emit(Event{Type: ChatEvent, Chat: &c})
}
