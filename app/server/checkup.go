package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"recado/app/kit/sqldb"
	"recado/app/server/filestore"
)

// Finding is something that is not as it must be.
type Finding struct {
	Where string
	What  string
}

// rule is a query whose every row is something wrong: a place, and a figure or two for the sentence.
type rule struct {
	what  string
	query string
}

// rules are the promises as far as the database alone can show them broken.
var rules = []rule{
	{"the feed has %d entries between its floor and its head, and should have %d", `SELECT h.person, COUNT(f.number), h.head - h.floor FROM heads h
		LEFT JOIN feed f ON f.person = h.person AND f.number > h.floor AND f.number <= h.head
		GROUP BY h.person, h.head, h.floor HAVING COUNT(f.number) <> h.head - h.floor`},
	{"the feed goes on to %d beyond its head %d", `SELECT h.person, MAX(f.number), h.head FROM heads h JOIN feed f ON f.person = h.person
		GROUP BY h.person, h.head HAVING MAX(f.number) > h.head`},
	{"a person has no feed (%d, %d)", `SELECT p.id, 0, 0 FROM people p WHERE NOT EXISTS (SELECT 1 FROM heads h WHERE h.person = p.id)`},
	{"the conversation holds %d messages and counts %d", `SELECT c.id, COUNT(m.number), c.last_number FROM conversations c LEFT JOIN messages m ON m.conversation = c.id
		GROUP BY c.id, c.last_number HAVING COUNT(m.number) <> c.last_number OR COALESCE(MAX(m.number), 0) <> c.last_number`},
	{"a customer stands in an internal conversation (%d, %d)", `SELECT c.id, 0, 0 FROM conversations c JOIN standings s ON s.conversation = c.id AND s.participant = 1
		JOIN people p ON p.id = s.person WHERE c.kind = 'internal' AND p.kind <> 'user'`},
	{"a participant has seen up to %d of %d messages", `SELECT s.conversation, s.seen_up_to, c.last_number FROM standings s JOIN conversations c ON c.id = s.conversation WHERE s.seen_up_to > c.last_number`},
	{"a message stands %d times in the feed of a participant and should stand once (number %d)", `SELECT m.id, COUNT(f.number), m.number FROM messages m
		JOIN standings s ON s.conversation = m.conversation AND s.participant = 1 AND m.number >= s.history_from
		JOIN feed f ON f.person = s.person AND f.type = 'message.created' AND f.ref = m.id
		GROUP BY m.id, m.number, s.person HAVING COUNT(f.number) <> 1`},
	// Who gained the history later pages it in and has no entries of before: only those who stood there from the first
	// message on, and whose feed is whole, must have an entry for each.
	{"a message is missing from the feed of its author (number %d, %d)", `SELECT m.id, m.number, 0 FROM messages m JOIN heads h ON h.person = m.author AND h.floor = 0
		LEFT JOIN feed f ON f.person = m.author AND f.type = 'message.created' AND f.ref = m.id WHERE f.number IS NULL`},
	{"a message is missing from the feed of a participant (number %d, %d)", `SELECT m.id, m.number, 0 FROM messages m
		JOIN standings s ON s.conversation = m.conversation AND s.participant = 1 AND m.number >= s.history_from
		JOIN heads h ON h.person = s.person AND h.floor = 0
		JOIN (SELECT person, conversation, MIN(number) AS number FROM feed WHERE type = 'conversation.created' GROUP BY person, conversation) j
			ON j.person = s.person AND j.conversation = m.conversation
		LEFT JOIN feed f ON f.person = s.person AND f.type = 'message.created' AND f.ref = m.id
		WHERE f.number IS NULL AND EXISTS (SELECT 1 FROM feed e WHERE e.person = s.person AND e.conversation = m.conversation
			AND e.type = 'message.created' AND e.number > j.number AND e.ref IN (SELECT b.id FROM messages b WHERE b.conversation = m.conversation AND b.number < m.number))`},
	{"an entry points at a message that is not there (%d, %d)", `SELECT f.person, f.number, 0 FROM feed f LEFT JOIN messages m ON m.id = f.ref
		WHERE f.type IN ('message.created', 'message.edited', 'message.deleted') AND m.id IS NULL`},
}

// Check audits the data beside a running server: all findings, none where everything is as it must be.
func (t *Tools) Check(ctx context.Context) (found []Finding, err error) {
	var sizes map[string]int64
	err = t.DB.Read(ctx, func(q sqldb.Queryer) error {
		found, sizes = nil, map[string]int64{}
		for _, r := range rules {
			rows, err := q.Query(r.query)
			err = sqldb.Rows(rows, err, func(rows *sql.Rows) error {
				var where string
				var a, b int64
				if err := rows.Scan(&where, &a, &b); err != nil {
					return err
				}
				found = append(found, Finding{where, fmt.Sprintf(r.what, a, b)})
				return nil
			})
			if err != nil {
				return fmt.Errorf("check: %w", err)
			}
		}
		rows, err := q.Query(`SELECT id, size FROM files`)
		return sqldb.Rows(rows, err, func(rows *sql.Rows) error {
			var id string
			var size int64
			err := rows.Scan(&id, &size)
			sizes[id] = size
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return t.checkFiles(found, sizes)
}

func (t *Tools) checkFiles(found []Finding, sizes map[string]int64) ([]Finding, error) {
	if len(sizes) == 0 {
		return found, nil
	}
	files, err := filestore.Look(filepath.Join(t.Data, "files"))
	if err != nil {
		return nil, err
	}
	defer files.Close()
	for id, want := range sizes {
		got, err := files.Size(id)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			found = append(found, Finding{"file " + id, "its content is missing"})
		case err != nil:
			return nil, err
		case got != want:
			found = append(found, Finding{"file " + id, fmt.Sprintf("it has %d bytes and should have %d", got, want)})
		}
	}
	return found, nil
}
