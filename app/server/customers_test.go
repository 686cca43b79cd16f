package server_test

import (
	"testing"

	"recado/app/desk"
	"recado/app/wire"
)

// customer adds one, as any agent may.
func (a *agent) customer(name, email string) wire.Person {
	a.t.Helper()
	var p wire.Person
	a.must(201, "POST", "/api/v1/people", map[string]any{"kind": "customer", "name": name, "email": email}, &p)
	return p
}

func (a *agent) startWith(body string, with ...string) wire.Conversation {
	a.t.Helper()
	var c wire.Conversation
	a.must(201, "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "customer", "participants": with, "message": map[string]any{"body": body}}, &c)
	return c
}

func (a *agent) view(query string) []string {
	a.t.Helper()
	var page wire.Page[wire.Conversation]
	a.must(200, "GET", "/api/v1/conversations?"+query, nil, &page)
	ids := []string{}
	for _, c := range page.Items {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestConversationsWithCustomers(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, eva := s.user("Ana", desk.Admin), s.user("Eva", desk.Agent)
	marta, pablo := ana.customer("Marta", "marta@acme.example"), ana.customer("Pablo", "pablo@gmail.com")
	if marta.Organisation != "acme.example" || pablo.Organisation != "" {
		t.Errorf("organisations %q and %q", marta.Organisation, pablo.Organisation)
	}
	ana.problem(422, "no-recipients", "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "customer", "participants": []string{ana.id}, "message": map[string]any{"body": "x"}})
	c := ana.startWith("Hello both", marta.ID, pablo.ID)
	if c.Kind != "customer" || c.State != "open" || len(c.Participants) != 3 {
		t.Errorf("started %+v", c)
	}
	one := func(who *agent, query string, want int) {
		t.Helper()
		if got := who.view(query); len(got) != want || want == 1 && got[0] != c.ID {
			t.Errorf("?%s: %v, want %d", query, got, want)
		}
	}
	one(eva, "view=open", 1)
	one(eva, "view=closed", 0)
	one(eva, "person="+marta.ID, 1)
	one(eva, "person="+newKey(), 0)
	one(eva, "view=unread", 0)
	path := "/api/v1/conversations/" + c.ID
	var now wire.Conversation
	eva.must(200, "PATCH", path, map[string]any{"state": "closed"}, nil)
	one(ana, "view=closed", 1)
	eva.must(200, "PATCH", path, map[string]any{"assignee": eva.id}, &now)
	if now.Assignee != eva.id {
		t.Errorf("assigned to %q", now.Assignee)
	}
	one(eva, "view=mine", 1)
	ana.must(200, "PATCH", path, map[string]any{"assignee": nil, "state": "open"}, nil)
	one(eva, "view=mine", 0)
	for _, bad := range []string{`{"assignee":""}`, `{"assignee":7}`, `{"assignee":"` + marta.ID + `"}`, `{"assignee":"` + newKey() + `"}`} {
		if status, answer, _ := ana.call("PATCH", path, []byte(bad)); status != 422 {
			t.Errorf("%s: %d %s", bad, status, answer)
		}
	}
	internal := ana.start("nothing for customers", eva)
	ana.problem(422, "invalid", "PATCH", "/api/v1/conversations/"+internal.ID, map[string]any{"assignee": eva.id})
}
