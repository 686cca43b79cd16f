package desktop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"recado/app/client"
	"recado/app/desktop/bind"
)

// TestMain lets this test binary stand in for the program: called as a server, it is one as far as its owner can tell.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		os.Exit(standIn(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// standIn listens where it is told, names its process at /, says what it inherited, and ends with its standard input.
func standIn(args []string) int {
	after := func(flag string) string { return args[slices.Index(args, flag)+1] }
	if _, err := os.Stat(filepath.Join(after("--data"), "broken")); err == nil {
		fmt.Fprintln(os.Stderr, "recado: the database is damaged; restore a backup")
		return 1
	}
	at, err := net.Listen("tcp", after("--listen"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "recado:", err)
		return 1
	}
	fmt.Printf("recado: serving http://%s\n", at.Addr())
	go http.Serve(at, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, os.Getpid(), os.Getenv("RECADO_LISTEN"))
	}))
	io.Copy(io.Discard, os.Stdin)
	return 0
}

func newLocalForTest(t *testing.T) *local {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := openProfile(t.TempDir(), "default")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.lock.Release() })
	l := newLocal(p, program, slog.New(slog.DiscardHandler))
	t.Cleanup(l.Close)
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return l
}

// ask gives the process behind an address, trying until one answers whose number is not besides.
func ask(t *testing.T, address string, besides int) int {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for deadline := time.After(30 * time.Second); ; {
		if res, err := http.Get(address); err == nil {
			line, err := bufio.NewReader(res.Body).ReadString('\n')
			res.Body.Close()
			if fields := strings.Fields(line); err == nil && len(fields) > 0 {
				if len(fields) > 1 {
					t.Errorf("the server inherited the app's settings: %q", fields[1])
				}
				if pid, err := strconv.Atoi(fields[0]); err == nil && pid != besides {
					return pid
				}
			}
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatal("no server answers at " + address)
		}
	}
}

func TestLocalServerComesBackAtItsAddress(t *testing.T) {
	t.Setenv("RECADO_LISTEN", "127.0.0.1:1")
	l := newLocalForTest(t)
	address, err := l.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := ask(t, address, 0)
	if again, err := l.Start(t.Context()); err != nil || again != address {
		t.Errorf("started twice: %q, %v; want %q", again, err, address)
	}
	killed, err := os.FindProcess(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.Kill(); err != nil {
		t.Fatal(err)
	}
	ask(t, address, first)
	l.Close()
	if res, err := http.Get(address); err == nil {
		res.Body.Close()
		t.Error("the server outlived its app")
	}
	// The next app of this profile finds it where it was.
	l.Revive()
	ask(t, address, 0)
}

func TestLocalServerThatDoesNotStartSaysWhy(t *testing.T) {
	t.Parallel()
	l := newLocalForTest(t)
	if err := os.WriteFile(filepath.Join(l.dir, "broken"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := l.Start(context.Background())
	var told *client.Error
	if !errors.As(err, &told) || told.Code != bind.CodeServer || !strings.Contains(told.Message, "the database is damaged; restore a backup") {
		t.Fatalf("got %v", err)
	}
}

// Another program may have taken the port while the app was away, by chance or to be told the token: the server runs
// elsewhere then, and what is meant for it reaches it and nobody else.
func TestLocalServerWhosePortWasTakenIsReachedAndNobodyElseIs(t *testing.T) {
	t.Parallel()
	l := newLocalForTest(t)
	known, err := l.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	taken, err := net.Listen("tcp", strings.TrimPrefix(known, "http://"))
	if err != nil {
		t.Fatal("closed, and it listens still:", err)
	}
	defer taken.Close()
	go http.Serve(taken, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other program was asked") }))

	l.Revive()
	through := &http.Client{Transport: &http.Transport{DialContext: l.dial}}
	for range 3 {
		res, err := through.Get(known)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	if l.kept() != strings.TrimPrefix(known, "http://") {
		t.Errorf("known by %s now; the next start is to try %s again", l.kept(), known)
	}
}

func TestNothingIsSentToALocalServerThatDoesNotRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &local{log: slog.New(slog.DiscardHandler), up: make(chan struct{}), port: func() int { return 4711 }, running: true}
		if _, err := l.dial(t.Context(), "tcp", "127.0.0.1:4711"); err == nil || !strings.Contains(err.Error(), "is not running") {
			t.Errorf("got %v", err)
		}
	})
}
