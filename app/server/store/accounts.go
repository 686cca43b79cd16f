package store

import (
	"context"
	"database/sql"
	"slices"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/accounts"
	"recado/app/server/messaging"
)

// Accounts is the store as the accounts use cases ask for it.
type Accounts struct{ *Store }

var _ accounts.Store = Accounts{}

func (s Accounts) read(ctx context.Context, fn func(tx) error) error {
	return s.db.Read(ctx, func(q sqldb.Queryer) error { return fn(tx{q}) })
}

func (s Accounts) write(ctx context.Context, fn func(tx) error) error {
	return explain(s.db.Write(ctx, func(q sqldb.Queryer) error { return fn(tx{q}) }))
}

// PersonByAddress gives the person and the hash of their password.
func (s Accounts) PersonByAddress(ctx context.Context, address string) (p desk.Person, hash string, err error) {
	err = s.read(ctx, func(t tx) error {
		p, err = scanPerson(t.q.QueryRow(`SELECT `+personColumns+`, p.password FROM people p WHERE p.address = $1`, address).Scan, &hash)
		return err
	})
	return p, hash, err
}

// Person gives desk.ErrNotFound where there is none.
func (s Accounts) Person(ctx context.Context, id string) (p desk.Person, err error) {
	err = s.read(ctx, func(t tx) error {
		p, err = t.person(id, "")
		return err
	})
	return p, err
}

func (t tx) person(id, lock string) (desk.Person, error) {
	return scanPerson(t.q.QueryRow(`SELECT `+personColumns+` FROM people p WHERE p.id = $1 `+lock, id).Scan)
}

// addressOf is what makes a person unique. An address that is only claimed is nobody's: a visitor has one of their own
// that no mail can come from.
func addressOf(p desk.Person) string {
	if p.Unverified {
		return "visitor:" + p.ID
	}
	return desk.Address(p.Email)
}

var errTaken = &desk.Error{Code: "address-taken", Message: "Somebody has this e-mail address already.",
	Fields: []desk.Field{{Location: "body.email", Message: "is taken"}}}

// AddPerson adds a person with an empty feed, and tells all users and themselves.
func (s Accounts) AddPerson(ctx context.Context, p desk.Person, passwordHash string) (wake []string, err error) {
	err = s.write(ctx, func(t tx) error {
		n, err := t.q.Exec(`INSERT INTO people (id, kind, name, email, address, organisation, role, locale, password, words, disabled, created_at, version, unverified, unheard)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (address) DO NOTHING`,
			p.ID, p.Kind, p.Name, p.Email, addressOf(p), p.Organisation, p.Role, p.Locale, passwordHash, words(p), bit(p.Disabled), p.CreatedAt, p.Version, bit(p.Unverified), bit(p.Unheard))
		if err != nil {
			return err
		}
		if n == 0 {
			return errTaken
		}
		if _, err := t.q.Exec(`INSERT INTO heads (person, head, floor) VALUES ($1, 0, 0)`, p.ID); err != nil {
			return err
		}
		wake, err = t.tellOfPerson(p, p.CreatedAt)
		return err
	})
	return wake, err
}

func (t tx) tellOfPerson(p desk.Person, at int64) ([]string, error) {
	users, err := t.UserIDs()
	if err != nil {
		return nil, err
	}
	if p.Unheard {
		users = nil
	}
	if !slices.Contains(users, p.ID) { // a customer
		users = append(users, p.ID)
	}
	return users, t.Tell([]messaging.Told{{Entry: desk.Entry{Type: desk.PersonChanged, Ref: p.ID, At: at}, People: users}})
}

// UpdatePerson lets change work on the present state, and tells all users and that person where something changed.
func (s Accounts) UpdatePerson(ctx context.Context, id string, change func(*desk.Person) error) (p desk.Person, wake []string, err error) {
	err = s.write(ctx, func(t tx) error {
		wake = nil
		if p, err = t.person(id, "{lock}"); err != nil {
			return err
		}
		before := p
		if err := change(&p); err != nil {
			return err
		}
		if p == before {
			return nil
		}
		var taken string
		err := t.q.QueryRow(`SELECT id FROM people WHERE address = $1 AND id <> $2`, addressOf(p), id).Scan(&taken)
		if err == nil {
			return errTaken
		}
		if err != sql.ErrNoRows {
			return err
		}
		p.Version++
		if _, err := t.q.Exec(`UPDATE people SET name = $2, email = $3, address = $4, organisation = $5, role = $6, locale = $7, disabled = $8, words = $9, version = $10 WHERE id = $1`,
			id, p.Name, p.Email, addressOf(p), p.Organisation, p.Role, p.Locale, bit(p.Disabled), words(p), p.Version); err != nil {
			return err
		}
		if wake, err = t.tellOfPerson(p, s.now()); err != nil {
			return err
		}
		return t.returned(before, p)
	})
	return p, wake, err
}

// returned: while a user is disabled, what all users share is not told to them. When they come back their feed begins
// anew, so that a program that resumes is told to take a snapshot instead of missing it.
func (t tx) returned(before, now desk.Person) error {
	if now.Kind != desk.User || !before.Disabled || now.Disabled {
		return nil
	}
	_, err := t.q.Exec(`UPDATE heads SET floor = head WHERE person = $1`, now.ID)
	return err
}

