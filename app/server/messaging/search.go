package messaging

import (
	"context"

	"recado/app/desk"
)

// Found is a message that was found, with the matches in its body as [from, to) in code points.
type Found struct {
	Message desk.Message
	Ranges  [][2]int
}

// maxWords bounds what one search asks for.
const maxWords = 12

// Search finds messages that hold every word of q, the last also as the beginning of one: newest first, only what viewer
// may see. next is where to go on (0: nothing more).
func (s *Service) Search(ctx context.Context, viewer desk.Person, q string, before int64, limit int) (found []Found, next int64, err error) {
	words := desk.Words(q)
	if len(words) == 0 {
		return nil, 0, nil
	}
	if len(words) > maxWords {
		return nil, 0, desk.Invalid("query.q", "search for at most 12 words")
	}
	err = s.Store.Read(ctx, func(r Reader) error {
		ms, n, err := r.Search(viewer, words, before, limit)
		if err != nil {
			return err
		}
		found, next = found[:0], n
		for _, m := range ms {
			found = append(found, Found{m, desk.Matches(m.Body, words)})
		}
		return nil
	})
	return found, next, err
}

// FindPeople finds people by the beginnings of words in name, address and organisation.
func (s *Service) FindPeople(ctx context.Context, kind desk.Kind, query, after string, limit int) (people []desk.Person, next string, err error) {
	err = s.Store.Read(ctx, func(r Reader) error {
		people, next, err = r.FindPeople(kind, desk.Words(query), after, limit)
		return err
	})
	return people, next, err
}
