package desk

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of items.
const (
	MaxTitle       = 300     // characters of a title
	MaxDescription = 20_000  // characters of a description
	MaxProject     = 100     // characters of a project's name
	MaxTag         = 50      // characters of a tag
	MaxItemTags    = 30      // of one item
	MaxTags        = 100_000 // known in all
	MaxFollowers   = 5_000   // of one item
)

// ItemKind tells tickets from tasks.
type ItemKind string

// The kinds of items.
const (
	Ticket ItemKind = "ticket" // somebody asked for it
	Task   ItemKind = "task"   // the team set it itself
)

// ItemState is how far an item is.
type ItemState string

// The states of an item. Any may follow any; a customer's word on a ticket makes it open again.
const (
	ItemOpen    ItemState = "open"    // the team is to act
	ItemWaiting ItemState = "waiting" // somebody else is
	ItemDone    ItemState = "done"    // nobody is
)

// Item is a ticket or a task. Every user sees and changes all of them; a customer sees none, only the conversation with
// customers that an item may have, where they stand in it. Its followers are the recipients of its conversations.
type Item struct {
	ID          string
	Number      int64 // 1, 2, 3 … in this installation
	Kind        ItemKind
	Title       string
	Description string
	State       ItemState
	Assignee    string // the user who looks after it; empty: nobody
	Due         int64  // 0: at no time
	Tags        []string
	Project     string
	Followers   int64 // how many
	Author      string
	CreatedAt   int64
	ChangedAt   int64
	Version     int64
}

// Following is what one person is to one item.
type Following struct {
	Person  string
	Follows bool
	Muted   bool // follows, and does not want to be told
}

// FieldChange is one field of an item before and after. A follower who came has only To, one who went only From.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// ItemChange is what one person changed of an item at once, and which version that made.
type ItemChange struct {
	Item    string
	Version int64
	Actor   string
	At      int64
	Changes []FieldChange
}

// CheckItem refuses what can't be an item, and gives it with its tags as they are kept: in lower case, each once, in
// order.
func CheckItem(i Item) (Item, *Error) {
	if i.Kind != Ticket && i.Kind != Task {
		return i, Invalid("body.kind", "a kind is ticket or task")
	}
	if i.State != ItemOpen && i.State != ItemWaiting && i.State != ItemDone {
		return i, Invalid("body.state", "a state is open, waiting or done")
	}
	if e := checkLine("body.title", i.Title, MaxTitle); e != nil {
		return i, e
	}
	if Blank(i.Title) {
		return i, Invalid("body.title", "a title is needed")
	}
	if e := CheckText("body.description", i.Description, MaxDescription); e != nil {
		return i, e
	}
	if e := checkLine("body.project", i.Project, MaxProject); e != nil {
		return i, e
	}
	if i.Due < 0 || i.Due > Latest {
		return i, Invalid("body.due", "a time has a year of four digits")
	}
	var e *Error
	i.Tags, e = cleanTags("body.tags", i.Tags)
	return i, e
}

// titleLength is how many characters of a text make a title.
const titleLength = 120

// TitleFrom makes a title of the first of texts that has a line to make one of; empty where none has.
func TitleFrom(texts ...string) string {
	for _, text := range texts {
		for line := range strings.Lines(text) {
			line = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) || turns(r) {
					return ' '
				}
				return r
			}, strings.ToValidUTF8(line, ""))
			if line = strings.Join(strings.Fields(line), " "); Blank(line) {
				continue
			}
			if r := []rune(line); len(r) > titleLength {
				return strings.TrimSpace(string(r[:titleLength-1])) + "…"
			}
			return line
		}
	}
	return ""
}

// Latest is the last moment that can be written with a year of four digits: 9999-12-31T23:59:59.999Z.
const Latest = 253402300799999

// checkLine refuses what is no line of text: control characters, and such that turn the text of others round.
func checkLine(location, text string, max int) *Error {
	if e := CheckText(location, text, max); e != nil {
		return e
	}
	if strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) || turns(r) }) >= 0 {
		return Invalid(location, "this is one line without control characters")
	}
	return nil
}

func cleanTags(location string, tags []string) ([]string, *Error) {
	var out []string
	for _, t := range tags {
		if e := checkLine(location, t, 4*MaxTag); e != nil {
			return nil, e
		}
		t = Tag(t)
		if Blank(t) || strings.ContainsRune(t, ',') || utf8.RuneCountInString(t) > MaxTag {
			return nil, Invalid(location, "a tag has 1 to 50 characters and no comma")
		}
		out = append(out, t)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > MaxItemTags {
		return nil, Invalid(location, "an item has at most 30 tags")
	}
	return out, nil
}

// Tag is the form in which a tag is kept and found: in lower case, with single spaces.
func Tag(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }
