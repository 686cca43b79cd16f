package desktop

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// file is where macOS looks for what to start for this person.
func (l login) file() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", "org.recado."+l.name+".plist"), err
}

// Starts implements bind.Login.
func (l login) Starts() bool {
	path, err := l.file()
	if err != nil {
		return false
	}
	_, err = os.Stat(path)
	return err == nil
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
	var b bytes.Buffer
	b.WriteString(xml.Header + `<plist version="1.0"><dict><key>Label</key><string>org.recado.` + l.name +
		`</string><key>RunAtLoad</key><true/><key>ProgramArguments</key><array>`)
	for _, arg := range append([]string{l.program}, l.args...) {
		b.WriteString("<string>")
		xml.EscapeText(&b, []byte(arg)) // into memory
		b.WriteString("</string>")
	}
	b.WriteString("</array></dict></plist>\n")
	return writeAtomically(path, b.Bytes())
}
