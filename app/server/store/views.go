package store

import (
	"database/sql"
	"fmt"
	"strings"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
)

// What desk.SeesFrom decides for one conversation, said for many: c is the conversation, s the standing of the viewer $1
// in it, which may be missing.
const (
	standingOf = ` s ON s.conversation = c.id AND s.person = $1`
	// shown to a user: what all users share, and what they stand in from where their history begins.
	shownToUser     = `(c.kind = 'customer' OR c.item <> '' OR s.participant = 1)`
	messageToUser   = `(c.kind = 'customer' OR c.item <> '' OR s.participant = 1 AND m.number >= s.history_from)`
	shownToCustomer = `c.kind = 'customer' AND s.participant = 1`
	// messageToCustomer: never anything of the team's own conversations, whatever stands in the table.
	messageToCustomer = `(c.kind = 'customer' AND s.participant = 1 AND m.number >= s.history_from)`
)

// shownMessages joins messages m with what says whether the viewer $1 may see them, and the condition that asks it.
func shownMessages(viewer desk.Person) (join, condition string) {
	join = ` JOIN conversations c ON c.id = m.conversation LEFT JOIN standings` + standingOf + ` `
	switch {
	case viewer.Disabled:
		return join, `FALSE`
	case viewer.Kind == desk.User:
		return join, messageToUser
	}
	return join, messageToCustomer
}

// view is where a view's conversations are looked for, and which of them belong to it.
type view struct {
	from  string
	where string
}

const (
	// stoodIn begins with what the viewer stands in, by an index: for views of one's own.
	stoodIn = `standings s JOIN conversations c ON c.id = s.conversation WHERE s.person = $1 AND s.participant = 1 AND `
	// everything begins with the conversations: for views of what users share.
	everything = `conversations c LEFT JOIN standings` + standingOf + ` WHERE ` + shownToUser + ` AND `
	// unseenOf: something of somebody else after what s has seen. A conversation whose newest messages are all one's own
	// still counts what lies before them.
	unseenOf = `EXISTS (SELECT 1 FROM messages m WHERE m.conversation = s.conversation AND m.number > s.seen_up_to
	AND m.number >= s.history_from AND m.author <> s.person AND m.deleted_at = 0 AND ` + byPerson + `)`
	// byPerson leaves out what a program wrote by mail: an absence notice waits for nobody. Quotes within the JSON's own
	// texts are escaped, so that nothing else looks like this.
	byPerson = `m.origin NOT LIKE '%"Automatic":true%'`
)

var listed = map[string]view{
	"":               {everything, `TRUE`},
	"internal-inbox": {stoodIn, `c.kind = 'internal' AND c.last_number - s.history_from + 1 > s.written`},
	"internal-sent":  {stoodIn, `c.kind = 'internal' AND s.written > 0`},
	"open":           {everything, `c.kind = 'customer' AND c.state = 'open'`},
	"closed":         {everything, `c.kind = 'customer' AND c.state = 'closed'`},
	"mine":           {everything, `c.assignee <> '' AND c.assignee = $1`},
	"unread":         {stoodIn, unseenOf},
	"snoozed":        {everything, `s.snoozed_until > 0`},
	"mentions": {everything, `c.id IN (SELECT n.conversation FROM mentions n WHERE n.person = $1
		AND (c.kind = 'customer' OR c.item <> '' OR n.number >= s.history_from))`},
}

// List gives ids of one view, latest activity first; the view `all` in the order of ids, which no activity disturbs.
func (t tx) List(viewer desk.Person, q messaging.ListQuery) (ids []string, next string, err error) {
	if q.View == "all" {
		return t.listAll(viewer, q)
	}
	v, ok := listed[q.View]
	if !ok {
		return nil, "", desk.Invalid("query.view", "there is no such view")
	}
	if viewer.Kind != desk.User {
		v = view{stoodIn, shownToCustomer + ` AND ` + v.where}
	}
	at, before, err := listCursor(q.Cursor)
	if err != nil {
		return nil, "", err
	}
	query, args := v.query(q, viewer.ID, at, before)
	rows, err := t.q.Query(query, args...)
	var last []int64
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		var at int64
		if err := r.Scan(&id, &at); err != nil {
			return err
		}
		ids, last = append(ids, id), append(last, at)
		return nil
	})
	if len(ids) > q.Limit {
		ids = ids[:q.Limit]
		next = fmt.Sprintf("%d %s", last[q.Limit-1], ids[q.Limit-1])
	}
	return ids, next, err
}

// query spells one page of v that begins after a place in the order of activity.
func (v view) query(q messaging.ListQuery, viewer string, at int64, before string) (string, []any) {
	query := `SELECT c.id, c.last_at FROM ` + v.from + v.where + ` AND (c.last_at < $2 OR c.last_at = $2 AND c.id < $3)`
	args := []any{viewer, at, before, q.Limit + 1}
	with := func(condition string, arg any) {
		args = append(args, arg)
		query += ` AND ` + strings.ReplaceAll(condition, "$n", fmt.Sprintf("$%d", len(args)))
	}
	if q.Item != "" {
		with(`c.item = $n`, q.Item)
	}
	if q.Person != "" {
		with(`c.id IN (SELECT o.conversation FROM standings o WHERE o.person = $n AND o.participant = 1)`, q.Person)
	}
	for _, w := range desk.Words(q.Query) {
		with(`(c.words LIKE $n OR EXISTS (SELECT 1 FROM standings o JOIN people p ON p.id = o.person
			WHERE o.conversation = c.id AND o.participant = 1 AND o.person <> $1 AND p.words LIKE $n))`, "% "+w+"%")
	}
	return query + ` ORDER BY c.last_at DESC, c.id DESC LIMIT $4`, args
}

func listCursor(cursor string) (at int64, id string, err error) {
	if cursor == "" {
		return 1 << 62, "", nil
	}
	a, id, ok := strings.Cut(cursor, " ")
	at, e := number(a)
	if !ok || e != nil {
		return 0, "", desk.Invalid("query.cursor", "this cursor is from elsewhere")
	}
	return at, id, nil
}

const (
	allStoodIn = `SELECT * FROM (SELECT s.conversation AS id FROM standings s WHERE s.person = $1 AND s.participant = 1 AND s.conversation > $2
		ORDER BY s.conversation LIMIT $3) a`
	allShared = `SELECT * FROM (SELECT c.id AS id FROM conversations c WHERE (c.kind = 'customer' OR c.item <> '') AND c.id > $2
		ORDER BY c.id LIMIT $3) b`
)

// listAll: each half of a user's is taken in order from its own index, and cut before the two are put together.
func (t tx) listAll(viewer desk.Person, q messaging.ListQuery) (ids []string, next string, err error) {
	query := allStoodIn + ` ORDER BY 1 LIMIT $3`
	if viewer.Kind == desk.User {
		query = allStoodIn + ` UNION ` + allShared + ` ORDER BY 1 LIMIT $3`
	}
	rows, err := t.q.Query(query, viewer.ID, q.Cursor, q.Limit+1)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		if err := r.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
		return nil
	})
	if len(ids) > q.Limit {
		ids = ids[:q.Limit]
		next = ids[q.Limit-1]
	}
	return ids, next, err
}
