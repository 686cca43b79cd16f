package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/server/canned"
	"recado/app/server/store"
)

func (b *Bundle) canned(changed func()) *canned.Service {
	return &canned.Service{Store: store.Canned{Store: b.Store}, Changed: changed, Now: func() time.Time { return time.UnixMilli(b.clock.Add(1)) }, NewID: ID}
}

// testCanned: kept by name, changed by who knows what it was, and everybody is told of what changed only.
func testCanned(t *testing.T, b *Bundle) {
	ctx, told := context.Background(), 0
	s := b.canned(func() { told++ })
	ana, luis, marta := b.User("Ana"), b.User("Luis"), b.Customer("Marta")
	names := func() (out []string) {
		list, err := s.List(ctx, luis)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			out = append(out, a.Name+" "+fmt.Sprint(a.Version))
		}
		return out
	}
	refund, err := s.Add(ctx, ana, "refund", "Hello {customer.name}, it is on its way.")
	if err != nil || refund.ChangedBy != ana.ID || refund.Version != 1 {
		t.Fatal(refund, err)
	}
	hours, err := s.Add(ctx, luis, "Hours", "From 9 to 5.")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "in the order of names", names(), []string{"Hours 1", "refund 1"})
	_, err = s.Add(ctx, ana, " REFUND ", "x")
	code(t, err, "name-taken")
	name, body := "hours of opening", "From 9 to 6."
	taken := "Refund"
	_, err = s.Change(ctx, ana, hours.ID, canned.Change{Name: &taken})
	code(t, err, "name-taken")
	changed, err := s.Change(ctx, ana, hours.ID, canned.Change{Name: &name, Body: &body, Version: 1})
	if err != nil || changed.Name != name || changed.Body != body || changed.Version != 2 || changed.ChangedBy != ana.ID {
		t.Fatal(changed, err)
	}
	_, err = s.Change(ctx, luis, hours.ID, canned.Change{Body: &taken, Version: 1})
	code(t, err, "changed-meanwhile")
	if told != 3 {
		t.Errorf("told %d times, want 3", told)
	}
	if same, err := s.Change(ctx, luis, hours.ID, canned.Change{Name: &name}); err != nil || same != changed || told != 3 {
		t.Errorf("changing nothing: %+v, %v, told %d times", same, err, told)
	}
	upper := "REFUND"
	if _, err := s.Change(ctx, luis, refund.ID, canned.Change{Name: &upper}); err != nil {
		t.Errorf("its own name in capitals: %v", err)
	}
	_, err = s.List(ctx, marta)
	code(t, err, "not-found")
	_, err = s.Add(ctx, marta, "mine", "x")
	code(t, err, "not-found")
	code(t, s.Remove(ctx, marta, refund.ID), "not-found")
	_, err = s.Change(ctx, ana, ID(), canned.Change{})
	code(t, err, "not-found")
	if err := s.Remove(ctx, luis, refund.ID); err != nil {
		t.Fatal(err)
	}
	code(t, s.Remove(ctx, luis, refund.ID), "not-found")
	equal(t, "left", names(), []string{"hours of opening 2"})
}

// testCannedAtOnce: of those who give the same name at once one succeeds, and the bound holds.
func testCannedAtOnce(t *testing.T, b *Bundle) {
	ctx, ana := context.Background(), b.User("Ana")
	var mu sync.Mutex
	s := b.canned(func() {})
	kept := store.Canned{Store: b.Store}
	for i := range desk.MaxCanned - 1 {
		a := desk.CannedAnswer{ID: ID(), Name: fmt.Sprintf("answer %d", i), Body: "x", ChangedBy: ana.ID, Version: 1}
		if err := kept.AddCanned(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	results := map[string]int{}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			_, err := s.Add(ctx, ana, "The same", strings.Repeat("x", 10))
			mu.Lock()
			defer mu.Unlock()
			var e *desk.Error
			switch {
			case err == nil:
				results["kept"]++
			case errors.As(err, &e):
				results[e.Code]++
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	equal(t, "at once", results, map[string]int{"kept": 1, "too-many": 7})
}
