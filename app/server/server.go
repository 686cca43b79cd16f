// Package server puts the server together: the store, the use cases, the hub and the API, and starts and stops them in
// order. Nothing is wired anywhere else.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"recado/app/desk"
	"recado/app/kit/filelock"
	"recado/app/server/bus"
	"recado/app/server/canned"
	"recado/app/server/delivery"
	"recado/app/server/filestore"
	"recado/app/server/httpapi"
	"recado/app/server/hub"
	"recado/app/server/livechat"
	"recado/app/server/mailcheck"
	"recado/app/server/mailin"
	"recado/app/server/messaging"
	"recado/app/server/store"
)

// Config says where data lies and what the server listens on.
type Config struct {
	Data     string // folder
	Database string // empty: SQLite in Data; or postgres://…
	Listen   string // host:port
	NATS     string // empty: a single node
	// Proxies are believed where a request comes from.
	Proxies   []netip.Prefix
	PublicURL string // empty: made from the address listened on
	Log       *slog.Logger

	EmailAfter   time.Duration   // how long a message may stay unseen by who never chose before it is mailed; 0: desk.EmailAfter
	SMTP         string          // smtp://, smtps:// or smtp+starttls://; empty: mails are put into a folder of Data
	MailFrom     string          // Name <address>
	DKIMKey      string          // file of a private key in PEM that mails are signed with; empty: they are not
	DKIMSelector string          // under which its public key is published
	ReplyDomain  string          // of the addresses that answers go to; empty: that of MailFrom
	MailListen   string          // host:port, or lmtp://host:port, on which mails are taken; empty: none are
	IMAP         string          // imaps://user:password@host/FOLDER to fetch mails from; empty: none are
	AuthServers  []string        // whose Authentication-Results are believed, by the names they give themselves
	ChatPages    fs.FS           // the built widget of the live chat; nil: there is none
	Resolver     mailin.Resolver // that senders are looked up with; nil: the system's
	Mailer       delivery.Mailer // in place of the one that SMTP and MailFrom describe; nil for that one

	step func()                       // see swapper
	free func(string) (uint64, error) // of a folder's disk, in bytes; nil: disk.Free
}

// Server is one node.
type Server struct {
	config   Config
	tools    *Tools
	lock     *filelock.Lock
	files    *filestore.Store
	hub      *hub.Hub
	feed     *httpapi.Feed
	api      *httpapi.API
	bus      *bus.Bus
	epoch    atomic.Pointer[string]
	identity store.Identity
	closing  atomic.Bool
	room     room
	postman  *postman
	worker   *delivery.Worker
	arrivals *mailin.Service
	chat     *livechat.Service
	mailbox  *mailin.Mailbox
	check    *mailcheck.Service
	canned   *canned.Service

	mailAddress atomic.Pointer[string]
	published   bool // a public address was given
}

