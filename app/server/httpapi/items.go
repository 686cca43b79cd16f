package httpapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"recado/app/desk"
	"recado/app/server/messaging"
	"recado/app/wire"
)

func itemForm(v messaging.ItemView) wire.Item {
	out := wire.Item{ID: v.ID, Number: v.Number, Kind: string(v.Kind), Title: v.Title, Description: v.Description, State: string(v.State),
		Assignee: v.Assignee, Due: wire.MillisOrNil(v.Due), Tags: v.Tags, Project: v.Project, Followers: v.Follows, Author: v.Author,
		CreatedAt: wire.Millis(v.CreatedAt), ChangedAt: wire.Millis(v.ChangedAt), Muted: v.Muted, Version: v.Version}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	if out.Followers == nil {
		out.Followers = []string{}
	}
	return out
}

// spellItem gives one item.
func spellItem(v messaging.ItemView, err error) (reply, error) {
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: itemForm(v)}, nil
}

var itemFilters = []string{"kind", "state", "assignee", "follower", "tag", "project", "query", "due", "limit", "cursor"}

func (a *API) listItems(_ http.ResponseWriter, r *request) (reply, error) {
	q, list, err := itemQuery(r)
	if err != nil {
		return reply{}, err
	}
	vs, next, err := a.Messaging.Items(r.Context(), r.caller.Person, q)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.Item]{Items: make([]wire.Item, 0, len(vs)), Next: cursorFor(list, next)}
	for _, v := range vs {
		page.Items = append(page.Items, itemForm(v))
	}
	return reply{status: http.StatusOK, body: page}, nil
}

// itemQuery reads the filters of a list of items, and gives the list's name for its cursors.
func itemQuery(r *request) (q messaging.ItemQuery, list string, err error) {
	if q.Limit, err = limit(r); err != nil {
		return q, "", err
	}
	for _, name := range itemFilters[:7] {
		if e := desk.CheckText("query."+name, r.query.Get(name), maxQuery); e != nil {
			return q, "", e
		}
	}
	get := r.query.Get
	q.Kind, q.State, q.Assignee, q.Follower = desk.ItemKind(get("kind")), get("state"), get("assignee"), get("follower")
	q.Tag, q.Project, q.Words = desk.Tag(get("tag")), get("project"), desk.Words(get("query"))
	if len(q.Words) > maxItemWords {
		return q, "", desk.Invalid("query.query", "search for at most 12 words")
	}
	switch q.Kind {
	case "", desk.Ticket, desk.Task:
	default:
		return q, "", desk.Invalid("query.kind", "a kind is ticket or task")
	}
	switch q.State {
	case "", messaging.Active, string(desk.ItemOpen), string(desk.ItemWaiting), string(desk.ItemDone):
	default:
		return q, "", desk.Invalid("query.state", "a state is open, waiting, done or active")
	}
	list = "items"
	if text := get("due"); text != "" {
		at, e := time.Parse(time.RFC3339Nano, text)
		if e != nil || at.UnixMilli() <= 0 {
			return q, "", desk.Invalid("query.due", "a time must be like 2026-11-22T10:00:00.000Z")
		}
		q.DueBefore, list = at.UnixMilli(), "items due"
	}
	q.Cursor, err = cursorOf(r, list)
	return q, list, err
}

// maxItemWords bounds what one list of items is searched for.
const maxItemWords = 12

func (a *API) item(_ http.ResponseWriter, r *request) (reply, error) {
	return spellItem(a.Messaging.Item(r.Context(), r.caller.Person, r.id("id")))
}

func (a *API) addItem(w http.ResponseWriter, r *request) (reply, error) {
	var in wire.NewItem
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	n := messaging.NewItem{Key: in.Key, Follows: in.Followers, Conversation: in.Conversation,
		Item: desk.Item{Kind: desk.ItemKind(in.Kind), Title: in.Title, Description: in.Description,
			State: desk.ItemState(cmp.Or(in.State, string(desk.ItemOpen))), Assignee: in.Assignee, Tags: in.Tags, Project: in.Project}}
	if in.Due != nil {
		n.Item.Due = in.Due.UnixMilli()
	}
	if len(in.Followers) > desk.MaxFollowers {
		return reply{}, desk.Invalid("body.followers", "an item has at most 5,000 followers")
	}
	v, made, err := a.Messaging.AddItem(r.Context(), r.caller.Person, n)
	if err != nil {
		return reply{}, err
	}
	return reply{status: madeStatus(made), body: itemForm(v)}, nil
}

type itemChange struct {
	Kind        *desk.ItemKind  `json:"kind"`
	Title       *string         `json:"title"`
	Description *string         `json:"description"`
	State       *desk.ItemState `json:"state"`
	Assignee    json.RawMessage `json:"assignee"`
	Due         json.RawMessage `json:"due"`
	Tags        *[]string       `json:"tags"`
	Project     *string         `json:"project"`
	Muted       *bool           `json:"muted"`
	// Version is the one that was known: what others changed since is not changed over.
	Version *int64 `json:"version"`
}

