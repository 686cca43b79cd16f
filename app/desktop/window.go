package desktop

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	window "github.com/wailsapp/wails/v2/pkg/runtime"

	"recado/app/desktop/bind"
	"recado/app/desktop/notify"
	"recado/app/desktop/tray"
)

const (
	minWidth, minHeight   = 640, 480
	usualWidth, usualHigh = 1280, 800
)

// hostWait is how long a hidden window waits for a panel to come back before it shows itself: a panel that starts anew
// takes a few seconds, and what nobody can reach must not go on running.
const hostWait = 10 * time.Second

// shell is the window, the icon in the tray, and the door for a second start: what stands around an app on a desktop.
type shell struct {
	app  *App
	face *windowFace
	end  context.Context // a signal to end the program
	tray *tray.Tray      // nil where the icon can't be made
	door *door           // nil where nobody can knock

	ready    chan struct{} // closed once the window may be called
	quitting atomic.Bool   // the person ends the app, or a signal does
	leaving  atomic.Bool   // the window is closing for good

	mu      sync.Mutex
	hidden  bool
	shown   bool        // there is a panel that shows the tray
	absence *time.Timer // runs while the window is hidden and there is no panel
	refresh *time.Timer // runs while something changed that the tray is not yet told
	resume  *time.Timer // ends a pause
}

func newShell(end context.Context, a *App, face *windowFace) *shell {
	s := &shell{app: a, face: face, end: end, ready: make(chan struct{}), hidden: a.Hidden}
	var err error
	if s.tray, err = tray.New(tray.Options{Icon: a.Icon, Do: s.do, Shown: s.trayShown, Logger: a.Logger}); err != nil {
		a.Logger.Warn("tray", "error", err)
	}
	if s.door, err = openDoor(a.profile.dir, s.visit); err != nil {
		a.Logger.Warn("a second start will not find this one", "error", err)
	}
	if a.Link != "" {
		s.follow(a.Link)
	}
	return s
}

