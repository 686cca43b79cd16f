package presence

import (
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// System is what Windows tells of input.
type System struct{}

// Open begins; the lock shows as no input.
func Open(func(bool)) *System { return &System{} }

// lastInput is LASTINPUTINFO.
type lastInput struct{ size, at uint32 }

// Idle implements Probe.
func (*System) Idle() (time.Duration, bool) {
	user, kernel := windows.NewLazySystemDLL("user32.dll"), windows.NewLazySystemDLL("kernel32.dll")
	info := lastInput{size: uint32(unsafe.Sizeof(lastInput{}))}
	if ok, _, _ := user.NewProc("GetLastInputInfo").Call(uintptr(unsafe.Pointer(&info))); ok == 0 {
		return 0, false
	}
	ticks, _, _ := kernel.NewProc("GetTickCount").Call()
	return time.Duration(uint32(ticks)-info.at) * time.Millisecond, true // both go over after 49 days, and so does the difference
}

// Listen does nothing.
func (*System) Listen() {}

// Close does nothing.
func (*System) Close() {}
