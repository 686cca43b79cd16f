package httpapi

import (
	"cmp"
	"net/http"

	"recado/app/desk"
	"recado/app/wire"
)

func (a *API) siteForm(s desk.Site, secret bool) wire.Site {
	out := wire.Site{ID: s.ID, Name: s.Name, Origins: s.Origins, Identity: string(s.Identity), Disabled: s.Disabled, Accent: s.Look.Accent,
		Hours: hoursForm(s.Look.Hours), Told: s.Look.Told, CreatedAt: wire.Millis(s.CreatedAt), Version: s.Version,
		Opens: string(cmp.Or(s.Look.Opens, desk.OpensConversation))}
	if a.Published {
		out.PublicURL = a.PublicURL
	}
	if len(s.Look.Greeting) > 0 {
		out.Greeting = &wire.Greeting{En: s.Look.Greeting["en"], Es: s.Look.Greeting["es"]}
	}
	if out.Origins == nil {
		out.Origins = []string{}
	}
	if out.Told == nil {
		out.Told = []string{}
	}
	if secret {
		out.Secret = s.Secret
	}
	return out
}

// week names the days of a form, beside those of the domain.
func week(h *wire.Hours) map[string]*[]wire.Span {
	return map[string]*[]wire.Span{"mon": &h.Mon, "tue": &h.Tue, "wed": &h.Wed, "thu": &h.Thu, "fri": &h.Fri, "sat": &h.Sat, "sun": &h.Sun}
}

func hoursForm(h *desk.Hours) *wire.Hours {
	if h == nil {
		return nil
	}
	out := &wire.Hours{Zone: h.Zone}
	for day, spans := range week(out) {
		for _, s := range h.Days[day] {
			*spans = append(*spans, wire.Span(s))
		}
	}
	return out
}

func hours(h *wire.Hours) *desk.Hours {
	if h == nil {
		return nil
	}
	out := &desk.Hours{Zone: h.Zone, Days: map[string][]desk.Span{}}
	for day, spans := range week(h) {
		for _, s := range *spans {
			out.Days[day] = append(out.Days[day], desk.Span(s))
		}
	}
	return out
}

func greeting(g *wire.Greeting) map[string]string {
	out := map[string]string{}
	if g != nil && g.En != "" {
		out["en"] = g.En
	}
	if g != nil && g.Es != "" {
		out["es"] = g.Es
	}
	return out
}

func (a *API) listSites(_ http.ResponseWriter, r *request) (reply, error) {
	sites, err := a.Chat.Sites(r.Context(), r.caller.Person)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.Site]{Items: make([]wire.Site, 0, len(sites))}
	for _, s := range sites {
		page.Items = append(page.Items, a.siteForm(s, false))
	}
	return reply{status: http.StatusOK, body: page}, nil
}

type newSite struct {
	Name     string         `json:"name"`
	Origins  []string       `json:"origins"`
	Identity string         `json:"identity"`
	Accent   string         `json:"accent"`
	Greeting *wire.Greeting `json:"greeting"`
	Hours    *wire.Hours    `json:"hours"`
	Told     []string       `json:"told"`
	Opens    string         `json:"opens"`
}

func (a *API) addSite(w http.ResponseWriter, r *request) (reply, error) {
	var in newSite
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if in.Identity == "" {
		in.Identity = string(desk.IdentityOptional)
	}
	if err := a.tellable(r, in.Told); err != nil {
		return reply{}, err
	}
	s, err := a.Chat.AddSite(r.Context(), r.caller.Person, desk.Site{Name: in.Name, Origins: in.Origins, Identity: desk.Identity(in.Identity),
		Look: desk.Look{Accent: in.Accent, Greeting: greeting(in.Greeting), Hours: hours(in.Hours), Told: in.Told, Opens: desk.Opens(in.Opens)}})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: a.siteForm(s, true)}, nil
}

// tellable refuses whom nothing of a visitor is to be told.
func (a *API) tellable(r *request, ids []string) error {
	for _, id := range ids {
		p, err := a.Messaging.Person(r.Context(), r.caller.Person, id)
		if err != nil || p.Kind != desk.User || p.Disabled {
			return desk.UnknownPerson("body.told")
		}
	}
	return nil
}

type siteChange struct {
	Name     *string        `json:"name"`
	Origins  *[]string      `json:"origins"`
	Identity *string        `json:"identity"`
	Accent   *string        `json:"accent"`
	Greeting *wire.Greeting `json:"greeting"`
	Hours    *wire.Hours    `json:"hours"` // an empty zone: always open
	Told     *[]string      `json:"told"`
	Opens    *string        `json:"opens"`
	Disabled *bool          `json:"disabled"`
	// NewSecret makes another secret; what was signed with the one before is refused from then on.
	NewSecret bool `json:"newSecret"`
}

func (a *API) patchSite(w http.ResponseWriter, r *request) (reply, error) {
	var in siteChange
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	if in.Told != nil {
		if err := a.tellable(r, *in.Told); err != nil {
			return reply{}, err
		}
	}
	s, err := a.Chat.ChangeSite(r.Context(), r.caller.Person, r.id("id"), in.NewSecret, in.apply)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: a.siteForm(s, in.NewSecret)}, nil
}

func (in siteChange) apply(s *desk.Site) {
	put(&s.Name, in.Name)
	put(&s.Origins, in.Origins)
	put(&s.Look.Accent, in.Accent)
	put(&s.Look.Told, in.Told)
	put(&s.Disabled, in.Disabled)
	if in.Identity != nil {
		s.Identity = desk.Identity(*in.Identity)
	}
	if in.Opens != nil {
		s.Look.Opens = desk.Opens(*in.Opens)
	}
	if in.Greeting != nil {
		s.Look.Greeting = greeting(in.Greeting)
	}
	if in.Hours != nil {
		s.Look.Hours = hours(in.Hours)
		if in.Hours.Zone == "" {
			s.Look.Hours = nil
		}
	}
}

// put changes what was sent, and leaves the rest.
func put[T any](at *T, sent *T) {
	if sent != nil {
		*at = *sent
	}
}
