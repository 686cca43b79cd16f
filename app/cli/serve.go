package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server"
	"recado/app/server/store"
)

func (p *Program) serve() *cobra.Command {
	var listen, public, nats string
	var lifeline bool
	var proxies []string
	var mail server.Config
	c := &cobra.Command{Use: "serve", Short: "Run the server", Args: cobra.NoArgs}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8420", "host:port to listen on")
	c.Flags().StringVar(&public, "public-url", "", "address under which people reach the server (default: the one listened on)")
	c.Flags().StringVar(&nats, "nats", "", "nats://… to wake other nodes (default: none, a single node)")
	c.Flags().DurationVar(&mail.EmailAfter, "email-after", desk.EmailAfter, "how long a message may stay unseen before it is mailed, 1s to 24h")
	c.Flags().StringVar(&mail.SMTP, "smtp", "", "mail server: smtp://, smtps:// or smtp+starttls://user:password@host:port (default: mails are written to DATA/outgoing-mail)")
	c.Flags().StringVar(&mail.MailFrom, "mail-from", "", "sender of mails: \"Name <address>\"")
	c.Flags().StringVar(&mail.ReplyDomain, "reply-domain", "", "domain that answers to mails go to (default: that of --mail-from)")
	c.Flags().StringSliceVar(&proxies, "trusted-proxy", nil, "address or network of a proxy that is believed where requests come from, as in 127.0.0.1 or 10.0.0.0/8")
	c.Flags().StringVar(&mail.MailListen, "mail-listen", "", "host:port to take mail on by SMTP, or lmtp://host:port (default: none)")
	c.Flags().StringVar(&mail.IMAP, "imap", "", "mailbox to fetch mail from: imaps://user:password@host/INBOX (default: none)")
	c.Flags().StringVar(&mail.DKIMKey, "dkim-key", "", "file with the private key (PEM, RSA or Ed25519) that mails are signed with (default: they are not)")
	c.Flags().StringVar(&mail.DKIMSelector, "dkim-selector", "", "name under which its public key is published: NAME._domainkey.DOMAIN")
	c.Flags().StringSliceVar(&mail.AuthServers, "mail-auth-server", nil, "mail servers whose Authentication-Results are believed, by the name they sign with")
	c.Flags().BoolVar(&lifeline, "lifeline", false, "end when standard input closes")
	c.Flags().MarkHidden("lifeline")
	c.RunE = func(c *cobra.Command, _ []string) error {
		config, err := p.config()
		if err != nil {
			return err
		}
		config.ChatPages = p.Widget
		config.EmailAfter, config.SMTP, config.MailFrom, config.ReplyDomain = mail.EmailAfter, mail.SMTP, mail.MailFrom, mail.ReplyDomain
		if config.Proxies, err = networks(proxies); err != nil {
			return err
		}
		config.DKIMKey, config.DKIMSelector = mail.DKIMKey, mail.DKIMSelector
		config.MailListen, config.IMAP, config.AuthServers = mail.MailListen, mail.IMAP, mail.AuthServers
		config.Listen, config.PublicURL, config.NATS = listen, strings.TrimSuffix(public, "/"), nats
		if err := checkAddresses(config); err != nil {
			return err
		}
		ctx := c.Context()
		if lifeline {
			ctx = p.untilStdinCloses(ctx)
		}
		return p.run(ctx, config)
	}
	return c
}

// networks reads addresses and networks; an address is a network of one.
func networks(texts []string) (list []netip.Prefix, err error) {
	for _, text := range texts {
		network, err := netip.ParsePrefix(text)
		if address, e := netip.ParseAddr(text); e == nil {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy %q must be an address or a network, as in 127.0.0.1 or 10.0.0.0/8", text)
		}
		list = append(list, network.Masked())
	}
	return list, nil
}

func checkAddresses(c server.Config) error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("--listen %q must be host:port, as in 127.0.0.1:8420", c.Listen)
	}
	if c.EmailAfter < time.Second || c.EmailAfter > 24*time.Hour {
		return errors.New("--email-after must lie between 1s and 24h, as in 1m or 90s")
	}
	if c.PublicURL != "" {
		if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("--public-url %q must be like https://recado.example.com", c.PublicURL)
		}
	}
	if c.NATS != "" && !strings.HasPrefix(c.NATS, "nats://") {
		return errors.New("--nats must be nats://host:port")
	}
	return nil
}

func (p *Program) run(ctx context.Context, config server.Config) error {
	s, err := server.Open(ctx, config)
	if err != nil {
		return advice(err)
	}
	err = s.Serve(ctx, func(address string) {
		fmt.Fprintf(p.Stdout, "recado: serving http://%s\n", address)
	})
	return advice(err)
}

// advice adds what to do to what happened.
func advice(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: another program listens there; stop it, or choose another address with --listen", err)
	case errors.Is(err, server.ErrInUse):
		return fmt.Errorf("%w: stop it first, or choose another folder with --data", err)
	case errors.Is(err, server.ErrBusy), errors.Is(err, server.ErrRestoring):
		return fmt.Errorf("%w: try again when it has ended", err)
	case errors.Is(err, server.ErrLost):
		return fmt.Errorf("%w: restore a backup with `recado restore FILE`, or choose another folder with --data", err)
	case errors.Is(err, sqldb.ErrFull):
		return fmt.Errorf("%w: free some space and try again", err)
	case errors.Is(err, sqldb.ErrDamaged):
		return fmt.Errorf("%w: restore a backup with `recado restore FILE`", err)
	case errors.Is(err, store.ErrNewer):
		return err
	}
	return err
}

// untilStdinCloses ends with the process that holds the other end of standard input: the app that started this server.
func (p *Program) untilStdinCloses(ctx context.Context) context.Context {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		io.Copy(io.Discard, p.Stdin)
		stop()
	}()
	return ctx
}
