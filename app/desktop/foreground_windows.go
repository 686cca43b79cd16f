package desktop

import "golang.org/x/sys/windows"

// allowForeground lets another process bring its window to the front, which Windows grants only to who was started by
// the person: this one.
func allowForeground(process int) {
	windows.NewLazySystemDLL("user32.dll").NewProc("AllowSetForegroundWindow").Call(uintptr(process))
}
