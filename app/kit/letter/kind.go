package letter

import (
	"regexp"
	"strings"
)

// Kind says who wrote a mail.
type Kind int

const (
	// Ordinary is a mail that a person wrote, as far as anybody can tell.
	Ordinary Kind = iota
	// AutoReply is a program's: a vacation notice, a receipt, a mailing list's mail. It is never answered.
	AutoReply
	// Bounced says that a mail could not be delivered, or not yet.
	Bounced
	// FeedbackReport says that a reader called a mail spam (RFC 5965), or had a program unsubscribe.
	FeedbackReport
)

func (k Kind) String() string {
	return [...]string{"ordinary", "auto-reply", "bounce", "feedback report"}[k]
}

// evidence is what a mail shows of its writer. It is gathered once, and weighed in classify.
type evidence struct {
	report    string // the kind of a multipart/report
	machine   bool   // it comes from a mail system by name
	null      bool   // its envelope has no sender
	automatic bool   // it says itself that no person wrote it
	away      bool   // its subject is an automatic answer's
	failed    bool   // its subject tells of a failed delivery
	tells     bool   // its text does
	reply     bool   // its subject is an answer's or a forward's
}

// classify sets Kind and Bounce. The order is that of how sure a sign is: what the form of a mail says before what its
// envelope says before what its words say.
func (l *Letter) classify(root *part) {
	l.Kind = l.kind(root, l.evidence(root))
	if l.Kind == Bounced || l.Kind == FeedbackReport {
		l.Bounce = l.bounce(root)
	}
}

func (l *Letter) kind(root *part, e evidence) Kind {
	switch {
	case e.report == "feedback-report", isComplaint(root, l):
		return FeedbackReport
	case e.report == "delivery-status":
		if delivered(root) {
			return AutoReply
		}
		return Bounced
	case e.report == "disposition-notification":
		return AutoReply
	case root.head.has("X-Failed-Recipients"):
		return Bounced
	case e.failed && (e.machine || e.null || e.automatic) && !e.away:
		return Bounced
	case e.machine && (e.tells || e.null && !e.away):
		return Bounced
	case e.away && (e.null || e.automatic || !e.reply):
		return AutoReply
	case e.null && e.tells:
		return Bounced
	case e.automatic:
		return AutoReply
	case e.null, e.failed && e.tells && !e.reply:
		return Bounced
	}
	if notification.MatchString(l.Text[:min(len(l.Text), 4<<10)]) {
		return Bounced
	}
	return Ordinary
}

func (l *Letter) evidence(root *part) evidence {
	h := root.head
	e := evidence{report: reportType(root), machine: isMachine(h), automatic: isAutomatic(h)}
	path := h.first("Return-Path")
	e.null = h.has("Return-Path") && (strings.Trim(path, " <>") == "" || strings.Contains(strings.ToLower(path), "mailer-daemon"))
	subject := strings.TrimSpace(l.Subject)
	e.reply = replySubject.MatchString(subject) || forwardSubject.MatchString(subject)
	e.away = awaySubject.MatchString(subject)
	e.failed = failedSubject.MatchString(subject) && !e.reply
	if e.machine || e.null || e.failed { // looking for so many words takes longer than all the rest
		e.tells = failedText.MatchString(l.Text[:min(len(l.Text), 16<<10)])
	}
	return e
}

// reportType is the kind of a report (RFC 6522), by its name or else by its parts.
func reportType(root *part) string {
	if root.media.value == "multipart/report" {
		if t := strings.ToLower(root.media.params["report-type"]); t != "" {
			return t
		}
	}
	for _, c := range root.children {
		switch c.media.value {
		case "message/delivery-status", "message/global-delivery-status":
			return "delivery-status"
		case "message/feedback-report":
			return "feedback-report"
		case "message/disposition-notification":
			return "disposition-notification"
		}
		if c.media.is("multipart/") {
			if t := reportType(c); t != "" {
				return t
			}
		}
	}
	return ""
}

var (
	machineLocal = regexp.MustCompile(`(?i)^("?)(mailer|mail|mta|mx)?[-_.]?(daemon|delivery[-_.]?(sub)?system|deliverysystem)|^post[-_.]?master|^mailerdaemon|` +
		`^(mail)?delivery([-_.]|$)|^bounces?([-_.+]|$)|^microsoftexchange|^mail[-_.]?(administrator|system)`)
	machineName = regexp.MustCompile(`(?i)mail(er)?[- ]?daemon|mail delivery|delivery subsystem|mail router|mail administrator|^postmaster|mail system|` +
		`system administrator|delivery (status )?notification|returned mail|microsoft outlook$|internet mail delivery`)
)

// isMachine says whether a mail system signs. The raw field is looked at, for "MAILER-DAEMON" is no address.
func isMachine(h header) bool {
	for _, raw := range append(h.all("From"), h.all("Sender")...) {
		list := addresses(raw, "")
		if len(list) == 0 && (machineLocal.MatchString(strings.Trim(raw, `<>" `)) || machineName.MatchString(raw)) {
			return true
		}
		for _, a := range list {
			if local, _, _ := strings.Cut(a.Email, "@"); machineLocal.MatchString(local) || machineName.MatchString(a.Name) {
				return true
			}
		}
	}
	return false
}

// isAutomatic says whether a mail claims to be a program's: RFC 3834, and what programs sent before it and beside it.
func isAutomatic(h header) bool {
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Autogenerated", "X-Mail-Autoreply", "X-Vacation",
		"X-Loop", "X-MS-Exchange-Inbox-Rules-Loop", "X-Apple-Criteria"} {
		if v := strings.TrimSpace(h.first(name)); v != "" && !strings.EqualFold(v, "no") {
			return true
		}
	}
	if v := strings.TrimSpace(h.first("Auto-Submitted")); v != "" && !strings.HasPrefix(strings.ToLower(v), "no") {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(h.first("Precedence"))) {
	case "bulk", "junk", "list", "auto_reply", "auto-reply":
		return true
	}
	for v := range strings.SplitSeq(h.first("X-Auto-Response-Suppress"), ",") {
		if strings.EqualFold(strings.TrimSpace(v), "all") {
			return true
		}
	}
	return false
}

// isComplaint sees reports of spam that are in no standard form.
func isComplaint(root *part, l *Letter) bool {
	text := l.Text[:min(len(l.Text), 4<<10)]
	if strings.Contains(text, "sent this email to unsubscribe") || complaint.MatchString(text) {
		return true
	}
	if !strings.Contains(strings.ToLower(l.Subject), "complaint") {
		return false
	}
	found := false
	root.each(func(p *part) {
		if p.media.value == "message/rfc822" {
			h, _, _ := splitHead(p.body)
			found = found || h.has("X-HmXmrOriginalRecipient")
		}
	})
	return found
}

var (
	complaint    = regexp.MustCompile(`notificationType\\?"\s*:\s*\\?"Complaint`)
	notification = regexp.MustCompile(`^\s*\{[^{]{0,600}(notificationType|eventType)\\?"\s*:\s*\\?"Bounce|^\s*\{[\s\S]{0,800}notificationType\\?"\s*:\s*\\?"Bounce`)
)
