package notify

import (
	"runtime"
	"strings"
	"sync"

	"github.com/gen2brain/beeep"
)

// Beeep shows bubbles by the system's own service, wherever one is. They stay until the system takes them away.
type Beeep struct {
	icon string
	os   string
}

var _ Notifier = (*Beeep)(nil)

// nameOnce: the library keeps the name of the program for all its callers.
var nameOnce sync.Once

// NewBeeep makes a notifier whose bubbles carry the picture in the file icon; without one they carry none. The file
// must stay: some systems load it only after the call.
func NewBeeep(icon string) *Beeep {
	nameOnce.Do(func() { beeep.AppName = "Recado" })
	return &Beeep{icon: icon, os: runtime.GOOS}
}

// Show shows a bubble, and beeps where it says so. A sound that can't be played does not keep the bubble away.
func (b *Beeep) Show(bubble Bubble) error {
	if err := beeep.Notify(b.plain(bubble.Title, false), b.plain(bubble.Text, true), b.icon); err != nil {
		return err
	}
	if bubble.Sound {
		go b.beep()
	}
	return nil
}

// beep takes up to a second.
func (b *Beeep) beep() { beeep.Beep(beeep.DefaultFreq, beeep.DefaultDuration) }

// Withdraw does nothing: what is shown this way can't be taken away.
func (b *Beeep) Withdraw(string) {}

var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// plain makes text that is shown as it is: on Linux the body is markup, in which a message could draw links and pictures.
func (b *Beeep) plain(text string, body bool) string {
	if b.os == "linux" && body {
		return markup.Replace(text)
	}
	return text
}
