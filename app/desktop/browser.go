package desktop

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"recado/app/desktop/bind"
)

// browserFace is the app in the default browser.
type browserFace struct{}

var _ bind.Face = browserFace{}

// Name implements bind.Face.
func (browserFace) Name() string { return bind.BrowserFace }

// Open implements bind.Face.
func (browserFace) Open(address string) error { return openInBrowser(address) }

// AskWhere implements bind.Face: the browser has its own way to save.
func (browserFace) AskWhere(string) (string, error) {
	return "", fmt.Errorf("the browser asks where to save")
}

// BrowserOptions say where the app listens.
type BrowserOptions struct {
	// Listen is host:port on loopback; port 0 takes any.
	Listen string
	// NoOpen leaves it to the person to open the address.
	NoOpen bool
	// Out gets the one line with the address.
	Out io.Writer
}

// Browser runs the app in the default browser until ctx ends.
func Browser(ctx context.Context, o Options, b BrowserOptions) error {
	listener, err := listenOnLoopback(b.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	app, err := Open(ctx, o, browserFace{})
	if err != nil {
		return err
	}
	defer app.Close()
	gate := newGate(listener.Addr().(*net.TCPAddr))
	server := &http.Server{Handler: gate.protect(app.pageHandler()), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx }, ErrorLog: slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug)}
	go func() {
		<-ctx.Done()
		stopping, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if server.Shutdown(stopping) != nil {
			server.Close()
		}
	}()
	fmt.Fprintf(b.Out, "recado: open %s\n", gate.address())
	if !b.NoOpen {
		if err := openInBrowser(gate.address()); err != nil {
			o.Logger.Info("open the browser", "error", err)
		}
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func listenOnLoopback(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--listen %q must be host:port, as in 127.0.0.1:0", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("--listen %q is not on this computer alone: the app in a browser is for 127.0.0.1 only", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w: choose another port with --listen, or 0 for any", err)
	}
	return listener, nil
}

// pageHandler serves frontend, calls, events and files; who may come in is the gate's business.
func (a *App) pageHandler() http.Handler {
	mux := a.backend()
	mux.Handle("POST /rpc/{service}/{method}", newRPC(a.services.List(), a.Logger))
	mux.HandleFunc("GET /rpc/events", a.events.stream)
	mux.Handle("GET /", pages(a.UI))
	return guarded(mux)
}

// gate lets in the browser that was shown the token, and nobody else: other users of this computer, other pages in the
// same browser, and names that were made to point here are kept out.
type gate struct {
	host   string // 127.0.0.1:PORT
	port   int
	token  string // in the first address
	cookie string // what it is swapped for
}

func newGate(address *net.TCPAddr) *gate {
	return &gate{host: address.String(), port: address.Port, token: rand.Text(), cookie: rand.Text()}
}

func (g *gate) address() string { return "http://" + g.host + "/?token=" + url.QueryEscape(g.token) }

// name of the cookie: cookies don't know ports, and several apps may run.
func (g *gate) name() string { return fmt.Sprintf("recado_%d", g.port) }

func (g *gate) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case !g.ownHost(req.Host) || !g.ownOrigin(req):
			refuse(w, http.StatusForbidden, "foreign-origin", "This page may not use the app.")
		case req.Method == http.MethodGet && req.URL.Path == "/" && req.URL.Query().Has("token"):
			g.swap(w, req)
		case !g.knows(req):
			refuse(w, http.StatusUnauthorized, "page-expired", "This page is no longer valid. Open the address the app printed.")
		default:
			next.ServeHTTP(w, req)
		}
	})
}

// ownHost keeps out names that were made to resolve to this computer.
func (g *gate) ownHost(host string) bool {
	return host == g.host || host == fmt.Sprintf("localhost:%d", g.port)
}

func (g *gate) ownOrigin(req *http.Request) bool {
	if origin := req.Header.Get("Origin"); origin != "" && origin != "http://"+req.Host {
		return false
	}
	site := req.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none" || req.Header.Get("Sec-Fetch-Mode") == "navigate"
}

// swap takes the token out of the address at once, so that it stays in no history, and gives the cookie.
func (g *gate) swap(w http.ResponseWriter, req *http.Request) {
	if subtle.ConstantTimeCompare([]byte(req.URL.Query().Get("token")), []byte(g.token)) != 1 {
		refuse(w, http.StatusUnauthorized, "page-expired", "This address is no longer valid. Open the one the app printed.")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: g.name(), Value: g.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, req, "/", http.StatusSeeOther)
}

func (g *gate) knows(req *http.Request) bool {
	c, err := req.Cookie(g.name())
	return err == nil && subtle.ConstantTimeCompare([]byte(c.Value), []byte(g.cookie)) == 1
}
