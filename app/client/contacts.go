package client

import (
	"context"
	"io"

	"recado/app/client/remote"
	"recado/app/client/sync"
)

// People lists people from the cache by the beginnings of words, accents and case aside; kind is user, customer or empty.
func (c *Client) People(ctx context.Context, query, kind string) ([]Person, error) {
	people, err := c.store().People(ctx, query, kind)
	for i := range people {
		people[i] = c.withPresence(people[i])
	}
	return people, err
}

// Person gives one person from the cache; code not-found where nobody with this id is there.
func (c *Client) Person(ctx context.Context, id string) (Person, error) {
	p, err := c.store().Person(ctx, id)
	return c.withPresence(p), err
}

// AddCustomer adds somebody outside the team, by name and address. Needs the server.
func (c *Client) AddCustomer(ctx context.Context, name, email string) (p Person, err error) {
	err = c.online(func(r *remote.Remote) error {
		if p, err = r.AddCustomer(ctx, name, email); err != nil {
			return err
		}
		return c.apply(ctx, sync.Entry{Person: &p})
	})
	return p, err
}

func (c *Client) withPresence(p Person) Person {
	if _, engine := c.running(); engine != nil {
		p.Presence = engine.Presence(p.ID)
	}
	return p
}

// Find searches everything cached for all words of query, newest first.
func (c *Client) Find(ctx context.Context, query string, limit int) ([]SearchHit, error) {
	return c.store().Find(ctx, query, limit)
}

// BeginFile begins handing over a file of size bytes, which is sent with the message that will carry it.
func (c *Client) BeginFile(ctx context.Context, name string, size int64) (id string, err error) {
	id = c.opts.NewID()
	return id, c.store().BeginFile(ctx, id, name, size)
}

// AppendFile adds a chunk to a file that was begun.
func (c *Client) AppendFile(ctx context.Context, id string, chunk []byte) error {
	return c.store().AppendFile(ctx, id, chunk)
}

// FinishFile checks that a file is whole; afterwards it may be sent, also after a restart.
func (c *Client) FinishFile(ctx context.Context, id string) (FileRef, error) {
	return c.store().FinishFile(ctx, id)
}

// OpenFile opens a file for reading: one that waits here, or an attachment at the server. The caller closes it.
func (c *Client) OpenFile(ctx context.Context, id string) (content io.ReadCloser, f FileRef, err error) {
	f, pending, err := c.store().File(ctx, id)
	if err != nil {
		return nil, f, err
	}
	if pending {
		content, err = c.store().OpenPending(id)
		return content, f, err
	}
	err = c.online(func(r *remote.Remote) error {
		content, err = r.Download(ctx, id)
		return err
	})
	return content, f, err
}
