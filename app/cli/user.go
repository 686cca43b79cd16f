package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"recado/app/desk"
	"recado/app/server"
	"recado/app/server/accounts"
)

func (p *Program) user() *cobra.Command {
	var n accounts.NewPerson
	var role, passwordFile, public string
	add := &cobra.Command{Use: "add", Short: "Add a user; without --password-file, prints an invitation link", Args: cobra.NoArgs}
	add.Flags().StringVar(&n.Email, "email", "", "e-mail address, to sign in with")
	add.Flags().StringVar(&n.Name, "name", "", "name as others see it")
	add.Flags().StringVar(&role, "role", "agent", "agent or admin")
	add.Flags().StringVar(&passwordFile, "password-file", "", "file with the password; one newline at its end is dropped")
	add.Flags().StringVar(&public, "public-url", "http://127.0.0.1:8420", "address of the server, for the link")
	add.MarkFlagRequired("email")
	add.MarkFlagRequired("name")
	add.RunE = func(c *cobra.Command, _ []string) error {
		n.Kind, n.Role = desk.User, desk.Role(role)
		if passwordFile != "" {
			b, err := os.ReadFile(passwordFile)
			if err != nil {
				return fmt.Errorf("read the password: %w", err)
			}
			if n.Password = strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"); n.Password == "" {
				return fmt.Errorf("%s is empty: it must hold the password", passwordFile)
			}
		}
		return p.withTools(c, func(t *server.Tools) error {
			_, invitation, err := t.Accounts.Add(c.Context(), n)
			if err != nil {
				return err
			}
			if invitation != "" {
				fmt.Fprintf(p.Stdout, "%s/invite#%s\n", strings.TrimSuffix(public, "/"), invitation)
			}
			return nil
		})
	}
	user := &cobra.Command{Use: "user", Short: "Manage users"}
	user.AddCommand(add)
	return user
}

// withTools opens the data for one command, also beside a running server.
func (p *Program) withTools(c *cobra.Command, fn func(*server.Tools) error) error {
	config, err := p.config()
	if err != nil {
		return err
	}
	t, err := server.OpenTools(c.Context(), config)
	if err != nil {
		return advice(err)
	}
	defer t.Close()
	return fn(t)
}
