package audit

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"recado/app/wire"
)

// settleGrace is how long after its answer the server may need to write down that a mail left. Who is killed within it
// can't know of the answer, and sends again.
const settleGrace = 500 * time.Millisecond

// mailPlace is all that the server has when everything is quiet.
type mailPlace struct {
	come   map[string][]wire.Message // by mark: what stands as a message
	held   map[string][]wire.Mail
	emails map[string]string // by person
	ledger map[string][]wire.Delivery
}

// judge lets everything come to an end, with the server up, and compares it.
func (run *mailStorm) judge(ctx context.Context) error {
	settling, cancel := context.WithTimeout(ctx, mailSettle)
	defer cancel()
	place, err := run.quiet(settling)
	if err != nil {
		return err
	}
	run.findings = append(run.findings, run.sink.findings...)
	for _, b := range run.brought {
		run.findings = append(run.findings, run.judgeBrought(ctx, b, place)...)
	}
	run.findings = append(run.findings, run.judgeOrder(place)...)
	copies := run.sink.all()
	again, excused, wrong := judgeCopies(copies, run.kills)
	run.findings = append(run.findings, wrong...)
	arrived, wrong := run.judgeContents(copies, place)
	run.findings = append(run.findings, wrong...)
	due, wrong := run.judgeLedger(arrived, place)
	run.findings = append(run.findings, wrong...)
	if out, err := run.Program.Run(ctx, "check"); err != nil {
		run.find("%v %s", err, out)
	}
	held := 0
	for _, h := range place.held {
		held += len(h)
	}
	fmt.Fprintf(run.Log, "%d kills, %d freezes; in: %d mails answered 250, %d of them held; out: %d deliveries of %d messages in %d mails, %d postponed or cut off by the mail server, %d seen in time and not mailed; %d copies too many, %d where the answer was lost; %d things wrong\n",
		len(run.kills), run.freezes, len(run.brought), held, due, len(run.posted), len(copies)-again, run.sink.refused, len(run.inTime), again, excused, len(run.findings))
	return listed(run.findings)
}

// quiet waits until every mail that was brought is somewhere and nothing is planned any more, hurrying what waits for
// another try, and gives what there is then.
func (run *mailStorm) quiet(ctx context.Context) (*mailPlace, error) {
	for {
		place, missing, err := run.look(ctx)
		if ctx.Err() != nil {
			return run.last()
		}
		if err != nil {
			return nil, err
		}
		if missing == 0 {
			open, err := run.readLedger(ctx, place)
			switch {
			case ctx.Err() != nil:
				return run.last()
			case err != nil:
				return nil, err
			case open == 0:
				return place, nil
			}
		}
		if wait(ctx, 300*time.Millisecond) != nil {
			return run.last()
		}
	}
}

// last looks once more where the time is over: what is missing then is judged as it stands.
func (run *mailStorm) last() (*mailPlace, error) {
	ctx, cancel := context.WithTimeout(context.Background(), mailSettle)
	defer cancel()
	place, _, err := run.look(ctx)
	if err == nil {
		_, err = run.readLedger(ctx, place)
	}
	return place, err
}

