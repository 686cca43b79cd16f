// Package livechat is the chat on companies' web sites: the sites, who a visitor is, and who is connected. What is written
// there are messages like any others, posted and seen by the use cases of messaging.
package livechat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"recado/app/desk"
)

// How long things last.
const (
	SessionLife = 180 * 24 * time.Hour // since a browser used it last
	Linger      = desk.ChatLinger      // a customer counts as connected so long after the last stream ended
	touchEvery  = time.Hour
)

// MaxStreams is how many streams one customer may have open on a node.
const MaxStreams = 6

// Session is a browser's right to chat as a customer on a site.
type Session struct {
	ID     string
	Person string
	Site   string
	At     int64
}

// Stream is a connection of the live chat.
type Stream struct {
	ID, Node, Person, Session, Site string
	OpenedAt, ClosedAt              int64
	Browser, Language               string
	Page, Title                     string
}

// Store keeps sites, sessions and streams.
type Store interface {
	AddSite(ctx context.Context, s desk.Site) error
	// Site gives desk.ErrNotFound where there is none.
	Site(ctx context.Context, id string) (desk.Site, error)
	Sites(ctx context.Context) ([]desk.Site, error)
	ChangeSite(ctx context.Context, id string, change func(*desk.Site) error) (desk.Site, error)
	AddSession(ctx context.Context, s Session, tokenHash string) error
	SessionByToken(ctx context.Context, tokenHash string, usedSince int64) (s Session, p desk.Person, used int64, err error)
	TouchSession(ctx context.Context, id string, at int64) error
	EndSession(ctx context.Context, id string) error
	LiveSessions(ctx context.Context, ids []string) (map[string]bool, error)
	OpenStream(ctx context.Context, s Stream) error
	CloseStream(ctx context.Context, id string, at int64) error
	PutPage(ctx context.Context, session, page, title string) error
	// Beat says that a node lives until a moment.
	Beat(ctx context.Context, node string, now, until int64) error
	// Dead lists the open streams of nodes that no longer live, each customer's together.
	Dead(ctx context.Context, now int64) ([]Stream, error)
	// CloseDead ends those of streams that are open and whose node does not live, as of a moment, and lists whose they were.
	CloseDead(ctx context.Context, ids []string, now, at int64) (people []string, err error)
	// Reopen notes streams as open, whatever was noted of them before.
	Reopen(ctx context.Context, streams []Stream) error
	// ForgetSilent forgets some visitors who never wrote, who came and were here last before a moment, with everything
	// that was noted of them. It answers how many, and the ids of the files they left.
	ForgetSilent(ctx context.Context, now, before int64, most int) (n int, files []string, err error)
	// EndSessions ends some sessions that were not used since a moment, and answers how many.
	EndSessions(ctx context.Context, before int64, most int) (int, error)
	// Connected lists the streams that connect customers, or (person not empty) one of them, at a moment.
	Connected(ctx context.Context, now int64, person string) ([]Stream, error)
}

// People finds and adds customers.
type People interface {
	// ByAddress gives desk.ErrNotFound for an address that is nobody's.
	ByAddress(ctx context.Context, address string) (desk.Person, error)
	// AddCustomer gives the one with that address where somebody was faster.
	AddCustomer(ctx context.Context, name, email string) (desk.Person, error)
	// AddVisitor adds somebody unverified; email is what they say, or empty.
	AddVisitor(ctx context.Context, p desk.Person) error
	// ChangeVisitor changes what an unverified visitor says of themselves.
	ChangeVisitor(ctx context.Context, id string, change func(*desk.Person)) (desk.Person, error)
}

// Desk is told what becomes of what was not seen.
type Desk interface {
	// LeftChat passes over those of people who have the chat open on any node.
	LeftChat(ctx context.Context, people []string, due int64) error
	BackInChat(ctx context.Context, person string) error
	GaveAddress(ctx context.Context, person string) error
}

// Service is the use cases.
type Service struct {
	Store  Store
	People People
	Desk   Desk
	Node   string // this process, among all that share the database
	Now    func() time.Time
	NewID  func() string
	// Changed is told that somebody came, left, or went to another page.
	Changed func(ctx context.Context, person string)
	Limits  Limits
	// RemoveFile removes a file's content; nil where files are not kept here.
	RemoveFile func(id string) error
	Log        *slog.Logger // nil: what fails in the background is not told

	open openStreams
	beat atomic.Int64 // when this node last said that it lives
}

func (s *Service) now() int64 { return s.Now().UnixMilli() }

// secret is 256 random bits, URL-safe.
func secret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func hashToken(t string) string {
	sum := sha256.Sum256([]byte("chat\x00" + t))
	return hex.EncodeToString(sum[:])
}

// ErrEnded is for a token that is missing, unknown or expired, or whose site was switched off.
var ErrEnded = &desk.Error{Code: "not-signed-in", Message: "This chat session is unknown or has ended. Open the chat anew."}

// Authenticate tells who a token's browser chats as.
func (s *Service) Authenticate(ctx context.Context, token string) (desk.Person, Session, error) {
	if token == "" {
		return desk.Person{}, Session{}, ErrEnded
	}
	now := s.now()
	v, p, used, err := s.Store.SessionByToken(ctx, hashToken(token), now-SessionLife.Milliseconds())
	if errors.Is(err, desk.ErrNotFound) {
		return p, v, ErrEnded
	}
	if err == nil && now-used > touchEvery.Milliseconds() {
		err = s.Store.TouchSession(ctx, v.ID, now)
	}
	return p, v, err
}

