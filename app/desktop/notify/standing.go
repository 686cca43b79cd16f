package notify

import (
	"maps"
	"slices"

	"recado/app/client"
)

// MostApart is how many conversations get bubbles of their own at a time; more share one that sums up.
const MostApart = 3

// mostKept is how many messages a bubble counts one by one; its count stops there.
const mostKept = 100

// standing is what is shown: the messages behind each bubble, so that it can be counted on, updated and withdrawn.
type standing struct {
	conversations map[string][]client.MessageArrived
	// summed holds the number of the last message of each conversation in the summary, and messages how many there are.
	summed   map[string]int64
	messages int
}

func newStanding() *standing {
	return &standing{conversations: map[string][]client.MessageArrived{}, summed: map[string]int64{}}
}

// add takes new messages in, and gives the keys of the bubbles to be shown, in the order of their newest messages, and of
// those that go into the summary instead.
func (s *standing) add(burst []client.MessageArrived) (keys, gone []string) {
	var order []string
	by := map[string][]client.MessageArrived{}
	for _, m := range burst {
		id := m.Message.Conversation
		if i := slices.Index(order, id); i >= 0 {
			order = slices.Delete(order, i, i+1)
		}
		order = append(order, id)
		by[id] = append(by[id], m)
	}
	apart := len(order)
	for id := range s.conversations {
		if by[id] == nil {
			apart++
		}
	}
	if apart > MostApart {
		for id, messages := range s.conversations {
			by[id] = append(messages, by[id]...)
			gone = append(gone, s.drop(id)...)
		}
		for id, messages := range by {
			s.summed[id] = max(s.summed[id], messages[len(messages)-1].Message.Number)
			s.messages += len(messages)
		}
		return []string{Summary}, gone
	}
	for _, id := range order {
		kept := append(s.conversations[id], by[id]...)
		s.conversations[id] = kept[max(0, len(kept)-mostKept):]
	}
	return order, nil
}

// seen takes out what was seen of a conversation, and gives the keys of bubbles that have nothing left to tell.
func (s *standing) seen(conversation string, upTo int64) (gone []string) {
	if kept, there := s.conversations[conversation]; there {
		kept = slices.DeleteFunc(slices.Clone(kept), func(m client.MessageArrived) bool { return m.Message.Number <= upTo })
		if s.conversations[conversation] = kept; len(kept) == 0 {
			gone = append(gone, s.drop(conversation)...)
		}
	}
	if last, there := s.summed[conversation]; there && last <= upTo {
		if delete(s.summed, conversation); len(s.summed) == 0 {
			gone = append(gone, s.drop(Summary)...)
		}
	}
	return gone
}

// change takes over the new state of a message; shown tells whether its bubble is to be shown anew, and gone whether it
// has nothing left to tell.
func (s *standing) change(m client.Message) (shown bool, gone []string) {
	kept := s.conversations[m.Conversation]
	at := slices.IndexFunc(kept, func(a client.MessageArrived) bool { return a.Message.ID == m.ID })
	switch {
	case at < 0 || kept[at].Message.Version >= m.Version:
		return false, nil
	case m.DeletedAt == "":
		kept = slices.Clone(kept)
		kept[at].Message = m
		s.conversations[m.Conversation] = kept
		return at == len(kept)-1, nil
	}
	kept = slices.Delete(slices.Clone(kept), at, at+1)
	if s.conversations[m.Conversation] = kept; len(kept) == 0 {
		return false, s.drop(m.Conversation)
	}
	return true, nil
}

// drop forgets a bubble; what it gives is its key where there was one.
func (s *standing) drop(key string) []string {
	if key == Summary {
		if s.messages == 0 {
			return nil
		}
		s.summed, s.messages = map[string]int64{}, 0
		return []string{key}
	}
	if _, there := s.conversations[key]; !there {
		return nil
	}
	delete(s.conversations, key)
	return []string{key}
}

// keys lists all bubbles.
func (s *standing) keys() []string {
	keys := slices.Collect(maps.Keys(s.conversations))
	if s.messages > 0 {
		keys = append(keys, Summary)
	}
	return keys
}
