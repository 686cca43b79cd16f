package tray

import (
	"os"
	"path/filepath"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

const (
	watcher     = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	hostThere   = watcher + ".IsStatusNotifierHostRegistered"
)

// titleHere is also the name by which panels remember where the icon was put.
func titleHere() string { return "Recado" }

// startOnBus offers the icon on the session bus, and follows whether a panel shows it. The icon is offered again by
// itself when a panel starts anew.
func (t *Tray) startOnBus() {
	conn, err := sessionBus()
	if err != nil {
		t.Logger.Info("no tray: there is no session bus", "error", err)
		t.Shown(false)
		return
	}
	start, _ := systray.RunWithExternalLoop(t.build, nil)
	start()
	go follow(conn, t.Shown)
}

// sessionBus connects to the bus there is, and starts none: one of our own would have no panel on it.
func sessionBus() (*dbus.Conn, error) {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		if _, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")); err != nil {
			return nil, err
		}
	}
	return dbus.ConnectSessionBus()
}

// follow tells at first and on each change whether a panel shows icons, until the connection ends.
func follow(conn *dbus.Conn, tell func(bool)) {
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	for _, rule := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcher)},
		{dbus.WithMatchInterface(watcher), dbus.WithMatchMember("StatusNotifierHostRegistered")},
		{dbus.WithMatchInterface(watcher), dbus.WithMatchMember("StatusNotifierHostUnregistered")},
	} {
		if err := conn.AddMatchSignal(rule...); err != nil {
			break // the bus is gone: what is told below is that nothing is shown
		}
	}
	shown := there(conn)
	tell(shown)
	for range signals {
		if now := there(conn); now != shown {
			shown = now
			tell(now)
		}
	}
	if shown {
		tell(false)
	}
}

// there tells whether a panel is registered to show icons.
func there(conn *dbus.Conn) bool {
	v, err := conn.Object(watcher, watcherPath).GetProperty(hostThere)
	if err != nil {
		return false
	}
	shown, ok := v.Value().(bool)
	return ok && shown
}
