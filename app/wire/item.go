package wire

// Item is a ticket or a task as one user sees it. Truncated ones (feed only) carry id, number, kind, state and version:
// the whole did not fit an entry and is to be fetched.
type Item struct {
	ID          string   `json:"id"`
	Number      int64    `json:"number"` // 1, 2, 3 … in this installation
	Kind        string   `json:"kind" enum:"ticket,task"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	State       string   `json:"state" enum:"open,waiting,done"`
	Assignee    string   `json:"assignee,omitempty"`
	Due         *Time    `json:"due,omitempty"`
	Tags        []string `json:"tags"`
	Project     string   `json:"project,omitempty"`
	Followers   []string `json:"followers"`
	Author      string   `json:"author"`
	CreatedAt   Time     `json:"createdAt"`
	ChangedAt   Time     `json:"changedAt"`
	Muted       bool     `json:"muted"` // the reader's own
	Version     int64    `json:"version"`
	Truncated   bool     `json:"truncated,omitempty"`
}

// ItemChange is what one person changed of an item at once.
type ItemChange struct {
	Version int64         `json:"version"`
	Actor   string        `json:"actor"`
	At      Time          `json:"at"`
	Changes []FieldChange `json:"changes"`
}

// FieldChange is one field before and after. A follower who came has only To, one who went only From; so has a
// conversation that became the item's.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// NewItem is the body of POST /items.
type NewItem struct {
	Key         string   `json:"key,omitempty"`
	Kind        string   `json:"kind"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	State       string   `json:"state,omitempty"` // open where none is given
	Assignee    string   `json:"assignee,omitempty"`
	Due         *Time    `json:"due,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	Project     string   `json:"project,omitempty"`
	Followers   []string `json:"followers,omitempty"`
	// Conversation, with customers and of no item yet, becomes the item's.
	Conversation string `json:"conversation,omitempty"`
}
