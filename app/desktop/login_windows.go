package desktop

import (
	"errors"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// runKey lists what Windows starts for this person.
const runKey = `Software\Microsoft\Windows\CurrentVersion\Run`

// Starts implements bind.Login.
func (l login) Starts() bool {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer key.Close()
	_, _, err = key.GetStringValue(l.name)
	return err == nil
}

// SetStarts implements bind.Login.
func (l login) SetStarts(starts bool) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer key.Close()
	if !starts {
		if err := key.DeleteValue(l.name); !errors.Is(err, registry.ErrNotExist) {
			return err
		}
		return nil
	}
	return key.SetStringValue(l.name, windows.ComposeCommandLine(append([]string{l.program}, l.args...)))
}
