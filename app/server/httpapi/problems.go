package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"recado/app/desk"
	"recado/app/kit/sqldb"
	"recado/app/server/accounts"
	"recado/app/server/livechat"
	"recado/app/wire"
)

// httpError is a coded error whose status the code alone does not give.
type httpError struct {
	status int
	err    *desk.Error
}

func (e *httpError) Error() string { return e.err.Message }

func errMalformed(why string) error {
	return &httpError{http.StatusBadRequest, &desk.Error{Code: "malformed", Message: "The request can't be understood: " + why + "."}}
}

// statuses maps the codes of the domain; what is not here is bad input.
var statuses = map[string]int{
	"not-found": http.StatusNotFound, "forbidden": http.StatusForbidden, "key-reused": http.StatusConflict,
	"audience-changed": http.StatusConflict, "address-taken": http.StatusConflict, "wrong-sign-in": http.StatusUnauthorized,
	"not-signed-in": http.StatusUnauthorized, "too-often": http.StatusTooManyRequests, "too-many-streams": http.StatusTooManyRequests, "invitation-unusable": http.StatusNotFound,
	"not-held": http.StatusConflict, "not-discarded": http.StatusConflict, "changed-meanwhile": http.StatusConflict, "merged": http.StatusConflict,
	"name-taken":   http.StatusConflict,
	"merge-circle": http.StatusConflict, "not-merged": http.StatusConflict, "conversation-has-item": http.StatusConflict,
	"identity-refused": http.StatusUnauthorized, "identity-required": http.StatusForbidden,
	"item-has-conversation": http.StatusConflict, "cannot-accept": http.StatusConflict, "not-planned": http.StatusConflict, "leaving": http.StatusConflict,
	"storage-full": http.StatusInsufficientStorage, "too-large": http.StatusRequestEntityTooLarge,
}

// titles say in a few words what kind of problem it is.
var titles = map[int]string{
	400: "Not understood", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Method not allowed", 409: "Conflict",
	413: "Too large", 415: "Unsupported type", 422: "Not accepted", 429: "Too often", 500: "Internal error", 503: "Not ready", 507: "Storage full",
}

var internal = problem(http.StatusInternalServerError, "internal", "Something went wrong here. It was logged; try again later.", nil)

func problem(status int, name, detail string, fields []desk.Field) wire.Problem {
	p := wire.Problem{Type: wire.ProblemPrefix + name, Title: titles[status], Status: status, Detail: detail}
	for _, f := range fields {
		p.Errors = append(p.Errors, wire.FieldProblem{Location: f.Location, Message: f.Message})
	}
	return p
}

// fail is the one place where an error becomes an answer. What is unknown is logged once and told as internal.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	var often *accounts.TooOften
	if errors.As(err, &often) {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(often.RetryAfter.Seconds()))))
	}
	var much *livechat.TooOften
	if errors.As(err, &much) {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(much.After.Seconds()))))
	}
	var h *httpError
	if errors.As(err, &h) {
		writeProblem(w, problem(h.status, h.err.Code, h.err.Message, h.err.Fields))
		return
	}
	var e *desk.Error
	if errors.As(err, &e) {
		status, ok := statuses[e.Code]
		if !ok {
			status = http.StatusUnprocessableEntity
		}
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
		writeProblem(w, problem(status, e.Code, e.Message, e.Fields))
		return
	}
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody is there to be answered
	}
	if errors.Is(err, sqldb.ErrUnavailable) {
		a.Log.Error("the database can't be reached", "method", r.Method, "route", r.Pattern, "error", err)
		w.Header().Set("Retry-After", "5")
		writeProblem(w, problem(http.StatusServiceUnavailable, "unavailable", "The server can't reach its database: try again in a moment, with the same key.", nil))
		return
	}
	a.Log.Error("a request failed", "method", r.Method, "route", r.Pattern, "error", err)
	writeProblem(w, internal)
}

func writeProblem(w http.ResponseWriter, p wire.Problem) {
	writeJSON(w, p.Status, "application/problem+json", p)
}

func writeJSON(w http.ResponseWriter, status int, kind string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		status, kind, b = http.StatusInternalServerError, "application/problem+json", []byte(`{"type":"urn:recado:problem:internal","title":"Internal error","status":500}`)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	w.Write(b)
}
