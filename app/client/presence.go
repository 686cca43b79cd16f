package client

import (
	"context"
	stdsync "sync"

	"recado/app/client/sync"
)

// presence is whether the person is here, and what the server was told of it. It keeps no presence of its own: each
// connection begins with telling it.
type presence struct {
	telling stdsync.Mutex // held while the server is told, so that the newest is told last

	mu        stdsync.Mutex
	state     string // here or away; empty before anybody said so
	told      string // on this connection
	connected bool
}

// SetPresence says whether the person is at this computer. The server is told at once where it can be reached, and with
// each connection. It returns at once.
func (c *Client) SetPresence(here bool) {
	c.presence.mu.Lock()
	c.presence.state = "away"
	if here {
		c.presence.state = "here"
	}
	c.presence.mu.Unlock()
	go c.tellPresence()
}

// presenceOn notices a connection that was made anew.
func (c *Client) presenceOn(e Event) {
	if e.Type != sync.ConnectionEvent || e.Connection == nil {
		return
	}
	p := &c.presence
	p.mu.Lock()
	connected := e.Connection.State == sync.Connected
	anew := connected && !p.connected
	if p.connected = connected; anew {
		p.told = ""
	}
	p.mu.Unlock()
	if anew {
		go c.tellPresence()
	}
}

// tellPresence tells the newest state, unless it is told. It is a courtesy: where it can't be told, the next change or the
// next connection tells it.
func (c *Client) tellPresence() {
	p := &c.presence
	p.telling.Lock()
	defer p.telling.Unlock()
	p.mu.Lock()
	state := p.state
	due := p.connected && state != "" && state != p.told
	if due {
		p.told = state
	}
	p.mu.Unlock()
	server, _ := c.running()
	if !due || server == nil {
		return
	}
	if err := server.TellPresence(context.Background(), state); err != nil {
		c.opts.Logger.Debug("presence", "error", err)
		p.mu.Lock()
		p.told = ""
		p.mu.Unlock()
	}
}
