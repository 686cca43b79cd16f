package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	"recado/app/desk"
	"recado/app/kit/mailid"
	"recado/app/server/delivery"
	"recado/app/server/filestore"
	"recado/app/server/mailout"
	"recado/app/server/store"
)

const (
	outgoingFolder = "outgoing-mail"
	// mailTokenLife is for how long an answer finds its way by the address it is sent to.
	mailTokenLife = 365 * 24 * time.Hour
	// smtpPatience is what a mail server may take to answer, within the time a letter is leased for.
	smtpPatience = 2 * time.Minute
	// fileLinkLife is for how long a file that is too large for a mail can be had by the link in it.
	fileLinkLife = 30 * 24 * time.Hour
)

// identity is who the team is in mail, without the key.
func (c Config) identity() (id mailout.Identity, err error) {
	id = mailout.Identity{Brand: "Recado", Address: "recado@localhost", Zone: time.Local}
	switch {
	case c.MailFrom != "":
		a, err := mail.ParseAddress(c.MailFrom)
		if err != nil || desk.CheckEmail("mail-from", a.Address) != nil {
			return id, fmt.Errorf("--mail-from %q must be like \"Acme <support@acme.example>\"", c.MailFrom)
		}
		id.Brand, id.Address = a.Name, a.Address
	case c.SMTP != "":
		return id, errors.New("--smtp needs --mail-from \"Name <address>\", the sender that people see")
	}
	id.Domain = id.Address[strings.LastIndexByte(id.Address, '@')+1:]
	id.ReplyDomain = id.Domain
	if c.ReplyDomain != "" {
		if desk.CheckEmail("reply-domain", "reply@"+c.ReplyDomain) != nil {
			return id, fmt.Errorf("--reply-domain %q must be a domain, as in reply.acme.example", c.ReplyDomain)
		}
		id.ReplyDomain = c.ReplyDomain
	}
	return id, nil
}

// sender hands mails to the server of --smtp, or puts them into a folder where there is none.
func (c Config) sender(domain string) (mailout.Sender, error) {
	if c.SMTP == "" {
		return mailout.NewFolder(filepath.Join(c.Data, outgoingFolder))
	}
	server, err := mailout.ParseServer(c.SMTP)
	if err != nil {
		return nil, fmt.Errorf("--smtp: %w", err)
	}
	signer, err := c.signer(domain)
	if err != nil {
		return nil, err
	}
	return mailout.NewSMTP(server, mailout.SMTPOptions{Connections: delivery.Hands, DataTimeout: smtpPatience, Signer: signer}), nil
}

// signer signs mails by DKIM (RFC 6376) as the domain of the sender that people see; nil where no key is configured.
func (c Config) signer(domain string) (*mailout.Signer, error) {
	if c.DKIMKey == "" && c.DKIMSelector == "" {
		return nil, nil
	}
	if c.DKIMKey == "" || c.DKIMSelector == "" {
		return nil, errors.New("--dkim-key FILE and --dkim-selector NAME go together")
	}
	if desk.CheckEmail("dkim-selector", "dkim@"+c.DKIMSelector+"."+domain) != nil {
		return nil, fmt.Errorf("--dkim-selector %q must be a name, as in recado2026: its key is looked up at NAME._domainkey.%s", c.DKIMSelector, domain)
	}
	pem, err := os.ReadFile(c.DKIMKey)
	if err != nil {
		return nil, fmt.Errorf("--dkim-key: %w", err)
	}
	signer, err := mailout.NewSigner(domain, c.DKIMSelector, pem)
	if err != nil {
		return nil, fmt.Errorf("--dkim-key %s: %w", c.DKIMKey, err)
	}
	return signer, nil
}

// postman composes letters and hands them over.
type postman struct {
	id     mailout.Identity
	sender mailout.Sender
	store  *store.Store
	files  *filestore.Store
	now    func() time.Time
	public string // where the server is reached; known when it listens
}

var _ delivery.Mailer = (*postman)(nil)

