package store

import (
	"database/sql"
	"encoding/json"
	"strings"

	"recado/app/desk"
	"recado/app/kit/sqldb"
)

const personColumns = `p.id, p.kind, p.name, p.email, p.organisation, p.role, p.locale, p.disabled, p.unverified, p.unheard, p.merged_into, p.created_at, p.version`

func scanPerson(scan func(...any) error, more ...any) (p desk.Person, err error) {
	var disabled, unverified, unheard int
	err = scan(append([]any{&p.ID, &p.Kind, &p.Name, &p.Email, &p.Organisation, &p.Role, &p.Locale, &disabled, &unverified, &unheard, &p.MergedInto, &p.CreatedAt, &p.Version}, more...)...)
	p.Disabled, p.Unverified, p.Unheard = disabled != 0, unverified != 0, unheard != 0
	return p, notFound(err)
}

func (t tx) people(query string, args ...any) (out []desk.Person, err error) {
	rows, err := t.q.Query(query, args...)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		p, err := scanPerson(r.Scan)
		out = append(out, p)
		return err
	})
	return out, err
}

// People gives those of ids that exist, by id.
func (t tx) People(ids []string) (map[string]desk.Person, error) {
	out := make(map[string]desk.Person, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	which, arg := among(ids, "$1")
	found, err := t.people(`SELECT `+personColumns+` FROM people p WHERE p.id`+which, arg)
	for _, p := range found {
		out[p.ID] = p
	}
	return out, err
}

// UserIDs lists all users who are not disabled.
func (t tx) UserIDs() (ids []string, err error) {
	rows, err := t.q.Query(`SELECT id FROM people WHERE kind = 'user' AND disabled = 0 ORDER BY id`)
	err = sqldb.Rows(rows, err, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// PeopleAfter lists all people in the order of their ids.
func (t tx) PeopleAfter(id string, limit int) ([]desk.Person, error) {
	return t.people(`SELECT `+personColumns+` FROM people p WHERE p.id > $1 AND p.unheard = 0 ORDER BY p.id LIMIT $2`, id, limit)
}

// FindPeople lists people by prefix of the words of name, address and organisation, by name.
func (t tx) FindPeople(kind desk.Kind, words []string, after string, limit int) ([]desk.Person, string, error) {
	name, id, _ := strings.Cut(after, "\x00")
	args := []any{string(kind), name, id, limit + 1}
	query := `SELECT ` + personColumns + ` FROM people p WHERE p.unheard = 0 AND ($1 = '' OR p.kind = $1) AND (p.name > $2 OR p.name = $2 AND p.id > $3)`
	for i, w := range words {
		query += ` AND p.words LIKE $` + string(rune('5'+i))
		args = append(args, "% "+w+"%")
		if i == 3 {
			break
		}
	}
	found, err := t.people(query+` ORDER BY p.name, p.id LIMIT $4`, args...)
	next := ""
	if len(found) > limit {
		found = found[:limit]
		next = found[limit-1].Name + "\x00" + found[limit-1].ID
	}
	return found, next, err
}

// Settings of a person, the defaults where never chosen.
func (t tx) Settings(person string) (desk.Settings, error) {
	var text string
	if err := t.q.QueryRow(`SELECT settings FROM people WHERE id = $1`, person).Scan(&text); err != nil {
		return desk.Settings{}, notFound(err)
	}
	set := desk.DefaultSettings()
	if text == "" {
		return set, nil
	}
	return set, json.Unmarshal([]byte(text), &set)
}

// PutSettings writes them.
func (t tx) PutSettings(person string, s desk.Settings) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = t.q.Exec(`UPDATE people SET settings = $2, mail_on = $3, mail_after = $4 WHERE id = $1`, person, string(b), bit(s.Mail), s.MailAfterSeconds)
	return err
}
