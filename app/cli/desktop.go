package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"recado/app/desktop"
)

// desktop makes the program itself, without a command, the app in its window.
func (p *Program) desktop(root *cobra.Command) {
	var profile string
	var hidden bool
	root.Use = "recado [recado://conversation/ID]"
	root.Args = oneLink
	root.Flags().StringVar(&profile, "profile", "default", "name of the profile; several run side by side")
	root.Flags().BoolVar(&hidden, "hidden", false, "start in the tray, without the window")
	root.RunE = func(c *cobra.Command, args []string) error {
		if !desktop.HasWindow {
			return desktop.ErrNoWindow
		}
		o, err := p.appOptions(c, profile)
		if err != nil {
			return err
		}
		o.Hidden = hidden
		if len(args) == 1 {
			o.Link = args[0]
		}
		return desktop.Show(c.Context(), o)
	}
}

// oneLink takes what the system hands over as a link is opened; any other word is a command that does not exist.
func oneLink(c *cobra.Command, args []string) error {
	if len(args) == 1 && strings.HasPrefix(args[0], desktop.Scheme) {
		return nil
	}
	return cobra.NoArgs(c, args)
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
