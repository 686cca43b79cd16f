// Package tray is the icon in the system's tray: how much is unseen, and a menu for what is done without the window.
//
// There is one icon in a process. What it shows is a State; what is chosen in its menu comes back as a Command.
package tray

import (
	"log/slog"
	"time"
)

// Command is something chosen in the tray's menu.
type Command string

// The commands there are.
const (
	Open          Command = "open"           // show the window
	Write         Command = "write"          // show it with a new conversation
	PauseHalfHour Command = "pause-30"       // no bubbles for 30 minutes
	PauseTomorrow Command = "pause-tomorrow" // no bubbles until tomorrow morning
	Resume        Command = "resume"         // bubbles again
	Automatic     Command = "automatic"      // here or away by input
	Away          Command = "away"           // away, whatever the input says
	Quit          Command = "quit"           // end the app
)

// State is what the tray shows.
type State struct {
	// Unseen and Mentions count conversations with something unseen, and those of them that mention the person.
	Unseen, Mentions int64
	// SignedIn: there is a desk to work at. Offline: its server can't be reached.
	SignedIn, Offline bool
	// PausedUntil is when bubbles are shown again, in local time; zero: they are not paused.
	PausedUntil time.Time
	// Away: the person chose to be shown as away.
	Away bool
	// Language is en, es or a longer tag that begins so.
	Language string
}

// Options say what a tray is made of.
type Options struct {
	// Icon is a square PNG.
	Icon []byte
	// Do runs what was chosen, each time in a goroutine of its own.
	Do func(Command)
	// Shown is told when a panel begins or ceases to show trays, at first once it is known. On systems that always have
	// a tray it is told true.
	Shown  func(shown bool)
	Logger *slog.Logger
}
