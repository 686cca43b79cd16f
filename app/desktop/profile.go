package desktop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"recado/app/desktop/bind"
	"recado/app/kit/filelock"
)

var profileName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$`)

// Window is the size and place of the window, in logical pixels; the zero value means never placed.
type Window struct {
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	Maximised bool `json:"maximised"`
}

// kept is the content of profile.json.
type kept struct {
	Server   string           `json:"server,omitempty"`
	Embedded bool             `json:"embedded,omitempty"`
	Port     int              `json:"port,omitempty"`
	App      bind.AppSettings `json:"app"`
	Window   Window           `json:"window"`
	// PausedUntil is when bubbles are shown again, in Unix milliseconds; 0: they are not paused.
	PausedUntil int64 `json:"pausedUntil,omitempty"`
	// ToldTray: the person was told that the app stays in the tray.
	ToldTray bool `json:"toldTray,omitempty"`
}

// profile is a person's folder on this computer, locked against a second app.
type profile struct {
	name string
	dir  string
	lock *filelock.Lock

	mu   sync.Mutex
	kept kept
}

var _ bind.Profile = (*profile)(nil)

// openElsewhere says that another app has the profile open.
type openElsewhere struct{ name, dir string }

// Error says what to do instead.
func (e *openElsewhere) Error() string {
	return fmt.Sprintf("the profile %q is open in another app: use that one, or start this one with --profile and another name", e.name)
}

// ConfigDir is where profiles lie by default: the folder the system has for the settings of programs.
func ConfigDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no folder for settings: %w; name one with --data", err)
	}
	return filepath.Join(dir, "recado"), nil
}

// openProfile makes BASE/profiles/NAME where it does not exist, locks it and reads its settings.
func openProfile(base, name string) (*profile, error) {
	if !profileName.MatchString(name) {
		return nil, fmt.Errorf("--profile %q: a name has up to 64 letters, digits, dots, dashes or underscores, and begins with a letter or digit", name)
	}
	p := &profile{name: name, dir: filepath.Join(base, "profiles", name), kept: kept{App: bind.DefaultApp()}}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the profile's folder: %w", err)
	}
	lock, err := filelock.Take(filepath.Join(p.dir, "lock"))
	if errors.Is(err, filelock.ErrHeld) {
		return nil, &openElsewhere{name: name, dir: p.dir}
	}
	if err != nil {
		return nil, err
	}
	p.lock = lock
	if err := p.load(); err != nil {
		lock.Release()
		return nil, err
	}
	return p, nil
}

func (p *profile) file() string { return filepath.Join(p.dir, "profile.json") }

func (p *profile) load() error {
	content, err := os.ReadFile(p.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the profile: %w", err)
	}
	if err := json.Unmarshal(content, &p.kept); err != nil {
		return fmt.Errorf("%s is damaged: %w; repair it, or move it away to start anew", p.file(), err)
	}
	if p.kept.App.Check() != nil {
		p.kept.App = bind.DefaultApp() // written by another version
	}
	return nil
}

// change changes what is kept and writes it; on an error nothing has changed.
func (p *profile) change(fn func(*kept)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.kept
	fn(&next)
	if next == p.kept {
		return nil
	}
	content, err := json.MarshalIndent(next, "", "  ")
	if err != nil {
		return err
	}
	if err := writeAtomically(p.file(), append(content, '\n')); err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	p.kept = next
	return nil
}

func (p *profile) now() kept {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept
}

// Server implements bind.Profile.
func (p *profile) Server() (url string, embedded bool) {
	k := p.now()
	return k.Server, k.Embedded
}

// SetServer implements bind.Profile.
func (p *profile) SetServer(url string, embedded bool) error {
	return p.change(func(k *kept) { k.Server, k.Embedded = url, embedded })
}

// App implements bind.Profile.
func (p *profile) App() bind.AppSettings { return p.now().App }

// SetApp implements bind.Profile.
func (p *profile) SetApp(app bind.AppSettings) error {
	return p.change(func(k *kept) { k.App = app })
}

// close gives the folder back.
func (p *profile) close() error { return p.lock.Release() }

// writeAtomically replaces a file readable by its owner alone, whole or not at all, also over a loss of power.
func writeAtomically(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*") // made with 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
