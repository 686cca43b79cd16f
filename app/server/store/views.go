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
	// asleep begins with what the viewer has put to sleep.
	asleep = `standings s JOIN conversations c ON c.id = s.conversation WHERE s.person = $1 AND s.snoozed_until > 0 AND ` + shownToUser + ` AND `
	awake  = `COALESCE(s.snoozed_until, 0) = 0`
	// mentioned begins with where the viewer was mentioned, with the newest message that does.
	mentioned = `(SELECT n.conversation, MAX(n.number) AS newest FROM mentions n WHERE n.person = $1 GROUP BY n.conversation) x
		CROSS JOIN conversations c LEFT JOIN standings` + standingOf + ` WHERE c.id = x.conversation AND ` + shownToUser + ` AND `
	// unseenOf: something of somebody else after what s has seen. A conversation whose newest messages are all one's own
	// still counts what lies before them.
	unseenOf = `c.last_number > s.seen_up_to AND EXISTS (SELECT 1 FROM messages m WHERE m.conversation = s.conversation AND m.number > s.seen_up_to
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
	"mine":           {everything, `c.assignee <> '' AND c.assignee = $1 AND ` + awake},
	"unassigned":     {everything, `c.kind = 'customer' AND c.state = 'open' AND c.assignee = '' AND ` + awake},
	"unread":         {stoodIn, unseenOf},
	"snoozed":        {asleep, `TRUE`},
	"mentions":       {mentioned, `(c.kind = 'customer' OR c.item <> '' OR x.newest >= s.history_from)`},
}

// counted are the views that ask for something to be done, and what of them is counted.
var counted = map[string]string{
	"open": `TRUE`, "mine": `c.state = 'open'`, "unassigned": `TRUE`, "unread": `TRUE`, "snoozed": `TRUE`,
	"mentions": `x.newest > COALESCE(s.seen_up_to, 0)`,
}

// CountViews counts up to messaging.MaxCount conversations of each view that asks for something to be done.
func (t tx) CountViews(viewer desk.Person) (map[string]int64, error) {
	counts := make(map[string]int64, len(counted))
	for name, what := range counted {
		v := listed[name].to(viewer)
		var n int64
		if err := t.q.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM `+v.from+v.where+` AND `+what+` LIMIT $2) n`, viewer.ID, messaging.MaxCount).Scan(&n); err != nil {
			return nil, err
		}
		counts[name] = n
	}
	return counts, nil
}

// to is the view as somebody has it: a customer of nothing but what they stand in.
func (v view) to(viewer desk.Person) view {
	if viewer.Kind == desk.User {
		return v
	}
	if v.from == everything {
		v.from = stoodIn
	}
	v.where = shownToCustomer + ` AND ` + v.where
	return v
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
	v = v.to(viewer)
	at, before, err := listCursor(q)
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
	if q.Person != "" && strings.HasPrefix(v.from, `conversations c`) { // begins with what that person stands in, by an index
		v.from = `standings o CROSS JOIN ` + v.from
	}
	place, order, since := ` AND (c.last_at < $2 OR c.last_at = $2 AND c.id < $3)`, ` ORDER BY c.last_at DESC, c.id DESC LIMIT $4`, `c.last_at`
	if q.Sort == messaging.SortWaiting {
		since = `c.waiting_since`
		place, order = ` AND c.waiting_since > 0 AND (c.waiting_since > $2 OR c.waiting_since = $2 AND c.id > $3)`, ` ORDER BY c.waiting_since, c.id LIMIT $4`
	}
	query := `SELECT c.id, ` + since + ` FROM ` + v.from + v.where + place
	args := []any{viewer, at, before, q.Limit + 1}
	with := func(condition string, arg any) {
		args = append(args, arg)
		query += ` AND ` + strings.ReplaceAll(condition, "$n", fmt.Sprintf("$%d", len(args)))
	}
	if q.Item != "" {
		with(`c.item <> '' AND c.item = $n`, q.Item)
	}
	if q.Person != "" {
		condition := `o.conversation = c.id AND o.person = $n AND o.participant = 1`
		if !strings.HasPrefix(v.from, `standings o`) {
			condition = `EXISTS (SELECT 1 FROM standings o WHERE ` + condition + `)`
		}
		with(condition, q.Person)
	}
	for _, w := range desk.Words(q.Query) {
		with(`(c.words LIKE $n OR EXISTS (SELECT 1 FROM standings o JOIN people p ON p.id = o.person
			WHERE o.conversation = c.id AND o.participant = 1 AND o.person <> $1 AND p.words LIKE $n))`, "% "+w+"%")
	}
	return query + order, args
}

func listCursor(q messaging.ListQuery) (at int64, id string, err error) {
	if q.Cursor == "" && q.Sort == messaging.SortWaiting {
		return 0, "", nil
	}
	if q.Cursor == "" {
		return 1 << 62, "", nil
	}
	a, id, ok := strings.Cut(q.Cursor, " ")
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
