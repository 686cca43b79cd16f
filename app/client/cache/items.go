package cache

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

const itemColumns = `i.number, i.id, i.kind, i.title, i.description, i.state, i.assignee, i.due, i.tags, i.project, i.followers, i.author,
	i.created_at, i.changed_at, i.muted, i.version`

func scanItem(row interface{ Scan(...any) error }) (i sync.Item, err error) {
	var tags, followers string
	err = row.Scan(&i.Number, &i.ID, &i.Kind, &i.Title, &i.Description, &i.State, &i.Assignee, &i.Due, &tags, &i.Project, &followers, &i.Author,
		&i.CreatedAt, &i.ChangedAt, &i.Muted, &i.Version)
	i.Tags, i.Followers = unlist[string](tags), unlist[string](followers)
	return i, err
}

// item stores an item unless a newer version is there.
func (a *applier) item(i sync.Item) error {
	// Another item had this number before the server was restored: its word counts.
	if _, err := a.q.Exec(`DELETE FROM items WHERE number = $1 AND id <> $2`, i.Number, i.ID); err != nil {
		return err
	}
	n, err := a.q.Exec(`INSERT INTO items (number, id, kind, title, description, state, assignee, due, tags, project, followers, author,
			created_at, changed_at, muted, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (number) DO UPDATE SET kind = excluded.kind, title = excluded.title, description = excluded.description, state = excluded.state,
			assignee = excluded.assignee, due = excluded.due, tags = excluded.tags, project = excluded.project, followers = excluded.followers,
			changed_at = excluded.changed_at, muted = excluded.muted, version = excluded.version WHERE excluded.version >= items.version`,
		i.Number, i.ID, i.Kind, i.Title, i.Description, i.State, i.Assignee, i.Due, list(i.Tags), i.Project, list(i.Followers), i.Author,
		i.CreatedAt, i.ChangedAt, i.Muted, i.Version)
	if err == nil && n > 0 {
		a.changes.Items = append(a.changes.Items, i)
	}
	return err
}

// Item gives one item; code not-found where it is not cached.
func (c *Cache) Item(ctx context.Context, id string) (i sync.Item, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		i, err = scanItem(q.QueryRow(`SELECT `+itemColumns+` FROM items i WHERE i.id = $1`, id))
		if errors.Is(err, sqldb.ErrNoRows) {
			return notFound("This item")
		}
		return err
	})
	return i, err
}

// itemConditions spells a filter.
func itemConditions(f sync.ItemFilter) (where string, args []any) {
	with := func(condition string, v any) {
		args = append(args, v)
		where += ` AND ` + strings.ReplaceAll(condition, "$n", "$"+itoa(len(args)))
	}
	if n, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(f.Query), "#"), 10, 64); err == nil {
		with(`i.number = $n`, n)
	} else if words := words(f.Query); len(words) > 0 {
		with(`i.number IN (SELECT rowid FROM items_fts WHERE items_fts MATCH $n)`, `"`+strings.Join(words, `"* "`)+`"*`)
	}
	for condition, v := range map[string]string{`i.kind = $n`: f.Kind, `i.project = $n`: f.Project,
		`EXISTS (SELECT 1 FROM json_each(i.tags) t WHERE t.value = $n)`:      strings.ToLower(f.Tag),
		`EXISTS (SELECT 1 FROM json_each(i.followers) t WHERE t.value = $n)`: f.Follower} {
		if v != "" {
			with(condition, v)
		}
	}
	switch f.State {
	case "":
	case "active":
		where += ` AND i.state <> 'done'`
	default:
		with(`i.state = $n`, f.State)
	}
	switch f.Assignee {
	case "":
	case "nobody":
		where += ` AND i.assignee = ''`
	default:
		with(`i.assignee = $n`, f.Assignee)
	}
	return where, args
}

