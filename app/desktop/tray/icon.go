//go:build !darwin || cgo

package tray

import (
	"runtime"
	"sync"

	"fyne.io/systray"
)

// Tray is the icon. Its methods may be called from any goroutine.
type Tray struct {
	Options
	artist *artist
	stop   func()

	mu    sync.Mutex
	state State
	built []*systray.MenuItem // nil until the menu stands; in the order of flat
	last  []item
	icon  badge
}

// New makes a tray that is not yet shown. Its error says that the icon is no PNG.
func New(o Options) (*Tray, error) {
	a, err := newArtist(o.Icon)
	if err != nil {
		return nil, err
	}
	return &Tray{Options: o, artist: a, stop: func() {}}, nil
}

// Start shows the icon, wherever there is a tray, for as long as the program runs; where a panel starts later, it appears
// there. On macOS it is called from the main goroutine, before the window runs.
func (t *Tray) Start() {
	systray.SetOnTapped(func() { go t.Do(Open) })
	switch runtime.GOOS {
	case "windows":
		t.stop = systray.Quit
		go func() {
			runtime.LockOSThread() // the icon's messages come to the thread that made it
			systray.Run(t.build, nil)
		}()
		t.Shown(true)
	case "darwin":
		start, _ := systray.RunWithExternalLoop(t.build, nil)
		start()
		t.Shown(true)
	default:
		t.startOnBus()
	}
}

// Close takes the icon away. Where the system does that itself as the program ends, nothing is done.
func (t *Tray) Close() { t.stop() }

// Set shows a state.
func (t *Tray) Set(s State) {
	t.mu.Lock()
	defer t.mu.Unlock()
	changed := s != t.state
	t.state = s
	if changed && t.built != nil {
		t.show()
	}
}

// build makes the menu, once.
func (t *Tray) build() {
	t.mu.Lock()
	defer t.mu.Unlock()
	systray.SetTitle(titleHere())
	t.icon = badge{text: "-"} // unlike any, so that it is drawn
	t.last = menu(t.state)
	for _, i := range t.last {
		t.built = append(t.built, t.add(nil, i))
		if i.children == nil {
			continue
		}
		for _, child := range i.children {
			t.built = append(t.built, t.add(t.built[len(t.built)-1], child))
		}
	}
	t.show()
}

// add adds a line, or nil for a separator, and waits for its being chosen for as long as the program runs.
func (t *Tray) add(parent *systray.MenuItem, i item) *systray.MenuItem {
	var line *systray.MenuItem
	switch {
	case parent != nil && (i.command == Automatic || i.command == Away):
		line = parent.AddSubMenuItemCheckbox(i.label, "", i.checked)
	case parent != nil:
		line = parent.AddSubMenuItem(i.label, "")
	case i.label == "":
		systray.AddSeparator()
		return nil
	default:
		line = systray.AddMenuItem(i.label, "")
	}
	if i.disabled {
		line.Disable()
	}
	if i.command != "" {
		go func() {
			for range line.ClickedCh {
				go t.Do(i.command)
			}
		}()
	}
	return line
}

// show brings icon and menu to the present state, and touches only what changed.
func (t *Tray) show() {
	systray.SetTooltip(tooltip(t.state))
	if b := badgeOf(t.state); b != t.icon {
		t.icon = b
		picture := t.artist.draw(b)
		if runtime.GOOS == "windows" {
			systray.SetIcon(asICO(picture))
		} else {
			systray.SetIcon(asPNG(picture))
		}
	}
	next := menu(t.state)
	before, after := flat(t.last), flat(next)
	for n, line := range t.built {
		if line != nil {
			change(line, before[n], after[n])
		}
	}
	t.last = next
}

func change(line *systray.MenuItem, before, after item) {
	if before.label != after.label {
		line.SetTitle(after.label)
	}
	switch {
	case before.checked == after.checked:
	case after.checked:
		line.Check()
	default:
		line.Uncheck()
	}
	switch {
	case before.disabled == after.disabled:
	case after.disabled:
		line.Disable()
	default:
		line.Enable()
	}
}
