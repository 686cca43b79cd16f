package httpapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"recado/app/desk"
	"recado/app/server/messaging"
	"recado/app/wire"
)

func (a *API) listConversations(_ http.ResponseWriter, r *request) (reply, error) {
	n, err := limit(r)
	if err != nil {
		return reply{}, err
	}
	q := r.query
	sort := q.Get("sort")
	if sort != "" && sort != "latest" && sort != messaging.SortWaiting {
		return reply{}, desk.Invalid("query.sort", "sort is latest or waiting")
	}
	list := "conversations:" + q.Get("view") + strings.TrimPrefix(":"+strings.TrimPrefix(sort, "latest"), ":")
	cursor, err := cursorOf(r, list)
	if err != nil {
		return reply{}, err
	}
	if q.Get("view") == "all" { // the snapshot's own order
		return reply{}, desk.Invalid("query.view", "there is no such view")
	}
	if e := cmp.Or(desk.CheckText("query.query", q.Get("query"), maxQuery), desk.CheckText("query.item", q.Get("item"), maxQuery),
		desk.CheckText("query.person", q.Get("person"), maxQuery)); e != nil {
		return reply{}, e
	}
	vs, next, err := a.Messaging.List(r.Context(), r.caller.Person,
		messaging.ListQuery{View: q.Get("view"), Query: q.Get("query"), Item: q.Get("item"), Person: q.Get("person"), Sort: sort, Cursor: cursor, Limit: n})
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.Conversation]{Items: make([]wire.Conversation, 0, len(vs)), Next: cursorFor(list, next)}
	for _, v := range vs {
		page.Items = append(page.Items, conversationForm(v, r.caller.Person.ID))
	}
	return reply{status: http.StatusOK, body: page}, nil
}

func draft(m wire.NewMessage) messaging.Draft {
	return messaging.Draft{Key: m.Key, Body: m.Body, Files: m.Files, Mentions: m.Mentions, Audience: m.Audience}
}

func (a *API) startConversation(w http.ResponseWriter, r *request) (reply, error) {
	var in wire.NewConversation
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if in.Message.Key != "" || in.Message.Audience != "" {
		return reply{}, desk.Invalid("body.message", "key stands beside message, and a new conversation has no audience yet")
	}
	if in.Kind != string(desk.Internal) && in.Kind != string(desk.WithCustomers) {
		return reply{}, desk.Invalid("body.kind", "a kind is internal or customer")
	}
	in.Message.Key = in.Key
	v, made, err := a.Messaging.Start(r.Context(), r.caller.Person, messaging.Start{Kind: desk.ConversationKind(in.Kind),
		Participants: in.Participants, Subject: in.Subject, Item: in.Item, Message: draft(in.Message)})
	if err != nil {
		return reply{}, err
	}
	return reply{status: madeStatus(made), body: conversationForm(v, r.caller.Person.ID)}, nil
}

func madeStatus(made bool) int {
	if made {
		return http.StatusCreated
	}
	return http.StatusOK
}

func (a *API) conversation(_ http.ResponseWriter, r *request) (reply, error) {
	return a.view(r)(a.Messaging.Conversation(r.Context(), r.caller.Person, r.id("id")))
}

// view spells a conversation as its reader sees it.
func (a *API) view(r *request) func(messaging.View, error) (reply, error) {
	return func(v messaging.View, err error) (reply, error) {
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusOK, body: conversationForm(v, r.caller.Person.ID)}, nil
	}
}

type conversationChange struct {
	State        *string         `json:"state"`
	Subject      *string         `json:"subject"`
	SnoozedUntil json.RawMessage `json:"snoozedUntil"`
	// SnoozedUntilAnswer lets it sleep until somebody else writes, whenever that is.
	SnoozedUntilAnswer *bool           `json:"snoozedUntilAnswer"`
	Muted              *bool           `json:"muted"`
	Assignee           json.RawMessage `json:"assignee"`
}

func (a *API) patchConversation(w http.ResponseWriter, r *request) (reply, error) {
	var in conversationChange
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	ch := messaging.Change{State: in.State, Subject: in.Subject, Muted: in.Muted}
	if in.State != nil && *in.State != "open" && *in.State != "closed" {
		return reply{}, desk.Invalid("body.state", "a state is open or closed")
	}
	var err error
	if ch.Assignee, err = idOrNull("body.assignee", in.Assignee); err != nil {
		return reply{}, err
	}
	if ch.SnoozedUntil, err = momentOrNull("body.snoozedUntil", in.SnoozedUntil); err != nil {
		return reply{}, err
	}
	if in.SnoozedUntilAnswer != nil {
		if ch.SnoozedUntil != nil {
			return reply{}, desk.Invalid("body.snoozedUntilAnswer", "it sleeps until a time or until an answer")
		}
		until := int64(0)
		if *in.SnoozedUntilAnswer {
			until = desk.Latest
		}
		ch.SnoozedUntil = &until
	}
	return a.view(r)(a.Messaging.Patch(r.Context(), r.caller.Person, r.id("id"), ch))
}

