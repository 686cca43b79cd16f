// Package audit drives a built server from outside, as any program on the network would: it kills it and counts what is
// left, fills it with the texts of real mails, and measures the way of a message. Nothing in it is part of the product.
package audit

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// password is what every person of an audit signs in with; the databases are temporary.
const password = "correct horse battery staple"

// Program is a `recado serve` that can be killed and started again on the same data and address.
type Program struct {
	Binary   string
	Data     string   // folder, made by the caller
	Database string   // empty: SQLite in Data
	Flags    []string // further flags of serve

	mu     sync.Mutex
	base   string
	cmd    *exec.Cmd
	ended  chan error
	stderr bytes.Buffer
}

// Start runs the server and waits until it accepts requests. After the first time it listens on the same address again.
func (p *Program) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	listen := "127.0.0.1:0"
	if p.base != "" {
		listen = strings.TrimPrefix(p.base, "http://")
	}
	cmd := exec.Command(p.Binary, slices.Concat([]string{"serve", "--listen", listen}, p.where(), p.Flags)...)
	p.stderr.Reset()
	cmd.Stderr = &p.stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	line, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		s := bufio.NewScanner(out)
		for s.Scan() {
			select {
			case line <- s.Text():
			default:
			}
		}
		ended <- cmd.Wait()
	}()
	p.cmd, p.ended = cmd, ended
	return p.awaitLine(ctx, line)
}

func (p *Program) awaitLine(ctx context.Context, line <-chan string) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	select {
	case l := <-line:
		address, ok := strings.CutPrefix(l, "recado: serving ")
		if !ok {
			return fmt.Errorf("the server said %q", l)
		}
		p.base = address
		return nil
	case err := <-p.ended:
		p.ended <- err
		return fmt.Errorf("the server ended: %v: %s", err, bytes.TrimSpace(p.stderr.Bytes()))
	case <-ctx.Done():
		return fmt.Errorf("the server does not start: %w", ctx.Err())
	}
}

// Base is the server's address, http://HOST:PORT.
func (p *Program) Base() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.base
}

func (p *Program) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// Kill ends the server as a power cut would, and waits until it is gone.
func (p *Program) Kill() { p.end(os.Kill) }

// Stop asks the server to stop cleanly, and waits until it has.
func (p *Program) Stop() { p.end(os.Interrupt) }

func (p *Program) end(s os.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return
	}
	p.cmd.Process.Signal(s)
	<-p.ended
	p.cmd = nil
}

func (p *Program) where() []string {
	at := []string{"--data", p.Data}
	if p.Database != "" {
		at = append(at, "--database", p.Database)
	}
	return at
}

// Run runs another command of the program on the same data and gives what it printed.
func (p *Program) Run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.Binary, append(args, p.where()...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("recado %s: %w: %s", args[0], err, bytes.TrimSpace(out))
	}
	return string(out), nil
}

// Team adds n users and signs each in.
func (p *Program) Team(ctx context.Context, n int) ([]*Speaker, error) {
	return p.team(ctx, n, "agent")
}

func (p *Program) team(ctx context.Context, n int, role string) ([]*Speaker, error) {
	file := filepath.Join(p.Data, "password")
	if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
		return nil, err
	}
	defer os.Remove(file)
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	team := make([]*Speaker, n)
	for i := range team {
		email := fmt.Sprintf("person%02d@example.test", i+1)
		name := fmt.Sprintf("Person %02d", i+1)
		if _, err := p.Run(ctx, "user", "add", "--email", email, "--name", name, "--role", role, "--password-file", file); err != nil {
			return nil, err
		}
		team[i] = &Speaker{Base: p.Base(), Email: email, http: &http.Client{Transport: transport}}
		if err := team[i].signIn(ctx); err != nil {
			return nil, err
		}
	}
	return team, nil
}
