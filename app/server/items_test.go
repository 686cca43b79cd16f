package server_test

import (
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/wire"
)

func (a *agent) item(title string, more map[string]any) wire.Item {
	a.t.Helper()
	body := map[string]any{"key": newKey(), "kind": "ticket", "title": title}
	for name, v := range more {
		body[name] = v
	}
	var out wire.Item
	a.must(201, "POST", "/api/v1/items", body, &out)
	return out
}

func TestItems(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent)
	marta := ana.customer("Marta", "marta@customer.test").ID
	stream := luis.feed("")
	i := ana.item("Printer on fire", map[string]any{"description": "It *burns*", "tags": []string{"Fire"}, "due": "2026-12-01T10:00:00.000Z", "followers": []string{marta}, "assignee": luis.id})
	if i.Number != 1 || i.State != "open" || i.Due == nil || len(i.Followers) != 3 || i.Tags[0] != "fire" || i.Assignee != luis.id {
		t.Errorf("made %+v", i)
	}
	_, told := stream.until("item.created")
	if e := decodeEvent[wire.Entry](t, told); e.Item == nil || e.Item.Title != "Printer on fire" || !told.idLast {
		t.Errorf("told %+v", e)
	}
	var again wire.Item
	body := map[string]any{"key": "k", "kind": "task", "title": "Once"}
	ana.must(201, "POST", "/api/v1/items", body, &again)
	ana.must(200, "POST", "/api/v1/items", body, &again)
	body["title"] = "Twice"
	ana.problem(409, "key-reused", "POST", "/api/v1/items", body)

	var c wire.Conversation
	luis.must(201, "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "customer", "item": i.ID, "message": map[string]any{"body": "Hello"}}, &c)
	if c.Item != i.ID || len(c.Participants) != 3 || c.Subject != "" {
		t.Errorf("conversation %+v", c)
	}
	ana.problem(422, "invalid", "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "internal", "item": newKey(), "message": map[string]any{"body": "Hello"}})
	var now wire.Item
	luis.must(200, "PATCH", "/api/v1/items/"+i.ID, map[string]any{"due": nil, "assignee": nil, "state": "waiting", "version": i.Version}, &now)
	if now.Due != nil || now.Assignee != "" || now.State != "waiting" {
		t.Errorf("changed to %+v", now)
	}
	var changes wire.Page[wire.ItemChange]
	ana.must(200, "GET", "/api/v1/items/"+i.ID+"/changes?limit=1", nil, &changes)
	if len(changes.Items) != 1 || changes.Items[0].Actor != luis.id || changes.Items[0].Changes[0] != (wire.FieldChange{Field: "due", From: "2026-12-01T10:00:00.000Z"}) {
		t.Errorf("changes %+v", changes)
	}
	ana.must(204, "DELETE", "/api/v1/items/"+i.ID+"/followers/"+marta, nil, nil)
	ana.must(200, "PUT", "/api/v1/items/"+i.ID+"/followers/"+marta, map[string]any{"history": "all"}, nil)
	ana.must(200, "PUT", "/api/v1/items/"+i.ID+"/followers/"+marta, nil, nil)
	var tags wire.Page[string]
	ana.must(200, "GET", "/api/v1/tags?query=FI", nil, &tags)
	if len(tags.Items) != 1 {
		t.Errorf("tags %+v", tags)
	}
	if all := luis.everything(); !strings.Contains(all, "It *burns*") {
		t.Errorf("the snapshot holds no item: %s", all)
	}
}

func TestItemsAreFoundAndPaged(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana := s.user("Ana", desk.Agent)
	for _, title := range []string{"One", "Two", "Three"} {
		ana.item(title, map[string]any{"project": "P"})
	}
	var first, second wire.Page[wire.Item]
	ana.must(200, "GET", "/api/v1/items?limit=2&project=P&state=active&follower="+ana.id, nil, &first)
	ana.must(200, "GET", "/api/v1/items?limit=2&project=P&state=active&follower="+ana.id+"&cursor="+first.Next, nil, &second)
	if len(first.Items) != 2 || len(second.Items) != 1 || second.Items[0].Title != "One" || second.Next != "" {
		t.Errorf("pages %+v and %+v", first, second)
	}
	for _, q := range []string{"state=closed", "kind=bug", "due=soon", "limit=0", "cursor=x", "query=" + strings.Repeat("x%20", 50), "due=2026-12-01T10:00:00Z&cursor=" + first.Next} {
		ana.problem(422, "invalid", "GET", "/api/v1/items?"+q, nil)
	}
}

func TestBadItems(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana := s.user("Ana", desk.Agent)
	marta := ana.customer("Marta", "marta@customer.test").ID
	before := ana.everything()
	for name, body := range map[string]map[string]any{
		"no title": {"title": " "}, "kind": {"kind": "bug"}, "state": {"state": "closed"}, "long": {"title": strings.Repeat("x", 301)},
		"description": {"description": strings.Repeat("x", 20_001)}, "a tag's comma": {"tags": []string{"a,b"}}, "number": {"number": 7},
		"time": {"due": "tomorrow"}, "turned": {"project": "a\u202eb"}, "NUL": {"title": "a\x00b"}, "no conversation": {"conversation": newKey()},
	} {
		all := map[string]any{"key": newKey(), "kind": "ticket", "title": "x"}
		for k, v := range body {
			all[k] = v
		}
		if status, answer, _ := ana.call("POST", "/api/v1/items", all); status != 422 {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	ana.problem(422, "unknown-person", "POST", "/api/v1/items", map[string]any{"kind": "ticket", "title": "x", "assignee": marta})
	ana.problem(422, "unknown-person", "POST", "/api/v1/items", map[string]any{"kind": "ticket", "title": "x", "followers": []string{newKey()}})
	if after := ana.everything(); after != before {
		t.Errorf("refused items changed something:\n%s\nbefore:\n%s", after, before)
	}
}

// TestAnAgentsDay: snoozed, merged, split, moved, counted, over HTTP.
func TestAnAgentsDay(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana := s.user("Ana", desk.Agent)
	marta, pablo := ana.customer("Marta", "marta@customer.test"), ana.customer("Pablo", "pablo@customer.test")
	first, second := ana.startWith("first", marta.ID), ana.startWith("second", pablo.ID)
	var c wire.Conversation
	ana.must(200, "PATCH", "/api/v1/conversations/"+first.ID, map[string]any{"snoozedUntilAnswer": true}, &c)
	if !c.SnoozedUntilAnswer || c.SnoozedUntil != nil {
		t.Errorf("snoozed %+v", c)
	}
	ana.problem(422, "invalid", "PATCH", "/api/v1/conversations/"+first.ID, map[string]any{"snoozedUntilAnswer": true, "snoozedUntil": "2026-12-01T10:00:00.000Z"})
	ana.problem(422, "invalid", "PATCH", "/api/v1/conversations/"+first.ID, map[string]any{"snoozedUntil": "12026-12-01T10:00:00.000Z"})
	var counts map[string]int64
	ana.must(200, "GET", "/api/v1/conversations/counts", nil, &counts)
	if counts["open"] != 2 || counts["snoozed"] != 1 || counts["unassigned"] != 1 {
		t.Errorf("counts %v", counts)
	}
	stream := ana.feed("")
	ana.must(200, "PATCH", "/api/v1/conversations/"+second.ID, map[string]any{"snoozedUntil": "2020-01-01T00:00:00.000Z"}, nil)
	for awake := false; !awake; { // the server wakes by itself what is due
		_, e := stream.until("conversation.changed")
		got := decodeEvent[wire.Entry](t, e).Conversation
		awake = got != nil && got.ID == second.ID && got.SnoozedUntil == nil && !got.SnoozedUntilAnswer
	}
	var merged wire.Conversation
	ana.must(200, "POST", "/api/v1/conversations/"+first.ID+"/merge", map[string]any{"into": second.ID}, &merged)
	if merged.ID != second.ID || len(merged.Participants) != 3 {
		t.Errorf("merged %+v", merged)
	}
	if m := ana.say(first.ID, "leads there"); m.Conversation != second.ID {
		t.Errorf("posted into %s", m.Conversation)
	}
	ana.problem(409, "merge-circle", "POST", "/api/v1/conversations/"+second.ID+"/merge", map[string]any{"into": first.ID})
	ana.problem(404, "not-found", "POST", "/api/v1/conversations/"+second.ID+"/merge", map[string]any{"into": newKey()})
	ana.must(200, "DELETE", "/api/v1/conversations/"+first.ID+"/merge", nil, nil)
	ana.problem(409, "not-merged", "DELETE", "/api/v1/conversations/"+first.ID+"/merge", nil)
	split := map[string]any{"key": newKey(), "subject": "Apart"}
	var apart wire.Conversation
	ana.must(201, "POST", "/api/v1/messages/"+first.LastMessage.ID+"/split", split, &apart)
	ana.must(200, "POST", "/api/v1/messages/"+first.LastMessage.ID+"/split", split, nil)
	if apart.SplitFrom != first.LastMessage.ID || apart.Subject != "Apart" || apart.LastMessage.Body != "first" {
		t.Errorf("split %+v", apart)
	}
	ana.must(200, "POST", "/api/v1/conversations/"+apart.ID+"/move", map[string]any{"from": marta.ID, "to": pablo.ID, "history": "all"}, nil)
	ana.problem(422, "unknown-person", "POST", "/api/v1/conversations/"+apart.ID+"/move", map[string]any{"from": marta.ID, "to": pablo.ID})
	for _, q := range []string{"view=open&sort=waiting", "view=mine&sort=latest"} {
		ana.must(200, "GET", "/api/v1/conversations?"+q, nil, nil)
	}
	ana.problem(422, "invalid", "GET", "/api/v1/conversations?sort=size", nil)
}
