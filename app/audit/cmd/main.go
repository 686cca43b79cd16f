// Package main runs the audits of Recado against a built program: make audit.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"recado/app/audit"
	"recado/app/kit/pgtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "audit:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("audit", flag.ExitOnError)
	binary := flags.String("recado", "build/bin/recado", "the built program")
	duration := flags.Duration("duration", time.Minute, "crash: how long, on each database")
	dir := flags.String("dir", "", "mails: a folder of mail files")
	messages := flags.Int("messages", 20_000, "mails: how many messages")
	if len(args) == 0 {
		return errors.New("say what to audit: crash or mails")
	}
	flags.Parse(args[1:])
	switch args[0] {
	case "crash":
		return onEach(ctx, *binary, func(name string, p *audit.Program) error {
			fmt.Printf("crash audit on %s for %s: ", name, *duration)
			return audit.Crash{Program: p, Duration: *duration, Between: 2 * time.Second, Log: os.Stdout}.Run(ctx)
		})
	case "mails":
		texts, err := audit.Texts(*dir)
		if err != nil {
			return err
		}
		return onEach(ctx, *binary, func(name string, p *audit.Program) error {
			fmt.Printf("texts of real mails on %s: ", name)
			return audit.Mails{Program: p, Texts: texts, People: 12, Conversations: 300, Messages: *messages, Log: os.Stdout}.Run(ctx)
		})
	}
	return fmt.Errorf("there is no audit %q: crash or mails", args[0])
}

// onEach runs an audit on SQLite and on a PostgreSQL of its own, both as durable as in production.
func onEach(ctx context.Context, binary string, do func(string, *audit.Program) error) error {
	pg, err := pgtest.Start(ctx, pgtest.Options{Durable: true})
	if err != nil {
		return err
	}
	defer pg.Stop()
	url, err := pg.Create(ctx)
	if err != nil {
		return err
	}
	for _, on := range []struct{ name, database string }{{"SQLite", ""}, {"PostgreSQL", url}} {
		dir, err := os.MkdirTemp("", "recado-audit-")
		if err != nil {
			return err
		}
		err = do(on.name, &audit.Program{Binary: binary, Data: dir, Database: on.database})
		if err != nil {
			return fmt.Errorf("%s (its data is kept in %s): %w", on.name, dir, err)
		}
		os.RemoveAll(dir)
	}
	return nil
}
