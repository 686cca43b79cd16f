package desktop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"recado/app/client"
	"recado/app/desktop/bind"
)

// startWait is how long a local server may take until it accepts requests: a migration of a large database is in it.
const startWait = 60 * time.Second

// local runs the server on this computer: the same program as a child, which ends with the app because its standard
// input does. It is started again when it dies.
type local struct {
	dir     string // of the server's data
	program string // this program
	port    func() int
	keep    func(port int) error
	log     *slog.Logger

	mu      sync.Mutex
	url     string        // where it runs; empty while it does not
	up      chan struct{} // closed while url is told
	running bool          // looked after
	stop    context.CancelFunc
	ended   chan struct{}
}

var _ bind.LocalServer = (*local)(nil)

// newLocal makes the local server of a profile; nothing runs yet.
func newLocal(p *profile, program string, log *slog.Logger) *local {
	return &local{dir: filepath.Join(p.dir, "server"), program: program, log: log, up: make(chan struct{}),
		port: func() int { return p.now().Port },
		keep: func(port int) error { return p.change(func(k *kept) { k.Port = port }) }}
}

// Start implements bind.LocalServer. The server stays until Close. What is answered is the address it is known by.
func (l *local) Start(ctx context.Context) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running && l.url != "" {
		return "http://" + l.kept(), nil
	}
	if l.running {
		return "", refuseLocal("it is being started again; try again in a moment")
	}
	child, address, err := l.launch(ctx)
	if err != nil {
		return "", err
	}
	l.lookAfter(child, address)
	return "http://" + l.kept(), nil
}

// Revive starts it in the background and goes on trying: for an app that belongs to it already.
func (l *local) Revive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.running {
		l.lookAfter(nil, "")
	}
}

// lookAfter restarts the child whenever it ends, until Close; a nil child is to be launched first. l.mu is held.
func (l *local) lookAfter(child *child, address string) {
	ctx, stop := context.WithCancel(context.Background())
	l.running, l.stop, l.ended = true, stop, make(chan struct{})
	l.tell(address)
	go func(ended chan struct{}) {
		defer close(ended)
		l.loop(ctx, child)
	}(l.ended)
}

func (l *local) loop(ctx context.Context, child *child) {
	defer func() {
		if child != nil { // asked to end before it was looked at
			child.end()
		}
	}()
	for failures := 0; ctx.Err() == nil; {
		if child != nil {
			began := time.Now()
			child.wait(ctx)
			l.setURL("")
			if time.Since(began) > time.Minute {
				failures = 0
			}
		}
		if ctx.Err() != nil {
			return
		}
		if failures > 0 || child != nil {
			select {
			case <-ctx.Done():
				return
			case <-time.After(min(200*time.Millisecond<<min(failures, 8), 30*time.Second)):
			}
		}
		failures++
		next, address, err := l.launch(ctx)
		if child = next; err != nil {
			l.log.Warn("local server", "error", err)
			continue
		}
		l.setURL(address)
	}
}

func (l *local) setURL(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell(address)
}

// tell notes where the server runs, or that it does not, and lets go on who waits for it. l.mu is held.
func (l *local) tell(address string) {
	if l.url = address; address != "" {
		close(l.up)
	} else {
		l.up = make(chan struct{})
	}
}

// Close ends the server and waits for it; it then has written everything.
func (l *local) Close() {
	l.mu.Lock()
	stop, ended := l.stop, l.ended
	l.stop, l.running = nil, false
	l.mu.Unlock()
	if stop != nil {
		stop()
		<-ended
	}
}

// child is a running server.
type child struct {
	cmd   *exec.Cmd
	stdin io.Closer
	done  chan struct{} // closed once it ended
}

// wait waits for its end, which ctx asks for.
func (c *child) wait(ctx context.Context) {
	select {
	case <-c.done:
	case <-ctx.Done():
		c.end()
	}
}

// end asks it to stop by closing its lifeline, and kills it where it takes too long.
func (c *child) end() {
	c.stdin.Close()
	select {
	case <-c.done:
	case <-time.After(10 * time.Second):
		c.cmd.Process.Kill()
		<-c.done
	}
}

// kept is the address the server had at first and is known by; empty before that.
func (l *local) kept() string {
	if l.port() == 0 {
		return ""
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(l.port()))
}

