package messaging

import (
	"slices"

	"recado/app/desk"
)

// findInChat notes which customers are connected to the live chat.
func findInChat(r Reader, recipients []desk.Recipient, at int64) error {
	var customers []string
	for _, p := range recipients {
		if p.Kind == desk.Customer {
			customers = append(customers, p.ID)
		}
	}
	if len(customers) == 0 {
		return nil
	}
	connected, err := r.InChat(customers, at)
	if err != nil {
		return err
	}
	open := map[string]bool{}
	if len(connected) > 0 {
		if open, err = r.ChatOpen(customers, at); err != nil {
			return err
		}
	}
	for i, p := range recipients {
		recipients[i].InChat = connected[p.ID]
		if p.Is == "" {
			continue
		}
		if of := slices.IndexFunc(recipients, func(c desk.Recipient) bool { return c.ID == p.Is }); of >= 0 {
			recipients[i].Mailed = true
			recipients[of].InOther = recipients[of].InOther || connected[p.ID]
			open[p.Is] = open[p.Is] || open[p.ID]
		}
	}
	for i, p := range recipients {
		recipients[i].Closed = (p.InChat || p.InOther) && !open[p.ID]
	}
	return nil
}

// asOne counts what became of a message for a visitor as the customer's whom an agent found them to be, where that one
// stands there, too.
func asOne(r Reader, c desk.Conversation, ds []desk.Delivery, stand []desk.Standing) ([]desk.Delivery, error) {
	if c.Kind != desk.WithCustomers {
		return ds, nil
	}
	ids := make([]string, len(stand))
	for i, s := range stand {
		ids[i] = s.Person
	}
	known, err := r.People(ids)
	if err != nil {
		return nil, err
	}
	of := func(person string, channel desk.Channel) int {
		return slices.IndexFunc(ds, func(d desk.Delivery) bool { return d.Person == person && d.Channel == channel })
	}
	out := ds[:0:0]
	for _, d := range ds {
		is := known[d.Person].MergedInto
		if _, stands := known[is]; is == "" || !stands {
			out = append(out, d)
			continue
		}
		// What both got on one channel is said once: what reached them, and of that what was seen.
		if other := of(is, d.Channel); other < 0 {
			d.Person = is
			out = append(out, d)
		} else if d.State == desk.SeenThere {
			i := slices.IndexFunc(out, func(o desk.Delivery) bool { return o.Person == is && o.Channel == d.Channel })
			if d.Person = is; i >= 0 {
				out[i] = d
			} else {
				ds[other] = d
			}
		}
	}
	return out, nil
}

// seenInChat: what was brought to the live chat is seen where the standing says so; that is not stored twice.
func seenInChat(outside []desk.Delivery, stand []desk.Standing) {
	for i, d := range outside {
		if d.Channel != desk.InChat || d.State != desk.Sent {
			continue
		}
		for _, s := range stand {
			if s.Person == d.Person && s.SeenUpTo >= d.Number {
				outside[i].State, outside[i].Reason, outside[i].At = desk.SeenThere, desk.ReasonSeen, max(s.SeenAt, d.At)
			}
		}
	}
}
