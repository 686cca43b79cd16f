package store

import (
	"context"
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/kit/pgtest"
	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
)

// asked is every page and count an agent's day asks for, by name.
func asked(engine sqldb.Engine) map[string]struct {
	query string
	args  []any
} {
	out := map[string]struct {
		query string
		args  []any
	}{}
	add := func(name, query string, args []any) {
		out[name] = struct {
			query string
			args  []any
		}{query, args}
	}
	viewer := desk.Person{ID: "me", Kind: desk.User}
	for name, v := range listed {
		for _, q := range []messaging.ListQuery{{View: name, Limit: 50}, {View: name, Item: "i", Limit: 50}, {View: name, Person: "p", Limit: 50}} {
			at, id, _ := listCursor(q)
			text, args := v.to(viewer).query(q, viewer.ID, at, id)
			add("view "+name+q.Item+q.Person, text, args)
		}
	}
	for _, name := range []string{"open", "mine", "unassigned"} {
		text, args := listed[name].query(messaging.ListQuery{View: name, Sort: messaging.SortWaiting, Limit: 50}, viewer.ID, 0, "")
		add("waiting "+name, text, args)
	}
	for name, what := range counted {
		v := listed[name]
		add("count of "+name, `SELECT COUNT(*) FROM (SELECT 1 FROM `+v.from+v.where+` AND `+what+` LIMIT $2) n`, []any{viewer.ID, 1000})
	}
	for name, q := range map[string]messaging.ItemQuery{"all": {}, "kind": {Kind: desk.Task}, "state": {State: "open"}, "active": {State: messaging.Active},
		"assignee": {Assignee: "a"}, "nobody's": {Assignee: messaging.Nobody}, "follower": {Follower: "f"}, "tag": {Tag: "t"}, "project": {Project: "p"},
		"words": {Words: []string{"one", "tw"}}, "due": {DueBefore: 7, Tag: "t", Words: []string{"one"}}, "tag and state": {Tag: "t", State: "open", Follower: "f"}} {
		q.Limit = 50
		text, args, err := spellItems(engine, q)
		if err != nil {
			panic(err)
		}
		add("items "+name, text, args)
	}
	add("waking", `SELECT conversation, person FROM standings WHERE snoozed_until > 0 AND snoozed_until <= $1 ORDER BY snoozed_until, conversation, person LIMIT $2`, []any{int64(1), 1})
	for _, n := range mailCounts {
		add("mail "+n.query, n.query, n.args(1, 2))
	}
	return out
}

// TestNoPageScansATable: each is found by an index, however much there is.
func TestNoPageScansATable(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db, err := sqldb.OpenSQLite(filepath.Join(t.TempDir(), "recado.db"))
		if err != nil {
			t.Fatal(err)
		}
		// What walks an index in its order stops at the page's end. SCAN alone, or of an index only to sort it, does not.
		plan(t, db, `EXPLAIN QUERY PLAN `, regexp.MustCompile(`^SCAN (items|conversations|messages|standings|followings|item_tags|c|i|m|s|f|t|o)$|AUTOMATIC`))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db, err := sqldb.OpenPostgres(t.Context(), pgtest.URL(t))
		if err != nil {
			t.Fatal(err)
		}
		plan(t, db, `EXPLAIN `, regexp.MustCompile(`Seq Scan on (items|conversations|messages|standings|followings|item_tags)`))
	})
}

// walked is an index that is gone along from one end.
var walked = regexp.MustCompile(`^SCAN [a-z]+ USING`)

func plan(t *testing.T, db *sqldb.DB, explain string, bad *regexp.Regexp) {
	t.Cleanup(func() { db.Close() })
	if err := Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	for name, q := range asked(db.Engine()) {
		err := db.Write(context.Background(), func(tx sqldb.Queryer) error {
			if db.Engine() == sqldb.Postgres { // on empty tables it would not bother with an index
				if _, err := tx.Exec(`SET LOCAL enable_seqscan = off`); err != nil {
					return err
				}
			}
			walks, sorts := "", false
			rows, err := tx.Query(explain+q.query, q.args...)
			err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
				line := ""
				var id, parent, unused int
				err := r.Scan(&line)
				if db.Engine() == sqldb.SQLite {
					err = r.Scan(&id, &parent, &unused, &line)
				}
				if bad.MatchString(strings.TrimSpace(line)) {
					t.Errorf("%s: %s\n%s", name, line, q.query)
				}
				if walked.MatchString(line) {
					walks = line
				}
				sorts = sorts || strings.Contains(line, "TEMP B-TREE FOR ORDER BY")
				return err
			})
			if walks != "" && sorts {
				t.Errorf("%s: the whole of an index is sorted: %s\n%s", name, walks, q.query)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
