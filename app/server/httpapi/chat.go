package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"recado/app/desk"
	"recado/app/server/accounts"
	"recado/app/server/livechat"
	"recado/app/server/messaging"
	"recado/app/wire"
)

// authenticateVisitor tells who chats by a token. Where a user's session has a device, a visitor's has the site.
func (a *API) authenticateVisitor(ctx context.Context, token string) (accounts.Caller, error) {
	p, s, err := a.Chat.Authenticate(ctx, token)
	return accounts.Caller{Person: p, Session: accounts.Session{ID: s.ID, Person: s.Person, Device: s.Site, CreatedAt: s.At}}, err
}

func sessionOf(r *request) livechat.Session {
	return livechat.Session{ID: r.caller.Session.ID, Person: r.caller.Person.ID, Site: r.caller.Session.Device}
}

type chatSession struct {
	Site     string        `json:"site"`
	Visitor  *introduction `json:"visitor"`
	Identity *chatIdentity `json:"identity"`
}

// introduction is what visitors say of themselves.
type introduction struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

type chatIdentity struct {
	Email     string `json:"email"`
	Name      string `json:"name"`
	Expires   stamp  `json:"expires"`
	Signature string `json:"signature"`
}

// stamp is a time as it was signed: a text, or a number of seconds.
type stamp string

// UnmarshalJSON keeps the characters that were signed.
func (s *stamp) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(s))
	}
	var n json.Number
	err := json.Unmarshal(b, &n)
	*s = stamp(n)
	return err
}

func (a *API) beginChat(w http.ResponseWriter, r *request) (reply, error) {
	var in chatSession
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if err := a.Chat.Limits.Begin(a.remote(r), in.Site); err != nil {
		return reply{}, err
	}
	var said livechat.Claim
	if in.Visitor != nil {
		said = livechat.Claim{Name: in.Visitor.Name, Email: in.Visitor.Email}
	}
	var id *livechat.SignedIdentity
	if i := in.Identity; i != nil {
		id = &livechat.SignedIdentity{Email: i.Email, Name: i.Name, Expires: string(i.Expires), Signature: i.Signature}
	}
	if _, err := a.Chat.Site(r.Context(), in.Site); err != nil {
		return reply{}, err
	}
	done, err := a.Chat.Limits.Turn(r.Context(), in.Site)
	if err != nil {
		return reply{}, err
	}
	defer done()
	token, p, err := a.Chat.Begin(r.Context(), in.Site, id, said, spoken(r))
	if err != nil {
		return reply{}, err
	}
	conversation, err := a.Messaging.Newest(r.Context(), p.ID)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: wire.ChatSession{Token: token, Person: personForm(p), Conversation: conversation}}, nil
}

// spoken is the language of ours that a browser asks for first.
func spoken(r *request) string {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Header.Get("Accept-Language"))), "es") {
		return "es"
	}
	return "en"
}

func (a *API) endChat(_ http.ResponseWriter, r *request) (reply, error) {
	if err := a.Chat.Store.EndSession(r.Context(), r.caller.Session.ID); err != nil {
		return reply{}, err
	}
	a.chat.forget([]string{r.caller.Session.ID}) // its streams are ended by the hub
	return reply{status: http.StatusNoContent}, nil
}

func (a *API) chatSite(_ http.ResponseWriter, r *request) (reply, error) {
	s, err := a.Chat.Site(r.Context(), r.query.Get("site"))
	if err != nil {
		return reply{}, err
	}
	out := wire.ChatSite{ID: s.ID, Name: s.Name, Identity: string(s.Identity), Accent: s.Look.Accent,
		Greeting: wire.Greeting{En: s.Look.Greeting["en"], Es: s.Look.Greeting["es"]}}
	open, next := s.Look.Hours.Open(a.Now())
	if out.Open = open; !next.IsZero() {
		out.OpensAt = wire.MillisOrNil(next.UnixMilli())
	}
	return reply{status: http.StatusOK, body: out}, nil
}

func chatPersonForm(p desk.Person, self string) wire.ChatPerson {
	out := wire.ChatPerson{ID: p.ID, Kind: string(p.Kind), Name: p.Name}
	if p.ID == self {
		out.Email, out.Unverified = p.Email, p.Unverified
	}
	return out
}

func (a *API) chatMe(_ http.ResponseWriter, r *request) (reply, error) {
	return reply{status: http.StatusOK, body: chatPersonForm(r.caller.Person, r.caller.Person.ID)}, nil
}

func (a *API) putChatMe(w http.ResponseWriter, r *request) (reply, error) {
	var in introduction
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	done, err := a.Chat.Limits.Turn(r.Context(), r.caller.Session.Device)
	if err != nil {
		return reply{}, err
	}
	defer done()
	p, err := a.Chat.Introduce(r.Context(), r.caller.Person, livechat.Claim{Name: in.Name, Email: in.Email})
	if err != nil {
		return reply{}, err
	}
	a.chat.forget([]string{r.caller.Session.ID})
	return reply{status: http.StatusOK, body: chatPersonForm(p, p.ID)}, nil
}

