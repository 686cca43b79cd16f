package tray

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"
)

func TestBadge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		state State
		text  string
	}{
		{"nothing unseen", State{SignedIn: true}, ""},
		{"some", State{SignedIn: true, Unseen: 3}, "3"},
		{"many", State{SignedIn: true, Unseen: 10}, "9+"},
		{"a mention among many", State{SignedIn: true, Unseen: 40, Mentions: 1}, "@"},
		{"signed out", State{Unseen: 3}, ""},
	} {
		if got := badgeOf(c.state); got.text != c.text {
			t.Errorf("%s: %q, want %q", c.name, got.text, c.text)
		}
	}
	if !badgeOf(State{SignedIn: true, PausedUntil: time.Now()}).paused {
		t.Error("a pause does not show")
	}
}

func plain(t *testing.T) *artist {
	t.Helper()
	base := image.NewNRGBA(image.Rect(0, 0, 512, 512))
	for i := range base.Pix {
		base.Pix[i] = []byte{0x10, 0x80, 0x40, 0xff}[i%4]
	}
	a, err := newArtist(asPNG(base))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestDrawing(t *testing.T) {
	t.Parallel()
	a := plain(t)
	bare, three := a.draw(badge{}), a.draw(badge{text: "3", fill: unseenFill})
	ground := color.NRGBA{0x10, 0x80, 0x40, 0xff}
	if bare.NRGBAAt(42, 42) != ground || three.NRGBAAt(2, 2) != ground {
		t.Error("the icon is not itself where no badge lies")
	}
	count := map[color.NRGBA]int{}
	for y := range side {
		for x := range side {
			count[three.NRGBAAt(x, y)]++
		}
	}
	if count[unseenFill] < 300 || count[color.NRGBA{0xff, 0xff, 0xff, 0xff}] < 100 {
		t.Errorf("the badge has %d pixels of its colour and %d of white", count[unseenFill], count[color.NRGBA{0xff, 0xff, 0xff, 0xff}])
	}
	if pale := a.draw(badge{paused: true}).NRGBAAt(2, 2); pale.A != 0x7f {
		t.Errorf("paused, the icon has alpha %d", pale.A)
	}
	seen := map[string]string{}
	for _, text := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "9+", "@"} {
		content := string(asPNG(a.draw(badge{text: text, fill: unseenFill})))
		if other := seen[content]; other != "" {
			t.Errorf("%q looks like %q", text, other)
		}
		seen[content] = text
	}
}

func TestNoIcon(t *testing.T) {
	t.Parallel()
	if _, err := newArtist([]byte("no picture")); err == nil {
		t.Error("what is no PNG is taken")
	}
}

func TestFormsOfTheIcon(t *testing.T) {
	t.Parallel()
	icon := plain(t).draw(badge{text: "@", fill: mentionFill})
	decoded, err := png.Decode(bytes.NewReader(asPNG(icon)))
	if err != nil || decoded.Bounds().Dx() != side {
		t.Fatalf("PNG: %v", err)
	}
	ico := asICO(icon)
	if want := 6 + 16 + 40 + side*side*4 + side*8; len(ico) != want {
		t.Fatalf("%d bytes, want %d", len(ico), want)
	}
	last := icon.NRGBAAt(side-1, 0) // bottom up: the last pixel is the first line's
	at := 6 + 16 + 40 + side*side*4 - 4
	if got := (color.NRGBA{ico[at+2], ico[at+1], ico[at], ico[at+3]}); got != last {
		t.Errorf("last pixel %v, want %v", got, last)
	}
}

func TestMenu(t *testing.T) {
	t.Parallel()
	out, paused := State{Language: "en"}, State{SignedIn: true, Language: "es_ES.UTF-8", PausedUntil: time.Date(2026, 11, 23, 14, 5, 0, 0, time.Local)}
	find := func(s State, c Command) item {
		for _, i := range flat(menu(s)) {
			if i.command == c {
				return i
			}
		}
		t.Fatalf("no %s", c)
		return item{}
	}
	if find(out, Open).disabled || find(out, Quit).disabled || !find(out, Write).disabled {
		t.Error("signed out, one can open and quit, and nothing else")
	}
	if find(paused, Resume).disabled || !find(State{SignedIn: true}, Resume).disabled {
		t.Error("resuming is for a pause only")
	}
	if got := menu(paused)[3].label; got != "En pausa hasta las 14:05" {
		t.Errorf("paused: %q", got)
	}
	if s := (State{SignedIn: true, Away: true}); find(s, Automatic).checked || !find(s, Away).checked {
		t.Error("away is not ticked")
	}
	if len(flat(menu(out))) != len(flat(menu(paused))) {
		t.Error("the menu changes its form")
	}
}

func TestTooltip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state State
		want  string
	}{
		{State{}, "Recado · Signed out"},
		{State{SignedIn: true}, "Recado · Nothing unseen"},
		{State{SignedIn: true, Unseen: 1, Offline: true}, "Recado · 1 unseen conversation · offline"},
		{State{SignedIn: true, Unseen: 12, Mentions: 2, Language: "es"}, "Recado · 12 conversaciones sin ver · 2 con una mención"},
	} {
		if got := tooltip(c.state); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if s := tooltip(State{SignedIn: true, PausedUntil: time.Date(2026, 1, 1, 9, 30, 0, 0, time.Local)}); !strings.Contains(s, "Paused until 09:30") {
		t.Errorf("a pause is not told: %q", s)
	}
}
