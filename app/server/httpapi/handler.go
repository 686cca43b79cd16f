package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
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

// bodyTimeout is how long a JSON body may take to arrive.
const bodyTimeout = 30 * time.Second

// request is one request with who asks.
type request struct {
	*http.Request
	caller accounts.Caller
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
	status                int
	in, out               any
	query                 []string
}

func open(method, path, summary string, h handler) route {
	return route{method: method, path: path, summary: summary, handle: h, public: true}
}

func signed(method, path, summary string, h handler) route {
	return route{method: method, path: path, summary: summary, handle: h}
}

func (r route) takes(in any) route { r.in = in; return r }
func (r route) gives(status int, out any) route {
	r.status, r.out = status, out
	return r
}
func (r route) writes() route              { r.write = true; return r }
func (r route) asks(query ...string) route { r.query = query; return r }

// serve asks who it is before anything else is looked at, then handles, and spells the answer in one place.
func (a *API) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := &request{Request: r}
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

func (a *API) answer(w http.ResponseWriter, rt route, r *request) (reply, error) {
	if !rt.public {
		caller, err := a.auth.caller(r.Context(), bearer(r.Request))
		if err != nil {
			return reply{}, err
		}
		r.caller = caller
	}
	if !utf8.ValidString(r.URL.RawQuery) || !validQuery(r.Request) {
		return reply{}, errMalformed("the query is not valid UTF-8")
	}
	if rt.write && a.Room != nil {
		if err := a.Room(); err != nil {
			return reply{}, err
		}
	}
	return rt.handle(w, r)
}

func validQuery(r *http.Request) bool {
	for _, list := range r.URL.Query() {
		for _, v := range list {
			if !utf8.ValidString(v) {
				return false
			}
		}
	}
	return true
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
	if lone := loneSurrogate(body); lone {
		return errMalformed("the body holds half of a surrogate pair")
	}
	return nil
}

// loneSurrogate finds \ud800–\udfff escapes that are no pair: Go would replace them silently, and what was sent would
// not be what is stored.
func loneSurrogate(body []byte) bool {
	for i := 0; i+5 < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		if body[i+1] != 'u' {
			i++
			continue
		}
		n, err := strconv.ParseUint(string(body[i+2:i+6]), 16, 32)
		if err != nil || n < 0xd800 || n > 0xdfff {
			i += 5
			continue
		}
		if n > 0xdbff || i+11 >= len(body) || body[i+6] != '\\' || body[i+7] != 'u' {
			return true
		}
		low, err := strconv.ParseUint(string(body[i+8:i+12]), 16, 32)
		if err != nil || low < 0xdc00 || low > 0xdfff {
			return true
		}
		i += 11
	}
	return false
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
	text := r.URL.Query().Get(name)
	if text == "" {
		if r.URL.Query().Has(name) {
			return 0, desk.Invalid("query."+name, "a whole number is needed")
		}
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, desk.Invalid("query."+name, "a whole number from 0 is needed")
	}
	return n, nil
}
