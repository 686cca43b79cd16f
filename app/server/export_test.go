package server

// Stepping gives a configuration under which a restore, and whoever finishes one, calls step before each change of the
// data folder.
func (c Config) Stepping(step func()) Config {
	c.step = step
	return c
}
