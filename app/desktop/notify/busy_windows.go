package notify

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// The answers of SHQueryUserNotificationState by which Windows asks for quiet.
const (
	stateBusy         = 2 // something fills the screen, or presentation settings are on
	stateFullScreen   = 3 // a game
	statePresentation = 4
	stateQuietTime    = 6 // the first hour after setting up
)

// Busy implements Considerate.
func (b *Beeep) Busy() bool {
	var state uint32
	failed, _, _ := windows.NewLazySystemDLL("shell32.dll").NewProc("SHQueryUserNotificationState").Call(uintptr(unsafe.Pointer(&state)))
	if failed != 0 {
		return false
	}
	return state == stateBusy || state == stateFullScreen || state == statePresentation || state == stateQuietTime
}
