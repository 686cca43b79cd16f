package httpapi

import (
	"context"
	"crypto/sha256"
	"slices"
	"sync"
	"time"

	"recado/app/server/accounts"
)

// authLife is how long a session is believed without asking the database. A session ended on this node is forgotten at
// once; one ended elsewhere within this time.
const authLife = 2 * time.Second

// authCache remembers who holds a token, by its hash.
type authCache struct {
	ask   func(ctx context.Context, token string) (accounts.Caller, error)
	now   func() time.Time
	mu    sync.RWMutex
	known map[[32]byte]remembered
}

type remembered struct {
	caller accounts.Caller
	until  time.Time
}

func newAuthCache(ask func(context.Context, string) (accounts.Caller, error), now func() time.Time) *authCache {
	return &authCache{ask: ask, now: now, known: map[[32]byte]remembered{}}
}

func (c *authCache) caller(ctx context.Context, token string) (accounts.Caller, error) {
	key := sha256.Sum256([]byte(token))
	c.mu.RLock()
	r, ok := c.known[key]
	c.mu.RUnlock()
	now := c.now()
	if ok && now.Before(r.until) {
		return r.caller, nil
	}
	caller, err := c.ask(ctx, token)
	if err != nil {
		return caller, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) > 50_000 {
		for k, r := range c.known {
			if now.After(r.until) {
				delete(c.known, k)
			}
		}
	}
	c.known[key] = remembered{caller, now.Add(authLife)}
	return caller, nil
}

func (c *authCache) forget(sessions []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, r := range c.known {
		if slices.Contains(sessions, r.caller.Session.ID) {
			delete(c.known, k)
		}
	}
}
