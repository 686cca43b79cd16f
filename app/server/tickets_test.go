package server_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"recado/app/desk"
	"recado/app/server"
	"recado/app/wire"
)

// tickets lists all, the oldest first.
func (a *agent) tickets() []wire.Item {
	a.t.Helper()
	var page wire.Page[wire.Item]
	a.must(200, "GET", "/api/v1/items", nil, &page)
	slices.SortFunc(page.Items, func(a, b wire.Item) int { return cmp.Compare(a.Number, b.Number) })
	return page.Items
}

// TestAChatOpensATicket: a site may say that what visitors write first opens a ticket; another's conversations stay what
// they are.
func TestAChatOpensATicket(t *testing.T) {
	t.Parallel()
	s, ana, site := chatServer(t, map[string]any{"name": "Shop", "opens": "ticket"})
	if site.Opens != "ticket" {
		t.Errorf("the site: %+v", site)
	}
	var other wire.Site
	ana.must(201, "POST", "/api/v1/sites", map[string]any{"name": "Blog"}, &other)
	if other.Opens != "conversation" {
		t.Errorf("where nothing is said: %+v", other)
	}
	ana.problem(422, "invalid", "PATCH", "/api/v1/sites/"+other.ID, map[string]any{"opens": "task"})
	luis := s.user("Luis", desk.Agent)
	ana.must(200, "PATCH", "/api/v1/sites/"+site.ID, map[string]any{"told": []string{luis.id}}, nil)
	watching := luis.feed("")
	watching.until("head")

	v := s.visitor(site.ID, "visitor", map[string]any{"name": "Marta"})
	m := v.chats("My lamp is broken. What now?")
	_, e := watching.until("item.created")
	if told := decodeEvent[wire.Entry](t, e).Item; told.Title != "My lamp is broken. What now?" || told.Author != v.id {
		t.Errorf("told: %s", e.data)
	}
	var c wire.Conversation
	ana.must(200, "GET", "/api/v1/conversations/"+m.Conversation, nil, &c)
	list := ana.tickets()
	if len(list) != 1 || list[0].ID != c.Item || list[0].Kind != "ticket" || !slices.Contains(list[0].Followers, v.id) || !slices.Contains(list[0].Followers, luis.id) {
		t.Fatalf("tickets: %+v, in the conversation %q", list, c.Item)
	}
	ana.about(c.Item, "internal", map[string]any{"body": "the team's own"})
	ana.say(c.ID, "We send another one.")
	v.chats("Thank you")
	var page wire.ChatPage
	v.must(200, "GET", "/chat/v1/messages", nil, &page)
	var said []string
	for _, m := range page.Items {
		said = append(said, m.Body)
	}
	if got := strings.Join(said, " | "); got != "My lamp is broken. What now? | We send another one. | Thank you" {
		t.Errorf("the visitor sees: %s", got)
	}
	s.visitor(other.ID).chats("Nice text")
	if n := len(ana.tickets()); n != 1 {
		t.Errorf("%d tickets", n)
	}
}

// TestAMailOpensATicket: the team's address, or one with a tag, may say that what customers write first opens a ticket;
// an answer opens none.
func TestAMailOpensATicket(t *testing.T) {
	t.Parallel()
	s := startMail(t)
	ana, luis := s.user("Ana", desk.Admin), s.user("Luis", desk.Agent)
	const at = "/api/v1/mail/addresses/"
	luis.problem(403, "forbidden", "PUT", at+"support@acme.example", map[string]any{"opens": "ticket"})
	luis.problem(403, "forbidden", "DELETE", at+"support@acme.example", nil)
	for _, other := range []string{"sales@acme.example", "support@other.example", "x", "support@acme.example@x", strings.Repeat("a", 400) + "@acme.example", "support+" + strings.Repeat("a", 400) + "@acme.example"} {
		ana.problem(422, "invalid", "PUT", at+other, map[string]any{"opens": "ticket"})
	}
	ana.problem(422, "invalid", "PUT", at+"support@acme.example", map[string]any{"opens": "task"})
	ana.problem(404, "not-found", "DELETE", at+"support+none@acme.example", nil)
	ana.must(200, "PUT", at+"Support+Repairs@ACME.example", map[string]any{"opens": "ticket"}, nil)
	var page wire.Page[wire.TeamAddress]
	luis.must(200, "GET", "/api/v1/mail/addresses", nil, &page)
	if want := []wire.TeamAddress{{Address: "support@acme.example", Opens: "conversation"}, {Address: "support+repairs@acme.example", Opens: "ticket"}}; !slices.Equal(page.Items, want) {
		t.Errorf("addresses: %+v", page.Items)
	}

	write := func(from, to, subject, more string) {
		t.Helper()
		s.mailed(from, to, "From: <"+from+">\nTo: <"+to+">\nSubject: "+subject+"\nMessage-ID: <"+subject+"@home.example>\n"+more+"\nIt fell down.\n")
	}
	write("marta@home.example", "support@acme.example", "Plain", "")
	ana.waitsConversation(1)
	write("pablo@home.example", "support+repairs@acme.example", "Lamp", "")
	list := ana.waitsConversation(2)
	tickets := ana.tickets()
	at2 := slices.IndexFunc(list, func(c wire.Conversation) bool { return c.Subject == "Lamp" })
	if len(tickets) != 1 || tickets[0].Title != "Lamp" || list[at2].Item != tickets[0].ID || !slices.Contains(tickets[0].Followers, list[at2].LastMessage.Author) {
		t.Fatalf("tickets: %+v", tickets)
	}
	write("pablo@home.example", "support+repairs@acme.example", "Re-Lamp", "In-Reply-To: <Lamp@home.example>\n")
	s.eventually("the answer is there", func() bool { return len(ana.messages(list[at2].ID)) == 2 })
	if n := len(ana.tickets()); n != 1 {
		t.Errorf("an answer opened one: %d tickets", n)
	}

	ana.must(204, "DELETE", at+"support+repairs@acme.example", nil, nil)
	ana.must(200, "PUT", at+"support@acme.example", map[string]any{"opens": "ticket"}, nil)
	write("dana@home.example", "support+repairs@acme.example", "Chair", "")
	ana.waitsConversation(3)
	if all := ana.tickets(); len(all) != 2 || all[1].Title != "Chair" {
		t.Errorf("as the team's own address: %+v", all)
	}
}

// TestSitesTellThePublicAddress: what pages load the chat from is told where the server knows it, and nowhere made up.
func TestSitesTellThePublicAddress(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{"": "", "https://desk.example": "https://desk.example"} {
		s := startWith(t, server.Config{Data: t.TempDir(), PublicURL: public})
		ana := s.user("Ana", desk.Admin)
		var site wire.Site
		ana.must(201, "POST", "/api/v1/sites", map[string]any{"name": "Shop"}, &site)
		var page wire.Page[wire.Site]
		ana.must(200, "GET", "/api/v1/sites", nil, &page)
		if site.PublicURL != want || page.Items[0].PublicURL != want {
			t.Errorf("with %q: %q and %q", public, site.PublicURL, page.Items[0].PublicURL)
		}
	}
}
