package client_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/app/wire"
)

const (
	me    = "01900000-0000-7000-8000-000000000001"
	other = "01900000-0000-7000-8000-000000000002"
)

var t0 = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// fake speaks the contract for one person, and can be told to misbehave. Its fields are changed under do.
type fake struct {
	*httptest.Server
	mu      sync.Mutex
	changed chan struct{} // closed and made anew at every change
	epoch   string
	boot    string
	entries []wire.Entry
	people  map[string]wire.Person
	convs   map[string]*wire.Conversation
	msgs    map[string][]wire.Message // by conversation, ascending
	keys    map[string]string         // key to message id or conversation id
	posted  []string                  // keys of all POSTs, in the order they came

	chats      []wire.ChatPresence
	live       []string // events between the entries, written to each stream
	site       wire.Site
	canned     []wire.CannedAnswer
	items      map[string]wire.Item
	snoozed    []string // conversation and body of each PATCH
	seen       []string
	uploads    map[string]string // key to content
	streams    int
	after      []string          // Last-Event-ID of each stream
	created    map[string]string // the kind each conversation was asked for, by key
	expired    bool
	down       bool
	loseAnswer int                                  // so many POSTs are stored, and their answer is lost
	refuse     func(key string) *wire.Problem       // asked for each POST
	mangle     func(n int64, event string) []string // what is written for an entry; a nil result cuts the connection
}

