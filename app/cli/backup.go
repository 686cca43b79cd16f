package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"recado/app/server"
)

func (p *Program) backup() *cobra.Command {
	return &cobra.Command{Use: "backup FILE", Short: "Save database and files to a new file, also beside a running server", Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			return p.withTools(c, func(t *server.Tools) error {
				if err := t.Backup(c.Context(), args[0]); err != nil {
					return err
				}
				fmt.Fprintf(p.Stdout, "saved to %s\n", args[0])
				return nil
			})
		}}
}

func (p *Program) restore() *cobra.Command {
	return &cobra.Command{Use: "restore FILE", Short: "Put a backup in the place of the data; the server must be stopped", Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			config, err := p.config()
			if err != nil {
				return err
			}
			before, err := server.Restore(c.Context(), config, args[0])
			if err != nil {
				return advice(err)
			}
			fmt.Fprintf(p.Stdout, "restored %s; apps that were connected will load everything anew\n", args[0])
			if before != "" {
				fmt.Fprintf(p.Stdout, "the data of before is in %s\n", before)
			}
			return nil
		}}
}

func oneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return errors.New("name one file")
	}
	return nil
}
