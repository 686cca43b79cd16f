package client

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"recado/app/client/cache"
	"recado/app/client/remote"
	"recado/app/client/sync"
)

// SignIn makes a session for this device and starts synchronising. The token is for the keyring; it is not stored here.
// A cache that belongs to somebody else, or to another server, is refused with code unsent while its outbox is not empty,
// and emptied otherwise.
func (c *Client) SignIn(ctx context.Context, url, email, password, device string) (token string, err error) {
	server, err := remote.New(url, "", c.opts.Dial)
	if err != nil {
		return "", err
	}
	defer server.Close()
	token, me, err := server.SignIn(ctx, email, password, device)
	if err != nil {
		return "", err
	}
	return c.begin(ctx, server.Base(), token, me)
}

// AcceptInvitation takes a link as printed or mailed (PUBLIC_URL/invite#TOKEN), sets the password and signs in.
func (c *Client) AcceptInvitation(ctx context.Context, link, password, device string) (token string, err error) {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Host == "" || u.Fragment == "" {
		return "", &Error{Code: sync.CodeInvalid, Message: "This is not an invitation. It looks like https://recado.example.com/invite#…"}
	}
	base := u.Scheme + "://" + u.Host + strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/invite")
	server, err := remote.New(base, "", c.opts.Dial)
	if err != nil {
		return "", err
	}
	defer server.Close()
	token, me, err := server.Accept(ctx, u.Fragment, password, device)
	if err != nil {
		return "", err
	}
	return c.begin(ctx, server.Base(), token, me)
}

// begin takes a new session into use; where it can't, it ends the session again, for nobody would hold its token.
func (c *Client) begin(ctx context.Context, base, token string, me Person) (string, error) {
	err := c.take(ctx, base, token, me)
	if err == nil {
		return token, nil
	}
	if server, e := remote.New(base, token, c.opts.Dial); e == nil {
		err = errors.Join(err, server.SignOut(ctx))
		server.Close()
	}
	return "", err
}

func (c *Client) take(ctx context.Context, base, token string, me Person) error {
	c.halt()
	if old := c.store().Me(); old != "" && (old != me.ID || c.Server() != base) {
		if err := c.empty(ctx, false); err != nil {
			return err
		}
	}
	if err := c.store().SetOwner(ctx, base, me); err != nil {
		return err
	}
	return c.Resume(base, token)
}

// empty removes the cache and opens a new one; refused with code unsent while something waits, unless discard.
func (c *Client) empty(ctx context.Context, discard bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting, err := c.cache.Waiting(ctx)
	if err != nil {
		return err
	}
	if waiting > 0 && !discard {
		return &Error{Code: sync.CodeUnsent, Message: "There are messages that were not sent yet. Send them first, or discard them."}
	}
	if err := c.cache.Remove(); err != nil {
		return err
	}
	c.cache, err = cache.Open(ctx, c.opts.Dir, c.opts.Now)
	return err
}

// SignOut ends the session at the server, as far as it can be reached, and removes the cache. It is refused with code
// unsent while the outbox is not empty, unless discardUnsent.
func (c *Client) SignOut(ctx context.Context, discardUnsent bool) error {
	waiting, err := c.store().Waiting(ctx)
	if err != nil {
		return err
	}
	if waiting > 0 && !discardUnsent {
		return &Error{Code: sync.CodeUnsent, Message: "There are messages that were not sent yet. Send them first, or discard them."}
	}
	if server, _ := c.running(); server != nil {
		// Without a network the session stays at the server until it is ended from another device; the token is gone from here.
		if err := server.SignOut(ctx); err != nil {
			c.opts.Logger.Info("end session", "error", err)
		}
	}
	c.halt()
	if err := c.empty(ctx, discardUnsent); err != nil {
		return err
	}
	c.emit(Event{Type: sync.ConnectionEvent, Connection: &Connection{State: sync.SignedOut}})
	return nil
}

// Server is the address of the last sign-in; empty before the first.
func (c *Client) Server() string {
	base, err := c.store().Meta(context.Background(), "server")
	if err != nil {
		c.opts.Logger.Error("read the server's address", "error", err)
	}
	return base
}

// Me is the person this cache belongs to; ok is false before the first sign-in.
func (c *Client) Me() (me Person, ok bool) {
	store := c.store()
	if store.Me() == "" {
		return Person{}, false
	}
	me, err := store.Person(context.Background(), store.Me())
	return me, err == nil
}

// Devices lists the person's sessions. Needs the server.
func (c *Client) Devices(ctx context.Context) (devices []Device, err error) {
	err = c.online(func(r *remote.Remote) error {
		devices, err = r.Devices(ctx)
		return err
	})
	return devices, err
}

// EndDevice ends another session. Needs the server.
func (c *Client) EndDevice(ctx context.Context, id string) error {
	return c.online(func(r *remote.Remote) error { return r.EndDevice(ctx, id) })
}

// ChangePassword sets a new password. Needs the server.
func (c *Client) ChangePassword(ctx context.Context, old, next string) error {
	return c.online(func(r *remote.Remote) error { return r.ChangePassword(ctx, old, next) })
}

// Invite adds a user and gives the one-time link. Needs the server, and to be an admin.
func (c *Client) Invite(ctx context.Context, name, email, role string) (invitation Invitation, err error) {
	err = c.online(func(r *remote.Remote) error {
		invitation, err = r.Invite(ctx, name, email, role)
		return err
	})
	return invitation, err
}

// Notifications gives the notification settings as last told.
func (c *Client) Notifications(ctx context.Context) (NotificationSettings, error) {
	return c.store().Settings(ctx)
}

// SetNotifications changes the notification settings. Needs the server.
func (c *Client) SetNotifications(ctx context.Context, s NotificationSettings) error {
	return c.online(func(r *remote.Remote) error {
		stored, err := r.SetNotifications(ctx, s)
		if err != nil {
			return err
		}
		c.emit(Event{Type: sync.SettingsEvent})
		return c.store().PutSettings(ctx, stored)
	})
}
