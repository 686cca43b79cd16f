package mailin

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"recado/app/desk"
	"recado/app/kit/mailbox"
)

// Archive is where mails of the past are entered.
type Archive interface {
	// Users lists all users, those who are disabled too.
	Users(ctx context.Context) ([]desk.Person, error)
	// AddTeam gives who stands for an address that the team writes from and that is no user's: a user who can't sign in.
	AddTeam(ctx context.Context, name, address string) (desk.Person, error)
	// Known gives those of keys under which a mail came before.
	Known(ctx context.Context, keys []string) (map[string]bool, error)
	// Enter stores mails, what they became, and the keys they came under, in one transaction. Where one of them came under
	// its key meanwhile the error is ErrCame, and nothing is stored.
	Enter(ctx context.Context, p Past) error
}

// ErrCame means that a mail came meanwhile by another way.
var ErrCame = errors.New("one of the mails came by another way at the same time: run the import again")

// ErrNoTeam means that no address of the team is known: its own mails would become a customer's, which nobody could mend.
var ErrNoTeam = errors.New("no address of the team is known: add its users first, or name the address it writes from with --mail-from or --own")

// Past is what is entered at once: mails and, unless they became none, messages of one conversation.
type Past struct {
	Mails        []Mail
	Keys         [][]string // of each mail
	Conversation string     // empty: nothing is posted
	Subject      string
	Open         bool
	Posts        []PastPost
}

// PastPost is a mail as a message. Its files are in the file store already.
type PastPost struct {
	ID     string
	Author desk.Person
	Stand  []desk.Person // besides the author, who stands in the conversation from then on
	At     int64
	Files  []desk.File
	Note   Note
}

// ImportOptions say how a mailbox is to be understood.
type ImportOptions struct {
	Archive  Archive
	TeamName string   // who writes from the team's address
	Own      []string // addresses that the team writes from, besides Ours.Team and those of users
	// Sent: whatever the mailbox has from an address of the team was sent by the team. Without it that must show: such an
	// address is what forgers use.
	Sent bool
	// OpenSince is how young a customer's last mail must be for its conversation to begin open.
	OpenSince time.Duration
	Progress  *ImportProgress // nil: nobody looks
}

// ImportProgress can be read while an import runs.
type ImportProgress struct {
	Read  atomic.Int64 // mails looked at
	Bytes atomic.Int64 // of an mbox, looked at
	All   atomic.Int64 // mails to be entered; 0 until all are read
	Done  atomic.Int64 // of those
}

// Imported counts what became of a mailbox.
type Imported struct {
	Mails         int // all that were found
	Messages      int
	Customers     int // made
	Conversations int // made
	Held          map[Reason]int
	Reports       int // of delivery, written down without a message
	There         int // had come before, or stood in the mailbox twice
	Unreadable    []Unreadable
}

// Unreadable is a mail that could not be kept, and where it stands.
type Unreadable struct {
	Place string
	Err   error
}

// importer is one run of an import.
type importer struct {
	*Service
	ImportOptions
	box    *mailbox.Box
	own    map[string]bool
	names  map[string]naming
	people directory
	mu     sync.Mutex // guards what follows
	sum    Imported
}

// Import makes customers and conversations of a mailbox. All mails are read once to know what answers what; then each
// conversation is entered in the order of its mails' dates, an answer never before what it answers, wherever they stand in
// the mailbox. What a transaction has entered is never entered again, so an import that was cut off is finished by
// another, and a second one changes nothing. No mail leaves because of it, and nothing of it is news to anybody.
//
// The error says why it had to stop; what was entered until then stays. A mail that can't be kept is counted, and the
// others go on.
func (s *Service) Import(ctx context.Context, box *mailbox.Box, o ImportOptions) (Imported, error) {
	if o.Progress == nil {
		o.Progress = &ImportProgress{}
	}
	im := &importer{Service: s, ImportOptions: o, box: box, own: map[string]bool{}, names: map[string]naming{}}
	im.sum.Held = map[Reason]int{}
	im.people.made = &im.sum.Customers
	im.people.mu = &im.mu
	users, err := o.Archive.Users(ctx)
	if err != nil {
		return im.sum, err
	}
	for _, u := range users {
		im.own[desk.Address(u.Email)] = true
	}
	for _, a := range o.Own {
		im.own[desk.Address(a)] = true
	}
	if len(im.own) == 0 {
		return im.sum, ErrNoTeam
	}
	mails, err := im.read(ctx)
	if err == nil {
		err = im.enter(ctx, threads(mails))
	}
	return im.sum, err
}

