package store

import (
	"database/sql"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
)

const conversationColumns = `c.id, c.kind, c.subject, c.state, c.item, c.assignee, c.created_at, c.last_number, c.last_at, c.audience, c.version, c.shown_version,
	c.waiting_since, c.merged_into, c.split_from, c.past`

func conversationFields(c *desk.Conversation) []any {
	return []any{&c.ID, &c.Kind, &c.Subject, &c.State, &c.Item, &c.Assignee, &c.CreatedAt, &c.LastNumber, &c.LastAt, &c.Audience, &c.Version, &c.Shown,
		&c.WaitingSince, &c.MergedInto, &c.SplitFrom, &c.Past}
}

// Conversation gives it with the standing of one person in it: in one round trip on PostgreSQL, in two queries on SQLite,
// which prepares a join by parameters anew each time it runs.
func (t tx) Conversation(id, person string) (c desk.Conversation, mine *desk.Standing, err error) {
	if t.q.Engine() == sqldb.Postgres {
		return t.conversationJoined(id, person)
	}
	err = t.q.QueryRow(`SELECT `+conversationColumns+` FROM conversations c WHERE c.id = $1`, id).Scan(conversationFields(&c)...)
	if err != nil {
		return c, nil, notFound(err)
	}
	st, err := t.Standings([]string{id}, []string{person})
	if err != nil {
		return c, nil, err
	}
	if len(st[id]) == 1 {
		mine = &st[id][0]
	}
	return c, mine, nil
}

func (t tx) conversationJoined(id, person string) (c desk.Conversation, mine *desk.Standing, err error) {
	var st desk.Standing
	var participant, muted int
	err = t.q.QueryRow(`SELECT `+conversationColumns+`, COALESCE(s.person, ''), COALESCE(s.participant, 0), COALESCE(s.history_from, 0),
		COALESCE(s.seen_up_to, 0), COALESCE(s.seen_at, 0), COALESCE(s.muted, 0), COALESCE(s.snoozed_until, 0), COALESCE(s.written, 0)
		FROM conversations c LEFT JOIN standings s ON s.conversation = c.id AND s.person = $2 WHERE c.id = $1`, id, person).
		Scan(append(conversationFields(&c), &st.Person, &participant, &st.HistoryFrom, &st.SeenUpTo, &st.SeenAt, &muted, &st.SnoozedUntil, &st.Written)...)
	if err != nil || st.Person == "" {
		return c, nil, notFound(err)
	}
	st.Participant, st.Muted = participant != 0, muted != 0
	return c, &st, nil
}

// Conversations gives those of ids that exist, by id.
func (t tx) Conversations(ids []string) (map[string]desk.Conversation, error) {
	out := make(map[string]desk.Conversation, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	which, arg := among(ids, "$1")
	rows, err := t.q.Query(`SELECT `+conversationColumns+` FROM conversations c WHERE c.id`+which, arg)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var c desk.Conversation
		if err := r.Scan(conversationFields(&c)...); err != nil {
			return err
		}
		out[c.ID] = c
		return nil
	})
	return out, err
}

const standingColumns = `s.conversation, s.person, s.participant, s.history_from, s.seen_up_to, s.seen_at, s.muted, s.snoozed_until, s.written`

// Standings of conversations, in the order of people's ids; of some people only where people is not nil.
func (t tx) Standings(conversations, people []string) (map[string][]desk.Standing, error) {
	out := make(map[string][]desk.Standing, len(conversations))
	if len(conversations) == 0 {
		return out, nil
	}
	var rows *sql.Rows
	var err error
	if people == nil {
		which, arg := among(conversations, "$1")
		rows, err = t.q.Query(`SELECT `+standingColumns+` FROM standings s WHERE s.conversation`+which+` ORDER BY s.conversation, s.person`, arg)
	} else {
		which, arg := among(conversations, "$1")
		who, whom := among(people, "$2")
		rows, err = t.q.Query(`SELECT `+standingColumns+` FROM standings s WHERE s.conversation`+which+` AND s.person`+who, arg, whom)
	}
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var c string
		var s desk.Standing
		var participant, muted int
		if err := r.Scan(&c, &s.Person, &participant, &s.HistoryFrom, &s.SeenUpTo, &s.SeenAt, &muted, &s.SnoozedUntil, &s.Written); err != nil {
			return err
		}
		s.Participant, s.Muted = participant != 0, muted != 0
		out[c] = append(out[c], s)
		return nil
	})
	return out, err
}

