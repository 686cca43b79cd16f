package sse_test

import (
	"strings"
	"testing"

	"recado/app/kit/sse"
)

// TestACutEventMovesNoCursor reads every beginning of a stream as the standard says (WHATWG HTML, 9.2.6), and as careless
// readers do, who take the id as soon as its line is there: neither may have an id without having had the whole data.
func TestACutEventMovesNoCursor(t *testing.T) {
	t.Parallel()
	whole := string(sse.AppendNumbered(sse.Append(nil, "head", []byte(`{"head":41}`), ""), "message.created", []byte(`{"number":42}`), "e1", 42))
	want := "data: {\"head\":41}\nevent: head\n\ndata: {\"number\":42}\nevent: message.created\nid: e1.42\n\n"
	if whole != want {
		t.Fatalf("written:\n%s\nwant:\n%s", whole, want)
	}
	for end := range whole {
		lines := strings.SplitAfter(whole[:end], "\n")
		data, id := "", ""
		for _, line := range lines {
			line, complete := strings.CutSuffix(line, "\n")
			if !complete {
				continue
			}
			if v, ok := strings.CutPrefix(line, "data: "); ok {
				data = v
			}
			if v, ok := strings.CutPrefix(line, "id: "); ok {
				id = v
			}
		}
		if id != "" && data != `{"number":42}` {
			t.Errorf("cut after %d bytes: the id %q came before its data", end, id)
		}
	}
	if got := string(sse.Append(nil, "x", []byte("d"), "e1.7")); got != "data: d\nevent: x\nid: e1.7\n\n" {
		t.Errorf("with a given id: %q", got)
	}
}
