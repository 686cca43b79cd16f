package audit

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"time"

	"recado/app/wire"
)

// brought is one mail that was brought to the server.
type brought struct {
	mark, from, to string
	text           string // what its message must say
	file           []byte // its file's content; nil for none
	conversation   string // where it must stand; empty where it begins one, or stands with another mail's
	with           string // mark of the mail in whose conversation it must stand
	turn           int    // its sender's mails are to stand in this order
	quoted         string
	messageID      string
	answered       bool // with 250
}

// raw writes it as a mail program would, with the words of the mail server that took it first.
func (b *brought) raw() []byte {
	var w strings.Builder
	domain := b.from[strings.LastIndexByte(b.from, '@')+1:]
	fmt.Fprintf(&w, "Authentication-Results: mx.acme.example; dmarc=pass header.from=%s\r\nFrom: Kim <%s>\r\nTo: <%s>\r\nSubject: About %s\r\nMessage-ID: %s\r\nDate: %s\r\nMIME-Version: 1.0\r\n",
		domain, b.from, b.to, b.mark, b.messageID, time.Now().Format(time.RFC1123Z))
	if b.quoted != "" {
		fmt.Fprintf(&w, "In-Reply-To: %s\r\n", b.quoted)
	}
	text := b.text + "\r\n"
	if b.quoted != "" {
		text += "\r\nOn Monday somebody wrote:\r\n> something before\r\n"
	}
	if b.file == nil {
		w.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text)
		return []byte(w.String())
	}
	w.WriteString("Content-Type: multipart/mixed; boundary=" + b.mark + "\r\n\r\n--" + b.mark + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text +
		"--" + b.mark + "\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"data.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	for encoded := base64.StdEncoding.EncodeToString(b.file); encoded != ""; {
		n := min(76, len(encoded))
		w.WriteString(encoded[:n] + "\r\n")
		encoded = encoded[n:]
	}
	w.WriteString("--" + b.mark + "--\r\n")
	return []byte(w.String())
}

// mostPerSender keeps within what one sender may write into one conversation in ten minutes.
const mostPerSender = 8

// writeMails brings mails until the storm is over: answers to what really went out, and new customers' first and
// following ones.
func (run *mailStorm) writeMails(ctx, over context.Context, hand int) {
	for n := 0; over.Err() == nil; n++ {
		if c := run.sink.some("@shop.example"); c != nil && rand.IntN(2) == 0 {
			run.answer(ctx, c)
		} else {
			run.introduce(ctx, fmt.Sprintf("kim%d.%d@new.example", hand, n))
		}
		wait(over, rand.N(150*time.Millisecond))
	}
}

// answer is a customer's to a mail they got. One customer writes one mail at a time, so that their order is known.
func (run *mailStorm) answer(ctx context.Context, c *mailCopy) {
	run.mu.Lock()
	p := run.posted[c.marks[0]]
	turn := run.turns[c.to]
	if turn == nil {
		turn = new(sync.Mutex)
		run.turns[c.to] = turn
	}
	run.mu.Unlock()
	if p == nil {
		return // its post is not answered yet, and so nobody knows its conversation
	}
	turn.Lock()
	defer turn.Unlock()
	run.mu.Lock()
	run.answers[c.to]++
	n := run.answers[c.to]
	run.mu.Unlock()
	if n <= mostPerSender {
		run.bring(ctx, &brought{from: c.to, to: c.replyTo, conversation: p.room.id, quoted: c.id, turn: n})
	}
}

// introduce lets a new customer write, and write again.
func (run *mailStorm) introduce(ctx context.Context, from string) {
	first := &brought{from: from, to: teamMail, turn: 1}
	run.bring(ctx, first)
	for n := range rand.IntN(4) {
		run.bring(ctx, &brought{from: from, to: teamMail, quoted: first.messageID, with: first.mark, turn: n + 2})
	}
}

// bring delivers a mail as a mail server does: again and again until it is answered. One in ten is brought once more
// after that, as by a mail server that lost the answer.
func (run *mailStorm) bring(ctx context.Context, b *brought) {
	b.mark = newMark()
	b.text, b.messageID = "It came bröken, "+b.mark+" says so", "<"+b.mark+"@"+b.from[strings.LastIndexByte(b.from, '@')+1:]+">"
	if rand.IntN(8) == 0 {
		b.file = make([]byte, 1+rand.IntN(1<<20))
		seed := rand.NewChaCha8(sha256.Sum256([]byte(b.mark)))
		seed.Read(b.file)
	}
	run.mu.Lock()
	run.brought[b.mark] = b
	run.mu.Unlock()
	raw := b.raw()
	times := 1
	if rand.IntN(10) == 0 {
		times = 2
	}
	for times > 0 && ctx.Err() == nil {
		err := deliver(ctx, run.listen, b.from, b.to, raw)
		var said *textproto.Error
		switch {
		case err == nil:
			run.mu.Lock()
			b.answered = true
			run.mu.Unlock()
			times--
		case errors.As(err, &said) && said.Code >= 500:
			run.find("a mail from %s to %s was refused: %v", b.from, b.to, err)
			return
		default:
			wait(ctx, 10*time.Millisecond+rand.N(50*time.Millisecond))
		}
	}
}

// deliver hands one mail over; nil means that it was answered 250.
func deliver(ctx context.Context, address, from, to string, raw []byte) error {
	conn, err := (&net.Dialer{Timeout: callTimeout}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(callTimeout))
	c, err := smtp.NewClient(conn, "127.0.0.1")
	if err != nil {
		return err
	}
	if err := errors.Join(c.Hello("kim.example"), c.Mail(from), c.Rcpt(to)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	return w.Close()
}

// download fetches a file's content.
func (s *Speaker) download(ctx context.Context, id string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", s.Base+"/api/v1/files/"+id, nil)
	if err != nil {
		return nil, err
	}
	s.sign(req)
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = problem(resp.StatusCode, b)
	}
	return b, err
}

func isTaken(err error) bool {
	var p wire.Problem
	return errors.As(err, &p) && p.Status == 409
}

func isMissing(err error) bool {
	var p wire.Problem
	return errors.As(err, &p) && p.Status == 404
}
