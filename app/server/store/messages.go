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

const messageColumns = `m.id, m.conversation, m.number, m.author, m.client_key, m.body, m.files, m.mentions, m.created_at, m.edited_at, m.deleted_at, m.version, m.origin`

func scanMessage(scan func(...any) error, more ...any) (desk.Message, error) {
	var m desk.Message
	var files, mentions, origin string
	err := scan(append([]any{&m.ID, &m.Conversation, &m.Number, &m.Author, &m.Key, &m.Body, &files, &mentions,
		&m.CreatedAt, &m.EditedAt, &m.DeletedAt, &m.Version, &origin}, more...)...)
	if err != nil {
		return m, notFound(err)
	}
	if files != "" {
		if err := json.Unmarshal([]byte(files), &m.Files); err != nil {
			return m, err
		}
	}
	if origin != "" {
		m.Origin = &desk.Origin{}
		if err := json.Unmarshal([]byte(origin), m.Origin); err != nil {
			return m, err
		}
	}
	if mentions != "" {
		m.Mentions = strings.Split(mentions, " ")
	}
	return m, nil
}

func (t tx) messages(query string, args ...any) (out []desk.Message, err error) {
	rows, err := t.q.Query(query, args...)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		m, err := scanMessage(r.Scan)
		out = append(out, m)
		return err
	})
	return out, err
}

// Message gives desk.ErrNotFound where there is none.
func (t tx) Message(id string) (desk.Message, error) {
	return scanMessage(t.q.QueryRow(`SELECT `+messageColumns+` FROM messages m WHERE m.id = $1`, id).Scan)
}