// look reads everybody's messages and the held mails. Any user sees all conversations with customers.
func (run *mailStorm) look(ctx context.Context) (place *mailPlace, missing int, err error) {
	place = &mailPlace{come: map[string][]wire.Message{}, held: map[string][]wire.Mail{}, emails: map[string]string{}}
	s := run.team[0]
	head, err := s.head(ctx)
	if err != nil {
		return nil, 0, err
	}
	r, err := s.reread(ctx, head)
	if err != nil {
		return nil, 0, err
	}
	told, findings, _ := r.result()
	for _, f := range findings {
		run.find("%s", f)
	}
	for _, m := range told {
		mark := markForm.FindString(m.Body)
		place.come[mark] = append(place.come[mark], m)
	}
	for cursor := ""; ; {
		var page wire.Page[wire.Mail]
		if err := s.insist(ctx, "GET", "/mail/held?limit=200&cursor="+cursor, nil, &page); err != nil {
			return nil, 0, err
		}
		for _, m := range page.Items {
			mark := markForm.FindString(m.Subject)
			place.held[mark] = append(place.held[mark], m)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for mark := range run.brought {
		if len(place.come[mark])+len(place.held[mark]) == 0 {
			missing++
		}
	}
	return place, missing, nil
}

// hurry asks what became of a message by mail, and lets leave now what waits for another try. It answers the deliveries
// by mail.
func (run *mailStorm) hurry(ctx context.Context, message string) (byMail []wire.Delivery, err error) {
	for _, s := range run.team { // who may not see it finds nothing
		var page wire.Page[wire.Delivery]
		err = s.insist(ctx, "GET", "/messages/"+message+"/deliveries", nil, &page)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, d := range page.Items {
			if d.Channel != "email" {
				continue
			}
			byMail = append(byMail, d)
			if d.State == "planned" && d.Attempts > 0 {
				// What left or was seen meanwhile refuses, and only an author may where the conversation is not everybody's.
				if err := s.insist(ctx, "POST", "/messages/"+message+"/deliveries/"+d.Person+"/now", nil, nil); err != nil && ctx.Err() != nil {
					return nil, err
				}
			}
		}
		if mine := slices.ContainsFunc(byMail, func(d wire.Delivery) bool { return d.State == "planned" && d.Person == s.Person.ID }); !mine {
			return byMail, nil
		}
		byMail = nil // its recipient may not hurry it; the author, another of the team, may
	}
	return byMail, nil
}

// readLedger asks for the deliveries of every message, and counts those that are planned still.
func (run *mailStorm) readLedger(ctx context.Context, place *mailPlace) (open int, err error) {
	place.ledger = map[string][]wire.Delivery{}
	ids := map[string]string{}
	for mark, p := range run.posted {
		ids[mark] = p.message.ID
	}
	for mark, list := range place.come {
		ids[mark] = list[0].ID
	}
	marks := make([]string, 0, len(ids))
	for mark := range ids {
		marks = append(marks, mark)
	}
	found := make([][]wire.Delivery, len(marks))
	err = spreadWork(len(marks), func(i int) (err error) {
		found[i], err = run.hurry(ctx, ids[marks[i]])
		return err
	})
	for i, mark := range marks {
		place.ledger[mark] = found[i]
		for _, d := range found[i] {
			if d.State == "planned" {
				open++
			}
		}
	}
	return open, err
}

// judgeBrought: one mail is one message, or one held mail.
func (run *mailStorm) judgeBrought(ctx context.Context, b *brought, place *mailPlace) (wrong []string) {
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("mail %s from %s: ", b.mark, b.from)+fmt.Sprintf(format, args...))
	}
	come, held := place.come[b.mark], place.held[b.mark]
	switch {
	case !b.answered:
		say("it was never answered 250")
	case len(come)+len(held) == 0:
		say("it was answered 250 and is nowhere")
	case len(come)+len(held) > 1:
		say("it stands as %d messages and %d held mails", len(come), len(held))
	}
	if len(come) != 1 || len(wrong) > 0 {
		return wrong
	}
	m := come[0]
	want := b.conversation
	if first := place.come[b.with]; b.with != "" && len(first) == 1 {
		want = first[0].Conversation
	}
	if want != "" && m.Conversation != want {
		say("it stands in another conversation than the mail it answers")
	}
	if m.Body != b.text {
		say("its message says something else (%d characters instead of %d)", len(m.Body), len(b.text))
	}
	if len(m.Files) != min(1, len(b.file)) {
		say("its message has %d files", len(m.Files))
	} else if b.file != nil {
		content, err := run.team[0].download(ctx, m.Files[0].ID)
		if err != nil || !bytes.Equal(content, b.file) {
			say("its file is not what was sent (%d bytes instead of %d, %v)", len(content), len(b.file), err)
		}
	}
	var author wire.Person
	if err := run.team[0].insist(ctx, "GET", "/people/"+m.Author, nil, &author); err != nil || author.Email != b.from {
		say("its author is %q (%v)", author.Email, err)
	}
	return wrong
}

// judgeOrder: what one sender wrote stands in the order in which it was answered.
func (run *mailStorm) judgeOrder(place *mailPlace) (wrong []string) {
	type stood struct {
		turn   int
		number int64
	}
	by := map[[2]string][]stood{}
	for mark, b := range run.brought {
		if come := place.come[mark]; len(come) == 1 {
			k := [2]string{b.from, come[0].Conversation}
			by[k] = append(by[k], stood{b.turn, come[0].Number})
		}
	}
	for k, list := range by {
		slices.SortFunc(list, func(a, b stood) int { return cmp.Compare(a.turn, b.turn) })
		if !slices.IsSortedFunc(list, func(a, b stood) int { return cmp.Compare(a.number, b.number) }) {
			wrong = append(wrong, fmt.Sprintf("the mails of %s do not stand in the order they came: %v", k[0], list))
		}
	}
	return wrong
}

