package desktop

import (
	"errors"
	"os/exec"
	"runtime"
)

// openInBrowser opens an address with the program the system has for it; it does not wait for it. The address never
// goes through a shell.
func openInBrowser(address string) error {
	var name string
	var args []string
	switch runtime.GOOS {
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	case "darwin":
		name, args = "open", []string{address}
	default:
		name, args = "xdg-open", []string{address}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return errors.New("no program to open web addresses was found")
	}
	cmd := exec.Command(path, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait()
	return nil
}
