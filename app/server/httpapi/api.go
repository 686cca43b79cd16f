// Package httpapi is the REST contract and the feed over HTTP: it reads requests, asks the use cases, and spells answers
// and problems. It decides nothing.
package httpapi

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"recado/app/desk"
	"recado/app/server/accounts"
	"recado/app/server/canned"
	"recado/app/server/livechat"
	"recado/app/server/mailcheck"
	"recado/app/server/messaging"
	"recado/app/wire"
)

// Live tells events that are not stored to whoever is connected.
type Live interface {
	Tell(people []string, event []byte)
}

// Config is what the API stands on.
type Config struct {
	Messaging *messaging.Service
	Accounts  *accounts.Service
	Files     Files
	Mails     Mails
	MailCheck *mailcheck.Service
	Canned    *canned.Service
	Chat      *livechat.Service
	ChatPages fs.FS // the built widget; nil where there is none
	Feed      *Feed
	Live      Live
	Ready     func(context.Context) error // nil: database and bus in order
	Room      func() error                // refuses writes while the disk is nearly full
	Metrics   http.Handler
	PublicURL string
	// Published says that PublicURL was given by who runs the server, not made from the address listened on.
	Published bool
	// LinkKey signs links to files that stand in mails; none hold where it is empty.
	LinkKey []byte
	// Proxies are the addresses whose word is taken for where a request comes from.
	Proxies []netip.Prefix
	Log     *slog.Logger
	Now     func() time.Time
	NewID   func() string
}

// API answers everything under /api/v1, and health.
type API struct {
	Config
	auth    *authCache
	chat    *authCache // of visitors in the live chat
	handler http.Handler
	routes  []route
}

// New wires all routes.
func New(c Config) *API {
	a := &API{Config: c, auth: newAuthCache(c.Accounts.Authenticate, c.Now)}
	a.chat = newAuthCache(a.authenticateVisitor, c.Now)
	a.routes = a.table()
	mux := http.NewServeMux()
	for _, r := range a.routes {
		mux.Handle(r.method+" "+r.path, a.serve(r))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { nowhere(w, r, mux) })
	a.handler = a.guard(mux)
	return a
}

// nowhere tells an address that takes other methods from one that takes none.
func nowhere(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	var takes []string
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := mux.Handler(other); pattern != "/" && pattern != "" {
			takes = append(takes, method)
		}
	}
	if len(takes) == 0 {
		writeProblem(w, problem(http.StatusNotFound, desk.ErrNotFound.Code, desk.ErrNotFound.Message, nil))
		return
	}
	w.Header().Set("Allow", strings.Join(takes, ", "))
	writeProblem(w, problem(http.StatusMethodNotAllowed, "method-not-allowed", "This address takes "+strings.Join(takes, ", ")+" only.", nil))
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Forget drops what is remembered of sessions that were ended.
func (a *API) Forget(sessions []string) {
	a.auth.forget(sessions)
	a.chat.forget(sessions)
}

// guard is what holds for every request: headers, no foreign origins, no panic that takes the server with it.
func (a *API) guard(next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bounded := newPatient(w, r)
		h := bounded.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p) // an answer cut off on purpose must look cut off
			default:
				a.Log.Error("panic in a request", "method", r.Method, "panic", p)
				writeProblem(bounded, internal)
			}
		}()
		if err := origins.Check(r); err != nil {
			writeProblem(bounded, problem(http.StatusForbidden, "foreign-origin", "This request comes from another web site.", nil))
			return
		}
		next.ServeHTTP(bounded, r)
	})
}

