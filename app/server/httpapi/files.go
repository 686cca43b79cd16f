package httpapi

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"recado/app/desk"
	"recado/app/kit/mailid"
	"recado/app/server/filestore"
)

// Files keeps the content of attachments.
type Files interface {
	Stage(id string, r io.Reader, limit int64) (filestore.Staged, error)
	Keep(id string, st filestore.Staged) error
	Discard(st filestore.Staged) error
	Remove(id string) error
	Open(id string) (*os.File, error)
}

// uploadTimeout is how long a file may take to arrive.
const uploadTimeout = 30 * time.Minute

// postFile takes a file as it comes, without holding it in memory. The key may stand before or after it.
func (a *API) postFile(w http.ResponseWriter, r *request) (reply, error) {
	if r.ContentLength > desk.MaxFileSize+64<<10 {
		return reply{}, tooLarge()
	}
	rc := http.NewResponseController(w)
	rc.SetReadDeadline(time.Now().Add(uploadTimeout))
	defer rc.SetReadDeadline(time.Time{})
	r.Body = http.MaxBytesReader(w, r.Body, desk.MaxFileSize+64<<10)
	parts, err := r.MultipartReader()
	if err != nil {
		return reply{}, &httpError{http.StatusUnsupportedMediaType, &desk.Error{Code: "unsupported-type", Message: "Send multipart/form-data with `key` and `file`."}}
	}
	id := a.NewID()
	up := &upload{id: id, files: a.Files}
	if err := up.read(parts); err != nil {
		up.discard()
		return reply{}, err
	}
	return a.keep(r, up)
}

func tooLarge() error {
	return &desk.Error{Code: "too-large", Message: "A file may be at most 100 MB."}
}

// keep gives the content its place before the file is noted, so that no message ever carries a file that is not there.
func (a *API) keep(r *request, up *upload) (reply, error) {
	if e := desk.CheckKey(up.key); e != nil {
		up.discard()
		return reply{}, e
	}
	if who := r.caller; who.Person.Kind == desk.Customer && a.Chat != nil {
		if err := a.Chat.Limits.Upload(who.Person.ID, a.remote(r), who.Session.Device, up.staged.Size); err != nil {
			up.discard()
			return reply{}, err
		}
	}
	if err := a.Files.Keep(up.id, up.staged); err != nil {
		up.discard()
		return reply{}, err
	}
	f, made, err := a.Messaging.Upload(context.WithoutCancel(r.Context()), r.caller.Person, up.key, up.staged.SHA256,
		desk.File{ID: up.id, Name: desk.FileName(up.name), Size: up.staged.Size, Type: sniff(up.staged.Head)})
	// Only where it surely was not noted: content that nothing tells of is waste, a file without its content is a loss.
	var refused *desk.Error
	if err == nil && !made || errors.As(err, &refused) {
		if e := a.Files.Remove(up.id); e != nil {
			a.Log.Warn("content that is not needed stays", "file", up.id, "error", e)
		}
	}
	if err != nil {
		return reply{}, err
	}
	return reply{status: madeStatus(made), body: fileForm(f)}, nil
}

// upload is what the parts of a request hold.
type upload struct {
	id, key, name string
	hasKey        bool
	files         Files
	staged        filestore.Staged
	got           bool
}

// read takes the parts in the order they come; a part of another name, or one twice, is refused.
func (u *upload) read(parts *multipart.Reader) error {
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return bodyError(err)
		}
		if err := u.part(p); err != nil {
			return err
		}
	}
	if !u.got {
		return desk.Invalid("file", "a file is needed")
	}
	return nil
}

func (u *upload) part(p *multipart.Part) error {
	switch {
	case p.FormName() == "key" && !u.hasKey:
		b, err := io.ReadAll(io.LimitReader(p, desk.MaxKey+1))
		if err != nil {
			return bodyError(err)
		}
		u.key, u.hasKey = string(b), true
		return nil
	case p.FormName() == "file" && !u.got:
		st, err := u.files.Stage(u.id, p, desk.MaxFileSize)
		if errors.Is(err, filestore.ErrTooLarge) {
			return tooLarge()
		}
		var large *http.MaxBytesError
		if errors.As(err, &large) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) {
			return bodyError(err)
		}
		if errors.Is(err, syscall.ENOSPC) {
			return &desk.Error{Code: "storage-full", Message: "The server's disk has no room for this file: nothing was changed."}
		}
		if err != nil {
			return err
		}
		u.staged, u.name, u.got = st, p.FileName(), true
		return nil
	}
	return desk.Invalid("body", "a part is unknown or stands twice: send `key` and `file`")
}

func (u *upload) discard() {
	if u.got {
		u.files.Discard(u.staged)
	}
}

// sniff tells the type by content, never by what the sender says; text that a browser would run is plain text.
func sniff(head []byte) string {
	t := http.DetectContentType(head)
	if kind, _, _ := mime.ParseMediaType(t); kind == "text/html" || kind == "text/xml" {
		return "text/plain; charset=utf-8"
	}
	return t
}

// safeImages may be shown in place; everything else is an attachment.
var safeImages = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

func (a *API) getFile(w http.ResponseWriter, r *request) (reply, error) {
	f, err := a.Messaging.File(r.Context(), r.caller.Person, r.id("id"))
	if err != nil {
		return reply{}, err
	}
	return a.content(w, r, f)
}

// linkEnded is read by people, in whichever language they have.
const linkEnded = "This link has ended. Please ask for the file again.\nEste enlace ha caducado. Pida el archivo de nuevo, por favor.\n"

// linkedFile needs no sign-in: the link was given to one recipient of a mail, says which file it is for, and ends.
func (a *API) linkedFile(w http.ResponseWriter, r *request) (reply, error) {
	id := r.id("id")
	until, err := strconv.ParseInt(r.query.Get("until"), 10, 64)
	if err != nil || !mailid.VerifyFile(a.LinkKey, id, until, r.query.Get("signature")) {
		return reply{}, desk.ErrNotFound
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	if !a.Now().Before(time.Unix(until, 0)) {
		http.Error(w, linkEnded, http.StatusGone)
		return reply{handled: true}, nil
	}
	f, err := a.Messaging.LinkedFile(r.Context(), id)
	if err != nil {
		return reply{}, err
	}
	return a.content(w, r, f)
}

func (a *API) content(w http.ResponseWriter, r *request, f desk.File) (reply, error) {
	content, err := a.Files.Open(f.ID)
	if errors.Is(err, fs.ErrNotExist) {
		a.Log.Error("the content of a file is missing", "file", f.ID)
		return reply{}, desk.ErrNotFound
	}
	if err != nil {
		return reply{}, err
	}
	defer content.Close()
	disposition := "attachment"
	if safeImages[f.Type] {
		disposition = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", disposition+"; filename*=UTF-8''"+strings.ReplaceAll(url.QueryEscape(f.Name), "+", "%20"))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, no-store")
	http.ServeContent(w, r.Request, "", time.Time{}, content)
	return reply{handled: true}, nil
}
