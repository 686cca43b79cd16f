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
	dir := flags.String("mails", "", "mails: a folder of mail files; letters: a folder of corpora")
	verbose := flags.Bool("verbose", false, "letters: name each mail that comes out otherwise than expected")
	messages := flags.Int("messages", 20_000, "mails: how many messages")
	load := audit.Load{Senders: []int{1, 16, 64}, Log: os.Stdout}
	flags.DurationVar(&load.Each, "each", 5*time.Second, "load, chatload: how long each measurement of posting lasts")
	flags.IntVar(&load.People, "people", 1000, "load: how many one message fans out to, each with a stream")
	flags.IntVar(&load.Streams, "streams", 10_000, "load: how many idle streams")
	mails := flags.Int("due", 10_000, "mailload: how many mails are due at once")
	sink := flags.String("sink", "", "mailload: HOST:PORT of a mail server to send to; one of its own otherwise")
	chat := audit.ChatLoad{Log: os.Stdout}
	flags.IntVar(&chat.Visitors, "visitors", 2000, "chatload: how many visitors are connected")
	flags.IntVar(&chat.Agents, "agents", 8, "chatload: how many agents write to them")
	flags.IntVar(&chat.Rate, "rate", 100, "chatload: how many messages a second")
	flags.IntVar(&chat.Flood, "flood", 1000, "chatload: how many messages a second one site floods with")
	database := flags.String("database", "sqlite", "load: sqlite, or postgres for a durable cluster of its own")
	if len(args) == 0 {
		return errors.New("say what to audit: crash, mailcrash, mails, letters, load, mailload or chatload")
	}
	flags.Parse(args[1:])
	switch args[0] {
	case "crash":
		return onEach(ctx, *binary, func(name string, p *audit.Program) error {
			fmt.Printf("crash audit on %s for %s: ", name, *duration)
			return audit.Crash{Program: p, Duration: *duration, Between: 2 * time.Second, Log: os.Stdout}.Run(ctx)
		})
	case "mailcrash":
		return onEach(ctx, *binary, func(name string, p *audit.Program) error {
			fmt.Printf("mail audit on %s for %s: ", name, *duration)
			return audit.MailCrash{Program: p, Duration: *duration, Between: 2 * time.Second, Log: os.Stdout}.Run(ctx)
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
	case "letters":
		return audit.Letters{Dir: *dir, Log: os.Stdout, Verbose: *verbose}.Run()
	case "chatload":
		chat.Each = load.Each
		return onEach(ctx, *binary, func(name string, p *audit.Program) error {
			fmt.Printf("live chat on %s; times are the median / the 99th percentile; [disk]: 4 KiB made durable just then\n", name)
			chat.Program = p
			return chat.Run(ctx)
		})
	case "load":
		return measure(ctx, *binary, *database, func(p *audit.Program) error {
			load.Program = p
			return load.Run(ctx)
		})
	case "mailload":
		return measure(ctx, *binary, *database, func(p *audit.Program) error {
			return audit.MailLoad{Program: p, Mails: *mails, Sink: *sink, Each: load.Each, Log: os.Stdout}.Run(ctx)
		})
	}
	return fmt.Errorf("there is no audit %q: crash, mailcrash, mails, letters, load, mailload or chatload", args[0])
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

// measure runs a load on one database.
func measure(ctx context.Context, binary, database string, load func(*audit.Program) error) error {
	dir, err := os.MkdirTemp("", "recado-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := &audit.Program{Binary: binary, Data: dir}
	switch database {
	case "sqlite":
	case "postgres":
		pg, err := pgtest.Start(ctx, pgtest.Options{Durable: true})
		if err != nil {
			return err
		}
		defer pg.Stop()
		if program.Database, err = pg.Create(ctx); err != nil {
			return err
		}
	default:
		return fmt.Errorf("--database %q: sqlite or postgres", database)
	}
	fmt.Printf("load on %s; times are the median / the 99th percentile; [disk]: 4 KiB made durable just then\n", database)
	return load(program)
}