// Messages gives those of ids that exist, by id.
func (t tx) Messages(ids []string) (map[string]desk.Message, error) {
	out := make(map[string]desk.Message, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	which, arg := among(ids, "$1")
	found, err := t.messages(`SELECT `+messageColumns+` FROM messages m WHERE m.id`+which, arg)
	for _, m := range found {
		out[m.ID] = m
	}
	return out, err
}

// Page lists messages of a conversation from a number on, ascending.
func (t tx) Page(conversation string, from int64, q messaging.PageQuery) ([]desk.Message, error) {
	if q.After > 0 || q.FromStart {
		return t.messages(`SELECT `+messageColumns+` FROM messages m WHERE m.conversation = $1 AND m.number >= $2 AND m.number > $3
			AND m.number < $4 ORDER BY m.number LIMIT $5`, conversation, from, q.After, before(q), q.Limit)
	}
	page, err := t.messages(`SELECT `+messageColumns+` FROM messages m WHERE m.conversation = $1 AND m.number >= $2
		AND m.number < $3 ORDER BY m.number DESC LIMIT $4`, conversation, from, before(q), q.Limit)
	slices.Reverse(page)
	return page, err
}

func before(q messaging.PageQuery) int64 {
	if q.Before > 0 {
		return q.Before
	}
	return 1 << 62
}

// Last gives the newest message of each conversation.
func (t tx) Last(conversations []string) (map[string]desk.Message, error) {
	out := make(map[string]desk.Message, len(conversations))
	found, err := t.messages(`SELECT `+messageColumns+` FROM conversations c JOIN messages m ON m.conversation = c.id AND m.number = c.last_number
		WHERE c.id IN {list:$1}`, list(conversations))
	for _, m := range found {
		out[m.Conversation] = m
	}
	return out, err
}

// MessagesBefore lists what a viewer may see, newest first, older than the message with the id before.
func (t tx) MessagesBefore(viewer desk.Person, before string, limit int) ([]desk.Message, error) {
	seq := int64(1 << 62)
	if before != "" {
		if err := t.q.QueryRow(`SELECT seq FROM messages WHERE id = $1`, before).Scan(&seq); err != nil {
			return nil, notFound(err)
		}
	}
	join, shown := shownMessages(viewer)
	return t.messages(`SELECT `+messageColumns+` FROM messages m`+join+`WHERE m.seq < $2 AND `+shown+` ORDER BY m.seq DESC LIMIT $3`, viewer.ID, seq, limit)
}

// AuthorsBetween lists who wrote messages after and up to two numbers.
func (t tx) AuthorsBetween(conversation string, after, upTo int64) (ids []string, err error) {
	rows, err := t.q.Query(`SELECT DISTINCT author FROM messages WHERE conversation = $1 AND number > $2 AND number <= $3`, conversation, after, upTo)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// ByKey gives the hash and what was made with a person's key.
func (t tx) ByKey(person, key string) (hash, ref string, ok bool, err error) {
	err = t.q.QueryRow(`SELECT hash, ref FROM client_keys WHERE person = $1 AND client_key = $2`, person, key).Scan(&hash, &ref)
	if err == sqldb.ErrNoRows {
		return "", "", false, nil
	}
	return hash, ref, err == nil, err
}

// TakeKey reserves a key for what it will make; false where it was taken before.
func (t tx) TakeKey(person, key, hash, ref string, at int64) (bool, error) {
	n, err := t.q.Exec(`INSERT INTO client_keys (person, client_key, hash, ref, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		person, key, hash, ref, at)
	return n == 1, err
}

func encodeFiles(files []desk.File) string {
	if len(files) == 0 {
		return ""
	}
	b, _ := json.Marshal(files) // plain fields always encode
	return string(b)
}

func encodeOrigin(o *desk.Origin) string {
	if o == nil {
		return ""
	}
	b, _ := json.Marshal(o) // plain fields always encode
	return string(b)
}

// InsertMessage adds a new one, to be found from then on.
func (t tx) InsertMessage(m desk.Message) error {
	args := []any{m.ID, m.Conversation, m.Number, m.Author, m.Key, m.Body, encodeFiles(m.Files), strings.Join(m.Mentions, " "), m.CreatedAt, m.Version, encodeOrigin(m.Origin)}
	if err := t.insertMessage(args); err != nil {
		return err
	}
	if err := t.tellMail(m); err != nil {
		return err
	}
	return t.mention(m)
}

// tellMail notes with the mail what it became, so that who is shown the message finds its mail from the first moment.
func (t tx) tellMail(m desk.Message) error {
	if m.Origin == nil || m.Origin.Mail == "" {
		return nil
	}
	_, err := t.q.Exec(`UPDATE mails SET message = $2, conversation = $3 WHERE id = $1`, m.Origin.Mail, m.ID, m.Conversation)
	return err
}

func (t tx) mention(m desk.Message) error {
	for _, p := range m.Mentions {
		if _, err := t.q.Exec(`INSERT INTO mentions (person, conversation, number) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, p, m.Conversation, m.Number); err != nil {
			return err
		}
	}
	return nil
}

// ReplaceBody writes m's present state, keeps the body before, and lets search find the new one only.
func (t tx) ReplaceBody(m desk.Message, at int64) error {
	var old string
	var seq int64
	if err := t.q.QueryRow(`SELECT seq, body FROM messages WHERE id = $1 {lock}`, m.ID).Scan(&seq, &old); err != nil {
		return notFound(err)
	}
	if _, err := t.q.Exec(`INSERT INTO message_versions (message, version, body, until) VALUES ($1, $2, $3, $4)`, m.ID, m.Version-1, old, at); err != nil {
		return err
	}
	if err := t.replaceWords(seq, old, m.Body); err != nil {
		return err
	}
	_, err := t.q.Exec(`UPDATE messages SET body = $2, files = $3, mentions = $4, edited_at = $5, deleted_at = $6, version = $7 WHERE id = $1`,
		m.ID, m.Body, encodeFiles(m.Files), strings.Join(m.Mentions, " "), m.EditedAt, m.DeletedAt, m.Version)
	if err != nil {
		return err
	}
	if _, err := t.q.Exec(`DELETE FROM mentions WHERE conversation = $1 AND number = $2`, m.Conversation, m.Number); err != nil {
		return err
	}
	return t.mention(m)
}

// InsertFile notes a file that no message carries yet.
func (t tx) InsertFile(f desk.File, at int64) error {
	_, err := t.q.Exec(`INSERT INTO files (id, owner, name, size, type, created_at) VALUES ($1, $2, $3, $4, $5, $6)`, f.ID, f.Owner, f.Name, f.Size, f.Type, at)
	return err
}

// AttachFile gives a file to a message; false where it is not the owner's or has one.
func (t tx) AttachFile(id, owner, message string) (bool, error) {
	n, err := t.q.Exec(`UPDATE files SET message = $3 WHERE id = $1 AND owner = $2 AND message = ''`, id, owner, message)
	return n == 1, err
}

// File gives desk.ErrNotFound where there is none.
func (t tx) File(id string) (f desk.File, err error) {
	err = t.q.QueryRow(`SELECT id, owner, name, size, type, message FROM files WHERE id = $1`, id).
		Scan(&f.ID, &f.Owner, &f.Name, &f.Size, &f.Type, &f.Message)
	return f, notFound(err)
}
