package remote

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"recado/app/client/sync"
	"recado/app/wire"
)

// Mail reads the mail that became a message.
func (r *Remote) Mail(ctx context.Context, message string) (sync.Mail, error) {
	var m wire.MailContent
	err := r.call(ctx, http.MethodGet, "/messages/"+seg(message)+"/mail/content", nil, &m)
	out := sync.Mail{ID: m.ID, Message: message, From: sync.Mailbox(m.From), To: mailboxes(m.To), Cc: mailboxes(m.Cc), Date: stampOrNone(m.Date),
		ReceivedAt: stamp(m.ReceivedAt), Subject: m.Subject, Size: m.Size, Verified: m.Verified, Text: m.Text, Fresh: m.Fresh, Folded: m.Folded,
		HTML: m.HTML, Rich: m.HTML != "", Remote: m.Remote, Cut: m.Cut}
	return out, err
}

func mailboxes(list []wire.MailAddress) []sync.Mailbox {
	out := make([]sync.Mailbox, len(list))
	for i, a := range list {
		out[i] = sync.Mailbox(a)
	}
	return out
}

func mailMark(m *wire.MailMark) *sync.MailMark {
	if m == nil {
		return nil
	}
	out := &sync.MailMark{Verified: m.Verified, Automatic: m.Automatic, Folded: m.Folded}
	if len(m.Others) > 0 {
		out.Others = mailboxes(m.Others)
	}
	return out
}

// RawMail opens a mail as it came, by its id; the caller closes it.
func (r *Remote) RawMail(ctx context.Context, id string) (io.ReadCloser, error) {
	return r.open(ctx, "/mail/"+url.PathEscape(id)+"/raw")
}

// Recipients tells who would get a message written in a conversation now, and how.
func (r *Remote) Recipients(ctx context.Context, conversation string) ([]sync.Recipient, error) {
	var page wire.Page[wire.Recipient]
	err := r.call(ctx, http.MethodGet, "/conversations/"+seg(conversation)+"/recipients", nil, &page)
	out := make([]sync.Recipient, len(page.Items))
	for i, p := range page.Items {
		out[i] = sync.Recipient(p)
	}
	return out, err
}
