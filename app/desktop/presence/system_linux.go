package presence

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// System is what the desktop tells on its buses. Where there is none, it knows nothing.
type System struct {
	session *dbus.Conn // nil: none
	system  *dbus.Conn
	lock    func(bool)
	signals chan *dbus.Signal
}

// lockers tell whether the screen is locked by a signal ActiveChanged; which one there is depends on the desktop.
var lockers = []string{"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.xfce.ScreenSaver", "org.mate.ScreenSaver", "org.cinnamon.ScreenSaver"}

const (
	logind     = "org.freedesktop.login1"
	asking     = time.Second
	idleGNOME  = "org.gnome.Mutter.IdleMonitor"
	idleOthers = "org.freedesktop.ScreenSaver"
)

// Open connects to the buses there are. lock is told when the screen is locked or unlocked, from Listen until Close.
func Open(lock func(bool)) *System {
	s := &System{lock: lock, signals: make(chan *dbus.Signal, 16)}
	if conn, err := sessionBus(); err == nil {
		s.session = conn
		for _, name := range lockers {
			_ = conn.AddMatchSignal(dbus.WithMatchInterface(name), dbus.WithMatchMember("ActiveChanged")) // a bus that refuses tells nothing
		}
		conn.Signal(s.signals)
	}
	if conn, err := dbus.ConnectSystemBus(); err == nil {
		s.system = conn
		if path, ok := s.ownSession(); ok {
			_ = conn.AddMatchSignal(dbus.WithMatchSender(logind), dbus.WithMatchObjectPath(path), dbus.WithMatchInterface(logind+".Session"))
			conn.Signal(s.signals)
		}
	}
	return s
}

func sessionBus() (*dbus.Conn, error) {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		if _, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")); err != nil {
			return nil, err // one that we started would have no desktop on it
		}
	}
	return dbus.ConnectSessionBus()
}

// ownSession is the login session this program runs in.
func (s *System) ownSession() (path dbus.ObjectPath, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), asking)
	defer cancel()
	err := s.system.Object(logind, "/org/freedesktop/login1").
		CallWithContext(ctx, logind+".Manager.GetSessionByPID", dbus.FlagNoAutoStart, uint32(os.Getpid())).Store(&path)
	return path, err == nil
}

// Listen begins to tell.
func (s *System) Listen() {
	if s.session != nil || s.system != nil {
		go s.hear()
	}
}

// hear ends with the first of the connections, which end together.
func (s *System) hear() {
	for signal := range s.signals {
		switch member := signal.Name[strings.LastIndexByte(signal.Name, '.')+1:]; member {
		case "ActiveChanged":
			var active bool
			if dbus.Store(signal.Body, &active) == nil {
				s.lock(active)
			}
		case "Lock", "Unlock":
			s.lock(member == "Lock")
		}
	}
}

// Idle implements Probe, by GNOME's way and by KDE's.
func (s *System) Idle() (time.Duration, bool) {
	if s.session == nil {
		return 0, false
	}
	for _, way := range []struct {
		name, method string
		path         dbus.ObjectPath
	}{
		{idleGNOME, idleGNOME + ".GetIdletime", "/org/gnome/Mutter/IdleMonitor/Core"},
		{idleOthers, idleOthers + ".GetSessionIdleTime", "/org/freedesktop/ScreenSaver"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), asking)
		call := s.session.Object(way.name, way.path).CallWithContext(ctx, way.method, dbus.FlagNoAutoStart)
		cancel()
		var wide uint64
		var narrow uint32
		if call.Store(&wide) == nil {
			return time.Duration(wide) * time.Millisecond, true
		}
		if call.Store(&narrow) == nil {
			return time.Duration(narrow) * time.Millisecond, true
		}
	}
	return 0, false
}

// Close ends the connections.
func (s *System) Close() {
	for _, conn := range []*dbus.Conn{s.session, s.system} {
		if conn != nil {
			conn.Close()
		}
	}
}
