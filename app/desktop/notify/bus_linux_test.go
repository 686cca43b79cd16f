package notify

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// startBus runs a message bus of the test's own and gives its address.
func startBus(t *testing.T) (address string) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "bus.conf")
	err := os.WriteFile(config, []byte(`<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func connect(t *testing.T, address string) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// notified is one call of Notify.
type notified struct {
	id, replaces  uint32
	summary, body string
	actions       []string
	hints         map[string]dbus.Variant
}

// fakeDaemon is a notification daemon as the specification has it, without a screen.
type fakeDaemon struct {
	conn  *dbus.Conn
	can   []string
	props *prop.Properties

	mu     sync.Mutex
	last   uint32
	shown  []notified
	closed []uint32
}

func (d *fakeDaemon) Notify(_ string, replaces uint32, _, summary, body string, actions []string, hints map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := replaces
	if id == 0 {
		d.last++
		id = d.last
	}
	d.shown = append(d.shown, notified{id, replaces, summary, body, actions, hints})
	return id, nil
}

func (d *fakeDaemon) CloseNotification(id uint32) *dbus.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = append(d.closed, id)
	return nil
}

func (d *fakeDaemon) GetCapabilities() ([]string, *dbus.Error) { return d.can, nil }

func (d *fakeDaemon) GetServerInformation() (name, vendor, version, spec string, e *dbus.Error) {
	return "fake", "test", "1", "1.2", nil
}

func startDaemon(t *testing.T, address string, can ...string) *fakeDaemon {
	t.Helper()
	d := &fakeDaemon{conn: connect(t, address), can: can}
	if err := d.conn.Export(d, daemonPath, daemon); err != nil {
		t.Fatal(err)
	}
	var err error
	d.props, err = prop.Export(d.conn, daemonPath, prop.Map{daemon: {"Inhibited": {Value: false, Emit: prop.EmitTrue}}})
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := d.conn.RequestName(daemon, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own the name: %v, %v", reply, err)
	}
	return d
}

func newBus(address string) (*Bus, chan Answer) {
	answers := make(chan Answer, 16)
	b := System("", slog.New(slog.DiscardHandler)).(*Bus)
	b.connect = func() (*dbus.Conn, error) { return dbus.Connect(address) }
	b.Listen(func(a Answer) { answers <- a })
	return b, answers
}

func TestBus(t *testing.T) {
	t.Parallel()
	address := startBus(t)
	d := startDaemon(t, address, "actions", "body-markup", "inline-reply")
	b, answers := newBus(address)
	show := func(key, text string) notified {
		t.Helper()
		if err := b.Show(Bubble{Key: key, Title: "Luis", Text: text, Open: "Open", Seen: "Seen", Reply: "Answer"}); err != nil {
			t.Fatal(err)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.shown[len(d.shown)-1]
	}
	first, again, other := show("c", "<b>a & b</b>"), show("c", "more"), show("d", "other")
	if first.body != "&lt;b&gt;a &amp; b&lt;/b&gt;" || fmt.Sprint(first.actions) != "[default Open seen Seen inline-reply Answer]" {
		t.Errorf("shown %+v", first)
	}
	if again.replaces != first.id || other.replaces != 0 || first.hints["suppress-sound"].Value() != true {
		t.Errorf("replaced %+v, %+v", again, other)
	}
	emit := func(conn *dbus.Conn, name string, args ...any) {
		t.Helper()
		if err := conn.Emit(daemonPath, daemon+"."+name, args...); err != nil {
			t.Fatal(err)
		}
	}
	stranger := connect(t, address)
	emit(stranger, "ActionInvoked", first.id, "default") // not the daemon: the bus lets it go by
	emit(d.conn, "ActionInvoked", uint32(999), "default")
	emit(d.conn, "ActionInvoked", "malformed")
	emit(d.conn, "NotificationReplied", first.id, "  ")
	emit(d.conn, "NotificationReplied", first.id, "yes")
	if got, want := <-answers, (Answer{Key: "c", Act: Replied, Text: "yes"}); got != want {
		t.Errorf("answered %+v, want %+v", got, want)
	}
	emit(d.conn, "ActionInvoked", other.id, "seen")
	if got, want := <-answers, (Answer{Key: "d", Act: MarkedSeen}); got != want {
		t.Errorf("answered %+v, want %+v", got, want)
	}
	emit(d.conn, "NotificationClosed", other.id, uint32(2))
	if got, want := <-answers, (Answer{Key: "d", Act: Gone}); got != want {
		t.Errorf("answered %+v, want %+v", got, want)
	}
	b.Withdraw("c")
	b.Withdraw("d") // gone already
	d.mu.Lock()
	closed := d.closed
	d.mu.Unlock()
	if len(closed) != 1 || closed[0] != first.id {
		t.Errorf("withdrawn %v", closed)
	}
	if b.Busy() {
		t.Error("busy without being asked for quiet")
	}
	d.props.SetMust(daemon, "Inhibited", true)
	if !b.Busy() {
		t.Error("asked for quiet, and not busy")
	}
	if len(answers) != 0 {
		t.Errorf("a stranger was heard: %+v", <-answers)
	}
}

// A daemon that starts anew knows nothing of the bubbles of the one before, and may be able to do less.
func TestBusWithAnotherDaemon(t *testing.T) {
	t.Parallel()
	address := startBus(t)
	d := startDaemon(t, address, "actions")
	b, _ := newBus(address)
	if err := b.Show(Bubble{Key: "c", Title: "one", Open: "Open"}); err != nil {
		t.Fatal(err)
	}
	watch := connect(t, address)
	changed := make(chan *dbus.Signal, 4)
	watch.Signal(changed)
	if err := watch.AddMatchSignal(dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, daemon)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.conn.ReleaseName(daemon); err != nil {
		t.Fatal(err)
	}
	<-changed
	next := startDaemon(t, address)
	for end := time.Now().Add(10 * time.Second); ; { // the signal comes in on the bus's own connection
		b.mu.Lock()
		forgotten := b.capabilities == nil
		b.mu.Unlock()
		if forgotten {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the new daemon is not noticed")
		}
	}
	if err := b.Show(Bubble{Key: "c", Title: "two", Text: "a & b", Open: "Open"}); err != nil {
		t.Fatal(err)
	}
	next.mu.Lock()
	defer next.mu.Unlock()
	if got := next.shown[0]; got.replaces != 0 || len(got.actions) != 0 || got.body != "a & b" {
		t.Errorf("shown %+v", got)
	}
}
