package messaging

import (
	"context"

	"recado/app/desk"
)

// SnapshotPage is a page of everything a person may see.
type SnapshotPage struct {
	Head     int64 // of the feed, in the same transaction
	People   []desk.Person
	Items    []ItemView
	Views    []View
	Messages []desk.Message
	Settings *desk.Settings
	Next     Mark
}

// Mark is a place in a snapshot: which section, and the id after (for messages: before) which to go on.
// The zero Mark is the beginning; Section 0 with Done set is the end.
type Mark struct {
	Section string
	After   string
}

// The sections of a snapshot, in order.
const (
	sectionPeople        = "p"
	sectionItems         = "i"
	sectionConversations = "c"
	sectionMessages      = "m"
)

// SnapshotEnd is the mark of a snapshot's last page.
var SnapshotEnd = Mark{}

// Snapshot gives one page, read in one transaction: people, then items and conversations, then messages newest
// first.
func (s *Service) Snapshot(ctx context.Context, viewer desk.Person, at Mark, limit int) (p SnapshotPage, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		p = SnapshotPage{}
		heads, err := r.Heads([]string{viewer.ID})
		if err != nil {
			return err
		}
		p.Head = heads[viewer.ID].Head
		switch at.Section {
		case "", sectionPeople:
			return p.fillPeople(r, viewer, at.After, limit)
		case sectionItems:
			return p.fillItems(r, viewer, at.After, limit)
		case sectionConversations:
			return p.fillViews(r, viewer, at.After, limit)
		case sectionMessages:
			return p.fillMessages(r, viewer, at.After, limit)
		}
		return desk.Invalid("query.cursor", "this cursor is not from a snapshot")
	})
	return p, err
}

func (p *SnapshotPage) fillPeople(r Reader, viewer desk.Person, after string, limit int) error {
	if after == "" {
		set, err := r.Settings(viewer.ID)
		if err != nil {
			return err
		}
		p.Settings = &set
	}
	p.Next = Mark{sectionItems, ""}
	if viewer.Kind != desk.User { // customers know nobody but whom they write with
		p.Next = Mark{sectionConversations, ""}
		known, err := r.People([]string{viewer.ID})
		p.People = []desk.Person{known[viewer.ID]}
		return err
	}
	var err error
	if p.People, err = r.PeopleAfter(after, limit); err != nil {
		return err
	}
	if len(p.People) == limit {
		p.Next = Mark{sectionPeople, p.People[limit-1].ID}
	}
	return nil
}

func (p *SnapshotPage) fillItems(r Reader, viewer desk.Person, cursor string, limit int) error {
	p.Next = Mark{sectionConversations, ""}
	if !seesItems(viewer) {
		return nil
	}
	items, next, err := r.ListItems(ItemQuery{Cursor: cursor, Limit: limit})
	if err != nil {
		return err
	}
	if next != "" {
		p.Next = Mark{sectionItems, next}
	}
	p.Items, err = itemViews(r, viewer, items)
	return err
}

func (p *SnapshotPage) fillViews(r Reader, viewer desk.Person, cursor string, limit int) error {
	ids, next, err := r.List(viewer, ListQuery{View: "all", Cursor: cursor, Limit: limit})
	if err != nil {
		return err
	}
	if p.Views, err = views(r, viewer, ids); err != nil {
		return err
	}
	p.Next = Mark{sectionMessages, ""}
	if next != "" {
		p.Next = Mark{sectionConversations, next}
	}
	return nil
}

func (p *SnapshotPage) fillMessages(r Reader, viewer desk.Person, before string, limit int) (err error) {
	if p.Messages, err = r.MessagesBefore(viewer, before, limit); err != nil {
		return err
	}
	if len(p.Messages) == limit {
		p.Next = Mark{sectionMessages, p.Messages[limit-1].ID}
	}
	return nil
}
