package desk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // opening hours must not depend on the zones a machine happens to have
)

// Identity says whether visitors of a site must be signed for by the company's server.
type Identity string

// The rules of identity.
const (
	IdentityOptional Identity = "optional"
	IdentityRequired Identity = "required"
)

// Bounds of a site.
const (
	MaxOrigins  = 50
	MaxGreeting = 500 // characters
)

// Site is a web site with the live chat on it.
type Site struct {
	ID        string
	Name      string
	Secret    string   // signs who a visitor is
	Origins   []string // pages that may show the chat; none: any page may
	Identity  Identity
	Disabled  bool
	Look      Look
	CreatedAt int64
	Version   int64
}

// Opens says what a customer's first word begins.
type Opens string

// What it may begin.
const (
	OpensConversation Opens = "conversation"
	OpensTicket       Opens = "ticket" // whose conversation with customers it stands in
)

// Check refuses what nothing begins with.
func (o Opens) Check(location string) *Error {
	if o != OpensConversation && o != OpensTicket {
		return Invalid(location, "what is opened is a conversation or a ticket")
	}
	return nil
}

// Look is what visitors see of a site, and what becomes of their first message.
type Look struct {
	Accent   string            `json:"accent,omitempty"`   // #rrggbb
	Greeting map[string]string `json:"greeting,omitempty"` // by language
	Hours    *Hours            `json:"hours,omitempty"`    // nil: always open
	Told     []string          `json:"told,omitempty"`     // users who stand in a new visitor's conversation; none: it is everybody's
	Opens    Opens             `json:"opens,omitempty"`    // empty: a conversation
}

// Hours are when somebody is there, in the time of a zone.
type Hours struct {
	Zone string            `json:"zone"`
	Days map[string][]Span `json:"days"` // mon, tue …
}

// Span is from one minute to another of the same day, as HH:MM; 24:00 is its end.
type Span struct {
	From string `json:"from"`
	To   string `json:"to"`
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Check refuses what a site can't be.
func (s Site) Check() *Error {
	if e := CheckName("body.name", s.Name); e != nil {
		return e
	}
	if s.Identity != IdentityOptional && s.Identity != IdentityRequired {
		return Invalid("body.identity", "identity is optional or required")
	}
	if len(s.Origins) > MaxOrigins {
		return Invalid("body.origins", "a site has at most 50 origins")
	}
	for _, o := range s.Origins {
		if !isOrigin(o) {
			return Invalid("body.origins", "an origin is like https://shop.example, without a path")
		}
	}
	return s.Look.check()
}

func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.Path == "" && u.RawQuery == "" &&
		u.Fragment == "" && !strings.ContainsAny(text, " ;,'\"*") && text == u.Scheme+"://"+u.Host
}

func (l Look) check() *Error {
	if l.Accent != "" && !isColour(l.Accent) {
		return Invalid("body.accent", "a colour is like #3b5bdb")
	}
	for language, text := range l.Greeting {
		if language != "en" && language != "es" {
			return Invalid("body.greeting", "a greeting is in en or es")
		}
		if e := CheckText("body.greeting", text, MaxGreeting); e != nil {
			return e
		}
	}
	if l.Opens != "" {
		if e := l.Opens.Check("body.opens"); e != nil {
			return e
		}
	}
	if len(l.Told) > 100 {
		return Invalid("body.told", "at most 100 people are told")
	}
	if l.Hours == nil {
		return nil
	}
	if _, err := time.LoadLocation(l.Hours.Zone); err != nil || l.Hours.Zone == "" || l.Hours.Zone == "Local" {
		return Invalid("body.hours", "a time zone is like Europe/Madrid")
	}
	for day, spans := range l.Hours.Days {
		if !slices.Contains(weekdays, day) || len(spans) > 10 {
			return Invalid("body.hours", "days are mon, tue, wed, thu, fri, sat, sun, each with at most 10 spans")
		}
		for _, span := range spans {
			from, ok1 := minutes(span.From)
			to, ok2 := minutes(span.To)
			if !ok1 || !ok2 || from >= to {
				return Invalid("body.hours", "a span is from HH:MM to a later HH:MM of the same day")
			}
		}
	}
	return nil
}

func isColour(text string) bool {
	return len(text) == 7 && text[0] == '#' && strings.Trim(strings.ToLower(text[1:]), "0123456789abcdef") == ""
}

func minutes(clock string) (int, bool) {
	if len(clock) != 5 || clock[2] != ':' {
		return 0, false
	}
	h, err1 := strconv.ParseUint(clock[:2], 10, 8)
	m, err2 := strconv.ParseUint(clock[3:], 10, 8)
	return int(h*60 + m), err1 == nil && err2 == nil && m < 60 && (h < 24 || h == 24 && m == 0)
}

// Open tells whether somebody is there at a moment, and, where nobody is, when somebody is next: the zero time for never.
func (h *Hours) Open(at time.Time) (open bool, next time.Time) {
	if h == nil {
		return true, next
	}
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		return true, next // checked when it was set; a system without zones must not close the chat
	}
	at = at.In(zone)
	for day := range 8 {
		date := at.AddDate(0, 0, day)
		for _, span := range h.Days[weekdays[date.Weekday()]] {
			from, _ := minutes(span.From)
			to, _ := minutes(span.To)
			start := time.Date(date.Year(), date.Month(), date.Day(), 0, from, 0, 0, zone)
			end := time.Date(date.Year(), date.Month(), date.Day(), 0, to, 0, 0, zone)
			if !at.Before(start) && at.Before(end) {
				return true, time.Time{}
			}
			if at.Before(start) && (next.IsZero() || start.Before(next)) {
				next = start
			}
		}
		if !next.IsZero() {
			return false, next
		}
	}
	return false, next
}
