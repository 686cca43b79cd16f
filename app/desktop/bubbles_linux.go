package desktop

import (
	"log/slog"

	"recado/app/desktop/bind"
	"recado/app/desktop/notify"
)

// systemNotifier shows bubbles by the desktop's notification daemon, whichever face the app has.
func systemNotifier(_ bind.Face, icon string, log *slog.Logger) notify.Notifier {
	return notify.System(icon, log)
}
