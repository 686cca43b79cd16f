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

// told is who has which message in the feed, gathered once for a rule: asked message by message, without an index that
// only an audit would use, the time would grow with the square of the feed.
const told = `WITH told AS MATERIALIZED (SELECT person, ref AS message, MIN(number) AS number FROM feed WHERE type = 'message.created' GROUP BY person, ref)`

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
	{"a message stands %d times in the feed of one person, and should stand once (%d)", `SELECT ref, COUNT(*), 0 FROM feed
		WHERE type = 'message.created' GROUP BY person, ref HAVING COUNT(*) > 1`},
	{"a message is missing from the feed of its author (number %d, %d)", told + ` SELECT m.id, m.number, 0 FROM messages m
		JOIN heads h ON h.person = m.author AND h.floor = 0
		LEFT JOIN told t ON t.person = m.author AND t.message = m.id WHERE t.message IS NULL`},
	// Who gained the history later pages it in and has no entries of before: from the first message told of after the
	// last joining on, each must have its entry, where the feed is whole.
	{"a message is missing from the feed of a participant (number %d, %d)", told + `,
		joined AS MATERIALIZED (SELECT person, conversation, MAX(number) AS number FROM feed WHERE type = 'conversation.created' GROUP BY person, conversation),
		since AS MATERIALIZED (SELECT t.person, m.conversation, MIN(m.number) AS number FROM told t JOIN messages m ON m.id = t.message
			JOIN joined j ON j.person = t.person AND j.conversation = m.conversation AND j.number < t.number GROUP BY t.person, m.conversation)
		SELECT m.id, m.number, 0 FROM since i JOIN heads h ON h.person = i.person AND h.floor = 0
		JOIN standings s ON s.conversation = i.conversation AND s.person = i.person AND s.participant = 1
		JOIN messages m ON m.conversation = i.conversation AND m.number > i.number AND m.number >= s.history_from
		LEFT JOIN told t ON t.person = i.person AND t.message = m.id WHERE t.message IS NULL`},
	{"a mail has been due for %d minutes while messages were posted, and has not left (%d attempts)", `SELECT d.message, (x.now - d.due_at) / 60000, d.attempts
		FROM deliveries d CROSS JOIN (SELECT MAX(created_at) AS now FROM messages) x WHERE d.state = 'planned' AND d.due_at + 900000 < x.now`},
	{"an item counts %d followers and has %d", `SELECT i.id, i.followers, COUNT(f.person) FROM items i LEFT JOIN followings f ON f.item = i.id AND f.follows = 1
		GROUP BY i.id, i.followers HAVING COUNT(f.person) <> i.followers`},
	{"a follower does not stand in a conversation of the item (%d, %d)", `SELECT c.id, 0, 0 FROM conversations c JOIN followings f ON f.item = c.item AND f.follows = 1
		JOIN people p ON p.id = f.person LEFT JOIN standings s ON s.conversation = c.id AND s.person = f.person AND s.participant = 1
		WHERE c.item <> '' AND s.person IS NULL AND (p.kind = 'user' OR c.kind = 'customer') AND p.disabled = 0`},
	{"somebody stands in a conversation of an item and does not follow it (%d, %d)", `SELECT c.id, 0, 0 FROM conversations c
		JOIN standings s ON s.conversation = c.id AND s.participant = 1 LEFT JOIN followings f ON f.item = c.item AND f.person = s.person AND f.follows = 1
		WHERE c.item <> '' AND f.person IS NULL`},
	{"%d items were numbered, and %d are there", `SELECT 'items', k.value, n.n FROM counters k CROSS JOIN (SELECT COUNT(*) AS n FROM items) n WHERE k.name = 'items' AND k.value <> n.n`},
	{"an item is of version %d and its history ends at %d", `SELECT i.id, i.version, MAX(h.version) FROM items i JOIN item_changes h ON h.item = i.id
		GROUP BY i.id, i.version HAVING MAX(h.version) <> i.version OR COUNT(*) <> i.version`},
	{"a conversation was merged without a record of it (%d, %d)", `SELECT c.id, 0, 0 FROM conversations c LEFT JOIN merges m ON m.source = c.id AND m.undone_at = 0
		WHERE (c.merged_into <> '') <> (m.id IS NOT NULL) OR m.target <> c.merged_into`},
	{"a delivery is planned to the author of the message, or to a customer from an internal conversation (%d, %d)", `SELECT d.message, 0, 0 FROM deliveries d
		JOIN messages m ON m.id = d.message JOIN conversations c ON c.id = m.conversation JOIN people p ON p.id = d.person
		WHERE m.author = d.person OR c.kind = 'internal' AND p.kind <> 'user'`},
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
		rows, err := q.Query(`SELECT id, size FROM files UNION ALL SELECT id, size FROM mails`)
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
	return t.checkFiles(ctx, found, sizes)
}

func (t *Tools) checkFiles(ctx context.Context, found []Finding, sizes map[string]int64) ([]Finding, error) {
	if len(sizes) == 0 {
		return found, nil
	}
	files, err := filestore.Look(filepath.Join(t.Data, filesFolder))
	if err != nil {
		return nil, err
	}
	defer files.Close()
	if err := t.ownFiles(ctx, files); err != nil {
		return nil, err
	}
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