// Site gives a site that is switched on; desk.ErrNotFound for any other.
func (s *Service) Site(ctx context.Context, id string) (desk.Site, error) {
	site, err := s.Store.Site(ctx, id)
	if err == nil && site.Disabled {
		err = desk.ErrNotFound
	}
	return site, err
}

// Sites lists all sites, for users.
func (s *Service) Sites(ctx context.Context, viewer desk.Person) ([]desk.Site, error) {
	if viewer.Kind != desk.User {
		return nil, desk.ErrNotFound
	}
	return s.Store.Sites(ctx)
}

// AddSite adds a site, by an admin, and gives it with its secret.
func (s *Service) AddSite(ctx context.Context, actor desk.Person, site desk.Site) (desk.Site, error) {
	if !actor.MayManage() {
		return site, desk.ErrForbidden
	}
	site.ID, site.Secret, site.CreatedAt, site.Version = s.NewID(), secret(), s.now(), 1
	if e := site.Check(); e != nil {
		return site, e
	}
	return site, s.Store.AddSite(ctx, site)
}

// ChangeSite changes a site, by an admin. With rotate it gets another secret: what was signed with the one before is
// refused from then on.
func (s *Service) ChangeSite(ctx context.Context, actor desk.Person, id string, rotate bool, change func(*desk.Site)) (desk.Site, error) {
	if !actor.MayManage() {
		return desk.Site{}, desk.ErrForbidden
	}
	return s.Store.ChangeSite(ctx, id, func(site *desk.Site) error {
		change(site)
		if rotate {
			site.Secret = secret()
		}
		if e := site.Check(); e != nil {
			return e
		}
		return nil
	})
}

// Claim is what a visitor says of themselves.
type Claim struct {
	Name, Email string
}

func (c *Claim) check() error {
	c.Name, c.Email = strings.TrimSpace(c.Name), strings.TrimSpace(c.Email)
	if c.Name != "" {
		if e := desk.CheckName("body.name", c.Name); e != nil {
			return e
		}
	}
	if c.Email != "" {
		if e := desk.CheckEmail("body.email", c.Email); e != nil {
			return e
		}
	}
	return nil
}

// ErrIdentityNeeded is for a visitor of a site whose visitors must be signed for.
var ErrIdentityNeeded = &desk.Error{Code: "identity-required", Message: "Sign in on this web site first: its chat is for known visitors only."}

// Begin makes a session on a site: of the customer whom a valid identity names, else of a new visitor who is not believed.
// ErrIdentity where the identity is wrong or expired. locale is that of the browser.
func (s *Service) Begin(ctx context.Context, siteID string, id *SignedIdentity, said Claim, locale string) (token string, p desk.Person, err error) {
	site, err := s.Site(ctx, siteID)
	if err != nil {
		return "", p, err
	}
	switch {
	case id != nil:
		if p, err = s.identified(ctx, site, *id); err != nil {
			return "", p, err
		}
	case site.Identity == desk.IdentityRequired:
		return "", p, ErrIdentityNeeded
	default:
		if err := said.check(); err != nil {
			return "", p, err
		}
		if p, err = s.visitor(ctx, said, locale); err != nil {
			return "", p, err
		}
	}
	token = secret()
	return token, p, s.Store.AddSession(ctx, Session{ID: s.NewID(), Person: p.ID, Site: site.ID, At: s.now()}, hashToken(token))
}

// identified gives the customer whom a valid identity names. A user is never one: what the team reads is not to be had
// by what a web site says.
func (s *Service) identified(ctx context.Context, site desk.Site, id SignedIdentity) (desk.Person, error) {
	if err := id.verify(site.Secret, s.Now()); err != nil {
		return desk.Person{}, err
	}
	claim := Claim{Name: id.Name, Email: id.Email}
	if err := claim.check(); err != nil {
		return desk.Person{}, err
	}
	if claim.Name == "" {
		claim.Name, _, _ = strings.Cut(claim.Email, "@")
	}
	p, err := s.People.ByAddress(ctx, claim.Email)
	if errors.Is(err, desk.ErrNotFound) {
		p, err = s.People.AddCustomer(ctx, claim.Name, claim.Email)
	}
	if err == nil && (p.Kind != desk.Customer || p.Disabled) {
		err = ErrIdentity
	}
	return p, err
}

func (s *Service) visitor(ctx context.Context, said Claim, locale string) (desk.Person, error) {
	id := s.NewID()
	p := desk.Person{ID: id, Kind: desk.Customer, Name: said.Name, Email: said.Email, Locale: locale, Unverified: true, Unheard: true, CreatedAt: s.now(), Version: 1}
	if p.Name == "" {
		p.Name = nameless(id, locale)
	}
	return p, s.People.AddVisitor(ctx, p)
}

// nameless tells visitors who said no name apart.
func nameless(id, locale string) string {
	word := "Visitor "
	if locale == "es" {
		word = "Visitante "
	}
	return word + strings.ToUpper(id[max(0, len(id)-4):])
}

// Introduce changes what a visitor says of themselves. Somebody whom an identity names stays who they are: 403.
func (s *Service) Introduce(ctx context.Context, p desk.Person, said Claim) (desk.Person, error) {
	if !p.Unverified {
		return p, desk.ErrForbidden
	}
	if err := said.check(); err != nil {
		return p, err
	}
	before := p.Email
	p, err := s.People.ChangeVisitor(ctx, p.ID, func(p *desk.Person) {
		if said.Name != "" {
			p.Name = said.Name
		}
		if said.Email != "" {
			p.Email = said.Email
		}
	})
	if err == nil && before == "" && p.Email != "" {
		err = s.Desk.GaveAddress(ctx, p.ID)
	}
	return p, err
}
