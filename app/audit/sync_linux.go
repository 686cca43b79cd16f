package audit

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData makes a file's content durable, as SQLite does after each commit.
func syncData(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }
