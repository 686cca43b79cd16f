package store

import (
	"database/sql"
	"encoding/json"

	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
)

// SetWaiting writes since when customers wait in a conversation.
func (t tx) SetWaiting(conversation string, since int64) error {
	_, err := t.q.Exec(`UPDATE conversations SET waiting_since = $2 WHERE id = $1`, conversation, since)
	return err
}

// NextWaking gives when the next sleeping conversation wakes, 0 where none sleeps.
func (t tx) NextWaking() (at int64, err error) {
	err = t.q.QueryRow(`SELECT COALESCE(MIN(snoozed_until), 0) FROM standings WHERE snoozed_until > 0`).Scan(&at)
	return at, err
}

// Sleepers lists for whom something sleeps that is due to wake.
func (t tx) Sleepers(now int64, limit int) (out []messaging.Sleeper, err error) {
	rows, err := t.q.Query(`SELECT conversation, person FROM standings WHERE snoozed_until > 0 AND snoozed_until <= $1 ORDER BY snoozed_until, conversation, person LIMIT $2 {lock}`, now, limit)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var s messaging.Sleeper
		err := r.Scan(&s.Conversation, &s.Person)
		out = append(out, s)
		return err
	})
	return out, err
}

// Wake ends the sleep of a conversation for a person.
func (t tx) Wake(conversation, person string) error {
	_, err := t.q.Exec(`UPDATE standings SET snoozed_until = 0 WHERE conversation = $1 AND person = $2`, conversation, person)
	return err
}

// LockMerges lets one transaction at a time merge.
func (t tx) LockMerges() error {
	_, err := t.count("merges", 1)
	return err
}

// InsertMerge notes a merge that is in force.
func (t tx) InsertMerge(m messaging.Merge) error {
	_, err := t.q.Exec(`INSERT INTO merges (id, source, target, actor, at, came, state) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		m.ID, m.Source, m.Target, m.Actor, m.At, list(m.Came), m.State)
	return err
}

// EndMerge undoes the one in force of a source, and gives it; desk.ErrNotFound where there is none.
func (t tx) EndMerge(source, actor string, at int64) (m messaging.Merge, err error) {
	var came string
	err = t.q.QueryRow(`SELECT id, source, target, actor, at, came, state FROM merges WHERE source = $1 AND undone_at = 0`, source).
		Scan(&m.ID, &m.Source, &m.Target, &m.Actor, &m.At, &came, &m.State)
	if err != nil {
		return m, notFound(err)
	}
	if err := json.Unmarshal([]byte(came), &m.Came); err != nil {
		return m, err
	}
	_, err = t.q.Exec(`UPDATE merges SET undone_by = $2, undone_at = $3 WHERE id = $1`, m.ID, actor, at)
	return m, err
}

// ShareFile lets a message carry a file that is another's.
func (t tx) ShareFile(file, message string) error {
	_, err := t.q.Exec(`INSERT INTO shared_files (file, message) VALUES ($1, $2) ON CONFLICT DO NOTHING`, file, message)
	return err
}

// FileShares lists the messages that carry a file beside its own.
func (t tx) FileShares(id string) (out []string, err error) {
	rows, err := t.q.Query(`SELECT message FROM shared_files WHERE file = $1 ORDER BY message`, id)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var m string
		err := r.Scan(&m)
		out = append(out, m)
		return err
	})
	return out, err
}