// close ends what stands around the window, after it closed.
func (s *shell) close() {
	if s.door != nil {
		s.door.close()
	}
	if s.tray != nil {
		s.tray.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range []*time.Timer{s.absence, s.refresh, s.resume} {
		if t != nil {
			t.Stop()
		}
	}
}

func (s *shell) options() *options.App {
	a := s.app
	place := a.profile.now().Window
	o := &options.App{
		Title: "Recado", MinWidth: minWidth, MinHeight: minHeight,
		Width: max(place.Width, minWidth), Height: max(place.Height, minHeight),
		BackgroundColour: options.NewRGB(246, 247, 249),
		Bind:             a.services.List(),
		ErrorFormatter:   func(err error) any { return bind.Problem(err, a.Logger) },
		AssetServer:      &assetserver.Options{Assets: a.UI, Handler: a.backend(), Middleware: guarded},
		Logger:           logger.NewDefaultLogger(), LogLevelProduction: logger.ERROR,
		DragAndDrop:   &options.DragAndDrop{},
		StartHidden:   a.Hidden,
		OnStartup:     func(wails context.Context) { s.started(wails, place) },
		OnBeforeClose: s.leave,
		Linux:         &linux.Options{Icon: a.Icon, ProgramName: "recado", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		Mac:           &mac.Options{OnUrlOpen: s.visit},
	}
	if place.Width == 0 {
		o.Width, o.Height = usualWidth, usualHigh
	}
	if place.Maximised {
		o.WindowStartState = options.Maximised
	}
	if s.tray != nil && runtime.GOOS == "darwin" {
		s.tray.Start() // there the icon must stand on the main thread before the window does
	}
	return o
}

// started connects the window to the app: events, its place, the tray, and the signal to end the program.
func (s *shell) started(wails context.Context, place Window) {
	s.face.ctx = wails
	close(s.ready)
	if place.Width > 0 && !place.Maximised {
		window.WindowSetPosition(wails, place.X, place.Y)
	}
	go s.forward(wails)
	if s.tray != nil && runtime.GOOS != "darwin" {
		go s.tray.Start()
	} else if s.tray == nil {
		s.trayShown(false)
	}
	s.refreshSoon()
}

// forward hands events to the window, and ends it at a signal.
func (s *shell) forward(wails context.Context) {
	events := s.app.events
	l := events.listen()
	defer func() { events.leave(l) }()
	for {
		select {
		case <-wails.Done():
			return
		case <-s.end.Done():
			s.quit()
			return
		case event, more := <-l.C:
			if !more { // it fell behind: begin again, and read everything
				l = events.listen()
				event = map[string]string{"type": "refilled"}
			}
			window.EventsEmit(wails, "recado", event)
		}
	}
}

// show brings the window to the front.
func (s *shell) show() {
	<-s.ready
	s.mu.Lock()
	was := s.hidden
	s.hidden = false
	s.mu.Unlock()
	place := s.app.profile.now().Window
	window.WindowShow(s.face.ctx)
	window.WindowUnminimise(s.face.ctx) // also raises it
	if was && place.Width > 0 && !place.Maximised {
		window.WindowSetPosition(s.face.ctx, place.X, place.Y)
	}
}

func (s *shell) quit() {
	<-s.ready
	s.quitting.Store(true)
	window.Quit(s.face.ctx)
}

// visit is another start of the app on this profile, or the system with a link.
func (s *shell) visit(link string) {
	go func() {
		s.show()
		if link != "" {
			s.follow(link)
		}
	}()
}

// follow opens a link. One that is none of ours shows nothing.
func (s *shell) follow(link string) {
	target, err := parseLink(link)
	if err != nil {
		s.app.Logger.Warn("a link was refused", "error", err)
		return
	}
	s.app.host.Ask(target)
}

// leave decides what closing the window means. It goes to the tray where there is one and the person did not switch that
// off; without a tray it ends the app: nothing should go on running that cannot be seen. It closes for good only once: a
// signal reaches both Wails and us, and closing twice would end GTK's loop when it has ended already, which crashes.
func (s *shell) leave(wails context.Context) (prevent bool) {
	s.remember(wails)
	s.mu.Lock()
	hide := s.shown && !s.quitting.Load() && s.end.Err() == nil && s.app.profile.now().App.CloseToTray
	s.hidden = s.hidden || hide
	s.mu.Unlock()
	if hide {
		window.WindowHide(wails)
		s.tellOnce()
		return true
	}
	return s.leaving.Swap(true)
}

// remember keeps size and place of the window for the next time. A hidden one has none.
func (s *shell) remember(wails context.Context) {
	s.mu.Lock()
	hidden := s.hidden
	s.mu.Unlock()
	if hidden || s.leaving.Load() {
		return
	}
	place := s.app.profile.now().Window
	place.Maximised = window.WindowIsMaximised(wails)
	if !place.Maximised && !window.WindowIsMinimised(wails) {
		place.Width, place.Height = window.WindowGetSize(wails)
		place.X, place.Y = window.WindowGetPosition(wails)
	}
	if err := s.app.profile.change(func(k *kept) { k.Window = place }); err != nil {
		s.app.Logger.Warn("remember the window", "error", err)
	}
}

// tellOnce says where the window went, the first time.
func (s *shell) tellOnce() {
	if s.app.profile.now().ToldTray {
		return
	}
	if err := s.app.Notifier.Show(notify.InTray(reader{s.app}.Language())); err != nil {
		s.app.Logger.Warn("bubble", "error", err)
		return
	}
	if err := s.app.profile.change(func(k *kept) { k.ToldTray = true }); err != nil {
		s.app.Logger.Warn("remember what was told", "error", err)
	}
}

// trayShown is told when a panel begins or ceases to show the tray. A hidden window that cannot be reached any more comes
// back by itself.
func (s *shell) trayShown(shown bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = shown
	if s.absence != nil {
		s.absence.Stop()
	}
	if !shown {
		s.absence = time.AfterFunc(hostWait, func() {
			s.mu.Lock()
			lost := s.hidden && !s.shown
			s.mu.Unlock()
			if lost {
				s.show()
			}
		})
	}
}
