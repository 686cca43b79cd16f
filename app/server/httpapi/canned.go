package httpapi

import (
	"net/http"
	"time"

	"recado/app/desk"
	"recado/app/server/canned"
	"recado/app/wire"
)

// CannedEvent tells users who are connected that the canned answers are others than before. It is never stored.
func CannedEvent(at time.Time) []byte {
	return appendEvent(nil, "canned", wire.CannedChanged{At: wire.Time{Time: at}})
}

func cannedForm(a desk.CannedAnswer) wire.CannedAnswer {
	return wire.CannedAnswer{ID: a.ID, Name: a.Name, Body: a.Body, ChangedBy: a.ChangedBy, CreatedAt: wire.Millis(a.CreatedAt),
		ChangedAt: wire.Millis(a.ChangedAt), Version: a.Version}
}

func (a *API) listCanned(_ http.ResponseWriter, r *request) (reply, error) {
	list, err := a.Canned.List(r.Context(), r.caller.Person)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.CannedAnswer]{Items: make([]wire.CannedAnswer, 0, len(list))}
	for _, c := range list {
		page.Items = append(page.Items, cannedForm(c))
	}
	return reply{status: http.StatusOK, body: page}, nil
}

type newCanned struct {
	Name string `json:"name"`
	Body string `json:"body"`
}

func (a *API) addCanned(w http.ResponseWriter, r *request) (reply, error) {
	var in newCanned
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	c, err := a.Canned.Add(r.Context(), r.caller.Person, in.Name, in.Body)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: cannedForm(c)}, nil
}

type cannedChange struct {
	Name *string `json:"name"`
	Body *string `json:"body"`
	// Version is the one that was shown: 409 changed-meanwhile where it is another now.
	Version int64 `json:"version,omitempty"`
}

func (a *API) patchCanned(w http.ResponseWriter, r *request) (reply, error) {
	var in cannedChange
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	c, err := a.Canned.Change(r.Context(), r.caller.Person, r.id("id"), canned.Change{Name: in.Name, Body: in.Body, Version: in.Version})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: cannedForm(c)}, nil
}

func (a *API) removeCanned(_ http.ResponseWriter, r *request) (reply, error) {
	if err := a.Canned.Remove(r.Context(), r.caller.Person, r.id("id")); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}
