package store

import (
	"database/sql"
	"encoding/json"
	"slices"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/messaging"
)

// Recipients gives those of ids that exist, with what they wish of mail.
func (t tx) Recipients(ids []string) (out []desk.Recipient, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if len(ids) <= fewPeople && t.q.Engine() == sqldb.SQLite {
		for _, id := range ids {
			rows, err := t.q.Query(`SELECT id, kind, disabled, mail_on, mail_after, CASE WHEN email = '' OR merged_into <> '' THEN 1 ELSE 0 END, merged_into FROM people WHERE id = $1`, id)
			if out, err = scanRecipients(out, rows, err); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	rows, err := t.q.Query(`SELECT id, kind, disabled, mail_on, mail_after, CASE WHEN email = '' OR merged_into <> '' THEN 1 ELSE 0 END, merged_into FROM people WHERE id IN {list:$1} ORDER BY id`, list(ids))
	return scanRecipients(nil, rows, err)
}

func scanRecipients(out []desk.Recipient, rows *sql.Rows, err error) ([]desk.Recipient, error) {
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var p desk.Recipient
		var disabled, on, nowhere int
		err := r.Scan(&p.ID, &p.Kind, &disabled, &on, &p.MailAfter, &nowhere, &p.Is)
		p.Disabled, p.Mail, p.Nowhere = disabled != 0, on != 0, nowhere != 0
		out = append(out, p)
		return err
	})
	return out, err
}

