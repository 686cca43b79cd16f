package cache

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

func itoa(n int) string { return strconv.Itoa(n) }

// MaxPage bounds how much one call answers.
const MaxPage = 200

func bounded(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, MaxPage)
}

// conditions are literal, for only so does SQLite take the partial indexes.
// now is what sleeps until then is compared with.
func condition(view sync.View, now string) (string, error) {
	switch view {
	case sync.InternalInbox:
		return `c.kind = 'internal' AND c.has_others = 1 AND (c.item = '' OR c.stands = 1)`, nil
	case sync.InternalSent:
		return `c.kind = 'internal' AND c.has_mine = 1`, nil
	case sync.Open:
		return `c.kind = 'customer' AND c.state = 'open'`, nil
	case sync.Closed:
		return `c.kind = 'customer' AND c.state = 'closed'`, nil
	case sync.Unread:
		return `c.unseen > 0`, nil
	case sync.Mentions:
		return `c.mentioned = 1`, nil
	case sync.Drafts:
		return `c.id IN (SELECT target FROM drafts)`, nil
	case sync.Mine:
		return `c.is_mine = 1 AND c.state = 'open' AND c.snoozed_until <= '` + now + `'`, nil
	case sync.Unassigned:
		return `c.kind = 'customer' AND c.state = 'open' AND c.assignee = '' AND c.snoozed_until <= '` + now + `'`, nil
	case sync.Snoozed:
		return `c.snoozed_until <> '' AND c.snoozed_until > '` + now + `'`, nil
	case sync.WaitingView:
		return `c.waiting_since <> '' AND c.state = 'open'`, nil
	}
	return "", &sync.Error{Code: sync.CodeInvalid, Message: "There is no such view."}
}

// Conversations lists a view, latest activity first. cursor is empty or the Next of the page before.
func (c *Cache) Conversations(ctx context.Context, view sync.View, cursor string, limit int) (sync.ConversationPage, error) {
	where, err := condition(view, c.stamp())
	if err != nil {
		return sync.ConversationPage{Items: []sync.Conversation{}}, err
	}
	if view == sync.WaitingView {
		return c.longestWaiting(ctx, where, cursor, limit)
	}
	return c.page(ctx, where, "", cursor, limit)
}

// ConversationsWith lists the conversations a person stands in, latest activity first.
func (c *Cache) ConversationsWith(ctx context.Context, person, cursor string, limit int) (sync.ConversationPage, error) {
	return c.page(ctx, `c.id IN (SELECT conversation FROM participants WHERE person = $4)`, person, cursor, limit)
}

// page lists the conversations of which a literal condition holds; $4 in it is about.
func (c *Cache) page(ctx context.Context, where, about, cursor string, limit int) (sync.ConversationPage, error) {
	page := sync.ConversationPage{Items: []sync.Conversation{}}
	at, id, ok := strings.Cut(cursor, "|")
	if cursor != "" && !ok {
		return page, &sync.Error{Code: sync.CodeInvalid, Message: "This is not the cursor of a page."}
	}
	if cursor == "" {
		at, id = "9999", ""
	}
	limit = bounded(limit)
	args := []any{at, id, limit + 1}
	if about != "" {
		args = append(args, about)
	}
	return c.paged(ctx, ` AND (c.last_at, c.id) < ($1, $2) ORDER BY c.last_at DESC, c.id DESC LIMIT $3`, where, limit, args,
		func(v sync.Conversation) string { return v.LastAt })
}

// longestWaiting is page, where customers have waited longest first.
func (c *Cache) longestWaiting(ctx context.Context, where, cursor string, limit int) (sync.ConversationPage, error) {
	at, id, ok := strings.Cut(cursor, "|")
	if cursor != "" && !ok {
		return sync.ConversationPage{Items: []sync.Conversation{}}, &sync.Error{Code: sync.CodeInvalid, Message: "This is not the cursor of a page."}
	}
	limit = bounded(limit)
	return c.paged(ctx, ` AND (c.waiting_since, c.id) > ($1, $2) ORDER BY c.waiting_since, c.id LIMIT $3`, where, limit, []any{at, id, limit + 1},
		func(v sync.Conversation) string { return v.WaitingSince })
}

