package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
	"recado/app/server/store/storetest"
)

// engines runs a benchmark on both databases.
func engines(b *testing.B, run func(*testing.B, *storetest.Bundle)) {
	b.Run("sqlite", func(b *testing.B) { run(b, sqlite(b)) })
	b.Run("postgres", func(b *testing.B) { run(b, postgres(b)) })
}

// BenchmarkFollowers: an item whose customers are as many as may follow one, and what it costs to write to them, to come
// and to go.
func BenchmarkFollowers(b *testing.B) {
	engines(b, func(b *testing.B, bundle *storetest.Bundle) {
		ctx, ana := context.Background(), bundle.User("Ana")
		for i := range 49 {
			bundle.User(fmt.Sprintf("User %d", i))
		}
		crowd := make([]string, desk.MaxFollowers-1)
		for i := range crowd {
			crowd[i] = bundle.Customer("Customer").ID
		}
		item := bundle.Ticket(ana, "popular")
		v := bundle.About(ana, item.ID, "the first", desk.WithCustomers)
		last := crowd[len(crowd)-1]
		if _, err := bundle.Messaging.Follow(ctx, ana, item.ID, crowd[:len(crowd)-1], false); err != nil {
			b.Fatal(err)
		}
		b.Run("post", func(b *testing.B) {
			for b.Loop() {
				bundle.Say(ana, v.ID, "to all of them")
			}
		})
		b.Run("follow and unfollow", func(b *testing.B) {
			for b.Loop() {
				if _, err := bundle.Messaging.Follow(ctx, ana, item.ID, []string{last}, false); err != nil {
					b.Fatal(err)
				}
				if err := bundle.Messaging.Unfollow(ctx, ana, item.ID, last); err != nil {
					b.Fatal(err)
				}
			}
		})
		one := desk.Person{ID: crowd[0], Kind: desk.Customer}
		b.Run("seen by one", func(b *testing.B) {
			for n := int64(1); b.Loop(); n++ {
				if _, err := bundle.Messaging.See(ctx, one, v.ID, n, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// fillDesk makes a desk of 20,000 conversations with a million messages, and 100,000 items.
func fillDesk(b *testing.B, bundle *storetest.Bundle) (users []desk.Person) {
	for i := range 12 {
		users = append(users, bundle.User(fmt.Sprintf("User %d", i)))
	}
	customer := bundle.Customer("Customer")
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = "'" + u.ID + "'"
	}
	series, blank := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) `, ``
	if bundle.DB.Engine() == sqldb.Postgres {
		series, blank = `WITH n(i) AS (SELECT generate_series(1, %d)) `, `, words`
	}
	user := `CASE i % 12 ` + func() (s string) {
		for i, id := range ids {
			s += fmt.Sprintf(`WHEN %d THEN %s `, i, id)
		}
		return s
	}() + `END`
	words := func(v string) string {
		if blank == "" {
			return ""
		}
		return v
	}
	insert := func(table, columns, what string, n int) string { // PostgreSQL wants WITH after INSERT or before; both take it after
		return `INSERT INTO ` + table + ` (` + columns + `) ` + fmt.Sprintf(series, n) + what
	}
	for _, text := range []string{
		insert("conversations", "id, kind, subject, state, item, assignee, created_at, last_number, last_at, audience, version, shown_version, waiting_since",
			`SELECT 'c' || i, 'customer', 'subject ' || i, CASE WHEN i % 10 = 0 THEN 'open' ELSE 'closed' END, '', CASE WHEN i % 3 = 0 THEN '' ELSE `+user+` END, i, 50, i, 1, 1, 1,
			CASE WHEN i % 20 = 0 THEN i ELSE 0 END FROM n`, 20_000),
		insert("messages", "id, conversation, number, author, client_key, body, created_at, version"+blank,
			`SELECT 'm' || i, 'c' || ((i - 1) / 50 + 1), (i - 1) % 50 + 1, CASE WHEN i % 2 = 0 THEN '`+customer.ID+`' ELSE `+user+` END, '', 'some words of a message', i, 1`+words(`, ''::tsvector`)+` FROM n`, 1_000_000),
		insert("standings", "conversation, person, participant, history_from, seen_up_to", `SELECT 'c' || i, `+user+`, 1, 1, CASE WHEN i % 100 = 0 THEN 20 ELSE 50 END FROM n`, 20_000),
		insert("standings", "conversation, person, participant, history_from", `SELECT 'c' || i, '`+customer.ID+`', 1, 1 FROM n`, 20_000),
		insert("mentions", "person, conversation, number", `SELECT `+user+`, 'c' || (i * 10), 7 FROM n`, 2_000),
		insert("items", "number, id, kind, title, description, state, assignee, due_at, tags, project, followers, author, created_at, changed_at, version"+blank,
			`SELECT i, 'i' || i, CASE WHEN i % 4 = 0 THEN 'task' ELSE 'ticket' END, 'title ' || i, '', CASE WHEN i % 20 = 0 THEN 'open' ELSE 'done' END, `+user+`, CASE WHEN i % 7 = 0 THEN i ELSE 0 END, 't' || (i % 1000) || ',', 'p' || (i % 50), 1, `+
				user+`, i, i, 1`+words(`, array_to_tsvector(ARRAY['title', i::text])`)+` FROM n`, 100_000),
		insert("item_tags", "tag, number", `SELECT 't' || (i % 1000), i FROM n`, 100_000),
		insert("followings", "item, person, number, follows, muted", `SELECT 'i' || i, `+user+`, i, 1, 0 FROM n`, 100_000),
	} {
		if err := bundle.DB.Write(context.Background(), func(q sqldb.Queryer) error {
			if bundle.DB.Engine() == sqldb.Postgres {
				if _, err := q.Exec(`SET LOCAL statement_timeout = 0`); err != nil {
					return err
				}
			}
			_, err := q.Exec(text)
			return err
		}); err != nil {
			b.Fatalf("%v in %s", err, strings.Fields(text)[2])
		}
	}
	rest := []string{`ANALYZE`}
	if bundle.DB.Engine() == sqldb.SQLite {
		rest = []string{`INSERT INTO items_words (rowid, title, description) SELECT number, title, description FROM items`}
	}
	for _, text := range rest {
		if err := bundle.DB.Write(context.Background(), func(q sqldb.Queryer) error { _, err := q.Exec(text); return err }); err != nil {
			b.Fatal(err)
		}
	}
	return users
}

// BenchmarkDesk: the first page of every view, the counts, and lists of items, where there are a million messages.
func BenchmarkDesk(b *testing.B) {
	engines(b, func(b *testing.B, bundle *storetest.Bundle) {
		me := fillDesk(b, bundle)[3]
		for _, q := range []messaging.ListQuery{{}, {View: "open"}, {View: "closed"}, {View: "mine"}, {View: "unassigned"}, {View: "unread"}, {View: "snoozed"}, {View: "mentions"},
			{View: "open", Sort: messaging.SortWaiting}, {View: "mine", Sort: messaging.SortWaiting}} {
			q.Limit = 50
			b.Run("view "+q.View+" "+q.Sort, func(b *testing.B) {
				for b.Loop() {
					if _, _, err := bundle.Messaging.List(b.Context(), me, q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run("counts", func(b *testing.B) {
			for b.Loop() {
				if _, err := bundle.Messaging.Counts(b.Context(), me); err != nil {
					b.Fatal(err)
				}
			}
		})
		for name, q := range map[string]messaging.ItemQuery{"all": {}, "active": {State: messaging.Active}, "mine": {Assignee: me.ID, State: "open"}, "tag": {Tag: "t7"},
			"followed": {Follower: me.ID}, "words": {Words: []string{"title", "99"}}, "due": {DueBefore: 50_000}} {
			q.Limit = 50
			b.Run("items "+name, func(b *testing.B) {
				for b.Loop() {
					if _, _, err := bundle.Messaging.Items(b.Context(), me, q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}
