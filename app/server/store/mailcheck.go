package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/mailcheck"
)

// MailChecks is the store of what was seen of the team's mail.
type MailChecks struct{ *Store }

var _ mailcheck.Store = MailChecks{}

// MailHealth gives what was seen last of each side that was used.
func (s MailChecks) MailHealth(ctx context.Context) (map[mailcheck.Side]mailcheck.Health, error) {
	out := map[mailcheck.Side]mailcheck.Health{}
	err := s.db.Read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT side, ok_at, failing_since, problem FROM mail_health`)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var side mailcheck.Side
			var h mailcheck.Health
			err := r.Scan(&side, &h.OKAt, &h.FailingSince, &h.Problem)
			out[side] = h
			return err
		})
	})
	return out, err
}

// PutMailHealth notes what was seen of a side.
func (s MailChecks) PutMailHealth(ctx context.Context, side mailcheck.Side, problem string, at int64) error {
	if problem == "" {
		_, err := Mails(s).write(ctx, `INSERT INTO mail_health (side, ok_at, failing_since, problem) VALUES ($1, $2, 0, '')
			ON CONFLICT (side) DO UPDATE SET ok_at = $2, failing_since = 0, problem = ''`, string(side), at)
		return err
	}
	_, err := Mails(s).write(ctx, `INSERT INTO mail_health (side, ok_at, failing_since, problem) VALUES ($1, 0, $2, $3)
		ON CONFLICT (side) DO UPDATE SET failing_since = CASE WHEN mail_health.failing_since = 0 THEN $2 ELSE mail_health.failing_since END, problem = $3`,
		string(side), at, problem)
	return err
}

// countMost bounds what is counted: beyond it the figure says enough.
const countMost = 100_000

// mailCounts are the questions, each for one figure.
var mailCounts = []struct {
	query string
	args  func(since, overdue int64) []any
	into  func(*mailcheck.Counts) *int64
}{
	{`SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE state = 'sent' AND mail = message AND at >= $1 LIMIT $2) n`, sinceThen, func(c *mailcheck.Counts) *int64 { return &c.Sent }},
	{`SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE state = 'failed' AND at >= $1 LIMIT $2) n`, sinceThen, func(c *mailcheck.Counts) *int64 { return &c.Failed }},
	{`SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE state = 'planned' AND due_at < $1 LIMIT $2) n`, untilThen, func(c *mailcheck.Counts) *int64 { return &c.Overdue }},
	{`SELECT COUNT(*) FROM (SELECT 1 FROM mails WHERE received_at >= $1 LIMIT $2) n`, sinceThen, func(c *mailcheck.Counts) *int64 { return &c.Received }},
	{`SELECT COUNT(*) FROM (SELECT 1 FROM mails WHERE state = 'held' LIMIT $1) n`, atMost, func(c *mailcheck.Counts) *int64 { return &c.Held }},
	{`SELECT COALESCE(MAX(at), 0) FROM deliveries WHERE state = 'sent' AND mail = message`, nothing, func(c *mailcheck.Counts) *int64 { return &c.LastSent }},
	{`SELECT COALESCE(MAX(received_at), 0) FROM mails`, nothing, func(c *mailcheck.Counts) *int64 { return &c.LastReceived }},
}

func sinceThen(since, _ int64) []any   { return []any{since, countMost} }
func untilThen(_, overdue int64) []any { return []any{overdue, countMost} }
func atMost(int64, int64) []any        { return []any{countMost} }
func nothing(int64, int64) []any       { return nil }

// MailCounts counts mails that left, that failed for good and that came since a moment, that wait for an agent, and what
// was due before overdue.
func (s MailChecks) MailCounts(ctx context.Context, since, overdue int64) (c mailcheck.Counts, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		for _, n := range mailCounts {
			if err := q.QueryRow(n.query, n.args(since, overdue)...).Scan(n.into(&c)); err != nil {
				return err
			}
		}
		return nil
	})
	return c, err
}

// AddMailTest keeps a test, and forgets old ones.
func (s MailChecks) AddMailTest(ctx context.Context, t mailcheck.Test, forget, last int64) (added bool, err error) {
	err = explain(s.db.Write(ctx, func(q sqldb.Queryer) error {
		if _, err := q.Exec(`DELETE FROM mail_tests WHERE started_at < $1`, forget); err != nil {
			return err
		}
		n := 0
		if err := q.QueryRow(`SELECT COUNT(*) FROM mail_tests WHERE started_at > $1`, last).Scan(&n); err != nil || n > 0 {
			return err
		}
		added = true
		for _, step := range t.Steps {
			_, err := q.Exec(`INSERT INTO mail_tests (id, way, person, started_at, address) VALUES ($1, $2, $3, $4, $5)`,
				t.ID, string(step.Way), t.By, t.StartedAt, step.Address)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return added && err == nil, err
}

// MailTest gives desk.ErrNotFound where there is none.
func (s MailChecks) MailTest(ctx context.Context, id string) (t mailcheck.Test, err error) {
	t.ID = id
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT way, person, started_at, address, outcome, detail, answered_at, arrived_at, findings FROM mail_tests WHERE id = $1 ORDER BY way DESC`, id)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var step mailcheck.Step
			var findings string
			if err := r.Scan(&step.Way, &t.By, &t.StartedAt, &step.Address, &step.Outcome, &step.Detail, &step.AnsweredAt, &step.ArrivedAt, &findings); err != nil {
				return err
			}
			t.Steps = append(t.Steps, step)
			return json.Unmarshal([]byte(findings), &t.Steps[len(t.Steps)-1].Findings)
		})
	})
	if err == nil && len(t.Steps) == 0 {
		err = desk.ErrNotFound
	}
	return t, err
}

// AnswerMailTest notes what the mail server said.
func (s MailChecks) AnswerMailTest(ctx context.Context, id string, step mailcheck.Step) error {
	_, err := Mails(s).write(ctx, `UPDATE mail_tests SET outcome = $3, detail = $4, answered_at = $5 WHERE id = $1 AND way = $2`,
		id, string(step.Way), step.Outcome, step.Detail, step.AnsweredAt)
	return err
}

// ArriveMailTest notes that a mail came in; only the first time counts.
func (s MailChecks) ArriveMailTest(ctx context.Context, id string, step mailcheck.Step) error {
	if step.Findings == nil {
		step.Findings = []mailcheck.Finding{}
	}
	findings, err := json.Marshal(step.Findings)
	if err != nil {
		return err
	}
	_, err = Mails(s).write(ctx, `UPDATE mail_tests SET arrived_at = $3, findings = $4 WHERE id = $1 AND way = $2 AND arrived_at = 0`,
		id, string(step.Way), step.ArrivedAt, string(findings))
	return err
}
