//go:build !linux && !windows

package pgtest

import "os/exec"

// dieWithParent does nothing where the system has no parent-death signal.
func dieWithParent(*exec.Cmd) {}

func supervise(c *exec.Cmd, started chan<- error, exited chan<- struct{}) {
	defer close(exited)
	err := c.Start()
	started <- err
	if err == nil {
		c.Wait()
	}
}