// Plan writes new deliveries of one message: in one statement, and row by row only where that costs SQLite less (see
// tellFew).
func (t tx) Plan(m desk.Message, ds []desk.Delivery) error {
	if len(ds) <= fewPeople && t.q.Engine() == sqldb.SQLite {
		for _, d := range ds {
			if _, err := t.q.Exec(`INSERT INTO deliveries (message, conversation, number, person, channel, state, reason, due_at, at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, m.ID, m.Conversation, m.Number,
				d.Person, string(d.Channel), string(d.State), string(d.Reason), d.DueAt, d.At); err != nil {
				return err
			}
		}
		return nil
	}
	b, err := json.Marshal(ds)
	if err != nil {
		return err
	}
	query := `SELECT $1, $2, $3, w.value ->> 'Person', w.value ->> 'Channel', w.value ->> 'State', w.value ->> 'Reason', w.value ->> 'DueAt', w.value ->> 'At'
		FROM json_each($4) w`
	if t.q.Engine() == sqldb.Postgres {
		query = `SELECT $1, $2, $3::bigint, w."Person", w."Channel", w."State", w."Reason", w."DueAt", w."At" FROM jsonb_to_recordset($4::jsonb)
			AS w("Person" text, "Channel" text, "State" text, "Reason" text, "DueAt" bigint, "At" bigint)`
	}
	_, err = t.q.Exec(`INSERT INTO deliveries (message, conversation, number, person, channel, state, reason, due_at, at) `+query,
		m.ID, m.Conversation, m.Number, string(b))
	return err
}

// Withdraw ends what is planned and not on its way already. What is on its way has a lease that has not ended.
func (t tx) Withdraw(w messaging.Withdrawal) error {
	query := `UPDATE deliveries SET state = $1, reason = $2, at = $3, due_at = 0 WHERE state = 'planned' AND (reason <> 'leaving' OR due_at <= $3)`
	args := []any{string(w.State), string(w.Reason), w.At}
	if w.Message != "" {
		query, args = query+` AND message = $4`, append(args, w.Message)
		if w.Person != "" {
			query, args = query+` AND person = $5`, append(args, w.Person)
		}
	} else {
		query, args = query+` AND person = $4 AND conversation = $5 AND number <= $6`, append(args, w.Person, w.Conversation, w.UpTo)
	}
	_, err := t.q.Exec(query, args...)
	return err
}

const deliveryColumns = `d.message, d.conversation, d.number, d.person, d.channel, d.state, d.reason, d.due_at, d.at, d.attempts, d.mail, d.detail`

func scanDelivery(scan func(...any) error) (d desk.Delivery, err error) {
	err = scan(&d.Message, &d.Conversation, &d.Number, &d.Person, &d.Channel, &d.State, &d.Reason, &d.DueAt, &d.At, &d.Attempts, &d.Mail, &d.Detail)
	return d, notFound(err)
}

func (t tx) deliveries(query string, args ...any) (out []desk.Delivery, err error) {
	rows, err := t.q.Query(query, args...)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		d, err := scanDelivery(r.Scan)
		out = append(out, d)
		return err
	})
	return out, err
}

// Deliveries of a message, those in the app not among them, in the order of people's ids.
func (t tx) Deliveries(message string) ([]desk.Delivery, error) {
	return t.deliveries(`SELECT `+deliveryColumns+` FROM deliveries d WHERE d.message = $1 ORDER BY d.person, d.channel`, message)
}

// Delivery gives desk.ErrNotFound where there is none.
func (t tx) Delivery(message, person string, channel desk.Channel) (desk.Delivery, error) {
	return scanDelivery(t.q.QueryRow(`SELECT `+deliveryColumns+` FROM deliveries d WHERE d.message = $1 AND d.person = $2 AND d.channel = $3`,
		message, person, string(channel)).Scan)
}

// PutDelivery writes state, reason, times, attempts and mail of one that exists.
func (t tx) PutDelivery(d desk.Delivery) error {
	_, err := t.q.Exec(`UPDATE deliveries SET state = $4, reason = $5, due_at = $6, at = $7, attempts = $8, mail = $9, detail = $10
		WHERE message = $1 AND person = $2 AND channel = $3`,
		d.Message, d.Person, string(d.Channel), string(d.State), string(d.Reason), d.DueAt, d.At, d.Attempts, d.Mail, d.Detail)
	return err
}

// Due lists up to limit calls that are due, the longest overdue first, looking no further than look rows.
func (t tx) Due(now int64, look int) (calls []desk.Call, err error) {
	rows, err := t.q.Query(`SELECT d.person, d.conversation, d.mail FROM (SELECT person, conversation, mail, due_at FROM deliveries
		WHERE state = 'planned' AND due_at <= $1 ORDER BY due_at LIMIT $2) d GROUP BY d.person, d.conversation, d.mail ORDER BY MIN(d.due_at)`, now, look)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var c desk.Call
		err := r.Scan(&c.Person, &c.Conversation, &c.Mail)
		calls = append(calls, c)
		return err
	})
	return calls, err
}

// NextDue gives when the next delivery is due, 0 where nothing is planned.
func (t tx) NextDue() (due int64, err error) {
	err = t.q.QueryRow(`SELECT COALESCE(MIN(due_at), 0) FROM deliveries WHERE state = 'planned'`).Scan(&due)
	return due, err
}

// ofCall are the planned rows of one call, $1 to $3.
const ofCall = `state = 'planned' AND person = $1 AND conversation = $2 AND mail = $3 AND channel = 'email'`

// Gate lets one transaction at a time decide about a person in a conversation: what they have seen, and what leaves.
// SQLite has one writer and needs none.
func (t tx) Gate(conversation, person string) error {
	if t.q.Engine() == sqldb.SQLite {
		return nil
	}
	_, err := t.q.Exec(`SELECT 1 FROM standings WHERE conversation = $1 AND person = $2 FOR UPDATE`, conversation, person)
	return err
}

// Waiting gives planned deliveries of a call in the order of their messages: the newest, or the oldest, limit of them.
// all is how many there are, due when the first of them is due (0 where there is none).
func (t tx) Waiting(c desk.Call, oldest bool, limit int) (some []desk.Delivery, all, due int64, err error) {
	err = t.q.QueryRow(`SELECT COUNT(*), COALESCE(MIN(due_at), 0) FROM deliveries WHERE `+ofCall, c.Person, c.Conversation, c.Mail).Scan(&all, &due)
	if err != nil || all == 0 {
		return nil, all, due, err
	}
	order := `DESC`
	if oldest {
		order = ``
	}
	some, err = t.deliveries(`SELECT `+deliveryColumns+` FROM deliveries d WHERE `+ofCall+` ORDER BY d.number `+order+` LIMIT $4`,
		c.Person, c.Conversation, c.Mail, limit)
	if !oldest {
		slices.Reverse(some)
	}
	return some, all, due, err
}

// RetryDue gives when the earliest mail that waits for another try, of a person in a conversation, is due; 0 for none.
func (t tx) RetryDue(person, conversation string) (due int64, err error) {
	err = t.q.QueryRow(`SELECT COALESCE(MIN(due_at), 0) FROM deliveries WHERE state = 'planned' AND person = $1 AND conversation = $2
		AND mail <> '' AND reason <> 'leaving' AND channel = 'email'`, person, conversation).Scan(&due)
	return due, err
}

// Postpone makes a call due at another time.
func (t tx) Postpone(c desk.Call, due int64) error {
	_, err := t.q.Exec(`UPDATE deliveries SET due_at = $4 WHERE `+ofCall, c.Person, c.Conversation, c.Mail, due)
	return err
}

// Resume makes what never left, from a conversation to a person, due no later than after milliseconds since it was
// planned, or at once where somebody asked for it; it answers whether that changed anything.
func (t tx) Resume(person, conversation string, after int64) (bool, error) {
	n, err := t.q.Exec(`UPDATE deliveries SET due_at = at + CASE WHEN reason = 'asked' THEN 0 ELSE $3 END WHERE state = 'planned' AND mail = ''
		AND person = $1 AND conversation = $2 AND channel = 'email' AND due_at > at + CASE WHEN reason = 'asked' THEN 0 ELSE $3 END`, person, conversation, after)
	return n > 0, err
}

// Lease gives a call, up to a message's number, to whoever hands it over, until a moment, and its mail a name for good.
func (t tx) Lease(c desk.Call, mail string, upTo, at, until int64) error {
	_, err := t.q.Exec(`UPDATE deliveries SET mail = $4, reason = 'leaving', at = $5, due_at = $6 WHERE `+ofCall+` AND number <= $7`,
		c.Person, c.Conversation, c.Mail, mail, at, until, upTo)
	return err
}

// Renew moves the end of a lease; false where it does not end then any more.
func (t tx) Renew(c desk.Call, until, later int64) (bool, error) {
	n, err := t.q.Exec(`UPDATE deliveries SET due_at = $5 WHERE `+ofCall+` AND reason = 'leaving' AND due_at = $4`,
		c.Person, c.Conversation, c.Mail, until, later)
	return n > 0, err
}

// Abandon ends all leases.
func (t tx) Abandon(now int64) error {
	_, err := t.q.Exec(`UPDATE deliveries SET due_at = $1 WHERE state = 'planned' AND reason = 'leaving' AND due_at > $1`, now)
	return err
}

// Settle writes how handing over a call ended; where until is given, only if it is still leased until then.
func (t tx) Settle(c desk.Call, d desk.Delivery, until int64) (bool, error) {
	query := `UPDATE deliveries SET state = $4, reason = CASE WHEN $5 = 'mailed' AND message <> $3 THEN 'gathered' ELSE $5 END,
		at = $6, due_at = $7, attempts = $8, detail = $9 WHERE ` + ofCall
	args := []any{c.Person, c.Conversation, c.Mail, string(d.State), string(d.Reason), d.At, d.DueAt, d.Attempts, d.Detail}
	if until > 0 {
		query, args = query+` AND due_at = $10`, append(args, until)
	}
	n, err := t.q.Exec(query, args...)
	return n > 0, err
}

// Mailed lists the names of mails that left to a person from a conversation, newest first.
func (t tx) Mailed(person, conversation string, limit int) (mails []string, err error) {
	rows, err := t.q.Query(`SELECT mail FROM deliveries WHERE state = 'sent' AND mail = message AND person = $1 AND conversation = $2
		ORDER BY number DESC LIMIT $3`, person, conversation, limit)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var m string
		err := r.Scan(&m)
		mails = append(mails, m)
		return err
	})
	return mails, err
}

// aheadMillis is how far the clocks of nodes may differ before one is taken to have been set.
const aheadMillis = 10_000

// Reclock plans anew what was planned by a clock that was ahead: each keeps its delay, from now on. It answers how many.
func (t tx) Reclock(now int64) (int64, error) {
	return t.q.Exec(`UPDATE deliveries SET due_at = $1 + due_at - at, at = $1 WHERE state = 'planned' AND due_at > $1 AND at > $1 + $2`, now, aheadMillis)
}

// Asked tells whether somebody said "send now" to something of a call.
func (t tx) Asked(c desk.Call) (bool, error) {
	n := 0
	err := t.q.QueryRow(`SELECT COUNT(*) FROM deliveries WHERE `+ofCall+` AND reason = 'asked'`, c.Person, c.Conversation, c.Mail).Scan(&n)
	return n > 0, err
}

// Left lists the mails that left to a person since a moment.
func (t tx) Left(person string, since int64) (left []desk.Mailed, err error) {
	rows, err := t.q.Query(`SELECT conversation, at FROM deliveries WHERE state = 'sent' AND mail = message AND person = $1 AND at >= $2`, person, since)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var m desk.Mailed
		err := r.Scan(&m.Conversation, &m.At)
		left = append(left, m)
		return err
	})
	return left, err
}

// Trouble gives what reports said of an address.
func (t tx) Trouble(address string) (desk.Trouble, error) {
	var gone, unwanted int64
	err := t.q.QueryRow(`SELECT COALESCE(MAX(hard), 0), COALESCE(MAX(complaints), 0) FROM mail_addresses WHERE address = $1`, address).Scan(&gone, &unwanted)
	return desk.Trouble{Gone: gone > 0, Unwanted: unwanted > 0}, err
}

// Troubled gives, of some people, those of whose addresses reports said something.
func (t tx) Troubled(people []string) (map[string]desk.Trouble, error) {
	at, addresses := map[string][]string{}, []string{}
	rows, err := t.q.Query(`SELECT id, email FROM people WHERE email <> '' AND id IN {list:$1}`, list(people))
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id, email string
		err := r.Scan(&id, &email)
		address := desk.Address(email)
		at[address], addresses = append(at[address], id), append(addresses, address)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[string]desk.Trouble{}
	rows, err = t.q.Query(`SELECT address, hard, complaints FROM mail_addresses WHERE (hard > 0 OR complaints > 0) AND address IN {list:$1}`, list(addresses))
	return out, sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var address string
		var gone, unwanted int64
		err := r.Scan(&address, &gone, &unwanted)
		for _, id := range at[address] {
			out[id] = desk.Trouble{Gone: gone > 0, Unwanted: unwanted > 0}
		}
		return err
	})
}

// MarkGone notes that a mail server knows no such mailbox.
func (t tx) MarkGone(address, detail string, at int64) error {
	_, err := t.q.Exec(`INSERT INTO mail_addresses (address, hard, soft, complaints, status, at) VALUES ($1, 1, 0, 0, $2, $3)
		ON CONFLICT (address) DO UPDATE SET hard = mail_addresses.hard + 1, status = $2, at = $3`, address, detail, at)
	return err
}

// Release plans anew what is held of a call, due at a moment, and lists the messages.
func (t tx) Release(c desk.Call, at int64) (messages []string, err error) {
	rows, err := t.q.Query(`UPDATE deliveries SET state = 'planned', due_at = $4 WHERE state = 'held' AND person = $1 AND conversation = $2
		AND mail = $3 AND channel = 'email' RETURNING message`, c.Person, c.Conversation, c.Mail, at)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		messages = append(messages, id)
		return err
	})
	return messages, err
}
