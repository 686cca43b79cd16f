package httpapi

import (
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"recado/app/desk"
)

// page serves a file of the widget, under a policy of its own.
func (a *API) page(w http.ResponseWriter, r *request, name, policy string) (reply, error) {
	if a.ChatPages == nil {
		return reply{}, desk.ErrNotFound
	}
	content, err := fs.ReadFile(a.ChatPages, name)
	if err != nil {
		return reply{}, desk.ErrNotFound
	}
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Write(content)
	return reply{handled: true}, nil
}

const nothing = "default-src 'none'"

func (a *API) widget(w http.ResponseWriter, r *request) (reply, error) {
	return a.page(w, r, "widget.js", nothing)
}

// chatAsset serves what the chat's page loads: scripts and styles, not pages.
func (a *API) chatAsset(w http.ResponseWriter, r *request) (reply, error) {
	name := r.PathValue("file")
	if ext := path.Ext(name); ext != ".js" && ext != ".css" && ext != ".svg" || strings.HasPrefix(name, ".") {
		return reply{}, desk.ErrNotFound
	}
	return a.page(w, r, name, nothing)
}

// framePolicy lets the chat talk to its own server, and be shown on the site's pages, and nothing else.
const framePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// chatFrame is the chat itself. Pages of other origins than the site's can't show it.
func (a *API) chatFrame(w http.ResponseWriter, r *request) (reply, error) {
	site, err := a.Chat.Site(r.Context(), r.query.Get("site"))
	if err != nil {
		return reply{}, err
	}
	ancestors := " *"
	if len(site.Origins) > 0 {
		ancestors = " " + strings.Join(site.Origins, " ")
	}
	return a.page(w, r, "frame.html", framePolicy+ancestors)
}

var demo = template.Must(template.New("").Parse(`<!doctype html>
<html lang="{{.Lang}}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Name}}</title>
<link rel="stylesheet" href="/chat/demo.css">
<main>
<h1>{{.Name}}</h1>
{{if .Site}}<p>This page has the chat of the site on it, as a page of your own would. Put this line into yours:</p>
<pre>&lt;script async src="{{.URL}}/widget.js" data-site="{{.Site}}"&gt;&lt;/script&gt;</pre>
<script async src="/widget.js" data-site="{{.Site}}" data-lang="{{.Lang}}"></script>
{{else}}<p>Add a site in the app, under Settings, then open this page as /chat/demo?site= followed by its id.</p>{{end}}
</main>
</html>
`))

func (a *API) chatDemo(w http.ResponseWriter, r *request) (reply, error) {
	lang := "en"
	if r.query.Get("lang") == "es" {
		lang = "es"
	}
	view := struct{ Site, Name, URL, Lang string }{Name: "Recado", URL: a.PublicURL, Lang: lang}
	if id := r.query.Get("site"); id != "" {
		site, err := a.Chat.Site(r.Context(), id)
		if err != nil {
			return reply{}, err
		}
		view.Site, view.Name = site.ID, site.Name
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'")
	return reply{handled: true}, demo.Execute(w, view)
}
