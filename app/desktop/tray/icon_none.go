//go:build darwin && !cgo

package tray

// Tray stands for the icon where the program was built without what macOS needs to show one.
type Tray struct{ Options }

// New makes a tray that shows nothing.
func New(o Options) (*Tray, error) { return &Tray{Options: o}, nil }

// Start tells that there is no tray.
func (t *Tray) Start() { t.Shown(false) }

// Close does nothing.
func (t *Tray) Close() {}

// Set does nothing.
func (t *Tray) Set(State) {}
