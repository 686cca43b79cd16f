package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"recado/app/desk"
	"recado/app/kit/pgtest"
	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
	"recado/app/server/store/storetest"
)

func postgres(tb testing.TB) *storetest.Bundle {
	tb.Helper()
	db, err := sqldb.OpenPostgres(tb.Context(), pgtest.URL(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return storetest.New(tb, db)
}

func sqlite(tb testing.TB) *storetest.Bundle {
	tb.Helper()
	db, err := sqldb.OpenSQLite(filepath.Join(tb.TempDir(), "recado.db"))
	if err != nil {
		tb.Fatal(err)
	}
	return storetest.New(tb, db)
}

// BenchmarkPost: so many connections post 200 bytes, each into a conversation of its own between two people.
func BenchmarkPost(b *testing.B) {
	for _, senders := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("%d", senders), func(b *testing.B) { post(b, sqlite(b), senders, false) })
		b.Run(fmt.Sprintf("%d+readers", senders), func(b *testing.B) { post(b, sqlite(b), senders, true) })
		b.Run(fmt.Sprintf("%d,postgres", senders), func(b *testing.B) { post(b, postgres(b), senders, false) })
	}
}

func post(b *testing.B, bundle *storetest.Bundle, senders int, followed bool) {
	var team []desk.Person
	for i := range 8 {
		team = append(team, bundle.User(fmt.Sprintf("Person %d", i)))
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	if followed {
		go followAll(ctx, bundle, team[4:])
	}
	texts := texts()
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan error, senders)
	conversations := make([]string, senders)
	for i := range conversations {
		conversations[i] = bundle.Start(team[i%4], "the first", team[4+i%4]).ID
	}
	b.ResetTimer()
	for i, conversation := range conversations {
		go func() {
			for left.Add(-1) >= 0 {
				if _, _, err := bundle.Messaging.Post(ctx, team[i%4], conversation, messaging.Draft{Key: storetest.ID(), Body: texts[rand.IntN(len(texts))]}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range senders {
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
	b.StopTimer()
}

// followAll reads on as a hub does: all readers in one batch, again and again.
func followAll(ctx context.Context, bundle *storetest.Bundle, readers []desk.Person) {
	at := make([]messaging.FeedRead, len(readers))
	for i, p := range readers {
		at[i].Person = p.ID
	}
	for ctx.Err() == nil {
		got, err := bundle.Messaging.ReadFeeds(ctx, at, 512)
		if err != nil {
			return
		}
		for i := range at {
			if list := got[at[i].Person]; len(list) > 0 {
				at[i].After = list[len(list)-1].Number
			}
		}
	}
}

func texts() []string {
	words := strings.Fields(`the ticket was answered this morning and customer asked for another invoice because address on
		first one is wrong please look at it before noon server restarted twice since yesterday we should tell everybody
		who waits that repair takes two hours more thanks see you tomorrow at desk order shipped parcel broken phone`)
	out := make([]string, 256)
	for i := range out {
		var t strings.Builder
		for t.Len() < 190 {
			t.WriteString(words[rand.IntN(len(words))] + " ")
		}
		out[i] = t.String()
	}
	return out
}

// BenchmarkReadFeeds: one new message for so many readers, and 512 entries for one.
func BenchmarkReadFeeds(b *testing.B) {
	for _, readers := range []int{1, 900} {
		b.Run(fmt.Sprintf("%d", readers), func(b *testing.B) {
			bundle := sqlite(b)
			var people []desk.Person
			reads := make([]messaging.FeedRead, readers)
			for i := range reads {
				people = append(people, bundle.User(fmt.Sprintf("Person %d", i)))
				reads[i].Person = people[i].ID
			}
			v := bundle.Start(bundle.User("Author"), "the first", people...)
			bundle.Say(people[0], v.ID, "to everybody")
			heads, err := bundle.Messaging.Heads(b.Context(), ids(people))
			if err != nil {
				b.Fatal(err)
			}
			for i := range reads {
				reads[i].After = heads[reads[i].Person].Head - 1
			}
			read(b, bundle, reads, readers)
		})
	}
	b.Run("replay512", func(b *testing.B) {
		bundle := sqlite(b)
		author, reader := bundle.User("Author"), bundle.User("Reader")
		v, texts := bundle.Start(author, "the first", reader), texts()
		for i := range 520 {
			bundle.Say(author, v.ID, texts[i%len(texts)])
		}
		read(b, bundle, []messaging.FeedRead{{Person: reader.ID, After: 5}}, 512)
	})
}

func ids(people []desk.Person) (out []string) {
	for _, p := range people {
		out = append(out, p.ID)
	}
	return out
}

func read(b *testing.B, bundle *storetest.Bundle, reads []messaging.FeedRead, want int) {
	for b.Loop() {
		got, err := bundle.Messaging.ReadFeeds(b.Context(), reads, 512)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for _, list := range got {
			n += len(list)
		}
		if n != want {
			b.Fatalf("%d entries, want %d", n, want)
		}
	}
}
