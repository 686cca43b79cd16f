package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"recado/app/desk"
	"recado/app/kit/mailbox"
	"recado/app/server/accounts"
	"recado/app/server/mailin"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// Import makes customers and conversations of a mailbox, also beside a running server; see mailin.Service.Import. Of c
// it asks where the data is, who the team is in mail, and whose findings about senders are believed.
func (t *Tools) Import(ctx context.Context, c Config, box *mailbox.Box, o mailin.ImportOptions) (mailin.Imported, error) {
	id, err := c.identity()
	if err != nil {
		return mailin.Imported{}, err
	}
	fresh := make([]byte, 32)
	rand.Read(fresh)
	key, err := t.store.MailKey(ctx, fresh)
	if err != nil {
		return mailin.Imported{}, err
	}
	files, err := t.openFiles(ctx, othersStage)
	if err != nil {
		return mailin.Imported{}, err
	}
	defer files.Close()
	s := mailin.New(mailin.Config{Store: store.Mails{Store: t.store}, Desk: mailDesk{t.Messaging}, People: mailPeople{t.Accounts}, Files: files,
		Ours: mailin.Ours{Team: id.Address, Domain: id.Domain, ReplyDomain: id.ReplyDomain, Key: key, AuthServers: c.AuthServers},
		Log:  c.Log, Now: time.Now, NewID: newID})
	o.Archive = archive{t}
	if c.MailFrom != "" {
		o.TeamName, o.Own = id.Brand, append(o.Own, id.Address)
	}
	return s.Import(ctx, box, o)
}

// archive enters mails of the past.
type archive struct{ *Tools }

var _ mailin.Archive = archive{}

// Users lists all users, those who are disabled too.
func (a archive) Users(ctx context.Context) ([]desk.Person, error) {
	return store.Accounts{Store: a.store}.AllUsers(ctx)
}

// AddTeam adds who stands for an address that the team wrote from: a user without a password, disabled from the beginning.
func (a archive) AddTeam(ctx context.Context, name, address string) (desk.Person, error) {
	p, _, err := a.Accounts.Add(ctx, accounts.NewPerson{Kind: desk.User, Role: desk.Agent, Name: name, Email: address, Disabled: true})
	if err != nil {
		return p, fmt.Errorf("add who writes from %s: %w", address, err)
	}
	return p, nil
}

// Known gives those of keys under which a mail came before.
func (a archive) Known(ctx context.Context, keys []string) (map[string]bool, error) {
	return store.Mails{Store: a.store}.Known(ctx, keys)
}

// Enter stores mails and what they became in one transaction.
func (a archive) Enter(ctx context.Context, p mailin.Past) error {
	mails := func(w messaging.Writer) error { return store.EnterPast(w, p.Mails, p.Keys) }
	if len(p.Posts) == 0 {
		return a.store.Write(ctx, mails)
	}
	past := messaging.Past{Conversation: p.Conversation, Subject: p.Subject, Open: p.Open}
	for _, m := range p.Posts {
		past.Messages = append(past.Messages, messaging.PastMessage{ID: m.ID, Author: m.Author.ID, Key: m.Note.Key, Body: m.Note.Body, Files: m.Files,
			At: m.At, Origin: &m.Note.Origin, Stand: standing(m)})
	}
	return a.Messaging.Import(ctx, past, mails)
}

// standing lists who stands in a conversation from a message on. Whose mailbox only answered by itself stands there
// already.
func standing(m mailin.PastPost) []desk.Person {
	if m.Author.Kind == desk.User {
		return append([]desk.Person{m.Author}, m.Stand...)
	}
	return m.Stand
}
