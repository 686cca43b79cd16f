package cli

import (
	"github.com/spf13/cobra"

	"recado/app/desktop"
)

// desktop makes the program itself, without a command, the app in its window.
func (p *Program) desktop(root *cobra.Command) {
	var profile string
	root.Flags().StringVar(&profile, "profile", "default", "name of the profile; several run side by side")
	root.RunE = func(c *cobra.Command, _ []string) error {
		if !desktop.HasWindow {
			return desktop.ErrNoWindow
		}
		o, err := p.appOptions(c, profile)
		if err != nil {
			return err
		}
		return desktop.Show(c.Context(), o)
	}
}

func (p *Program) appOptions(c *cobra.Command, profile string) (desktop.Options, error) {
	log, err := p.logger()
	if err != nil {
		return desktop.Options{}, err
	}
	o := desktop.Options{Profile: profile, UI: p.UI, Icon: p.Icon, Version: Version, Logger: log}
	// The default of --data is where a server keeps what it stores; profiles lie with the settings of programs.
	if data := c.Flags().Lookup("data"); data.Changed {
		o.Base = p.data
	}
	return o, nil
}
