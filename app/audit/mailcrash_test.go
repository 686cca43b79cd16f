package audit

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"recado/app/kit/pgtest"
	"recado/app/wire"
)

// TestMailCrash is the mail audit in short; `make audit` runs it for as long as one likes.
func TestMailCrash(t *testing.T) {
	t.Parallel()
	binary := built(t)
	for name, database := range map[string]string{"SQLite": "", "PostgreSQL": pgtest.URL(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &Program{Binary: binary, Data: t.TempDir(), Database: database}
			err := MailCrash{Program: p, Duration: 8 * time.Second, Between: 2 * time.Second, Log: t.Output()}.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func copyOf(id, text string, at time.Time, lost bool) *mailCopy {
	return &mailCopy{id: id, to: "a@b.example", marks: []string{"x"}, body: sha256.Sum256([]byte(text)), whole: at, answered: at, lost: lost}
}

func TestCopiesAreExcusedOnlyByALostAnswer(t *testing.T) {
	t.Parallel()
	at := time.Now()
	later := at.Add(time.Minute)
	for name, c := range map[string]struct {
		copies         []*mailCopy
		kills          []time.Time
		excused, wrong int
	}{
		"once":                       {copies: []*mailCopy{copyOf("1", "t", at, false), copyOf("2", "t", at, false)}},
		"the answer was kept back":   {copies: []*mailCopy{copyOf("1", "t", at, true), copyOf("1", "t", later, false)}, excused: 1},
		"killed at the answer":       {copies: []*mailCopy{copyOf("1", "t", at, false), copyOf("1", "t", later, false)}, kills: []time.Time{at.Add(settleGrace / 2)}, excused: 1},
		"killed long after":          {copies: []*mailCopy{copyOf("1", "t", at, false), copyOf("1", "t", later, false)}, kills: []time.Time{at.Add(2 * settleGrace)}, wrong: 1},
		"for no reason":              {copies: []*mailCopy{copyOf("1", "t", at, false), copyOf("1", "t", later, false)}, wrong: 1},
		"excused, with another text": {copies: []*mailCopy{copyOf("1", "t", at, true), copyOf("1", "u", later, false)}, excused: 1, wrong: 1},
		"the second for no reason":   {copies: []*mailCopy{copyOf("1", "t", at, true), copyOf("1", "t", later, false), copyOf("1", "t", later, false)}, excused: 1, wrong: 1},
	} {
		_, excused, wrong := judgeCopies(c.copies, c.kills)
		if excused != c.excused || len(wrong) != c.wrong {
			t.Errorf("%s: %d excused, want %d; wrong: %v, want %d", name, excused, c.excused, wrong, c.wrong)
		}
	}
}

// TestTheMailJudgeBites: each of these is a fault, and one sentence names it.
func TestTheMailJudgeBites(t *testing.T) {
	t.Parallel()
	mark, at := newMark(), time.Now()
	r := &room{id: "c", who: map[string]string{"ana": "ana@b.example", "luis": "a@b.example"}, seenTo: map[string]int64{}}
	message := wire.Message{ID: "m", Conversation: "c", Number: 1, Author: "ana", Body: "Message " + mark}
	one := copyOf("1", "t", at, false)
	one.marks = []string{mark}
	for want, c := range map[string]struct {
		copies []*mailCopy
		ledger []wire.Delivery
		inTime bool
	}{
		"":                          {[]*mailCopy{one}, []wire.Delivery{{Person: "luis", State: "sent"}}, false},
		"never arrived":             {nil, []wire.Delivery{{Person: "luis", State: "sent"}}, false},
		"seen in time and mailed":   {[]*mailCopy{one}, []wire.Delivery{{Person: "luis", State: "sent"}}, true},
		"no delivery by mail":       {nil, nil, false},
		"nobody saw it":             {nil, []wire.Delivery{{Person: "luis", State: "seen"}}, false},
		"nobody asked for that":     {nil, []wire.Delivery{{Person: "luis", State: "planned"}}, false},
		"under two Message-IDs":     {[]*mailCopy{one, {id: "2", to: one.to, marks: one.marks}}, []wire.Delivery{{Person: "luis", State: "sent"}}, false},
		"who is no recipient of it": {[]*mailCopy{one, {id: "3", to: "ana@b.example", marks: one.marks}}, []wire.Delivery{{Person: "luis", State: "sent"}}, false},
		"the answer was known":      {[]*mailCopy{one}, []wire.Delivery{{Person: "luis", State: "seen", Code: "late"}}, false},
	} {
		run := &mailStorm{posted: map[string]*written{mark: {message, r}}, inTime: map[seenBy]bool{{mark, "luis"}: c.inTime}}
		r.seenTo = map[string]int64{}
		if len(c.ledger) > 0 && c.ledger[0].Code == "late" {
			r.seenTo["luis"] = 1
		}
		place := &mailPlace{come: map[string][]wire.Message{}, ledger: map[string][]wire.Delivery{mark: c.ledger}}
		arrived, wrong := run.judgeContents(c.copies, place)
		_, more := run.judgeLedger(arrived, place)
		if all := append(wrong, more...); len(all) != min(1, len(want)) || !strings.Contains(strings.Join(all, ""), want) {
			t.Errorf("want one finding %q, got %q", want, all)
		}
	}
}

// TestTheMailJudgeMissesNoMail: a mail answered 250 must be one message with its text.
func TestTheMailJudgeMissesNoMail(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		come []wire.Message
		held int
	}{
		"is nowhere": {nil, 0},
		"2 messages": {[]wire.Message{{Body: "text"}, {Body: "text"}}, 0},
		"1 held":     {[]wire.Message{{Body: "text"}}, 1},
	} {
		run := &mailStorm{}
		place := &mailPlace{come: map[string][]wire.Message{"m": c.come}, held: map[string][]wire.Mail{"m": make([]wire.Mail, c.held)}}
		wrong := run.judgeBrought(t.Context(), &brought{mark: "m", text: "text", answered: true}, place)
		if len(wrong) != 1 || !strings.Contains(wrong[0], want) {
			t.Errorf("want %q, got %q", want, wrong)
		}
	}
	run := &mailStorm{brought: map[string]*brought{"m": {from: "a", turn: 2}, "n": {from: "a", turn: 1}}}
	place := &mailPlace{come: map[string][]wire.Message{"m": {{Conversation: "c", Number: 3}}, "n": {{Conversation: "c", Number: 4}}}}
	if wrong := run.judgeOrder(place); len(wrong) != 1 {
		t.Errorf("two mails in the wrong order: %q", wrong)
	}
}
