package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"recado/app/desk"
	"recado/app/kit/mailbox"
	"recado/app/server"
	"recado/app/server/mailin"
)

func (p *Program) importMail() *cobra.Command {
	c := &cobra.Command{Use: "import", Short: "Make customers and conversations of an existing mailbox; run it again to go on, or for what came since"}
	c.AddCommand(
		p.importBox("mbox FILE", "Import an mbox file", mailbox.OpenMbox),
		p.importBox("maildir DIR", "Import a Maildir folder, with the folders in it", mailbox.OpenMaildir))
	return c
}

func (p *Program) importBox(use, short string, open func(string) (*mailbox.Box, error)) *cobra.Command {
	var mail server.Config
	o := mailin.ImportOptions{OpenSince: 30 * 24 * time.Hour}
	c := &cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&mail.MailFrom, "mail-from", "", "the team's address, as the server is given it: \"Name <address>\"")
	c.Flags().StringVar(&mail.ReplyDomain, "reply-domain", "", "domain that answers to mails go to (default: that of --mail-from)")
	c.Flags().StringSliceVar(&mail.AuthServers, "mail-auth-server", nil, "mail servers whose Authentication-Results are believed, by the name they sign with")
	c.Flags().StringSliceVar(&o.Own, "own", nil, "address that the team wrote from, besides --mail-from and those of its users")
	c.Flags().BoolVar(&o.Sent, "sent", false, "the mailbox holds what the team sent: mails from its addresses are believed")
	c.Flags().Var((*daysValue)(&o.OpenSince), "open-since", "how young a customer's last mail must be for its conversation to begin open, as in 30d or 12h")
	c.RunE = func(c *cobra.Command, args []string) error {
		for _, a := range o.Own {
			if desk.CheckEmail("own", a) != nil {
				return fmt.Errorf("--own %q must be an e-mail address", a)
			}
		}
		box, err := open(args[0])
		if err != nil {
			return fmt.Errorf("open the mailbox: %w", err)
		}
		defer box.Close()
		config, err := p.config()
		if err != nil {
			return err
		}
		config.MailFrom, config.ReplyDomain, config.AuthServers = mail.MailFrom, mail.ReplyDomain, mail.AuthServers
		return p.withTools(c, func(t *server.Tools) error { return p.runImport(c.Context(), t, config, box, o) })
	}
	return c
}

func (p *Program) runImport(ctx context.Context, t *server.Tools, config server.Config, box *mailbox.Box, o mailin.ImportOptions) error {
	o.Progress = &mailin.ImportProgress{}
	stop := p.showProgress(o.Progress, box.Size)
	sum, err := t.Import(ctx, config, box, o)
	stop()
	if sum.Mails > 0 {
		printImported(p.Stdout, sum)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted: what was imported stays; run the same command again to go on")
	case err != nil:
		return advice(err)
	case sum.Mails == 0:
		return errors.New("there is no mail in it")
	case len(sum.Unreadable) > 0:
		fmt.Fprintf(p.Stderr, "recado: %d mails could not be imported\n", len(sum.Unreadable))
		return exitCode(1)
	}
	return nil
}

func printImported(w io.Writer, sum mailin.Imported) {
	held := 0
	for _, n := range sum.Held {
		held += n
	}
	fmt.Fprintf(w, "mails           %d\nmessages        %d\nnew customers   %d\nconversations   %d\nheld            %d\n", sum.Mails, sum.Messages, sum.Customers, sum.Conversations, held)
	for _, why := range slices.Sorted(maps.Keys(sum.Held)) {
		fmt.Fprintf(w, "  %5d  %s\n", sum.Held[why], why.Words())
	}
	if sum.Reports > 0 {
		fmt.Fprintf(w, "reports         %d\n", sum.Reports)
	}
	fmt.Fprintf(w, "already there   %d\nunreadable      %d\n", sum.There, len(sum.Unreadable))
	for _, u := range sum.Unreadable {
		fmt.Fprintf(w, "  %s: %v\n", u.Place, u.Err)
	}
}

// How often progress is told: on a terminal in one line that is written over, elsewhere in lines that stay.
const (
	onTerminal = time.Second
	inLog      = 10 * time.Second
)

// showProgress tells on stderr how far an import is, until stop.
func (p *Program) showProgress(at *mailin.ImportProgress, size int64) (stop func()) {
	end, pause := "\n", inLog
	if isTerminal(p.Stderr) {
		end, pause = "\x1b[K\r", onTerminal
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(pause)
		defer tick.Stop()
		m := meter{at: at, size: size}
		for {
			select {
			case now := <-tick.C:
				fmt.Fprint(p.Stderr, m.line(now)+end)
			case <-quit:
				if isTerminal(p.Stderr) {
					fmt.Fprint(p.Stderr, "\x1b[K")
				}
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// meter says how far it is, how fast it goes, and how long it will take at the rate of all that was entered.
type meter struct {
	at    *mailin.ImportProgress
	size  int64
	begun time.Time // when the first mails were seen to be entered
	from  int64     // how many those were
}

func (m *meter) line(now time.Time) string {
	all, done := m.at.All.Load(), m.at.Done.Load()
	if all == 0 {
		line := fmt.Sprintf("reading: %d mails", m.at.Read.Load())
		if m.size > 0 {
			line += fmt.Sprintf(", %d %% of the file", 100*m.at.Bytes.Load()/m.size)
		}
		return line
	}
	line := fmt.Sprintf("importing: %d of %d mails", done, all)
	if m.begun.IsZero() {
		m.begun, m.from = now, done
		return line
	}
	if rate := float64(done-m.from) / now.Sub(m.begun).Seconds(); rate > 0 {
		left := time.Duration(float64(all-done) / rate * float64(time.Second)).Round(time.Second)
		line += fmt.Sprintf(", %.0f a second, %v left", rate, left)
	}
	return line
}

// daysValue is a duration that may be given in days: 30d.
type daysValue time.Duration

func (d *daysValue) String() string {
	if t := time.Duration(*d); t%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", t/(24*time.Hour))
	}
	return time.Duration(*d).String()
}

// Set reads days, or what time.ParseDuration takes.
func (d *daysValue) Set(text string) error {
	t, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		t = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || t < 0 {
		return errors.New("it must be a length of time, as in 30d or 12h")
	}
	*d = daysValue(t)
	return nil
}

// Type names the kind of value in the help.
func (d *daysValue) Type() string { return "duration" }
