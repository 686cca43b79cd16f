package sync

// Site is a web site with the live chat on it.
type Site struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Origins are the sites whose pages may show the chat, like https://shop.example; none: any.
	Origins []string `json:"origins"`
	// Identity is optional, or required: only those chat whom the site has signed in.
	Identity string `json:"identity"`
	Disabled bool   `json:"disabled,omitempty"`
	// Accent is the chat's colour as #rrggbb; empty: ours.
	Accent   string   `json:"accent,omitempty"`
	Greeting Greeting `json:"greeting"`
	// Hours are when somebody is there; nil: always.
	Hours *Hours `json:"hours,omitempty"`
	// Told are the users who stand in a new visitor's conversation; none: it is everybody's.
	Told []string `json:"told"`
	// Opens is what a visitor's first message begins: conversation or ticket.
	Opens string `json:"opens"`
	// PublicURL is the address under which pages load the chat; empty where the server was told none.
	PublicURL string `json:"publicUrl,omitempty"`
	// Secret signs identities; it is given once, to who made it.
	Secret    string `json:"secret,omitempty"`
	CreatedAt string `json:"createdAt"`
}

// Greeting is what a chat begins with, by language; empty: nothing.
type Greeting struct {
	En string `json:"en"`
	Es string `json:"es"`
}

// Hours are opening hours in the time of a zone like Europe/Madrid.
type Hours struct {
	Zone string `json:"zone"`
	// Days holds spans by day: mon, tue, wed, thu, fri, sat, sun; one that is missing is closed.
	Days map[string][]Span `json:"days"`
}

// Span is from HH:MM to a later HH:MM of the same day; 24:00 is its end.
type Span struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// SitePatch changes a site. What is nil stays.
type SitePatch struct {
	Name     *string   `json:"name,omitempty"`
	Origins  *[]string `json:"origins,omitempty"`
	Identity *string   `json:"identity,omitempty"`
	Accent   *string   `json:"accent,omitempty"`
	Greeting *Greeting `json:"greeting,omitempty"`
	// Hours with an empty zone: always open.
	Hours    *Hours    `json:"hours,omitempty"`
	Told     *[]string `json:"told,omitempty"`
	Opens    *string   `json:"opens,omitempty"`
	Disabled *bool     `json:"disabled,omitempty"`
	// NewSecret replaces the secret: what was signed with the old one is refused from then on.
	NewSecret bool `json:"newSecret,omitempty"`
}
