package audit

import (
	"fmt"

	"recado/app/wire"
)

// fact is what stands in one place: an acknowledged message, or one that a recipient has.
type fact struct {
	conversation string
	number       int64
	author, body string
}

func factOf(m wire.Message) fact { return fact{m.Conversation, m.Number, m.Author, m.Body} }

// verify compares what one person has, in its order, with what was acknowledged in the conversations this person stands
// in. Each acknowledged message must be there exactly once with its text, each conversation's numbers must run 1, 2, 3 …
// in order, and nothing may be there that nobody posted. It gives a sentence for each thing wrong.
func verify(whose string, has []wire.Message, acknowledged map[string]fact) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, whose+": "+fmt.Sprintf(format, args...)) }
	seen := make(map[string]bool, len(has))
	last := map[string]int64{}
	for _, m := range has {
		if seen[m.ID] {
			say("message %s stands there twice", m.ID)
			continue
		}
		seen[m.ID] = true
		if m.Number != last[m.Conversation]+1 {
			say("in conversation %s, number %d follows %d", m.Conversation, m.Number, last[m.Conversation])
		}
		last[m.Conversation] = m.Number
		switch want, ok := acknowledged[m.ID]; {
		case !ok:
			say("message %s (number %d of conversation %s) was never acknowledged to anybody", m.ID, m.Number, m.Conversation)
		case factOf(m) != want:
			say("message %s is not as it was acknowledged", m.ID)
		}
	}
	for id, f := range acknowledged {
		if !seen[id] {
			say("acknowledged message %s (number %d of conversation %s) is missing", id, f.number, f.conversation)
		}
	}
	return wrong
}
