package tray

import "fmt"

// item is one line of the menu. Without a command it is a separator, or it opens its children.
type item struct {
	command  Command
	label    string
	checked  bool
	disabled bool
	children []item
}

// menu gives the whole menu for a state. Its form is always the same, so that lines change in place while it is open.
func menu(s State) []item {
	w := in(s.Language)
	paused := !s.PausedUntil.IsZero()
	pause := w.pause
	if paused {
		pause = fmt.Sprintf(w.paused, s.PausedUntil.Format("15:04"))
	}
	return []item{
		{command: Open, label: w.open},
		{command: Write, label: w.write, disabled: !s.SignedIn},
		{},
		{label: pause, disabled: !s.SignedIn, children: []item{
			{command: PauseHalfHour, label: w.halfHour},
			{command: PauseTomorrow, label: w.tomorrow},
			{command: Resume, label: w.resume, disabled: !paused},
		}},
		{label: w.status, disabled: !s.SignedIn, children: []item{
			{command: Automatic, label: w.automatic, checked: !s.Away},
			{command: Away, label: w.away, checked: s.Away},
		}},
		{},
		{command: Quit, label: w.quit},
	}
}

// flat gives the lines of a menu in the order they are built.
func flat(items []item) (lines []item) {
	for _, i := range items {
		lines = append(lines, i)
		lines = append(lines, i.children...)
	}
	return lines
}
