package client_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"recado/app/client"
	"recado/app/wire"
)

// mailed makes a conversation with a customer in which a mail came in and an answer left.
func (f *fake) mailed(id string) (came, answer wire.Message) {
	f.withCustomer(id, me)
	came = f.message(id, customer, "Is it ready?", "")
	m := &f.msgs[id][0]
	m.Version, m.Mail = 2, &wire.MailMark{Folded: true, Others: []wire.MailAddress{{Name: "Eva", Email: "eva@example.org"}}}
	again := *m
	f.add(wire.Entry{Type: wire.MessageEdited, Message: &again})
	return came, f.message(id, me, "It is.", "k")
}

func (f *fake) delivery(message, conversation, state, code, at string) {
	d := &wire.Delivery{Message: message, Conversation: conversation, Person: customer, Channel: "email", State: state, Code: code}
	d.At.UnmarshalJSON([]byte(`"` + at + `"`))
	f.add(wire.Entry{Type: wire.DeliveryChanged, Delivery: d})
}

func TestWhatBecameOfMessagesIsKept(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	var came, answer wire.Message
	f.do(func() { came, answer = f.mailed("c1") })
	d.until("the answer", func() bool { m, err := d.Messages(t.Context(), "c1", 0, 0, 10); return err == nil && len(m.Items) == 2 })
	page, _ := d.Messages(t.Context(), "c1", 0, 0, 10)
	if mark := page.Items[0].Mail; mark == nil || mark.Verified || !mark.Folded || len(mark.Others) != 1 || mark.Others[0].Email != "eva@example.org" || page.Items[1].Mail != nil {
		t.Errorf("marks %+v, %+v", mark, page.Items[1].Mail)
	}
	marked := func() bool { v, _ := d.Conversation(t.Context(), "c1"); return v.Undelivered }
	f.do(func() { f.delivery(answer.ID, "c1", "failed", "refused", "2026-01-02T04:00:00.000Z") })
	d.until("it is marked", marked)
	if failing, err := d.Failing(t.Context()); err != nil || len(failing) != 1 || failing[0] != customer {
		t.Errorf("failing %v, %v", failing, err)
	}
	f.do(func() { f.down = true }) // what is known needs no network
	list, err := d.Ledger(t.Context(), "c1", 1, 2)
	if err != nil || len(list) != 1 || list[0].Message != answer.ID || list[0].Code != "refused" {
		t.Errorf("ledger %+v, %v", list, err)
	}
	if list, _ := d.Ledger(t.Context(), "c1", 1, 1); len(list) != 0 {
		t.Errorf("ledger of the first message %+v", list)
	}
	f.do(func() {
		f.down = false
		f.delivery(answer.ID, "c1", "sent", "mailed", "2026-01-02T03:59:00.000Z") // older than what is known
		f.message("c1", customer, "Thanks", "")
	})
	d.until("what came after", func() bool { v, _ := d.Conversation(t.Context(), "c1"); return v.LastNumber == 3 })
	if !marked() {
		t.Error("something older took the mark away")
	}
	f.do(func() { f.delivery(answer.ID, "c1", "sent", "mailed", "2026-01-02T05:00:00.000Z") })
	d.until("the mark is gone", func() bool { return !marked() })
	f.do(func() { f.add(wire.Entry{Type: wire.AccessLost, Lost: "c1"}) })
	d.until("it is forgotten", func() bool { _, err := d.Conversation(t.Context(), "c1"); return err != nil })
	if failing, err := d.Failing(t.Context()); err != nil || len(failing) != 0 {
		t.Errorf("failing after all is forgotten: %v, %v", failing, err)
	}
	_ = came
}

func TestAMailThatWasSeenCanBeSeenAgain(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var asked int
	mux := f.Config.Handler
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		down := f.down
		f.mu.Unlock()
		switch {
		case down || !strings.Contains(r.URL.Path, "/mail"):
			mux.ServeHTTP(w, r)
		case strings.HasSuffix(r.URL.Path, "/raw"):
			io.WriteString(w, "From: x\r\n")
		default:
			f.mu.Lock()
			asked++
			f.mu.Unlock()
			c := wire.MailContent{To: []wire.MailAddress{}, Cc: []wire.MailAddress{}, Text: "all", Fresh: "new", HTML: "<p>new</p>", Remote: 2}
			c.ID, c.Subject = "mail1", "Prices"
			answer(w, 200, c)
		}
	})
	d := signedIn(t, f)
	var came wire.Message
	f.do(func() { came, _ = f.mailed("c1") })
	d.until("the mail", func() bool { v, err := d.Conversation(t.Context(), "c1"); return err == nil && v.LastNumber == 2 })
	for range 2 {
		m, err := d.Mail(t.Context(), came.ID)
		if err != nil || m.HTML != "<p>new</p>" || !m.Rich || m.Remote != 2 || m.Message != came.ID || m.Subject != "Prices" {
			t.Fatalf("mail %+v, %v", m, err)
		}
		f.do(func() { f.down = true })
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	if _, _, err := d.RawMail(t.Context(), came.ID); err == nil {
		t.Error("the bytes came without the server")
	}
	f.do(func() { f.down = false })
	raw, _, err := d.RawMail(t.Context(), came.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if content, _ := io.ReadAll(raw); string(content) != "From: x\r\n" {
		t.Errorf("raw %q", content)
	}
	f.do(func() {
		m := f.msgs["c1"][0]
		m.Version, m.DeletedAt, m.Body = 3, wire.MillisOrNil(t0.UnixMilli()), ""
		f.add(wire.Entry{Type: wire.MessageDeleted, Message: &m})
	})
	d.until("it is deleted", func() bool {
		p, _ := d.Messages(t.Context(), "c1", 0, 2, 1)
		return len(p.Items) == 0 && func() bool { p, _ := d.Messages(t.Context(), "c1", 2, 0, 1); return p.Items[0].DeletedAt != "" }()
	})
	f.do(func() { f.down = true })
	if _, err := d.Mail(t.Context(), came.ID); err == nil {
		t.Error("a deleted message's mail is still here")
	}
}

func TestWhyOneWasTold(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	var came wire.Message
	f.do(func() { came, _ = f.mailed("c1") })
	d.until("the mail", func() bool { _, err := d.Why(t.Context(), came.ID); return err == nil })
	why, err := d.Why(t.Context(), came.ID)
	if err != nil || why.Bubble != nil || why.Asked { // this server tells nothing of deliveries
		t.Errorf("before anything was decided: %+v, %v", why, err)
	}
	b := client.Bubble{Message: came.ID, Reason: "muted", At: "2026-01-02T03:04:06.000Z"}
	if err := d.RecordBubbles(t.Context(), []client.Bubble{b}); err != nil {
		t.Fatal(err)
	}
	f.do(func() { f.down = true })
	if why, err = d.Why(t.Context(), came.ID); err != nil || why.Bubble == nil || *why.Bubble != b {
		t.Errorf("decided: %+v, %v", why.Bubble, err)
	}
	if _, err := d.Why(t.Context(), "nothing"); err == nil {
		t.Error("told why of a message that is not here")
	}
}