// PasswordHash gives "" where there is no password.
func (s Accounts) PasswordHash(ctx context.Context, id string) (hash string, err error) {
	err = s.read(ctx, func(t tx) error {
		return notFound(t.q.QueryRow(`SELECT password FROM people WHERE id = $1`, id).Scan(&hash))
	})
	return hash, err
}

// SetPassword replaces the hash.
func (s Accounts) SetPassword(ctx context.Context, id, hash string) error {
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`UPDATE people SET password = $2 WHERE id = $1`, id, hash)
		return err
	})
}

// AddSession notes a session; its token is kept hashed only.
func (s Accounts) AddSession(ctx context.Context, ses accounts.Session, tokenHash string) error {
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`INSERT INTO sessions (id, person, token, device, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			ses.ID, ses.Person, tokenHash, ses.Device, ses.CreatedAt, ses.UsedAt)
		return err
	})
}

// SessionByToken gives the session and its person.
func (s Accounts) SessionByToken(ctx context.Context, tokenHash string, usedSince int64) (ses accounts.Session, p desk.Person, err error) {
	err = s.read(ctx, func(t tx) error {
		p, err = scanPerson(t.q.QueryRow(`SELECT `+personColumns+`, s.id, s.person, s.device, s.created_at, s.used_at
			FROM sessions s JOIN people p ON p.id = s.person WHERE s.token = $1 AND s.used_at >= $2`, tokenHash, usedSince).Scan,
			&ses.ID, &ses.Person, &ses.Device, &ses.CreatedAt, &ses.UsedAt)
		return err
	})
	return ses, p, err
}

// TouchSession notes that it was used.
func (s Accounts) TouchSession(ctx context.Context, id string, at int64) error {
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`UPDATE sessions SET used_at = $2 WHERE id = $1`, id, at)
		return err
	})
}

// Sessions lists those of a person, newest use first.
func (s Accounts) Sessions(ctx context.Context, person string, usedSince int64) (out []accounts.Session, err error) {
	err = s.read(ctx, func(t tx) error {
		out = nil
		rows, err := t.q.Query(`SELECT id, person, device, created_at, used_at FROM sessions WHERE person = $1 AND used_at >= $2 ORDER BY used_at DESC, id`, person, usedSince)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var x accounts.Session
			err := r.Scan(&x.ID, &x.Person, &x.Device, &x.CreatedAt, &x.UsedAt)
			out = append(out, x)
			return err
		})
	})
	return out, err
}

// EndSession answers desk.ErrNotFound where it is not the person's.
func (s Accounts) EndSession(ctx context.Context, person, id string) error {
	return s.write(ctx, func(t tx) error {
		n, err := t.q.Exec(`DELETE FROM sessions WHERE id = $1 AND person = $2`, id, person)
		if err == nil && n == 0 {
			return desk.ErrNotFound
		}
		return err
	})
}

// EndSessions ends all sessions of a person but one, and gives their ids.
func (s Accounts) EndSessions(ctx context.Context, person, except string) (ids []string, err error) {
	err = s.write(ctx, func(t tx) error {
		ids = nil
		rows, err := t.q.Query(`DELETE FROM sessions WHERE person = $1 AND id <> $2 RETURNING id`, person, except)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var id string
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	return ids, err
}

// LiveSessions tells which of ids still exist; a session that was ended on another node is missing.
func (s Accounts) LiveSessions(ctx context.Context, ids []string) (live map[string]bool, err error) {
	err = s.read(ctx, func(t tx) error {
		live = make(map[string]bool, len(ids))
		rows, err := t.q.Query(`SELECT s.id FROM sessions s JOIN people p ON p.id = s.person WHERE s.id IN {list:$1} AND p.disabled = 0`, list(ids))
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var id string
			err := r.Scan(&id)
			live[id] = true
			return err
		})
	})
	return live, err
}

// AddInvitation notes an invitation; its token is kept hashed only.
func (s Accounts) AddInvitation(ctx context.Context, tokenHash, person string, at, expires int64) error {
	return s.write(ctx, func(t tx) error {
		_, err := t.q.Exec(`INSERT INTO invitations (token, person, created_at, expires_at) VALUES ($1, $2, $3, $4)`, tokenHash, person, at, expires)
		return err
	})
}

// TakeInvitation uses up an invitation and sets the password of who it is for, in one transaction.
func (s Accounts) TakeInvitation(ctx context.Context, tokenHash, passwordHash string, at int64) (p desk.Person, err error) {
	err = s.write(ctx, func(t tx) error {
		rows, err := t.q.Query(`UPDATE invitations SET used_at = $2 WHERE token = $1 AND used_at = 0 AND expires_at > $2 RETURNING person`, tokenHash, at)
		person := ""
		if err := sqldb.Rows(rows, err, func(r *sql.Rows) error { return r.Scan(&person) }); err != nil {
			return err
		}
		if person == "" {
			return desk.ErrNotFound
		}
		if p, err = t.person(person, ""); err != nil {
			return err
		}
		if p.Disabled {
			return desk.ErrNotFound
		}
		_, err = t.q.Exec(`UPDATE people SET password = $2 WHERE id = $1`, person, passwordHash)
		return err
	})
	return p, err
}