type newParticipant struct {
	History string `json:"history"`
}

func (a *API) addParticipant(w http.ResponseWriter, r *request) (reply, error) {
	var in newParticipant
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if in.History != "all" && in.History != "from-now" {
		return reply{}, desk.Invalid("body.history", "a history is all or from-now")
	}
	return a.view(r)(a.Messaging.Add(r.Context(), r.caller.Person, r.id("id"), r.id("person"), in.History == "all"))
}

func (a *API) removeParticipant(_ http.ResponseWriter, r *request) (reply, error) {
	if err := a.Messaging.Remove(r.Context(), r.caller.Person, r.id("id"), r.id("person")); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

type seenUpTo struct {
	UpTo *int64     `json:"upTo"`
	At   *wire.Time `json:"at"`
}

func (a *API) putSeen(w http.ResponseWriter, r *request) (reply, error) {
	var in seenUpTo
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if in.UpTo == nil || *in.UpTo < 0 {
		return reply{}, desk.Invalid("body.upTo", "a message number from 0 is needed")
	}
	at := int64(0)
	if in.At != nil {
		at = in.At.UnixMilli()
	}
	return a.view(r)(a.Messaging.See(r.Context(), r.caller.Person, r.id("id"), *in.UpTo, at))
}

// typing is told to whoever may see the conversation and is connected; it is never stored.
func (a *API) typing(_ http.ResponseWriter, r *request) (reply, error) {
	return a.tellTyping(r, r.id("id"))
}

type looking struct {
	Looking *bool `json:"looking"`
}

// putLooking is told to other users, where the conversation is with customers; it is never stored.
func (a *API) putLooking(w http.ResponseWriter, r *request) (reply, error) {
	var in looking
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if in.Looking == nil {
		return reply{}, desk.Invalid("body.looking", "true or false is needed")
	}
	id := r.id("id")
	people, err := a.Messaging.Onlookers(r.Context(), r.caller.Person, id)
	if err != nil {
		return reply{}, err
	}
	a.Live.Tell(people, lookingEvent(id, r.caller.Person.ID, *in.Looking, a.Now()))
	return reply{status: http.StatusNoContent}, nil
}

func (a *API) tellTyping(r *request, id string) (reply, error) {
	people, err := a.Messaging.Circle(r.Context(), r.caller.Person, id)
	if err != nil {
		return reply{}, err
	}
	others := make([]string, 0, len(people))
	for _, p := range people {
		if p != r.caller.Person.ID {
			others = append(others, p)
		}
	}
	a.Live.Tell(others, typingEvent(id, r.caller.Person.ID, a.Now()))
	return reply{status: http.StatusNoContent}, nil
}

// viewCounts are up to messaging.MaxCount each.
type viewCounts struct {
	Open       int64 `json:"open"`
	Mine       int64 `json:"mine"`
	Unassigned int64 `json:"unassigned"`
	Unread     int64 `json:"unread"`
	Snoozed    int64 `json:"snoozed"`
	Mentions   int64 `json:"mentions"`
}

func (a *API) countConversations(_ http.ResponseWriter, r *request) (reply, error) {
	n, err := a.Messaging.Counts(r.Context(), r.caller.Person)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: viewCounts{n["open"], n["mine"], n["unassigned"], n["unread"], n["snoozed"], n["mentions"]}}, nil
}

type merge struct {
	Into string `json:"into"`
}

func (a *API) mergeConversation(w http.ResponseWriter, r *request) (reply, error) {
	var in merge
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	return a.view(r)(a.Messaging.Merge(r.Context(), r.caller.Person, r.id("id"), in.Into))
}

func (a *API) unmergeConversation(_ http.ResponseWriter, r *request) (reply, error) {
	return a.view(r)(a.Messaging.Unmerge(r.Context(), r.caller.Person, r.id("id")))
}

type move struct {
	From    string `json:"from"`
	To      string `json:"to"`
	History string `json:"history"`
}

func (a *API) moveConversation(w http.ResponseWriter, r *request) (reply, error) {
	var in move
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	whole, err := wholeHistory(in.History)
	if err != nil {
		return reply{}, err
	}
	return a.view(r)(a.Messaging.Move(r.Context(), r.caller.Person, r.id("id"), in.From, in.To, whole))
}

type split struct {
	Key     string `json:"key"`
	Subject string `json:"subject"`
}

func (a *API) splitMessage(w http.ResponseWriter, r *request) (reply, error) {
	var in split
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	v, made, err := a.Messaging.Split(r.Context(), r.caller.Person, r.id("id"), in.Key, in.Subject)
	if err != nil {
		return reply{}, err
	}
	return reply{status: madeStatus(made), body: conversationForm(v, r.caller.Person.ID)}, nil
}
