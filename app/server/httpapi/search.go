package httpapi

import (
	"net/http"
	"strconv"

	"recado/app/desk"
	"recado/app/server/messaging"
	"recado/app/wire"
)

func (a *API) search(_ http.ResponseWriter, r *request) (reply, error) {
	n, err := limit(r)
	if err != nil {
		return reply{}, err
	}
	place, err := cursorOf(r, "search")
	if err != nil {
		return reply{}, err
	}
	before := int64(0)
	if place != "" {
		if before, err = strconv.ParseInt(place, 10, 64); err != nil || before < 1 {
			return reply{}, desk.Invalid("query.cursor", "this cursor is not from this list")
		}
	}
	q := r.query.Get("q")
	if e := desk.CheckText("query.q", q, 500); e != nil {
		return reply{}, e
	}
	found, next, err := a.Messaging.Search(r.Context(), r.caller.Person, q, before, n)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.Hit]{Items: make([]wire.Hit, 0, len(found))}
	if next > 0 {
		page.Next = cursorFor("search", strconv.FormatInt(next, 10))
	}
	for _, f := range found {
		h := wire.Hit{Message: messageForm(f.Message, r.caller.Person.ID), Conversation: f.Message.Conversation, Ranges: f.Ranges}
		if h.Ranges == nil {
			h.Ranges = [][2]int{}
		}
		page.Items = append(page.Items, h)
	}
	return reply{status: http.StatusOK, body: page}, nil
}

func (a *API) snapshot(_ http.ResponseWriter, r *request) (reply, error) {
	n, err := limit(r)
	if err != nil {
		return reply{}, err
	}
	if !r.query.Has("limit") {
		n = 200
	}
	place, err := cursorOf(r, "snapshot")
	if err != nil {
		return reply{}, err
	}
	var at messaging.Mark
	if place != "" {
		at = messaging.Mark{Section: place[:1], After: place[1:]}
	}
	epoch := a.Feed.Epoch()
	p, err := a.Messaging.Snapshot(r.Context(), r.caller.Person, at, n)
	if err != nil {
		return reply{}, err
	}
	out := wire.SnapshotPage{Position: wire.Cursor{Epoch: epoch, Number: p.Head}.String(), Items: snapshotItems(p, r.caller.Person.ID, a.Now().UnixMilli())}
	if p.Next != messaging.SnapshotEnd {
		out.Next = cursorFor("snapshot", p.Next.Section+p.Next.After)
	}
	return reply{status: http.StatusOK, body: out}, nil
}

func snapshotItems(p messaging.SnapshotPage, viewer string, now int64) []wire.Entry {
	items := []wire.Entry{}
	add := func(typ desk.EntryType, ev messaging.Event) {
		ev.Type, ev.Person, ev.At = typ, viewer, now
		items = append(items, entryForm(ev))
	}
	if p.Settings != nil {
		add(desk.SettingsChanged, messaging.Event{Set: p.Settings})
	}
	for i := range p.People {
		add(desk.PersonChanged, messaging.Event{Subject: &p.People[i]})
	}
	for i := range p.Items {
		add(desk.ItemCreated, messaging.Event{Item: &p.Items[i]})
	}
	for i := range p.Views {
		add(desk.ConversationCreated, messaging.Event{View: &p.Views[i]})
	}
	for i := range p.Messages {
		add(desk.MessageCreated, messaging.Event{Message: &p.Messages[i]})
	}
	return items
}

func (a *API) getSettings(_ http.ResponseWriter, r *request) (reply, error) {
	s, err := a.Messaging.Settings(r.Context(), r.caller.Person)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: settingsForm(s)}, nil
}

func (a *API) putSettings(w http.ResponseWriter, r *request) (reply, error) {
	var in wire.NotificationSettings
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	s := desk.Settings{Bubbles: in.Bubbles, Sound: in.Sound, Preview: in.Preview, Mail: in.Mail.On, MailAfterSeconds: in.Mail.AfterSeconds}
	if in.QuietHours != nil {
		s.QuietFrom, s.QuietTo = in.QuietHours.From, in.QuietHours.To
	}
	if e := desk.CheckSettings(s); e != nil {
		return reply{}, e
	}
	if err := a.Messaging.PutSettings(r.Context(), r.caller.Person, s); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: settingsForm(s)}, nil
}

func (a *API) stream(w http.ResponseWriter, r *request) (reply, error) {
	return reply{handled: true}, a.Feed.Serve(w, r.Request, r.caller, nil)
}
