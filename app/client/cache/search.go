package cache

import (
	"context"
	"database/sql"
	"strings"
	"unicode"
	"unicode/utf8"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// Marks that can't stand in text: noncharacters, by which highlight tells where matches begin and end.
const (
	markFrom = '\uFDD0'
	markTo   = '\uFDD1'
)

// Find searches every cached message for all words of query, newest first. The last letters of a word may be missing,
// accents and case count as nothing. A word of one letter is taken whole: its beginning alone would match half of all.
func (c *Cache) Find(ctx context.Context, query string, limit int) ([]sync.SearchHit, error) {
	hits := []sync.SearchHit{}
	match := ftsQuery(query)
	if match == "" {
		return hits, nil
	}
	err := c.read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT m.`+strings.ReplaceAll(messageColumns, ", ", ", m.")+`, highlight(messages_fts, 0, $3, $4)
			FROM messages_fts JOIN messages m ON m.seq = messages_fts.rowid
			WHERE messages_fts MATCH $1 ORDER BY messages_fts.rowid DESC LIMIT $2`,
			match, bounded(limit), string(markFrom), string(markTo))
		err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var marked string
			m, err := scanMessage(r, &marked)
			hits = append(hits, sync.SearchHit{Message: m, Ranges: ranges(m.Body, marked)})
			return err
		})
		if err != nil {
			return err
		}
		return c.addConversations(q, hits)
	})
	return hits, err
}

func (c *Cache) addConversations(q sqldb.Queryer, hits []sync.SearchHit) error {
	known := map[string]sync.Conversation{}
	for i := range hits {
		id := hits[i].Message.Conversation
		v, ok := known[id]
		if !ok {
			var err error
			if v, err = c.conversation(q, id); err != nil {
				return err
			}
			known[id] = v
		}
		hits[i].Conversation = v
	}
	return nil
}

// ftsQuery quotes each word, so that nothing typed is taken for the query language.
func ftsQuery(query string) string {
	var out []string
	for _, w := range strings.Fields(query) {
		if !strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			continue
		}
		w = strings.Map(func(r rune) rune {
			if r == 0 || r == utf8.RuneError {
				return -1
			}
			return r
		}, w)
		quoted := `"` + strings.ReplaceAll(w, `"`, `""`) + `"`
		if utf8.RuneCountInString(w) > 1 {
			quoted += `*`
		}
		out = append(out, quoted)
	}
	return strings.Join(out, " ")
}

// ranges counts code points of the body between the marks. A body that holds marks itself has none that can be trusted.
func ranges(body, marked string) [][2]int {
	out := [][2]int{}
	if strings.ContainsAny(body, string(markFrom)+string(markTo)) {
		return out
	}
	at, from := 0, 0
	for _, r := range marked {
		switch r {
		case markFrom:
			from = at
		case markTo:
			out = append(out, [2]int{from, at})
		default:
			at++
		}
	}
	return out
}
