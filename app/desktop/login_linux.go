package desktop

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// file is where desktops look for what to start (XDG autostart).
func (l login) file() (string, error) {
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "autostart", l.name+".desktop"), err
}

// Starts implements bind.Login.
func (l login) Starts() bool {
	path, err := l.file()
	if err != nil {
		return false
	}
	content, err := os.ReadFile(path)
	return err == nil && !strings.Contains(string(content), "Hidden=true")
}

// SetStarts implements bind.Login.
func (l login) SetStarts(starts bool) error {
	path, err := l.file()
	if err != nil {
		return err
	}
	if !starts {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeAtomically(path, []byte(l.entry()))
}

// entry is the content of the file (Desktop Entry Specification 1.5).
func (l login) entry() string {
	words := []string{quoted(l.program)}
	for _, arg := range l.args {
		words = append(words, quoted(arg))
	}
	return "[Desktop Entry]\nType=Application\nName=Recado\nExec=" + strings.Join(words, " ") +
		"\nIcon=recado\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
}

// Inside quotes four characters are escaped; the value as a string doubles each backslash, and % begins a field code.
var (
	escapeArgument = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`, `%`, `%%`)
	escapeString   = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
)

func quoted(arg string) string { return escapeString.Replace(`"` + escapeArgument.Replace(arg) + `"`) }
