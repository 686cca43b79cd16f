package desktop

import (
	"context"
	"errors"
	"os"
	"runtime"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	window "github.com/wailsapp/wails/v2/pkg/runtime"

	"recado/app/desktop/bind"
)

const (
	minWidth, minHeight   = 640, 480
	usualWidth, usualHigh = 1280, 800
)

// ErrNoWindow says that this program was built without a window.
var ErrNoWindow = errors.New("this build has no window: `make desktop` makes one that has; `recado browser` shows the app in the browser, `recado serve` runs a server, `recado help` lists all commands")

// HasWindow tells whether this build can open a window.
const HasWindow = windowBuilt || generating

// windowFace is the app in its own window.
type windowFace struct {
	ctx context.Context // of Wails; nil until the window starts
}

var _ bind.Face = (*windowFace)(nil)

// Name implements bind.Face.
func (f *windowFace) Name() string { return bind.DesktopFace }

// Open implements bind.Face.
func (f *windowFace) Open(address string) error {
	window.BrowserOpenURL(f.ctx, address)
	return nil
}

// AskWhere implements bind.Face.
func (f *windowFace) AskWhere(name string) (string, error) {
	return window.SaveFileDialog(f.ctx, window.SaveDialogOptions{DefaultFilename: name, CanCreateDirectories: true})
}

// Show runs the app in its window until the person closes it or ctx ends.
func Show(ctx context.Context, o Options) error {
	face := &windowFace{}
	if generating { // `wails build` looks at the methods only
		return wails.Run(&options.App{Bind: bind.New(nil).List(), AssetServer: &assetserver.Options{Assets: o.UI}})
	}
	if !windowBuilt {
		return ErrNoWindow
	}
	if !hasDisplay() {
		return errors.New("there is no display to open a window on: use `recado browser`")
	}
	app, err := Open(ctx, o, face)
	if err != nil {
		return err
	}
	defer app.Close()
	return wails.Run(app.windowOptions(ctx, face))
}

// hasDisplay: GTK would end the program without a word one can act on.
func hasDisplay() bool {
	return runtime.GOOS != "linux" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

func (a *App) windowOptions(ctx context.Context, face *windowFace) *options.App {
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
		OnStartup:     func(wails context.Context) { a.started(ctx, wails, face, place) },
		OnBeforeClose: a.leave,
		Linux:         &linux.Options{Icon: a.Icon, ProgramName: "recado", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
	}
	if place.Width == 0 {
		o.Width, o.Height = usualWidth, usualHigh
	}
	if place.Maximised {
		o.WindowStartState = options.Maximised
	}
	return o
}

// started connects the window to the app: events, its place, and the end of ctx, which is a signal to end the program.
func (a *App) started(ctx, wails context.Context, face *windowFace, place Window) {
	face.ctx = wails
	if place.Width > 0 && !place.Maximised {
		window.WindowSetPosition(wails, place.X, place.Y)
	}
	l := a.events.listen()
	go func() {
		defer a.events.leave(l)
		for {
			select {
			case <-wails.Done():
				return
			case <-ctx.Done():
				window.Quit(wails)
				return
			case event, more := <-l.C:
				if !more { // it fell behind: begin again, and read everything
					l = a.events.listen()
					event = map[string]string{"type": "refilled"}
				}
				window.EventsEmit(wails, "recado", event)
			}
		}
	}()
}

// leave keeps size and place of the window for the next time and lets it close, once: a signal reaches both Wails and
// us, and closing twice would end GTK's loop when it has ended already, which crashes.
func (a *App) leave(wails context.Context) (prevent bool) {
	if a.leaving.Swap(true) {
		return true
	}
	place := a.profile.now().Window
	place.Maximised = window.WindowIsMaximised(wails)
	if !place.Maximised && !window.WindowIsMinimised(wails) {
		place.Width, place.Height = window.WindowGetSize(wails)
		place.X, place.Y = window.WindowGetPosition(wails)
	}
	if err := a.profile.change(func(k *kept) { k.Window = place }); err != nil {
		a.Logger.Warn("remember the window", "error", err)
	}
	return false
}
