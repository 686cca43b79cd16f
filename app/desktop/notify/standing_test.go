package notify

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"recado/app/client"
)

// live lets a burst of messages come in and be shown.
func live(b *Bubbler, messages ...client.MessageArrived) {
	for _, m := range messages {
		b.Arrived(m)
	}
	time.Sleep(LiveWait)
	synctest.Wait()
}

func TestABubbleCountsOnAndIsWithdrawn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _, s := newTest()
		live(b, message("c", 1, "one"))
		live(b, message("c", 2, "two"), message("d", 1, "other"))
		if len(s.bubbles) != 3 || s.bubbles[1].Title != "Luis Marín · 2 new messages" || s.bubbles[1].Text != "two" || s.bubbles[2].Key != "d" {
			t.Fatalf("shown %+v", s.bubbles)
		}
		if !s.bubbles[1].Sound || s.bubbles[2].Sound {
			t.Error("two bubbles at once make one sound")
		}
		b.Seen("c", 1)
		synctest.Wait()
		if len(s.withdrawn) != 0 {
			t.Errorf("withdrawn %q with a message unseen", s.withdrawn)
		}
		b.Seen("c", 2)
		synctest.Wait()
		if !slices.Equal(s.withdrawn, []string{"c"}) {
			t.Errorf("withdrawn %q", s.withdrawn)
		}
		live(b, message("c", 3, "three"))
		if last := s.bubbles[len(s.bubbles)-1]; last.Title != "Luis Marín" {
			t.Errorf("after it was seen it goes on counting: %+v", last)
		}
		b.Close()
		if len(s.withdrawn) != 3 {
			t.Errorf("at the end withdrawn %q", s.withdrawn)
		}
	})
}

func TestManyConversationsAreSummedUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, d, s := newTest()
		for i := range 5 {
			b.Arrived(message(fmt.Sprint("c", i), 1, "text"))
		}
		time.Sleep(LiveWait)
		synctest.Wait()
		if len(s.bubbles) != 1 || s.bubbles[0].Key != Summary || s.bubbles[0].Seen != "" {
			t.Fatalf("shown %+v", s.bubbles)
		}
		for i := range 4 {
			b.Seen(fmt.Sprint("c", i), 1)
		}
		synctest.Wait()
		if len(s.withdrawn) != 0 {
			t.Errorf("withdrawn %q with a conversation unseen", s.withdrawn)
		}
		d.mu.Lock()
		d.seen["c4"] = 1
		d.mu.Unlock()
		b.Recheck()
		synctest.Wait()
		if !slices.Equal(s.withdrawn, []string{Summary}) {
			t.Errorf("withdrawn %q", s.withdrawn)
		}
	})
}

func TestOneByOneTheyAreSummedUpToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _, s := newTest()
		for i := range MostApart + 1 {
			live(b, message(fmt.Sprint("c", i), 1, "text"))
		}
		last := s.bubbles[len(s.bubbles)-1]
		if last.Key != Summary || last.Title != "4 new messages" || last.Text != "in 4 conversations" || len(s.withdrawn) != MostApart {
			t.Fatalf("shown %+v, withdrawn %q", last, s.withdrawn)
		}
		live(b, message("c0", 2, "again"))
		if last := s.bubbles[len(s.bubbles)-1]; last.Key != "c0" {
			t.Errorf("after the summary %+v", last)
		}
		b.Close()
	})
}

func TestABubbleSaysWhatTheMessageSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _, s := newTest()
		live(b, message("c", 1, "one"), message("c", 2, "two"))
		edited := message("c", 2, "two, edited").Message
		edited.Version = 2
		b.Changed(edited)
		synctest.Wait()
		if last := s.bubbles[len(s.bubbles)-1]; last.Text != "two, edited" || last.Sound {
			t.Errorf("edited: %+v", last)
		}
		edited.Version, edited.DeletedAt = 3, "2026-11-23T10:00:00.000Z"
		b.Changed(edited)
		synctest.Wait()
		if last := s.bubbles[len(s.bubbles)-1]; last.Text != "one" || last.Title != "Luis Marín" {
			t.Errorf("deleted: %+v", last)
		}
		first := message("c", 1, "").Message
		first.Version, first.DeletedAt = 2, "2026-11-23T10:00:00.000Z"
		b.Changed(first)
		synctest.Wait()
		if !slices.Equal(s.withdrawn, []string{"c"}) {
			t.Errorf("withdrawn %q", s.withdrawn)
		}
	})
}

func TestWhatIsDoneAtABubble(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer Answer
		want   []string
	}{
		{"a click opens it at the first message not seen", Answer{Key: "c", Act: Opened}, []string{"open c 4"}},
		{"marked as seen up to the last", Answer{Key: "c", Act: MarkedSeen}, []string{"seen c 5"}},
		{"answered", Answer{Key: "c", Act: Replied, Text: "yes"}, []string{"seen c 5", "reply c yes"}},
		{"dismissed", Answer{Key: "c", Act: Gone}, nil},
		{"about another", Answer{Key: "d", Act: Opened}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, _, s := newTest()
				live(b, message("c", 4, "one"), message("c", 5, "two"))
				s.tell(c.answer)
				s.tell(c.answer) // some systems tell twice
				if !slices.Equal(s.did, c.want) {
					t.Errorf("did %q, want %q", s.did, c.want)
				}
				b.Close()
			})
		})
	}
}

func TestTheSummaryOpensWhatIsUnseen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _, s := newTest()
		live(b, message("a", 1, ""), message("b", 1, ""), message("c", 1, ""), message("d", 1, ""))
		s.tell(Answer{Key: Summary, Act: Opened})
		if !slices.Equal(s.did, []string{"open  0"}) {
			t.Errorf("did %q", s.did)
		}
	})
}

func TestNotDisturbing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, d, s := newTest()
		s.busy = true
		live(b, message("c", 1, "text"))
		b.Close()
		if len(s.bubbles) != 0 || len(d.recorded) != 1 || d.recorded[0].Reason != string(DoNotDisturb) {
			t.Errorf("shown %+v, recorded %+v", s.bubbles, d.recorded)
		}
	})
}

func TestNoAnswerWhereCustomersRead(t *testing.T) {
	t.Parallel()
	m := message("c", 1, "text")
	m.Conversation.Kind = "customer"
	if b := compose([]client.MessageArrived{m}, true, "en"); b.Reply != "" || b.Seen == "" {
		t.Errorf("%+v", b)
	}
}
