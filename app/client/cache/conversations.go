package cache

import (
	"errors"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// manyParticipants is from where the list of participants is written anew only with a new version.
const manyParticipants = 50

// conversation stores a conversation as the server tells it; what was seen here first is kept.
func (a *applier) conversation(v sync.Conversation, created bool) error {
	var version int64
	err := a.q.QueryRow(`SELECT version FROM conversations WHERE id = $1`, v.ID).Scan(&version)
	isNew := errors.Is(err, sqldb.ErrNoRows)
	if err != nil && !isNew {
		return err
	}
	if !isNew && v.Version < version {
		return nil
	}
	_, err = a.q.Exec(`INSERT INTO conversations (id, kind, subject, state, item, last_number, last_at, seen_up_to, unseen, muted,
			history_from, version, audience, assignee, snoozed_until, waiting_since, merged_into, split_from, is_mine)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, subject = excluded.subject, state = excluded.state, item = excluded.item,
			last_number = max(last_number, excluded.last_number), last_at = max(last_at, excluded.last_at),
			seen_up_to = max(seen_up_to, excluded.seen_up_to), muted = excluded.muted,
			history_from = excluded.history_from, version = excluded.version, audience = excluded.audience,
			assignee = excluded.assignee, waiting_since = excluded.waiting_since, merged_into = excluded.merged_into, is_mine = excluded.is_mine,
			snoozed_until = CASE WHEN EXISTS (SELECT 1 FROM unsent_snoozes u WHERE u.conversation = excluded.id) THEN conversations.snoozed_until ELSE excluded.snoozed_until END`,
		v.ID, v.Kind, v.Subject, v.State, v.Item, v.LastNumber, v.LastAt, v.SeenUpTo, v.Unseen, v.Muted,
		v.HistoryFrom, v.Version, v.Audience, v.Assignee, v.SnoozedUntil, v.WaitingSince, v.MergedInto, v.SplitFrom, v.Assignee == a.me)
	if err != nil {
		return err
	}
	if isNew || len(v.Participants) <= manyParticipants || v.Version > version {
		if err := a.participants(v); err != nil {
			return err
		}
	}
	if isNew { // messages may have come before their conversation
		if err := a.markAll(v.ID); err != nil {
			return err
		}
		if _, err := a.q.Exec(`DELETE FROM history WHERE conversation = $1 AND before < 0`, v.ID); err != nil {
			return err
		}
	}
	if created {
		if err := a.wantHistory(v); err != nil {
			return err
		}
	}
	a.touch(v.ID)
	return nil
}

func (a *applier) participants(v sync.Conversation) error {
	if _, err := a.q.Exec(`DELETE FROM participants WHERE conversation = $1`, v.ID); err != nil {
		return err
	}
	for i, p := range v.Participants {
		_, err := a.q.Exec(`INSERT INTO participants (conversation, position, person, history_from, seen_up_to, seen_at)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, v.ID, i, p.Person, p.HistoryFrom, p.SeenUpTo, p.SeenAt)
		if err != nil {
			return err
		}
	}
	_, err := a.q.Exec(`UPDATE conversations SET stands = EXISTS (SELECT 1 FROM participants WHERE conversation = $1 AND person = $2) WHERE id = $1`, v.ID, a.me)
	return err
}

// markAll finds out from its cached messages which views a conversation belongs to.
func (a *applier) markAll(id string) error {
	_, err := a.q.Exec(`UPDATE conversations SET
		has_mine = EXISTS (SELECT 1 FROM messages WHERE conversation = $1 AND author = $2)
			OR EXISTS (SELECT 1 FROM outbox WHERE conversation = $1),
		has_others = EXISTS (SELECT 1 FROM messages WHERE conversation = $1 AND author <> $2),
		mentioned = EXISTS (SELECT 1 FROM messages m, json_each(m.mentions) j WHERE m.conversation = $1 AND j.value = $2)
		WHERE id = $1`, id, a.me)
	return err
}

// wantHistory notes that messages from before this entry are to be read, where any are missing.
func (a *applier) wantHistory(v sync.Conversation) error {
	_, err := a.q.Exec(`INSERT INTO history (conversation, before) SELECT $1, $2
		WHERE $2 > $3 AND (SELECT count(*) FROM messages WHERE conversation = $1 AND number >= $3) < $2 - $3
		ON CONFLICT (conversation) DO UPDATE SET before = max(before, excluded.before)`, v.ID, v.LastNumber+1, max(v.HistoryFrom, 1))
	return err
}

// lose forgets a conversation: its messages, what the search knows of them, what was typed for it.
func (a *applier) lose(id string) error {
	if err := forgetBeside(a.q, id); err != nil {
		return err
	}
	for _, text := range []string{
		`DELETE FROM messages WHERE conversation = $1`, `DELETE FROM participants WHERE conversation = $1`,
		`DELETE FROM unsent_seen WHERE conversation = $1`, `DELETE FROM history WHERE conversation = $1`,
		`DELETE FROM conversations WHERE id = $1`,
	} {
		if _, err := a.q.Exec(text, id); err != nil {
			return err
		}
	}
	// What was typed is the author's own: it stays, refused, until it is taken back.
	_, err := a.q.Exec(`UPDATE outbox SET state = 'failed', problem = $2 WHERE conversation = $1`, id,
		"You are no longer in this conversation.")
	a.changes.Lost = append(a.changes.Lost, id)
	return err
}

// seen moves forward what a person has seen.
func (a *applier) seen(s sync.Seen) error {
	_, err := a.q.Exec(`UPDATE participants SET seen_up_to = $3, seen_at = $4
		WHERE conversation = $1 AND person = $2 AND seen_up_to < $3`, s.Conversation, s.Person, s.UpTo, s.At)
	if err != nil {
		return err
	}
	a.changes.Seen = append(a.changes.Seen, s)
	if s.Person != a.me {
		return nil
	}
	n, err := a.q.Exec(`UPDATE conversations SET seen_up_to = $2 WHERE id = $1 AND seen_up_to < $2`, s.Conversation, s.UpTo)
	if n > 0 {
		a.touch(s.Conversation)
	}
	return err
}

// move gives a conversation written here the id the server gave it. Later messages typed for it go there too, to whom
// they were typed for.
func (a *applier) move(from, to string) error {
	for _, text := range []string{
		`UPDATE outbox SET conversation = $2 WHERE conversation = $1`,
		`UPDATE OR IGNORE drafts SET target = $2 WHERE target = $1`,
	} {
		if _, err := a.q.Exec(text, from, to); err != nil {
			return err
		}
	}
	for _, text := range []string{`DELETE FROM conversations WHERE id = $1`, `DELETE FROM participants WHERE conversation = $1`} {
		if _, err := a.q.Exec(text, from); err != nil {
			return err
		}
	}
	a.changes.Moved = append(a.changes.Moved, sync.Moved{From: from, To: to})
	return nil
}
