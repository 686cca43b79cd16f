package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"recado/app/desk"
	"recado/app/server/accounts"
)

// maxJSON bounds a JSON body: 150,000 characters of up to 4 bytes, escaped, and 1,000 participants.
const maxJSON = 2 << 20

// maxQuery bounds what people and conversations are looked for by, in characters.
const maxQuery = 100

// bodyTimeout is how long a JSON body may take to arrive.
const bodyTimeout = 30 * time.Second

// request is one request with who asks.
type request struct {
	*http.Request
	caller accounts.Caller
	query  url.Values
	names  map[string]bool // of the fields its body may have
}

// id gives an id from the path. What can't be one is given as none, which is found as little as one that is unknown.
func (r *request) id(name string) string {
	id := r.PathValue(name)
	if len(id) > 64 || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return ""
	}
	return id
}

// reply is a status and what goes with it; a nil body sends none. handled means that the answer was written already.
type reply struct {
	status  int
	body    any
	handled bool
}

type handler func(w http.ResponseWriter, r *request) (reply, error)

// route is one line of the API.
type route struct {
	method, path, summary string
	handle                handler
	public, write         bool
	visitor               bool // asked by a visitor's browser, in the live chat
	anyQuery              bool // what its query holds is never refused
	status                int
	in, out               any
	query                 []string
	names                 map[string]bool
}

func open(method, path, summary string, h handler) route {
	return route{method: method, path: path, summary: summary, handle: h, public: true}
}

func signed(method, path, summary string, h handler) route {
	return route{method: method, path: path, summary: summary, handle: h}
}

// visited is a route of the live chat: its caller is a customer, by a token that opens nothing else.
func visited(method, path, summary string, h handler) route {
	return route{method: method, path: path, summary: summary, handle: h, visitor: true}
}

func (r route) takes(in any) route {
	r.in, r.names = in, jsonNames(reflect.TypeOf(in))
	return r
}
func (r route) gives(status int, out any) route {
	r.status, r.out = status, out
	return r
}
func (r route) writes() route              { r.write = true; return r }
func (r route) takesAnyQuery() route       { r.anyQuery = true; return r }
func (r route) asks(query ...string) route { r.query = query; return r }

// serve asks who it is before anything else is looked at, then handles, and spells the answer in one place.
func (a *API) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := &request{Request: r, names: rt.names}
		rep, err := a.answer(w, rt, req)
		switch {
		case err != nil:
			a.fail(w, r, err)
		case rep.handled:
		case rep.body == nil:
			w.WriteHeader(rep.status)
		default:
			writeJSON(w, rep.status, "application/json", rep.body)
		}
	})
}

func (a *API) answer(w http.ResponseWriter, rt route, r *request) (rep reply, err error) {
	var ok bool
	if !rt.public {
		known := a.auth
		if rt.visitor {
			known = a.chat
		}
		caller, err := known.caller(r.Context(), bearer(r.Request))
		if err != nil {
			return reply{}, err
		}
		r.caller = caller
		if rt.visitor {
			if err := a.Chat.Limits.Act(caller.Person.ID, a.remote(r), caller.Session.Device); err != nil {
				return reply{}, err
			}
		}
	}
	if r.query, ok = query(r.URL.RawQuery); !ok && !rt.anyQuery {
		return reply{}, errMalformed("the query is not valid UTF-8 in URL form")
	}
	if rt.write && a.Room != nil {
		if err := a.Room(); err != nil {
			return reply{}, err
		}
	}
	return rt.handle(w, r)
}

// query reads what follows the question mark; NUL, which no name or text has, is refused with what is not UTF-8.
func query(raw string) (url.Values, bool) {
	if raw == "" {
		return nil, true
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, false
	}
	for name, list := range values {
		for _, v := range append(list, name) {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, false
			}
		}
	}
	return values, true
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// decode reads a JSON body strictly into v: one object, known fields, right types.
func decode(w http.ResponseWriter, r *request, v any) error {
	if t := r.Header.Get("Content-Type"); t != "" {
		if kind, _, err := mime.ParseMediaType(t); err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
			return &httpError{http.StatusUnsupportedMediaType, &desk.Error{Code: "unsupported-type", Message: "Send JSON, with Content-Type: application/json."}}
		}
	}
	rc := http.NewResponseController(w)
	rc.SetReadDeadline(time.Now().Add(bodyTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxJSON))
	rc.SetReadDeadline(time.Time{})
	if err != nil {
		return bodyError(err)
	}
	if !utf8.Valid(body) {
		return errMalformed("the body is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return decodeError(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errMalformed("something follows the JSON object")
	}
	if first := bytes.TrimLeft(body, " \t\r\n"); len(first) == 0 || first[0] != '{' {
		return desk.Invalid("body", "a JSON object is needed")
	}
	if err := checkShape(body, r.names); err != nil {
		return err
	}
	return checkEscapes(body)
}

func bodyError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &httpError{http.StatusRequestEntityTooLarge, &desk.Error{Code: "too-large", Message: "The request is too large."}}
	}
	return errMalformed("the body could not be received")
}

func decodeError(err error) error {
	var typ *json.UnmarshalTypeError
	if errors.As(err, &typ) {
		return desk.Invalid(strings.TrimSuffix("body."+typ.Field, "."), "wrong type: want "+jsonKind(typ.Type))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if field, e := strconv.Unquote(name); e == nil && len(field) < 60 && utf8.ValidString(field) {
			return desk.Invalid("body."+field, "unknown field")
		}
		return desk.Invalid("body", "holds an unknown field")
	}
	var parse *time.ParseError
	if errors.As(err, &parse) {
		return desk.Invalid("body", "a time must be like 2026-11-22T10:00:00.000Z")
	}
	return errMalformed("the body is not JSON")
}

func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "an object"
	}
	return "a whole number"
}

// limit reads ?limit=: 1–200, default 50.
func limit(r *request) (int, error) {
	n, err := queryNumber(r, "limit", 50)
	if err != nil || n < 1 || n > 200 {
		return 0, desk.Invalid("query.limit", "a limit is a whole number from 1 to 200")
	}
	return int(n), nil
}

func queryNumber(r *request, name string, otherwise int64) (int64, error) {
	if len(r.query[name]) > 1 {
		return 0, desk.Invalid("query."+name, "stands twice")
	}
	text := r.query.Get(name)
	if text == "" {
		if r.query.Has(name) {
			return 0, desk.Invalid("query."+name, "a whole number is needed")
		}
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || text[0] == '+' {
		return 0, desk.Invalid("query."+name, "a whole number from 0 is needed")
	}
	return n, nil
}
