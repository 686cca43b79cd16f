//go:build !linux

package notify

import "log/slog"

// System makes the system's notifier. The file icon must stay; without one bubbles carry no picture.
func System(icon string, _ *slog.Logger) Notifier { return NewBeeep(icon) }
