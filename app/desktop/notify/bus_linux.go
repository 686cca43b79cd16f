package notify

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	daemon     = "org.freedesktop.Notifications"
	daemonPath = dbus.ObjectPath("/org/freedesktop/Notifications")
	busWait    = 5 * time.Second // for an answer of the daemon's
)

// Bus shows bubbles by the notification daemon of the desktop (Desktop Notifications Specification 1.2): they are replaced
// and withdrawn, and what is done at them comes back. The connection is made with the first bubble. Where there is no bus
// or no daemon, Beeep shows them as far as it can.
type Bus struct {
	*Beeep
	log     *slog.Logger
	connect func() (*dbus.Conn, error)

	mu           sync.Mutex // held while the daemon is called, so that its signals find the ids they are about
	conn         *dbus.Conn // nil until the first bubble, and after the bus has gone
	listener     func(Answer)
	capabilities []string // nil until the daemon that runs now was asked
	server       string   // the daemon's name
	ids          map[string]uint32
}

var (
	_ Notifier    = (*Bus)(nil)
	_ Interactive = (*Bus)(nil)
	_ Considerate = (*Bus)(nil)
)

// System makes the system's notifier. The file icon must stay; without one bubbles carry no picture.
func System(icon string, log *slog.Logger) Notifier {
	return &Bus{Beeep: NewBeeep(icon), log: log, connect: sessionBus, ids: map[string]uint32{}, listener: func(Answer) {}}
}

// sessionBus connects to the bus there is, and starts none.
func sessionBus() (*dbus.Conn, error) {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		if _, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")); err != nil {
			return nil, err
		}
	}
	return dbus.ConnectSessionBus()
}

// Listen implements Interactive.
func (b *Bus) Listen(tell func(Answer)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listener = tell
}

// Show implements Notifier.
func (b *Bus) Show(bubble Bubble) error {
	err := b.send(bubble)
	if err == nil {
		return nil
	}
	if fallback := b.Beeep.Show(bubble); fallback != nil {
		return errors.Join(err, fallback)
	}
	return nil
}

func (b *Bus) send(bubble Bubble) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.ready(); err != nil {
		return err
	}
	text := bubble.Text
	if b.can("body-markup") {
		text = markup.Replace(text)
	}
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("recado"), "category": dbus.MakeVariant("im.received"),
		"urgency": dbus.MakeVariant(byte(1))}
	switch {
	case !bubble.Sound:
		hints["suppress-sound"] = dbus.MakeVariant(true)
	case b.can("sound"):
		hints["sound-name"] = dbus.MakeVariant("message-new-instant")
	default:
		go b.beep()
	}
	var actions []string
	for _, a := range []struct{ capability, key, label string }{
		{"actions", "default", bubble.Open}, {"actions", "seen", bubble.Seen}, {"inline-reply", "inline-reply", bubble.Reply},
	} {
		if a.label != "" && b.can(a.capability) {
			actions = append(actions, a.key, a.label)
		}
	}
	var id uint32
	err := b.call(b.conn, "Notify", "Recado", b.ids[bubble.Key], b.icon, bubble.Title, text, actions, hints, int32(-1)).Store(&id)
	if err != nil {
		return err
	}
	b.ids[bubble.Key] = id
	return nil
}

func (b *Bus) can(capability string) bool { return slices.Contains(b.capabilities, capability) }

// ready connects where that was not done, and asks a daemon that is new what it can do. b.mu is held.
func (b *Bus) ready() error {
	if b.conn != nil && !b.conn.Connected() {
		b.conn, b.capabilities = nil, nil
	}
	if b.conn == nil {
		conn, err := b.connect()
		if err != nil {
			return err
		}
		if err := b.follow(conn); err != nil {
			conn.Close()
			return err
		}
		b.conn = conn
	}
	if b.capabilities != nil {
		return nil
	}
	clear(b.ids) // of a daemon that is gone
	var vendor, version, spec string
	if err := b.call(b.conn, "GetServerInformation").Store(&b.server, &vendor, &version, &spec); err != nil {
		return err
	}
	return b.call(b.conn, "GetCapabilities").Store(&b.capabilities)
}

