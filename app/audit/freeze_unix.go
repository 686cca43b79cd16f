//go:build unix

package audit

import "syscall"

// freeze stops a process where it stands, as a machine that is out of memory or moved to another host does; thaw lets it
// go on without knowing how long it stood.
func freeze(pid int) { _ = syscall.Kill(pid, syscall.SIGSTOP) }
func thaw(pid int)   { _ = syscall.Kill(pid, syscall.SIGCONT) }
