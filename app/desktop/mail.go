package desktop

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"recado/app/desktop/bind"
	"recado/app/kit/mailview"
)

// quotedWords are what is pressed in a mail to see what it quotes.
var quotedWords = map[string]string{"en": "Show quoted text", "es": "Mostrar el texto citado"}

// mailFrame serves a mail's HTML as a page of its own, for the frame in which the window shows it: without scripts,
// without an origin, and with a policy that lets it load nothing. Images from elsewhere are loaded with images=1.
func (a *App) mailFrame(w http.ResponseWriter, req *http.Request) {
	id := req.PathValue("message")
	m, err := a.client.Mail(req.Context(), id)
	if err != nil {
		a.missing(w, err)
		return
	}
	look := mailview.Look{Language: "en", Images: req.URL.Query().Get("images") == "1"}
	if req.URL.Query().Get("lang") == "es" {
		look.Language = "es"
	}
	look.Quoted = quotedWords[look.Language]
	if a.host.Face.Name() == bind.DesktopFace { // a window of the system's web view has no tabs to open a link in
		look.Link = func(n int) string { return fmt.Sprintf("/mail/%s/link/%d", url.PathEscape(id), n) }
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", look.Policy())
	h.Set("Cache-Control", "private, no-store")
	io.WriteString(w, mailview.Frame(m.HTML, look)) // what can't be written is a reader that left
}

// mailLink opens a link of a mail outside, by its number: the frame may ask only for what stands in the mail. Without
// content the frame stays as it is.
func (a *App) mailLink(w http.ResponseWriter, req *http.Request) {
	n, err := strconv.Atoi(req.PathValue("n"))
	m, missing := a.client.Mail(req.Context(), req.PathValue("message"))
	if missing != nil {
		a.missing(w, missing)
		return
	}
	address, ok := mailview.Link(m.HTML, n)
	if err != nil || !ok || a.host.Face.Name() != bind.DesktopFace {
		refuse(w, http.StatusNotFound, bind.CodeBadLink, "Only web and e-mail addresses can be opened.")
		return
	}
	if err := a.services.Session.OpenExternal(address); err != nil {
		a.missing(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// rawMail serves a mail as it came, as a download: whoever sent it could have put anything into it.
func (a *App) rawMail(w http.ResponseWriter, req *http.Request) {
	content, m, err := a.client.RawMail(req.Context(), req.PathValue("message"))
	if err != nil {
		a.missing(w, err)
		return
	}
	a.download(w, content, bind.MailName(m.Subject))
}

// rawHeld serves a held mail as it came, in the same way.
func (a *App) rawHeld(w http.ResponseWriter, req *http.Request) {
	content, err := a.client.RawHeld(req.Context(), req.PathValue("id"))
	if err != nil {
		a.missing(w, err)
		return
	}
	a.download(w, content, bind.MailName(req.URL.Query().Get("subject")))
}

func (a *App) download(w http.ResponseWriter, content io.ReadCloser, name string) {
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", "message/rfc822")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if _, err := io.Copy(w, content); err != nil {
		a.Logger.Debug("mail", "error", err)
		panic(http.ErrAbortHandler) // half a mail must not look like a whole one
	}
}