// paged reads a page of which place gives the beginning and the order; at is where a conversation stands in it.
func (c *Cache) paged(ctx context.Context, place, where string, limit int, args []any, at func(sync.Conversation) string) (sync.ConversationPage, error) {
	page := sync.ConversationPage{Items: []sync.Conversation{}}
	err := c.read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT `+conversationColumns+` FROM conversations c WHERE `+where+place, args...)
		err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
			v, err := scanConversation(r)
			page.Items = append(page.Items, v)
			return err
		})
		if err != nil {
			return err
		}
		if len(page.Items) > limit {
			page.Items = page.Items[:limit]
			last := page.Items[limit-1]
			page.Next = at(last) + "|" + last.ID
		}
		return c.complete(q, page.Items)
	})
	return page, err
}

// todo are the views that count what they hold: all of it is to be done.
var todo = map[sync.View]bool{sync.Drafts: true, sync.Mine: true, sync.Unassigned: true, sync.Snoozed: true, sync.WaitingView: true}

// Counts gives for each view how many of its conversations hold something unseen; for drafts and what else is to be
// done, how many there are.
func (c *Cache) Counts(ctx context.Context) (map[sync.View]int64, error) {
	counts := map[sync.View]int64{}
	err := c.read(ctx, func(q sqldb.Queryer) error {
		for _, view := range sync.Views() {
			where, err := condition(view, c.stamp())
			if err != nil {
				return err
			}
			if !todo[view] {
				where += ` AND c.unseen > 0`
			}
			var n int64
			if err := q.QueryRow(`SELECT count(*) FROM conversations c WHERE ` + where).Scan(&n); err != nil {
				return err
			}
			counts[view] = n
		}
		return nil
	})
	return counts, err
}

// Conversation gives one conversation with its newest message; code not-found where it is not cached.
func (c *Cache) Conversation(ctx context.Context, id string) (v sync.Conversation, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		v, err = c.conversation(q, id)
		return err
	})
	return v, err
}

func (c *Cache) conversation(q sqldb.Queryer, id string) (sync.Conversation, error) {
	v, err := scanConversation(q.QueryRow(`SELECT `+conversationColumns+` FROM conversations c WHERE c.id = $1`, id))
	if errors.Is(err, sqldb.ErrNoRows) {
		return v, notFound("This conversation")
	}
	if err != nil {
		return v, err
	}
	one := []sync.Conversation{v}
	err = c.complete(q, one)
	return one[0], err
}

// Messages gives a stretch of a conversation: before or after a number, exclusive, or the newest where both are 0.
// Those in the outbox stand at the end of the newest page.
func (c *Cache) Messages(ctx context.Context, id string, before, after int64, limit int) (sync.MessagePage, error) {
	page := sync.MessagePage{Items: []sync.Message{}}
	limit = bounded(limit)
	err := c.read(ctx, func(q sqldb.Queryer) error {
		var from int64
		err := q.QueryRow(`SELECT history_from FROM conversations WHERE id = $1`, id).Scan(&from)
		if errors.Is(err, sqldb.ErrNoRows) {
			return notFound("This conversation")
		}
		if err != nil {
			return err
		}
		more, err := c.stretch(q, &page, id, before, after, limit)
		if err != nil {
			return err
		}
		if after > 0 {
			page.HasOlder, page.HasNewer = true, more
		} else {
			page.HasOlder, page.HasNewer = more, before > 0
		}
		if page.HasNewer {
			return nil
		}
		return c.appendWaiting(q, &page, id)
	})
	return page, err
}

// stretch reads up to limit messages into page and tells whether there are more in that direction.
func (c *Cache) stretch(q sqldb.Queryer, page *sync.MessagePage, id string, before, after int64, limit int) (bool, error) {
	text, edge := ` AND number < $2 ORDER BY number DESC LIMIT $3`, before
	switch {
	case after > 0:
		text, edge = ` AND number > $2 ORDER BY number LIMIT $3`, after
	case before == 0:
		edge = 1 << 62
	}
	rows, err := q.Query(`SELECT `+messageColumns+` FROM messages WHERE conversation = $1`+text, id, edge, limit+1)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		m, err := scanMessage(r)
		page.Items = append(page.Items, m)
		return err
	})
	more := len(page.Items) > limit
	if more {
		page.Items = page.Items[:limit]
	}
	if after == 0 {
		slices.Reverse(page.Items)
	}
	return more, err
}

func (c *Cache) appendWaiting(q sqldb.Queryer, page *sync.MessagePage, id string) error {
	rows, err := q.Query(`SELECT `+waitingColumns+` FROM outbox WHERE conversation = $1 ORDER BY position`, id)
	return sqldb.Rows(rows, err, func(r *sql.Rows) error {
		m, err := c.scanWaiting(r)
		page.Items = append(page.Items, m)
		return err
	})
}

// Message gives an acknowledged message by its id; code not-found where it is not cached.
func (c *Cache) Message(ctx context.Context, id string) (m sync.Message, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		m, err = scanMessage(q.QueryRow(`SELECT `+messageColumns+` FROM messages WHERE id = $1`, id))
		if errors.Is(err, sqldb.ErrNoRows) {
			return notFound("This message")
		}
		return err
	})
	return m, err
}

// File gives the description of a file waiting here (pending), or of an attachment of a cached message; code not-found
// for any other.
func (c *Cache) File(ctx context.Context, id string) (f sync.FileRef, pending bool, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		f, err = scanFile(q.QueryRow(`SELECT id, name, size, type FROM pending_files WHERE id = $1`, id))
		if pending = err == nil; pending || !errors.Is(err, sqldb.ErrNoRows) {
			return err
		}
		f, err = scanFile(q.QueryRow(`SELECT j.value ->> 'id', j.value ->> 'name', j.value ->> 'size', j.value ->> 'type'
			FROM messages m, json_each(m.files) j WHERE m.files <> '[]' AND j.value ->> 'id' = $1 LIMIT 1`, id))
		if errors.Is(err, sqldb.ErrNoRows) {
			return notFound("This file")
		}
		return err
	})
	return f, pending, err
}
