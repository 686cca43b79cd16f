package desktop

import (
	"io"
	"io/fs"
	"mime"
	"net/http"

	"recado/app/desktop/bind"
)

// policy lets the window load nothing but its own files. Style attributes are allowed: the list of messages must have
// its size before the style sheets are there.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' blob: data:; " +
	"font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// guarded sets the headers that keep a page to itself.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, req)
	})
}

// notBuilt is what stands where the frontend was not built into the program.
const notBuilt = "This program was built without its window. Run `make build` in its source folder.\n"

// pages serves the frontend.
func pages(ui fs.FS) http.Handler {
	if _, err := fs.Stat(ui, "index.html"); err != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, notBuilt, http.StatusServiceUnavailable)
		})
	}
	files := http.FileServerFS(ui)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/" {
			w.Header().Set("Cache-Control", "no-cache") // it names the scripts, which carry their version in their names
		}
		files.ServeHTTP(w, req)
	})
}

// file serves an attachment: a picture that can carry no script inline, everything else as a download.
func (a *App) file(w http.ResponseWriter, req *http.Request) {
	content, f, err := a.client.OpenFile(req.Context(), req.PathValue("id"))
	if err != nil {
		a.missing(w, err)
		return
	}
	defer content.Close()
	h := w.Header()
	kind, disposition := "application/octet-stream", "attachment"
	if f.Image {
		kind, disposition = f.Type, "inline"
		h.Set("Cache-Control", "private, max-age=86400") // a file never changes under its id
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if _, err := io.Copy(w, content); err != nil {
		a.Logger.Debug("file", "error", err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
}

// missing answers for what could not be had.
func (a *App) missing(w http.ResponseWriter, err error) {
	p := bind.Problem(err, a.Logger)
	status := http.StatusBadGateway
	if p.Code == "not-found" || p.Status == http.StatusNotFound {
		status = http.StatusNotFound
	}
	answer(w, status, p)
}

// backend is what both faces serve beside the frontend's files.
func (a *App) backend() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /files/{id}", a.file)
	mux.HandleFunc("GET /mail/{message}", a.mailFrame)
	mux.HandleFunc("GET /mail/{message}/raw", a.rawMail)
	mux.HandleFunc("GET /held/{id}/raw", a.rawHeld)
	mux.HandleFunc("GET /mail/{message}/link/{n}", a.mailLink)
	return mux
}
