package httpapi

import (
	"net/http"

	"recado/app/desk"
	"recado/app/server/mailin"
	"recado/app/wire"
)

type opening struct {
	Opens string `json:"opens"`
}

func (a *API) mailAddresses(_ http.ResponseWriter, r *request) (reply, error) {
	list, err := a.Mails.Addresses(r.Context(), r.caller.Person)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.TeamAddress]{Items: make([]wire.TeamAddress, 0, len(list))}
	for _, t := range list {
		page.Items = append(page.Items, wire.TeamAddress{Address: t.Address, Opens: string(t.Opens)})
	}
	return reply{status: http.StatusOK, body: page}, nil
}

func (a *API) putMailAddress(w http.ResponseWriter, r *request) (reply, error) {
	var in opening
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	t, err := a.Mails.SetAddress(r.Context(), r.caller.Person, mailin.Address{Address: r.PathValue("address"), Opens: desk.Opens(in.Opens)})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: wire.TeamAddress{Address: t.Address, Opens: string(t.Opens)}}, nil
}

func (a *API) forgetMailAddress(_ http.ResponseWriter, r *request) (reply, error) {
	return reply{status: http.StatusNoContent}, a.Mails.ForgetAddress(r.Context(), r.caller.Person, r.PathValue("address"))
}
