//go:build !linux && !windows && !darwin

package desktop

import "errors"

// Starts implements bind.Login.
func (login) Starts() bool { return false }

// SetStarts implements bind.Login.
func (login) SetStarts(bool) error {
	return errors.New("this system has no way for it that Recado knows")
}
