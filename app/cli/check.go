package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"recado/app/server"
)

func (p *Program) check() *cobra.Command {
	return &cobra.Command{Use: "check", Short: "Audit a database, also beside a running server", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.withTools(c, func(t *server.Tools) error {
				found, err := t.Check(c.Context())
				if err != nil {
					return err
				}
				for _, f := range found {
					fmt.Fprintf(p.Stdout, "%s: %s\n", f.Where, f.What)
				}
				if len(found) > 0 {
					fmt.Fprintf(p.Stderr, "recado: the check found %d things wrong\n", len(found))
					return exitCode(1)
				}
				fmt.Fprintln(p.Stdout, "everything is in order")
				return nil
			})
		}}
}
