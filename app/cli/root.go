// Package cli is the command line: it reads flags and hands over. What a command does stands in its own file.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"recado/app/server"
)

// Program is what the commands work with; tests give their own.
type Program struct {
	UI     fs.FS  // the built frontend
	Widget fs.FS  // the built widget of the live chat
	Icon   []byte // a PNG, of the window and of bubbles
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer

	data, database, log string
}

// Main runs the command that args name and gives the exit code. It ends on SIGINT and SIGTERM.
func (p *Program) Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := p.root()
	root.SetArgs(args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var exit exitCode
	if errors.As(err, &exit) {
		return int(exit)
	}
	fmt.Fprintln(p.Stderr, "recado: "+sentence(err))
	return 1
}

// exitCode ends the program without another word.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit %d", int(e)) }

func (p *Program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "recado",
		Short:         "The messaging desk of a team",
		SilenceErrors: true, SilenceUsage: true,
		Args:              cobra.NoArgs,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return fromEnvironment(c.Flags()) },
	}
	root.PersistentFlags().StringVar(&p.data, "data", defaultData(), "folder that everything is kept in")
	root.PersistentFlags().StringVar(&p.database, "database", "", "postgres://… (default: SQLite in the data folder)")
	root.PersistentFlags().StringVar(&p.log, "log", "text", "form of the log on stderr: json or text")
	root.CompletionOptions.DisableDefaultCmd = true
	p.desktop(root)
	root.AddCommand(p.browser(), p.serve(), p.user(), p.sample(), p.check(), p.backup(), p.restore(), p.importMail(), p.version())
	return root
}

// fromEnvironment gives flags that were not set the value of RECADO_NAME.
func fromEnvironment(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || err != nil {
			return
		}
		name := "RECADO_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if v, ok := os.LookupEnv(name); ok {
			if e := flags.Set(f.Name, v); e != nil {
				err = fmt.Errorf("%s: %w", name, e)
			}
		}
	})
	return err
}

// defaultData is where the system keeps what programs store.
func defaultData() string {
	home, _ := os.UserHomeDir()
	switch runtime.GOOS {
	case "windows":
		if dir := os.Getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "Recado")
		}
		return filepath.Join(home, "Recado")
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "Recado")
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "recado")
	}
	return filepath.Join(home, ".local", "share", "recado")
}

func (p *Program) logger() (*slog.Logger, error) {
	switch p.log {
	case "json":
		return slog.New(slog.NewJSONHandler(p.Stderr, nil)), nil
	case "text":
		return slog.New(slog.NewTextHandler(p.Stderr, nil)), nil
	}
	return nil, errors.New("--log is json or text")
}

func (p *Program) config() (server.Config, error) {
	log, err := p.logger()
	if err != nil {
		return server.Config{}, err
	}
	if p.data == "" {
		return server.Config{}, errors.New("--data must name a folder")
	}
	if p.database != "" && !strings.HasPrefix(p.database, "postgres://") && !strings.HasPrefix(p.database, "postgresql://") {
		return server.Config{}, errors.New("--database must be postgres://user:password@host:port/name, or left out for SQLite")
	}
	return server.Config{Data: p.data, Database: p.database, Log: log}, nil
}

// sentence keeps an error to one line.
func sentence(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}
