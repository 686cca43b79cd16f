package desk

import (
	"regexp"
	"slices"
)

// File is an attachment; its content lies in the file store under ID.
type File struct {
	ID      string
	Owner   string
	Name    string
	Size    int64
	Type    string
	Message string // empty until a message carries it
}

// Message is one message in its present state. A deleted one keeps its number and loses its body and files.
type Message struct {
	ID           string
	Conversation string
	Number       int64
	Author       string
	Key          string
	Body         string
	Files        []File
	Mentions     []string
	Origin       *Origin // nil: written here
	CreatedAt    int64
	EditedAt     int64
	DeletedAt    int64
	Version      int64
}

// CheckBody refuses what is no message: too long, not text, or nothing at all unless it carries files.
func CheckBody(location, body string, files int) *Error {
	if err := CheckText(location, body, MaxBody); err != nil {
		return err
	}
	if files == 0 && Blank(body) {
		return Invalid(location, "a message needs text or a file")
	}
	if files > MaxFiles {
		return Invalid(location, "a message carries at most 50 files")
	}
	return nil
}

var mention = regexp.MustCompile(`<@([0-9a-fA-F-]{36})\|[^<>|\n]{0,200}>`)

// Mentions lists the ids mentioned in a body as <@ID|Name>, each once, in order.
func Mentions(body string) []string {
	var ids []string
	for _, m := range mention.FindAllStringSubmatch(body, -1) {
		if !slices.Contains(ids, m[1]) {
			ids = append(ids, m[1])
		}
	}
	return ids
}
