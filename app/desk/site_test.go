package desk

import (
	"testing"
	"time"
)

func TestHours(t *testing.T) {
	t.Parallel()
	h := &Hours{Zone: "Europe/Madrid", Days: map[string][]Span{"mon": {{"09:00", "14:00"}, {"16:00", "24:00"}}, "fri": {{"09:00", "13:00"}}}}
	for at, want := range map[string]string{
		"2026-11-23T08:00:00Z": "open",
		"2026-11-23T07:59:59Z": "2026-11-23T08:00:00Z",
		"2026-11-23T13:00:00Z": "2026-11-23T15:00:00Z",
		"2026-11-23T22:59:59Z": "open",
		"2026-11-23T23:00:00Z": "2026-11-27T08:00:00Z",
		"2026-11-27T12:00:00Z": "2026-11-30T08:00:00Z",
		"2026-07-20T07:00:00Z": "open", // summer time
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		got := "open"
		if open, next := h.Open(moment); !open {
			got = next.UTC().Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
	if open, _ := (*Hours)(nil).Open(time.Now()); !open {
		t.Error("a site without hours is closed")
	}
	if open, next := (&Hours{Zone: "UTC"}).Open(time.Now()); open || !next.IsZero() {
		t.Error("a site that never opens does")
	}
}

func TestSitesAreChecked(t *testing.T) {
	t.Parallel()
	good := Site{Name: "Shop", Identity: IdentityOptional, Origins: []string{"https://shop.example", "http://127.0.0.1:8080"}, Look: Look{Accent: "#3b5BDB",
		Greeting: map[string]string{"es": "¡Hola!"}, Hours: &Hours{Zone: "Europe/Madrid", Days: map[string][]Span{"mon": {{"09:00", "24:00"}}}}}}
	if e := good.Check(); e != nil {
		t.Errorf("refused: %v", e)
	}
	for name, change := range map[string]func(*Site){
		"no name":  func(s *Site) { s.Name = " " },
		"identity": func(s *Site) { s.Identity = "never" },
		"path":     func(s *Site) { s.Origins = []string{"https://shop.example/"} },
		"wildcard": func(s *Site) { s.Origins = []string{"https://*.example"} },
		"policy":   func(s *Site) { s.Origins = []string{"https://a.example; script-src *"} },
		"scheme":   func(s *Site) { s.Origins = []string{"javascript://x"} },
		"colour":   func(s *Site) { s.Look.Accent = "red;}" },
		"language": func(s *Site) { s.Look.Greeting = map[string]string{"xx": "?"} },
		"zone":     func(s *Site) { s.Look.Hours = &Hours{Zone: "Mars/Olympus"} },
		"no zone":  func(s *Site) { s.Look.Hours = &Hours{} },
		"day":      func(s *Site) { s.Look.Hours = &Hours{Zone: "UTC", Days: map[string][]Span{"day": nil}} },
		"turned": func(s *Site) {
			s.Look.Hours = &Hours{Zone: "UTC", Days: map[string][]Span{"mon": {{"14:00", "09:00"}}}}
		},
		"no such hour": func(s *Site) {
			s.Look.Hours = &Hours{Zone: "UTC", Days: map[string][]Span{"mon": {{"09:00", "25:00"}}}}
		},
	} {
		s := good
		change(&s)
		if s.Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
