package messaging

import "recado/app/desk"

// ItemReader asks about items.
type ItemReader interface {
	// Item gives desk.ErrNotFound where there is none.
	Item(id string) (desk.Item, error)
	// Items gives those of ids that exist, by id.
	Items(ids []string) (map[string]desk.Item, error)
	// ListItems gives one page, and a cursor to go on with.
	ListItems(q ItemQuery) (items []desk.Item, next string, err error)
	// Followings of items, in the order of people's ids; of one person only where person is not empty.
	Followings(items []string, person string) (map[string][]desk.Following, error)
	// Rooms gives the conversations of an item, at most one of each kind.
	Rooms(item string) ([]desk.Conversation, error)
	// ItemChanges lists what was changed of an item before a version (0: the newest), newest first.
	ItemChanges(item string, before int64, limit int) ([]desk.ItemChange, error)
	// FindTags lists tags in use by their beginning, in order, after one (empty: from the first).
	FindTags(beginning, after string, limit int) ([]string, error)
}

// ItemWriter changes items.
type ItemWriter interface {
	// LockItem is Item, for one transaction at a time.
	LockItem(id string) (desk.Item, error)
	// LockConversation gives a conversation to one transaction at a time; desk.ErrNotFound where there is none.
	LockConversation(id string) (desk.Conversation, error)
	// NextItem gives the number of a new item.
	NextItem() (int64, error)
	InsertItem(i desk.Item) error
	// UpdateItem writes everything that changes of an item that was before.
	UpdateItem(before, i desk.Item) error
	// PutFollowing writes what a person is to an item; somebody who neither follows nor muted it is forgotten.
	PutFollowing(i desk.Item, f desk.Following) error
	// KnowTags notes tags in use; false where more than desk.MaxTags would be known.
	KnowTags(tags []string) (bool, error)
	InsertItemChange(c desk.ItemChange) error
	// StandFollowers lets the followers of an item who don't yet stand in a conversation of it, in one with customers all
	// of them, in others the users; customers from the next message on, or from the first.
	StandFollowers(c desk.Conversation, whole bool) error
	// SetItem gives a conversation to an item, or (empty) to none.
	SetItem(conversation, item string) error
}

// ItemQuery asks for one page of items, those with the highest numbers first; where DueBefore is given, what is due
// first. Empty fields don't ask.
type ItemQuery struct {
	Kind      desk.ItemKind
	State     string // a state, or Active
	Assignee  string // an id, or Nobody
	Follower  string
	Tag       string
	Project   string
	Words     []string // of title and description, the last also as the beginning of one
	DueBefore int64
	Cursor    string
	Limit     int
}

// What can be asked for beside states and ids.
const (
	Active = "active" // every state but done
	Nobody = "nobody"
)
