package client_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"recado/app/client"
	"recado/app/wire"
)

func (f *fake) listChats(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer(w, 200, wire.Page[wire.ChatPresence]{Items: f.chats})
}

// merge takes any customer: what is refused is the real server's business.
func (f *fake) merge(w http.ResponseWriter, r *http.Request) {
	var body struct{ Into string }
	json.NewDecoder(r.Body).Decode(&body)
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.people[r.PathValue("id")]
	p.MergedInto, p.Version = body.Into, p.Version+1
	f.people[p.ID] = p
	answer(w, 200, p)
}

// chatEvent is what the feed writes between its entries.
func chatEvent(p wire.ChatPresence) string {
	b, _ := json.Marshal(p)
	return fmt.Sprintf("event: chat\ndata: %s\n\n", b)
}

func inChat(d *desk) (out []string) {
	for _, c := range d.Chats() {
		out = append(out, c.Person+" "+c.Page)
	}
	slices.Sort(out)
	return out
}

func TestWhoIsInTheLiveChat(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.chats = []wire.ChatPresence{{Person: "marta", Connected: true, Page: "https://shop.example/", Since: &wire.Time{Time: t0}},
		{Person: "pablo", Connected: true}}
	d := signedIn(t, f)
	is := func(want ...string) {
		t.Helper()
		d.until(fmt.Sprint(want), func() bool { return slices.Equal(inChat(d), want) })
	}
	is("marta https://shop.example/", "pablo ")
	f.do(func() {
		f.live = append(f.live, chatEvent(wire.ChatPresence{Person: "marta", Connected: true, Page: "https://shop.example/cart"}),
			chatEvent(wire.ChatPresence{Person: "pablo"}), chatEvent(wire.ChatPresence{Person: "nina", Connected: true}))
	})
	is("marta https://shop.example/cart", "nina ")
	f.do(func() { f.down = true })
	is() // nobody knows
	f.do(func() { f.down, f.chats, f.live = false, f.chats[1:], nil })
	d.Reconnect()
	is("pablo ")
}

func TestAVisitorIsMarkedAndMerged(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	f.do(func() {
		f.withCustomer("c1", me)
		p := wire.Person{ID: "v1", Kind: "customer", Name: "Marta", Unverified: true, CreatedAt: wire.Time{Time: t0}, Version: 1}
		f.people["v1"] = p
		f.add(wire.Entry{Type: wire.PersonChanged, Person: &p})
	})
	d.until("the visitor", func() bool {
		p, _ := d.Person(t.Context(), "v1")
		return p.Unverified && p.MergedInto == ""
	})
	if _, err := d.MergeVisitor(t.Context(), "v1", customer); err != nil {
		t.Fatal(err)
	}
	p, err := d.Person(t.Context(), "v1")
	if err != nil || !p.Unverified || p.MergedInto != customer {
		t.Errorf("merged: %+v, %v", p, err)
	}
	f.do(func() { f.down = true })
	if _, err := d.MergeVisitor(t.Context(), "v1", other); code(err) != "offline" {
		t.Errorf("offline: %v", err)
	}
}

func TestSites(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	d := signedIn(t, f)
	name, hours := "Shop", client.Hours{Zone: "Europe/Madrid", Days: map[string][]client.Span{"mon": {{From: "09:00", To: "18:00"}}}}
	made, err := d.AddSite(t.Context(), client.SitePatch{Name: &name, Hours: &hours, Greeting: &client.Greeting{Es: "Hola"}})
	if err != nil || made.Secret != "s1" || made.Hours == nil || made.Hours.Days["mon"][0].To != "18:00" || made.Greeting.Es != "Hola" {
		t.Fatalf("added: %+v, %v", made, err)
	}
	off := true
	changed, err := d.ChangeSite(t.Context(), made.ID, client.SitePatch{Disabled: &off})
	if err != nil || changed.Name != "Shop" || !changed.Disabled || changed.Secret != "" {
		t.Errorf("switched off: %+v, %v", changed, err)
	}
	if changed, err = d.ChangeSite(t.Context(), made.ID, client.SitePatch{NewSecret: true}); err != nil || changed.Secret != "s2" {
		t.Errorf("another secret: %+v, %v", changed, err)
	}
	sites, err := d.Sites(t.Context())
	if err != nil || len(sites) != 1 || sites[0].Secret != "" || sites[0].Hours.Zone != "Europe/Madrid" {
		t.Errorf("sites: %+v, %v", sites, err)
	}
}

// putSite keeps one site, and gives a secret to a new one and where another is asked for.
func (f *fake) putSite(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var asked struct{ NewSecret bool }
	var body json.RawMessage
	json.NewDecoder(r.Body).Decode(&body)
	json.Unmarshal(body, &asked)
	json.Unmarshal(body, &f.site)
	f.site.CreatedAt = wire.Time{Time: t0}
	out, status := f.site, 200
	switch {
	case r.Method == http.MethodPost:
		f.site.ID, status = "site", 201
		out = f.site
		out.Secret = "s1"
	case asked.NewSecret:
		out.Secret = "s2"
	}
	answer(w, status, out)
}

func (f *fake) listSites(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer(w, 200, wire.Page[wire.Site]{Items: []wire.Site{f.site}})
}
