package audit

import (
	"slices"
	"strings"
	"testing"

	"recado/app/wire"
)

func TestVerifyBites(t *testing.T) {
	t.Parallel()
	message := func(id string, number int64) wire.Message {
		return wire.Message{ID: id, Conversation: "c", Number: number, Author: "a", Body: "text " + id}
	}
	right := []wire.Message{message("m1", 1), message("m2", 2), message("m3", 3)}
	acknowledged := map[string]fact{}
	for _, m := range right {
		acknowledged[m.ID] = factOf(m)
	}
	if wrong := verify("ana", right, acknowledged); len(wrong) > 0 {
		t.Fatalf("a complete feed is found wrong: %v", wrong)
	}
	changed := slices.Clone(right)
	changed[1].Body = "other"
	for want, has := range map[string][]wire.Message{
		"missing":            right[:2],
		"twice":              append(slices.Clone(right), right[2]),
		"never acknowledged": append(slices.Clone(right), message("m4", 4)),
		"not as it was":      changed,
		"2 follows 3":        {right[0], right[2], right[1]},
	} {
		wrong := verify("ana", has, acknowledged)
		if !slices.ContainsFunc(wrong, func(w string) bool { return strings.Contains(w, want) }) {
			t.Errorf("wanted %q, found %q", want, wrong)
		}
	}
}
