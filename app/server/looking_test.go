package server_test

import (
	"encoding/json"
	"testing"

	"recado/app/desk"
	"recado/app/wire"
)

// TestWhoLooks: colleagues are told who looks at a conversation with customers; of the team's own nobody is, and nobody
// hears of what they may not see.
func TestWhoLooks(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis, eva := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent), s.user("Eva", desk.Agent)
	dana := s.customer("Dana Kim", "dana@helio.example")
	var c wire.Conversation
	ana.must(201, "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "customer", "participants": []string{dana.ID},
		"message": map[string]any{"body": "Hello"}}, &c)
	private := ana.start("between us", luis)
	news := luis.feed("")
	ana.must(204, "PUT", "/api/v1/conversations/"+private.ID+"/looking", map[string]any{"looking": true}, nil)
	for _, looks := range []bool{true, false} {
		ana.must(204, "PUT", "/api/v1/conversations/"+c.ID+"/looking", map[string]any{"looking": looks}, nil)
		var told wire.Looking
		_, e := news.until("looking")
		if err := json.Unmarshal([]byte(e.data), &told); err != nil {
			t.Fatal(err)
		}
		if told.Conversation != c.ID || told.Person != ana.id || told.Looking != looks {
			t.Errorf("told %+v, want %s of %s, %v", told, ana.id, c.ID, looks)
		}
	}
	eva.problem(404, "not-found", "PUT", "/api/v1/conversations/"+private.ID+"/looking", map[string]any{"looking": true})
	ana.problem(422, "invalid", "PUT", "/api/v1/conversations/"+c.ID+"/looking", map[string]any{})
}
