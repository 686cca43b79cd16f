package wire

// HeldMail is a mail that waits for an agent, read, with what is needed to decide on it.
type HeldMail struct {
	Mail
	To      []MailAddress `json:"to"`
	Cc      []MailAddress `json:"cc"`
	ReplyTo []MailAddress `json:"replyTo"` // where it asks answers to go: no identity
	Date    *Time         `json:"date,omitempty"`
	// Text is all of its text, empty where it can't be read; Cut: it was longer than is shown.
	Text     string        `json:"text"`
	Cut      bool          `json:"cut,omitempty"`
	Files    []MailFile    `json:"files"`
	Findings []MailFinding `json:"findings"`
	Accept   MailProspect  `json:"accept"`
}

// MailFile is a file in a mail; it is had with the mail as it came.
type MailFile struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"` // bytes
}

// MailFinding is what a check of the sender said (RFC 8601, 2.7).
type MailFinding struct {
	Check  string `json:"check" enum:"spf,dkim,dmarc"`
	Result string `json:"result"`
	Domain string `json:"domain,omitempty"`
}

// MailProspect is what accepting a held mail would do.
type MailProspect struct {
	// Code and Refusal say why it can't be accepted; empty where it can.
	Code    string `json:"code,omitempty"`
	Refusal string `json:"refusal,omitempty"`
	// Conversation is where it would stand; empty: one of its own begins.
	Conversation string `json:"conversation,omitempty"`
	Subject      string `json:"subject,omitempty"`
	// Person is as whose it would be posted; empty: a customer with Name and Email is added.
	Person string `json:"person,omitempty"`
	Name   string `json:"name"`
	Email  string `json:"email"`
}

// HeldChanged is told to users who are connected when other mails are held than before (event: held, no id).
type HeldChanged struct {
	At Time `json:"at"`
}
