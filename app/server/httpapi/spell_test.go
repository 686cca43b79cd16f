package httpapi

import (
	"bytes"
	"encoding/json"
	"testing"

	"recado/app/wire"
)

// FuzzMessagesAreSpelledAsJSON: what is written without reflection is what the types say, to the byte.
func FuzzMessagesAreSpelledAsJSON(f *testing.F) {
	for _, body := range []string{"", "plain", "¿Cuándo llega? 🚚", "a\nb \"c\" \\ <b> & ' \t\x00\x7f", "\u2028 and \u2029", "\xff broken \xc3", "\u00a0\ufffd"} {
		f.Add(body, "key", int64(7), true)
		f.Add("body", body, int64(-62135596800001), false)
	}
	f.Fuzz(func(t *testing.T, body, other string, n int64, full bool) {
		m := wire.Message{ID: other, Conversation: body, Number: n, Body: body, Version: n, CreatedAt: wire.Millis(n % 1e14), Quote: other}
		if full {
			m.Author, m.Key, m.Truncated = other, other, true
			m.Files, m.Mentions = []wire.File{{ID: other, Name: body, Size: n}}, []string{other}
			m.Mail = &wire.MailMark{Verified: n%3 == 0, Others: []wire.MailAddress{{Name: body, Email: other}}}
			m.EditedAt, m.DeletedAt = wire.MillisOrNil(n%1e14), wire.MillisOrNil(1)
		} else if n%2 == 0 {
			m.Files, m.Mentions = []wire.File{}, []string{}
		}
		form := wire.Entry{Type: other, At: wire.Millis(n % 1e13), Message: &m}
		want, err := json.Marshal(form)
		if err != nil {
			t.Fatal(err)
		}
		if got := restOfMessage(form); !bytes.Equal(got, want[1:]) {
			t.Errorf("spelled\n%s\nwant\n%s", got, want[1:])
		}
	})
}

// BenchmarkMessage spells 200 bytes, as it is done and by reflection.
func BenchmarkMessage(b *testing.B) {
	form := wire.Entry{Type: "message.created", At: wire.Millis(1), Message: &wire.Message{ID: "01901234-0000-7000-8000-000000000000",
		Conversation: "01901234-0000-7000-8000-000000000001", Author: "01901234-0000-7000-8000-000000000002", Number: 1, Version: 1,
		Body: string(bytes.Repeat([]byte("word "), 40)), Files: []wire.File{}, Mentions: []string{}, CreatedAt: wire.Millis(1)}}
	b.Run("spelled", func(b *testing.B) {
		for b.Loop() {
			restOfMessage(form)
		}
	})
	b.Run("reflection", func(b *testing.B) {
		for b.Loop() {
			rest(form)
		}
	})
}
