package messaging

import "recado/app/desk"

// begun makes the empty conversation that a customer's first word begins, with people in it, and where it opens a ticket
// that with it. What is said is only for the ticket's title, which is the team's.
func (s *Service) begun(w Writer, t *telling, customer desk.Person, c desk.Conversation, people []string, opens desk.Opens, said string) (desk.Conversation, error) {
	if err := s.found(w, t, c, people); err != nil || opens != desk.OpensTicket {
		return c, err
	}
	i, e := desk.CheckItem(desk.Item{ID: s.NewID(), Kind: desk.Ticket, State: desk.ItemOpen, Title: desk.TitleFrom(c.Subject, said, customer.Name)})
	if e != nil {
		return c, e
	}
	// Who stands in the conversation follows the ticket: the customer, and whom the site tells.
	if err := s.addItem(w, t, customer, i, NewItem{Conversation: c.ID}); err != nil {
		return c, err
	}
	return w.LockConversation(c.ID)
}
