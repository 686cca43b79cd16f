package mailin

import (
	"cmp"
	"slices"
	"strings"
)

// threads puts mails together that refer to each other, also by a mail that is not among them, each in the order in which
// they are entered: by date, but never before what they refer to, however wrong the clocks were. The one whose last mail
// is the oldest comes first.
func threads(mails []*pastMail) [][]*pastMail {
	mails = slices.SortedFunc(slices.Values(mails), func(a, b *pastMail) int { return strings.Compare(a.keys[0], b.keys[0]) })
	byID := make(map[string]*pastMail, len(mails))
	root := map[string]string{}
	find := func(id string) string {
		for root[id] != "" && root[id] != id {
			if up := root[root[id]]; up != "" {
				root[id] = up
			}
			id = root[id]
		}
		return id
	}
	for _, m := range mails {
		byID[m.messageID] = m
		for _, id := range m.refs {
			if a, b := find(m.node()), find("id:"+id); a != b {
				root[a] = b
			}
		}
	}
	groups := map[string][]*pastMail{}
	for _, m := range mails {
		m.follow(byID)
		at := find(m.node())
		groups[at] = append(groups[at], m)
	}
	list := make([][]*pastMail, 0, len(groups))
	for _, g := range groups {
		slices.SortFunc(g, func(a, b *pastMail) int {
			return cmp.Or(cmp.Compare(a.after, b.after), cmp.Compare(a.depth, b.depth), cmp.Compare(a.at, b.at), strings.Compare(a.keys[0], b.keys[0]))
		})
		list = append(list, g)
	}
	slices.SortFunc(list, func(a, b []*pastMail) int {
		return cmp.Or(cmp.Compare(a[len(a)-1].after, b[len(b)-1].after), strings.Compare(a[0].keys[0], b[0].keys[0]))
	})
	return list
}

func (m *pastMail) node() string {
	if m.messageID == "" {
		return "key:" + m.keys[0]
	}
	return "id:" + m.messageID
}

// follow finds out when a mail comes: not before any that it refers to. Mails that refer to each other in a circle, which
// only forgers write, come by their dates.
func (m *pastMail) follow(byID map[string]*pastMail) {
	if m.visited {
		return
	}
	m.visited, m.after = true, m.at
	for _, id := range m.refs {
		if p := byID[id]; p != nil && p != m {
			p.follow(byID)
			m.after, m.depth = max(m.after, p.after), max(m.depth, p.depth+1)
		}
	}
}
