package remote

import (
	"context"
	"net/http"
	"net/url"

	"recado/app/client/sync"
	"recado/app/wire"
)

func heldMail(m wire.Mail) sync.HeldMail {
	return sync.HeldMail{ID: m.ID, Code: m.Code, Reason: m.Reason, ReceivedAt: stamp(m.ReceivedAt), From: sync.Mailbox(m.From), Subject: m.Subject, Size: m.Size}
}

// Held reads a page of mails that wait for an agent, newest first.
func (r *Remote) Held(ctx context.Context, cursor string) (sync.HeldPage, error) {
	path := "/mail/held?limit=100"
	if cursor != "" {
		path += "&cursor=" + url.QueryEscape(cursor)
	}
	var page wire.Page[wire.Mail]
	err := r.call(ctx, http.MethodGet, path, nil, &page)
	out := sync.HeldPage{Items: make([]sync.HeldMail, len(page.Items)), Next: page.Next}
	for i, m := range page.Items {
		out.Items[i] = heldMail(m)
	}
	return out, err
}

// OpenHeld reads one of them.
func (r *Remote) OpenHeld(ctx context.Context, id string) (sync.OpenedMail, error) {
	var m wire.HeldMail
	err := r.call(ctx, http.MethodGet, "/mail/held/"+seg(id)+"/content", nil, &m)
	out := sync.OpenedMail{HeldMail: heldMail(m.Mail), To: mailboxes(m.To), Cc: mailboxes(m.Cc), ReplyTo: mailboxes(m.ReplyTo), Date: stampOrNone(m.Date),
		Text: m.Text, Cut: m.Cut, Accept: sync.MailProspect(m.Accept), Files: []sync.MailFile{}, Findings: []sync.MailFinding{}}
	for _, f := range m.Files {
		out.Files = append(out.Files, sync.MailFile(f))
	}
	for _, f := range m.Findings {
		out.Findings = append(out.Findings, sync.MailFinding(f))
	}
	return out, err
}

// AcceptHeld has one posted as what it says it is.
func (r *Remote) AcceptHeld(ctx context.Context, id string) (sync.Placement, error) {
	return r.place(ctx, id, "accept", nil)
}

// AssignHeld has one posted into a conversation with customers, or, where that is empty, as the beginning of a
// customer's.
func (r *Remote) AssignHeld(ctx context.Context, id, conversation, customer string) (sync.Placement, error) {
	body := map[string]string{"conversation": conversation}
	if conversation == "" {
		body = map[string]string{"customer": customer}
	}
	return r.place(ctx, id, "assign", body)
}

// DiscardHeld ends the waiting of one.
func (r *Remote) DiscardHeld(ctx context.Context, id string) error {
	_, err := r.place(ctx, id, "discard", nil)
	return err
}

// RestoreHeld lets one that was discarded wait again.
func (r *Remote) RestoreHeld(ctx context.Context, id string) error {
	_, err := r.place(ctx, id, "restore", nil)
	return err
}

func (r *Remote) place(ctx context.Context, id, what string, body any) (sync.Placement, error) {
	var m wire.Mail
	err := r.call(ctx, http.MethodPost, "/mail/held/"+seg(id)+"/"+what, body, &m)
	return sync.Placement{Conversation: m.Conversation, Message: m.Message}, err
}
