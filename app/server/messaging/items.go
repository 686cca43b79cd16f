package messaging

import (
	"context"

	"recado/app/desk"
)

// ItemView is an item as one user sees it.
type ItemView struct {
	desk.Item
	Follows []string // ids of those who follow it, in order
	Muted   bool     // the user does not want to be told
}

// NewItem is an item to be made. Item, number, version and times are given here.
type NewItem struct {
	Key  string // empty: not to be recognised again
	Item desk.Item
	// Follows are followers from the beginning; author and assignee are in any case.
	Follows []string
	// Conversation, with customers and of no item yet, becomes the item's.
	Conversation string
}

// ItemPatch is what may be changed of an item; nil leaves as it is.
type ItemPatch struct {
	Kind        *desk.ItemKind
	Title       *string
	Description *string
	State       *desk.ItemState
	Assignee    *string // a user; empty: nobody
	Due         *int64
	Tags        *[]string
	Project     *string
	Muted       *bool // the caller's own
	// Version is the one the caller knew. Where a field they change was changed since, nothing is: changed-meanwhile.
	Version *int64
}

// ErrItemChanged means that somebody else changed the same field meanwhile.
var ErrItemChanged = &desk.Error{Code: "changed-meanwhile", Message: "Somebody else changed the same field meanwhile. Look at it, and change it again."}

// Item gives one; desk.ErrNotFound to whoever is no user.
func (s *Service) Item(ctx context.Context, viewer desk.Person, id string) (v ItemView, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		v, err = itemView(r, viewer, id)
		return err
	})
	return v, err
}

// seesItems: items are the team's.
func seesItems(viewer desk.Person) bool { return viewer.Kind == desk.User && !viewer.Disabled }

func itemView(r Reader, viewer desk.Person, id string) (ItemView, error) {
	if !seesItems(viewer) {
		return ItemView{}, desk.ErrNotFound
	}
	i, err := r.Item(id)
	if err != nil {
		return ItemView{}, err
	}
	vs, err := itemViews(r, viewer, []desk.Item{i})
	if err != nil {
		return ItemView{}, err
	}
	return vs[0], nil
}

func itemViews(r Reader, viewer desk.Person, items []desk.Item) ([]ItemView, error) {
	ids := make([]string, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	known, err := r.Followings(ids, "")
	if err != nil {
		return nil, err
	}
	out := make([]ItemView, len(items))
	for n, i := range items {
		out[n] = viewOfItem(i, known[i.ID], viewer.ID)
	}
	return out, nil
}

func viewOfItem(i desk.Item, known []desk.Following, viewer string) ItemView {
	v := ItemView{Item: i}
	for _, f := range known {
		if f.Follows {
			v.Follows = append(v.Follows, f.Person)
		}
		v.Muted = v.Muted || f.Muted && f.Person == viewer
	}
	return v
}

// Items gives one page; to whoever is no user none.
func (s *Service) Items(ctx context.Context, viewer desk.Person, q ItemQuery) (vs []ItemView, next string, err error) {
	if !seesItems(viewer) {
		return nil, "", nil
	}
	err = s.Store.Read(ctx, func(r Reader) error {
		var items []desk.Item
		if items, next, err = r.ListItems(q); err != nil {
			return err
		}
		vs, err = itemViews(r, viewer, items)
		return err
	})
	return vs, next, err
}

// FindTags lists tags in use by their beginning, in order, after one (empty: from the first).
func (s *Service) FindTags(ctx context.Context, viewer desk.Person, beginning, after string, limit int) (tags []string, err error) {
	if !seesItems(viewer) {
		return nil, nil
	}
	err = s.Store.Read(ctx, func(r Reader) error {
		tags, err = r.FindTags(desk.Tag(beginning), after, limit)
		return err
	})
	return tags, err
}

// ItemChanges tells who changed what of an item, newest first, before a version (0: from the newest).
func (s *Service) ItemChanges(ctx context.Context, viewer desk.Person, id string, before int64, limit int) (list []desk.ItemChange, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		if _, err := itemView(r, viewer, id); err != nil {
			return err
		}
		list, err = r.ItemChanges(id, before, limit)
		return err
	})
	return list, err
}

// AddItem makes an item. made is false where the key had made it before; then it is given as it is now.
func (s *Service) AddItem(ctx context.Context, author desk.Person, n NewItem) (v ItemView, made bool, err error) {
	if !seesItems(author) {
		return v, false, desk.ErrForbidden
	}
	if n.Key != "" {
		if e := desk.CheckKey(n.Key); e != nil {
			return v, false, e
		}
	}
	i, e := desk.CheckItem(n.Item)
	if e != nil {
		return v, false, e
	}
	n.Follows = set(n.Follows)
	h := hash("item", i.Kind, i.Title, i.Description, i.State, i.Assignee, i.Due, some(i.Tags), i.Project, n.Follows, n.Conversation)
	err = s.write(ctx, func(w Writer, t *telling) error {
		made = false
		id := s.NewID()
		if n.Key != "" {
			if fresh, err := w.TakeKey(author.ID, n.Key, h, id, t.at); err != nil {
				return err
			} else if !fresh {
				if id, _, err = replay(w, author.ID, n.Key, h); err != nil {
					return err
				}
				v, err = itemView(w, author, id)
				return err
			}
		}
		made, i.ID = true, id
		if err := s.addItem(w, t, author, i, n); err != nil {
			return err
		}
		v, err = itemView(w, author, id)
		return err
	})
	if err != nil {
		return ItemView{}, false, err
	}
	return v, made, nil
}

func (s *Service) addItem(w Writer, t *telling, author desk.Person, i desk.Item, n NewItem) (err error) {
	if i.Number, err = w.NextItem(); err != nil {
		return err
	}
	assignee := i.Assignee
	i.Assignee, i.Author, i.CreatedAt, i.ChangedAt, i.Version, i.Followers = "", author.ID, t.at, t.at, 0, 0
	if err := know(w, i.Tags); err != nil {
		return err
	}
	if err := w.InsertItem(i); err != nil {
		return err
	}
	e := &edit{s: s, w: w, t: t, actor: author, before: i, item: i, created: true}
	if err := e.followAll(append([]string{author.ID}, n.Follows...), false, "body.followers"); err != nil {
		return err
	}
	if err := e.assign(assignee); err != nil {
		return err
	}
	if n.Conversation != "" {
		if err := e.link(n.Conversation); err != nil {
			return err
		}
	}
	return e.done()
}

func know(w Writer, tags []string) error {
	ok, err := w.KnowTags(tags)
	if err == nil && !ok {
		return desk.Invalid("body.tags", "100,000 tags are known: no more can be made. Use one of them")
	}
	return err
}

// PatchItem changes an item, and gives it as it is then.
func (s *Service) PatchItem(ctx context.Context, actor desk.Person, id string, p ItemPatch) (v ItemView, err error) {
	return s.editItem(ctx, actor, id, func(e *edit) error {
		if p.Muted != nil {
			if err := e.mute(*p.Muted); err != nil {
				return err
			}
		}
		return e.patch(p)
	})
}

// editItem runs fn on an item in one transaction, and gives it as it is then.
func (s *Service) editItem(ctx context.Context, actor desk.Person, id string, fn func(*edit) error) (v ItemView, err error) {
	err = s.write(ctx, func(w Writer, t *telling) error {
		e, err := s.edit(w, t, actor, id)
		if err != nil {
			return err
		}
		if err := fn(e); err != nil {
			return err
		}
		if err := e.done(); err != nil {
			return err
		}
		v, err = itemView(w, actor, id)
		return err
	})
	return v, err
}
