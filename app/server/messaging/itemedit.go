package messaging

import (
	"slices"
	"strconv"
	"strings"

	"recado/app/desk"
)

// edit is an item while it is being changed in one transaction: nobody else changes it meanwhile, and all that is changed
// makes one version, told and recorded once.
type edit struct {
	s       *Service
	w       Writer
	t       *telling
	actor   desk.Person
	before  desk.Item
	item    desk.Item
	created bool
	own     bool // something only the actor is told of
	changes []desk.FieldChange
}

// edit is for users; desk.ErrNotFound to others, and where there is no such item.
func (s *Service) edit(w Writer, t *telling, actor desk.Person, id string) (*edit, error) {
	if !seesItems(actor) {
		return nil, desk.ErrNotFound
	}
	return s.editAs(w, t, actor, id)
}

// editAs asks nobody: for what follows from something else that was allowed.
func (s *Service) editAs(w Writer, t *telling, actor desk.Person, id string) (*edit, error) {
	i, err := w.LockItem(id)
	return &edit{s: s, w: w, t: t, actor: actor, before: i, item: i}, err
}

// done writes and tells what was changed.
func (e *edit) done() error {
	if len(e.changes) == 0 && !e.created {
		if e.own {
			e.t.tell(desk.ItemWasChanged, "", e.item.ID, []string{e.actor.ID})
		}
		return nil
	}
	e.item.Version++
	e.item.ChangedAt = e.t.at
	if err := e.w.UpdateItem(e.before, e.item); err != nil {
		return err
	}
	if err := e.w.InsertItemChange(desk.ItemChange{Item: e.item.ID, Version: e.item.Version, Actor: e.actor.ID, At: e.t.at, Changes: e.changes}); err != nil {
		return err
	}
	users, err := e.w.UserIDs()
	if err != nil {
		return err
	}
	what := desk.ItemWasChanged
	if e.created {
		what = desk.ItemCreated
	}
	e.t.tell(what, "", e.item.ID, users)
	return nil
}

func (e *edit) changed(field, from, to string) {
	e.changes = append(e.changes, desk.FieldChange{Field: field, From: from, To: to})
}

// differences lists the fields in which two states of an item differ, those apart that have consequences of their own.
func differences(a, b desk.Item) (list []desk.FieldChange) {
	add := func(field, from, to string) {
		if from != to {
			list = append(list, desk.FieldChange{Field: field, From: from, To: to})
		}
	}
	add("kind", string(a.Kind), string(b.Kind))
	add("title", a.Title, b.Title)
	add("description", a.Description, b.Description)
	add("due", moment(a.Due), moment(b.Due))
	add("tags", strings.Join(a.Tags, ", "), strings.Join(b.Tags, ", "))
	add("project", a.Project, b.Project)
	return list
}

func moment(ms int64) string {
	if ms == 0 {
		return ""
	}
	return strconv.FormatInt(ms, 10)
}

func (e *edit) patch(p ItemPatch) error {
	next := e.item
	put(&next.Kind, p.Kind)
	put(&next.Title, p.Title)
	put(&next.Description, p.Description)
	put(&next.State, p.State)
	put(&next.Assignee, p.Assignee)
	put(&next.Due, p.Due)
	put(&next.Tags, p.Tags)
	put(&next.Project, p.Project)
	next, bad := desk.CheckItem(next)
	if bad != nil {
		return bad
	}
	if err := e.fresh(p, next); err != nil {
		return err
	}
	if !slices.Equal(next.Tags, e.item.Tags) {
		if err := know(e.w, next.Tags); err != nil {
			return err
		}
	}
	e.changes = append(e.changes, differences(e.item, next)...)
	state, assignee := next.State, next.Assignee
	next.State, next.Assignee = e.item.State, e.item.Assignee
	e.item = next
	if err := e.setState(state); err != nil {
		return err
	}
	return e.assign(assignee)
}

func put[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// fresh refuses to change what somebody else changed after the version the caller knew, unless it is to the same.
func (e *edit) fresh(p ItemPatch, next desk.Item) error {
	if p.Version == nil || *p.Version >= e.item.Version {
		return nil
	}
	wanted := differences(e.item, next)
	if next.State != e.item.State {
		wanted = append(wanted, desk.FieldChange{Field: "state"})
	}
	if next.Assignee != e.item.Assignee {
		wanted = append(wanted, desk.FieldChange{Field: "assignee"})
	}
	for before := int64(0); len(wanted) > 0; {
		page, err := e.w.ItemChanges(e.item.ID, before, 100)
		if err != nil {
			return err
		}
		for _, c := range page {
			if c.Version <= *p.Version {
				return nil
			}
			for _, f := range c.Changes {
				if slices.ContainsFunc(wanted, func(w desk.FieldChange) bool { return w.Field == f.Field }) {
					return ErrItemChanged
				}
			}
			before = c.Version
		}
		if len(page) < 100 {
			return nil
		}
	}
	return nil
}
