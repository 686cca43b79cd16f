package store

import (
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
)

// Tell writes entries to the feeds of people. It is a transaction's last act: the heads of all who are told are locked
// in one statement, sorted, and a feed's next numbers are taken under that lock. Numbers have no gaps, for a transaction
// that does not commit takes none.
func (t tx) Tell(told []messaging.Told) error {
	if len(told) == 0 {
		return nil
	}
	groups := []group{{told[0].People, told}}
	if len(told) > 1 {
		groups = grouped(told)
	}
	if t.q.Engine() == sqldb.Postgres {
		return t.tellTogether(groups)
	}
	for _, g := range groups {
		if err := t.tellGroup(g.people, g.told); err != nil {
			return err
		}
	}
	return nil
}

type group struct {
	people []string
	told   []messaging.Told
}

// grouped puts together people who are told the same entries.
func grouped(told []messaging.Told) []group {
	which := map[string][]int{}
	var people []string
	for i, e := range told {
		for _, p := range e.People {
			if which[p] == nil {
				people = append(people, p)
			}
			which[p] = append(which[p], i)
		}
	}
	at := map[string]int{}
	var out []group
	for _, p := range people {
		b, _ := json.Marshal(which[p]) // whole numbers always encode
		i, ok := at[string(b)]
		if !ok {
			i = len(out)
			at[string(b)] = i
			var g group
			for _, n := range which[p] {
				g.told = append(g.told, told[n])
			}
			out = append(out, g)
		}
		out[i].people = append(out[i].people, p)
	}
	return out
}

// fewPeople: up to so many are told one by one, which costs less than the list of all of them.
const fewPeople = 4

func (t tx) tellGroup(who []string, told []messaging.Told) error {
	if len(who) <= fewPeople {
		return t.tellFew(who, told)
	}
	people := list(who)
	if _, err := t.q.Exec(`UPDATE heads SET head = head + $2 WHERE person IN {list:$1}`, people, len(told)); err != nil {
		return err
	}
	for i, e := range told {
		if _, err := t.q.Exec(`INSERT INTO feed (person, number, type, conversation, ref, at)
			SELECT person, head - $2, $3, $4, $5, $6 FROM heads WHERE person IN {list:$1}`,
			people, len(told)-1-i, string(e.Entry.Type), e.Entry.Conversation, e.Entry.Ref, e.Entry.At); err != nil {
			return err
		}
	}
	return nil
}

// tellAll locks the heads of all who are told in one order, so that no two transactions wait for each other in a circle,
// moves them, and writes the entries. The lists are given as arrays, for which PostgreSQL looks rows up one by one.
const tellAll = `WITH held AS (
		SELECT person FROM heads WHERE person = ANY (ARRAY(SELECT jsonb_object_keys($1::jsonb))) ORDER BY person FOR UPDATE
	), moved AS (
		UPDATE heads SET head = head + ($2::jsonb ->> ($1::jsonb ->> person)::int)::int
		WHERE person = ANY (ARRAY(SELECT person FROM held)) RETURNING person, head, ($1::jsonb ->> person)::int AS group_number
	)
	INSERT INTO feed (person, number, type, conversation, ref, at)
	SELECT m.person, m.head - e."Back", e."Type", e."Conversation", e."Ref", e."At"
	FROM moved m JOIN jsonb_to_recordset($3::jsonb) AS e("Group" int, "Back" int, "Type" text, "Conversation" text, "Ref" text, "At" bigint)
		ON e."Group" = m.group_number`

// tellTogether is one statement for everybody. What users share is in the feed of each of them: all who write wait for
// these locks in turn, and each way to the database and back while they are held is paid by all.
func (t tx) tellTogether(groups []group) error {
	type entry struct {
		Group, Back             int
		Type, Conversation, Ref string
		At                      int64
	}
	who, counts := map[string]int{}, make([]int, len(groups))
	var what []entry
	for n, g := range groups {
		counts[n] = len(g.told)
		for _, p := range g.people {
			who[p] = n
		}
		for i, e := range g.told {
			what = append(what, entry{n, len(g.told) - 1 - i, string(e.Entry.Type), e.Entry.Conversation, e.Entry.Ref, e.Entry.At})
		}
	}
	args := make([]any, 0, 3)
	for _, v := range []any{who, counts, what} {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		args = append(args, string(b))
	}
	_, err := t.q.Exec(tellAll, args...)
	return err
}

