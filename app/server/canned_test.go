package server_test

import (
	"testing"

	"recado/app/desk"
	"recado/app/wire"
)

// TestCannedAnswers: what one user adds, changes and removes, every user is told of and sees; nothing of it is for others.
func TestCannedAnswers(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent)
	news := luis.feed("")
	var a wire.CannedAnswer
	ana.must(201, "POST", "/api/v1/canned-answers", map[string]any{"name": "Refund", "body": "Hello {customer.name}"}, &a)
	news.until("canned")
	var page wire.Page[wire.CannedAnswer]
	luis.must(200, "GET", "/api/v1/canned-answers", nil, &page)
	if len(page.Items) != 1 || page.Items[0] != a || a.Body != "Hello {customer.name}" || a.ChangedBy != ana.id || a.Version != 1 {
		t.Errorf("listed %+v, added %+v", page.Items, a)
	}
	luis.problem(409, "name-taken", "POST", "/api/v1/canned-answers", map[string]any{"name": "refund", "body": "x"})
	luis.problem(422, "invalid", "POST", "/api/v1/canned-answers", map[string]any{"name": "empty", "body": ""})
	luis.problem(422, "invalid", "PATCH", "/api/v1/canned-answers/"+a.ID, map[string]any{"title": "x"})
	luis.must(200, "PATCH", "/api/v1/canned-answers/"+a.ID, map[string]any{"body": "Hi {customer.first}", "version": 1}, &a)
	news.until("canned")
	ana.problem(409, "changed-meanwhile", "PATCH", "/api/v1/canned-answers/"+a.ID, map[string]any{"body": "x", "version": 1})
	ana.must(204, "DELETE", "/api/v1/canned-answers/"+a.ID, nil, nil)
	news.until("canned")
	luis.problem(404, "not-found", "DELETE", "/api/v1/canned-answers/"+a.ID, nil)
	nobody := &agent{testServer: s}
	nobody.problem(401, "not-signed-in", "GET", "/api/v1/canned-answers", nil)
}