// Open opens the data, brings its schema up to date and wires everything. Nothing is listened on yet.
func Open(ctx context.Context, c Config) (*Server, error) {
	s := &Server{config: c, room: c.room()}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	if err := s.takeLock(); err != nil {
		return nil, err
	}
	if err := s.open(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// takeLock: several nodes share a PostgreSQL database by design; a SQLite file has one server.
func (s *Server) takeLock() (err error) {
	if s.config.Database != "" {
		return nil
	}
	s.lock, err = filelock.Take(filepath.Join(s.config.Data, lockFile))
	if errors.Is(err, filelock.ErrHeld) {
		return fmt.Errorf("%w (%s)", ErrInUse, s.config.Data)
	}
	return err
}

func (s *Server) open(ctx context.Context) (err error) {
	if s.tools, err = openTools(ctx, s.config, s); err != nil {
		return err
	}
	if s.lock != nil {
		if err := tidy(s.config.Data); err != nil {
			return err
		}
	}
	if err := s.openFiles(ctx); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.openMailCheck()
	s.openCanned()
	if err := s.openMail(ctx); err != nil {
		return err
	}
	if err := s.openArrivals(ctx); err != nil {
		return err
	}
	s.feed = &httpapi.Feed{Messaging: s.tools.Messaging, Epoch: func() string { return *s.epoch.Load() }, Boot: s.identity.Boot,
		KnowsBoot: s.tools.store.KnowsBoot, Live: s.liveSessions, Now: time.Now, Log: s.config.Log}
	s.openChat()
	s.hub = hub.New(s.feed, s.config.Log)
	s.feed.Hub = s.hub
	if s.config.NATS != "" {
		if s.bus, err = bus.Connect(s.config.NATS, s.identity.Boot, local{s}, s.config.Log); err != nil {
			return err
		}
	}
	return nil
}

// openMail wires the ledger to the worker and the worker to the mailer.
func (s *Server) openMail(ctx context.Context) error {
	mailer := s.config.Mailer
	if mailer == nil {
		postman, err := newPostman(ctx, s.config, s.tools.store, s.files, func(problem string) { s.check.Saw(mailcheck.Out, problem) })
		if err != nil {
			return err
		}
		s.postman, mailer = postman, postman
	}
	s.worker = delivery.New(s.tools.Messaging, mailer, s.config.Log, time.Now)
	s.tools.Messaging.Outside = &messaging.Outside{After: cmp.Or(s.config.EmailAfter, desk.EmailAfter), Planned: s.worker.Planned}
	if s.lock != nil { // the only server on this data: nobody else is handing anything over
		return s.tools.Messaging.Abandon(ctx)
	}
	return nil
}

// begin notes this start, and gives the feeds a new epoch where the database is not the one it was.
func (s *Server) begin(ctx context.Context) error {
	identity, err := s.tools.databaseIdentity(ctx)
	if err != nil {
		return err
	}
	id, changed, err := s.tools.store.Begin(ctx, identity, time.Now().UnixMilli(), newID)
	if err != nil {
		return fmt.Errorf("note the start: %w", err)
	}
	if changed {
		s.config.Log.Warn("the database is a copy or was restored: feeds get a new epoch, clients start over")
	}
	s.identity = id
	s.epoch.Store(&id.Epoch)
	return nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// Serve accepts requests until ctx ends, then stops cleanly: readiness fails, streams are told to come back, requests
// under way are answered, the database is closed. onReady is told the address listened on.
func (s *Server) Serve(ctx context.Context, onReady func(address string)) error {
	defer s.close()
	l, err := net.Listen("tcp", s.config.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.config.Listen, err)
	}
	if s.published = s.config.PublicURL != ""; !s.published {
		s.config.PublicURL = "http://" + l.Addr().String()
	}
	if s.postman != nil {
		s.postman.public = s.config.PublicURL
	}
	srv := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug)}
	if err := s.chat.Beat(ctx); err != nil { // before anybody connects: a node that never said it lives is a dead one
		return fmt.Errorf("say that this node lives: %w", err)
	}
	failed := make(chan error, 2)
	go func() { failed <- srv.Serve(l) }()
	go s.watch(ctx)
	working, rest := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { s.worker.Run(working) })
	work.Go(func() { s.wakeSleepers(working) })
	work.Go(func() { s.chat.Run(working) })
	defer s.check.Wait() // as what works, before the database is closed
	defer work.Wait()
	defer rest()
	if err := s.receive(working, &work, failed); err != nil {
		srv.Close()
		return err
	}
	debug.FreeOSMemory() // the start needed more than running does: hashing a password alone takes 19 MiB
	onReady(l.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.closing.Store(true)
	s.hub.Close("shutdown", 2*time.Second)
	done, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(done); err != nil {
		srv.Close()
	}
	return nil
}

func (s *Server) handler() http.Handler {
	s.api = httpapi.New(httpapi.Config{Messaging: s.tools.Messaging, Accounts: s.tools.Accounts, Files: s.files, Mails: s.arrivals, MailCheck: s.check, Canned: s.canned, Chat: s.chat,
		ChatPages: s.config.ChatPages, Feed: s.feed, Live: live{s},
		Ready: s.ready, Room: s.roomLeft, PublicURL: s.config.PublicURL, Published: s.published, LinkKey: s.arrivals.Ours.Key, Proxies: s.config.Proxies,
		Metrics: s.metricsHandler(), Log: s.config.Log, Now: time.Now, NewID: newID})
	return s.api
}

// wakeSleepers wakes conversations that sleep until a moment, when it has come. What sleeps stands in the database alone:
// it is asked again every few seconds, for whatever was put to sleep meanwhile, here or on another node.
func (s *Server) wakeSleepers(ctx context.Context) {
	const askEvery = 3 * time.Second
	for {
		next, err := s.tools.Messaging.WakeDue(ctx)
		if err != nil && ctx.Err() == nil {
			s.config.Log.Error("waking conversations", "error", err)
		}
		pause := askEvery
		if until := time.Until(next); err == nil && !next.IsZero() && until < pause {
			pause = max(until, 10*time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// watch notices when another process changed the epoch under a running server (a restore of the cluster), and keeps some
// room back while there is plenty.
func (s *Server) watch(ctx context.Context) {
	tick := time.NewTicker(3 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			epoch, err := s.tools.store.Epoch(ctx)
			if err == nil && epoch != *s.epoch.Load() {
				s.epoch.Store(&epoch)
				s.hub.EndAll("epoch-changed")
			}
			if s.lock != nil {
				s.room.keepBack(s.config.Log)
			}
		}
	}
}

func (s *Server) ready(ctx context.Context) error {
	if s.closing.Load() {
		return errors.New("shutting down")
	}
	if s.bus != nil {
		if err := s.bus.Ready(); err != nil {
			return err
		}
	}
	if err := s.roomLeft(); err != nil {
		return err
	}
	_, err := s.tools.store.Epoch(ctx)
	return err
}

func (s *Server) close() {
	if s.hub != nil {
		s.hub.Close("shutdown", time.Second)
	}
	if s.bus != nil {
		s.bus.Close()
	}
	if s.postman != nil {
		s.postman.Close()
	}
	if s.tools != nil {
		s.tools.Close()
	}
	if s.lock != nil {
		s.lock.Release()
	}
}
