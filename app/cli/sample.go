package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"recado/app/desk"
	"recado/app/server"
	"recado/app/server/accounts"
	"recado/app/server/messaging"
)

func (p *Program) sample() *cobra.Command {
	var locale string
	c := &cobra.Command{Use: "sample", Short: "Fill an empty database with a small team and its conversations", Args: cobra.NoArgs}
	c.Flags().StringVar(&locale, "locale", systemLocale(), "language of the conversations: en or es")
	c.RunE = func(c *cobra.Command, _ []string) error {
		s, ok := samples[locale]
		if !ok {
			return errors.New("--locale is en or es")
		}
		return p.withTools(c, func(t *server.Tools) error { return p.fill(c, t, s, locale) })
	}
	return c
}

func systemLocale() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "es") {
				return "es"
			}
			return "en"
		}
	}
	return "en"
}

// sampler writes as if the last days had gone by.
type sampler struct {
	cmd    *cobra.Command
	tools  *server.Tools
	people map[string]desk.Person
	clock  time.Time
}

func (p *Program) fill(c *cobra.Command, t *server.Tools, s sample, locale string) error {
	known, _, err := t.Messaging.FindPeople(c.Context(), "", "", "", 1)
	if err != nil {
		return err
	}
	if len(known) > 0 {
		return errors.New("there are people here already: sample fills an empty database only; choose another folder with --data")
	}
	password := rand.Text()[:16]
	w := &sampler{cmd: c, tools: t, people: map[string]desk.Person{}}
	if err := w.add(s, password, locale); err != nil {
		return err
	}
	for _, talk := range s.conversations {
		if err := w.talk(talk); err != nil {
			return err
		}
	}
	for _, x := range sampleItems[locale] {
		if err := w.item(x); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.Stdout, "%d people, %d conversations, %d tickets and tasks. Sign in as any of these with the password %s\n",
		len(w.people), len(s.conversations), len(sampleItems[locale]), password)
	for _, x := range s.team {
		fmt.Fprintf(p.Stdout, "  %s\n", x.email)
	}
	return nil
}

func (w *sampler) add(s sample, password, locale string) error {
	for i, x := range append(s.team, s.customers...) {
		n := accounts.NewPerson{Kind: desk.User, Name: x.name, Email: x.email, Organisation: x.organisation, Role: desk.Agent, Password: password, Locale: locale}
		if i == 0 {
			n.Role = desk.Admin
		}
		if i >= len(s.team) {
			n.Kind, n.Role, n.Password = desk.Customer, "", ""
		}
		person, _, err := w.tools.Accounts.Add(w.cmd.Context(), n)
		if err != nil {
			return fmt.Errorf("add %s: %w", x.email, err)
		}
		w.people[x.short] = person
	}
	return nil
}

// talk plays one conversation; its lines follow each other by minutes, and everybody but the last to be written to has
// seen what came before.
func (w *sampler) talk(talk sampleTalk) error {
	ctx := w.cmd.Context()
	w.clock = time.Now().Add(-talk.ago)
	m := *w.tools.Messaging
	m.Now = func() time.Time { return w.clock }
	var with []string
	for _, short := range talk.with {
		with = append(with, w.people[short].ID)
	}
	room := ""
	for i, line := range talk.lines {
		author, body := w.people[line.who], w.mention(line.text)
		draft := messaging.Draft{Key: rand.Text(), Body: body}
		if i == 0 {
			v, _, err := m.Start(ctx, author, messaging.Start{Kind: desk.Internal, Participants: with, Subject: talk.subject, Message: draft})
			if err != nil {
				return err
			}
			room = v.ID
		} else {
			if _, err := m.See(ctx, author, room, int64(i), 0); err != nil {
				return err
			}
			if _, _, err := m.Post(ctx, author, room, draft); err != nil {
				return err
			}
		}
		w.clock = w.clock.Add(line.pause)
	}
	return nil
}

// mention turns @short into the form that names a person.
func (w *sampler) mention(text string) string {
	for short, p := range w.people {
		text = strings.ReplaceAll(text, "@"+short, "<@"+p.ID+"|"+p.Name+">")
	}
	return text
}
