//go:build !linux && (!darwin || cgo)

package tray

// titleHere: elsewhere a title would stand as text beside the icon.
func titleHere() string { return "" }

// startOnBus is for systems whose tray is on a bus; this is none.
func (t *Tray) startOnBus() { t.Shown(false) }
