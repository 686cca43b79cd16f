package store

import (
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"recado/app/desk"
	"recado/app/kit/sqldb"
)

const itemColumns = `i.id, i.number, i.kind, i.title, i.description, i.state, i.assignee, i.due_at, i.tags, i.project, i.followers, i.author,
	i.created_at, i.changed_at, i.version`

func scanItem(scan func(...any) error) (i desk.Item, err error) {
	var tags string
	err = scan(&i.ID, &i.Number, &i.Kind, &i.Title, &i.Description, &i.State, &i.Assignee, &i.Due, &tags, &i.Project, &i.Followers, &i.Author,
		&i.CreatedAt, &i.ChangedAt, &i.Version)
	if tags != "" {
		i.Tags = strings.Split(strings.TrimSuffix(tags, ","), ",")
	}
	return i, notFound(err)
}

// spellTags ends each tag with a comma, which none holds.
func spellTags(tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	return strings.Join(tags, ",") + ","
}

func (t tx) items(query string, args ...any) (out []desk.Item, err error) {
	rows, err := t.q.Query(query, args...)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		i, err := scanItem(r.Scan)
		out = append(out, i)
		return err
	})
	return out, err
}

// Item gives desk.ErrNotFound where there is none.
func (t tx) Item(id string) (desk.Item, error) {
	return scanItem(t.q.QueryRow(`SELECT `+itemColumns+` FROM items i WHERE i.id = $1`, id).Scan)
}

// LockItem is Item, for one transaction at a time.
func (t tx) LockItem(id string) (desk.Item, error) {
	return scanItem(t.q.QueryRow(`SELECT `+itemColumns+` FROM items i WHERE i.id = $1 {lock}`, id).Scan)
}

// LockConversation gives a conversation to one transaction at a time.
func (t tx) LockConversation(id string) (c desk.Conversation, err error) {
	err = t.q.QueryRow(`SELECT `+conversationColumns+` FROM conversations c WHERE c.id = $1 {lock}`, id).Scan(conversationFields(&c)...)
	return c, notFound(err)
}

// Items gives those of ids that exist, by id.
func (t tx) Items(ids []string) (map[string]desk.Item, error) {
	out := make(map[string]desk.Item, len(ids))
	which, arg := among(ids, "$1")
	found, err := t.items(`SELECT `+itemColumns+` FROM items i WHERE i.id`+which, arg)
	for _, i := range found {
		out[i.ID] = i
	}
	return out, err
}

// Followings of items, in the order of people's ids; of one person only where person is not empty.
func (t tx) Followings(items []string, person string) (map[string][]desk.Following, error) {
	out := make(map[string][]desk.Following, len(items))
	if len(items) == 0 {
		return out, nil
	}
	which, arg := among(items, "$1")
	query, args := `SELECT f.item, f.person, f.follows, f.muted FROM followings f WHERE f.item`+which, []any{arg}
	if person != "" {
		query, args = query+` AND f.person = $2`, append(args, person)
	}
	rows, err := t.q.Query(query+` ORDER BY f.item, f.person`, args...)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var item string
		var f desk.Following
		var follows, muted int
		err := r.Scan(&item, &f.Person, &follows, &muted)
		f.Follows, f.Muted = follows != 0, muted != 0
		out[item] = append(out[item], f)
		return err
	})
	return out, err
}

// Rooms gives the conversations of an item, at most one of each kind.
func (t tx) Rooms(item string) (out []desk.Conversation, err error) {
	rows, err := t.q.Query(`SELECT `+conversationColumns+` FROM conversations c WHERE c.item = $1 AND c.item <> '' ORDER BY c.kind`, item)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var c desk.Conversation
		err := r.Scan(conversationFields(&c)...)
		out = append(out, c)
		return err
	})
	return out, err
}

// ItemChanges lists what was changed of an item before a version (0: the newest), newest first.
func (t tx) ItemChanges(item string, before int64, limit int) (out []desk.ItemChange, err error) {
	if before == 0 {
		before = 1 << 62
	}
	rows, err := t.q.Query(`SELECT version, actor, at, changes FROM item_changes WHERE item = $1 AND version < $2 ORDER BY version DESC LIMIT $3`, item, before, limit)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		c := desk.ItemChange{Item: item}
		var changes string
		if err := r.Scan(&c.Version, &c.Actor, &c.At, &changes); err != nil {
			return err
		}
		out = append(out, c)
		return json.Unmarshal([]byte(changes), &out[len(out)-1].Changes)
	})
	return out, err
}

// FindTags lists tags in use by their beginning, in order, after one.
func (t tx) FindTags(beginning, after string, limit int) (out []string, err error) {
	rows, err := t.q.Query(`SELECT name FROM tags WHERE name >= $1 AND name < $2 AND name > $3 ORDER BY name LIMIT $4`,
		beginning, beginning+"\U0010ffff", after, limit)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		out = append(out, name)
		return err
	})
	return out, err
}

// count moves a counter on, and gives it.
func (t tx) count(name string, by int) (n int64, err error) {
	if _, err := t.q.Exec(`UPDATE counters SET value = value + $2 WHERE name = $1`, name, by); err != nil {
		return 0, err
	}
	err = t.q.QueryRow(`SELECT value FROM counters WHERE name = $1`, name).Scan(&n)
	return n, err
}

// NextItem gives the number of a new item.
func (t tx) NextItem() (int64, error) { return t.count("items", 1) }

// KnowTags notes tags in use; false where more than desk.MaxTags would be known.
func (t tx) KnowTags(tags []string) (bool, error) {
	fresh := 0
	for _, name := range tags {
		n, err := t.q.Exec(`INSERT INTO tags (name) VALUES ($1) ON CONFLICT DO NOTHING`, name)
		if err != nil {
			return false, err
		}
		fresh += int(n)
	}
	if fresh == 0 {
		return true, nil
	}
	n, err := t.count("tags", fresh)
	return n <= desk.MaxTags, err
}