// table lists every route once; OpenAPI is made from the same list.
func (a *API) table() []route {
	const v1, chatV1 = "/api/v1", "/chat/v1"
	return []route{
		open("POST", v1+"/sessions", "Sign in", a.signIn).takes(signIn{}).gives(201, wire.Session{}),
		signed("GET", v1+"/sessions", "List own devices", a.listSessions).gives(200, wire.Page[wire.Device]{}),
		signed("DELETE", v1+"/sessions/current", "Sign out", a.endCurrent).gives(204, nil),
		signed("DELETE", v1+"/sessions/{id}", "End one of one's own sessions", a.endSession).gives(204, nil),
		open("POST", v1+"/invitations/accept", "Accept an invitation", a.acceptInvitation).takes(acceptance{}).gives(201, wire.Session{}),

		signed("GET", v1+"/me", "Oneself", a.me).gives(200, wire.Person{}),
		signed("PATCH", v1+"/me", "Change oneself", a.patchMe).takes(personChange{}).gives(200, wire.Person{}).writes(),
		signed("PUT", v1+"/me/password", "Change the password; all other sessions end", a.putPassword).takes(passwordChange{}).gives(204, nil).writes(),
		signed("PUT", v1+"/me/presence", "Say whether one is there", a.putPresence).takes(presence{}).gives(200, presence{}),

		signed("GET", v1+"/people", "Find people", a.listPeople).gives(200, wire.Page[wire.Person]{}).asks("kind", "query", "limit", "cursor"),
		signed("POST", v1+"/people", "Add a customer, or (admins) a user, who is invited", a.addPerson).takes(newPerson{}).gives(201, added{}).writes(),
		signed("GET", v1+"/people/{id}", "One person", a.person).gives(200, wire.Person{}),
		signed("PATCH", v1+"/people/{id}", "Change a person", a.patchPerson).takes(personChange{}).gives(200, wire.Person{}).writes(),

		signed("GET", v1+"/conversations", "List a view, latest activity first", a.listConversations).gives(200, wire.Page[wire.Conversation]{}).asks("view", "item", "person", "query", "sort", "limit", "cursor"),
		signed("GET", v1+"/conversations/counts", "How many conversations ask for something to be done, up to 1,000 of each view", a.countConversations).gives(200, viewCounts{}),
		signed("POST", v1+"/conversations", "Start a conversation with its first message", a.startConversation).takes(wire.NewConversation{}).gives(201, wire.Conversation{}).writes(),
		signed("GET", v1+"/conversations/{id}", "One conversation", a.conversation).gives(200, wire.Conversation{}),
		signed("PATCH", v1+"/conversations/{id}", "Change a conversation, or one's own view of it", a.patchConversation).takes(conversationChange{}).gives(200, wire.Conversation{}).writes(),
		signed("POST", v1+"/conversations/{id}/merge", "Let a conversation with customers lead to another", a.mergeConversation).takes(merge{}).gives(200, wire.Conversation{}).writes(),
		signed("DELETE", v1+"/conversations/{id}/merge", "Undo that", a.unmergeConversation).gives(200, wire.Conversation{}).writes(),
		signed("POST", v1+"/conversations/{id}/move", "Put another customer in the place of one", a.moveConversation).takes(move{}).gives(200, wire.Conversation{}).writes(),
		signed("PUT", v1+"/conversations/{id}/participants/{person}", "Add a participant", a.addParticipant).takes(newParticipant{}).gives(200, wire.Conversation{}).writes(),
		signed("DELETE", v1+"/conversations/{id}/participants/{person}", "Remove a participant, or leave", a.removeParticipant).gives(204, nil).writes(),
		signed("GET", v1+"/conversations/{id}/messages", "List messages, ascending", a.listMessages).gives(200, wire.Page[wire.Message]{}).asks("before", "after", "limit"),
		signed("POST", v1+"/conversations/{id}/messages", "Post a message", a.postMessage).takes(wire.NewMessage{}).gives(201, wire.Message{}).writes(),
		signed("PUT", v1+"/conversations/{id}/seen", "Say what was seen; only moves forward", a.putSeen).takes(seenUpTo{}).gives(200, wire.Conversation{}).writes(),
		signed("GET", v1+"/conversations/{id}/recipients", "Who would get a message written now, and how", a.recipients).gives(200, wire.Page[wire.Recipient]{}),
		signed("PUT", v1+"/conversations/{id}/looking", "Say whether one looks at a conversation with customers; other users are told", a.putLooking).takes(looking{}).gives(204, nil),
		signed("POST", v1+"/conversations/{id}/typing", "Say that one is typing", a.typing).gives(204, nil),

		signed("GET", v1+"/items", "List tickets and tasks: the newest first, or with `due` those due until then, soonest first", a.listItems).gives(200, wire.Page[wire.Item]{}).asks(itemFilters...),
		signed("POST", v1+"/items", "Make a ticket or task", a.addItem).takes(wire.NewItem{}).gives(201, wire.Item{}).writes(),
		signed("GET", v1+"/items/{id}", "One item", a.item).gives(200, wire.Item{}),
		signed("PATCH", v1+"/items/{id}", "Change an item, or whether one is told of it", a.patchItem).takes(itemChange{}).gives(200, wire.Item{}).writes(),
		signed("GET", v1+"/items/{id}/changes", "Who changed what of an item, newest first", a.itemChanges).gives(200, wire.Page[wire.ItemChange]{}).asks("before", "limit"),
		signed("POST", v1+"/items/{id}/followers", "Add many followers at once", a.addFollowers).takes(newFollowers{}).gives(200, wire.Item{}).writes(),
		signed("PUT", v1+"/items/{id}/followers/{person}", "Add a follower, who stands in the item's conversations", a.addFollower).takes(newFollower{}).gives(200, wire.Item{}).writes(),
		signed("DELETE", v1+"/items/{id}/followers/{person}", "Remove a follower", a.removeFollower).gives(204, nil).writes(),
		signed("PUT", v1+"/items/{id}/conversations/{conversation}", "Make a conversation with customers the item's", a.linkConversation).gives(200, wire.Item{}).writes(),
		signed("DELETE", v1+"/items/{id}/conversations/{conversation}", "Let the item's conversation with customers stand by itself", a.unlinkConversation).gives(200, wire.Item{}).writes(),
		signed("GET", v1+"/tags", "List tags by their beginning", a.listTags).gives(200, wire.Page[string]{}).asks("query", "limit", "cursor"),

		signed("GET", v1+"/messages/{id}", "One message", a.message).gives(200, wire.Message{}),
		signed("PATCH", v1+"/messages/{id}", "Edit one's own message", a.editMessage).takes(bodyChange{}).gives(200, wire.Message{}).writes(),
		signed("DELETE", v1+"/messages/{id}", "Delete one's own message", a.deleteMessage).gives(204, nil).writes(),
		signed("POST", v1+"/messages/{id}/split", "Begin a conversation of its own with a copy of a message", a.splitMessage).takes(split{}).gives(201, wire.Conversation{}).writes(),
		signed("GET", v1+"/messages/{id}/deliveries", "What became of a message, by recipient", a.deliveries).gives(200, wire.Page[wire.Delivery]{}),
		signed("POST", v1+"/messages/{id}/deliveries/{person}/now", "Send the planned mail now", a.sendNow).gives(200, wire.Delivery{}).writes(),
		signed("POST", v1+"/messages/{id}/deliveries/{person}/cancel", "Don't send the planned mail", a.stopDelivery).gives(200, wire.Delivery{}).writes(),

		signed("GET", v1+"/messages/{id}/mail", "The mail that became a message", a.mailOfMessage).gives(200, wire.Mail{}),
		signed("GET", v1+"/messages/{id}/mail/content", "What stands in the mail that became a message", a.contentOfMessage).gives(200, wire.MailContent{}),
		signed("GET", v1+"/mail/{id}/content", "What stands in a mail", a.mailContent).gives(200, wire.MailContent{}),
		signed("GET", v1+"/mail/held", "Mails that wait for an agent, newest first", a.heldMails).gives(200, wire.Page[wire.Mail]{}).asks("limit", "cursor"),
		signed("GET", v1+"/mail/held/{id}/content", "A held mail: what stands in it, what is known of its sender, what accepting it would do", a.heldMail).gives(200, wire.HeldMail{}),
		signed("POST", v1+"/mail/held/{id}/accept", "Post a held mail as what it says it is", a.acceptMail).gives(200, wire.Mail{}).writes(),
		signed("POST", v1+"/mail/held/{id}/assign", "Post a held mail into a conversation with customers, or as the beginning of a customer's", a.assignMail).takes(assignment{}).gives(200, wire.Mail{}).writes(),
		signed("POST", v1+"/mail/held/{id}/discard", "End the waiting of a held mail", a.discardMail).gives(200, wire.Mail{}).writes(),
		signed("POST", v1+"/mail/held/{id}/restore", "Let a mail that an agent discarded wait again", a.restoreMail).gives(200, wire.Mail{}).writes(),
		signed("GET", v1+"/mail/addresses", "The team's addresses, and what a customer's first mail to them opens", a.mailAddresses).gives(200, wire.Page[wire.TeamAddress]{}),
		signed("PUT", v1+"/mail/addresses/{address}", "Say what mails to the team's address, or to it with a tag, open (admins)", a.putMailAddress).takes(opening{}).gives(200, wire.TeamAddress{}).writes(),
		signed("DELETE", v1+"/mail/addresses/{address}", "Let mails to an address with a tag open what those to the team's own do (admins)", a.forgetMailAddress).gives(204, nil).writes(),
		signed("GET", v1+"/mail/state", "How the team's mail does", a.mailState).gives(200, wire.MailState{}),
		signed("POST", v1+"/mail-tests", "Send a mail on each way, which is to come in again (admins)", a.beginMailTest).gives(201, wire.MailTest{}).writes(),
		signed("GET", v1+"/mail-tests/{id}", "How a test of the mail goes on (admins)", a.mailTest).gives(200, wire.MailTest{}),
		signed("GET", v1+"/mail/{id}/raw", "A mail as it came", a.rawMail).gives(200, nil),

		signed("GET", v1+"/canned-answers", "What the team answers often, by name", a.listCanned).gives(200, wire.Page[wire.CannedAnswer]{}),
		signed("POST", v1+"/canned-answers", "Add a canned answer", a.addCanned).takes(newCanned{}).gives(201, wire.CannedAnswer{}).writes(),
		signed("PATCH", v1+"/canned-answers/{id}", "Change a canned answer", a.patchCanned).takes(cannedChange{}).gives(200, wire.CannedAnswer{}).writes(),
		signed("DELETE", v1+"/canned-answers/{id}", "Remove a canned answer; what was sent of it stays", a.removeCanned).gives(204, nil).writes(),

		signed("GET", v1+"/sites", "Web sites with the live chat", a.listSites).gives(200, wire.Page[wire.Site]{}),
		signed("POST", v1+"/sites", "Add a web site; its secret is shown once (admins)", a.addSite).takes(newSite{}).gives(201, wire.Site{}).writes(),
		signed("PATCH", v1+"/sites/{id}", "Change a web site, or give it another secret (admins)", a.patchSite).takes(siteChange{}).gives(200, wire.Site{}).writes(),
		signed("GET", v1+"/chats", "Who is connected to the live chat", a.listChats).gives(200, wire.Page[wire.ChatPresence]{}),
		signed("POST", v1+"/people/{id}/merge", "Say that an unverified visitor is a customer", a.merge).takes(merging{}).gives(200, wire.Person{}).writes(),

		open("POST", chatV1+"/sessions", "Open the chat of a site", a.beginChat).takes(chatSession{}).gives(201, wire.ChatSession{}).writes(),
		visited("DELETE", chatV1+"/sessions/current", "End this browser's chat session", a.endChat).gives(204, nil),
		open("GET", chatV1+"/site", "What visitors see of a site", a.chatSite).gives(200, wire.ChatSite{}).asks("site"),
		visited("GET", chatV1+"/me", "Oneself", a.chatMe).gives(200, wire.ChatPerson{}),
		visited("PUT", chatV1+"/me", "Say who one is, without being believed", a.putChatMe).takes(introduction{}).gives(200, wire.ChatPerson{}).writes(),
		visited("GET", chatV1+"/messages", "One's messages, oldest first; without `before` (a message's id) the newest", a.chatMessages).gives(200, wire.ChatPage{}).asks("before", "limit"),
		visited("POST", chatV1+"/messages", "Write", a.postChatMessage).takes(chatMessage{}).gives(201, wire.Message{}).writes(),
		visited("PUT", chatV1+"/seen", "Say what was seen; only moves forward", a.putChatSeen).takes(chatSeen{}).gives(200, chatSeen{}).writes(),
		visited("POST", chatV1+"/typing", "Say that one is typing", a.chatTyping).gives(204, nil),
		visited("PUT", chatV1+"/page", "Say on which page one is", a.putChatPage).takes(chatPage{}).gives(204, nil),
		visited("GET", chatV1+"/feed", "What changes, as server-sent events", a.chatStream).gives(200, nil).asks("after", "page", "title", "lang").takesAnyQuery(),
		visited("POST", chatV1+"/files", "Upload a file: multipart with `key` and `file`", a.postFile).gives(201, wire.File{}).writes(),
		visited("GET", chatV1+"/files/{id}", "A file's content", a.getFile).gives(200, nil),
		open("GET", "/widget.js", "What a web site loads for its chat", a.widget).gives(200, nil),
		open("GET", "/chat/frame", "The chat itself", a.chatFrame).gives(200, nil).asks("site"),
		open("GET", "/chat/demo", "A page to try the chat of a site on", a.chatDemo).gives(200, nil).asks("site", "lang"),
		open("GET", "/chat/{file}", "What the chat's page loads", a.chatAsset).gives(200, nil),

		signed("POST", v1+"/files", "Upload a file: multipart with `key` and `file`", a.postFile).gives(201, wire.File{}).writes(),
		signed("GET", v1+"/files/{id}", "A file's content", a.getFile).gives(200, nil),
		open("GET", "/files/{id}", "A file by a link in a mail, which ends by itself", a.linkedFile).gives(200, nil).asks("until", "signature"),
		signed("GET", v1+"/search", "Find messages, newest first", a.search).gives(200, wire.Page[wire.Hit]{}).asks("q", "limit", "cursor"),
		signed("GET", v1+"/settings/notifications", "When one is told", a.getSettings).gives(200, wire.NotificationSettings{}),
		signed("PUT", v1+"/settings/notifications", "Change when one is told", a.putSettings).takes(wire.NotificationSettings{}).gives(200, wire.NotificationSettings{}).writes(),
		signed("GET", v1+"/snapshot", "Everything one may see, in pages", a.snapshot).gives(200, wire.SnapshotPage{}).asks("limit", "cursor"),
		signed("GET", v1+"/feed", "What changes, as server-sent events; resumed by Last-Event-ID or ?after=", a.stream).gives(200, nil).asks("after").takesAnyQuery(),

		open("GET", v1+"/openapi.json", "This description", a.openAPI).gives(200, nil),
		open("GET", "/healthz", "Whether the process lives", a.alive).gives(200, nil),
		open("GET", "/readyz", "Whether it can serve", a.ready).gives(200, nil),
		open("GET", "/metrics", "Figures for Prometheus", a.metrics).gives(200, nil),
		open("GET", "/invite", "Where an invitation link leads", a.invite).gives(200, nil),
	}
}
