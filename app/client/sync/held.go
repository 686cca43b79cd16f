package sync

// HeldMail is a mail that waits for an agent.
type HeldMail struct {
	ID string `json:"id"`
	// Code says why it waits; Reason says it in the server's words.
	Code       string  `json:"code"`
	Reason     string  `json:"reason"`
	ReceivedAt string  `json:"receivedAt"`
	From       Mailbox `json:"from"`
	Subject    string  `json:"subject"`
	Size       int64   `json:"size"`
}

// HeldPage is a page of them, newest first; Next is empty at the end.
type HeldPage struct {
	Items []HeldMail `json:"items"`
	Next  string     `json:"next,omitempty"`
}

// OpenedMail is a held mail with what is needed to decide on it.
type OpenedMail struct {
	HeldMail
	To       []Mailbox     `json:"to"`
	Cc       []Mailbox     `json:"cc"`
	ReplyTo  []Mailbox     `json:"replyTo"`
	Date     string        `json:"date,omitempty"`
	Text     string        `json:"text"`
	Cut      bool          `json:"cut,omitempty"`
	Files    []MailFile    `json:"files"`
	Findings []MailFinding `json:"findings"`
	Accept   MailProspect  `json:"accept"`
}

// MailFile is a file in a mail; Size in bytes.
type MailFile struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// MailFinding is what a check of the sender said: Check is spf, dkim or dmarc.
type MailFinding struct {
	Check  string `json:"check"`
	Result string `json:"result"`
	Domain string `json:"domain"`
}

// MailProspect is what accepting a held mail would do. Where Code stands, it can't be accepted.
type MailProspect struct {
	Code    string `json:"code,omitempty"`
	Refusal string `json:"refusal,omitempty"`
	// Conversation is where it would stand; empty: one of its own begins.
	Conversation string `json:"conversation,omitempty"`
	Subject      string `json:"subject,omitempty"`
	// Person is as whose; empty: a customer with Name and Email is added.
	Person string `json:"person,omitempty"`
	Name   string `json:"name"`
	Email  string `json:"email"`
}

// Placement is where a mail went.
type Placement struct {
	Conversation string `json:"conversation"`
	Message      string `json:"message"`
}
