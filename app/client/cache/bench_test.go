package cache_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"recado/app/client/cache"
	"recado/app/client/sync"
)

const (
	million       = 1_000_000
	conversations = 2_000
	inLong        = 100_000 // messages of the longest conversation
)

var start = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// vocabulary of 20,000 made-up words, some frequent and most rare, as in any language.
func sentence(r *rand.Rand, words int) string {
	const syllables = "bacodufagelimonaperisotuvaxozu"
	var b strings.Builder
	for range words {
		n := int(float64(20_000) * r.Float64() * r.Float64() * r.Float64())
		for ; n > 0; n /= 15 {
			b.WriteString(syllables[n%15*2 : n%15*2+2])
		}
		b.WriteByte(' ')
	}
	return b.String()
}

func conversationEntry(i int, last int64) sync.Entry {
	id := fmt.Sprintf("c%05d", i)
	return sync.Entry{Type: sync.ConversationCreated, Conversation: &sync.Conversation{ID: id, Kind: "internal", State: "open", Subject: id,
		Participants: []sync.Participant{{Person: "me", HistoryFrom: 1}, {Person: "p1", HistoryFrom: 1}}, HistoryFrom: 1, SeenUpTo: last,
		LastAt: start.Format(sync.TimeForm), Version: 1}}
}

func messageEntry(r *rand.Rand, n, conversation int, number int64) sync.Entry {
	return sync.Entry{Type: sync.MessageCreated, Number: int64(n), Message: &sync.Message{ID: fmt.Sprintf("m%09d", n),
		Conversation: fmt.Sprintf("c%05d", conversation), Number: number, Author: fmt.Sprint("p", n%12), Body: sentence(r, 35),
		CreatedAt: start.Add(time.Duration(n) * 20 * time.Second).Format(sync.TimeForm), Version: 1}}
}

// filled makes a cache of a million messages in dir; the first conversation holds 100,000 of them.
func filled(b *testing.B, dir string) {
	b.Helper()
	c := open(b, dir)
	r := rand.New(rand.NewPCG(1, 2))
	last := make([]int64, conversations)
	batch := []sync.Entry{}
	for i := range conversations {
		batch = append(batch, conversationEntry(i, million))
	}
	for n := range million {
		conversation := 0
		if n%10 != 0 {
			conversation = 1 + r.IntN(conversations-1)
		}
		last[conversation]++
		batch = append(batch, messageEntry(r, n+1, conversation, last[conversation]))
		if len(batch) >= 20_000 {
			apply(b, c, batch, int64(n+1))
			batch = batch[:0]
		}
	}
	apply(b, c, batch, million)
	if last[0] != inLong {
		b.Fatalf("the long conversation holds %d", last[0])
	}
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
}

func apply(b testing.TB, c *cache.Cache, batch []sync.Entry, number int64) {
	b.Helper()
	if _, err := c.Apply(context.Background(), batch, &sync.Place{Epoch: "e", Number: number}); err != nil {
		b.Fatal(err)
	}
}

func open(t testing.TB, dir string) *cache.Cache {
	t.Helper()
	c, err := cache.Open(context.Background(), dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if c.Me() == "" {
		if err := c.SetOwner(context.Background(), "http://example.com", sync.Person{ID: "me", Kind: "user", Name: "Me", Version: 1}); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// BenchmarkMillion measures a cache of 1,000,000 messages: opening it to a readable conversation, searching as one
// types, and the longest conversation. The machine's fsync time is told beside.
func BenchmarkMillion(b *testing.B) {
	dir := b.TempDir()
	filled(b, dir)
	b.Logf("fsync %v", fsync(b))
	ctx := context.Background()
	b.Run("Open", func(b *testing.B) {
		for b.Loop() {
			c, err := cache.Open(ctx, dir, time.Now)
			if err != nil {
				b.Fatal(err)
			}
			page, err := c.Conversations(ctx, sync.InternalInbox, "", 50)
			if err != nil || len(page.Items) != 50 {
				b.Fatal(err, len(page.Items))
			}
			if _, err := c.Messages(ctx, page.Items[0].ID, 0, 0, 50); err != nil {
				b.Fatal(err)
			}
			c.Close()
		}
	})
	c := open(b, dir)
	b.Run("LongConversation", func(b *testing.B) {
		for b.Loop() {
			if page, err := c.Messages(ctx, "c00000", 0, 0, 50); err != nil || len(page.Items) != 50 {
				b.Fatal(err)
			}
		}
	})
	for _, q := range []string{"ba", "cod", "fageli", "ba cod", "du x", "mon ap so"} {
		b.Run("Search/"+strings.ReplaceAll(q, " ", "+"), func(b *testing.B) {
			for b.Loop() {
				if _, err := c.Find(ctx, q, 50); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("Counts", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.Counts(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkApply applies 10,000 missed entries, as after a holiday, in the batches the feed makes.
func BenchmarkApply(b *testing.B) {
	const entries, batchSize = 10_000, 2_000
	b.Logf("fsync %v", fsync(b))
	for b.Loop() {
		b.StopTimer()
		c := open(b, b.TempDir())
		r := rand.New(rand.NewPCG(3, 4))
		batch := []sync.Entry{}
		for i := range 200 {
			batch = append(batch, conversationEntry(i, 0))
		}
		for n := range entries - 200 {
			batch = append(batch, messageEntry(r, n+1, n%200, int64(n/200+1)))
		}
		b.StartTimer()
		for at := 0; at < entries; at += batchSize {
			apply(b, c, batch[at:at+batchSize], int64(at+batchSize))
		}
		b.StopTimer()
		c.Close()
		b.StartTimer()
	}
}

func fsync(b *testing.B) time.Duration {
	f, err := os.CreateTemp(b.TempDir(), "fsync")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	begin := time.Now()
	for range 10 {
		f.WriteString("x")
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begin) / 10
}