// Unseen counts messages of others that a person has not seen, in those of conversations they stand in.
func (t tx) Unseen(person string, conversations []string) (map[string]int64, error) {
	out := make(map[string]int64, len(conversations))
	rows, err := t.q.Query(`SELECT s.conversation, COUNT(*) FROM standings s JOIN messages m ON m.conversation = s.conversation
		AND m.number > s.seen_up_to AND m.number >= s.history_from AND m.author <> s.person AND m.deleted_at = 0 AND `+byPerson+`
		WHERE s.person = $1 AND s.participant = 1 AND s.conversation IN {list:$2} GROUP BY s.conversation`, person, list(conversations))
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var c string
		var n int64
		if err := r.Scan(&c, &n); err != nil {
			return err
		}
		out[c] = n
		return nil
	})
	return out, err
}

// InsertConversation adds a new one.
func (t tx) InsertConversation(c desk.Conversation) error {
	_, err := t.q.Exec(`INSERT INTO conversations (id, kind, subject, state, item, created_at, last_number, last_at, audience, version, words, assignee, shown_version, split_from)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		c.ID, c.Kind, c.Subject, c.State, c.Item, c.CreatedAt, c.LastNumber, c.LastAt, c.Audience, c.Version, foldedWords(c.Subject), c.Assignee, c.Shown, c.SplitFrom)
	return err
}

// NextNumber moves a conversation on by one message and gives its number.
func (t tx) NextNumber(conversation string, at int64, waits messaging.Waiting) (n int64, err error) {
	next := `UPDATE conversations SET last_number = last_number + 1, last_at = CASE WHEN last_at > $2 THEN last_at ELSE $2 END`
	switch waits {
	case messaging.WaitingBegins:
		next += `, waiting_since = CASE WHEN waiting_since = 0 THEN $2 ELSE waiting_since END`
	case messaging.WaitingEnds:
		next += `, waiting_since = 0`
	case messaging.WaitingAsBefore: // what most messages do costs nothing
	}
	next += ` WHERE id = $1`
	if t.q.Engine() == sqldb.Postgres { // one round trip; on SQLite a second query costs less than RETURNING
		err = t.q.QueryRow(next+` RETURNING last_number`, conversation, at).Scan(&n)
		return n, notFound(err)
	}
	if _, err := t.q.Exec(next, conversation, at); err != nil {
		return 0, err
	}
	err = t.q.QueryRow(`SELECT last_number FROM conversations WHERE id = $1`, conversation).Scan(&n)
	return n, notFound(err)
}

// UpdateConversation writes subject, state, assignee, where it leads, audience, past and versions.
func (t tx) UpdateConversation(c desk.Conversation) error {
	_, err := t.q.Exec(`UPDATE conversations SET subject = $2, state = $3, audience = $4, version = $5, words = $6, assignee = $7, shown_version = $8, merged_into = $9, past = $10 WHERE id = $1`,
		c.ID, c.Subject, c.State, c.Audience, c.Version, foldedWords(c.Subject), c.Assignee, c.Shown, c.MergedInto, c.Past)
	return err
}

// PutStanding writes what a person is in a conversation. A history that begins anew counts what was written since.
func (t tx) PutStanding(conversation string, s desk.Standing) error {
	same, err := t.q.Exec(`UPDATE standings SET participant = $3, seen_up_to = $5, seen_at = $6, muted = $7, snoozed_until = $8
		WHERE conversation = $1 AND person = $2 AND history_from = $4`,
		conversation, s.Person, bit(s.Participant), s.HistoryFrom, s.SeenUpTo, s.SeenAt, bit(s.Muted), s.SnoozedUntil)
	if err != nil || same == 1 {
		return err
	}
	_, err = t.q.Exec(`INSERT INTO standings (conversation, person, participant, history_from, seen_up_to, seen_at, muted, snoozed_until, written)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT COUNT(*) FROM messages WHERE conversation = $1 AND author = $2 AND number >= $4))
		ON CONFLICT (conversation, person) DO UPDATE SET participant = EXCLUDED.participant, history_from = EXCLUDED.history_from,
		seen_up_to = EXCLUDED.seen_up_to, seen_at = EXCLUDED.seen_at, muted = EXCLUDED.muted, snoozed_until = EXCLUDED.snoozed_until,
		written = EXCLUDED.written`,
		conversation, s.Person, bit(s.Participant), s.HistoryFrom, s.SeenUpTo, s.SeenAt, bit(s.Muted), s.SnoozedUntil)
	return err
}

// DeleteStanding forgets what a person was in a conversation.
func (t tx) DeleteStanding(conversation, person string) error {
	_, err := t.q.Exec(`DELETE FROM standings WHERE conversation = $1 AND person = $2`, conversation, person)
	return err
}

// Wrote counts one more message of a person's own.
func (t tx) Wrote(conversation, person string) error {
	_, err := t.q.Exec(`UPDATE standings SET written = written + 1 WHERE conversation = $1 AND person = $2`, conversation, person)
	return err
}
