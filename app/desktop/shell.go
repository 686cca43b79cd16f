package desktop

import (
	"context"
	"errors"
	"os"
	"runtime"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	window "github.com/wailsapp/wails/v2/pkg/runtime"

	"recado/app/desktop/bind"
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

// Show runs the app in its window until the person ends it or ctx ends. Where the profile is open already, the window that
// shows it comes to the front, with o.Link where there is one, and Show returns at once.
func Show(ctx context.Context, o Options) error {
	face := &windowFace{}
	if generating { // `wails build` looks at the methods only
		return wails.Run(&options.App{Bind: bind.New(nil).List(), AssetServer: &assetserver.Options{Assets: o.UI}})
	}
	if !windowBuilt {
		return ErrNoWindow
	}
	if o.Link != "" {
		if _, err := parseLink(o.Link); err != nil {
			return err
		}
	}
	if !hasDisplay() {
		return errors.New("there is no display to open a window on: use `recado browser`")
	}
	app, err := Open(ctx, o, face)
	var elsewhere *openElsewhere
	if errors.As(err, &elsewhere) && knock(elsewhere.dir, o.Link) == nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer app.Close()
	app.window = newShell(ctx, app, face)
	defer app.window.close()
	return wails.Run(app.window.options())
}

// hasDisplay: GTK would end the program without a word one can act on.
func hasDisplay() bool {
	return runtime.GOOS != "linux" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}
