package server

import (
	"context"
	"maps"
	"time"

	"recado/app/desk"
	"recado/app/server/livechat"
	"recado/app/server/store"
)

// openChat wires the live chat.
func (s *Server) openChat() {
	s.chat = &livechat.Service{Store: store.Chats{Store: s.tools.store}, People: chatPeople{mailPeople{s.tools.Accounts}}, Desk: s.tools.Messaging,
		Node: s.identity.Boot, Now: time.Now, NewID: newID, Limits: livechat.Limits{Now: time.Now}, RemoveFile: s.files.Remove, Log: s.config.Log}
	s.chat.Changed = func(ctx context.Context, person string) { s.api.ChatChanged(ctx, person) }
}

// liveSessions tells which sessions still exist, of users and of visitors.
func (s *Server) liveSessions(ctx context.Context, ids []string) (map[string]bool, error) {
	live, err := store.Accounts{Store: s.tools.store}.LiveSessions(ctx, ids)
	if err != nil || len(live) == len(ids) {
		return live, err
	}
	chatting, err := store.Chats{Store: s.tools.store}.LiveSessions(ctx, ids)
	maps.Copy(live, chatting)
	return live, err
}

// chatPeople finds and adds who chats.
type chatPeople struct{ mailPeople }

var _ livechat.People = chatPeople{}

// AddVisitor adds somebody unverified.
func (p chatPeople) AddVisitor(ctx context.Context, v desk.Person) error {
	wake, err := p.accounts.Store.AddPerson(ctx, v, "")
	if err == nil {
		p.accounts.Notices.Wake(wake)
	}
	return err
}

// ChangeVisitor changes what an unverified visitor says of themselves.
func (p chatPeople) ChangeVisitor(ctx context.Context, id string, change func(*desk.Person)) (desk.Person, error) {
	v, wake, err := p.accounts.Store.UpdatePerson(ctx, id, func(v *desk.Person) error {
		if !v.Unverified {
			return desk.ErrForbidden
		}
		change(v)
		return nil
	})
	if err == nil {
		p.accounts.Notices.Wake(wake)
	}
	return v, err
}
