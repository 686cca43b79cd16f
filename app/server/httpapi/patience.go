package httpapi

import (
	"net/http"
	"time"
)

// How long a connection may keep the server waiting.
const (
	// restTimeout is how long the rest of a body nobody asked for may take, once the answer is known: net/http reads it
	// before it answers, so that a client that writes first and reads later is not cut off.
	restTimeout = time.Second
	// takeTimeout is how long a client may take nothing of an answer.
	takeTimeout = 30 * time.Second
)

// patient bounds how long a client may withhold its request or leave its answer untaken: connections are few, and need
// no sign-in. The bounds move with what is read and written, so that a slow line is no reason to be cut off.
type patient struct {
	http.ResponseWriter
	control  *http.ResponseController
	hasBody  bool
	answered bool
}

func newPatient(w http.ResponseWriter, r *http.Request) *patient {
	return &patient{ResponseWriter: w, control: http.NewResponseController(w), hasBody: r.ContentLength != 0}
}

// Unwrap is for http.ResponseController.
func (p *patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// WriteHeader begins the answer.
func (p *patient) WriteHeader(status int) {
	p.begin()
	p.ResponseWriter.WriteHeader(status)
}

// Write sends a piece of the answer.
func (p *patient) Write(b []byte) (int, error) {
	p.begin()
	p.control.SetWriteDeadline(time.Now().Add(takeTimeout))
	return p.ResponseWriter.Write(b)
}

func (p *patient) begin() {
	if p.answered {
		return
	}
	p.answered = true
	now := time.Now()
	p.control.SetWriteDeadline(now.Add(takeTimeout))
	if p.hasBody {
		p.control.SetReadDeadline(now.Add(restTimeout))
	}
}