// Items lists items, the newest first, or those due until a moment, the soonest first. cursor is empty or the Next of
// the page before.
func (c *Cache) Items(ctx context.Context, f sync.ItemFilter, cursor string, limit int) (sync.ItemPage, error) {
	page := sync.ItemPage{Items: []sync.Item{}}
	due, text, ok := strings.Cut(cursor, "|")
	number, e := strconv.ParseInt(text, 10, 64)
	if cursor != "" && (!ok || e != nil) {
		return page, &sync.Error{Code: sync.CodeInvalid, Message: "This is not the cursor of a page."}
	}
	if cursor == "" && f.Due == "" {
		number = 1 << 62
	}
	limit = bounded(limit)
	where, args := itemConditions(f)
	order := ` ORDER BY i.number DESC`
	args = append(args, number, limit+1)
	place := ` AND i.number < $` + itoa(len(args)-1)
	limited := ` LIMIT $` + itoa(len(args))
	if f.Due != "" {
		args = append(args, due, f.Due)
		place = ` AND i.due <> '' AND i.due <= $` + itoa(len(args)) + ` AND (i.due, i.number) > ($` + itoa(len(args)-1) + `, $` + itoa(len(args)-3) + `)`
		order = ` ORDER BY i.due, i.number`
	}
	err := c.read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT `+itemColumns+` FROM items i WHERE TRUE`+where+place+order+limited, args...)
		page.Items = []sync.Item{}
		err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
			i, err := scanItem(r)
			page.Items = append(page.Items, i)
			return err
		})
		if err != nil {
			return err
		}
		return countUnseen(q, page.Items)
	})
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		last := page.Items[limit-1]
		page.Next = last.Due + "|" + strconv.FormatInt(last.Number, 10)
	}
	return page, err
}

// ItemConversations gives the conversations of an item: the team's first, then the one with customers, as far as there
// are any, also one that is still in the outbox.
func (c *Cache) ItemConversations(ctx context.Context, item string) ([]sync.Conversation, error) {
	page, err := c.page(ctx, `c.item <> '' AND c.item = $4`, item, "", MaxPage)
	out := []sync.Conversation{}
	for _, kind := range []string{sync.Internal, sync.WithCustomer} {
		for _, v := range page.Items {
			if v.Kind == kind {
				out = append(out, v)
				break
			}
		}
	}
	return out, err
}

// aboutItems tells of conversations that belong to items which those are.
func aboutItems(q sqldb.Queryer, cs []sync.Conversation) error {
	var ids []string
	for _, v := range cs {
		if v.Item != "" {
			ids = append(ids, v.Item)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	known := map[string]*sync.About{}
	rows, err := q.Query(`SELECT id, kind, number, title FROM items WHERE id IN {list:$1}`, list(ids))
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		var a sync.About
		err := r.Scan(&id, &a.Kind, &a.Number, &a.Title)
		known[id] = &a
		return err
	})
	for i := range cs {
		cs[i].About = known[cs[i].Item]
	}
	return err
}

// countUnseen tells how much is unseen in the conversations of each item.
func countUnseen(q sqldb.Queryer, items []sync.Item) error {
	at := make(map[string]*sync.Item, len(items))
	ids := make([]string, len(items))
	for i := range items {
		ids[i], at[items[i].ID] = items[i].ID, &items[i]
	}
	rows, err := q.Query(`SELECT c.item, SUM(c.unseen) FROM conversations c WHERE c.item <> '' AND c.item IN {list:$1} GROUP BY c.item`, list(ids))
	return sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		var n int64
		err := r.Scan(&id, &n)
		at[id].Unseen = n
		return err
	})
}

// Snooze lets a conversation sleep here, at once, and keeps it until the server was told.
func (c *Cache) Snooze(ctx context.Context, s sync.Snooze) error {
	_, err := c.applying(ctx, func(a *applier) error {
		n, err := a.q.Exec(`UPDATE conversations SET snoozed_until = $2 WHERE id = $1`, s.Conversation, s.Until)
		if err != nil || n == 0 {
			return errors.Join(err, notFound("This conversation"))
		}
		a.touch(s.Conversation)
		_, err = a.q.Exec(`INSERT INTO unsent_snoozes (conversation, until) VALUES ($1, $2) ON CONFLICT (conversation) DO UPDATE SET until = excluded.until`,
			s.Conversation, s.Until)
		return err
	})
	return err
}

// UnsentSnoozes lists what was put to sleep here and not yet told.
func (c *Cache) UnsentSnoozes(ctx context.Context) (out []sync.Snooze, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		out = nil
		rows, err := q.Query(`SELECT conversation, until FROM unsent_snoozes ORDER BY conversation`)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var s sync.Snooze
			err := r.Scan(&s.Conversation, &s.Until)
			out = append(out, s)
			return err
		})
	})
	return out, err
}

// SnoozeSent forgets one that was told, unless it was changed again meanwhile.
func (c *Cache) SnoozeSent(ctx context.Context, s sync.Snooze) error {
	return c.write(ctx, func(q sqldb.Queryer) error {
		_, err := q.Exec(`DELETE FROM unsent_snoozes WHERE conversation = $1 AND until = $2`, s.Conversation, s.Until)
		return err
	})
}
