package mailin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"recado/app/desk"
	"recado/app/kit/letter"
	"recado/app/kit/mailbox"
)

// pastMail is what is kept in memory of a mail of an archive until it is entered.
type pastMail struct {
	place     mailbox.Mail // without the bytes
	id        string
	sha       string
	size      int64
	keys      []string // the first is its own; under the others it may have come to addresses for answers
	at        int64
	messageID string
	refs      []string // what it refers to, the nearest first
	from      letter.Address
	sender    string
	subject   string
	to        []string // customers it was written to
	all       []string // addresses it came to
	kind      letter.Kind
	original  string // of a report
	failed    []string
	proof     proof
	own       bool // from an address of the team
	sent      bool // and shown to be sent by it
	aside     bool // among spam, drafts, deleted mails
	broken    bool // larger or deeper than is taken on
	empty     bool

	after   int64 // when it comes in its conversation, at the earliest
	depth   int
	visited bool
	verdict verdict
	about   string // the conversation that a report belongs to
	// entrusted: it came by what only the mail it answers, and so only its recipient, was given.
	entrusted bool
}

// knownAtOnce is how many keys are asked for at once.
const knownAtOnce = 500

// read goes through the mailbox and gives what is to be entered: each mail once, without those that came before.
func (im *importer) read(ctx context.Context) ([]*pastMail, error) {
	list, err := im.box.Mails()
	if err != nil {
		return nil, err
	}
	first := map[string]*pastMail{}
	var order []*pastMail
	for m, err := range list {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		im.sum.Mails++
		im.Progress.Read.Store(int64(im.sum.Mails))
		im.Progress.Bytes.Store(m.Offset)
		if err != nil {
			im.unreadable(m, err)
			continue
		}
		p := im.look(m)
		had, twice := first[p.keys[0]]
		if !twice {
			first[p.keys[0]] = p
			order = append(order, p)
			continue
		}
		im.sum.There++
		if p.better(had) {
			*had = *p
		}
	}
	return im.unknown(ctx, order)
}

// better says which of two copies of a mail is entered: by what they are, not by where they stand.
func (m *pastMail) better(than *pastMail) bool {
	switch {
	case m.aside != than.aside:
		return than.aside
	case m.sent != than.sent:
		return m.sent
	}
	return m.sha < than.sha
}

// unknown leaves out what came before.
func (im *importer) unknown(ctx context.Context, all []*pastMail) (fresh []*pastMail, err error) {
	for some := range slices.Chunk(all, knownAtOnce) {
		var keys []string
		for _, m := range some {
			keys = append(keys, m.keys...)
		}
		known, err := im.Archive.Known(ctx, keys)
		if err != nil {
			return nil, err
		}
		for _, m := range some {
			if slices.ContainsFunc(m.keys, func(k string) bool { return known[k] }) {
				im.sum.There++
			} else {
				fresh = append(fresh, m)
			}
		}
	}
	return fresh, nil
}

// look reads one mail.
func (im *importer) look(box mailbox.Mail) *pastMail {
	sum := sha256.Sum256(box.Raw)
	m := &pastMail{place: box, sha: hex.EncodeToString(sum[:]), size: int64(len(box.Raw))}
	m.place.Raw = nil
	l, err := parsePast(box.Raw)
	m.broken = err != nil
	m.from, _ = l.Sender()
	m.sender, m.subject = clip(desk.Address(m.from.Email), 320), clip(l.Subject, desk.MaxSubject)
	m.messageID, m.kind = clip(l.MessageID, 998), l.Kind
	m.at = im.when(&l, box)
	m.refs = (&arrival{letter: l}).answers()
	m.all = l.Recipients
	m.setKeys()
	m.original, m.failed = l.Bounce.OriginalID, l.Bounce.Failed
	if m.original != "" {
		m.refs = append([]string{m.original}, m.refs...)
	}
	body, files := content(l, nil)
	m.empty = desk.Blank(body) && len(files) == 0
	m.own = m.sender != "" && im.isOurs(m.sender)
	if _, domain, ok := splitAddress(m.sender); ok {
		m.proof, _ = im.found(l.TopAuthResults, domain)
	}
	im.label(m, &l)
	im.addressed(m, &l)
	return m
}

// parsePast reads a mail with the bounds of every mail that comes in.
func parsePast(raw []byte) (letter.Letter, error) {
	return letter.Parse(raw, letter.DefaultLimits())
}