func (a *API) patchItem(w http.ResponseWriter, r *request) (reply, error) {
	var in itemChange
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	p := messaging.ItemPatch{Kind: in.Kind, Title: in.Title, Description: in.Description, State: in.State, Tags: in.Tags, Project: in.Project,
		Muted: in.Muted, Version: in.Version}
	var err error
	if p.Assignee, err = idOrNull("body.assignee", in.Assignee); err != nil {
		return reply{}, err
	}
	if p.Due, err = momentOrNull("body.due", in.Due); err != nil {
		return reply{}, err
	}
	return spellItem(a.Messaging.PatchItem(r.Context(), r.caller.Person, r.id("id"), p))
}

// idOrNull reads the id of a user: nil where none was given, empty for null.
func idOrNull(location string, raw json.RawMessage) (*string, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var id *string
	if err := json.Unmarshal(raw, &id); err != nil || id != nil && *id == "" {
		return nil, desk.Invalid(location, "an assignee is the id of a user, or null")
	}
	if id == nil {
		id = new(string)
	}
	return id, nil
}

// momentOrNull reads a time: nil where none was given, 0 for null.
func momentOrNull(location string, raw json.RawMessage) (*int64, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var at *wire.Time
	if err := json.Unmarshal(raw, &at); err != nil {
		return nil, desk.Invalid(location, "a time must be like 2026-11-22T10:00:00.000Z, or null")
	}
	ms := int64(0)
	if at != nil {
		if ms = at.UnixMilli(); ms <= 0 || ms > desk.Latest {
			return nil, desk.Invalid(location, "a time is after 1970 and has a year of four digits")
		}
	}
	return &ms, nil
}

type newFollower struct {
	// History is what a customer sees of the item's conversation with customers: from-now (also where none is given) or all.
	History string `json:"history"`
}

type newFollowers struct {
	People  []string `json:"people"`
	History string   `json:"history"`
}

func wholeHistory(text string) (bool, error) {
	if text != "" && text != "all" && text != "from-now" {
		return false, desk.Invalid("body.history", "a history is all or from-now")
	}
	return text == "all", nil
}

func (a *API) addFollower(w http.ResponseWriter, r *request) (reply, error) {
	var in newFollower
	if r.ContentLength != 0 {
		if err := decode(w, r, &in); err != nil {
			return reply{}, err
		}
	}
	whole, err := wholeHistory(in.History)
	if err != nil {
		return reply{}, err
	}
	return spellItem(a.Messaging.Follow(r.Context(), r.caller.Person, r.id("id"), []string{r.id("person")}, whole))
}

func (a *API) addFollowers(w http.ResponseWriter, r *request) (reply, error) {
	var in newFollowers
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	whole, err := wholeHistory(in.History)
	if err != nil {
		return reply{}, err
	}
	if len(in.People) > desk.MaxFollowers {
		return reply{}, desk.Invalid("body.people", "an item has at most 5,000 followers")
	}
	return spellItem(a.Messaging.Follow(r.Context(), r.caller.Person, r.id("id"), in.People, whole))
}

func (a *API) removeFollower(_ http.ResponseWriter, r *request) (reply, error) {
	if err := a.Messaging.Unfollow(r.Context(), r.caller.Person, r.id("id"), r.id("person")); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

func (a *API) itemChanges(_ http.ResponseWriter, r *request) (reply, error) {
	n, err := limit(r)
	if err != nil {
		return reply{}, err
	}
	before, err := queryNumber(r, "before", 0)
	if err != nil {
		return reply{}, err
	}
	list, err := a.Messaging.ItemChanges(r.Context(), r.caller.Person, r.id("id"), before, n)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.ItemChange]{Items: make([]wire.ItemChange, 0, len(list))}
	for _, c := range list {
		out := wire.ItemChange{Version: c.Version, Actor: c.Actor, At: wire.Millis(c.At), Changes: make([]wire.FieldChange, 0, len(c.Changes))}
		for _, f := range c.Changes {
			if f.Field == "due" {
				f.From, f.To = momentText(f.From), momentText(f.To)
			}
			out.Changes = append(out.Changes, wire.FieldChange(f))
		}
		page.Items = append(page.Items, out)
	}
	return reply{status: http.StatusOK, body: page}, nil
}

// momentText spells a recorded moment as the contract does.
func momentText(ms string) string {
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		return ""
	}
	return wire.Millis(n).UTC().Format(wire.TimeForm)
}

func (a *API) linkConversation(_ http.ResponseWriter, r *request) (reply, error) {
	return spellItem(a.Messaging.Link(r.Context(), r.caller.Person, r.id("id"), r.id("conversation")))
}

func (a *API) unlinkConversation(_ http.ResponseWriter, r *request) (reply, error) {
	return spellItem(a.Messaging.Unlink(r.Context(), r.caller.Person, r.id("id"), r.id("conversation")))
}

func (a *API) listTags(_ http.ResponseWriter, r *request) (reply, error) {
	n, err := limit(r)
	if err != nil {
		return reply{}, err
	}
	if e := desk.CheckText("query.query", r.query.Get("query"), maxQuery); e != nil {
		return reply{}, e
	}
	after, err := cursorOf(r, "tags")
	if err != nil {
		return reply{}, err
	}
	tags, err := a.Messaging.FindTags(r.Context(), r.caller.Person, r.query.Get("query"), after, n+1)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[string]{Items: append([]string{}, tags...)}
	if len(tags) > n {
		page.Items, page.Next = page.Items[:n], cursorFor("tags", tags[n-1])
	}
	return reply{status: http.StatusOK, body: page}, nil
}
