package mailin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"unicode/utf8"

	"recado/app/desk"
	"recado/app/kit/letter"
)

// note makes of a mail what is posted: what is new in it, and its files. ok is false where there is nothing.
func (s *Service) note(ctx context.Context, a *arrival, author desk.Person) (n Note, ok bool, err error) {
	n = Note{Key: "mail-" + a.replays, Quiet: a.letter.Kind != letter.Ordinary, Origin: s.origin(a)}
	var files []letter.File
	n.Body, files = content(a.letter, a.raw)
	if files, err = s.fresh(ctx, a, files); err != nil {
		return n, false, err
	}
	for i, f := range files {
		id, err := s.upload(ctx, author, fmt.Sprintf("%s-%d", n.Key, i), f)
		if err != nil {
			return n, false, err
		}
		n.Files = append(n.Files, id)
	}
	return n, len(n.Files) > 0 || !desk.Blank(n.Body), nil
}

// content is what of a mail stands in a message: the text that is new, as Markdown, and the files.
func content(l letter.Letter, raw []byte) (body string, files []letter.File) {
	body = letter.Markdown(l.Kept)
	if utf8.RuneCountInString(body) > desk.MaxBody {
		body = l.Kept // escaping made it too long; it is shown as well as may be
	}
	files = shown(l.Files)
	if len(files) > desk.MaxFiles {
		files = append(files[:desk.MaxFiles-1:desk.MaxFiles-1], letter.File{Name: "mail.eml", Content: raw}) // which holds the rest
	}
	if desk.Blank(body) {
		body = ""
		if len(files) == 0 {
			body = letter.Markdown(l.Subject)
		}
	}
	return body, files
}

// origin says what of the mail is to be known wherever the message is shown. Its sender is believed where the mail proves
// it, where it came by an address that only they were given, or where an agent vouched for it.
func (s *Service) origin(a *arrival) desk.Origin {
	vouched := a.ruling != nil && a.ruling.conversation == ""
	o := desk.Origin{Mail: a.mail.ID, Unverified: a.proof != proven && !a.entrusted && !vouched, Automatic: a.letter.Kind != letter.Ordinary, Folded: a.letter.Folded != ""}
	o.Others = others(a.letter, func(address string) bool { return address == a.mail.Sender || s.Ours.Takes(address) })
	return o
}

// others are whom a mail was addressed to, each once, but for those who are told apart.
func others(l letter.Letter, apart func(address string) bool) (list []desk.Mailbox) {
	told := map[string]bool{}
	for _, to := range slices.Concat(l.To, l.Cc) {
		address := desk.Address(to.Email)
		if told[address] || apart(address) || desk.CheckEmail("cc", address) != nil {
			continue
		}
		told[address] = true
		if list = append(list, desk.Mailbox{Name: clip(to.Name, desk.MaxName), Email: to.Email}); len(list) == desk.MaxOthers {
			break
		}
	}
	return list
}

// shown leaves out images that only the quoted rest uses.
func shown(all []letter.File) (files []letter.File) {
	for _, f := range all {
		if f.Use != letter.QuotedOnly {
			files = append(files, f)
		}
	}
	return files
}

// fresh leaves out images within the text that an earlier mail brought into the conversation: the logo under every answer.
func (s *Service) fresh(ctx context.Context, a *arrival, files []letter.File) (kept []letter.File, err error) {
	for _, f := range files {
		first := a.mail.ID
		if f.Use == letter.Inline && a.mail.Conversation != "" {
			if first, err = s.Store.FirstMail(ctx, imageKey(a.mail.Conversation, f), a.mail.ID); err != nil {
				return nil, err
			}
		}
		if first == a.mail.ID {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// knows notes the images of the mail that began a conversation.
func (s *Service) knows(ctx context.Context, a *arrival) error {
	for _, f := range shown(a.letter.Files) {
		if f.Use != letter.Inline {
			continue
		}
		if _, err := s.Store.FirstMail(ctx, imageKey(a.mail.Conversation, f), a.mail.ID); err != nil {
			return err
		}
	}
	return nil
}

// imageKey stands for one image in one conversation, among the keys of whole mails.
func imageKey(conversation string, f letter.File) string {
	sum := sha256.Sum256(slices.Concat([]byte("image\x00"+conversation+"\x00"), f.Content))
	return hex.EncodeToString(sum[:20])
}

// upload keeps a file before it is noted, and throws it away where an earlier try had noted it.
func (s *Service) upload(ctx context.Context, owner desk.Person, key string, f letter.File) (string, error) {
	id := s.NewID()
	st, err := s.Files.Stage(id, bytes.NewReader(f.Content), desk.MaxFileSize)
	if err != nil {
		return "", err
	}
	if err := s.Files.Keep(id, st); err != nil {
		s.Files.Discard(st)
		return "", err
	}
	noted, err := s.Desk.Upload(ctx, owner, key, st.SHA256, desk.File{ID: id, Name: desk.FileName(f.Name), Size: st.Size, Type: sniff(st.Head)})
	if err == nil && noted != id {
		err = s.Files.Remove(id)
	}
	return noted, err
}

// sniff tells the type by content, never by what the sender says; text that a browser would run is plain text.
func sniff(head []byte) string {
	t := http.DetectContentType(head)
	if kind, _, _ := mime.ParseMediaType(t); kind == "text/html" || kind == "text/xml" {
		return "text/plain; charset=utf-8"
	}
	return t
}
