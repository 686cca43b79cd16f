// Package main runs the audits of Recado against a built program: make audit.
package main

import (
	"context"
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
	if len(args) == 0 || args[0] != "crash" {
		return fmt.Errorf("say what to audit: crash")
	}
	flags := flag.NewFlagSet(args[0], flag.ExitOnError)
	binary := flags.String("recado", "build/bin/recado", "the built program")
	duration := flags.Duration("duration", time.Minute, "how long, on each database")
	flags.Parse(args[1:])
	return onEach(ctx, *binary, func(name string, p *audit.Program) error {
		fmt.Printf("crash audit on %s for %s: ", name, *duration)
		return audit.Crash{Program: p, Duration: *duration, Between: 2 * time.Second, Log: os.Stdout}.Run(ctx)
	})
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
