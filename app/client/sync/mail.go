package sync

// Mailbox is an address with the name a mail gives it, which may be empty.
type Mailbox struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// MailMark is what is to be known of the mail a message came by wherever it is shown.
type MailMark struct {
	// Verified: its sender is proven, or answered what only they were sent.
	Verified bool `json:"verified"`
	// Automatic: a program wrote it.
	Automatic bool `json:"automatic,omitempty"`
	// Folded: the mail holds more than the message shows.
	Folded bool `json:"folded,omitempty"`
	// Others are whom it was addressed to besides.
	Others []Mailbox `json:"others,omitempty"`
}

// Mail is a mail that came in, read.
type Mail struct {
	ID      string    `json:"id"`
	Message string    `json:"message"`
	From    Mailbox   `json:"from"`
	To      []Mailbox `json:"to"`
	Cc      []Mailbox `json:"cc"`
	// Date is when its sender says it was written; empty where nothing is said.
	Date       string `json:"date,omitempty"`
	ReceivedAt string `json:"receivedAt"`
	Subject    string `json:"subject"`
	Size       int64  `json:"size"` // bytes, as it came
	Verified   bool   `json:"verified"`
	Text       string `json:"text"`
	// Fresh is what is new in the text, Folded the rest.
	Fresh  string `json:"fresh"`
	Folded string `json:"folded"`
	// HTML is sanitised by the server, and still shown in a frame only; empty where there is none.
	HTML string `json:"html,omitempty"`
	// Rich: it has HTML.
	Rich bool `json:"rich"`
	// Remote is how many images from elsewhere it names.
	Remote int  `json:"remote"`
	Cut    bool `json:"cut,omitempty"`
}

// Recipient is what would become of a message written now for one of those who stand in a conversation.
type Recipient struct {
	Person  string `json:"person"`
	Channel string `json:"channel"` // app, chat, email or push
	State   string `json:"state"`   // planned, sent or cancelled
	Code    string `json:"code"`
	Reason  string `json:"reason"`
	// AfterSeconds is how long it may stay unseen before it is mailed; 0: it leaves at once.
	AfterSeconds int64 `json:"afterSeconds"`
}

// Bubble is what was decided about telling the reader of a message on this computer.
type Bubble struct {
	Message string `json:"message"`
	Shown   bool   `json:"shown"`
	Reason  string `json:"reason"` // a stable code
	At      string `json:"at"`
}

// Why is all that is known of how the reader was told of a message, or was not.
type Why struct {
	// Bubble is nil where nothing was decided here: the message came before this computer knew the conversation, or is
	// one's own.
	Bubble *Bubble `json:"bubble,omitempty"`
	// Deliveries are the reader's own.
	Deliveries []Delivery `json:"deliveries"`
	// Asked: the server told the deliveries just now; otherwise they are as last told.
	Asked bool `json:"asked"`
}
