package audit

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"recado/app/client"
	"recado/app/wire"
)

// TestRestoreUnderClients takes a server back to a backup while two clients live on: one whose session stands in the
// backup, and one that has to sign in again. Both must notice, forget what the server no longer has, and send what waits
// in the outbox, once.
func TestRestoreUnderClients(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), settle)
	defer cancel()
	p := &Program{Binary: built(t), Data: t.TempDir()}
	must(t, p.Start(ctx))
	defer p.Stop()
	team, err := p.Team(ctx, 2)
	must(t, err)
	v, err := team[0].start(ctx, uuid.NewString(), "before the backup", team[1].Person.ID)
	must(t, err)
	early := living(t, team[1])
	backup := filepath.Join(t.TempDir(), "backup")
	_, err = p.Run(ctx, "backup", backup)
	must(t, err)
	_, err = team[0].post(ctx, v.ID, uuid.NewString(), "after the backup")
	must(t, err)

	late := living(t, team[0])
	head, err := team[1].head(ctx)
	must(t, err)
	must(t, awaitClient(ctx, early, head))
	hold(t, early, v, "before the backup", "after the backup")

	p.Stop()
	_, err = early.Send(ctx, uuid.NewString(), v.ID, "typed while it was down", nil, nil)
	must(t, err)
	_, err = p.Run(ctx, "restore", backup)
	must(t, err)
	must(t, p.Start(ctx))
	must(t, awaitClient(ctx, early, 0))
	_, err = late.SignIn(ctx, team[0].Base, team[0].Email, password, "again")
	must(t, err)
	for i, c := range []*client.Client{late, early} {
		head, err := team[i].head(ctx)
		must(t, err)
		must(t, awaitClient(ctx, c, head))
		hold(t, c, v, "before the backup", "typed while it was down")
	}
}

// living is a client that is signed in and follows.
func living(t *testing.T, s *Speaker) *client.Client {
	t.Helper()
	c, err := client.Open(t.Context(), client.Options{Dir: t.TempDir(), Backoff: func(int) time.Duration { return 30 * time.Millisecond }})
	must(t, err)
	t.Cleanup(func() { c.Close() })
	_, err = c.SignIn(t.Context(), s.Base, s.Email, password, "a client that lives on")
	must(t, err)
	return c
}

// hold fails unless the client's cache has just these messages of a conversation, numbered from 1.
func hold(t *testing.T, c *client.Client, v wire.Conversation, bodies ...string) {
	t.Helper()
	have, err := cacheOf(t.Context(), c, []wire.Conversation{v})
	must(t, err)
	if len(have) != len(bodies) {
		t.Fatalf("the cache holds %d messages, want %d: %+v", len(have), len(bodies), have)
	}
	for i, m := range have {
		if m.Body != bodies[i] || m.Number != int64(i+1) {
			t.Errorf("message %d is %d %q, want %q", i+1, m.Number, m.Body, bodies[i])
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
