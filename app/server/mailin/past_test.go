package mailin

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"recado/app/kit/mailbox"
)

func reader(sent bool) *importer {
	own := acme
	return &importer{Service: New(Config{Ours: own, Now: func() time.Time { return time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC) }}),
		ImportOptions: ImportOptions{Sent: sent}, box: &mailbox.Box{Name: "In", Time: time.Date(2025, 5, 5, 5, 0, 0, 0, time.UTC)},
		own: map[string]bool{"ana@acme.example": true}, names: map[string]naming{}}
}

func (im *importer) looked(text string, box mailbox.Mail) *pastMail {
	box.Raw = []byte(text)
	return im.look(box)
}

func TestWhenAMailWasWritten(t *testing.T) {
	t.Parallel()
	received := "Received: from x by y; Tue, 4 Mar 2025 10:00:00 +0000\n"
	for head, want := range map[string]string{
		received + "Date: Mon, 3 Mar 2025 09:00:00 +0100": "2025-03-03 08:00",
		received + "Date: Mon, 3 Mar 2031 09:00:00 +0000": "2025-03-04 10:00", // not yet
		received + "Date: Thu, 1 Jan 1970 00:00:00 +0000": "2025-03-04 10:00", // a clock that was never set
		received + "Date: yesterday":                      "2025-03-04 10:00",
		"Received: by y; Mon, 3 Mar 2031 09:00:00 +0000":  "2025-06-06 06:00",
		"Subject: x": "2025-06-06 06:00",
	} {
		m := reader(false).looked("From: a@b.example\n"+head+"\n\nx\n", mailbox.Mail{Time: time.Date(2025, 6, 6, 6, 0, 0, 0, time.UTC)})
		if got := time.UnixMilli(m.at).UTC().Format("2006-01-02 15:04"); got != want {
			t.Errorf("%q: %s, want %s", head, got, want)
		}
	}
	if m := reader(false).looked("From: a@b.example\n\nx\n", mailbox.Mail{}); time.UnixMilli(m.at).UTC().Hour() != 5 {
		t.Errorf("without any: %v", time.UnixMilli(m.at))
	}
}

func TestWhatTheMailboxSaysOfAMail(t *testing.T) {
	t.Parallel()
	const came = "Received: from x by mx.acme.example; Tue, 4 Mar 2025 10:00:00 +0000\n"
	for _, c := range []struct {
		name        string
		head        string
		box         mailbox.Mail
		declared    bool
		sent, aside bool
	}{
		{name: "never received", sent: true},
		{name: "received, from our address: what forgers write", head: came},
		{name: "received, said to be sent", head: came, declared: true, sent: true},
		{name: "received, in the folder", head: came, box: mailbox.Mail{Folder: ".INBOX.Sent Items"}, sent: true},
		{name: "received, labelled", head: came + "X-Gmail-Labels: Archived,Sent\n", sent: true},
		{name: "received, proven", head: "Authentication-Results: mx.acme.example; dmarc=pass header.from=acme.example\n" + came, sent: true},
		{name: "received, proven by somebody", head: "Authentication-Results: evil.example; dmarc=pass header.from=acme.example\n" + came},
		{name: "a draft", box: mailbox.Mail{Flags: "DS"}, sent: true, aside: true},
		{name: "trashed", box: mailbox.Mail{Flags: "ST"}, sent: true, aside: true},
		{name: "junk", head: came, box: mailbox.Mail{Folder: ".Junk"}, aside: true},
		{name: "correo no deseado", head: came, box: mailbox.Mail{Folder: "Correo no deseado"}, aside: true},
		{name: "labelled spam", head: came + "X-Gmail-Labels: Spam,Unread\n", aside: true},
		{name: "deleted, not yet taken out", head: came + "X-Mozilla-Status: 0009\n", aside: true},
		{name: "seen only", head: came + "X-Mozilla-Status: 0001\n"},
		{name: "deleted by its status", head: came + "X-Status: AD\n", aside: true},
	} {
		m := reader(c.declared).looked("From: Ana <ana@acme.example>\nTo: nora@shop.example\n"+c.head+"\nx\n", c.box)
		if !m.own || m.sent != c.sent || m.aside != c.aside {
			t.Errorf("%s: own %v, sent %v, aside %v", c.name, m.own, m.sent, m.aside)
		}
		other := reader(c.declared).looked("From: nora@shop.example\nTo: ana@acme.example\n"+c.head+"\nx\n", c.box)
		if other.own || other.sent {
			t.Errorf("%s: a customer's was taken for the team's", c.name)
		}
	}
}

// TestThreadsFollowReferences: an answer is entered after what it answers, whatever their dates say, and however the mails
// stand; a circle is no trap.
func TestThreadsFollowReferences(t *testing.T) {
	t.Parallel()
	mail := func(id, date string, refs ...string) string {
		text := fmt.Sprintf("From: a@b.example\nMessage-ID: <%s>\nDate: %s Mar 2025 10:00:00 +0000\n", id, date)
		if len(refs) > 0 {
			text += "References: <" + strings.Join(refs, "> <") + ">\n"
		}
		return text + "\nx\n"
	}
	texts := []string{mail("a", "5"), mail("b", "1", "a"), mail("c", "6", "missing", "b"), mail("sibling", "9", "missing"),
		mail("x", "2", "y"), mail("y", "3", "x"), mail("alone", "4")}
	want := []string{"x y", "alone", "a b c sibling"}
	for seed := range uint64(20) {
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		im := reader(false)
		var mails []*pastMail
		for _, text := range texts {
			mails = append(mails, im.looked(text, mailbox.Mail{}))
		}
		var got []string
		for _, g := range threads(mails) {
			var ids []string
			for _, m := range g {
				ids = append(ids, m.messageID)
			}
			if slices.Contains(ids, "x") {
				slices.Sort(ids)
			}
			got = append(got, strings.Join(ids, " "))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestNamesAreTheirOwnersWord(t *testing.T) {
	t.Parallel()
	im := reader(false)
	im.called("n@b.example", "'Nora'", false, 9)
	im.called("n@b.example", "N. Ng", true, 1)
	im.called("n@b.example", "Nora Ng", true, 2)
	im.called("n@b.example", "that Nora", false, 10)
	im.called("n@b.example", "n@b.example", true, 11)
	im.called("n@b.example", "\u202earoN", true, 12)
	if got := im.nameOf("n@b.example"); got != "Nora Ng" {
		t.Errorf("called %q", got)
	}
	if got := im.nameOf("max.power@b.example"); got != "max.power" {
		t.Errorf("nobody said: %q", got)
	}
}

func TestIdsOfThePast(t *testing.T) {
	t.Parallel()
	at := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC).UnixMilli()
	id := pastID(at, "mail", "a")
	if id != pastID(at, "mail", "a") || id == pastID(at, "message", "a") || id == pastID(at, "mail", "b") {
		t.Error("an id is not that of what it is made of")
	}
	if len(id) != 36 || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) || id > pastID(at+1, "mail", "a") {
		t.Errorf("%s is no UUIDv7 of its time", id)
	}
}