// judgeCopies looks at mails that arrived more than once: again is how many copies are too many, excused those after a
// lost answer.
func judgeCopies(copies []*mailCopy, kills []time.Time) (again, excused int, wrong []string) {
	before := map[string]*mailCopy{}
	for _, c := range copies {
		key := c.id + " " + c.to
		if first := before[key]; first != nil {
			again++
			if first.mayBeRepeated(kills) {
				excused++
			} else {
				wrong = append(wrong, fmt.Sprintf("mail %s left again %v after it was answered, and the server lived on for long enough to know", key, c.whole.Sub(first.answered)))
			}
			if slices.Equal(c.marks, first.marks) && c.body != first.body {
				wrong = append(wrong, fmt.Sprintf("mail %s left again with another body", key))
			}
		}
		before[key] = c
	}
	return again, excused, wrong
}

// mayBeRepeated: its answer was kept back, or the server ended before it can have written it down.
func (c *mailCopy) mayBeRepeated(kills []time.Time) bool {
	return c.lost || slices.ContainsFunc(kills, func(k time.Time) bool {
		return k.After(c.whole.Add(-settleGrace)) && k.Before(c.answered.Add(settleGrace))
	})
}

// arrival of one message at one address: the mails it came in.
type arrivedKey struct{ mark, to string }

// judgeContents: each message in a mail was written, and to this recipient; and came under one Message-ID.
func (run *mailStorm) judgeContents(copies []*mailCopy, place *mailPlace) (arrived map[arrivedKey][]*mailCopy, wrong []string) {
	arrived = map[arrivedKey][]*mailCopy{}
	for _, c := range copies {
		for _, mark := range c.marks {
			r, author := run.roomOf(mark, place)
			if r == nil || r.who[author] == c.to || !slices.Contains(values(r.who), c.to) {
				wrong = append(wrong, fmt.Sprintf("message %s was mailed to %s, who is no recipient of it", mark, c.to))
				continue
			}
			k := arrivedKey{mark, c.to}
			if list := arrived[k]; len(list) > 0 && list[0].id != c.id {
				wrong = append(wrong, fmt.Sprintf("message %s came to %s under two Message-IDs", mark, c.to))
			}
			arrived[k] = append(arrived[k], c)
		}
	}
	return arrived, wrong
}

func values(m map[string]string) (out []string) {
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// roomOf gives where a message stands and who wrote it; nil for one that nobody wrote, or that stands where nobody else
// is.
func (run *mailStorm) roomOf(mark string, place *mailPlace) (*room, string) {
	if p := run.posted[mark]; p != nil {
		return p.room, p.message.Author
	}
	b, come := run.brought[mark], place.come[mark]
	if b == nil || len(come) == 0 || b.conversation == "" {
		return nil, ""
	}
	for _, p := range run.posted {
		if p.room.id == come[0].Conversation {
			return p.room, come[0].Author
		}
	}
	return nil, ""
}

// judgeLedger: every recipient of every message has a delivery, and its last word is true. due counts those that left.
func (run *mailStorm) judgeLedger(arrived map[arrivedKey][]*mailCopy, place *mailPlace) (due int, wrong []string) {
	for mark, ledger := range place.ledger {
		r, author := run.roomOf(mark, place)
		if r == nil {
			continue
		}
		for person, address := range r.who {
			if person == author {
				continue
			}
			i := slices.IndexFunc(ledger, func(d wire.Delivery) bool { return d.Person == person })
			if i < 0 {
				wrong = append(wrong, fmt.Sprintf("message %s has no delivery by mail to %s", mark, address))
				continue
			}
			came := arrived[arrivedKey{mark, address}]
			if what := run.untrue(ledger[i], mark, r, came); what != "" {
				wrong = append(wrong, fmt.Sprintf("message %s to %s: the ledger says %s (%s), and %s", mark, address, ledger[i].State, ledger[i].Code, what))
			}
			if ledger[i].State == "sent" {
				due++
			}
		}
	}
	return due, wrong
}

// untrue says what contradicts a delivery; nothing where it is true.
func (run *mailStorm) untrue(d wire.Delivery, mark string, r *room, came []*mailCopy) string {
	switch {
	case run.inTime[seenBy{mark, d.Person}] && len(came) > 0:
		return "it was seen in time and mailed all the same"
	case d.State == "sent" && len(came) == 0:
		return "it never arrived"
	case d.State == "sent":
		return ""
	case d.State == "held" && d.Code == "too-often" && len(came) == 0:
		return "" // the server's own bound for loops; an agent lets it go
	case d.State != "seen":
		return "nobody asked for that"
	case r.seenTo[d.Person] == 0:
		return "nobody saw it"
	case slices.ContainsFunc(came, func(c *mailCopy) bool { return !c.mayBeRepeated(run.kills) }):
		return "it was mailed before, and the answer was known"
	}
	return ""
}
