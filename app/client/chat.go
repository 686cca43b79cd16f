package client

import (
	"context"

	"recado/app/client/remote"
	"recado/app/client/sync"
)

// Chats lists who is connected to the live chat, in no order; without the server nobody knows, and nobody is told.
func (c *Client) Chats() []Chat {
	if _, engine := c.running(); engine != nil {
		return engine.Chats()
	}
	return []Chat{}
}

// MergeVisitor says that an unverified visitor is a customer, who then stands wherever the visitor does, with the whole
// history. It gives the visitor as they are afterwards. Needs the server; code merged where they were found to be
// somebody else before.
func (c *Client) MergeVisitor(ctx context.Context, visitor, customer string) (p Person, err error) {
	err = c.online(func(r *remote.Remote) error {
		if p, err = r.MergeVisitor(ctx, visitor, customer); err != nil {
			return err
		}
		return c.apply(ctx, sync.Entry{Person: &p})
	})
	return p, err
}

// Sites lists the web sites with the live chat. Needs the server.
func (c *Client) Sites(ctx context.Context) (sites []Site, err error) {
	err = c.online(func(r *remote.Remote) error {
		sites, err = r.Sites(ctx)
		return err
	})
	return sites, err
}

// AddSite adds a web site by all that is set in p, and gives it with its secret, once. Needs the server, and to be an admin.
func (c *Client) AddSite(ctx context.Context, p SitePatch) (s Site, err error) {
	err = c.online(func(r *remote.Remote) error {
		s, err = r.AddSite(ctx, p)
		return err
	})
	return s, err
}

// ChangeSite changes a web site, and gives it with its secret where that is a new one. Needs the server, and to be an admin.
func (c *Client) ChangeSite(ctx context.Context, id string, p SitePatch) (s Site, err error) {
	err = c.online(func(r *remote.Remote) error {
		s, err = r.ChangeSite(ctx, id, p)
		return err
	})
	return s, err
}
