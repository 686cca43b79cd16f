package client

import (
	"context"
	"errors"
	"io"
	"slices"

	"recado/app/client/remote"
)

// Mail gives the mail that became a message: from the cache where it was seen before, else from the server, and then it
// is kept.
func (c *Client) Mail(ctx context.Context, message string) (m Mail, err error) {
	if m, err = c.store().Mail(ctx, message); err == nil {
		return m, nil
	}
	err = c.online(func(r *remote.Remote) error {
		m, err = r.Mail(ctx, message)
		return err
	})
	if err != nil {
		return m, err
	}
	if err := c.store().PutMail(ctx, m); err != nil {
		c.opts.Logger.Warn("keep a mail", "error", err)
	}
	return m, nil
}

// RawMail opens the mail that became a message as it came; the caller closes it. Needs the server.
func (c *Client) RawMail(ctx context.Context, message string) (content io.ReadCloser, m Mail, err error) {
	if m, err = c.Mail(ctx, message); err != nil {
		return nil, m, err
	}
	err = c.online(func(r *remote.Remote) error {
		content, err = r.RawMail(ctx, m.ID)
		return err
	})
	return content, m, err
}

// Recipients tells who would get a message written now, and how. Needs the server.
func (c *Client) Recipients(ctx context.Context, conversation string) (list []Recipient, err error) {
	err = c.online(func(r *remote.Remote) error {
		list, err = r.Recipients(ctx, conversation)
		return err
	})
	return list, err
}

// Ledger gives from the cache what is known of what became, outside the app, of the messages of a conversation with
// numbers from and up to, those included.
func (c *Client) Ledger(ctx context.Context, conversation string, from, upTo int64) ([]Delivery, error) {
	return c.store().Deliveries(ctx, conversation, from, upTo)
}

// Failing lists the ids of people to whom the last mail did not arrive, as far as it was told here.
func (c *Client) Failing(ctx context.Context) ([]string, error) { return c.store().Failing(ctx) }

// RecordBubbles keeps what was decided about telling the reader of messages, for Why.
func (c *Client) RecordBubbles(ctx context.Context, list []Bubble) error {
	return c.store().PutBubbles(ctx, list)
}

// Why tells how the reader was told of a message, or why they were not. Without the server it gives what is known here.
func (c *Client) Why(ctx context.Context, message string) (w Why, err error) {
	m, err := c.store().Message(ctx, message)
	if err != nil {
		return w, err
	}
	if w.Bubble, err = c.store().Bubble(ctx, message); err != nil {
		return w, err
	}
	w.Deliveries, err = c.Deliveries(ctx, message)
	w.Asked = err == nil
	var known *Error
	if err != nil && !errors.As(err, &known) {
		return w, err
	}
	if !w.Asked {
		list, err := c.store().Deliveries(ctx, m.Conversation, m.Number, m.Number)
		if err != nil {
			return w, err
		}
		w.Deliveries = list
	}
	me := c.store().Me()
	w.Deliveries = slices.DeleteFunc(w.Deliveries, func(d Delivery) bool { return d.Person != me })
	return w, nil
}

// keepDeliveries keeps what an answer told of deliveries, and tells the window what that changed.
func (c *Client) keepDeliveries(ctx context.Context, list ...Delivery) {
	changes, err := c.store().PutDeliveries(context.WithoutCancel(ctx), list)
	if err != nil {
		c.opts.Logger.Warn("keep deliveries", "error", err)
		return
	}
	for _, id := range changes.Conversations {
		c.tellConversation(ctx, id)
	}
}
