package pgtest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// dieWithParent stops the cluster at once when the test binary is killed, and so can't stop it itself.
func dieWithParent(c *exec.Cmd) { c.SysProcAttr.Pdeathsig = syscall.SIGQUIT }

// supervise starts the program and waits for it on one thread: Linux sends the parent-death signal when the thread
// that started a child ends, not the process.
func supervise(c *exec.Cmd, started chan<- error, exited chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(exited)
	err := c.Start()
	started <- err
	if err == nil {
		c.Wait()
	}
}
