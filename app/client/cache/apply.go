package cache

import (
	"context"
	"errors"
	"strconv"
	"time"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// Place tells where the feed is to be resumed.
func (c *Cache) Place(ctx context.Context) (p sync.Place, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		p, err = getPlace(q)
		return err
	})
	return p, err
}

func getPlace(q sqldb.Queryer) (p sync.Place, err error) {
	var number string
	if p.Epoch, err = getMeta(q, "epoch"); err != nil {
		return p, err
	}
	if p.Boot, err = getMeta(q, "boot"); err != nil {
		return p, err
	}
	if number, err = getMeta(q, "number"); err != nil || number == "" {
		return p, err
	}
	p.Number, err = strconv.ParseInt(number, 10, 64)
	return p, err
}

func setPlace(q sqldb.Queryer, p sync.Place) error {
	return errors.Join(setMeta(q, "epoch", p.Epoch), setMeta(q, "boot", p.Boot),
		setMeta(q, "number", strconv.FormatInt(p.Number, 10)))
}

// Apply stores entries in one transaction, and with them the place reached. What is older than what is stored changes
// nothing, so that entries may be applied any number of times.
func (c *Cache) Apply(ctx context.Context, entries []sync.Entry, place *sync.Place) (sync.Changes, error) {
	return c.applying(ctx, func(a *applier) error {
		for _, e := range entries {
			if err := a.entry(e); err != nil {
				return err
			}
		}
		if place == nil {
			return nil
		}
		return setPlace(a.q, *place)
	})
}

// applying runs fn with a new applier in one write transaction, and counts anew what it touched.
func (c *Cache) applying(ctx context.Context, fn func(*applier) error) (sync.Changes, error) {
	var a *applier
	err := c.write(ctx, func(q sqldb.Queryer) error {
		a = &applier{c: c, q: q, me: c.Me(), dirty: map[string]bool{}}
		if err := fn(a); err != nil {
			return err
		}
		return a.finish()
	})
	if err != nil {
		return sync.Changes{}, err
	}
	return a.changes, nil
}

// applier applies entries within one transaction and gathers what they changed.
type applier struct {
	c       *Cache
	q       sqldb.Queryer
	me      string
	changes sync.Changes
	// dirty are the conversations whose counts are to be made anew, order is the order they were touched in.
	dirty map[string]bool
	order []string
}

func (a *applier) touch(conversation string) {
	if !a.dirty[conversation] {
		a.dirty[conversation] = true
		a.order = append(a.order, conversation)
	}
}

func (a *applier) entry(e sync.Entry) error {
	switch {
	case e.Lost != "":
		return a.lose(e.Lost)
	case e.Message != nil:
		return a.message(*e.Message, e.Type == sync.MessageCreated)
	case e.Conversation != nil:
		return a.conversation(*e.Conversation, e.Type == sync.ConversationCreated)
	case e.Person != nil:
		a.changes.People = append(a.changes.People, *e.Person)
		return putPerson(a.q, *e.Person)
	case e.Seen != nil:
		return a.seen(*e.Seen)
	case e.Delivery != nil:
		a.changes.Deliveries = append(a.changes.Deliveries, *e.Delivery)
		return a.delivery(*e.Delivery)
	case e.Item != nil:
		return a.item(*e.Item)
	case e.Settings != nil:
		a.changes.Settings = true
		return putSettings(a.q, *e.Settings)
	}
	return nil // gone, or a type of a later server: only its number counts
}

// finish counts anew what the touched conversations hold.
func (a *applier) finish() error {
	for _, id := range a.order {
		// Unseen is what is for the reader: of a customer's conversation that colleagues look after, nothing.
		n, err := a.q.Exec(`UPDATE conversations SET unseen = CASE WHEN kind = 'internal' AND item = ''
				OR EXISTS (SELECT 1 FROM participants WHERE conversation = $1 AND person = $2)
				OR kind = 'customer' AND NOT EXISTS (SELECT 1 FROM participants s JOIN people p ON p.id = s.person WHERE s.conversation = $1 AND p.kind = 'user' AND p.disabled = 0)
			THEN (SELECT count(*) FROM messages WHERE conversation = $1 AND number > conversations.seen_up_to AND author <> $2 AND deleted_at = ''
				AND mail NOT LIKE '%"automatic":true%') -- what a program wrote waits for nobody
			ELSE 0 END WHERE id = $1`, id, a.me)
		if err != nil {
			return err
		}
		if n == 0 {
			if err := a.missing(id); err != nil {
				return err
			}
			continue
		}
		a.changes.Conversations = append(a.changes.Conversations, id)
	}
	return nil
}

// missing notes durably that a conversation is to be fetched, for messages of it are here.
func (a *applier) missing(id string) error {
	if a.isLost(id) {
		return nil
	}
	_, err := a.q.Exec(`INSERT INTO history (conversation, before) VALUES ($1, -1) ON CONFLICT DO NOTHING`, id)
	return err
}

func (a *applier) isLost(id string) bool {
	for _, l := range a.changes.Lost {
		if l == id {
			return true
		}
	}
	return false
}

