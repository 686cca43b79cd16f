package sync

// MailState is how the team's mail does.
type MailState struct {
	From        string  `json:"from"`
	ReplyDomain string  `json:"replyDomain"`
	Out         MailOut `json:"out"`
	In          MailIn  `json:"in"`
}

// MailOut is how mails leave: by a server (Kind smtp) or, where none is configured, into a folder.
type MailOut struct {
	Kind         string `json:"kind"`
	Server       string `json:"server,omitempty"`
	Security     string `json:"security,omitempty"`
	SignsIn      bool   `json:"signsIn,omitempty"`
	DKIM         string `json:"dkim,omitempty"`
	OKAt         string `json:"okAt,omitempty"`
	FailingSince string `json:"failingSince,omitempty"`
	Problem      string `json:"problem,omitempty"`
	Sent         int64  `json:"sent"`
	Failed       int64  `json:"failed"`
	Overdue      int64  `json:"overdue"`
	LastAt       string `json:"lastAt,omitempty"`
}

// MailIn is how mails come in.
type MailIn struct {
	Listens      string `json:"listens,omitempty"`
	LMTP         bool   `json:"lmtp,omitempty"`
	Mailbox      string `json:"mailbox,omitempty"`
	OKAt         string `json:"okAt,omitempty"`
	FailingSince string `json:"failingSince,omitempty"`
	Problem      string `json:"problem,omitempty"`
	Received     int64  `json:"received"`
	Held         int64  `json:"held"`
	LastAt       string `json:"lastAt,omitempty"`
}

// MailTest is a test of the mail: a mail on each way, which is to come in again.
type MailTest struct {
	ID        string         `json:"id"`
	StartedAt string         `json:"startedAt"`
	Steps     []MailTestStep `json:"steps"`
}

// MailTestStep is what became of a test's mail on one way.
type MailTestStep struct {
	Way        string        `json:"way"`
	Address    string        `json:"address"`
	Outcome    string        `json:"outcome"`
	Detail     string        `json:"detail,omitempty"`
	AnsweredAt string        `json:"answeredAt,omitempty"`
	ArrivedAt  string        `json:"arrivedAt,omitempty"`
	Findings   []MailFinding `json:"findings"`
}

// TeamAddress is one that customers write to, and what their first mail to it opens: conversation or ticket.
type TeamAddress struct {
	Address string `json:"address"`
	Opens   string `json:"opens"`
}
