package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is this program's version.
const Version = "0.1.0"

func (p *Program) version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print version, commit and Go", Args: cobra.NoArgs, Run: func(*cobra.Command, []string) {
		fmt.Fprintf(p.Stdout, "recado %s, commit %s, %s\n", Version, commit(), runtime.Version())
	}}
}

func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	rev, dirty := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			rev = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+"
		}
	}
	return rev + dirty
}
