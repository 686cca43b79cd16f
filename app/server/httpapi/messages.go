package httpapi

import (
	"net/http"

	"recado/app/desk"
	"recado/app/server/messaging"
	"recado/app/wire"
)

func (a *API) listMessages(_ http.ResponseWriter, r *request) (reply, error) {
	var q messaging.PageQuery
	var err error
	if q.Limit, err = limit(r); err != nil {
		return reply{}, err
	}
	if q.Before, err = queryNumber(r, "before", 0); err != nil {
		return reply{}, err
	}
	if q.After, err = queryNumber(r, "after", 0); err != nil {
		return reply{}, err
	}
	// after=0 asks from the beginning; without it the newest come.
	if r.query.Has("after") && q.After == 0 {
		q.FromStart = true
	}
	page, err := a.Messaging.Messages(r.Context(), r.caller.Person, r.id("id"), q)
	if err != nil {
		return reply{}, err
	}
	out := wire.Page[wire.Message]{Items: make([]wire.Message, 0, len(page))}
	for _, m := range page {
		out.Items = append(out.Items, messageForm(m, r.caller.Person.ID))
	}
	return reply{status: http.StatusOK, body: out}, nil
}

func (a *API) postMessage(w http.ResponseWriter, r *request) (reply, error) {
	var in wire.NewMessage
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	m, made, err := a.Messaging.Post(r.Context(), r.caller.Person, r.id("id"), draft(in))
	if err != nil {
		return reply{}, err
	}
	return reply{status: madeStatus(made), body: messageForm(m, r.caller.Person.ID)}, nil
}

// spell gives one message.
func (a *API) spell(r *request) func(desk.Message, error) (reply, error) {
	return func(m desk.Message, err error) (reply, error) {
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusOK, body: messageForm(m, r.caller.Person.ID)}, nil
	}
}

func (a *API) message(_ http.ResponseWriter, r *request) (reply, error) {
	return a.spell(r)(a.Messaging.Message(r.Context(), r.caller.Person, r.id("id")))
}

type bodyChange struct {
	Body string `json:"body"`
}

func (a *API) editMessage(w http.ResponseWriter, r *request) (reply, error) {
	var in bodyChange
	if err := decode(w, r, &in); err != nil {
		return reply{}, err
	}
	return a.spell(r)(a.Messaging.Edit(r.Context(), r.caller.Person, r.id("id"), in.Body))
}

func (a *API) deleteMessage(_ http.ResponseWriter, r *request) (reply, error) {
	if err := a.Messaging.Delete(r.Context(), r.caller.Person, r.id("id")); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

func (a *API) deliveries(_ http.ResponseWriter, r *request) (reply, error) {
	list, err := a.Messaging.Deliveries(r.Context(), r.caller.Person, r.id("id"))
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.Delivery]{Items: make([]wire.Delivery, 0, len(list))}
	for _, d := range list {
		page.Items = append(page.Items, deliveryForm(d))
	}
	return reply{status: http.StatusOK, body: page}, nil
}

func (a *API) recipients(_ http.ResponseWriter, r *request) (reply, error) {
	list, err := a.Messaging.Recipients(r.Context(), r.caller.Person, r.id("id"))
	if err != nil {
		return reply{}, err
	}
	page := wire.Page[wire.Recipient]{Items: make([]wire.Recipient, 0, len(list))}
	for _, d := range list {
		page.Items = append(page.Items, wire.Recipient{Person: d.Person, Channel: string(d.Channel), State: string(d.State), Code: string(d.Reason),
			Reason: d.Reason.Words(), AfterSeconds: d.DueAt / 1000})
	}
	return reply{status: http.StatusOK, body: page}, nil
}

func (a *API) sendNow(_ http.ResponseWriter, r *request) (reply, error) {
	return decided(a.Messaging.SendNow(r.Context(), r.caller.Person, r.id("id"), r.id("person")))
}

func (a *API) stopDelivery(_ http.ResponseWriter, r *request) (reply, error) {
	return decided(a.Messaging.Stop(r.Context(), r.caller.Person, r.id("id"), r.id("person")))
}

func decided(d desk.Delivery, err error) (reply, error) {
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: deliveryForm(d)}, nil
}
