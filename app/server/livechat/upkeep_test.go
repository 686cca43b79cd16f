package livechat

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// rows is a store of streams and nodes, shared by the nodes of a test. What it is not asked for it does not have.
type rows struct {
	Store
	mu      sync.Mutex
	nodes   map[string]int64
	streams map[string]Stream
	swept   int
}

func (r *rows) Beat(_ context.Context, node string, _, until int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.nodes[node] = until
	return nil
}

func (r *rows) OpenStream(_ context.Context, v Stream) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.streams[v.ID] = v
	return nil
}

func (r *rows) Dead(_ context.Context, now int64) (dead []Stream, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.streams {
		if v.ClosedAt == 0 && r.nodes[v.Node] <= now {
			dead = append(dead, v)
		}
	}
	return dead, nil
}

func (r *rows) CloseDead(_ context.Context, ids []string, _, at int64) (people []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		if v := r.streams[id]; v.ClosedAt == 0 {
			v.ClosedAt = at
			r.streams[id] = v
			people = append(people, v.Person)
		}
	}
	return people, nil
}

func (r *rows) ForgetSilent(context.Context, int64, int64, int) (int, []string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.swept++
	return 0, nil, nil
}

func (r *rows) EndSessions(context.Context, int64, int) (int, error) { return 0, nil }

// told is a desk that notes who left.
type told struct {
	mu   sync.Mutex
	left []string
}

func (d *told) LeftChat(_ context.Context, people []string, _ int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = append(d.left, people...)
	return nil
}

func (d *told) gone() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.left)
}

func (r *rows) sweeps() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.swept
}

func (d *told) BackInChat(context.Context, string) error  { return nil }
func (d *told) GaveAddress(context.Context, string) error { return nil }

// TestTheCustomersOfADeadNodeHaveLeft: between 20 and 25 seconds after a node said last that it lives, another one takes
// leave of its customers, without anything happening; a node that lives keeps its own.
func TestTheCustomersOfADeadNodeHaveLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared, desk := &rows{nodes: map[string]int64{}, streams: map[string]Stream{}}, &told{}
		changed := make(chan string, 100)
		begun := time.Now()
		n := 0
		node := func(name string) *Service {
			return &Service{Store: shared, Desk: desk, Node: name, Now: time.Now, NewID: func() string { n++; return string(rune('a' + n)) },
				Changed: func(_ context.Context, person string) { changed <- person }}
		}
		here, there := node("here"), node("there")
		ctx, kill := context.WithCancel(t.Context())
		go there.Run(ctx)
		go here.Run(t.Context())
		synctest.Wait()
		for s, person := range map[*Service]string{here: "Ana", there: "Marta"} {
			if _, err := s.Connect(t.Context(), Stream{Person: person}); err != nil {
				t.Fatal(err)
			}
			<-changed
		}
		time.Sleep(2*time.Minute + time.Second)
		kill()
		synctest.Wait()
		if left := desk.gone(); len(left) > 0 {
			t.Fatalf("while both live %v left", left)
		}
		died := time.Since(begun).Truncate(beatEvery) // when it spoke last
		if person := <-changed; person != "Marta" {
			t.Errorf("%s left", person)
		}
		if after := time.Since(begun) - died; after < nodeLife || after > nodeLife+beatEvery {
			t.Errorf("that a node died is told after %v", after)
		}
		if left := desk.gone(); !slices.Equal(left, []string{"Marta"}) {
			t.Errorf("what is planned leaves for %v", left)
		}
		time.Sleep(3 * sweepEvery)
		if sweeps := shared.sweeps(); len(changed) > 0 || sweeps < 5 { // both nodes at first, then one
			t.Errorf("%d told again; swept %d times", len(changed), sweeps)
		}
	})
}
