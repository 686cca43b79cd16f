package store

import (
	"context"
	"database/sql"
	"slices"

	"recado/app/kit/sqldb"
	"recado/app/server/livechat"
)

// OpenStream notes that a customer is connected.
func (s Chats) OpenStream(ctx context.Context, v livechat.Stream) error {
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`INSERT INTO chat_streams (id, node, person, session, site, opened_at, browser, language, page, title)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, v.ID, v.Node, v.Person, v.Session, v.Site, v.OpenedAt, v.Browser, v.Language, v.Page, v.Title)
		return err
	})
}

// CloseStream notes when a stream ended.
func (s Chats) CloseStream(ctx context.Context, id string, at int64) error {
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`UPDATE chat_streams SET closed_at = $2 WHERE id = $1 AND closed_at = 0`, id, at)
		return err
	})
}

// PutPage notes on which page the streams of a session are.
func (s Chats) PutPage(ctx context.Context, session, page, title string) error {
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`UPDATE chat_streams SET page = $2, title = $3 WHERE session = $1 AND closed_at = 0`, session, page, title)
		return err
	})
}

// Beat says that a node lives until a moment, and forgets streams and nodes that ended long ago.
func (s Chats) Beat(ctx context.Context, node string, now, until int64) error {
	return s.write(ctx, func(t tx) error {
		if _, err := t.q.Exec(`INSERT INTO chat_nodes (node, until) VALUES ($1, $2) ON CONFLICT (node) DO UPDATE SET until = $2`, node, until); err != nil {
			return err
		}
		if _, err := t.q.Exec(`DELETE FROM chat_streams WHERE closed_at > 0 AND closed_at < $1`, now-10*chatLinger); err != nil {
			return err
		}
		_, err := t.q.Exec(`DELETE FROM chat_nodes WHERE until < $1`, now-20*chatLinger)
		return err
	})
}

// connectedNow is the condition that a stream s connects somebody at the moment $1.
const connectedNow = `(s.closed_at = 0 AND EXISTS (SELECT 1 FROM chat_nodes n WHERE n.node = s.node AND n.until > $1) OR s.closed_at > $1 - $2)`

// Connected lists the streams that connect customers at a moment: those that are open, and those that ended just now.
func (s Chats) Connected(ctx context.Context, now int64, person string) (streams []livechat.Stream, err error) {
	err = s.read(ctx, func(t tx) error {
		streams = nil
		streams, err = t.streams(`WHERE (s.person = $3 OR $3 = '' AND EXISTS (SELECT 1 FROM people p WHERE p.id = s.person AND p.unheard = 0)) AND `+connectedNow+` ORDER BY s.id`, now, chatLinger, person)
		return err
	})
	return streams, err
}

const streamColumns = `id, node, person, session, site, opened_at, closed_at, browser, language, page, title`

func (t tx) streams(which string, args ...any) (streams []livechat.Stream, err error) {
	rows, err := t.q.Query(`SELECT `+streamColumns+` FROM chat_streams s `+which, args...)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var v livechat.Stream
		err := r.Scan(&v.ID, &v.Node, &v.Person, &v.Session, &v.Site, &v.OpenedAt, &v.ClosedAt, &v.Browser, &v.Language, &v.Page, &v.Title)
		streams = append(streams, v)
		return err
	})
	return streams, err
}

// deadNow is the condition that a stream is open at a node that does not live at the moment $1.
const deadNow = `closed_at = 0 AND NOT EXISTS (SELECT 1 FROM chat_nodes n WHERE n.node = chat_streams.node AND n.until > $1)`

// Dead lists the open streams of nodes that no longer live, each customer's together.
func (s Chats) Dead(ctx context.Context, now int64) (streams []livechat.Stream, err error) {
	err = s.read(ctx, func(t tx) error {
		streams, err = t.streams(`WHERE id IN (SELECT id FROM chat_streams WHERE `+deadNow+`) ORDER BY s.person, s.id`, now)
		return err
	})
	return streams, err
}

// CloseDead ends those of streams that are open and whose node does not live, as of a moment, and lists whose they were.
func (s Chats) CloseDead(ctx context.Context, ids []string, now, at int64) (people []string, err error) {
	err = s.write(ctx, func(t tx) error {
		people, err = t.ids(`UPDATE chat_streams SET closed_at = $2 WHERE id IN {list:$3} AND `+deadNow+` RETURNING person`, now, at, list(ids))
		return err
	})
	return people, err
}

// ids runs a statement that answers one column of texts, and gives each of them once.
func (t tx) ids(query string, args ...any) (out []string, err error) {
	rows, err := t.q.Query(query, args...)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		out = append(out, id)
		return err
	})
	slices.Sort(out)
	return slices.Compact(out), err
}

// Reopen notes streams as open, whatever was noted of them before.
func (s Chats) Reopen(ctx context.Context, streams []livechat.Stream) error {
	return s.write(ctx, func(t tx) error {
		for _, v := range streams {
			if _, err := t.q.Exec(`INSERT INTO chat_streams (`+streamColumns+`) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10)
				ON CONFLICT (id) DO UPDATE SET closed_at = 0`, v.ID, v.Node, v.Person, v.Session, v.Site, v.OpenedAt, v.Browser, v.Language, v.Page, v.Title); err != nil {
				return err
			}
		}
		return nil
	})
}

// ForgetSilent forgets some visitors who never wrote, who came and were here last before a moment, with everything that
// was noted of them. It answers how many, and the ids of the files they left.
func (s Chats) ForgetSilent(ctx context.Context, now, before int64, most int) (n int, files []string, err error) {
	err = s.write(ctx, func(t tx) error {
		n, files = 0, nil
		silent, err := t.ids(`SELECT p.id FROM people p WHERE p.unheard = 1 AND p.created_at < $2
			AND NOT EXISTS (SELECT 1 FROM chat_sessions c WHERE c.person = p.id AND c.used_at >= $2)
			AND NOT EXISTS (SELECT 1 FROM chat_streams s WHERE s.person = p.id AND s.closed_at = 0
				AND EXISTS (SELECT 1 FROM chat_nodes d WHERE d.node = s.node AND d.until > $1))
			ORDER BY p.created_at LIMIT $3 {lock}`, now, before, most)
		if err != nil || len(silent) == 0 {
			return err
		}
		if files, err = t.ids(`DELETE FROM files WHERE owner IN {list:$1} RETURNING id`, list(silent)); err != nil {
			return err
		}
		for _, of := range []string{"chat_streams", "chat_sessions", "client_keys", "feed", "heads"} {
			if _, err := t.q.Exec(`DELETE FROM `+of+` WHERE person IN {list:$1}`, list(silent)); err != nil {
				return err
			}
		}
		_, err = t.q.Exec(`DELETE FROM people WHERE id IN {list:$1}`, list(silent))
		n = len(silent)
		return err
	})
	return n, files, err
}

// EndSessions ends some sessions that were not used since a moment, and answers how many.
func (s Chats) EndSessions(ctx context.Context, before int64, most int) (n int, err error) {
	err = s.write(ctx, func(t tx) error {
		ended, err := t.q.Exec(`DELETE FROM chat_sessions WHERE id IN (SELECT id FROM chat_sessions WHERE used_at < $1 ORDER BY used_at LIMIT $2)`, before, most)
		n = int(ended)
		return err
	})
	return n, err
}

// InChat tells which of some customers are connected to the live chat at a moment, on any node.
func (t tx) InChat(people []string, at int64) (map[string]bool, error) {
	out := map[string]bool{}
	which, arg := among(people, "$3")
	rows, err := t.q.Query(`SELECT DISTINCT s.person FROM chat_streams s WHERE s.person`+which+` AND `+connectedNow, at, chatLinger, arg)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		out[id] = true
		return err
	})
	return out, err
}

// ChatOpen tells which of some customers have the live chat open at a moment, on any node that lives.
func (t tx) ChatOpen(people []string, at int64) (map[string]bool, error) {
	which, arg := among(people, "$2")
	open, err := t.ids(`SELECT s.person FROM chat_streams s WHERE s.person`+which+` AND s.closed_at = 0
		AND EXISTS (SELECT 1 FROM chat_nodes n WHERE n.node = s.node AND n.until > $1)`, at, arg)
	out := make(map[string]bool, len(open))
	for _, id := range open {
		out[id] = true
	}
	return out, err
}

// SamePerson lists a customer, whom an agent found them to be, and the visitors found to be that one.
func (t tx) SamePerson(id string) ([]string, error) {
	return t.ids(`WITH one AS (SELECT CASE WHEN merged_into = '' THEN id ELSE merged_into END AS id FROM people WHERE id = $1)
		SELECT id FROM one UNION SELECT p.id FROM people p WHERE p.merged_into <> '' AND p.merged_into = (SELECT id FROM one)`, id)
}
