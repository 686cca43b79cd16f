package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// words folds accents and case and splits at what is neither letter nor digit.
func words(s string) []string {
	folder := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	if folded, _, err := transform.String(folder, s); err == nil {
		s = folded
	}
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

func putPerson(q sqldb.Queryer, p sync.Person) error {
	folded := " " + strings.Join(words(p.Name+" "+p.Email+" "+p.Organisation), " ")
	_, err := q.Exec(`INSERT INTO people (`+personColumns+`, folded) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, email = excluded.email,
			organisation = excluded.organisation, role = excluded.role, disabled = excluded.disabled,
			unverified = excluded.unverified, merged_into = excluded.merged_into,
			version = excluded.version, folded = excluded.folded WHERE excluded.version >= people.version`,
		p.ID, p.Kind, p.Name, p.Email, p.Organisation, p.Role, p.Disabled, p.Unverified, p.MergedInto, p.Version, folded)
	return err
}

// Person gives one person; code not-found where nobody with this id is cached.
func (c *Cache) Person(ctx context.Context, id string) (p sync.Person, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		p, err = scanPerson(q.QueryRow(`SELECT `+personColumns+` FROM people WHERE id = $1`, id))
		if errors.Is(err, sqldb.ErrNoRows) {
			return notFound("This person")
		}
		return err
	})
	return p, err
}

// People lists who matches every word of query by the beginning of a word of name, address or organisation, accents and
// case aside, in the order of names. kind is user, customer, or empty for both.
func (c *Cache) People(ctx context.Context, query, kind string) ([]sync.Person, error) {
	text := `SELECT ` + personColumns + ` FROM people WHERE ($1 = '' OR kind = $1)`
	args := []any{kind}
	for _, w := range words(query) {
		args = append(args, " "+w)
		text += ` AND instr(folded, $` + itoa(len(args)) + `) > 0`
	}
	people := []sync.Person{}
	err := c.read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(text+` ORDER BY folded, id`, args...)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			p, err := scanPerson(r)
			people = append(people, p)
			return err
		})
	})
	return people, err
}

func putSettings(q sqldb.Queryer, s sync.NotificationSettings) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return setMeta(q, "notifications", string(b))
}

// PutSettings stores the notification settings the server confirmed.
func (c *Cache) PutSettings(ctx context.Context, s sync.NotificationSettings) error {
	return c.write(ctx, func(q sqldb.Queryer) error { return putSettings(q, s) })
}

// Settings gives the notification settings as last told; everything on where they were never told.
func (c *Cache) Settings(ctx context.Context) (sync.NotificationSettings, error) {
	v := sync.NotificationSettings{Bubbles: "all", Sound: true, Preview: true, Mail: true}
	err := c.read(ctx, func(q sqldb.Queryer) error {
		text, err := getMeta(q, "notifications")
		if err != nil || text == "" {
			return err
		}
		return json.Unmarshal([]byte(text), &v)
	})
	return v, err
}
