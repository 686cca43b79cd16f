package httpapi

import (
	"fmt"
	"net/http"

	"recado/app/desk"
)

func (a *API) alive(w http.ResponseWriter, _ *request) (reply, error) {
	return reply{status: http.StatusOK, body: map[string]string{"status": "ok"}}, nil
}

func (a *API) ready(_ http.ResponseWriter, r *request) (reply, error) {
	if err := a.Ready(r.Context()); err != nil {
		a.Log.Warn("not ready", "error", err)
		return reply{}, &httpError{http.StatusServiceUnavailable, &desk.Error{Code: "not-ready", Message: "The server can't serve now; its log says why."}}
	}
	return reply{status: http.StatusOK, body: map[string]string{"status": "ready"}}, nil
}

// metrics is Prometheus' text format, for figures of the process and of the streams.
func (a *API) metrics(w http.ResponseWriter, r *request) (reply, error) {
	if a.Metrics == nil {
		return reply{}, fmt.Errorf("no metrics are wired")
	}
	a.Metrics.ServeHTTP(w, r.Request)
	return reply{handled: true}, nil
}
