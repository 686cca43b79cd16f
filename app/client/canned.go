package client

import (
	"context"

	"recado/app/client/remote"
)

// CannedAnswers lists from the cache what the team answers often, by name.
func (c *Client) CannedAnswers(ctx context.Context) ([]CannedAnswer, error) {
	return c.store().CannedAnswers(ctx)
}

// onCanned runs a call that changes the canned answers, and reads them anew.
func (c *Client) onCanned(ctx context.Context, call func(*remote.Remote) error) error {
	if err := c.online(call); err != nil {
		return err
	}
	if _, engine := c.running(); engine != nil {
		engine.ReadCanned(ctx)
	}
	return nil
}

// AddCanned adds a canned answer for the whole team. Needs the server; code name-taken where there is one of that name.
func (c *Client) AddCanned(ctx context.Context, name, body string) (a CannedAnswer, err error) {
	err = c.onCanned(ctx, func(r *remote.Remote) error {
		a, err = r.AddCanned(ctx, name, body)
		return err
	})
	return a, err
}

// ChangeCanned changes one as it was shown. Needs the server; code changed-meanwhile where somebody else changed it since.
func (c *Client) ChangeCanned(ctx context.Context, id string, version int64, name, body string) (a CannedAnswer, err error) {
	err = c.onCanned(ctx, func(r *remote.Remote) error {
		a, err = r.ChangeCanned(ctx, id, version, name, body)
		return err
	})
	return a, err
}

// RemoveCanned removes one for the whole team. Needs the server.
func (c *Client) RemoveCanned(ctx context.Context, id string) error {
	return c.onCanned(ctx, func(r *remote.Remote) error { return r.RemoveCanned(ctx, id) })
}
