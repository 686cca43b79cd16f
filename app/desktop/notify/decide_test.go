package notify

import (
	"testing"
	"time"

	"recado/app/client"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	base := func() Facts {
		f := Facts{Me: "me", SeenUpTo: 4, Now: time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)}
		f.Settings.Bubbles = "all"
		f.Arrived.Message = client.Message{ID: "m", Conversation: "c", Number: 5, Author: "other", Body: "hello"}
		f.Arrived.Conversation.ID, f.Arrived.Involved = "c", true
		return f
	}
	for _, c := range []struct {
		name   string
		change func(*Facts)
		want   Decision
	}{
		{"a new message", func(*Facts) {}, Decision{true, New}},
		{"one's own", func(f *Facts) { f.Arrived.Message.Author = "me" }, Decision{false, Own}},
		{"deleted meanwhile", func(f *Facts) { f.Arrived.Message.DeletedAt = "2026-11-23T10:00:00.000Z" }, Decision{false, Deleted}},
		{"seen elsewhere on arrival", func(f *Facts) { f.Arrived.Seen = true }, Decision{false, AlreadySeen}},
		{"seen elsewhere since", func(f *Facts) { f.SeenUpTo = 5 }, Decision{false, AlreadySeen}},
		{"looked at on arrival", func(f *Facts) { f.Arrived.Looking = true }, Decision{false, BeingLookedAt}},
		{"looked at since", func(f *Facts) { f.Looking = true }, Decision{false, BeingLookedAt}},
		{"switched off", func(f *Facts) { f.Settings.Bubbles = "none"; f.Arrived.Mentioned = true }, Decision{false, SettingNone}},
		{"muted", func(f *Facts) { f.Arrived.Conversation.Muted = true; f.Arrived.Mentioned = true }, Decision{false, Muted}},
		{"mentions only, none here", func(f *Facts) { f.Settings.Bubbles = "mentions" }, Decision{false, NotMentioned}},
		{"mentions only, one here", func(f *Facts) { f.Settings.Bubbles = "mentions"; f.Arrived.Mentioned = true }, Decision{true, Mentioned}},
		{"colleagues look after it", func(f *Facts) { f.Arrived.Involved = false }, Decision{false, NotInvolved}},
		{"colleagues look after it, mentioned", func(f *Facts) { f.Arrived.Involved, f.Arrived.Mentioned = false, true }, Decision{true, Mentioned}},
		{"a program wrote it", func(f *Facts) { f.Arrived.Message.Mail = &client.MailMark{Automatic: true} }, Decision{false, Automatic}},
		{"a person wrote it, by mail", func(f *Facts) { f.Arrived.Message.Mail = &client.MailMark{} }, Decision{true, New}},
		{"the system is not to disturb", func(f *Facts) { f.Busy = true }, Decision{false, DoNotDisturb}},
		{"paused", func(f *Facts) { f.Paused, f.Arrived.Mentioned = true, true }, Decision{false, Paused}},
		{"quiet over midnight", func(f *Facts) { f.Settings.QuietFrom, f.Settings.QuietTo = "22:00", "07:00" }, Decision{false, QuietHours}},
		{"the minute it ends", func(f *Facts) { f.Settings.QuietFrom, f.Settings.QuietTo = "22:00", "23:30" }, Decision{true, New}},
		{"the minute it begins", func(f *Facts) { f.Settings.QuietFrom, f.Settings.QuietTo = "23:30", "23:31" }, Decision{false, QuietHours}},
		{"quiet hours that can't be read", func(f *Facts) { f.Settings.QuietFrom, f.Settings.QuietTo = "late", "07:00" }, Decision{true, New}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := base()
			c.change(&f)
			if got := Decide(f); got != c.want {
				t.Errorf("Decide = %+v, want %+v", got, c.want)
			}
		})
	}
}
