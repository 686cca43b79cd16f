package audit

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"recado/app/kit/pgtest"
	"recado/app/wire"
)

// TestADeadNodesVisitorsHaveLeft kills one of two nodes while a visitor has the chat open there. The other tells an
// agent's app within the lease and a beat that the visitor left, without anything else happening, and what was planned
// to the chat leaves by mail.
func TestADeadNodesVisitorsHaveLeft(t *testing.T) {
	t.Parallel()
	doorbell, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	go doorbell.Start()
	t.Cleanup(func() { doorbell.Shutdown(); doorbell.WaitForShutdown() })
	if !doorbell.ReadyForConnections(20 * time.Second) {
		t.Fatal("NATS does not start")
	}
	dies := &Program{Binary: built(t), Data: t.TempDir(), Database: pgtest.URL(t),
		Flags: []string{"--nats", doorbell.ClientURL(), "--email-after", "1h", "--mail-from", "Acme <support@acme.example>"}}
	lives := &Program{Binary: dies.Binary, Data: dies.Data, Database: dies.Database, Flags: dies.Flags}
	for _, p := range []*Program{dies, lives} {
		if err := p.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Stop)
	}
	team, err := lives.team(t.Context(), 1, "admin")
	if err != nil {
		t.Fatal(err)
	}
	ana := team[0]
	visitor := &Speaker{Base: dies.Base(), http: ana.http}
	message := openChat(t, ana, visitor)

	var planned wire.Page[wire.Delivery]
	works(t, ana.call(t.Context(), "GET", "/messages/"+message.ID+"/deliveries", nil, &planned))
	if d := byMail(planned); d.State != "planned" || d.Code != "chat-unseen" {
		t.Fatalf("while the chat is open: %+v", planned.Items)
	}
	killed := time.Now()
	dies.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var left time.Duration
	err = ana.stream(ctx, "", func(e event) error {
		switch e.name {
		case "chat":
			var p wire.ChatPresence
			if err := json.Unmarshal([]byte(e.data), &p); err != nil {
				return err
			}
			if p.Person == visitor.Person.ID && !p.Connected {
				left = time.Since(killed)
			}
		case wire.DeliveryChanged:
			var entry wire.Entry
			if err := json.Unmarshal([]byte(e.data), &entry); err != nil {
				return err
			}
			if d := entry.Delivery; d != nil && d.Message == message.ID && d.State == "sent" && left > 0 {
				return errEnough
			}
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("told of leaving after %v, then: %v", left, err)
	}
	// The lease is 20 s from the last beat, of which there is one every 5 s; the other node looks every 5 s.
	if mailed := time.Since(killed); left < 14*time.Second || left > 35*time.Second || mailed > left+20*time.Second {
		t.Errorf("told after %v, mailed after %v", left, mailed)
	}
}

// openChat lets a visitor with an address write and have the chat open, and an agent answer there.
func openChat(t *testing.T, agent, visitor *Speaker) (answer wire.Message) {
	t.Helper()
	var site wire.Site
	works(t, agent.call(t.Context(), "POST", "/sites", map[string]string{"name": "Shop"}, &site))
	var begun wire.ChatSession
	works(t, visitor.do(t.Context(), "POST", "/chat/v1/sessions", map[string]any{"site": site.ID, "visitor": map[string]string{"name": "Marta", "email": "marta@home.example"}}, &begun))
	visitor.token, visitor.Person = begun.Token, begun.Person
	var first wire.Message
	works(t, visitor.do(t.Context(), "POST", "/chat/v1/messages", wire.NewMessage{Key: newKey(), Body: "Is it in stock?"}, &first))
	stream, err := openStreamAt(t.Context(), visitor, "/chat/v1/feed", "")
	works(t, err)
	t.Cleanup(func() { stream.conn.Close() })
	answer, err = agent.post(t.Context(), first.Conversation, newKey(), "Yes, two.")
	works(t, err)
	return answer
}

func byMail(page wire.Page[wire.Delivery]) wire.Delivery {
	for _, d := range page.Items {
		if d.Channel == "email" {
			return d
		}
	}
	return wire.Delivery{}
}

func works(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