func newFake(t testing.TB) *fake {
	f := &fake{changed: make(chan struct{}), epoch: "e1", boot: "b1", people: map[string]wire.Person{}, convs: map[string]*wire.Conversation{},
		msgs: map[string][]wire.Message{}, keys: map[string]string{}, created: map[string]string{}, uploads: map[string]string{}}
	for id, name := range map[string]string{me: "Ana Núñez", other: "Björn Åkesson"} {
		f.people[id] = wire.Person{ID: id, Kind: "user", Name: name, Email: name[:2] + "@example.com", Role: "agent", CreatedAt: wire.Time{Time: t0}, Version: 1}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/sessions", f.signIn)
	mux.HandleFunc("GET /api/v1/feed", f.feed)
	mux.HandleFunc("GET /api/v1/snapshot", f.snapshot)
	mux.HandleFunc("POST /api/v1/conversations", f.create)
	mux.HandleFunc("GET /api/v1/conversations/{id}", f.getConversation)
	mux.HandleFunc("GET /api/v1/conversations/{id}/messages", f.history)
	mux.HandleFunc("POST /api/v1/conversations/{id}/messages", f.post)
	mux.HandleFunc("PUT /api/v1/conversations/{id}/seen", f.putSeen)
	mux.HandleFunc("GET /api/v1/messages/{id}", f.getMessage)
	mux.HandleFunc("GET /api/v1/items/{id}", f.getItem)
	mux.HandleFunc("PATCH /api/v1/conversations/{id}", f.patchConversation)
	mux.HandleFunc("GET /api/v1/chats", f.listChats)
	mux.HandleFunc("POST /api/v1/people/{id}/merge", f.merge)
	mux.HandleFunc("GET /api/v1/sites", f.listSites)
	mux.HandleFunc("GET /api/v1/canned-answers", f.listCanned)
	mux.HandleFunc("POST /api/v1/canned-answers", f.addCanned)
	mux.HandleFunc("DELETE /api/v1/canned-answers/{id}", f.removeCanned)
	mux.HandleFunc("POST /api/v1/sites", f.putSite)
	mux.HandleFunc("PATCH /api/v1/sites/{id}", f.putSite)
	mux.HandleFunc("POST /api/v1/files", f.upload)
	mux.HandleFunc("DELETE /api/v1/sessions/current", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	mux.HandleFunc("PUT /api/v1/me/presence", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	f.Server = httptest.NewServer(f.guard(mux))
	t.Cleanup(func() { f.CloseClientConnections(); f.Close() })
	return f
}

// guard is the network and the session: down hangs up, expired refuses.
func (f *fake) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		down, expired := f.down, f.expired
		f.mu.Unlock()
		switch {
		case down:
			panic(http.ErrAbortHandler)
		case r.Method+r.URL.Path != "POST/api/v1/sessions" && (expired || r.Header.Get("Authorization") != "Bearer secret"):
			problem(w, 401, "not-signed-in", "Sign in first.")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// do changes the fake and wakes its streams.
func (f *fake) do(fn func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fn()
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fake) add(e wire.Entry) {
	e.Number, e.At = int64(len(f.entries)+1), wire.Time{Time: t0}
	f.entries = append(f.entries, e)
}

// conversation makes one with its entry; call it under do.
func (f *fake) conversation(id string) *wire.Conversation {
	c := &wire.Conversation{ID: id, Kind: "internal", Subject: "About " + id, State: "open", Participants: []wire.Participant{
		{Person: me, HistoryFrom: 1}, {Person: other, HistoryFrom: 1}}, LastAt: wire.Time{Time: t0}, HistoryFrom: 1,
		CreatedAt: wire.Time{Time: t0}, Version: 1, Audience: "a1"}
	f.convs[id] = c
	f.add(wire.Entry{Type: wire.ConversationCreated, Conversation: c})
	return c
}

// message writes one with its entry; call it under do.
func (f *fake) message(conversation, author, body, key string) wire.Message {
	next := *f.convs[conversation] // entries that are being told hold what it was
	c := &next
	f.convs[conversation] = c
	c.LastNumber++
	at := wire.Time{Time: t0.Add(time.Duration(c.LastNumber) * time.Second)}
	c.LastAt, c.WaitingSince = at, nil
	if f.people[author].Kind == "customer" {
		c.WaitingSince = &at
	}
	m := wire.Message{ID: fmt.Sprintf("%s-m%d", conversation, c.LastNumber), Conversation: conversation, Number: c.LastNumber, Author: author,
		Body: body, CreatedAt: at, Version: 1, Key: key}
	f.msgs[conversation] = append(f.msgs[conversation], m)
	f.add(wire.Entry{Type: wire.MessageCreated, Message: &m})
	return m
}

func problem(w http.ResponseWriter, status int, name, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(wire.Problem{Type: wire.ProblemPrefix + name, Title: name, Status: status, Detail: detail})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func (f *fake) signIn(w http.ResponseWriter, r *http.Request) {
	var body struct{ Email, Password string }
	json.NewDecoder(r.Body).Decode(&body)
	if body.Password != "right" {
		problem(w, 401, "wrong-password", "The address or the password is wrong.")
		return
	}
	answer(w, 201, wire.Session{Token: "secret", Person: f.people[me]})
}

func (f *fake) feed(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.streams++
	f.after = append(f.after, r.Header.Get("Last-Event-ID"))
	epoch, boot, head := f.epoch, f.boot, int64(len(f.entries))
	f.mu.Unlock()
	w.Header().Set("Content-Type", "text/event-stream")
	at, err := wire.ParseCursor(r.Header.Get("Last-Event-ID"))
	if err != nil || at.Epoch != epoch || at.Number > head {
		io.WriteString(w, "event: reset\ndata: {\"reason\":\"epoch\"}\n\n")
		return
	}
	hello, _ := json.Marshal(wire.Hello{Epoch: epoch, Boot: boot, Head: head, HeartbeatSeconds: 15})
	fmt.Fprintf(w, "event: hello\ndata: %s\n\n", hello)
	f.write(w, r, at.Number, epoch)
}

func (f *fake) write(w http.ResponseWriter, r *http.Request, sent int64, epoch string) {
	for said := 0; ; {
		f.mu.Lock()
		if f.epoch != epoch || f.down || f.expired {
			f.mu.Unlock()
			return
		}
		entries, changed, mangle := f.entries[sent:], f.changed, f.mangle
		live := f.live[min(said, len(f.live)):]
		said += len(live)
		f.mu.Unlock()
		for _, e := range entries {
			data, _ := json.Marshal(e)
			parts := []string{fmt.Sprintf("data: %s\nevent: %s\nid: %s.%d\n\n", data, e.Type, epoch, e.Number)}
			if mangle != nil {
				parts = mangle(e.Number, parts[0])
			}
			for _, p := range parts {
				if p == "" { // the connection is cut here
					return
				}
				io.WriteString(w, p)
			}
			sent = e.Number
		}
		io.WriteString(w, strings.Join(live, ""))
		fmt.Fprintf(w, "event: head\ndata: {\"head\":%d}\n\n", sent)
		w.(http.Flusher).Flush()
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

// snapshot answers in two pages: people and conversations, then messages newest first.
func (f *fake) snapshot(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	page := wire.SnapshotPage{Position: wire.Cursor{Epoch: f.epoch, Number: int64(len(f.entries))}.String(), Items: []wire.Entry{}}
	if r.URL.Query().Get("cursor") == "" {
		for _, p := range f.people {
			page.Items = append(page.Items, wire.Entry{Type: wire.PersonChanged, Person: &p})
		}
		for _, i := range f.items {
			page.Items = append(page.Items, wire.Entry{Type: "item.created", Item: &i})
		}
		for _, c := range f.convs {
			page.Items = append(page.Items, wire.Entry{Type: wire.ConversationCreated, Conversation: c})
		}
		page.Next = "messages"
	} else {
		for _, list := range f.msgs {
			for i := len(list) - 1; i >= 0; i-- {
				page.Items = append(page.Items, wire.Entry{Type: wire.MessageCreated, Message: &list[i]})
			}
		}
	}
	answer(w, 200, page)
}

func (f *fake) getConversation(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c, ok := f.convs[r.PathValue("id")]; ok {
		answer(w, 200, c)
		return
	}
	problem(w, 404, "not-found", "There is no such thing.")
}

func (f *fake) getMessage(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, list := range f.msgs {
		for _, m := range list {
			if m.ID == r.PathValue("id") {
				answer(w, 200, m)
				return
			}
		}
	}
	problem(w, 404, "not-found", "There is no such thing.")
}

func (f *fake) history(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	list := f.msgs[r.PathValue("id")]
	list = list[:min(int(before)-1, len(list))]
	answer(w, 200, wire.Page[wire.Message]{Items: list[max(0, len(list)-2):]})
}

// stored runs make once for each key. Where an answer is to be lost, the connection is cut after storing.
func (f *fake) stored(w http.ResponseWriter, key string, make func() (id string), get func(id string) any) {
	var lost bool
	var out any
	status := 201
	var refused *wire.Problem
	f.do(func() {
		f.posted = append(f.posted, key)
		if f.refuse != nil {
			if refused = f.refuse(key); refused != nil {
				return
			}
		}
		if _, ok := f.keys[key]; ok {
			status = 200
		} else {
			f.keys[key] = make()
		}
		out = get(f.keys[key])
		if f.loseAnswer > 0 {
			f.loseAnswer--
			lost = true
		}
	})
	switch {
	case refused != nil:
		problem(w, refused.Status, refused.Name(), refused.Detail)
	case lost:
		panic(http.ErrAbortHandler)
	default:
		answer(w, status, out)
	}
}

func (f *fake) post(w http.ResponseWriter, r *http.Request) {
	var body wire.NewMessage
	json.NewDecoder(r.Body).Decode(&body)
	id := r.PathValue("id")
	f.mu.Lock()
	c := f.convs[id]
	f.mu.Unlock()
	switch {
	case c == nil:
		problem(w, 404, "not-found", "There is no such thing.")
	case body.Audience != "" && body.Audience != c.Audience:
		problem(w, 409, "audience-changed", "Others would receive this now.")
	default:
		f.stored(w, body.Key, func() string { return f.message(id, me, body.Body, body.Key).ID }, func(mid string) any {
			for _, m := range f.msgs[id] {
				if m.ID == mid {
					return m
				}
			}
			return nil
		})
	}
}

func (f *fake) create(w http.ResponseWriter, r *http.Request) {
	var body wire.NewConversation
	json.NewDecoder(r.Body).Decode(&body)
	f.stored(w, body.Key, func() string {
		c := f.conversation("c-" + body.Key)
		f.created[body.Key], c.Item = body.Kind, body.Item
		f.message(c.ID, me, body.Message.Body, "")
		return c.ID
	}, func(id string) any {
		c := *f.convs[id]
		c.LastMessage = &f.msgs[id][len(f.msgs[id])-1]
		return c
	})
}

func (f *fake) putSeen(w http.ResponseWriter, r *http.Request) {
	var body struct {
		UpTo int64
		At   string
	}
	json.NewDecoder(r.Body).Decode(&body)
	f.do(func() { f.seen = append(f.seen, fmt.Sprintf("%s %d %s", r.PathValue("id"), body.UpTo, body.At)) })
	w.WriteHeader(204)
}

func (f *fake) upload(w http.ResponseWriter, r *http.Request) {
	file, head, err := r.FormFile("file")
	if err != nil {
		problem(w, 422, "invalid", "No file came.")
		return
	}
	content, _ := io.ReadAll(file)
	key := r.FormValue("key")
	f.do(func() { f.uploads[key] = string(content) })
	answer(w, 201, wire.File{ID: "f-" + key, Name: head.Filename, Size: int64(len(content)), Type: "text/plain"})
}