func (m *pastMail) setKeys() {
	a := &arrival{mail: &Mail{Sender: m.sender, SHA256: m.sha}, letter: letter.Letter{MessageID: m.messageID}}
	if m.broken || m.messageID == "" {
		a.letter.MessageID = "@hash.invalid"
	}
	m.keys = []string{a.duplicateKey()}
	for _, to := range m.all {
		a.mail.Envelope.To = []string{to}
		if k := a.duplicateKey(); !slices.Contains(m.keys, k) {
			m.keys = append(m.keys, k)
		}
	}
	m.id = pastID(m.at, "mail", m.keys[0])
}

// epoch is before any mail that is imported: what claims to be older has no date.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// when is the moment a mail was written: what it says itself, where that can be; else when it was received; else when its
// file was written; else now.
func (im *importer) when(l *letter.Letter, box mailbox.Mail) int64 {
	now := im.Now()
	for _, t := range []time.Time{l.Date, l.ReceivedAt(), box.Time, im.box.Time} {
		if t.After(epoch) && !t.After(now) {
			return t.UnixMilli()
		}
	}
	return now.UnixMilli()
}

// addressed notes who of a mail's recipients is a customer, and what people call each other.
func (im *importer) addressed(m *pastMail, l *letter.Letter) {
	if m.from.Name != "" {
		im.called(m.sender, m.from.Name, true, m.at)
	}
	for _, list := range [][]letter.Address{l.To, l.Cc} {
		for _, to := range list {
			address := desk.Address(to.Email)
			if desk.CheckEmail("to", address) != nil || im.isOurs(address) {
				continue
			}
			im.called(address, to.Name, false, m.at)
			if !slices.Contains(m.to, address) && len(m.to) < mostWrittenTo {
				m.to = append(m.to, address)
			}
		}
		if len(m.to) > 0 {
			return // who had a copy only is no recipient
		}
	}
}

// mostWrittenTo is how many customers come to stand in a conversation by one mail: what went to more was a circular.
const mostWrittenTo = 50

var (
	sentFolders  = []string{"sent", "sent items", "sent messages", "sent mail", "sent-mail", "outbox", "enviados", "elementos enviados", "correo enviado", "mensajes enviados"}
	asideFolders = []string{"spam", "junk", "junk e-mail", "junk email", "bulk mail", "trash", "deleted items", "deleted messages", "drafts", "bin",
		"correo no deseado", "papelera", "elementos eliminados", "borradores"}
)

// label notes what the mailbox itself says of a mail: by folder, flags, and the fields that programs keep them in.
func (im *importer) label(m *pastMail, l *letter.Letter) {
	places := []string{im.box.Name}
	if m.place.Folder != "" {
		places = []string{m.place.Folder}
	}
	for _, labels := range l.Field("X-Gmail-Labels") {
		places = append(places, strings.Split(labels, ",")...)
	}
	sent := im.Sent || len(l.Field("Received")) == 0 || m.proof == proven
	for _, p := range places {
		p = folderName(p)
		sent = sent || slices.Contains(sentFolders, p)
		m.aside = m.aside || slices.Contains(asideFolders, p)
	}
	m.sent = m.own && sent
	m.aside = m.aside || strings.ContainsAny(m.place.Flags, "DT")
	for _, v := range l.Field("X-Mozilla-Status") {
		bits, err := strconv.ParseUint(strings.TrimSpace(v), 16, 32)
		m.aside = m.aside || err == nil && bits&0x0008 != 0
	}
	for _, v := range l.Field("X-Status") {
		m.aside = m.aside || strings.ContainsAny(v, "DT")
	}
}

// folderName is a folder's own name, without those it lies in: ".INBOX.Sent", "[Gmail]/Spam".
func folderName(path string) string {
	path = strings.Trim(strings.ToLower(strings.TrimSpace(path)), "./\"")
	return path[strings.LastIndexAny(path, "./")+1:]
}

var errChanged = errors.New("the mailbox was changed while it was read: run the import again")

// again gives a mail's bytes, which must be those that were looked at.
func (im *importer) again(m *pastMail) ([]byte, error) {
	raw, err := im.box.Read(m.place)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != m.sha {
		return nil, errChanged
	}
	return raw, nil
}