func (b *Bus) call(conn *dbus.Conn, method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(context.Background(), busWait)
	defer cancel()
	return conn.Object(daemon, daemonPath).CallWithContext(ctx, daemon+"."+method, 0, args...)
}

// Withdraw implements Notifier.
func (b *Bus) Withdraw(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id, shown := b.ids[key]
	if !shown || b.conn == nil {
		return
	}
	delete(b.ids, key)
	if err := b.call(b.conn, "CloseNotification", id).Err; err != nil {
		b.log.Debug("withdraw a bubble", "error", err) // gone already
	}
}

// follow has the daemon's signals come in. The bus lets only those through that its owner sent.
func (b *Bus) follow(conn *dbus.Conn) error {
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	for _, rule := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(daemon), dbus.WithMatchObjectPath(daemonPath), dbus.WithMatchInterface(daemon)},
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, daemon)},
	} {
		if err := conn.AddMatchSignal(rule...); err != nil {
			return err
		}
	}
	go func() {
		for s := range signals {
			b.signal(s)
		}
	}()
	return nil
}

// signal takes one in. Their form is not trusted: any program can be the daemon.
func (b *Bus) signal(s *dbus.Signal) {
	var id uint32
	switch s.Name {
	case "org.freedesktop.DBus.NameOwnerChanged":
		b.mu.Lock()
		b.capabilities = nil
		b.mu.Unlock()
	case daemon + ".NotificationClosed":
		var reason uint32
		if dbus.Store(s.Body, &id, &reason) == nil {
			b.tell(id, Answer{Act: Gone})
		}
	case daemon + ".ActionInvoked":
		var action string
		if dbus.Store(s.Body, &id, &action) != nil {
			return
		}
		if act, known := map[string]Act{"default": Opened, "seen": MarkedSeen}[action]; known {
			b.tell(id, Answer{Act: act})
		}
	case daemon + ".NotificationReplied":
		var text string
		if dbus.Store(s.Body, &id, &text) == nil && strings.TrimSpace(text) != "" {
			b.tell(id, Answer{Act: Replied, Text: text})
		}
	}
}

// tell passes on what was done at a bubble of ours.
func (b *Bus) tell(id uint32, a Answer) {
	b.mu.Lock()
	for key, shown := range b.ids {
		if shown == id {
			a.Key = key
		}
	}
	if a.Act == Gone {
		delete(b.ids, a.Key)
	}
	tell := b.listener
	b.mu.Unlock()
	if a.Key != "" {
		tell(a) // in order: a bubble that is clicked is gone afterwards
	}
}

// Busy implements Considerate: as KDE tells it, and by the settings of Xfce and GNOME.
func (b *Bus) Busy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ready() != nil {
		return false
	}
	if v, err := b.conn.Object(daemon, daemonPath).GetProperty(daemon + ".Inhibited"); err == nil {
		inhibited, ok := v.Value().(bool)
		return ok && inhibited
	}
	ctx, cancel := context.WithTimeout(context.Background(), busWait)
	defer cancel()
	switch {
	case strings.HasPrefix(b.server, "Xfce"):
		var v dbus.Variant
		err := b.conn.Object("org.xfce.Xfconf", "/org/xfce/Xfconf").
			CallWithContext(ctx, "org.xfce.Xfconf.GetProperty", 0, "xfce4-notifyd", "/do-not-disturb").Store(&v)
		quiet, ok := v.Value().(bool)
		return err == nil && ok && quiet
	case b.server == "gnome-shell":
		out, err := exec.CommandContext(ctx, "gsettings", "get", "org.gnome.desktop.notifications", "show-banners").Output()
		return err == nil && strings.TrimSpace(string(out)) == "false"
	}
	return false
}
