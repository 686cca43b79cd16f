package remote

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"recado/app/client/sync"
	"recado/app/wire"
)

func item(i wire.Item) sync.Item {
	return sync.Item{ID: i.ID, Number: i.Number, Kind: i.Kind, Title: i.Title, Description: i.Description, State: i.State, Assignee: i.Assignee,
		Due: stampOrNone(i.Due), Tags: i.Tags, Project: i.Project, Followers: i.Followers, Author: i.Author, CreatedAt: stamp(i.CreatedAt),
		ChangedAt: stamp(i.ChangedAt), Muted: i.Muted, Version: i.Version, Truncated: i.Truncated}
}

func (r *Remote) item(ctx context.Context, method, path string, body any) (sync.Item, error) {
	var i wire.Item
	err := r.call(ctx, method, "/items"+path, body, &i)
	return item(i), err
}

// Item fetches one item.
func (r *Remote) Item(ctx context.Context, id string) (sync.Item, error) {
	return r.item(ctx, http.MethodGet, "/"+seg(id), nil)
}

// AddItem makes an item; the same key answers with the same item.
func (r *Remote) AddItem(ctx context.Context, n sync.NewItem) (sync.Item, error) {
	body := map[string]any{"key": n.Key, "kind": n.Kind, "title": n.Title, "description": n.Description, "tags": n.Tags, "project": n.Project, "followers": n.Followers}
	for name, v := range map[string]string{"assignee": n.Assignee, "due": n.Due, "conversation": n.Conversation} {
		if v != "" {
			body[name] = v
		}
	}
	return r.item(ctx, http.MethodPost, "", body)
}

// PatchItem changes an item.
func (r *Remote) PatchItem(ctx context.Context, id string, p sync.ItemPatch) (sync.Item, error) {
	body := map[string]any{}
	text := func(name string, v *string, mayBeNull bool) {
		if v != nil {
			body[name] = *v
			if mayBeNull && *v == "" {
				body[name] = nil
			}
		}
	}
	text("kind", p.Kind, false)
	text("title", p.Title, false)
	text("description", p.Description, false)
	text("state", p.State, false)
	text("assignee", p.Assignee, true)
	text("due", p.Due, true)
	text("project", p.Project, false)
	if p.Tags != nil {
		body["tags"] = append([]string{}, *p.Tags...)
	}
	if p.Muted != nil {
		body["muted"] = *p.Muted
	}
	if p.Version != nil {
		body["version"] = *p.Version
	}
	return r.item(ctx, http.MethodPatch, "/"+seg(id), body)
}

// Follow adds followers; a customer among them sees all of what was written to customers, or what comes from now on.
func (r *Remote) Follow(ctx context.Context, id string, people []string, history string) (sync.Item, error) {
	return r.item(ctx, http.MethodPost, "/"+seg(id)+"/followers", map[string]any{"people": people, "history": history})
}

// Unfollow removes a follower.
func (r *Remote) Unfollow(ctx context.Context, id, who string) error {
	return r.call(ctx, http.MethodDelete, "/items/"+seg(id)+"/followers/"+seg(who), nil, nil)
}

// Link makes a conversation with customers the item's; Unlink lets it stand by itself again.
func (r *Remote) Link(ctx context.Context, id, conversation string) (sync.Item, error) {
	return r.item(ctx, http.MethodPut, "/"+seg(id)+"/conversations/"+seg(conversation), nil)
}

// Unlink lets the item's conversation with customers stand by itself.
func (r *Remote) Unlink(ctx context.Context, id, conversation string) (sync.Item, error) {
	return r.item(ctx, http.MethodDelete, "/"+seg(id)+"/conversations/"+seg(conversation), nil)
}

// ItemChanges tells who changed what of an item before a version (0: the newest), newest first.
func (r *Remote) ItemChanges(ctx context.Context, id string, before int64, limit int) ([]sync.ItemChange, error) {
	var page wire.Page[wire.ItemChange]
	err := r.call(ctx, http.MethodGet, "/items/"+seg(id)+"/changes?before="+strconv.FormatInt(before, 10)+"&limit="+strconv.Itoa(limit), nil, &page)
	out := make([]sync.ItemChange, len(page.Items))
	for i, c := range page.Items {
		out[i] = sync.ItemChange{Version: c.Version, Actor: c.Actor, At: stamp(c.At), Changes: make([]sync.FieldChange, len(c.Changes))}
		for n, f := range c.Changes {
			out[i].Changes[n] = sync.FieldChange(f)
		}
	}
	return out, err
}

// Tags lists tags in use by their beginning.
func (r *Remote) Tags(ctx context.Context, beginning string) ([]string, error) {
	var page wire.Page[string]
	err := r.call(ctx, http.MethodGet, "/tags?limit=50&query="+url.QueryEscape(beginning), nil, &page)
	return append([]string{}, page.Items...), err
}

// TellSnooze puts a conversation to sleep, or wakes it.
func (r *Remote) TellSnooze(ctx context.Context, s sync.Snooze) error {
	body := map[string]any{"snoozedUntil": nil}
	switch s.Until {
	case "":
	case sync.UntilAnswer:
		body = map[string]any{"snoozedUntilAnswer": true}
	default:
		body["snoozedUntil"] = s.Until
	}
	return r.call(ctx, http.MethodPatch, "/conversations/"+seg(s.Conversation), body, nil)
}

// Assign gives a conversation with customers to a user to look after; empty: to nobody.
func (r *Remote) Assign(ctx context.Context, id, user string) (sync.Conversation, error) {
	body := map[string]any{"assignee": nil}
	if user != "" {
		body["assignee"] = user
	}
	return r.conversation(ctx, http.MethodPatch, "/conversations/"+seg(id), body)
}

// Merge lets a conversation with customers lead to another, and gives that one.
func (r *Remote) Merge(ctx context.Context, source, target string) (sync.Conversation, error) {
	return r.conversation(ctx, http.MethodPost, "/conversations/"+seg(source)+"/merge", map[string]string{"into": target})
}

// Unmerge undoes it, and gives the conversation that stands by itself again.
func (r *Remote) Unmerge(ctx context.Context, source string) (sync.Conversation, error) {
	return r.conversation(ctx, http.MethodDelete, "/conversations/"+seg(source)+"/merge", nil)
}

// Move puts another customer in the place of one.
func (r *Remote) Move(ctx context.Context, id, from, to, history string) (sync.Conversation, error) {
	return r.conversation(ctx, http.MethodPost, "/conversations/"+seg(id)+"/move", map[string]string{"from": from, "to": to, "history": history})
}

// Split begins a conversation of its own with a copy of a message; the same key answers with the same one.
func (r *Remote) Split(ctx context.Context, message, key, subject string) (sync.Conversation, error) {
	return r.conversation(ctx, http.MethodPost, "/messages/"+seg(message)+"/split", map[string]string{"key": key, "subject": subject})
}
