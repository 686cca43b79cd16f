package desktop

import (
	"path/filepath"

	"recado/app/desktop/bind"
)

// login has the system start this program in the tray when the person logs in.
type login struct {
	program string
	args    []string
	// name tells profiles apart.
	name string
}

var _ bind.Login = login{}

func newLogin(o Options) login {
	l := login{program: o.Program, args: []string{"--hidden"}, name: "recado"}
	if o.Profile != "default" {
		l.name += "-" + o.Profile
		l.args = append(l.args, "--profile", o.Profile)
	}
	if usual, err := ConfigDir(); err != nil || filepath.Clean(usual) != o.Base {
		l.args = append(l.args, "--data", o.Base)
	}
	return l
}
