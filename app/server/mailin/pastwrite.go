package mailin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"recado/app/desk"
	"recado/app/kit/letter"
	"recado/app/server/filestore"
)

const (
	// importHands is how many conversations are prepared and entered at once: most of the time is waiting for the disk,
	// and what commits together shares a transaction.
	importHands = 16
	// pastAtOnce is how many mails are entered in one transaction: few enough that a server beside has its turn.
	pastAtOnce = 50
)

// enter plans and enters threads in their order, several at once. Threads have nothing to do with each other, so which of
// them ends first is of no matter. The first error ends it.
func (im *importer) enter(ctx context.Context, all [][]*pastMail) error {
	n := 0
	for _, t := range all {
		n += len(t)
	}
	im.Progress.All.Store(int64(n))
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	work := make(chan []*pastMail)
	var hands sync.WaitGroup
	for range importHands {
		hands.Go(func() {
			for t := range work {
				if err := im.enterThread(ctx, t); err != nil {
					stop(err)
				}
			}
		})
	}
	for _, t := range all {
		select {
		case work <- t:
		case <-ctx.Done():
		}
	}
	close(work)
	hands.Wait()
	return context.Cause(ctx)
}

func (im *importer) enterThread(ctx context.Context, thread []*pastMail) error {
	if ctx.Err() != nil {
		return nil
	}
	p, err := im.plan(ctx, thread)
	if err != nil {
		return err
	}
	for _, t := range p.talks {
		if err := im.enterTalk(ctx, t); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(p.rest, pastAtOnce) {
		if err := im.enterRest(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// opens tells whether a conversation is open: its last mail is a customer's, who may still wait for an answer.
func (im *importer) opens(t *talk) bool {
	last := t.posts[len(t.posts)-1]
	return !last.team && last.kind == letter.Ordinary && im.now()-last.at < im.OpenSince.Milliseconds() && last.at > t.room.LastAt
}

// enterTalk enters a conversation in pieces: each is there as a whole or not at all, and begins where the one before ended.
func (im *importer) enterTalk(ctx context.Context, t *talk) error {
	opens, made := im.opens(t), t.made
	for some := range slices.Chunk(t.posts, pastAtOnce) {
		if ctx.Err() != nil {
			return nil
		}
		p := Past{Conversation: t.room.ID, Subject: t.room.Subject, Open: opens}
		for _, m := range some {
			if err := im.addPost(ctx, &p, m); err != nil {
				return err
			}
		}
		if len(p.Posts) == 0 {
			continue
		}
		if err := im.Archive.Enter(ctx, p); err != nil {
			return err
		}
		im.mu.Lock()
		im.sum.Messages += len(p.Posts)
		if made {
			im.sum.Conversations++
		}
		im.mu.Unlock()
		made = false
		im.Progress.Done.Add(int64(len(some)))
	}
	return nil
}

// addPost keeps a mail and its files, and makes a message of it.
func (im *importer) addPost(ctx context.Context, p *Past, m *planned) error {
	raw, l, err := im.letterOf(m.pastMail)
	if err != nil {
		im.unreadable(m.place, err)
		return nil
	}
	post := PastPost{ID: pastID(m.at, "message", m.keys[0]), At: m.at, Note: Note{Key: "mail-" + m.keys[0]}}
	if post.Author, err = im.author(ctx, m); err != nil {
		return err
	}
	for _, address := range m.to {
		c, err := im.customer(ctx, address)
		if err != nil {
			return err
		}
		if c.Kind == desk.Customer && !c.Disabled {
			post.Stand = append(post.Stand, c)
		}
	}
	if err := im.keepPast(m.id, raw); err != nil {
		return err
	}
	body, files := content(l, raw)
	post.Note.Body = body
	for i, f := range files {
		kept, err := im.keepFile(m, i, f)
		if err != nil {
			return err
		}
		post.Files = append(post.Files, kept)
	}
	post.Note.Origin = im.pastOrigin(m, l)
	p.Posts = append(p.Posts, post)
	row := im.rowOf(m.pastMail)
	row.Person, row.Conversation, row.Message, row.Verified = post.Author.ID, p.Conversation, post.ID, m.proof == proven
	p.Mails, p.Keys = append(p.Mails, row), append(p.Keys, m.keys[:1])
	return nil
}

func (im *importer) author(ctx context.Context, m *planned) (desk.Person, error) {
	if m.team {
		return im.writer(ctx, m.author)
	}
	return im.customer(ctx, m.author)
}

func (im *importer) letterOf(m *pastMail) ([]byte, letter.Letter, error) {
	raw, err := im.again(m)
	if err != nil {
		return nil, letter.Letter{}, err
	}
	l, err := parsePast(raw)
	return raw, l, err
}

// pastOrigin says of a mail what is said of one that arrives. What the team sent is believed, or would not be here.
func (im *importer) pastOrigin(m *planned, l letter.Letter) desk.Origin {
	return desk.Origin{Mail: m.id, Unverified: !m.team && !m.entrusted && m.proof != proven, Automatic: m.kind != letter.Ordinary, Folded: l.Folded != "",
		Others: others(l, func(address string) bool {
			return address == m.sender || im.isOurs(address) || slices.Contains(m.to, address)
		})}
}

// keepPast gives bytes their place under an id that is the same at every try. They are received under another: what was
// cut off is not in the way.
func (im *importer) keepPast(id string, content []byte) error {
	st, err := im.stagePast(content)
	if err != nil {
		return err
	}
	return im.keepStaged(id, st)
}

func (im *importer) stagePast(content []byte) (filestore.Staged, error) {
	st, err := im.Files.Stage(im.NewID(), bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return st, fmt.Errorf("store a mail: %w", err)
	}
	return st, nil
}

func (im *importer) keepStaged(id string, st filestore.Staged) error {
	if err := im.Files.Keep(id, st); err != nil {
		return errors.Join(fmt.Errorf("store a mail: %w", err), im.Files.Discard(st))
	}
	return nil
}

func (im *importer) keepFile(m *planned, i int, f letter.File) (desk.File, error) {
	st, err := im.stagePast(f.Content)
	if err != nil {
		return desk.File{}, err
	}
	id := pastID(m.at, "file", m.keys[0], fmt.Sprint(i))
	return desk.File{ID: id, Name: desk.FileName(f.Name), Size: st.Size, Type: sniff(st.Head)}, im.keepStaged(id, st)
}

// enterRest keeps mails that became no message.
func (im *importer) enterRest(ctx context.Context, mails []*pastMail) error {
	var p Past
	for _, m := range mails {
		raw, err := im.again(m)
		if err != nil {
			im.unreadable(m.place, err)
			continue
		}
		if err := im.keepPast(m.id, raw); err != nil {
			return err
		}
		row := im.rowOf(m)
		row.Conversation, row.Verified = m.about, m.proof == proven
		p.Mails, p.Keys = append(p.Mails, row), append(p.Keys, m.keys[:1])
	}
	if len(p.Mails) == 0 {
		return nil
	}
	if err := im.Archive.Enter(ctx, p); err != nil {
		return err
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	for _, m := range p.Mails {
		switch m.State {
		case Held:
			im.sum.Held[m.Reason]++
		case Discarded:
			im.sum.There++
		default:
			im.sum.Reports++
		}
	}
	im.Progress.Done.Add(int64(len(mails)))
	return nil
}

// rowOf is a mail as it is noted. It counts as received when it was written: no cap against loops looks at it.
func (im *importer) rowOf(m *pastMail) Mail {
	where := im.box.Name
	if m.place.Folder != "" {
		where += "/" + m.place.Folder
	}
	return Mail{ID: m.id, SHA256: m.sha, Size: m.size, ReceivedAt: m.at, Envelope: Envelope{Mailbox: "import " + where}, State: m.verdict.state, Reason: m.verdict.reason,
		Due: m.at, MessageID: m.messageID, Sender: m.sender, SenderName: clip(m.from.Name, desk.MaxName), Subject: m.subject}
}
