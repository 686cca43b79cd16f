package letter

import (
	"regexp"
	"strings"
)

// Bounce tells of the mail that a report is about.
type Bounce struct {
	// Failed are the addresses that did not get it, as it was sent to them; empty if the report does not say.
	Failed []string
	// Status is an enhanced status code (RFC 3463), as "5.1.1". What the report does not say is guessed from its words:
	// "5.0.0" where it gives up, "4.0.0" where it goes on trying.
	Status string
	// OriginalID is the Message-ID of that mail, without brackets; empty if the report does not hold it.
	OriginalID string
	// OfReport says that it is about a report itself: nobody waits to hear of that.
	OfReport bool
}

// Permanent says whether trying again is of no use.
func (b Bounce) Permanent() bool { return strings.HasPrefix(b.Status, "5") }

func (l *Letter) bounce(root *part) Bounce {
	var b Bounce
	text := l.Text[:min(len(l.Text), 64<<10)]
	for _, group := range statusGroups(root) {
		b.status(group)
	}
	if len(b.Failed) == 0 {
		for _, v := range root.head.all("X-Failed-Recipients") {
			for _, a := range addresses(v, "") {
				b.add(a.Email)
			}
		}
	}
	if len(b.Failed) == 0 {
		b.fromText(text, l)
	}
	if b.Status == "" {
		b.Status = statusOf(l.Subject, text)
	}
	b.OriginalID = originalID(root, l)
	b.OfReport = isOfReport(root)
	return b
}

func (b *Bounce) add(email string) {
	for _, f := range b.Failed {
		if strings.EqualFold(f, email) {
			return
		}
	}
	if isEmail(email) && len(b.Failed) < 100 {
		b.Failed = append(b.Failed, email)
	}
}

// statusGroups are the groups of fields in the parts for programs: of the mail, and then of each recipient (RFC 3464, 2.1).
func statusGroups(root *part) (groups []header) {
	root.each(func(p *part) {
		if !p.media.is("message/delivery-status") && !p.media.is("message/global-delivery-status") && !p.media.is("message/feedback-report") {
			return
		}
		rest := []byte(strings.TrimLeft(p.text(""), "\n"))
		for len(rest) > 0 && len(groups) < 200 {
			h, _, after := splitHead(rest)
			if h == nil {
				break
			}
			groups = append(groups, h)
			rest = []byte(strings.TrimLeft(string(after), "\n"))
		}
	})
	return groups
}

// delivered says whether a report tells only of what arrived.
func delivered(root *part) bool {
	good, bad := 0, 0
	for _, g := range statusGroups(root) {
		switch action := strings.ToLower(strings.TrimSpace(g.first("Action"))); {
		case action == "":
		case strings.HasPrefix(action, "deliver"), strings.HasPrefix(action, "relayed"), strings.HasPrefix(action, "expanded"):
			good++
		default:
			bad++
		}
	}
	return good > 0 && bad == 0
}

func (b *Bounce) status(g header) {
	action := strings.ToLower(strings.TrimSpace(g.first("Action")))
	if strings.HasPrefix(action, "deliver") || strings.HasPrefix(action, "relayed") || strings.HasPrefix(action, "expanded") {
		return
	}
	for _, name := range []string{"Original-Recipient", "Final-Recipient", "X-Actual-Recipient", "Original-Rcpt-To", "Removal-Recipient"} {
		v := g.first(name)
		if _, address, typed := strings.Cut(v, ";"); typed {
			v = address
		}
		if email := findEmail(v); email != "" {
			b.add(email)
			break
		}
	}
	if b.Status == "" {
		if m := enhanced.FindString(" " + g.first("Status") + " "); m != "" {
			b.Status = digits(m)
		} else if strings.HasPrefix(action, "delayed") {
			b.Status = "4.0.0"
		}
	}
}

