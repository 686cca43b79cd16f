package server

import (
	"context"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"time"

	"recado/app/kit/mailid"
	"recado/app/server/mailcheck"
	"recado/app/server/mailin"
	"recado/app/server/mailout"
	"recado/app/server/store"
)

// openMailCheck makes what watches over the mail, before anything is sent or fetched.
func (s *Server) openMailCheck() {
	s.check = mailcheck.New(mailcheck.Config{Store: store.MailChecks{Store: s.tools.store}, Send: s.sendTest, Address: s.testAddress, Setup: s.mailSetup,
		Log: s.config.Log, Now: time.Now, NewID: newID})
}

// watched is a sender whose mail server is watched.
type watched struct {
	mailout.Sender
	saw func(problem string)
}

// Send tells apart what the server said of a mail, when it works, from that it could not be asked at all.
func (w watched) Send(ctx context.Context, m mailout.Mail) mailout.Result {
	r := w.Sender.Send(ctx, m)
	switch {
	case r.Away && ctx.Err() == nil:
		w.saw(said(r))
	case !r.Away && (r.Code > 0 || r.Outcome == mailout.Accepted):
		w.saw("")
	}
	return r
}

func (s *Server) testAddress(way mailcheck.Way) string {
	if s.postman == nil {
		return ""
	}
	if way == mailcheck.Answers {
		return mailid.ReplyAddress(mailid.NewToken(), s.postman.id.ReplyDomain)
	}
	return s.postman.id.Address
}

// testWords are what stands in the mail of a test, should a person see it.
const testWords = "This is a test of the mail of your team. It was sent to find out whether mails leave and come in again; nobody needs to do anything."

func (s *Server) sendTest(ctx context.Context, test string, way mailcheck.Way, address string) (outcome, detail string) {
	p := s.postman
	if p == nil {
		return string(mailout.Refused), "This server was started without a way to send mail."
	}
	m, err := mailout.Compose(mailout.Notice{Recipient: mailout.Recipient{ID: string(way), Name: p.id.Brand, Address: address, Role: mailout.ToUser},
		Conversation: test, Subject: "Test of the mail", Token: unusable, At: p.now(),
		Messages: []mailout.Message{{ID: mailid.TestName(test), Author: p.id.Brand, At: p.now(), Body: testWords}}}, p.id)
	if err != nil {
		return string(mailout.Refused), err.Error()
	}
	r := p.sender.Send(ctx, m)
	if r.Outcome == mailout.Accepted && s.config.SMTP == "" {
		return mailcheck.Folder, ""
	}
	return string(r.Outcome), said(r)
}

// said is the server's answer with its number, or what went wrong on the way.
func said(r mailout.Result) string {
	if r.Code == 0 {
		return r.Detail
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Detail))
}

// arrivedTest is told by intake.
func (s *Server) arrivedTest(ctx context.Context, test, way string, found []mailin.Finding) error {
	findings := make([]mailcheck.Finding, len(found))
	for i, f := range found {
		findings[i] = mailcheck.Finding(f)
	}
	return s.check.Arrived(ctx, test, mailcheck.Way(way), findings)
}

// reachedMailbox is told by who fetches.
func (s *Server) reachedMailbox(err error) {
	problem := ""
	if err != nil {
		problem = oneLine(mailout.Sentence(err))
	}
	s.check.Saw(mailcheck.In, problem)
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "")
	}
	return s
}

// mailSetup is how mail is set up here.
func (s *Server) mailSetup() mailcheck.Setup {
	out := mailcheck.Setup{Kind: mailcheck.Folder, Listens: s.MailAddress(), LMTP: strings.HasPrefix(s.config.MailListen, "lmtp://")}
	if s.mailbox != nil {
		out.Mailbox = s.mailbox.Name()
	}
	if p := s.postman; p != nil {
		out.From, out.ReplyDomain = (&mail.Address{Name: p.id.Brand, Address: p.id.Address}).String(), p.id.ReplyDomain
		if s.config.DKIMKey != "" {
			out.DKIM = s.config.DKIMSelector + "._domainkey." + p.id.Domain
		}
	}
	server, err := mailout.ParseServer(s.config.SMTP)
	if err != nil { // there is none: a wrong one is refused at the start
		return out
	}
	out.Kind, out.Server, out.Security, out.SignsIn = "smtp", net.JoinHostPort(server.Host, server.Port), "none", server.User != ""
	switch {
	case server.TLS:
		out.Security = "tls"
	case server.StartTLS:
		out.Security = "starttls"
	}
	return out
}
