package bind

import (
	"context"

	"recado/app/client"
)

// Contacts is the people one can write to.
type Contacts struct{ host *Host }

// List gives people from the cache by the beginnings of words, accents folded; kind is user, customer or empty for both.
func (c *Contacts) List(query, kind string) ([]client.Person, error) {
	people, err := c.host.Client.People(context.Background(), query, kind)
	return filled(people), err
}

// Get gives one person; code not-found where nobody with this id is cached.
func (c *Contacts) Get(id string) (client.Person, error) {
	return c.host.Client.Person(context.Background(), id)
}

// Failing lists the ids of those to whom the last mail did not arrive, as far as it was told here.
func (c *Contacts) Failing() ([]string, error) {
	people, err := c.host.Client.Failing(context.Background())
	return filled(people), err
}

// AddCustomer adds somebody outside the team. Needs the server.
func (c *Contacts) AddCustomer(name, email string) (client.Person, error) {
	return c.host.Client.AddCustomer(context.Background(), name, email)
}

// Chats lists who is connected to the live chat; nobody while the server can't be reached.
func (c *Contacts) Chats() ([]client.Chat, error) {
	return c.host.Client.Chats(), nil
}

// Merge says that an unverified visitor is a customer, who then stands wherever the visitor does, with the whole history.
// Needs the server.
func (c *Contacts) Merge(visitor, customer string) (client.Person, error) {
	return c.host.Client.MergeVisitor(context.Background(), visitor, customer)
}

// Invite adds a user and gives the one-time link to hand over. Needs the server, and to be an admin.
func (c *Contacts) Invite(name, email, role string) (client.Invitation, error) {
	return c.host.Client.Invite(context.Background(), name, email, role)
}

// Search finds messages in the cache.
type Search struct{ host *Host }

// Find searches everything cached, newest first, online or not.
func (s *Search) Find(query string, limit int) ([]client.SearchHit, error) {
	hits, err := s.host.Client.Find(context.Background(), query, limit)
	return filled(hits), err
}
