package client

import (
	"context"
	"time"

	"recado/app/client/remote"
	"recado/app/client/sync"
)

// Items lists tickets and tasks from the cache; cursor is empty or the Next of the page before.
func (c *Client) Items(ctx context.Context, f ItemFilter, cursor string, limit int) (ItemPage, error) {
	return c.store().Items(ctx, f, cursor, limit)
}

// Item gives one item from the cache; code not-found where it is not there.
func (c *Client) Item(ctx context.Context, id string) (Item, error) { return c.store().Item(ctx, id) }

// ItemConversations gives an item's conversations from the cache, the team's first.
func (c *Client) ItemConversations(ctx context.Context, item string) ([]Conversation, error) {
	return c.store().ItemConversations(ctx, item)
}

// onItem runs a call that changes an item at the server, and stores what it answers.
func (c *Client) onItem(ctx context.Context, call func(*remote.Remote) (Item, error)) (i Item, err error) {
	err = c.online(func(r *remote.Remote) error {
		if i, err = call(r); err != nil {
			return err
		}
		return c.apply(ctx, sync.Entry{Item: &i})
	})
	return i, err
}

// AddItem makes an item. Needs the server; the same key again makes it once.
func (c *Client) AddItem(ctx context.Context, n NewItem) (Item, error) {
	return c.onItem(ctx, func(r *remote.Remote) (Item, error) { return r.AddItem(ctx, n) })
}

// ChangeItem changes an item. Needs the server; changed-meanwhile where others changed the same.
func (c *Client) ChangeItem(ctx context.Context, id string, p ItemPatch) (Item, error) {
	return c.onItem(ctx, func(r *remote.Remote) (Item, error) { return r.PatchItem(ctx, id, p) })
}

// Follow adds followers ("all" or "from-now" is what customers among them see). Needs the server.
func (c *Client) Follow(ctx context.Context, id string, people []string, history string) (Item, error) {
	return c.onItem(ctx, func(r *remote.Remote) (Item, error) { return r.Follow(ctx, id, people, history) })
}

// Unfollow removes a follower. Needs the server.
func (c *Client) Unfollow(ctx context.Context, id, person string) (Item, error) {
	return c.onItem(ctx, func(r *remote.Remote) (Item, error) {
		if err := r.Unfollow(ctx, id, person); err != nil {
			return Item{}, err
		}
		return r.Item(ctx, id)
	})
}

// LinkConversation makes a conversation with customers the item's. Needs the server.
func (c *Client) LinkConversation(ctx context.Context, id, conversation string) (Item, error) {
	return c.onItem(ctx, func(r *remote.Remote) (Item, error) { return r.Link(ctx, id, conversation) })
}

// UnlinkConversation lets it stand by itself again. Needs the server.
func (c *Client) UnlinkConversation(ctx context.Context, id, conversation string) (Item, error) {
	return c.onItem(ctx, func(r *remote.Remote) (Item, error) { return r.Unlink(ctx, id, conversation) })
}

// ItemChanges tells who changed what of an item before a version (0: the newest), newest first. Needs the server.
func (c *Client) ItemChanges(ctx context.Context, id string, before int64, limit int) (list []ItemChange, err error) {
	err = c.online(func(r *remote.Remote) error {
		list, err = r.ItemChanges(ctx, id, before, min(max(limit, 1), 200))
		return err
	})
	return list, err
}

// Tags lists tags in use by their beginning. Needs the server.
func (c *Client) Tags(ctx context.Context, beginning string) (tags []string, err error) {
	err = c.online(func(r *remote.Remote) error {
		tags, err = r.Tags(ctx, beginning)
		return err
	})
	return tags, err
}

// SendAbout writes into an item's conversation of a kind, through the outbox; the first message makes it. Key as in Create.
func (c *Client) SendAbout(ctx context.Context, key, item, kind, body string, files, mentions []string) (m Message, err error) {
	if kind != sync.Internal && kind != sync.WithCustomer {
		return m, &Error{Code: sync.CodeInvalid, Message: "A conversation is internal or with customers."}
	}
	i, err := c.store().Item(ctx, item)
	if err != nil {
		return m, err
	}
	rooms, err := c.store().ItemConversations(ctx, item)
	if err != nil {
		return m, err
	}
	for _, v := range rooms {
		if v.Kind == kind {
			return c.Send(ctx, key, v.ID, body, files, mentions)
		}
	}
	return c.enqueue(ctx, sync.Outgoing{Key: key, Create: true, Kind: kind, Item: i.ID, Body: body, Mentions: mentions}, files)
}

// Snooze lets a conversation sleep until a moment, until an answer ("answer"), or no longer (empty): here at once, at the
// server when it can be reached.
func (c *Client) Snooze(ctx context.Context, conversation, until string) error {
	if until == "answer" {
		until = sync.UntilAnswer
	}
	if until != "" {
		at, err := time.Parse(time.RFC3339Nano, until)
		if err != nil || at.Year() > 9999 {
			return &Error{Code: sync.CodeInvalid, Message: "This is not a moment to wake at."}
		}
		until = at.UTC().Format(sync.TimeForm)
	}
	if err := c.store().Snooze(ctx, sync.Snooze{Conversation: conversation, Until: until}); err != nil {
		return err
	}
	c.tellConversation(ctx, conversation)
	c.nudge()
	return nil
}

// onConversation runs a call that changes a conversation at the server, and stores and gives what it answers.
func (c *Client) onConversation(ctx context.Context, call func(*remote.Remote) (Conversation, error)) (v Conversation, err error) {
	err = c.online(func(r *remote.Remote) error {
		changed, err := call(r)
		if err != nil {
			return err
		}
		if err := c.apply(ctx, sync.Entry{Conversation: &changed}); err != nil {
			return err
		}
		v, err = c.store().Conversation(ctx, changed.ID)
		return err
	})
	return v, err
}

// Assign gives a conversation with customers to a user to look after; empty: to nobody. Needs the server.
func (c *Client) Assign(ctx context.Context, conversation, user string) (Conversation, error) {
	return c.onConversation(ctx, func(r *remote.Remote) (Conversation, error) { return r.Assign(ctx, conversation, user) })
}

// Merge lets a conversation with customers lead to another, and gives that one. Needs the server.
func (c *Client) Merge(ctx context.Context, source, target string) (Conversation, error) {
	return c.onConversation(ctx, func(r *remote.Remote) (Conversation, error) { return r.Merge(ctx, source, target) })
}

// Unmerge undoes it. Needs the server.
func (c *Client) Unmerge(ctx context.Context, source string) (Conversation, error) {
	return c.onConversation(ctx, func(r *remote.Remote) (Conversation, error) { return r.Unmerge(ctx, source) })
}

// Move puts another customer in the place of one, who sees all of it or what comes from now on. Needs the server.
func (c *Client) Move(ctx context.Context, conversation, from, to, history string) (Conversation, error) {
	return c.onConversation(ctx, func(r *remote.Remote) (Conversation, error) { return r.Move(ctx, conversation, from, to, history) })
}

// Split begins a conversation of its own with a copy of a message. Needs the server; the same key again makes it once.
func (c *Client) Split(ctx context.Context, message, key, subject string) (Conversation, error) {
	return c.onConversation(ctx, func(r *remote.Remote) (Conversation, error) { return r.Split(ctx, message, key, subject) })
}
