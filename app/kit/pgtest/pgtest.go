//go:build !windows

// Package pgtest gives tests a real PostgreSQL: one cluster per test binary, in a temporary folder, and a fresh
// database for each test. Where PostgreSQL is missing a test fails, it is never skipped.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// install is what a person can do about missing binaries.
const install = "PostgreSQL's initdb and postgres were not found in PATH nor in /usr/lib/postgresql/*/bin: " +
	"install them (Debian: apt-get install postgresql; or build/setup test)"

// Options say how a cluster is run.
type Options struct {
	// Durable keeps fsync and full page writes on, as in production. Tests that kill no machine do without.
	Durable bool
}

// Cluster is a running PostgreSQL of its own, reachable on 127.0.0.1 only.
type Cluster struct {
	dir     string
	port    int
	server  *exec.Cmd
	exited  chan struct{}
	log     *bytes.Buffer // read only once exited is closed
	created atomic.Int64
	stop    sync.Once
}

// shared is the test binary's one cluster, started by whoever asks first.
var shared struct {
	sync.Mutex
	cluster *Cluster
	err     error
}

// Main runs the tests of a package and stops the cluster afterwards: func TestMain(m *testing.M) { pgtest.Main(m) }.
func Main(m *testing.M) {
	code := m.Run()
	shared.Lock()
	if shared.cluster != nil {
		shared.cluster.Stop()
	}
	shared.Unlock()
	os.Exit(code)
}

// URL makes an empty database in the test binary's cluster and gives its postgres:// address. The package's TestMain
// must call Main, which stops the cluster. The test fails where PostgreSQL is missing or does not start.
func URL(tb testing.TB) string {
	tb.Helper()
	shared.Lock()
	if shared.cluster == nil && shared.err == nil {
		shared.cluster, shared.err = Start(tb.Context(), Options{})
	}
	c, err := shared.cluster, shared.err
	shared.Unlock()
	if err != nil {
		tb.Fatalf("PostgreSQL for tests: %v", err)
	}
	url, err := c.Create(tb.Context())
	if err != nil {
		tb.Fatalf("PostgreSQL for tests: %v", err)
	}
	return url
}

// Start makes a cluster in a temporary folder and runs it until Stop, at the latest until this process ends.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	uid, err := identity()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "recado-pg-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, exited: make(chan struct{}), log: &bytes.Buffer{}}
	if err := c.begin(ctx, bin, uid, o); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) begin(ctx context.Context, bin string, uid *syscall.Credential, o Options) error {
	if uid != nil {
		if err := os.Chown(c.dir, int(uid.Uid), int(uid.Gid)); err != nil {
			return err
		}
	}
	data := filepath.Join(c.dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "recado", "-A", "trust", "-E", "UTF8",
		"--locale=C.UTF-8", "--no-sync", "--no-instructions")
	setUp(initdb, c.dir, uid)
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	// Another program may take the free port before PostgreSQL does; then the next one is tried.
	var err error
	for range 5 {
		if err = c.run(ctx, bin, uid, o); err == nil {
			return nil
		}
	}
	return err
}

func (c *Cluster) run(ctx context.Context, bin string, uid *syscall.Credential, o Options) (err error) {
	if c.port, err = freePort(); err != nil {
		return err
	}
	durable := "off"
	if o.Durable {
		durable = "on"
	}
	c.server = exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(c.dir, "data"), "-p", strconv.Itoa(c.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
		"-c", "fsync="+durable, "-c", "synchronous_commit="+durable, "-c", "full_page_writes="+durable,
		"-c", "shared_buffers=32MB", "-c", "log_min_messages=warning")
	setUp(c.server, c.dir, uid)
	dieWithParent(c.server)
	c.log = &bytes.Buffer{}
	c.server.Stdout, c.server.Stderr = c.log, c.log
	exited := make(chan struct{})
	c.exited = exited
	started := make(chan error, 1)
	go supervise(c.server, started, exited)
	if err := <-started; err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	if err := c.ready(ctx); err != nil {
		c.server.Process.Signal(syscall.SIGQUIT)
		<-exited
		return err
	}
	return nil
}

// ready asks until the cluster answers, which it does within a second or so.
func (c *Cluster) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.url("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.exited:
			return fmt.Errorf("postgres ended: %s", bytes.TrimSpace(c.log.Bytes()))
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w", err)
		case <-again.C:
		}
	}
}

// Create makes an empty database and gives its address.
func (c *Cluster) Create(ctx context.Context) (string, error) {
	name := fmt.Sprintf("t%d", c.created.Add(1))
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return "", fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("create a database: %w", err)
	}
	return c.url(name), nil
}

func (c *Cluster) url(database string) string {
	return fmt.Sprintf("postgres://recado@127.0.0.1:%d/%s?sslmode=disable", c.port, database)
}

// Stop ends the cluster at once and removes its folder. It may be called more than once.
func (c *Cluster) Stop() {
	c.stop.Do(func() {
		if c.server != nil && c.server.Process != nil {
			// SIGQUIT is PostgreSQL's immediate shutdown; SIGKILL would leave its children behind.
			if err := c.server.Process.Signal(syscall.SIGQUIT); err == nil {
				<-c.exited
			}
		}
		os.RemoveAll(c.dir)
	})
}

func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if p, err := exec.LookPath("initdb"); err == nil {
		found = append(found, filepath.Dir(p))
	}
	for i := len(found) - 1; i >= 0; i-- {
		if has(found[i], "initdb") && has(found[i], "postgres") {
			return found[i], nil
		}
	}
	return "", errors.New(install)
}

func has(dir, program string) bool {
	_, err := os.Stat(filepath.Join(dir, program))
	return err == nil
}

// identity is whom PostgreSQL runs as: it refuses root, so root lends it another uid.
func identity() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// setUp keeps PostgreSQL's child in the folder it owns: the caller's may be closed to it.
func setUp(c *exec.Cmd, dir string, uid *syscall.Credential) {
	c.Dir = dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "HOME=" + dir}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: uid}
}
