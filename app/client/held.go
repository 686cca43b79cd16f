package client

import (
	"context"
	"io"

	"recado/app/client/remote"
)

// Held lists mails that wait for an agent, newest first, from the cursor on. Needs the server, as all about them.
func (c *Client) Held(ctx context.Context, cursor string) (p HeldPage, err error) {
	err = c.online(func(r *remote.Remote) error {
		p, err = r.Held(ctx, cursor)
		return err
	})
	return p, err
}

// OpenHeld reads a held mail with what is needed to decide on it.
func (c *Client) OpenHeld(ctx context.Context, id string) (m OpenedMail, err error) {
	err = c.online(func(r *remote.Remote) error {
		m, err = r.OpenHeld(ctx, id)
		return err
	})
	return m, err
}

// AcceptHeld posts a held mail as what it says it is, and tells where.
func (c *Client) AcceptHeld(ctx context.Context, id string) (p Placement, err error) {
	err = c.online(func(r *remote.Remote) error {
		p, err = r.AcceptHeld(ctx, id)
		return err
	})
	return p, err
}

// AssignHeld posts a held mail into a conversation with customers or, where that is empty, as the beginning of a
// customer's.
func (c *Client) AssignHeld(ctx context.Context, id, conversation, customer string) (p Placement, err error) {
	err = c.online(func(r *remote.Remote) error {
		p, err = r.AssignHeld(ctx, id, conversation, customer)
		return err
	})
	return p, err
}

// DiscardHeld ends the waiting of a mail; RestoreHeld takes that back.
func (c *Client) DiscardHeld(ctx context.Context, id string) error {
	return c.online(func(r *remote.Remote) error { return r.DiscardHeld(ctx, id) })
}

// RestoreHeld lets a mail that was discarded wait again.
func (c *Client) RestoreHeld(ctx context.Context, id string) error {
	return c.online(func(r *remote.Remote) error { return r.RestoreHeld(ctx, id) })
}

// RawHeld opens a held mail as it came; the caller closes it.
func (c *Client) RawHeld(ctx context.Context, id string) (content io.ReadCloser, err error) {
	err = c.online(func(r *remote.Remote) error {
		content, err = r.RawMail(ctx, id)
		return err
	})
	return content, err
}

// MailState tells how the team's mail does.
func (c *Client) MailState(ctx context.Context) (s MailState, err error) {
	err = c.online(func(r *remote.Remote) error {
		s, err = r.MailState(ctx)
		return err
	})
	return s, err
}

// MailAddresses lists the team's addresses, its own first, and what mails to them open.
func (c *Client) MailAddresses(ctx context.Context) (list []TeamAddress, err error) {
	err = c.online(func(r *remote.Remote) error {
		list, err = r.MailAddresses(ctx)
		return err
	})
	return list, err
}

// SetMailAddress says what mails to an address of the team's open: conversation, ticket, or (empty, for one with a tag)
// what those to its own do. Needs to be an admin; code invalid for an address that is not the team's.
func (c *Client) SetMailAddress(ctx context.Context, address, opens string) error {
	return c.online(func(r *remote.Remote) error { return r.SetMailAddress(ctx, address, opens) })
}

// BeginMailTest sends a mail on each way, which is to come in again. Needs to be an admin; code too-often a moment after another.
func (c *Client) BeginMailTest(ctx context.Context) (t MailTest, err error) {
	err = c.online(func(r *remote.Remote) error {
		t, err = r.BeginMailTest(ctx)
		return err
	})
	return t, err
}

// MailTest tells how a test goes on.
func (c *Client) MailTest(ctx context.Context, id string) (t MailTest, err error) {
	err = c.online(func(r *remote.Remote) error {
		t, err = r.MailTest(ctx, id)
		return err
	})
	return t, err
}
