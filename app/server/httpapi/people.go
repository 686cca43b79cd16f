package httpapi

import (
	"net/http"

	"recado/app/desk"
	"recado/app/server/accounts"
	"recado/app/wire"
)

func (a *API) me(_ http.ResponseWriter, r *request) (reply, error) {
	return reply{status: http.StatusOK, body: personForm(r.caller.Person)}, nil
}

type personChange struct {
	Name         *string `json:"name"`
	Email        *string `json:"email"`
	Organisation *string `json:"organisation"`
	Locale       *string `json:"locale"`
	Role         *string `json:"role"`
	Disabled     *bool   `json:"disabled"`
}

// knownLocale: the languages the app speaks; empty leaves it to the device.
func knownLocale(locale string) bool { return locale == "" || locale == "en" || locale == "es" }

func errLocale() error { return desk.Invalid("body.locale", "a locale is en or es") }

func (a *API) patchMe(w http.ResponseWriter, r *request) (reply, error) {
	return a.change(w, r, r.caller.Person.ID)
}

func (a *API) patchPerson(w http.ResponseWriter, r *request) (reply, error) {
	return a.change(w, r, r.id("id"))
}

func (a *API) change(w http.ResponseWriter, r *request, id string) (reply, error) {
	var in personChange
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if in.Locale != nil && !knownLocale(*in.Locale) {
		return reply{}, errLocale()
	}
	ch := accounts.PersonChange{Name: in.Name, Email: in.Email, Organisation: in.Organisation, Locale: in.Locale, Disabled: in.Disabled}
	if in.Role != nil {
		role := desk.Role(*in.Role)
		if role != desk.Agent && role != desk.Admin {
			return reply{}, desk.Invalid("body.role", "a role is agent or admin")
		}
		ch.Role = &role
	}
	p, err := a.Accounts.Change(r.Context(), r.caller, id, ch)
	if err != nil {
		return reply{}, err
	}
	a.auth.forget([]string{r.caller.Session.ID})
	return reply{status: http.StatusOK, body: personForm(p)}, nil
}

type passwordChange struct {
	Old string `json:"old"`
	New string `json:"new"`
}

func (a *API) putPassword(w http.ResponseWriter, r *request) (reply, error) {
	var in passwordChange
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if err := a.Accounts.ChangePassword(r.Context(), r.caller, in.Old, in.New); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

type presence struct {
	State string `json:"state"`
}

// putPresence tells all users who are connected; presence is never stored.
func (a *API) putPresence(w http.ResponseWriter, r *request) (reply, error) {
	var in presence
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if in.State != "here" && in.State != "away" {
		return reply{}, desk.Invalid("body.state", "a state is here or away")
	}
	users, err := a.Messaging.Users(r.Context())
	if err != nil {
		return reply{}, err
	}
	a.Live.Tell(users, presenceEvent(r.caller.Person.ID, in.State, a.Now()))
	return reply{status: http.StatusOK, body: in}, nil
}

func (a *API) listPeople(_ http.ResponseWriter, r *request) (reply, error) {
	n, err := limit(r)
	if err != nil {
		return reply{}, err
	}
	kind := desk.Kind(r.query.Get("kind"))
	if kind != "" && kind != desk.User && kind != desk.Customer {
		return reply{}, desk.Invalid("query.kind", "a kind is user or customer")
	}
	after, err := cursorOf(r, "people")
	if err != nil {
		return reply{}, err
	}
	if e := desk.CheckText("query.query", r.query.Get("query"), maxQuery); e != nil {
		return reply{}, e
	}
	people, next, err := a.Messaging.FindPeople(r.Context(), kind, r.query.Get("query"), after, n)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.Person]{Items: make([]wire.Person, 0, len(people)), Next: cursorFor("people", next)}
	for _, p := range people {
		page.Items = append(page.Items, personForm(p))
	}
	return reply{status: http.StatusOK, body: page}, nil
}

type newPerson struct {
	Kind         string `json:"kind"`
	Name         string `json:"name"`
	Email        string `json:"email"`
	Organisation string `json:"organisation"`
	Role         string `json:"role"`
	Locale       string `json:"locale"`
}

// added is a person; Invitation is the one-time link of a new user.
type added struct {
	wire.Person
	Invitation string `json:"invitation,omitempty"`
}

func (a *API) addPerson(w http.ResponseWriter, r *request) (reply, error) {
	var in newPerson
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if !knownLocale(in.Locale) {
		return reply{}, errLocale()
	}
	n := accounts.NewPerson{Kind: desk.Kind(in.Kind), Name: in.Name, Email: in.Email, Organisation: in.Organisation, Role: desk.Role(in.Role), Locale: in.Locale}
	if n.Kind == desk.User && n.Role == "" {
		n.Role = desk.Agent
	}
	p, invitation, err := a.Accounts.AddBy(r.Context(), r.caller, n)
	if err != nil {
		return reply{}, err
	}
	out := added{Person: personForm(p)}
	if invitation != "" {
		out.Invitation = a.PublicURL + "/invite#" + invitation
	}
	return reply{status: http.StatusCreated, body: out}, nil
}

func (a *API) person(_ http.ResponseWriter, r *request) (reply, error) {
	p, err := a.Messaging.Person(r.Context(), r.caller.Person, r.id("id"))
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: personForm(p)}, nil
}
