package wire

// Site is a web site with the live chat on it.
type Site struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Origins  []string  `json:"origins"`
	Identity string    `json:"identity" enum:"optional,required"`
	Disabled bool      `json:"disabled,omitempty"`
	Accent   string    `json:"accent,omitempty"` // #rrggbb
	Greeting *Greeting `json:"greeting,omitempty"`
	Hours    *Hours    `json:"hours,omitempty"`
	// Told are the users who stand in a new visitor's conversation; none: it is everybody's.
	Told []string `json:"told"`
	// Opens is what a visitor's first message begins.
	Opens string `json:"opens" enum:"conversation,ticket"`
	// PublicURL is the address under which pages load the chat, where the server was told one; else the one it is reached by.
	PublicURL string `json:"publicUrl,omitempty"`
	// Secret signs identities. It is given to who made it, once.
	Secret    string `json:"secret,omitempty"`
	CreatedAt Time   `json:"createdAt"`
	Version   int64  `json:"version"`
}

// Greeting is what a chat begins with, by language.
type Greeting struct {
	En string `json:"en,omitempty"`
	Es string `json:"es,omitempty"`
}

// Hours are when somebody is there, in the time of a zone like Europe/Madrid.
type Hours struct {
	Zone string `json:"zone"`
	Mon  []Span `json:"mon,omitempty"`
	Tue  []Span `json:"tue,omitempty"`
	Wed  []Span `json:"wed,omitempty"`
	Thu  []Span `json:"thu,omitempty"`
	Fri  []Span `json:"fri,omitempty"`
	Sat  []Span `json:"sat,omitempty"`
	Sun  []Span `json:"sun,omitempty"`
}

// Span is from HH:MM to a later HH:MM of the same day; 24:00 is its end.
type Span struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// ChatSite is what visitors see of a site.
type ChatSite struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Identity string   `json:"identity" enum:"optional,required"`
	Accent   string   `json:"accent,omitempty"`
	Greeting Greeting `json:"greeting"`
	// Open says whether somebody is there; OpensAt when next, where nobody is.
	Open    bool  `json:"open"`
	OpensAt *Time `json:"opensAt,omitempty"`
}

// ChatSession is a browser's right to chat. Conversation is where something happened last.
type ChatSession struct {
	Token        string `json:"token"`
	Person       Person `json:"person"`
	Conversation string `json:"conversation,omitempty"`
}

// ChatPerson is somebody as visitors see them: no more than the name.
type ChatPerson struct {
	ID         string `json:"id"`
	Kind       string `json:"kind" enum:"user,customer"`
	Name       string `json:"name"`
	Email      string `json:"email,omitempty"` // one's own only
	Unverified bool   `json:"unverified,omitempty"`
}

// ChatPage is a page of a visitor's messages, oldest first, and who wrote them.
type ChatPage struct {
	Items        []Message    `json:"items"`
	People       []ChatPerson `json:"people"`
	Conversation string       `json:"conversation,omitempty"`
	SeenUpTo     int64        `json:"seenUpTo"`
	Next         string       `json:"next,omitempty"` // to be asked for as `before`
}

// ChatPresence is who is connected to the live chat, and where. It is also the data of the feed's event `chat`, which is
// never stored.
type ChatPresence struct {
	Person    string `json:"person"`
	Connected bool   `json:"connected"`
	Site      string `json:"site,omitempty"`
	Since     *Time  `json:"since,omitempty"`
	LeftAt    *Time  `json:"leftAt,omitempty"` // counts as connected for 20 s more
	Page      string `json:"page,omitempty"`
	Title     string `json:"title,omitempty"`
	Browser   string `json:"browser,omitempty"`
	Language  string `json:"language,omitempty"`
}