// newPostman checks what was configured before anything is opened or sent.
func newPostman(ctx context.Context, c Config, s *store.Store, files *filestore.Store, saw func(problem string)) (p *postman, err error) {
	p = &postman{store: s, files: files, now: time.Now}
	if p.id, err = c.identity(); err != nil {
		return nil, err
	}
	fresh := make([]byte, 32)
	rand.Read(fresh)
	if p.id.Key, err = s.MailKey(ctx, fresh); err != nil {
		return nil, err
	}
	sender, err := c.sender(p.id.Domain)
	if err != nil {
		return nil, err
	}
	p.sender = watched{sender, saw}
	return p, nil
}

// Mail composes a letter and hands it over. Its Message-ID is made of its name and its recipient, and so is the same at
// every try; a try of its own has only the token by which the answer comes back, and each of them is good.
func (p *postman) Mail(ctx context.Context, l desk.Letter, ours func() bool) desk.Outcome {
	token := mailid.NewToken()
	err := p.store.KeepMailToken(ctx, mailid.TokenHash(token), store.MailToken{Message: l.Mail, Person: l.To.ID, Conversation: l.Room.ID,
		ExpiresAt: p.now().Add(mailTokenLife).UnixMilli()})
	if err != nil {
		return desk.Outcome{Answer: desk.Later, Detail: "The address for answers could not be stored."}
	}
	m, err := mailout.Compose(p.notice(l, token), p.id)
	switch {
	case errors.Is(err, mailout.ErrAddress), errors.Is(err, mailout.ErrNothing):
		return desk.Outcome{Answer: desk.Refused, Detail: err.Error()}
	case err != nil:
		return desk.Outcome{Answer: desk.Later, Detail: "The mail could not be written: a file of it can't be opened."}
	}
	m.Still = ours
	r := p.sender.Send(ctx, m)
	o := desk.Outcome{Answer: desk.Answer(r.Outcome), Detail: r.Detail}
	if r.Code > 0 {
		o.Detail = fmt.Sprintf("%d %s", r.Code, r.Detail)
	}
	o.Nobody = r.NoMailbox()
	return o
}

func (p *postman) notice(l desk.Letter, token string) mailout.Notice {
	n := mailout.Notice{Recipient: mailout.Recipient{ID: l.To.ID, Name: l.To.Name, Address: l.To.Email, Locale: l.To.Locale, Role: mailout.ToUser},
		Conversation: l.Room.ID, Item: l.Room.Item, Kind: l.Room.Kind, Subject: l.Room.Subject, Omitted: l.Omitted, Token: token, At: p.now()}
	if l.To.Kind == desk.Customer {
		n.Recipient.Role = mailout.ToCustomer
	}
	for i, name := range l.Earlier {
		id := mailid.MessageID(p.id.Key, name, l.To.ID, p.id.Domain)
		if i == 0 {
			n.InReplyTo = id
		}
		n.References = append([]string{id}, n.References...)
	}
	for _, m := range l.Messages {
		n.Messages = append(n.Messages, p.message(m, l.Authors[m.Author].Name))
	}
	return n
}

func (p *postman) message(m desk.Message, author string) mailout.Message {
	out := mailout.Message{ID: m.ID, Author: author, At: time.UnixMilli(m.CreatedAt).UTC(), Body: m.Body, Edited: m.EditedAt != 0,
		Unproven: m.Origin != nil && m.Origin.Unverified}
	for _, f := range m.Files {
		out.Files = append(out.Files, mailout.File{Name: f.Name, Size: f.Size, Type: f.Type, Link: p.link(f.ID),
			Open: func() (io.ReadCloser, error) { return p.files.Open(f.ID) }})
	}
	return out
}

// link is where a file can be had without an account, for a while.
func (p *postman) link(file string) string {
	until := p.now().Add(fileLinkLife).Unix()
	return fmt.Sprintf("%s/files/%s?until=%d&signature=%s", p.public, file, until, mailid.SignFile(p.id.Key, file, until))
}

// Close ends the connections to the mail server.
func (p *postman) Close() error { return p.sender.Close() }
