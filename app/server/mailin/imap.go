package mailin

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

const (
	imapTimeout = time.Minute      // for one step to make progress
	idleFor     = 9 * time.Minute  // then the mailbox is asked, and IDLE begins anew (RFC 2177 bounds it to 29)
	pollEvery   = 30 * time.Second // where the server has no IDLE
	firstRedial = 2 * time.Second
	lastRedial  = 5 * time.Minute
)

// Mailbox is an IMAP mailbox (RFC 9051) to fetch mails from.
type Mailbox struct {
	Address  string // host:port
	Plain    bool   // without TLS: for this machine only
	User     string
	Password string
	Folder   string
}

// ParseMailbox reads imaps://user:password@host/INBOX, or imap:// for a host on this machine. The error does not hold
// the password.
func ParseMailbox(text string) (m Mailbox, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User == nil || u.Scheme != "imap" && u.Scheme != "imaps" {
		return m, errors.New("it must be like imaps://user:password@host/INBOX, with special characters as %40 and the like")
	}
	m = Mailbox{User: u.User.Username(), Plain: u.Scheme == "imap", Folder: strings.Trim(u.Path, "/")}
	m.Password, _ = u.User.Password()
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "143", false: "993"}[m.Plain]
	}
	m.Address = net.JoinHostPort(u.Hostname(), port)
	if m.Folder == "" {
		m.Folder = "INBOX"
	}
	if ip := net.ParseIP(u.Hostname()); m.Plain && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return m, errors.New("imap:// sends the password as it is, and is taken for this machine only: use imaps://")
	}
	return m, nil
}

// Name says which mailbox it is, without the password.
func (m Mailbox) Name() string { return m.User + "@" + m.Address + "/" + m.Folder }

// Fetch takes what is in a mailbox and what comes, until ctx ends. A connection that breaks is made again, after a pause
// that grows.
func (s *Service) Fetch(ctx context.Context, m Mailbox) {
	pause := firstRedial
	for ctx.Err() == nil {
		begun := time.Now()
		err := s.fetch(ctx, m)
		if ctx.Err() != nil {
			return
		}
		s.reached(err)
		if time.Since(begun) > lastRedial {
			pause = firstRedial
		}
		s.Log.Warn("the mailbox can't be reached; it is tried again", "mailbox", m.Name(), "after", pause, "error", err)
		timer := time.NewTimer(pause/2 + rand.N(pause/2))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
		pause = min(2*pause, lastRedial)
	}
}

func (s *Service) reached(err error) {
	if s.Reached != nil {
		s.Reached(err)
	}
}

// fetch is one connection.
func (s *Service) fetch(ctx context.Context, m Mailbox) error {
	conn, err := m.dial(ctx)
	if err != nil {
		return err
	}
	news := make(chan struct{}, 1)
	c := imapclient.New(&patient{conn}, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) {
			select {
			case news <- struct{}{}:
			default:
			}
		}}})
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if err := c.Login(m.User, m.Password).Wait(); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	box, err := c.Select(m.Folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return fmt.Errorf("open the mailbox: %w", err)
	}
	for {
		if err := s.fetchNew(ctx, c, m, box.UIDValidity); err != nil {
			return err
		}
		s.reached(nil)
		if err := waitForNews(ctx, c, news); err != nil {
			return err
		}
	}
}

func (m Mailbox) dial(ctx context.Context) (net.Conn, error) {
	d := net.Dialer{Timeout: 30 * time.Second}
	if m.Plain {
		return d.DialContext(ctx, "tcp", m.Address)
	}
	return (&tls.Dialer{NetDialer: &d}).DialContext(ctx, "tcp", m.Address)
}

// fetchNew takes what the mailbox has beyond what was taken. Flags are neither looked at nor set (BODY.PEEK): people may
// look into the mailbox too. Where UIDVALIDITY changed all mails come again, and are found to be duplicates.
func (s *Service) fetchNew(ctx context.Context, c *imapclient.Client, m Mailbox, validity uint32) error {
	had, last, err := s.Store.Mailbox(ctx, m.Name())
	if err != nil {
		return err
	}
	if had != validity {
		last = 0
	}
	var above imap.UIDSet
	above.AddRange(imap.UID(last)+1, 0)
	found, err := c.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{above}}, nil).Wait()
	if err != nil {
		return fmt.Errorf("look for mails: %w", err)
	}
	uids := found.AllUIDs()
	slices.Sort(uids)
	uids = slices.DeleteFunc(uids, func(uid imap.UID) bool { return uid <= imap.UID(last) }) // "n:*" names the last mail even where there is none from n on
	for some := range slices.Chunk(uids, sizesAtOnce) {
		sizes, err := sizesOf(c, some)
		if err != nil {
			return err
		}
		for _, uid := range some {
			if size, there := sizes[uid]; there { // else it was taken away meanwhile
				if err := s.fetchOne(ctx, c, m, uid, size); err != nil {
					return err
				}
			}
			if err := s.Store.PutMailbox(ctx, m.Name(), validity, uint32(uid)); err != nil {
				return err
			}
		}
	}
	return nil
}

// sizesAtOnce is of how many mails the sizes are asked for in one question: a full mailbox costs half the round trips.
const sizesAtOnce = 200

func sizesOf(c *imapclient.Client, uids []imap.UID) (map[imap.UID]int64, error) {
	got, err := c.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
	if err != nil {
		return nil, fmt.Errorf("ask for the sizes of mails: %w", err)
	}
	out := make(map[imap.UID]int64, len(got))
	for _, g := range got {
		out[g.UID] = g.RFC822Size
	}
	return out, nil
}

// fetchOne takes a mail before its number is noted: a crash in between fetches it again, which the duplicates rule sees.
func (s *Service) fetchOne(ctx context.Context, c *imapclient.Client, m Mailbox, uid imap.UID, size int64) error {
	whole := &imap.FetchItemBodySection{Peek: true}
	if size > MaxMail { // what can be had is its head: an agent finds the rest in the mailbox
		whole.Specifier = imap.PartSpecifierHeader
	}
	got, err := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
	if err != nil {
		return fmt.Errorf("fetch a mail: %w", err)
	}
	if len(got) == 0 {
		return nil
	}
	_, err = s.Take(ctx, Envelope{Mailbox: m.Name()}, bytes.NewReader(got[0].FindBodySection(whole)))
	return err
}

// waitForNews returns when the mailbox may have changed.
func waitForNews(ctx context.Context, c *imapclient.Client, news <-chan struct{}) error {
	if !c.Caps().Has(imap.CapIdle) {
		if err := await(ctx, c, news, pollEvery); err != nil {
			return err
		}
		return c.Noop().Wait()
	}
	idle, err := c.Idle()
	if err != nil {
		return fmt.Errorf("wait for mails: %w", err)
	}
	waited := await(ctx, c, news, idleFor)
	if err := errors.Join(waited, idle.Close()); err != nil {
		return err
	}
	return idle.Wait()
}

func await(ctx context.Context, c *imapclient.Client, news <-chan struct{}, most time.Duration) error {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.Closed():
		return errors.New("the mail server ended the connection")
	case <-news:
	case <-timer.C:
	}
	return nil
}

// patient ends a connection on which nothing moves: a server that is gone without a word must not be waited for.
type patient struct{ net.Conn }

func (p *patient) Read(b []byte) (int, error) {
	p.Conn.SetReadDeadline(time.Now().Add(idleFor + imapTimeout))
	return p.Conn.Read(b)
}

func (p *patient) Write(b []byte) (int, error) {
	p.Conn.SetWriteDeadline(time.Now().Add(imapTimeout))
	return p.Conn.Write(b)
}