// InsertItem adds a new one, to be found from then on.
func (t tx) InsertItem(i desk.Item) error {
	columns, values := `number, id, kind, title, description, state, assignee, due_at, tags, project, followers, author, created_at, changed_at, version`,
		`$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15`
	args := []any{i.Number, i.ID, string(i.Kind), i.Title, i.Description, string(i.State), i.Assignee, i.Due, spellTags(i.Tags), i.Project, i.Followers,
		i.Author, i.CreatedAt, i.ChangedAt, i.Version}
	if t.q.Engine() == sqldb.Postgres {
		columns, values, args = columns+`, words`, values+`, array_to_tsvector($16::text[])`, append(args, lexemes(i.Title+"\n"+i.Description))
	}
	if _, err := t.q.Exec(`INSERT INTO items (`+columns+`) VALUES (`+values+`)`, args...); err != nil {
		return err
	}
	if t.q.Engine() == sqldb.SQLite {
		if _, err := t.q.Exec(`INSERT INTO items_words (rowid, title, description) VALUES ($1, $2, $3)`, i.Number, i.Title, i.Description); err != nil {
			return err
		}
	}
	return t.tag(i.Number, nil, i.Tags)
}

// UpdateItem writes everything that changes of an item that was before.
func (t tx) UpdateItem(before, i desk.Item) error {
	_, err := t.q.Exec(`UPDATE items SET kind = $2, title = $3, description = $4, state = $5, assignee = $6, due_at = $7, tags = $8, project = $9,
		followers = $10, changed_at = $11, version = $12 WHERE number = $1`, i.Number, string(i.Kind), i.Title, i.Description, string(i.State),
		i.Assignee, i.Due, spellTags(i.Tags), i.Project, i.Followers, i.ChangedAt, i.Version)
	if err != nil {
		return err
	}
	if before.Title != i.Title || before.Description != i.Description {
		if err := t.replaceItemWords(before, i); err != nil {
			return err
		}
	}
	return t.tag(i.Number, before.Tags, i.Tags)
}

// tag makes an item found by the tags it has, and no longer by those it had.
func (t tx) tag(number int64, before, tags []string) error {
	for _, name := range before {
		if slices.Contains(tags, name) {
			continue
		}
		if _, err := t.q.Exec(`DELETE FROM item_tags WHERE tag = $1 AND number = $2`, name, number); err != nil {
			return err
		}
	}
	for _, name := range tags {
		if slices.Contains(before, name) {
			continue
		}
		if _, err := t.q.Exec(`INSERT INTO item_tags (tag, number) VALUES ($1, $2)`, name, number); err != nil {
			return err
		}
	}
	return nil
}

// PutFollowing writes what a person is to an item; somebody who neither follows nor muted it is forgotten.
func (t tx) PutFollowing(i desk.Item, f desk.Following) error {
	if !f.Follows && !f.Muted {
		_, err := t.q.Exec(`DELETE FROM followings WHERE item = $1 AND person = $2`, i.ID, f.Person)
		return err
	}
	_, err := t.q.Exec(`INSERT INTO followings (item, person, number, follows, muted) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (item, person) DO UPDATE SET follows = EXCLUDED.follows, muted = EXCLUDED.muted`, i.ID, f.Person, i.Number, bit(f.Follows), bit(f.Muted))
	return err
}

// InsertItemChange records what was changed.
func (t tx) InsertItemChange(c desk.ItemChange) error {
	if c.Changes == nil {
		c.Changes = []desk.FieldChange{}
	}
	b, err := json.Marshal(c.Changes)
	if err != nil {
		return err
	}
	_, err = t.q.Exec(`INSERT INTO item_changes (item, version, actor, at, changes) VALUES ($1, $2, $3, $4, $5)`, c.Item, c.Version, c.Actor, c.At, string(b))
	return err
}

// SetItem gives a conversation to an item, or to none.
func (t tx) SetItem(conversation, item string) error {
	_, err := t.q.Exec(`UPDATE conversations SET item = $2 WHERE id = $1`, conversation, item)
	return err
}

// StandFollowers lets the followers of its item stand in c, in one statement: a customer from the next message on or from
// the first, a user with all of it, of which nothing is new to them. Who stands there already stays as they are.
func (t tx) StandFollowers(c desk.Conversation, whole bool) error {
	from, seen := c.LastNumber+1, c.LastNumber
	if whole {
		from, seen = 1, c.Past
	}
	_, err := t.q.Exec(`INSERT INTO standings (conversation, person, participant, history_from, seen_up_to, muted)
		SELECT $1, f.person, 1, CASE WHEN p.kind = 'user' THEN 1 ELSE CAST($5 AS BIGINT) END,
		CASE WHEN p.kind = 'user' THEN CAST($3 AS BIGINT) ELSE CAST($6 AS BIGINT) END, f.muted
		FROM followings f JOIN people p ON p.id = f.person WHERE f.item = $2 AND f.follows = 1 AND (p.kind = 'user' OR $4 = 'customer')
		ON CONFLICT (conversation, person) DO UPDATE SET participant = 1,
		history_from = CASE WHEN standings.participant = 1 THEN standings.history_from ELSE EXCLUDED.history_from END,
		seen_up_to = CASE WHEN standings.participant = 1 THEN standings.seen_up_to ELSE EXCLUDED.seen_up_to END`,
		c.ID, c.Item, c.LastNumber, string(c.Kind), from, seen)
	return err
}
