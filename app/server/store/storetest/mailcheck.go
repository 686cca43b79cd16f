package storetest

import (
	"context"
	"testing"

	"recado/app/server/mailcheck"
	"recado/app/server/store"
)

// testMailChecks: a problem has stood since the first of a row, and is gone with a success; a test is kept, for a while.
func testMailChecks(t *testing.T, b *Bundle) {
	ctx, s := context.Background(), store.MailChecks{Store: b.Store}
	for _, saw := range []struct {
		problem string
		at      int64
		want    mailcheck.Health
	}{
		{"", 10, mailcheck.Health{OKAt: 10}},
		{"away", 20, mailcheck.Health{OKAt: 10, FailingSince: 20, Problem: "away"}},
		{"refused", 30, mailcheck.Health{OKAt: 10, FailingSince: 20, Problem: "refused"}},
		{"", 40, mailcheck.Health{OKAt: 40}},
	} {
		if err := s.PutMailHealth(ctx, mailcheck.Out, saw.problem, saw.at); err != nil {
			t.Fatal(err)
		}
		got, err := s.MailHealth(ctx)
		if err != nil || len(got) != 1 || got[mailcheck.Out] != saw.want {
			t.Errorf("after %+v: %+v, %v", saw, got, err)
		}
	}

	test := mailcheck.Test{ID: ID(), By: ID(), StartedAt: 100_000, Steps: []mailcheck.Step{{Way: mailcheck.Team, Address: "a@b.c"}, {Way: mailcheck.Answers, Address: "d@b.c"}}}
	if ok, err := s.AddMailTest(ctx, test, 0, 95_000); !ok || err != nil {
		t.Fatal(ok, err)
	}
	again := test
	again.ID = ID()
	if ok, err := s.AddMailTest(ctx, again, 0, 99_999); ok || err != nil {
		t.Errorf("a second one at once: %v, %v", ok, err)
	}
	_, err := s.MailTest(ctx, again.ID)
	code(t, err, "not-found")
	answer := mailcheck.Step{Way: mailcheck.Answers, Outcome: "accepted", Detail: "250 fine", AnsweredAt: 101_000}
	if err := s.AnswerMailTest(ctx, test.ID, answer); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{102_000, 103_000} {
		step := mailcheck.Step{Way: mailcheck.Answers, ArrivedAt: at, Findings: []mailcheck.Finding{{Check: "spf", Result: "pass", Domain: "b.c"}}}
		if err := s.ArriveMailTest(ctx, test.ID, step); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.MailTest(ctx, test.ID)
	if err != nil || len(got.Steps) != 2 || got.Steps[0].Way != mailcheck.Team || got.Steps[0].Outcome != "" || got.Steps[0].ArrivedAt != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if a := got.Steps[1]; a.Outcome != "accepted" || a.Detail != "250 fine" || a.AnsweredAt != 101_000 || a.ArrivedAt != 102_000 || len(a.Findings) != 1 {
		t.Errorf("%+v", a)
	}
	later := test
	later.ID, later.StartedAt = ID(), 300_000
	if ok, err := s.AddMailTest(ctx, later, 200_000, 295_000); !ok || err != nil {
		t.Fatal(ok, err)
	}
	_, err = s.MailTest(ctx, test.ID)
	code(t, err, "not-found")
	if c, err := s.MailCounts(ctx, 0, 1); err != nil || c != (mailcheck.Counts{}) {
		t.Errorf("nothing was sent and nothing came: %+v, %v", c, err)
	}
}
