package remote

import (
	"context"
	"net/http"

	"recado/app/client/sync"
	"recado/app/wire"
)

func chat(p wire.ChatPresence) sync.Chat {
	return sync.Chat{Person: p.Person, Connected: p.Connected, Site: p.Site, Page: p.Page, Title: p.Title, Since: stampOrNone(p.Since),
		LeftAt: stampOrNone(p.LeftAt), Browser: p.Browser, Language: p.Language}
}

// Chats lists who is connected to the live chat.
func (r *Remote) Chats(ctx context.Context) ([]sync.Chat, error) {
	var page wire.Page[wire.ChatPresence]
	err := r.call(ctx, http.MethodGet, "/chats", nil, &page)
	out := make([]sync.Chat, len(page.Items))
	for i, p := range page.Items {
		out[i] = chat(p)
	}
	return out, err
}

// MergeVisitor says that an unverified visitor is a customer.
func (r *Remote) MergeVisitor(ctx context.Context, visitor, customer string) (sync.Person, error) {
	var p wire.Person
	err := r.call(ctx, http.MethodPost, "/people/"+seg(visitor)+"/merge", map[string]string{"into": customer}, &p)
	return person(p), err
}

// days are the spans of a week by the names the window has for its days.
func days(h *wire.Hours) map[string]*[]wire.Span {
	return map[string]*[]wire.Span{"mon": &h.Mon, "tue": &h.Tue, "wed": &h.Wed, "thu": &h.Thu, "fri": &h.Fri, "sat": &h.Sat, "sun": &h.Sun}
}

func site(s wire.Site) sync.Site {
	out := sync.Site{ID: s.ID, Name: s.Name, Origins: append([]string{}, s.Origins...), Identity: s.Identity, Disabled: s.Disabled,
		Accent: s.Accent, Told: append([]string{}, s.Told...), Secret: s.Secret, CreatedAt: stamp(s.CreatedAt),
		Opens: s.Opens, PublicURL: s.PublicURL}
	if s.Greeting != nil {
		out.Greeting = sync.Greeting(*s.Greeting)
	}
	if s.Hours != nil {
		out.Hours = &sync.Hours{Zone: s.Hours.Zone, Days: map[string][]sync.Span{}}
		for day, spans := range days(s.Hours) {
			for _, at := range *spans {
				out.Hours.Days[day] = append(out.Hours.Days[day], sync.Span(at))
			}
		}
	}
	return out
}

func wireHours(h *sync.Hours) *wire.Hours {
	if h == nil {
		return nil
	}
	out := &wire.Hours{Zone: h.Zone}
	for day, spans := range days(out) {
		for _, at := range h.Days[day] {
			*spans = append(*spans, wire.Span(at))
		}
	}
	return out
}

// sitePatch names what is to be changed; what is nil is not sent.
func sitePatch(p sync.SitePatch) map[string]any {
	body := map[string]any{}
	field(body, "name", p.Name)
	field(body, "origins", p.Origins)
	field(body, "identity", p.Identity)
	field(body, "accent", p.Accent)
	field(body, "told", p.Told)
	field(body, "opens", p.Opens)
	field(body, "disabled", p.Disabled)
	if p.Greeting != nil {
		body["greeting"] = wire.Greeting(*p.Greeting)
	}
	if p.Hours != nil {
		body["hours"] = wireHours(p.Hours)
	}
	if p.NewSecret {
		body["newSecret"] = true
	}
	return body
}

func field[T any](body map[string]any, name string, v *T) {
	if v != nil {
		body[name] = *v
	}
}

// Sites lists the web sites with the live chat.
func (r *Remote) Sites(ctx context.Context) ([]sync.Site, error) {
	var page wire.Page[wire.Site]
	err := r.call(ctx, http.MethodGet, "/sites", nil, &page)
	out := make([]sync.Site, len(page.Items))
	for i, s := range page.Items {
		out[i] = site(s)
	}
	return out, err
}

// AddSite adds a web site; the answer has its secret, once.
func (r *Remote) AddSite(ctx context.Context, p sync.SitePatch) (sync.Site, error) {
	var s wire.Site
	err := r.call(ctx, http.MethodPost, "/sites", sitePatch(p), &s)
	return site(s), err
}

// ChangeSite changes a web site; the answer has the secret where it is a new one.
func (r *Remote) ChangeSite(ctx context.Context, id string, p sync.SitePatch) (sync.Site, error) {
	var s wire.Site
	err := r.call(ctx, http.MethodPatch, "/sites/"+seg(id), sitePatch(p), &s)
	return site(s), err
}
