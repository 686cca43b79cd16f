package server

import "log/slog"

// Stepping gives a configuration under which a restore, and whoever finishes one, calls step before each change of the
// data folder.
func (c Config) Stepping(step func()) Config {
	c.step = step
	return c
}

// WithFree gives a configuration whose disk has as much room as free says, in bytes.
func (c Config) WithFree(free func() uint64) Config {
	c.free = func(string) (uint64, error) { return free(), nil }
	return c
}

// KeepBack makes the reserve as a running server does.
func KeepBack(c Config) {
	room := c.room()
	room.keepBack(slog.New(slog.DiscardHandler))
}
