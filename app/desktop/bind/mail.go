package bind

import (
	"context"

	"recado/app/client"
)

// Mail is the team's mail: what waits for an agent, and whether it works. All of it needs the server.
type Mail struct{ host *Host }

// Held lists mails that wait for an agent, newest first, from the cursor on.
func (m *Mail) Held(cursor string) (client.HeldPage, error) {
	return m.host.Client.Held(context.Background(), cursor)
}

// Open reads one with what is needed to decide on it; code not-held where somebody decided already.
func (m *Mail) Open(id string) (client.OpenedMail, error) {
	return m.host.Client.OpenHeld(context.Background(), id)
}

// Accept posts one as what it says it is, and tells where it went.
func (m *Mail) Accept(id string) (client.Placement, error) {
	return m.host.Client.AcceptHeld(context.Background(), id)
}

// Assign posts one into a conversation with customers or, where that is empty, as the beginning of a customer's.
func (m *Mail) Assign(id, conversation, customer string) (client.Placement, error) {
	return m.host.Client.AssignHeld(context.Background(), id, conversation, customer)
}

// Discard ends the waiting of one.
func (m *Mail) Discard(id string) error {
	return m.host.Client.DiscardHeld(context.Background(), id)
}

// Restore takes a Discard back.
func (m *Mail) Restore(id string) error {
	return m.host.Client.RestoreHeld(context.Background(), id)
}

// Save saves one as it came, as Conversations.SaveFile does; the link is /held/{id}/raw?subject=.
func (m *Mail) Save(id, subject string) error {
	if m.host.Face.Name() == BrowserFace {
		return refuse(CodeUseLink, "The browser saves the mail.")
	}
	content, err := m.host.Client.RawHeld(context.Background(), id)
	if err != nil {
		return err
	}
	defer content.Close()
	return (&Conversations{host: m.host}).save(MailName(subject), content)
}

// State tells how the mail does.
func (m *Mail) State() (client.MailState, error) {
	return m.host.Client.MailState(context.Background())
}

// Addresses lists the team's addresses, its own first, and what customers' first mails to them open.
func (m *Mail) Addresses() ([]client.TeamAddress, error) {
	return m.host.Client.MailAddresses(context.Background())
}

// SetAddress says what mails to an address of the team's open: conversation, ticket, or (empty, for one with a tag) what
// those to its own do. Needs to be an admin.
func (m *Mail) SetAddress(address, opens string) error {
	return m.host.Client.SetMailAddress(context.Background(), address, opens)
}

// BeginTest sends a mail on each way, which is to come in again. Needs to be an admin.
func (m *Mail) BeginTest() (client.MailTest, error) {
	return m.host.Client.BeginMailTest(context.Background())
}

// Test tells how a test goes on.
func (m *Mail) Test(id string) (client.MailTest, error) {
	return m.host.Client.MailTest(context.Background(), id)
}