// message stores a message unless a newer version is there, and takes its key out of the outbox.
func (a *applier) message(m sync.Message, created bool) error {
	if m.Key != "" {
		if err := a.acknowledged(m.Key, m.Conversation); err != nil {
			return err
		}
	}
	stored, err := a.stored(m)
	switch {
	case err != nil:
	case stored.version < 0:
		err = a.insert(m, stored)
	case m.Version >= stored.version:
		err = a.update(m)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	if err := a.mark(m); err != nil {
		return err
	}
	a.touch(m.Conversation)
	a.changes.Messages = append(a.changes.Messages, shown(m))
	// The feed tells of each message once, also of one that was read with old messages before its entry came.
	if created && m.Author != a.me && m.DeletedAt == "" {
		a.changes.Arrived = append(a.changes.Arrived, shown(m))
	}
	return nil
}

// shown gives a message from the server the identity and state it has on the screen.
func shown(m sync.Message) sync.Message {
	m.State, m.RowKey = sync.Sent, m.ID
	if m.Key != "" {
		m.RowKey = m.Key
	}
	return m
}

// stored is what the cache has where a message belongs.
type stored struct {
	version int64 // of this message; below 0 where it is not here
	taken   bool  // its place in the conversation holds a message
	seq     int64 // a free row number that stands where the time of writing belongs: 2^16 for each millisecond
}

// stored asks all in one query: it is asked for every entry of a feed.
func (a *applier) stored(m sync.Message) (s stored, err error) {
	t, err := time.Parse(sync.TimeForm, m.CreatedAt)
	if err != nil {
		return s, &sync.Error{Code: sync.CodeInvalid, Message: "The server sent a message without a time."}
	}
	err = a.q.QueryRow(`SELECT coalesce((SELECT version FROM messages WHERE id = $1), -1),
		EXISTS (SELECT 1 FROM messages WHERE conversation = $2 AND number = $3),
		(SELECT coalesce(max(seq) + 1, $4) FROM messages WHERE seq >= $4 AND seq < $4 + 65536)`,
		m.ID, m.Conversation, m.Number, t.UnixMilli()<<16).Scan(&s.version, &s.taken, &s.seq)
	return s, err
}

func (a *applier) insert(m sync.Message, s stored) error {
	if s.taken { // by another message, before the server was restored: its word counts
		if _, err := a.q.Exec(`DELETE FROM messages WHERE conversation = $1 AND number = $2`, m.Conversation, m.Number); err != nil {
			return err
		}
	}
	_, err := a.q.Exec(`INSERT INTO messages (seq, `+messageColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		s.seq, m.ID, m.Conversation, m.Number, m.Author, m.Body, list(m.Files), list(m.Mentions), m.CreatedAt, m.EditedAt, m.DeletedAt, m.Version, m.Key, mark(m.Mail))
	return err
}

func (a *applier) update(m sync.Message) error {
	_, err := a.q.Exec(`UPDATE messages SET body = $2, files = $3, mentions = $4, edited_at = $5, deleted_at = $6, version = $7,
		key = CASE WHEN $8 = '' THEN key ELSE $8 END, mail = $9 WHERE id = $1`,
		m.ID, m.Body, list(m.Files), list(m.Mentions), m.EditedAt, m.DeletedAt, m.Version, m.Key, mark(m.Mail))
	if err == nil && m.DeletedAt != "" {
		_, err = a.q.Exec(`DELETE FROM mails WHERE message = $1`, m.ID)
	}
	return err
}

// mark moves a conversation forward by a message: its end, and which views it belongs to.
func (a *applier) mark(m sync.Message) error {
	mine, others, mentioned := 0, 1, 0
	if m.Author == a.me {
		mine, others = 1, 0
	}
	for _, id := range m.Mentions {
		if id == a.me {
			mentioned = 1
		}
	}
	_, err := a.q.Exec(`UPDATE conversations SET last_at = CASE WHEN $2 > last_number THEN max(last_at, $3) ELSE last_at END,
		waiting_since = CASE WHEN kind <> 'customer' OR $2 <= last_number OR $7 THEN waiting_since
			WHEN (SELECT kind FROM people WHERE id = $8) = 'customer' THEN CASE WHEN waiting_since = '' THEN $3 ELSE waiting_since END ELSE '' END,
		last_number = max(last_number, $2), has_mine = max(has_mine, $4), has_others = max(has_others, $5),
		mentioned = max(mentioned, $6) WHERE id = $1`, m.Conversation, m.Number, m.CreatedAt, mine, others, mentioned,
		m.Mail != nil && m.Mail.Automatic, m.Author)
	return err
}

// acknowledged removes a key from the outbox, whichever of the answer and the feed's echo comes first.
func (a *applier) acknowledged(key, conversation string) error {
	var local string
	var isNew bool
	var files string
	err := a.q.QueryRow(`SELECT conversation, is_new, files FROM outbox WHERE key = $1`, key).Scan(&local, &isNew, &files)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := a.q.Exec(`DELETE FROM outbox WHERE key = $1`, key); err != nil {
		return err
	}
	if err := forgetFiles(a.q, unlist[sync.FileRef](files)); err != nil {
		return err
	}
	if isNew && local != conversation {
		return a.move(local, conversation)
	}
	return nil
}
