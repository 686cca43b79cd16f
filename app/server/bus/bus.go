// Package bus wakes other nodes over NATS core. It is a doorbell: what is lost is found again by looking at the heads,
// for state is always read from the database.
package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
)

// Local is what this node does when another one rings.
type Local interface {
	Wake(people []string)
	EndSessions(ids []string)
	Tell(people []string, event []byte)
}

const subject = "recado.node"

// ring is what goes over the wire between nodes of one version.
type ring struct {
	From     string   `json:"from"`
	Wake     []string `json:"wake,omitempty"`
	Sessions []string `json:"sessions,omitempty"`
	People   []string `json:"people,omitempty"`
	Event    []byte   `json:"event,omitempty"`
}

// Bus is a node's place on NATS.
type Bus struct {
	conn *nats.Conn
	node string
	log  *slog.Logger
}

// Connect joins the nodes at url; node is this node's random name. The connection is kept up by itself.
func Connect(url, node string, local Local, log *slog.Logger) (*Bus, error) {
	conn, err := nats.Connect(url, nats.Name("recado"), nats.MaxReconnects(-1), nats.ReconnectJitter(200*time.Millisecond, time.Second),
		nats.Timeout(5*time.Second))
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	b := &Bus{conn, node, log}
	if _, err := conn.Subscribe(subject, func(m *nats.Msg) { b.receive(m.Data, local) }); err != nil {
		conn.Close()
		return nil, fmt.Errorf("subscribe on NATS: %w", err)
	}
	return b, nil
}

func (b *Bus) receive(data []byte, local Local) {
	var r ring
	if err := json.Unmarshal(data, &r); err != nil || r.From == b.node {
		return
	}
	if len(r.Wake) > 0 {
		local.Wake(r.Wake)
	}
	if len(r.Sessions) > 0 {
		local.EndSessions(r.Sessions)
	}
	if len(r.Event) > 0 {
		local.Tell(r.People, r.Event)
	}
}

func (b *Bus) ring(r ring) {
	r.From = b.node
	data, err := json.Marshal(r)
	if err == nil {
		err = b.conn.Publish(subject, data)
	}
	if err != nil {
		b.log.Warn("ringing other nodes", "error", err)
	}
}

// perRing keeps a message under NATS' limit of 1 MB.
const perRing = 10_000

// Wake rings for people on other nodes.
func (b *Bus) Wake(people []string) {
	for len(people) > perRing {
		b.ring(ring{Wake: people[:perRing]})
		people = people[perRing:]
	}
	b.ring(ring{Wake: people})
}

// EndSessions ends streams on other nodes.
func (b *Bus) EndSessions(ids []string) { b.ring(ring{Sessions: ids}) }

// Tell passes an event that is not stored to streams on other nodes.
func (b *Bus) Tell(people []string, event []byte) { b.ring(ring{People: people, Event: event}) }

// Ready reports whether NATS can be reached now.
func (b *Bus) Ready() error {
	if !b.conn.IsConnected() {
		return errors.New("NATS can't be reached")
	}
	return nil
}

// Close leaves, after what was published is on its way.
func (b *Bus) Close() {
	b.conn.FlushTimeout(time.Second)
	b.conn.Close()
}