// tellFew writes row by row: SQLite keeps no journal for statements that change one row, and a full-text index that
// waits for the commit is written out whenever one begins.
func (t tx) tellFew(people []string, told []messaging.Told) error {
	for _, p := range people {
		if _, err := t.q.Exec(`UPDATE heads SET head = head + $2 WHERE person = $1`, p, len(told)); err != nil {
			return err
		}
		var head int64
		if err := t.q.QueryRow(`SELECT head FROM heads WHERE person = $1`, p).Scan(&head); err != nil {
			return err
		}
		for i, e := range told {
			if _, err := t.q.Exec(`INSERT INTO feed (person, number, type, conversation, ref, at) VALUES ($1, $2, $3, $4, $5, $6)`,
				p, head-int64(len(told)-1-i), string(e.Entry.Type), e.Entry.Conversation, e.Entry.Ref, e.Entry.At); err != nil {
				return err
			}
		}
	}
	return nil
}

// Entries lists up to limit entries of each feed after its number, in order.
func (t tx) Entries(reads []messaging.FeedRead, limit int) (out []desk.Entry, err error) {
	if len(reads) == 1 {
		return t.entries(`SELECT person, number, type, conversation, ref, at FROM feed WHERE person = $1 AND number > $2 AND number <= $3
			ORDER BY number`, reads[0].Person, reads[0].After, reads[0].After+int64(limit))
	}
	// Readers mostly follow closely: ask for all that lies after the lowest wish of each, one person at a time inside
	// the engine.
	b, err := json.Marshal(reads)
	if err != nil {
		return nil, err
	}
	query := `SELECT f.person, f.number, f.type, f.conversation, f.ref, f.at FROM json_each($1) w
		JOIN feed f ON f.person = w.value ->> 'Person' AND f.number > (w.value ->> 'After') AND f.number <= (w.value ->> 'After') + $2
		ORDER BY f.person, f.number`
	if t.q.Engine() == sqldb.Postgres {
		query = `SELECT f.person, f.number, f.type, f.conversation, f.ref, f.at
			FROM jsonb_to_recordset($1::jsonb) AS w("Person" text, "After" bigint), LATERAL (
				SELECT * FROM feed WHERE person = w."Person" COLLATE "C" AND number > w."After" ORDER BY number LIMIT $2) f
			ORDER BY f.person, f.number`
	}
	return t.entries(query, string(b), limit)
}

func (t tx) entries(query string, args ...any) (out []desk.Entry, err error) {
	rows, err := t.q.Query(query, args...)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var e desk.Entry
		if err := r.Scan(&e.Person, &e.Number, &e.Type, &e.Conversation, &e.Ref, &e.At); err != nil {
			return err
		}
		out = append(out, e)
		return nil
	})
	return out, err
}

// Heads gives head and floor of people's feeds.
func (t tx) Heads(people []string) (map[string]messaging.FeedHead, error) {
	out := make(map[string]messaging.FeedHead, len(people))
	which, arg := among(people, "$1")
	rows, err := t.q.Query(`SELECT person, head, floor FROM heads WHERE person`+which, arg)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var p string
		var h messaging.FeedHead
		err := r.Scan(&p, &h.Head, &h.Floor)
		out[p] = h
		return err
	})
	return out, err
}

// words is how a person is found.
func words(p desk.Person) string {
	return foldedWords(p.Name + " " + p.Email + " " + p.Organisation)
}

// foldedWords gives the words of a text folded, each once with a space before it, to be found by their beginnings.
func foldedWords(text string) string {
	w := desk.Words(text)
	slices.Sort(w)
	return " " + strings.Join(slices.Compact(w), " ")
}
