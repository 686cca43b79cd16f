package store

import (
	"strings"

	"recado/app/desk"
	"recado/app/kit/sqldb"
)

// What the two engines do in different ways: full-text search, and locking many rows in order.

func (t tx) insertMessage(args []any) error {
	if t.q.Engine() == sqldb.Postgres {
		_, err := t.q.Exec(`INSERT INTO messages (id, conversation, number, author, client_key, body, files, mentions, created_at, version, origin, words)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, array_to_tsvector($12::text[]))`, append(args, lexemes(args[5].(string)))...)
		return err
	}
	_, err := t.q.Exec(`INSERT INTO messages (id, conversation, number, author, client_key, body, files, mentions, created_at, version, origin)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, args...)
	if err != nil {
		return err
	}
	_, err = t.q.Exec(`INSERT INTO messages_words (rowid, body) VALUES ((SELECT seq FROM messages WHERE id = $1), $2)`, args[0], args[5])
	return err
}

func (t tx) replaceWords(seq int64, old, body string) error {
	if t.q.Engine() == sqldb.Postgres {
		_, err := t.q.Exec(`UPDATE messages SET words = array_to_tsvector($2::text[]) WHERE seq = $1`, seq, lexemes(body))
		return err
	}
	if _, err := t.q.Exec(`INSERT INTO messages_words (messages_words, rowid, body) VALUES ('delete', $1, $2)`, seq, old); err != nil {
		return err
	}
	_, err := t.q.Exec(`INSERT INTO messages_words (rowid, body) VALUES ($1, $2)`, seq, body)
	return err
}

// maxLexeme: PostgreSQL refuses longer ones, and nobody searches for them.
const maxLexeme = 200

// lexemes gives the words of a text as a PostgreSQL array: our own folding, for both engines to find alike.
func lexemes(text string) string {
	seen := map[string]bool{}
	var b strings.Builder
	b.WriteByte('{')
	for _, w := range desk.Words(text) {
		if len(w) > maxLexeme || seen[w] {
			continue
		}
		seen[w] = true
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + w + `"`)
	}
	b.WriteByte('}')
	return b.String()
}

// Search lists messages the viewer may see that hold all words, the last as the beginning of one, newest first.
func (t tx) Search(viewer desk.Person, words []string, before int64, limit int) (found []desk.Message, next int64, err error) {
	join, shown := shownMessages(viewer)
	match, place, query := `"`+strings.Join(words, `" "`)+`"*`, `w.rowid`, ` FROM messages_words w JOIN messages m ON m.seq = w.rowid`+join+`WHERE messages_words MATCH $2`
	if t.q.Engine() == sqldb.Postgres {
		match, place, query = `'`+strings.Join(words, `' & '`)+`':*`, `m.seq`, ` FROM messages m`+join+`WHERE m.words @@ $2::tsquery`
	}
	query = `SELECT ` + messageColumns + `, m.seq` + query + ` AND ` + place + ` < $3 AND m.deleted_at = 0 AND ` + shown + ` ORDER BY ` + place + ` DESC LIMIT $4`
	if before == 0 {
		before = 1 << 62
	}
	rows, err := t.q.Query(query, viewer.ID, match, before, limit+1)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var seqs []int64
	for rows.Next() {
		var seq int64
		m, err := scanMessage(rows.Scan, &seq)
		if err != nil {
			return nil, 0, err
		}
		found, seqs = append(found, m), append(seqs, seq)
	}
	if len(found) > limit {
		found, next = found[:limit], seqs[limit-1]
	}
	return found, next, rows.Err()
}
