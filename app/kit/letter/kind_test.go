package letter

import (
	"fmt"
	"strings"
	"testing"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  string
		want Kind
	}{
		"a person":                        {"From: a@example.com\nSubject: Delivery on Monday\n\nWhen will it be delivered?", Ordinary},
		"a person about a bounce":         {"From: a@example.com\nSubject: Re: Undeliverable: order\n\nI got this: 550 user unknown", Ordinary},
		"a person named postmaster":       {"From: postmaster@example.com\nSubject: Hello\nReturn-Path: <postmaster@example.com>\n\nMay I ask you something?", Ordinary},
		"a person on holiday soon":        {"From: a@example.com\nSubject: Re: my vacation\n\nSee you", Ordinary},
		"Auto-Submitted: no":              {"From: a@example.com\nAuto-Submitted: no\n\nHi", Ordinary},
		"RFC 3834":                        {"From: a@example.com\nSubject: x\nAuto-Submitted: auto-replied\nReturn-Path: <>\n\nI am in Spain.", AutoReply},
		"Precedence":                      {"From: a@example.com\nPrecedence: bulk\n\nNews", AutoReply},
		"Exchange":                        {"From: a@example.com\nX-Auto-Response-Suppress: DR, All\n\nHi", AutoReply},
		"a subject in German":             {"From: a@example.com\nSubject: Automatische Antwort: Auftrag\n\nBin weg", AutoReply},
		"a subject in Spanish":            {"From: a@example.com\nSubject: Respuesta automática: Pedido\n\nEstoy fuera", AutoReply},
		"a subject in Japanese":           {"From: a@example.com\nSubject: 自動返信: 注文\n\n不在です", AutoReply},
		"X-Failed-Recipients":             {"From: x@example.com\nX-Failed-Recipients: b@example.com\n\nSorry", Bounced},
		"a mail system without a report":  {"From: MAILER-DAEMON (Mail System)\nSubject: sorry\n\nUser unknown: b@example.com", Bounced},
		"an empty return path":            {"Return-Path: <>\nFrom: x@example.com\nSubject: Undeliverable: hi\n\nb@example.com could not be reached", Bounced},
		"a report of a provider as JSON":  {"From: no-reply@example.com\nSubject: Notification\n\n{\"notificationType\":\"Bounce\",\"bounce\":{}}", Bounced},
		"a receipt":                       {"From: a@example.com\nContent-Type: multipart/report; report-type=disposition-notification; boundary=x\n\n--x\n\nseen\n--x--", AutoReply},
		"spam, says a reader":             {"From: fbl@example.com\nContent-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n\nabuse\n--x--", FeedbackReport},
		"what a person sends on about it": {"From: a@example.com\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nLook at this\n--x\nContent-Type: message/rfc822\n\nFrom: mailer-daemon@example.com\nSubject: failure notice\n\nx\n--x--", Ordinary},
	} {
		if l := parse(t, c.raw); l.Kind != c.want {
			t.Errorf("%s: %v, want %v", name, l.Kind, c.want)
		}
	}
}

const report = `Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: bounce+token@example.com
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x

I could not deliver it to b@example.org.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; b@example.org
Original-Recipient: rfc822;B.Berg@example.org
Action: ACTION
Status: STATUS
Diagnostic-Code: smtp; 550 5.1.1 unknown
--x
Content-Type: text/rfc822-headers

From: desk@example.com
Message-ID: <m.17.4.abcdef@example.com>
--x--
`

func TestABounceSaysWhatItIsAbout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ action, status, want string }{
		{"failed", "5.1.1", "bounce [B.Berg@example.org] 5.1.1 m.17.4.abcdef@example.com true"},
		{"failed", "5.7.1 (refused)", "bounce [B.Berg@example.org] 5.7.1 m.17.4.abcdef@example.com true"},
		{"delayed", "", "bounce [B.Berg@example.org] 4.0.0 m.17.4.abcdef@example.com false"},
		{"delivered", "2.0.0", "auto-reply []   false"},
	} {
		l := parse(t, strings.NewReplacer("ACTION", c.action, "STATUS", c.status).Replace(report))
		got := fmt.Sprint(l.Kind, " ", l.Bounce.Failed, " ", l.Bounce.Status, " ", l.Bounce.OriginalID, " ", l.Bounce.Permanent())
		if got != c.want {
			t.Errorf("%s %s: %s, want %s", c.action, c.status, got, c.want)
		}
	}
}

func TestABounceInWordsSaysWhatItIsAbout(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"a code":    {"<b@example.org>:\nRemote host said: 552 too much (#5.2.2)", "[b@example.org] 5.2.2 m.1@example.com"},
		"no code":   {"b@example.org: no such user here", "[b@example.org] 5.1.1 m.1@example.com"},
		"trying":    {"Your mail to b@example.org has not yet been delivered. No action is required.", "[b@example.org] 4.0.0 m.1@example.com"},
		"full":      {"b@example.org: the mailbox is full", "[b@example.org] 5.2.2 m.1@example.com"},
		"addresses": {"Could not connect to 192.0.2.5.1 for <b@example.org>", "[b@example.org] 5.0.0 m.1@example.com"},
	} {
		l := parse(t, "From: MAILER-DAEMON@mx.example.net\nTo: desk@example.com\nSubject: failure notice\n\n"+c.text+
			"\n\n--- The mail:\n\nReceived: from x\nFrom: desk@example.com\nMessage-ID: <m.1@example.com>\n")
		if got := fmt.Sprint(l.Bounce.Failed, " ", l.Bounce.Status, " ", l.Bounce.OriginalID); l.Kind != Bounced || got != c.want {
			t.Errorf("%s: %v %s, want %s", name, l.Kind, got, c.want)
		}
	}
}
