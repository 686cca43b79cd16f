package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"recado/app/desk"
	"recado/app/server/accounts"
	"recado/app/server/httpapi"
	"recado/app/server/mailin"
	"recado/app/server/mailout"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// openArrivals wires how mail comes in. Held mails can be decided on also where nothing is received.
func (s *Server) openArrivals(ctx context.Context) error {
	c := s.config
	if (c.MailListen != "" || c.IMAP != "") && c.MailFrom == "" {
		return errors.New("--mail-listen and --imap need --mail-from \"Name <address>\", the address that customers write to")
	}
	id, err := c.identity()
	if err != nil {
		return err
	}
	fresh := make([]byte, 32)
	rand.Read(fresh)
	key, err := s.tools.store.MailKey(ctx, fresh)
	if err != nil {
		return err
	}
	if c.IMAP != "" {
		box, err := mailin.ParseMailbox(c.IMAP)
		if err != nil {
			return fmt.Errorf("--imap: %w", err)
		}
		s.mailbox = &box
	}
	var resolver mailin.Resolver = net.DefaultResolver
	if c.Resolver != nil {
		resolver = c.Resolver
	}
	mails := store.Mails{Store: s.tools.store}
	s.arrivals = mailin.New(mailin.Config{Store: mails, Desk: mailDesk{s.tools.Messaging}, People: mailPeople{s.tools.Accounts}, Files: s.files,
		Ours:     mailin.Ours{Team: id.Address, Domain: id.Domain, ReplyDomain: id.ReplyDomain, Key: key, AuthServers: c.AuthServers},
		Resolver: resolver, Changed: s.tellHeld, Tested: s.arrivedTest, Reached: s.reachedMailbox, Log: c.Log, Now: time.Now, NewID: newID})
	if s.postman != nil {
		s.arrivals.Notifier = s.postman
	}
	if s.lock != nil { // the only server on this data: nobody else is placing anything
		return mails.Unlease(ctx, time.Now().UnixMilli())
	}
	return nil
}

// tellHeld tells users who are connected, on any node, that other mails are held than before.
func (s *Server) tellHeld() { s.tellUsers(httpapi.HeldEvent(time.Now())) }

// tellUsers tells users who are connected, on any node, of something that is not stored: what it tells of is asked for
// again at the next connection.
func (s *Server) tellUsers(event []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	users, err := s.tools.Messaging.Users(ctx)
	if err != nil {
		s.config.Log.Warn("tell all users", "error", err)
		return
	}
	live{s}.Tell(users, event)
}

// receive takes mails in until ctx ends; failed is told where the listener ends by itself.
func (s *Server) receive(ctx context.Context, work *sync.WaitGroup, failed chan<- error) error {
	work.Go(func() { s.arrivals.Run(ctx) })
	if s.mailbox != nil {
		work.Go(func() { s.arrivals.Fetch(ctx, *s.mailbox) })
	}
	if s.config.MailListen == "" {
		return nil
	}
	l, err := s.arrivals.Listen(s.config.MailListen)
	if err != nil {
		return fmt.Errorf("--mail-listen: %w", err)
	}
	address := l.Addr().String()
	s.mailAddress.Store(&address)
	s.config.Log.Info("taking mail", "address", address)
	work.Go(func() {
		if err := l.Serve(); err != nil && ctx.Err() == nil {
			failed <- err
		}
	})
	context.AfterFunc(ctx, func() { l.Close() })
	return nil
}

// MailAddress is host:port on which mail is taken; empty where none is.
func (s *Server) MailAddress() string {
	if a := s.mailAddress.Load(); a != nil {
		return *a
	}
	return ""
}

// mailDesk lets mails become messages.
type mailDesk struct{ *messaging.Service }

var _ mailin.Desk = mailDesk{}

func draftOf(n mailin.Note) messaging.Draft {
	return messaging.Draft{Key: n.Key, Body: n.Body, Files: n.Files, Quiet: n.Quiet, Origin: &n.Origin}
}

// Post adds a message and gives its id.
func (d mailDesk) Post(ctx context.Context, author desk.Person, conversation string, n mailin.Note) (string, error) {
	m, _, err := d.Service.Post(ctx, author, conversation, draftOf(n))
	return m.ID, err
}

// Start begins a customer's conversation, or a ticket with it.
func (d mailDesk) Start(ctx context.Context, customer desk.Person, subject string, opens desk.Opens, n mailin.Note) (conversation, message string, err error) {
	conversation, message, _, err = d.StartFrom(ctx, customer, subject, opens, draftOf(n))
	return conversation, message, err
}

// Upload notes a file, and gives the id of the one noted under the key.
func (d mailDesk) Upload(ctx context.Context, owner desk.Person, key, sum string, f desk.File) (string, error) {
	f, _, err := d.Service.Upload(ctx, owner, key, sum, f)
	return f.ID, err
}

// mailPeople finds senders.
type mailPeople struct{ accounts *accounts.Service }

var _ mailin.People = mailPeople{}

// ByAddress gives desk.ErrNotFound for nobody's.
func (p mailPeople) ByAddress(ctx context.Context, address string) (desk.Person, error) {
	found, _, err := p.accounts.Store.PersonByAddress(ctx, desk.Address(address))
	return found, err
}

// Person gives desk.ErrNotFound where there is none.
func (p mailPeople) Person(ctx context.Context, id string) (desk.Person, error) {
	return p.accounts.Store.Person(ctx, id)
}

// AddCustomer gives the one with that address where somebody was faster.
func (p mailPeople) AddCustomer(ctx context.Context, name, email string) (desk.Person, error) {
	made, _, err := p.accounts.Add(ctx, accounts.NewPerson{Kind: desk.Customer, Name: name, Email: email})
	var taken *desk.Error
	if errors.As(err, &taken) && taken.Code == "address-taken" {
		return p.ByAddress(ctx, email)
	}
	return made, err
}

// heldWords tell a user that a mail to an address of theirs is held.
var heldWords = map[string][2]string{
	"en": {"A mail is held for review", "A mail came to an address that was made for your answers, but from another sender. It was not posted: an agent can look at it under held mails. If you wrote it, write from the address of your account."},
	"es": {"Un correo espera revisión", "Llegó un correo a una dirección creada para sus respuestas, pero de otro remitente. No se publicó: un agente puede verlo entre los correos retenidos. Si lo escribió usted, escriba desde la dirección de su cuenta."},
}

// TellHeld mails a user, at their own address, that a mail was held.
func (p *postman) TellHeld(ctx context.Context, user desk.Person, mail string) error {
	words, ok := heldWords[user.Locale]
	if !ok {
		words = heldWords["en"]
	}
	m, err := mailout.Compose(mailout.Notice{Recipient: mailout.Recipient{ID: user.ID, Name: user.Name, Address: user.Email, Locale: user.Locale, Role: mailout.ToUser},
		Conversation: mail, Kind: desk.Internal, Subject: words[0], Token: unusable, At: p.now(),
		Messages: []mailout.Message{{ID: mail, Author: p.id.Brand, At: p.now(), Body: words[1]}}}, p.id)
	if err != nil {
		return err
	}
	if r := p.sender.Send(ctx, m); r.Outcome != mailout.Accepted {
		return fmt.Errorf("the mail server answered %d", r.Code)
	}
	return nil
}

// unusable is a token that is nobody's: an answer to a notice is held.
const unusable = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
