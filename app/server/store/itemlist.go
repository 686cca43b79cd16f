package store

import (
	"fmt"
	"strconv"
	"strings"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
)

// itemQuery is one page of items while it is being spelled. One condition leads: its index gives the items in the order
// of the page, and the others are asked of each. What leads is what is likely to be rarest.
type itemQuery struct {
	engine sqldb.Engine
	from   string
	where  []string
	args   []any
}

func (q *itemQuery) arg(v any) string {
	q.args = append(q.args, v)
	return fmt.Sprintf("$%d", len(q.args))
}

func (q *itemQuery) with(format string, v any) {
	q.where = append(q.where, strings.ReplaceAll(format, "$n", q.arg(v)))
}

// matching is how an engine is asked for all words, the last as the beginning of one.
func (q *itemQuery) matching(words []string) string {
	if q.engine == sqldb.Postgres {
		return `'` + strings.Join(words, `' & '`) + `':*`
	}
	return `"` + strings.Join(words, `" "`) + `"*`
}

// lead chooses what the page is read by, and gives the column of the item's number there.
func (q *itemQuery) lead(ask messaging.ItemQuery) string {
	number := "i.number"
	switch {
	case ask.DueBefore > 0:
		q.from = `items i`
		q.with(`i.due_at > 0 AND i.due_at <= $n`, ask.DueBefore)
	case len(ask.Words) > 0 && q.engine == sqldb.SQLite:
		q.from, number = `items_words w CROSS JOIN items i ON i.number = w.rowid`, "w.rowid"
		q.with(`items_words MATCH $n`, q.matching(ask.Words))
		ask.Words = nil
	case ask.Tag != "":
		q.from, number = `item_tags t CROSS JOIN items i`, "t.number"
		q.with(`i.number = t.number AND t.tag = $n`, ask.Tag)
		ask.Tag = ""
	case ask.Follower != "":
		q.from, number = `followings f CROSS JOIN items i`, "f.number"
		q.with(`i.id = f.item AND f.follows = 1 AND f.person = $n`, ask.Follower)
		ask.Follower = ""
	default:
		q.from = `items i`
	}
	q.rest(ask)
	return number
}

// rest asks what does not lead.
func (q *itemQuery) rest(ask messaging.ItemQuery) {
	if len(ask.Words) > 0 {
		condition := `i.number IN (SELECT w.rowid FROM items_words w WHERE items_words MATCH $n)`
		if q.engine == sqldb.Postgres {
			condition = `i.words @@ $n::tsquery`
		}
		q.with(condition, q.matching(ask.Words))
	}
	if ask.Tag != "" {
		q.with(`EXISTS (SELECT 1 FROM item_tags t WHERE t.tag = $n AND t.number = i.number)`, ask.Tag)
	}
	if ask.Follower != "" {
		q.with(`EXISTS (SELECT 1 FROM followings f WHERE f.person = $n AND f.item = i.id AND f.follows = 1)`, ask.Follower)
	}
	switch ask.State {
	case "":
	case messaging.Active:
		q.where = append(q.where, `i.state <> 'done'`)
	default:
		q.with(`i.state = $n`, ask.State)
	}
	switch ask.Assignee {
	case "":
	case messaging.Nobody:
		q.where = append(q.where, `i.assignee = ''`)
	default:
		q.with(`i.assignee = $n`, ask.Assignee)
	}
	if ask.Kind != "" {
		q.with(`i.kind = $n`, string(ask.Kind))
	}
	if ask.Project != "" {
		q.with(`i.project = $n`, ask.Project)
	}
}

// spellItems gives the text of one page that begins after a place.
func spellItems(engine sqldb.Engine, ask messaging.ItemQuery) (string, []any, error) {
	q := &itemQuery{engine: engine}
	number := q.lead(ask)
	due, n := int64(0), int64(1<<62)
	if ask.Cursor != "" {
		a, text, ok := strings.Cut(ask.Cursor, " ")
		var e1, e2 error
		due, e1 = strconv.ParseInt(a, 10, 64)
		n, e2 = strconv.ParseInt(text, 10, 64)
		if !ok || e1 != nil || e2 != nil {
			return "", nil, desk.Invalid("query.cursor", "this cursor is from elsewhere")
		}
	}
	order := number + ` DESC`
	if ask.DueBefore > 0 {
		if ask.Cursor == "" {
			n = 0
		}
		q.where = append(q.where, fmt.Sprintf(`(i.due_at > %s OR i.due_at = %s AND i.number > %s)`, q.arg(due), q.arg(due), q.arg(n)))
		order = `i.due_at, i.number`
	} else {
		q.with(number+` < $n`, n)
	}
	return `SELECT ` + itemColumns + ` FROM ` + q.from + ` WHERE ` + strings.Join(q.where, ` AND `) + ` ORDER BY ` + order + ` LIMIT ` + q.arg(ask.Limit+1), q.args, nil
}

// ListItems gives one page, and a cursor to go on with.
func (t tx) ListItems(ask messaging.ItemQuery) (items []desk.Item, next string, err error) {
	query, args, err := spellItems(t.q.Engine(), ask)
	if err != nil {
		return nil, "", err
	}
	if items, err = t.items(query, args...); err != nil {
		return nil, "", err
	}
	if len(items) > ask.Limit {
		items = items[:ask.Limit]
		last := items[ask.Limit-1]
		next = fmt.Sprintf("%d %d", last.Due, last.Number)
	}
	return items, next, nil
}

func (t tx) replaceItemWords(before, i desk.Item) error {
	if t.q.Engine() == sqldb.Postgres {
		_, err := t.q.Exec(`UPDATE items SET words = array_to_tsvector($2::text[]) WHERE number = $1`, i.Number, lexemes(i.Title+"\n"+i.Description))
		return err
	}
	if _, err := t.q.Exec(`INSERT INTO items_words (items_words, rowid, title, description) VALUES ('delete', $1, $2, $3)`, i.Number, before.Title, before.Description); err != nil {
		return err
	}
	_, err := t.q.Exec(`INSERT INTO items_words (rowid, title, description) VALUES ($1, $2, $3)`, i.Number, i.Title, i.Description)
	return err
}
