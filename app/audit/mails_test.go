package audit

import (
	"slices"
	"strings"
	"testing"

	"recado/app/kit/pgtest"
)

func TestTextsOfMails(t *testing.T) {
	t.Parallel()
	texts, err := Texts("testdata/mails")
	if err != nil {
		t.Fatal(err)
	}
	// In the order of the files' names.
	want := []Text{
		{"メッセオ", "こんにちは\r\n"},
		{"Señal de prueba", "Mañana no hay niños en la altura.\r\n"},
		{"Two parts", "Привет, мир!"},
		{"emoji", "👩\u200d👩\u200d👧\u200d👦 𝄞 שלום \u200fمرحبا e\u0301\n> quoted\n-- \nsignature\n"},
		{"", "no header at all, only words\nété <script> & \"quotes\" <@nobody|Nobody>\n"},
	}
	if !slices.Equal(texts, want) {
		t.Errorf("got %q, want %q", texts, want)
	}
}

// TestMails also posts a text that is too large for the feed, and so has to be fetched by everybody.
func TestMails(t *testing.T) {
	t.Parallel()
	texts, err := Texts("testdata/mails")
	if err != nil {
		t.Fatal(err)
	}
	texts = append(texts, Text{"large", strings.Repeat("ñ☀𝄞\n", bodyMost/4)})
	binary := built(t)
	for name, database := range map[string]string{"SQLite": "", "PostgreSQL": pgtest.URL(t)} {
		t.Run(name, func(t *testing.T) {
			p := &Program{Binary: binary, Data: t.TempDir(), Database: database}
			err := Mails{Program: p, Texts: texts, People: 4, Conversations: 7, Messages: 60, Log: t.Output()}.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
