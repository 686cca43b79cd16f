package server_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"recado/app/desk"
)

// TestManyWrongPasswordsAtOnce: the limit of ten holds for tries that are under way together, too.
func TestManyWrongPasswordsAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	luis := s.user("Luis", desk.Agent)
	var compared, refused atomic.Int64
	var trying sync.WaitGroup
	for range 40 {
		trying.Go(func() {
			nobody := &agent{testServer: s}
			switch status, answer, h := nobody.call("POST", "/api/v1/sessions", map[string]any{"email": "LUIS@example.test", "password": "wrong", "device": "x"}); {
			case status == 401:
				compared.Add(1)
			case status == 429 && h.Get("Retry-After") != "":
				refused.Add(1)
			default:
				t.Errorf("%d %s", status, answer)
			}
		})
	}
	trying.Wait()
	if compared.Load() != 10 || refused.Load() != 30 {
		t.Errorf("%d passwords were compared and %d tries refused, want 10 and 30", compared.Load(), refused.Load())
	}
	trying.Wait()
	for range 20 {
		trying.Go(func() {
			body := map[string]any{"old": "wrong", "new": "another good password 7"}
			if status, answer, _ := luis.call("PUT", "/api/v1/me/password", body); status != 429 {
				t.Errorf("changing the password of a locked account: %d %s", status, answer)
			}
		})
	}
	trying.Wait()
}

// TestTheSameContentInOtherForms: a key that comes again with an empty list where none was, or with null, is the same.
func TestTheSameContentInOtherForms(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	c := ana.start("first", luis)
	for i, again := range []map[string]any{
		{"key": "k", "body": "x"}, {"key": "k", "body": "x", "files": []string{}}, {"key": "k", "body": "x", "mentions": []string{}},
		{"key": "k", "body": "x", "files": nil, "mentions": nil},
	} {
		want := 200
		if i == 0 {
			want = 201
		}
		ana.must(want, "POST", "/api/v1/conversations/"+c.ID+"/messages", again, nil)
	}
	for i, message := range []map[string]any{{"body": "y"}, {"body": "y", "files": []string{}, "mentions": []string{}}} {
		want := 201
		if i > 0 {
			want = 200
		}
		ana.must(want, "POST", "/api/v1/conversations", map[string]any{"key": "c", "kind": "internal", "participants": []string{luis.id}, "message": message}, nil)
	}
}
