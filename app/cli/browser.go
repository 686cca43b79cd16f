package cli

import (
	"github.com/spf13/cobra"

	"recado/app/desktop"
)

// browser shows the app in the default browser: for machines without a display, and for tests.
func (p *Program) browser() *cobra.Command {
	var profile string
	b := desktop.BrowserOptions{Out: p.Stdout}
	c := &cobra.Command{Use: "browser", Short: "Show the app in the default browser", Args: cobra.NoArgs}
	c.Flags().StringVar(&profile, "profile", "default", "name of the profile; several run side by side")
	c.Flags().StringVar(&b.Listen, "listen", "127.0.0.1:0", "host:port on this computer to listen on; port 0 takes any")
	c.Flags().BoolVar(&b.NoOpen, "no-open", false, "print the address without opening it")
	c.RunE = func(c *cobra.Command, _ []string) error {
		o, err := p.appOptions(c, profile)
		if err != nil {
			return err
		}
		return desktop.Browser(c.Context(), o, b)
	}
	return c
}
