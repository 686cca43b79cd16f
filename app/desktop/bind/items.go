package bind

import (
	"context"

	"recado/app/client"
)

// Items is tickets and tasks. Reading never needs the network; changing them does, but what is written about them waits
// in the outbox as every message.
type Items struct{ host *Host }

func (s *Items) client() (context.Context, *client.Client) {
	return context.Background(), s.host.Client
}

// List gives a page of items from the cache, the newest first; of those due, the soonest first.
func (s *Items) List(filter client.ItemFilter, cursor string, limit int) (client.ItemPage, error) {
	ctx, desk := s.client()
	page, err := desk.Items(ctx, filter, cursor, limit)
	page.Items = filled(page.Items)
	return page, err
}

// Get gives an item; code not-found where it is not cached.
func (s *Items) Get(id string) (client.Item, error) {
	ctx, desk := s.client()
	return desk.Item(ctx, id)
}

// Conversations gives an item's conversations, the team's first.
func (s *Items) Conversations(item string) ([]client.Conversation, error) {
	ctx, desk := s.client()
	list, err := desk.ItemConversations(ctx, item)
	return filled(list), err
}

// Create makes an item. Needs the server.
func (s *Items) Create(item client.NewItem) (client.Item, error) {
	ctx, desk := s.client()
	return desk.AddItem(ctx, item)
}

// Change changes an item; refused with changed-meanwhile where somebody else changed the same since the version given.
// Needs the server.
func (s *Items) Change(id string, patch client.ItemPatch) (client.Item, error) {
	ctx, desk := s.client()
	return desk.ChangeItem(ctx, id, patch)
}

// Changes tells who changed what before a version (0: the newest), newest first. Needs the server.
func (s *Items) Changes(id string, before int64, limit int) ([]client.ItemChange, error) {
	ctx, desk := s.client()
	list, err := desk.ItemChanges(ctx, id, before, limit)
	return filled(list), err
}

// Follow adds followers; customers among them see all of what was written to customers, or what comes from now on. Needs
// the server.
func (s *Items) Follow(id string, people []string, history string) (client.Item, error) {
	ctx, desk := s.client()
	return desk.Follow(ctx, id, people, history)
}

// Unfollow removes a follower. Needs the server.
func (s *Items) Unfollow(id, person string) (client.Item, error) {
	ctx, desk := s.client()
	return desk.Unfollow(ctx, id, person)
}

// Link makes a conversation with customers the item's. Needs the server.
func (s *Items) Link(id, conversation string) (client.Item, error) {
	ctx, desk := s.client()
	return desk.LinkConversation(ctx, id, conversation)
}

// Unlink lets it stand by itself again. Needs the server.
func (s *Items) Unlink(id, conversation string) (client.Item, error) {
	ctx, desk := s.client()
	return desk.UnlinkConversation(ctx, id, conversation)
}

// Tags lists tags in use by their beginning. Needs the server.
func (s *Items) Tags(beginning string) ([]string, error) {
	ctx, desk := s.client()
	tags, err := desk.Tags(ctx, beginning)
	return filled(tags), err
}

// Send writes into the item's conversation of a kind, internal or customer, through the outbox; the first makes it.
func (s *Items) Send(key, item, kind, body string, files, mentions []string) (client.Message, error) {
	ctx, desk := s.client()
	return desk.SendAbout(ctx, key, item, kind, body, files, mentions)
}
