package httpapi

import (
	"context"
	"net"
	"net/http"
	"strings"

	"recado/app/server/livechat"
	"recado/app/wire"
)

// chatStream is the feed of a customer, who counts as connected while it is open.
func (a *API) chatStream(w http.ResponseWriter, r *request) (reply, error) {
	closed, err := a.Chat.Connect(r.Context(), livechat.Stream{Person: r.caller.Person.ID, Session: r.caller.Session.ID, Site: r.caller.Session.Device,
		Browser: browser(r.UserAgent()), Language: clipped(r.Header.Get("Accept-Language"), 20)})
	if err != nil {
		return reply{}, err
	}
	held := false
	err = a.Feed.Serve(w, r.Request, r.caller, func(c net.Conn) net.Conn {
		held = true
		return watch(c, closed)
	})
	if !held {
		closed()
	}
	return reply{handled: true}, err
}

func clipped(text string, most int) string {
	text, _, _ = strings.Cut(text, ",")
	return text[:min(len(text), most)]
}

// browser makes of what a browser calls itself what a person would.
func browser(agent string) string {
	name, system := "", ""
	for _, b := range [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(agent, b[0]) {
			name = b[1]
			break
		}
	}
	for _, s := range [][2]string{{"Android", "Android"}, {"iPhone", "iOS"}, {"iPad", "iOS"}, {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, s[0]) {
			system = s[1]
			break
		}
	}
	return strings.Trim(name+", "+system, ", ")
}

// watched is the connection of a chat's stream: nothing is to be read from it, and so its end is noticed at once.
type watched struct {
	net.Conn
	closed func()
}

func watch(c net.Conn, closed func()) net.Conn {
	w := &watched{c, closed}
	go func() {
		var b [1]byte
		c.Read(b[:])
		w.Close()
	}()
	return w
}

// Close ends the connection. That a customer is gone is written down without anybody waiting for it.
func (w *watched) Close() error {
	go w.closed()
	return w.Conn.Close()
}

func (a *API) listChats(_ http.ResponseWriter, r *request) (reply, error) {
	streams, err := a.Chat.Connected(r.Context(), r.caller.Person)
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.ChatPresence]{Items: []wire.ChatPresence{}}
	at := map[string]int{}
	for _, s := range streams {
		i, ok := at[s.Person]
		if !ok {
			at[s.Person] = len(page.Items)
			page.Items = append(page.Items, presenceOf(s))
		} else if s.ClosedAt == 0 { // an open one tells more than one that has ended
			page.Items[i] = presenceOf(s)
		}
	}
	return reply{status: http.StatusOK, body: page}, nil
}

func presenceOf(s livechat.Stream) wire.ChatPresence {
	since := wire.Millis(s.OpenedAt)
	return wire.ChatPresence{Person: s.Person, Connected: true, Site: s.Site, Since: &since, LeftAt: wire.MillisOrNil(s.ClosedAt),
		Page: s.Page, Title: s.Title, Browser: s.Browser, Language: s.Language}
}

// ChatChanged tells all users who are connected where a customer is in the live chat, or that they left.
func (a *API) ChatChanged(ctx context.Context, person string) {
	if p, err := a.Accounts.Store.Person(ctx, person); err != nil || p.Unheard {
		return
	}
	streams, err := a.Chat.Store.Connected(ctx, a.Now().UnixMilli(), person)
	if err != nil {
		return
	}
	told := wire.ChatPresence{Person: person}
	for _, s := range streams {
		if told.Person == "" || !told.Connected || s.ClosedAt == 0 {
			told = presenceOf(s)
		}
	}
	users, err := a.Messaging.Users(ctx)
	if err == nil {
		a.Live.Tell(users, appendEvent(nil, "chat", told))
	}
}
