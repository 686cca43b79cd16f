// Package mailcheck says whether the team's mail works: what was seen of its servers lately, and a test that really sends
// mails and waits for them to come in again.
package mailcheck

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"recado/app/desk"
)

// Side is one half of the mail.
type Side string

// The sides.
const (
	Out Side = "out" // the server that mails leave through
	In  Side = "in"  // the mailbox that mails are fetched from
)

// Health is what was seen of a side by whichever node used it last. Moments are milliseconds since 1970, 0 for never.
type Health struct {
	OKAt         int64  // when it last did what it was asked
	FailingSince int64  // since when nothing could be handed over or fetched; 0 while it works
	Problem      string // what went wrong last, in one line, without secrets; empty while it works
}

// Setup is how the mail of this node is set up. No password stands in it.
type Setup struct {
	From, ReplyDomain string // Name <address>, as people see it; the domain of the addresses that answers go to

	Kind     string // smtp, or Folder where no server is configured
	Server   string // host:port
	Security string // none, starttls or tls
	SignsIn  bool
	DKIM     string // SELECTOR._domainkey.DOMAIN, where mails are signed

	Listens string // host:port on which mails are taken; empty: none are
	LMTP    bool
	Mailbox string // USER@HOST:PORT/FOLDER from which mails are fetched; empty: none are
}

// Counts are figures of the last hour, over all nodes.
type Counts struct {
	Sent, Failed, Received, Held, Overdue int64
	LastSent, LastReceived                int64
}

// Way is an address that people write to, each of which a test tries.
type Way string

// The ways.
const (
	Team    Way = "team"    // the team's own address
	Answers Way = "answers" // an address as it is given out with every mail, to answer to
)

// Step is what became of a test on one way.
type Step struct {
	Way        Way
	Address    string
	Outcome    string // empty while it is being handed over; else as desk.Answer, or Folder
	Detail     string // what the mail server said
	AnsweredAt int64
	ArrivedAt  int64     // when the mail came in again; 0 while it did not
	Findings   []Finding // what the mail that came in says of its sender: what others will find too
}

// Finding is what one check of a mail's sender said (RFC 8601, 2.7).
type Finding struct {
	Check  string `json:"check"`
	Result string `json:"result"`
	Domain string `json:"domain"`
}

// Folder is the outcome where no mail server is configured: the mail lies in a folder, and nobody gets it.
const Folder = "folder"

// Test is one mail on each way.
type Test struct {
	ID        string
	By        string // who asked for it
	StartedAt int64
	Steps     []Step
}

// Store keeps what nodes saw, and tests. Each method is one transaction.
type Store interface {
	MailHealth(ctx context.Context) (map[Side]Health, error)
	// PutMailHealth notes what was seen of a side; a problem is failing since the first of an unbroken row of them.
	PutMailHealth(ctx context.Context, side Side, problem string, at int64) error
	MailCounts(ctx context.Context, since, overdue int64) (Counts, error)
	// AddMailTest keeps a test, and forgets those begun before a moment. It gives false, and keeps nothing, where another was
	// begun after last.
	AddMailTest(ctx context.Context, t Test, forget, last int64) (bool, error)
	// MailTest gives desk.ErrNotFound where there is none.
	MailTest(ctx context.Context, id string) (Test, error)
	AnswerMailTest(ctx context.Context, id string, s Step) error
	// ArriveMailTest notes that a mail came in; only the first time counts.
	ArriveMailTest(ctx context.Context, id string, s Step) error
}

// Config is what a service stands on.
type Config struct {
	Store Store
	// Send hands the mail of a test to the mail server and tells how that ended.
	Send func(ctx context.Context, test string, way Way, address string) (outcome, detail string)
	// Address is where a mail on a way goes; a fresh one each time for answers.
	Address func(Way) string
	// Setup is asked each time: on which address mails are taken is known late.
	Setup func() Setup
	Log   *slog.Logger
	Now   func() time.Time
	NewID func() string
}