var (
	enhanced   = regexp.MustCompile(`(^|[^\d.])[45]\.\d{1,3}\.\d{1,3}([^\d.]|\.\s|\.?$)`)
	smtpCode   = regexp.MustCompile(`(?:^|[\s:(<"])([45])[0-5]\d[\s:;)-]`)
	trying     = regexp.MustCompile(`(?i)(will (be )?(retr|keep trying|continue)|still (being )?(trying|retr)|not yet been delivered|no action is required|delivery (is )?delayed|warning message only|temporar)`)
	whyGone    = regexp.MustCompile(`(?i)(user unknown|unknown user|no such (user|recipient|mailbox|address)|does(n't| not) exist|unknown recipient|recipient unknown|address (unknown|not found)|unbekannt)`)
	whyFull    = regexp.MustCompile(`(?i)(mailbox( is)? full|over ?quota|quota exceeded|exceed(s|ed).{0,20}quota|insufficient (disk|storage))`)
	messageIDs = regexp.MustCompile(`(?im)^[>\s]*Message-ID:\s*<([^<>\s]{3,500})>`)
	bracketed  = regexp.MustCompile(`<([^<>\s@]+@[^<>\s]+)>`)
)

// statusOf looks for a code, then for words that have one.
func statusOf(subject, text string) string {
	if m := enhanced.FindString(text); m != "" {
		return digits(m)
	}
	switch {
	case whyGone.MatchString(text):
		return "5.1.1"
	case whyFull.MatchString(text):
		return "5.2.2"
	}
	if m := smtpCode.FindStringSubmatch(text); m != nil {
		return m[1] + ".0.0"
	}
	if trying.MatchString(subject) || trying.MatchString(text) {
		return "4.0.0"
	}
	return "5.0.0"
}

func digits(s string) string {
	return strings.Trim(s[strings.IndexAny(s, "45"):], " .:;,)(-#<>[]\"'\t\n")
}

// fromText takes the addresses that a report for people names before it quotes the mail: those in brackets, else any.
func (b *Bounce) fromText(text string, l *Letter) {
	if i := strings.Index(text, "\nReceived:"); i > 0 {
		text = text[:i]
	}
	own := map[string]bool{}
	for _, a := range append(append([]Address{}, l.From...), l.To...) {
		own[strings.ToLower(a.Email)] = true
	}
	take := func(found string) {
		if !own[strings.ToLower(found)] && !machineLocal.MatchString(found) && len(b.Failed) < 10 {
			b.add(strings.Trim(found, "."))
		}
	}
	for _, m := range bracketed.FindAllStringSubmatch(text, 20) {
		take(m[1])
	}
	if len(b.Failed) == 0 {
		if m := email.FindAllString(text, 5); len(m) > 0 {
			for _, found := range m {
				if take(found); len(b.Failed) > 0 {
					return
				}
			}
		}
	}
}

// isOfReport looks at the head of the mail that a report holds: a report has no sender (RFC 3464, 2.1), comes from a mail
// system by name, or is one by its type.
func isOfReport(root *part) (yes bool) {
	root.each(func(p *part) {
		if yes || !p.media.is("message/rfc822") && !p.media.is("text/rfc822-headers") && !p.media.is("message/global") {
			return
		}
		h, _, _ := splitHead([]byte(strings.TrimLeft(string(p.content()), "\r\n")))
		path, null := h.first("Return-Path"), h.has("Return-Path")
		yes = null && strings.Trim(path, " <>") == "" || isMachine(h) || mediaType(h.first("Content-Type")).value == "multipart/report"
	})
	return yes
}

// originalID is that of the mail or the header that a report holds as a part, else as text.
func originalID(root *part, l *Letter) (id string) {
	root.each(func(p *part) {
		if id != "" || !p.media.is("message/rfc822") && !p.media.is("text/rfc822-headers") && !p.media.is("message/global") && !p.media.is("message/partial") {
			return
		}
		h, _, _ := splitHead([]byte(strings.TrimLeft(string(p.content()), "\r\n")))
		if found := ids(h.first("Message-ID")); len(found) > 0 {
			id = found[0]
		}
	})
	if id != "" {
		return id
	}
	for _, m := range messageIDs.FindAllStringSubmatch(l.Text, 5) {
		if m[1] != l.MessageID {
			return m[1]
		}
	}
	for _, v := range []string{"X-Original-Message-ID", "Original-Message-ID"} {
		if found := ids(l.head.first(v)); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}
