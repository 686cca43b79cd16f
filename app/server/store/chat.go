package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/livechat"
)

// Chats is the store as the live chat asks for it.
type Chats struct{ *Store }

var _ livechat.Store = Chats{}

// chatLinger is how long a customer counts as connected after the last stream ended, in milliseconds.
var chatLinger = livechat.Linger.Milliseconds()

func (s Chats) read(ctx context.Context, fn func(tx) error) error {
	return s.db.Read(ctx, func(q sqldb.Queryer) error { return fn(tx{q}) })
}

func (s Chats) write(ctx context.Context, fn func(tx) error) error {
	return explain(s.db.Write(ctx, func(q sqldb.Queryer) error { return fn(tx{q}) }))
}

const siteColumns = `id, name, secret, origins, identity, disabled, look, created_at, version`

func scanSite(scan func(...any) error) (s desk.Site, err error) {
	var origins, look string
	var disabled int
	if err := scan(&s.ID, &s.Name, &s.Secret, &origins, &s.Identity, &disabled, &look, &s.CreatedAt, &s.Version); err != nil {
		return s, notFound(err)
	}
	s.Disabled = disabled != 0
	if err := json.Unmarshal([]byte(origins), &s.Origins); err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(look), &s.Look)
}

func siteArgs(s desk.Site) ([]any, error) {
	if s.Origins == nil {
		s.Origins = []string{}
	}
	origins, err := json.Marshal(s.Origins)
	if err != nil {
		return nil, err
	}
	look, err := json.Marshal(s.Look)
	return []any{s.ID, s.Name, s.Secret, string(origins), string(s.Identity), bit(s.Disabled), string(look), s.CreatedAt, s.Version}, err
}

// AddSite adds a new one.
func (s Chats) AddSite(ctx context.Context, site desk.Site) error {
	args, err := siteArgs(site)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`INSERT INTO sites (`+siteColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, args...)
		return err
	})
}

// Site gives desk.ErrNotFound where there is none.
func (s Chats) Site(ctx context.Context, id string) (site desk.Site, err error) {
	err = s.read(ctx, func(t tx) error {
		site, err = scanSite(t.q.QueryRow(`SELECT `+siteColumns+` FROM sites WHERE id = $1`, id).Scan)
		return err
	})
	return site, err
}

// Sites lists all, the oldest first.
func (s Chats) Sites(ctx context.Context) (sites []desk.Site, err error) {
	err = s.read(ctx, func(t tx) error {
		sites = nil
		rows, err := t.q.Query(`SELECT ` + siteColumns + ` FROM sites ORDER BY id`)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			site, err := scanSite(r.Scan)
			sites = append(sites, site)
			return err
		})
	})
	return sites, err
}

// ChangeSite lets change work on the present state.
func (s Chats) ChangeSite(ctx context.Context, id string, change func(*desk.Site) error) (site desk.Site, err error) {
	err = s.write(ctx, func(t tx) error {
		if site, err = scanSite(t.q.QueryRow(`SELECT `+siteColumns+` FROM sites WHERE id = $1 {lock}`, id).Scan); err != nil {
			return err
		}
		if err := change(&site); err != nil {
			return err
		}
		site.Version++
		args, err := siteArgs(site)
		if err != nil {
			return err
		}
		_, err = t.q.Exec(`UPDATE sites SET name = $2, secret = $3, origins = $4, identity = $5, disabled = $6, look = $7, created_at = $8, version = $9 WHERE id = $1`, args...)
		return err
	})
	return site, err
}

// AddSession notes a browser's right to chat.
func (s Chats) AddSession(ctx context.Context, v livechat.Session, tokenHash string) error {
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`INSERT INTO chat_sessions (id, person, site, token, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $5)`,
			v.ID, v.Person, v.Site, tokenHash, v.At)
		return err
	})
}

// SessionByToken gives desk.ErrNotFound for a token nobody holds, one not used since the moment given, one of a site that
// is switched off, and one of somebody disabled. used tells when it was noted as used last.
func (s Chats) SessionByToken(ctx context.Context, tokenHash string, usedSince int64) (v livechat.Session, p desk.Person, used int64, err error) {
	err = s.read(ctx, func(t tx) error {
		p, err = scanPerson(t.q.QueryRow(`SELECT `+personColumns+`, c.id, c.person, c.site, c.created_at, c.used_at
			FROM chat_sessions c JOIN people p ON p.id = c.person JOIN sites w ON w.id = c.site
			WHERE c.token = $1 AND c.used_at >= $2 AND w.disabled = 0 AND p.disabled = 0`, tokenHash, usedSince).Scan, &v.ID, &v.Person, &v.Site, &v.At, &used)
		return err
	})
	return v, p, used, err
}