// isOurs tells an address that the team writes from.
func (im *importer) isOurs(address string) bool { return im.own[address] || im.Ours.Takes(address) }

func (im *importer) unreadable(m mailbox.Mail, err error) {
	place := m.Name
	if m.Offset > 0 {
		place = fmt.Sprintf("mail %s, byte %d", m.Name, m.Start)
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	im.sum.Unreadable = append(im.sum.Unreadable, Unreadable{place, err})
}

// pastID makes an id (UUIDv7, RFC 9562) of a moment and of what it is the id of: the same at every try, so that a try
// that was cut off leaves nothing behind that the next one does not take over.
func pastID(at int64, of ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(of, "\x00")))
	id := uuid.UUID(sum[:16])
	for i := range 6 {
		id[i] = byte(at >> (40 - 8*i))
	}
	id[6], id[8] = 0x70|id[6]&0x0f, 0x80|id[8]&0x3f
	return id.String()
}

// naming is what somebody is called, and how good the reason is to think so.
type naming struct {
	name string
	own  bool // by themselves
	at   int64
}

// called notes a name. One's own word counts more than others', a newer one more than an older.
func (im *importer) called(address, name string, own bool, at int64) {
	name = strings.TrimSpace(clip(strings.Trim(name, "'\" "), desk.MaxName))
	if desk.CheckName("name", name) != nil || strings.EqualFold(name, address) {
		return
	}
	had, ok := im.names[address]
	switch {
	case !ok, own && !had.own:
	case own != had.own, at < had.at, at == had.at && name >= had.name:
		return
	}
	im.names[address] = naming{name, own, at}
}

func (im *importer) nameOf(address string) string {
	if n, ok := im.names[address]; ok {
		return n.name
	}
	local, _, _ := strings.Cut(address, "@")
	return clip(local, desk.MaxName)
}

// directory gives people by address, each looked up and made once however many ask at once.
type directory struct {
	mu   *sync.Mutex
	made *int
	all  map[string]func() (desk.Person, error)
}

func (d *directory) person(address string, find func() (desk.Person, error)) (desk.Person, error) {
	d.mu.Lock()
	if d.all == nil {
		d.all = map[string]func() (desk.Person, error){}
	}
	once, ok := d.all[address]
	if !ok {
		once = sync.OnceValues(find)
		d.all[address] = once
	}
	d.mu.Unlock()
	return once()
}

// customer gives the customer with an address, made where there is none; a user where it is one's.
func (im *importer) customer(ctx context.Context, address string) (desk.Person, error) {
	return im.people.person(address, func() (desk.Person, error) {
		p, err := im.People.ByAddress(ctx, address)
		if !errors.Is(err, desk.ErrNotFound) {
			return p, err
		}
		if p, err = im.People.AddCustomer(ctx, im.nameOf(address), address); err == nil {
			im.mu.Lock()
			*im.people.made++
			im.mu.Unlock()
		}
		return p, err
	})
}

// writer gives who writes from an address of the team: its user, or whoever stands for the team.
func (im *importer) writer(ctx context.Context, address string) (desk.Person, error) {
	name := im.nameOf(address)
	if im.Ours.Takes(address) {
		address = desk.Address(im.Ours.Team)
		if im.TeamName != "" {
			name = im.TeamName
		}
	}
	return im.people.person(address, func() (desk.Person, error) {
		p, err := im.People.ByAddress(ctx, address)
		if errors.Is(err, desk.ErrNotFound) {
			p, err = im.Archive.AddTeam(ctx, name, address)
		}
		if err == nil && p.Kind != desk.User {
			err = fmt.Errorf("%s is a customer's address, and can't be one that the team writes from", address)
		}
		return p, err
	})
}
