package mailin

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"recado/app/server/filestore"
)

// fetched is a store in memory that notes mails and how far a mailbox was fetched.
type fetched struct {
	noted
	validity, uid uint32
	came          chan Mail
}

func (f *fetched) AddMail(ctx context.Context, m Mail) error {
	err := f.noted.AddMail(ctx, m)
	f.came <- m
	return err
}

func (f *fetched) Mailbox(context.Context, string) (validity, uid uint32, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.validity, f.uid, nil
}

func (f *fetched) PutMailbox(_ context.Context, _ string, validity, uid uint32) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.validity, f.uid = validity, uid
	return nil
}

// imapBox is a mail server in memory, and a service that fetches from it.
type imapBox struct {
	t     *testing.T
	store *fetched
	files *filestore.Store
	user  *imapmemserver.User
	caps  imap.CapSet
	box   Mailbox
	mu    sync.Mutex
	conns []net.Conn
	srv   *imapserver.Server
}

func newMailbox(t *testing.T, caps ...imap.Cap) *imapBox {
	t.Helper()
	files, err := filestore.Open(t.TempDir(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	m := &imapBox{t: t, store: &fetched{came: make(chan Mail, 10_000)}, files: files, user: imapmemserver.NewUser("me", "secret"), caps: imap.CapSet{imap.CapIMAP4rev1: {}}}
	for _, c := range caps {
		m.caps[c] = struct{}{}
	}
	m.create()
	m.serve("127.0.0.1:0")
	t.Cleanup(func() { m.die(); files.Close() })
	return m
}

func (m *imapBox) create() {
	if err := m.user.Create("INBOX", nil); err != nil {
		m.t.Fatal(err)
	}
}

// noting notes connections, so that they can be cut.
type noting struct {
	net.Listener
	m *imapBox
}

func (n noting) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err == nil {
		n.m.mu.Lock()
		n.m.conns = append(n.m.conns, c)
		n.m.mu.Unlock()
	}
	return c, err
}

func (m *imapBox) serve(address string) {
	m.t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		m.t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(m.user)
	m.srv = imapserver.New(&imapserver.Options{InsecureAuth: true, Caps: m.caps, Logger: log.New(io.Discard, "", 0),
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		}})
	go m.srv.Serve(noting{l, m})
	if m.box, err = ParseMailbox("imap://me:secret@" + l.Addr().String()); err != nil {
		m.t.Fatal(err)
	}
}

// die is a mail server that is gone: nobody answers any more.
func (m *imapBox) die() {
	m.srv.Close()
	m.cut()
}

func (m *imapBox) cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.conns {
		c.Close()
	}
	m.conns = nil
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func (m *imapBox) puts(subjects ...string) {
	m.t.Helper()
	for _, s := range subjects {
		if _, err := m.user.Append("INBOX", literal{strings.NewReader("Subject: " + s + "\r\n\r\nx\r\n")}, &imap.AppendOptions{}); err != nil {
			m.t.Fatal(err)
		}
	}
}

// fetches begins to fetch, until the test or the returned function ends it.
func (m *imapBox) fetches() (stop func()) {
	var last atomic.Int64
	s := New(Config{Store: m.store, Files: m.files, Ours: acme, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		NewID: func() string {
			return fmt.Sprintf("%08x-89ab-7cde-8f01-%012x", time.Now().UnixNano()&0xffffffff, last.Add(1))
		}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.Fetch(ctx, m.box) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	m.t.Cleanup(stop)
	return stop
}

// next gives the subject of the next mail that was taken.
func (m *imapBox) next() string {
	m.t.Helper()
	select {
	case mail := <-m.store.came:
		f, err := m.files.Open(mail.ID)
		if err != nil {
			m.t.Fatal(err)
		}
		defer f.Close()
		b, err := io.ReadAll(io.LimitReader(f, 4096))
		if err != nil {
			m.t.Fatal(err)
		}
		subject, _, _ := strings.Cut(strings.TrimPrefix(string(b), "Subject: "), "\r\n")
		return subject
	case <-time.After(20 * time.Second):
		m.t.Fatalf("no mail was taken; %d were before", len(m.store.all()))
		return ""
	}
}

func (m *imapBox) expect(subjects ...string) {
	m.t.Helper()
	for _, want := range subjects {
		if got := m.next(); got != want {
			m.t.Fatalf("took %q, want %q", got, want)
		}
	}
}

func TestMailsAreFetchedThoughTheServerDies(t *testing.T) {
	t.Parallel()
	m := newMailbox(t, imap.CapIdle)
	m.puts("one", "two")
	m.fetches()
	m.expect("one", "two")
	m.cut()
	m.puts("four") // while nobody is connected
	m.expect("four")
	m.die()
	m.puts("five")
	m.serve(m.box.Address)
	m.expect("five")
}

func TestANewMailboxOfTheSameNameIsFetchedWhole(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	m.puts("one", "two")
	stop := m.fetches()
	m.expect("one", "two")
	stop()
	before := m.store.validity
	if err := m.user.Delete("INBOX"); err != nil {
		t.Fatal(err)
	}
	m.create()
	m.puts("one", "three")
	stop = m.fetches()
	m.expect("one", "three")
	stop()
	if m.store.validity == before || m.store.uid != 2 {
		t.Errorf("noted %d, %d; before %d", m.store.validity, m.store.uid, before)
	}
}

func TestOfAMailThatIsTooLargeTheHeadIsTaken(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	m.puts("small", "large\r\n\r\n"+strings.Repeat(strings.Repeat("x", 78)+"\r\n", 31<<20/80), "after")
	m.fetches()
	m.expect("small", "large", "after")
	if large := m.store.all()[1]; large.Size > 1000 {
		t.Errorf("%d bytes of it", large.Size)
	}
}

func TestFiveThousandMailsComeInOrderAndOnce(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	const all = 5000
	var want []string
	for i := range all {
		want = append(want, fmt.Sprint("mail ", i))
	}
	m.puts(want...)
	var got []string
	for len(got) < all {
		stop := m.fetches()
		for range min(all/4, all-len(got)) { // and is stopped on the way
			got = append(got, m.next())
		}
		stop()
		for len(m.store.came) > 0 {
			got = append(got, m.next())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d mails, from %q to %q", len(got), got[0], got[len(got)-1])
	}
}
