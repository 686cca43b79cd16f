package httpapi

import (
	"errors"
	"io/fs"
	"net/http"
	"time"

	"recado/app/desk"
	"recado/app/server/mailin"
	"recado/app/wire"
)

// HeldEvent tells users who are connected that other mails are held than before; which, is asked for. It is never stored.
func HeldEvent(at time.Time) []byte {
	return appendEvent(nil, "held", wire.HeldChanged{At: wire.Time{Time: at}})
}

func (a *API) heldMail(_ http.ResponseWriter, r *request) (reply, error) {
	in, err := a.Mails.Inspect(r.Context(), r.caller.Person, r.id("id"))
	if errors.Is(err, fs.ErrNotExist) {
		a.Log.Error("the content of a mail is missing", "mail", r.id("id"))
		return reply{}, desk.ErrNotFound
	}
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: heldForm(in)}, nil
}

func heldForm(in mailin.Inspection) wire.HeldMail {
	l := in.Letter
	out := wire.HeldMail{Mail: mailForm(in.Mail), To: addressForms(l.To), Cc: addressForms(l.Cc), ReplyTo: addressForms(l.ReplyTo),
		Text: l.Text, Cut: l.Cut, Files: make([]wire.MailFile, 0, len(l.Files)), Findings: make([]wire.MailFinding, 0, len(in.Findings))}
	if !l.Date.IsZero() {
		out.Date = wire.MillisOrNil(l.Date.UnixMilli())
	}
	for _, f := range l.Files {
		out.Files = append(out.Files, wire.MailFile{Name: f.Name, Type: f.Type, Size: int64(len(f.Content))})
	}
	for _, f := range in.Findings {
		out.Findings = append(out.Findings, wire.MailFinding(f))
	}
	p := in.Prospect
	out.Accept = wire.MailProspect{Code: string(p.Refusal), Refusal: p.Refusal.Words(), Conversation: p.Conversation, Subject: p.Subject,
		Person: p.Person, Name: p.Name, Email: p.Email}
	return out
}

func (a *API) restoreMail(_ http.ResponseWriter, r *request) (reply, error) {
	return ruled(a.Mails.Restore(r.Context(), r.caller.Person, r.id("id")))
}
