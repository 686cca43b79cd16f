package cache

import (
	"database/sql"
	"encoding/json"
	"errors"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// list writes a slice as a column; nil and empty are the same.
func list[T any](v []T) string {
	if len(v) == 0 {
		return "[]"
	}
	b, err := json.Marshal(v)
	if err != nil { // strings and FileRefs always marshal
		return "[]"
	}
	return string(b)
}

func unlist[T any](s string) []T {
	v := []T{}
	if s == "[]" {
		return v
	}
	if json.Unmarshal([]byte(s), &v) != nil || v == nil {
		return []T{}
	}
	return v
}

const personColumns = `id, kind, name, email, organisation, role, disabled, unverified, merged_into, version`

func scanPerson(row interface{ Scan(...any) error }) (p sync.Person, err error) {
	err = row.Scan(&p.ID, &p.Kind, &p.Name, &p.Email, &p.Organisation, &p.Role, &p.Disabled, &p.Unverified, &p.MergedInto, &p.Version)
	return p, err
}

const messageColumns = `id, conversation, number, author, body, files, mentions, created_at, edited_at, deleted_at, version, key, mail`

func scanMessage(row interface{ Scan(...any) error }, more ...any) (m sync.Message, err error) {
	var files, mentions, mail string
	dest := []any{&m.ID, &m.Conversation, &m.Number, &m.Author, &m.Body, &files, &mentions,
		&m.CreatedAt, &m.EditedAt, &m.DeletedAt, &m.Version, &m.Key, &mail}
	err = row.Scan(append(dest, more...)...)
	m.Files, m.Mentions, m.State = unlist[sync.FileRef](files), unlist[string](mentions), sync.Sent
	m.Mail = unmark(mail)
	m.RowKey = m.ID
	if m.Key != "" {
		m.RowKey = m.Key
	}
	return m, err
}

// mark writes what is to be known of a mail as a column; empty for none.
func mark(m *sync.MailMark) string {
	if m == nil {
		return ""
	}
	b, err := json.Marshal(m)
	if err != nil { // bools and strings always marshal
		return ""
	}
	return string(b)
}

func unmark(s string) *sync.MailMark {
	m := &sync.MailMark{}
	if s == "" || json.Unmarshal([]byte(s), m) != nil {
		return nil
	}
	return m
}

const waitingColumns = `key, conversation, body, files, mentions, created_at, state, problem, leaves_at`

func (c *Cache) scanWaiting(row interface{ Scan(...any) error }) (m sync.Message, err error) {
	var files, mentions string
	err = row.Scan(&m.Key, &m.Conversation, &m.Body, &files, &mentions, &m.CreatedAt, &m.State, &m.Problem, &m.LeavesAt)
	m.Files, m.Mentions = unlist[sync.FileRef](files), unlist[string](mentions)
	m.RowKey, m.Author = m.Key, c.Me()
	return m, err
}

const conversationColumns = `c.id, c.kind, c.subject, c.state, c.item, c.last_number, c.last_at, c.seen_up_to, c.unseen, c.muted,
	c.history_from, c.version, c.audience, c.assignee, c.snoozed_until, c.waiting_since, c.merged_into, c.split_from, coalesce((SELECT body FROM drafts WHERE target = c.id), ''), ` + undelivered

func scanConversation(row interface{ Scan(...any) error }) (v sync.Conversation, err error) {
	err = row.Scan(&v.ID, &v.Kind, &v.Subject, &v.State, &v.Item, &v.LastNumber, &v.LastAt, &v.SeenUpTo, &v.Unseen, &v.Muted,
		&v.HistoryFrom, &v.Version, &v.Audience, &v.Assignee, &v.SnoozedUntil, &v.WaitingSince, &v.MergedInto, &v.SplitFrom, &v.Draft, &v.Undelivered)
	v.Participants = []sync.Participant{}
	return v, err
}

// complete adds participants and the newest message to conversations that were scanned.
func (c *Cache) complete(q sqldb.Queryer, cs []sync.Conversation) error {
	at := make(map[string]*sync.Conversation, len(cs))
	ids := make([]string, len(cs))
	for i := range cs {
		ids[i], at[cs[i].ID] = cs[i].ID, &cs[i]
	}
	rows, err := q.Query(`SELECT conversation, person, history_from, seen_up_to, seen_at FROM participants
		WHERE conversation IN {list:$1} ORDER BY conversation, position`, list(ids))
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		var p sync.Participant
		if err := r.Scan(&id, &p.Person, &p.HistoryFrom, &p.SeenUpTo, &p.SeenAt); err != nil {
			return err
		}
		at[id].Participants = append(at[id].Participants, p)
		return nil
	})
	if err != nil {
		return err
	}
	if err := aboutItems(q, cs); err != nil {
		return err
	}
	for i := range cs {
		if cs[i].LastMessage, err = c.newest(q, cs[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// newest is the last message as shown: of the outbox where it holds one, else the last acknowledged; nil for none.
func (c *Cache) newest(q sqldb.Queryer, conversation string) (*sync.Message, error) {
	m, err := c.scanWaiting(q.QueryRow(`SELECT `+waitingColumns+` FROM outbox WHERE conversation = $1
		ORDER BY position DESC LIMIT 1`, conversation))
	if errors.Is(err, sqldb.ErrNoRows) {
		m, err = scanMessage(q.QueryRow(`SELECT `+messageColumns+` FROM messages WHERE conversation = $1
			ORDER BY number DESC LIMIT 1`, conversation))
	}
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, nil
	}
	return &m, err
}