// Service knows how the mail does.
type Service struct {
	Config
	mu    sync.Mutex
	noted map[Side]note
	work  sync.WaitGroup
}

type note struct {
	problem string
	at      time.Time
}

const (
	noteEvery = 10 * time.Second // what is as it was is written down no more often
	window    = time.Hour        // of the counts
	late      = 2 * time.Minute  // after which what is due is overdue
	pause     = 5 * time.Second  // between two tests
	keptFor   = 24 * time.Hour
	patience  = 3 * time.Minute // for handing one mail over
)

// ErrTooSoon means that somebody began a test a moment ago.
var ErrTooSoon = &desk.Error{Code: "too-often", Message: "A test was begun a few seconds ago. Wait for it, or try again in a moment."}

// New makes a service.
func New(c Config) *Service { return &Service{Config: c, noted: map[Side]note{}} }

// Saw notes that a side did what it was asked (problem is empty), or why not.
func (s *Service) Saw(side Side, problem string) {
	now := s.Now()
	s.mu.Lock()
	last, ok := s.noted[side]
	if ok && last.problem == problem && now.Sub(last.at) < noteEvery && !now.Before(last.at) {
		s.mu.Unlock()
		return
	}
	s.noted[side] = note{problem, now}
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.Store.PutMailHealth(ctx, side, problem, now.UnixMilli()); err != nil {
		s.Log.Warn("note how the mail does", "side", side, "error", err)
		s.mu.Lock()
		delete(s.noted, side) // the next time it is written
		s.mu.Unlock()
	}
}

// State gives what was seen of each side, and figures of the last hour.
func (s *Service) State(ctx context.Context) (map[Side]Health, Counts, error) {
	health, err := s.Store.MailHealth(ctx)
	if err != nil {
		return nil, Counts{}, err
	}
	now := s.Now()
	counts, err := s.Store.MailCounts(ctx, now.Add(-window).UnixMilli(), now.Add(-late).UnixMilli())
	return health, counts, err
}

// Begin sends a mail on each way, and gives the test as it begins: Test tells how it goes on. Admins only.
func (s *Service) Begin(ctx context.Context, viewer desk.Person) (Test, error) {
	if viewer.Role != desk.Admin {
		return Test{}, desk.ErrForbidden
	}
	now := s.Now()
	t := Test{ID: s.NewID(), By: viewer.ID, StartedAt: now.UnixMilli()}
	for _, way := range []Way{Team, Answers} {
		t.Steps = append(t.Steps, Step{Way: way, Address: s.Address(way)})
	}
	ok, err := s.Store.AddMailTest(ctx, t, now.Add(-keptFor).UnixMilli(), now.Add(-pause).UnixMilli())
	if err != nil {
		return Test{}, err
	}
	if !ok {
		return Test{}, ErrTooSoon
	}
	for _, step := range t.Steps {
		s.work.Go(func() { s.send(context.WithoutCancel(ctx), t.ID, step) })
	}
	return t, nil
}

func (s *Service) send(ctx context.Context, test string, step Step) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	step.Outcome, step.Detail = s.Send(ctx, test, step.Way, step.Address)
	step.AnsweredAt = s.Now().UnixMilli()
	if err := s.Store.AnswerMailTest(context.WithoutCancel(ctx), test, step); err != nil {
		s.Log.Error("note how a test of the mail went", "test", test, "error", err)
	}
}

// Test tells how a test goes on.
func (s *Service) Test(ctx context.Context, id string) (Test, error) {
	return s.Store.MailTest(ctx, id)
}

// Arrived notes that the mail of a test came in, and what it says of its sender.
func (s *Service) Arrived(ctx context.Context, test string, way Way, findings []Finding) error {
	return s.Store.ArriveMailTest(ctx, test, Step{Way: way, ArrivedAt: s.Now().UnixMilli(), Findings: findings})
}

// Wait returns when nothing is being handed over any more.
func (s *Service) Wait() { s.work.Wait() }