func (a *API) chatMessages(_ http.ResponseWriter, r *request) (reply, error) {
	n, err := limit(r)
	if err != nil {
		return reply{}, err
	}
	me := r.caller.Person
	before := r.query.Get("before")
	if e := desk.CheckText("query.before", before, 64); e != nil {
		return reply{}, e
	}
	list, people, err := a.Messaging.Talk(r.Context(), me, before, n)
	if errors.Is(err, desk.ErrNotFound) {
		return reply{}, desk.Invalid("query.before", "there is no such message")
	}
	if err != nil {
		return reply{}, err
	}
	out := wire.ChatPage{Items: make([]wire.Message, 0, len(list)), People: make([]wire.ChatPerson, 0, len(people))}
	for _, m := range list {
		out.Items = append(out.Items, messageForm(m, me.ID))
	}
	for _, p := range people {
		out.People = append(out.People, chatPersonForm(p, me.ID))
	}
	if len(list) == n {
		out.Next = list[0].ID
	}
	if out.Conversation, err = a.Messaging.Newest(r.Context(), me.ID); err != nil || out.Conversation == "" {
		return reply{status: http.StatusOK, body: out}, err
	}
	v, err := a.Messaging.Conversation(r.Context(), me, out.Conversation)
	out.SeenUpTo = v.Mine.SeenUpTo
	return reply{status: http.StatusOK, body: out}, err
}

type chatMessage struct {
	Key   string   `json:"key"`
	Body  string   `json:"body"`
	Files []string `json:"files"`
}

func (a *API) postChatMessage(w http.ResponseWriter, r *request) (reply, error) {
	var in chatMessage
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	site, err := a.Chat.Site(r.Context(), r.caller.Session.Device)
	if err != nil {
		return reply{}, err
	}
	done, err := a.Chat.Limits.Turn(r.Context(), r.caller.Session.Device)
	if err != nil {
		return reply{}, err
	}
	defer done()
	m, made, err := a.Messaging.Say(r.Context(), r.caller.Person, messaging.Said{
		Draft: messaging.Draft{Key: in.Key, Body: in.Body, Files: in.Files}, Told: site.Look.Told, Opens: site.Look.Opens})
	if err != nil {
		return reply{}, err
	}
	if made && r.caller.Person.Unheard { // users hear of them from now on, and where they are
		a.ChatChanged(context.WithoutCancel(r.Context()), r.caller.Person.ID)
	}
	return reply{status: madeStatus(made), body: messageForm(m, r.caller.Person.ID)}, nil
}

type chatSeen struct {
	Conversation string `json:"conversation,omitempty"`
	UpTo         int64  `json:"upTo"`
}

func (a *API) putChatSeen(w http.ResponseWriter, r *request) (_ reply, err error) {
	var in chatSeen
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if in.UpTo < 0 {
		return reply{}, desk.Invalid("body.upTo", "a whole number from 0 is needed")
	}
	done, err := a.Chat.Limits.Turn(r.Context(), r.caller.Session.Device)
	if err != nil {
		return reply{}, err
	}
	defer done()
	if in.Conversation == "" {
		if in.Conversation, err = a.Messaging.Newest(r.Context(), r.caller.Person.ID); err != nil {
			return reply{}, err
		}
	}
	v, err := a.Messaging.See(r.Context(), r.caller.Person, in.Conversation, in.UpTo, 0)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: chatSeen{in.Conversation, v.Mine.SeenUpTo}}, nil
}

func (a *API) chatTyping(_ http.ResponseWriter, r *request) (reply, error) {
	id, err := a.Messaging.Newest(r.Context(), r.caller.Person.ID)
	if err != nil || id == "" {
		return reply{status: http.StatusNoContent}, err
	}
	return a.tellTyping(r, id)
}

type chatPage struct {
	URL   string `json:"url"`
	Title string `json:"title"`
}

func (a *API) putChatPage(w http.ResponseWriter, r *request) (reply, error) {
	var in chatPage
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	done, err := a.Chat.Limits.Turn(r.Context(), r.caller.Session.Device)
	if err != nil {
		return reply{}, err
	}
	defer done()
	return reply{status: http.StatusNoContent}, a.Chat.Look(r.Context(), sessionOf(r), in.URL, in.Title)
}

type merging struct {
	Into string `json:"into"`
}

func (a *API) merge(w http.ResponseWriter, r *request) (reply, error) {
	var in merging
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	p, err := a.Messaging.MergePerson(r.Context(), r.caller.Person, r.id("id"), in.Into)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: personForm(p)}, nil
}