// TouchSession notes that it is used.
func (s Chats) TouchSession(ctx context.Context, id string, at int64) error {
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`UPDATE chat_sessions SET used_at = $2 WHERE id = $1 AND used_at < $2`, id, at)
		return err
	})
}

// EndSession ends a browser's right to chat.
func (s Chats) EndSession(ctx context.Context, id string) error {
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`DELETE FROM chat_sessions WHERE id = $1`, id)
		return err
	})
}

// LiveSessions tells which of ids may still chat.
func (s Chats) LiveSessions(ctx context.Context, ids []string) (map[string]bool, error) {
	live := map[string]bool{}
	err := s.read(ctx, func(t tx) error {
		clear(live)
		rows, err := t.q.Query(`SELECT c.id FROM chat_sessions c JOIN sites w ON w.id = c.site JOIN people p ON p.id = c.person
			WHERE c.id IN {list:$1} AND w.disabled = 0 AND p.disabled = 0`, list(ids))
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var id string
			err := r.Scan(&id)
			live[id] = true
			return err
		})
	})
	return live, err
}

// NewestWith gives the conversation with customers in which a customer stands and something happened last.
func (t tx) NewestWith(customer string) (id string, err error) {
	err = t.q.QueryRow(`SELECT c.id FROM standings s JOIN conversations c ON c.id = s.conversation
		WHERE s.person = $1 AND s.participant = 1 AND c.kind = 'customer' ORDER BY c.last_at DESC, c.id DESC LIMIT 1`, customer).Scan(&id)
	if err == sqldb.ErrNoRows {
		return "", nil
	}
	return id, err
}

// MoveUnseen makes what a customer has not seen in the live chat due at a moment, or (0) after the delay it was planned with.
func (t tx) MoveUnseen(person string, due, after int64) (first int64, err error) {
	const which = ` WHERE person = $1 AND state = 'planned' AND reason = 'chat-unseen'`
	if due > 0 {
		_, err = t.q.Exec(`UPDATE deliveries SET due_at = $2`+which+` AND due_at > $2`, person, due)
	} else {
		_, err = t.q.Exec(`UPDATE deliveries SET due_at = at + $2`+which, person, after)
	}
	if err != nil {
		return 0, err
	}
	return first, t.q.QueryRow(`SELECT COALESCE(MIN(due_at), 0) FROM deliveries`+which, person).Scan(&first)
}

// Readdress plans the mails that a visitor without an address could not get, of what they have not seen.
func (t tx) Readdress(person string, at, due int64) error {
	_, err := t.q.Exec(`UPDATE deliveries SET state = 'planned', reason = 'chat-unseen', due_at = $3, at = $2
		WHERE person = $1 AND state = 'cancelled' AND reason = 'no-address' AND number > COALESCE((SELECT s.seen_up_to FROM standings s
			WHERE s.conversation = deliveries.conversation AND s.person = deliveries.person), 0)`, person, at, due)
	return err
}

// LockPerson lets one transaction at a time begin a conversation of a customer's.
func (t tx) LockPerson(id string) error {
	var found string
	return notFound(t.q.QueryRow(`SELECT id FROM people WHERE id = $1 {lock}`, id).Scan(&found))
}

// Hear lets users know of a visitor; false where they do already.
func (t tx) Hear(id string) (bool, error) {
	n, err := t.q.Exec(`UPDATE people SET unheard = 0, version = version + 1 WHERE id = $1 AND unheard = 1`, id)
	return n > 0, err
}

// MergePerson notes that a visitor is a customer; false where that was noted before.
func (t tx) MergePerson(visitor, into, actor string, at int64) (bool, error) {
	n, err := t.q.Exec(`INSERT INTO person_merges (visitor, person, actor, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, visitor, into, actor, at)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = t.q.Exec(`UPDATE people SET merged_into = $2, version = version + 1 WHERE id = $1`, visitor, into)
	return true, err
}

// StandsIn lists where a person stands, with their standing there.
func (t tx) StandsIn(person string) (map[string]desk.Standing, error) {
	out := map[string]desk.Standing{}
	rows, err := t.q.Query(`SELECT conversation, history_from, seen_up_to FROM standings WHERE person = $1 AND participant = 1`, person)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		s := desk.Standing{Person: person, Participant: true}
		err := r.Scan(&id, &s.HistoryFrom, &s.SeenUpTo)
		out[id] = s
		return err
	})
	return out, err
}
