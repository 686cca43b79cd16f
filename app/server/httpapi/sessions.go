package httpapi

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"recado/app/desk"
	"recado/app/server/accounts"
	"recado/app/wire"
)

type signIn struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Device   string `json:"device"`
}

func (a *API) signIn(w http.ResponseWriter, r *request) (reply, error) {
	var in signIn
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if e := cmp.Or(desk.CheckText("body.email", in.Email, 254), desk.CheckText("body.password", in.Password, 1_000)); e != nil {
		return reply{}, e
	}
	token, p, err := a.Accounts.SignIn(r.Context(), in.Email, in.Password, in.Device, a.remote(r))
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: wire.Session{Token: token, Person: personForm(p)}}, nil
}

// remote is the network address a request comes from, without its port. Only a proxy that the server was told of is
// believed when it names another: of what X-Forwarded-For holds, the last address that is no such proxy, for everything
// before it was written by whoever asked.
func (a *API) remote(r *request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	at, err := netip.ParseAddr(host)
	if err != nil || !a.trusts(at) {
		return host
	}
	named := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, name := range slices.Backward(named) {
		next, err := netip.ParseAddr(strings.TrimSpace(name))
		if err != nil {
			break
		}
		if at = next; !a.trusts(at) {
			break
		}
	}
	return at.Unmap().String()
}

func (a *API) trusts(at netip.Addr) bool {
	return slices.ContainsFunc(a.Proxies, func(p netip.Prefix) bool { return p.Contains(at.Unmap()) })
}

func (a *API) listSessions(_ http.ResponseWriter, r *request) (reply, error) {
	list, err := a.Accounts.Sessions(r.Context(), r.caller)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.Device]{Items: []wire.Device{}}
	for _, s := range list {
		page.Items = append(page.Items, deviceForm(s, r.caller))
	}
	return reply{status: http.StatusOK, body: page}, nil
}

func deviceForm(s accounts.Session, c accounts.Caller) wire.Device {
	return wire.Device{ID: s.ID, Device: s.Device, CreatedAt: wire.Millis(s.CreatedAt), LastUsedAt: wire.Millis(s.UsedAt), Current: s.ID == c.Session.ID}
}

func (a *API) endCurrent(_ http.ResponseWriter, r *request) (reply, error) {
	return a.end(r, r.caller.Session.ID)
}

func (a *API) endSession(_ http.ResponseWriter, r *request) (reply, error) {
	return a.end(r, r.id("id"))
}

func (a *API) end(r *request, id string) (reply, error) {
	if err := a.Accounts.EndSession(r.Context(), r.caller, id); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

type acceptance struct {
	Token    string `json:"token"`
	Password string `json:"password"`
	Device   string `json:"device"`
}

func (a *API) acceptInvitation(w http.ResponseWriter, r *request) (reply, error) {
	var in acceptance
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	token, p, err := a.Accounts.AcceptInvitation(r.Context(), in.Token, in.Password, in.Device, a.remote(r))
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: wire.Session{Token: token, Person: personForm(p)}}, nil
}

const invitePage = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Recado</title>
<h1>You are invited to Recado</h1>
<p>Open the Recado app, choose <b>Accept an invitation</b>, and paste the address of this page, all of it. It works once, within seven days.</p>
<p lang="es">Abre la aplicación Recado, elige <b>Aceptar una invitación</b> y pega la dirección completa de esta página. Sirve una vez, durante siete días.</p></html>
`

// invite is a page without script: the token stands in the fragment, which no server is told.
func (a *API) invite(w http.ResponseWriter, _ *request) (reply, error) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write([]byte(invitePage))
	return reply{handled: true}, nil
}
