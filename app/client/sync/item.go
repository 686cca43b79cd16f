package sync

// Item is a ticket or a task.
type Item struct {
	ID          string   `json:"id"`
	Number      int64    `json:"number"`
	Kind        string   `json:"kind"` // ticket or task
	Title       string   `json:"title"`
	Description string   `json:"description"`
	State       string   `json:"state"` // open, waiting or done
	Assignee    string   `json:"assignee,omitempty"`
	Due         string   `json:"due,omitempty"`
	Tags        []string `json:"tags"`
	Project     string   `json:"project,omitempty"`
	Followers   []string `json:"followers"`
	Author      string   `json:"author"`
	CreatedAt   string   `json:"createdAt"`
	ChangedAt   string   `json:"changedAt"`
	Muted       bool     `json:"muted"` // the reader's own
	Version     int64    `json:"version"`
	// Unseen is how much the reader has not seen of what was written about it; told in lists of the cache only.
	Unseen int64 `json:"unseen,omitempty"`
	// Truncated: the feed told of an item too large for it; it is to be fetched.
	Truncated bool `json:"-"`
}

// ItemPage is one page of items, the newest first; of those due, the soonest first.
type ItemPage struct {
	Items []Item `json:"items"`
	Next  string `json:"next,omitempty"`
}

// About is an item in short, as a conversation of it is called.
type About struct {
	Kind   string `json:"kind"`
	Number int64  `json:"number"`
	Title  string `json:"title"`
}

// ItemFilter says which items are listed; empty fields don't ask.
type ItemFilter struct {
	Kind     string `json:"kind"`
	State    string `json:"state"`    // a state, or active: every one but done
	Assignee string `json:"assignee"` // an id, or nobody
	Follower string `json:"follower"`
	Tag      string `json:"tag"`
	Project  string `json:"project"`
	Query    string `json:"query"`     // the beginnings of words of title and description
	Due      string `json:"dueBefore"` // a moment: what is due until then, the soonest first
}

// NewItem is an item to be made; its key makes it once.
type NewItem struct {
	Key         string   `json:"key"`
	Kind        string   `json:"kind"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Assignee    string   `json:"assignee"`
	Due         string   `json:"due"`
	Tags        []string `json:"tags"`
	Project     string   `json:"project"`
	Followers   []string `json:"followers"`
	// Conversation, with customers and of no item yet, becomes the item's.
	Conversation string `json:"conversation"`
}

// ItemPatch is what is changed of an item; nil leaves as it is, an empty assignee or due moment takes it away.
type ItemPatch struct {
	Kind        *string   `json:"kind,omitempty"`
	Title       *string   `json:"title,omitempty"`
	Description *string   `json:"description,omitempty"`
	State       *string   `json:"state,omitempty"`
	Assignee    *string   `json:"assignee,omitempty"`
	Due         *string   `json:"due,omitempty"`
	Tags        *[]string `json:"tags,omitempty"`
	Project     *string   `json:"project,omitempty"`
	Muted       *bool     `json:"muted,omitempty"`
	// Version is the one that was shown: what others changed since is refused with changed-meanwhile, not changed over.
	Version *int64 `json:"version,omitempty"`
}

// ItemChange is what one person changed of an item at once.
type ItemChange struct {
	Version int64         `json:"version"`
	Actor   string        `json:"actor"`
	At      string        `json:"at"`
	Changes []FieldChange `json:"changes"`
}

// FieldChange is one field before and after.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// UntilAnswer is the moment until which something sleeps that sleeps until somebody else writes.
const UntilAnswer = "9999-12-31T23:59:59.999Z"

// Snooze is that a conversation sleeps until a moment, UntilAnswer, or (empty) no longer.
type Snooze struct {
	Conversation string
	Until        string
}
