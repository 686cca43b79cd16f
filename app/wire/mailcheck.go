package wire

// MailState is how the team's mail does: how it is set up, what was seen of its servers, and figures of the last hour.
type MailState struct {
	From        string  `json:"from"` // Name <address>, as people see it
	ReplyDomain string  `json:"replyDomain"`
	Out         MailOut `json:"out"`
	In          MailIn  `json:"in"`
}

// MailOut is how mails leave.
type MailOut struct {
	Kind     string `json:"kind" enum:"smtp,folder"` // folder: no server is configured, and nobody gets anything
	Server   string `json:"server,omitempty"`        // host:port
	Security string `json:"security,omitempty" enum:"none,starttls,tls"`
	SignsIn  bool   `json:"signsIn,omitempty"`
	DKIM     string `json:"dkim,omitempty"` // SELECTOR._domainkey.DOMAIN, where mails are signed
	MailHealth
	SentLastHour   int64 `json:"sentLastHour"`
	FailedLastHour int64 `json:"failedLastHour"`
	Overdue        int64 `json:"overdue"` // due for more than two minutes
	LastSentAt     *Time `json:"lastSentAt,omitempty"`
}

// MailIn is how mails come in.
type MailIn struct {
	Listens string `json:"listens,omitempty"` // host:port
	LMTP    bool   `json:"lmtp,omitempty"`
	Mailbox string `json:"mailbox,omitempty"` // USER@HOST:PORT/FOLDER
	MailHealth
	ReceivedLastHour int64 `json:"receivedLastHour"`
	Held             int64 `json:"held"`
	LastReceivedAt   *Time `json:"lastReceivedAt,omitempty"`
}

// MailHealth is what was seen of a mail server by whichever node used it last.
type MailHealth struct {
	OKAt         *Time  `json:"okAt,omitempty"`         // when it last did what it was asked
	FailingSince *Time  `json:"failingSince,omitempty"` // since when it does not; absent while it does
	Problem      string `json:"problem,omitempty"`      // what it said, or what went wrong on the way
}

// MailTest is a test of the mail: a mail on each way, which is to come in again.
type MailTest struct {
	ID        string         `json:"id"`
	StartedAt Time           `json:"startedAt"`
	Steps     []MailTestStep `json:"steps"`
}

// MailTestStep is what became of a test's mail on one way.
type MailTestStep struct {
	Way        string        `json:"way" enum:"team,answers"` // to the team's address; to one that is given out for answers
	Address    string        `json:"address"`
	Outcome    string        `json:"outcome" enum:"waiting,accepted,refused,later,unknown,folder"`
	Detail     string        `json:"detail,omitempty"` // what the mail server said
	AnsweredAt *Time         `json:"answeredAt,omitempty"`
	ArrivedAt  *Time         `json:"arrivedAt,omitempty"`
	Findings   []MailFinding `json:"findings"` // what the mail that came in says of its sender
}

// TeamAddress is one that customers write to, and what their first mail to it begins.
type TeamAddress struct {
	Address string `json:"address"`
	Opens   string `json:"opens" enum:"conversation,ticket"`
}
