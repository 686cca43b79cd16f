package desktop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"recado/app/client"
	"recado/app/desktop/bind"
)

// maxCall is the largest call taken, in bytes: a file's chunk in base64 with room to spare.
const maxCall = 2 << 20

var errorType = reflect.TypeFor[error]()

// rpc offers the bound services over HTTP: POST /rpc/Service/Method with the arguments as a JSON array answers
// {"result": …}, or {code, message, fields} as the native window would have it.
type rpc struct {
	methods map[string]reflect.Value
	log     *slog.Logger
}

func newRPC(services []any, log *slog.Logger) *rpc {
	r := &rpc{methods: map[string]reflect.Value{}, log: log}
	for _, service := range services {
		v := reflect.ValueOf(service)
		name := v.Type().Elem().Name()
		for i := range v.NumMethod() {
			r.methods[name+"/"+v.Type().Method(i).Name] = v.Method(i)
		}
	}
	return r
}

// ServeHTTP answers one call.
func (r *rpc) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	method, ok := r.methods[req.PathValue("service")+"/"+req.PathValue("method")]
	if !ok {
		refuse(w, http.StatusNotFound, "no-such-method", "The app does not offer this.")
		return
	}
	args, status, err := arguments(http.MaxBytesReader(w, req.Body, maxCall), method.Type())
	if err != nil {
		refuse(w, status, "invalid-call", err.Error())
		return
	}
	result, err := outcome(method.Call(args))
	if err != nil {
		p := bind.Problem(err, r.log)
		status := http.StatusUnprocessableEntity
		if p.Code == bind.CodeInternal {
			status = http.StatusInternalServerError
		}
		answer(w, status, p)
		return
	}
	answer(w, http.StatusOK, map[string]any{"result": result})
}

// outcome takes apart what a method returned: nothing, an error, a value, or a value and an error.
func outcome(out []reflect.Value) (result any, err error) {
	if n := len(out); n > 0 && out[n-1].Type().Implements(errorType) {
		err, _ = out[n-1].Interface().(error)
		out = out[:n-1]
	}
	if len(out) > 0 {
		result = out[0].Interface()
	}
	return result, err
}

// arguments reads a JSON array that fits the parameters of a method.
func arguments(body interface{ Read([]byte) (int, error) }, method reflect.Type) (args []reflect.Value, status int, err error) {
	var raw []json.RawMessage
	d := json.NewDecoder(body)
	if err := d.Decode(&raw); err != nil || raw == nil || d.More() {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("a call has at most %d bytes", maxCall)
		}
		return nil, http.StatusBadRequest, errors.New("the arguments must be a JSON array")
	}
	if len(raw) != method.NumIn() {
		return nil, http.StatusUnprocessableEntity, fmt.Errorf("this takes %d arguments, not %d", method.NumIn(), len(raw))
	}
	for i, content := range raw {
		v := reflect.New(method.In(i))
		null := bytes.Equal(bytes.TrimSpace(content), []byte("null"))
		if nullable := method.In(i).Kind() == reflect.Slice; null && !nullable || json.Unmarshal(content, v.Interface()) != nil {
			return nil, http.StatusUnprocessableEntity, fmt.Errorf("argument %d must be a %s", i+1, method.In(i).Kind())
		}
		args = append(args, v.Elem())
	}
	return args, 0, nil
}

// keepAlive is how often a silent event stream says that it lives; it also finds readers that are gone.
const keepAlive = 15 * time.Second

// stream writes the app's events as server-sent events until the reader leaves or is too slow.
func (e *events) stream(w http.ResponseWriter, req *http.Request) {
	l := e.listen()
	defer e.leave(l)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	write := func(format string, args ...any) bool {
		out.SetWriteDeadline(time.Now().Add(10 * time.Second))
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && out.Flush() == nil
	}
	for ok := write(": open\n\n"); ok; {
		select {
		case <-req.Context().Done():
			return
		case <-tick.C:
			ok = write(": here\n\n")
		case event, more := <-l.C:
			if !more {
				return
			}
			content, err := json.Marshal(event)
			ok = err == nil && write("data: %s\n\n", content)
		}
	}
}

func answer(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(content) // what can't be written is a reader that left
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, &client.Error{Code: code, Message: message})
}
