package httpapi

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"time"

	"recado/app/desk"
	"recado/app/kit/letter"
	"recado/app/kit/mailview"
	"recado/app/server/mailin"
	"recado/app/wire"
)

// Mails decides on what came in by mail.
type Mails interface {
	Held(ctx context.Context, viewer desk.Person, before string, limit int) (page []mailin.Mail, next string, err error)
	Raw(ctx context.Context, viewer desk.Person, id string) (mailin.Mail, *os.File, error)
	MailOf(ctx context.Context, viewer desk.Person, message string) (mailin.Mail, error)
	Letter(ctx context.Context, viewer desk.Person, id string) (mailin.Mail, letter.Letter, error)
	Accept(ctx context.Context, viewer desk.Person, id string) (mailin.Mail, error)
	Assign(ctx context.Context, viewer desk.Person, id, conversation string) (mailin.Mail, error)
	AssignTo(ctx context.Context, viewer desk.Person, id, customer string) (mailin.Mail, error)
	Discard(ctx context.Context, viewer desk.Person, id string) (mailin.Mail, error)
	Restore(ctx context.Context, viewer desk.Person, id string) (mailin.Mail, error)
	Addresses(ctx context.Context, viewer desk.Person) ([]mailin.Address, error)
	SetAddress(ctx context.Context, actor desk.Person, a mailin.Address) (mailin.Address, error)
	ForgetAddress(ctx context.Context, actor desk.Person, address string) error
	Inspect(ctx context.Context, viewer desk.Person, id string) (mailin.Inspection, error)
}

var _ Mails = (*mailin.Service)(nil)

type assignment struct {
	Conversation string `json:"conversation,omitempty"`
	Customer     string `json:"customer,omitempty"` // instead: it is theirs, and begins a conversation
}

func mailForm(m mailin.Mail) wire.Mail {
	return wire.Mail{ID: m.ID, State: string(m.State), Code: string(m.Reason), Reason: m.Reason.Words(), ReceivedAt: wire.Millis(m.ReceivedAt),
		From: wire.MailAddress{Name: m.SenderName, Email: m.Sender}, Subject: m.Subject, Size: m.Size, Verified: m.Verified,
		Person: m.Person, Conversation: m.Conversation, Message: m.Message}
}

func (a *API) heldMails(_ http.ResponseWriter, r *request) (reply, error) {
	n, err := limit(r)
	if err != nil {
		return reply{}, err
	}
	before, err := cursorOf(r, "held")
	if err != nil {
		return reply{}, err
	}
	list, next, err := a.Mails.Held(r.Context(), r.caller.Person, before, n)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.Mail]{Items: make([]wire.Mail, 0, len(list)), Next: cursorFor("held", next)}
	for _, m := range list {
		page.Items = append(page.Items, mailForm(m))
	}
	return reply{status: http.StatusOK, body: page}, nil
}

func ruled(m mailin.Mail, err error) (reply, error) {
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: mailForm(m)}, nil
}

func (a *API) acceptMail(_ http.ResponseWriter, r *request) (reply, error) {
	return ruled(a.Mails.Accept(r.Context(), r.caller.Person, r.id("id")))
}

func (a *API) assignMail(w http.ResponseWriter, r *request) (reply, error) {
	var in assignment
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if (in.Conversation == "") == (in.Customer == "") {
		return reply{}, desk.Invalid("body.conversation", "give either a conversation or a customer")
	}
	if in.Customer != "" {
		return ruled(a.Mails.AssignTo(r.Context(), r.caller.Person, r.id("id"), in.Customer))
	}
	return ruled(a.Mails.Assign(r.Context(), r.caller.Person, r.id("id"), in.Conversation))
}

func (a *API) discardMail(_ http.ResponseWriter, r *request) (reply, error) {
	return ruled(a.Mails.Discard(r.Context(), r.caller.Person, r.id("id")))
}

func (a *API) mailOfMessage(_ http.ResponseWriter, r *request) (reply, error) {
	return ruled(a.Mails.MailOf(r.Context(), r.caller.Person, r.id("id")))
}

func addressForms(list []letter.Address) []wire.MailAddress {
	out := make([]wire.MailAddress, 0, len(list))
	for _, a := range list {
		out = append(out, wire.MailAddress{Name: a.Name, Email: a.Email})
	}
	return out
}

func (a *API) mailContent(_ http.ResponseWriter, r *request) (reply, error) {
	return a.contentOf(r, r.id("id"))
}

func (a *API) contentOfMessage(_ http.ResponseWriter, r *request) (reply, error) {
	m, err := a.Mails.MailOf(r.Context(), r.caller.Person, r.id("id"))
	if err != nil {
		return reply{}, err
	}
	return a.contentOf(r, m.ID)
}

func (a *API) contentOf(r *request, id string) (reply, error) {
	m, l, err := a.Mails.Letter(r.Context(), r.caller.Person, id)
	if errors.Is(err, fs.ErrNotExist) {
		a.Log.Error("the content of a mail is missing", "mail", id)
		return reply{}, desk.ErrNotFound
	}
	if err != nil {
		return reply{}, err
	}
	if from, ok := l.Sender(); ok && m.Sender == "" { // its message stands a moment before the rest is noted
		m.Sender, m.SenderName, m.Subject = desk.Address(from.Email), from.Name, l.Subject
	}
	out := wire.MailContent{Mail: mailForm(m), To: addressForms(l.To), Cc: addressForms(l.Cc), Text: l.Text, Fresh: l.Kept, Folded: l.Folded, Cut: l.Cut}
	if !l.Date.IsZero() {
		out.Date = wire.MillisOrNil(l.Date.UnixMilli())
	}
	if l.HTML != "" {
		page := mailview.Clean(l.HTML, l.Files)
		out.HTML, out.Remote = page.HTML, page.Remote
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// rawMail gives the bytes as they came. They are never to be shown by a browser: whoever sent them could have put
// anything into them.
func (a *API) rawMail(w http.ResponseWriter, r *request) (reply, error) {
	m, content, err := a.Mails.Raw(r.Context(), r.caller.Person, r.id("id"))
	if errors.Is(err, fs.ErrNotExist) {
		a.Log.Error("the content of a mail is missing", "mail", m.ID)
		return reply{}, desk.ErrNotFound
	}
	if err != nil {
		return reply{}, err
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", "message/rfc822")
	h.Set("Content-Disposition", `attachment; filename="`+m.ID+`.eml"`)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, no-store")
	http.ServeContent(w, r.Request, "", time.Time{}, content)
	return reply{handled: true}, nil
}