// freeAddress is where the server is to listen: at the address it is known by, the first time at any, and also where
// another program has taken that one meanwhile.
func (l *local) freeAddress() string {
	kept := l.kept()
	if kept == "" {
		return "127.0.0.1:0"
	}
	probe, err := net.Listen("tcp", kept)
	if err != nil {
		l.log.Warn("the local server's port is taken; it runs on another for now", "error", err)
		return "127.0.0.1:0"
	}
	probe.Close()
	return kept
}

// dial makes the client's connections. What is meant for the local server reaches the child that is it, wherever that
// listens; while there is none it waits for one: whoever has taken its port must not see a token.
func (l *local) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	for {
		l.mu.Lock()
		mine, at, up := l.running && address == l.kept(), l.url, l.up
		l.mu.Unlock()
		if mine && at == "" {
			select {
			case <-up:
				continue
			case <-ctx.Done():
				return nil, fmt.Errorf("the server on this computer is not running: %w", ctx.Err())
			}
		}
		if mine {
			address = strings.TrimPrefix(at, "http://")
		}
		return d.DialContext(ctx, network, address)
	}
}

// launch starts the program as a server and waits until it accepts requests.
func (l *local) launch(ctx context.Context) (*child, string, error) {
	listen := l.freeAddress()
	cmd := l.command(context.Background(), "serve", "--listen", listen, "--lifeline", "--data", l.dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, "", err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	said := &tail{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		return nil, "", fmt.Errorf("start the local server: %w", err)
	}
	c := &child{cmd: cmd, stdin: stdin, done: make(chan struct{})}
	line := make(chan string, 1)
	go func() {
		defer close(c.done)
		r := bufio.NewReader(stdout)
		first, _ := r.ReadString('\n')
		line <- first
		io.Copy(io.Discard, r)
		if err := cmd.Wait(); err != nil {
			l.log.Warn("the local server ended", "error", err, "said", said.last())
		}
	}()
	address, err := l.await(ctx, c, line, said)
	if err != nil {
		c.end()
		return nil, "", err
	}
	return c, address, nil
}

func (l *local) await(ctx context.Context, c *child, line <-chan string, said *tail) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(startWait):
		return "", refuseLocal("it did not become ready within a minute")
	case first := <-line:
		address, ok := strings.CutPrefix(strings.TrimSpace(first), "recado: serving ")
		if !ok {
			<-c.done
			return "", refuseLocal(said.last())
		}
		if l.port() != 0 {
			return address, nil
		}
		return address, l.keepPort(address)
	}
}

func (l *local) keepPort(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return fmt.Errorf("the local server's address %q has no port", address)
	}
	return l.keep(port)
}

// AddAdmin implements bind.LocalServer. The password goes over in a file that only this person can read, and that is
// gone afterwards: arguments and environment can be read by others.
func (l *local) AddAdmin(ctx context.Context, name, email, password string) error {
	f, err := os.CreateTemp(filepath.Dir(l.dir), ".password-*") // made with 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(password + "\n")
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	said := &tail{}
	cmd := l.command(ctx, "user", "add", "--role", "admin", "--name="+name, "--email="+email, "--password-file", f.Name(), "--data", l.dir)
	cmd.Stderr = said
	if err := cmd.Run(); err != nil {
		if last := said.last(); last != "" {
			return &client.Error{Code: bind.CodeInvalid, Message: last}
		}
		return fmt.Errorf("add the first user: %w", err)
	}
	return nil
}

// command is this program with arguments. Settings of the environment are for the app, not for its server.
func (l *local) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, l.program, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "RECADO_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	return cmd
}

func refuseLocal(why string) error {
	if why == "" {
		why = "it said nothing"
	}
	return &client.Error{Code: bind.CodeServer, Message: "The server on this computer did not start: " + why}
}

// tail keeps the end of what a child said.
type tail struct {
	mu   sync.Mutex
	said []byte
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said = append(t.said, p...)
	if over := len(t.said) - 4096; over > 0 {
		t.said = append([]byte(nil), t.said[over:]...)
	}
	return len(p), nil
}

// last is its last line, as a sentence.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.said)), "\n")
	return strings.TrimPrefix(strings.TrimSpace(lines[len(lines)-1]), "recado: ")
}
