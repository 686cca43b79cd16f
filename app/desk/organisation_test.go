package desk

import "testing"

func TestOrganisationOf(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]string{
		"marta@acme.example": "acme.example", "Marta@ACME.Example": "acme.example", "a@mail.acme.example": "mail.acme.example",
		"a@gmail.com": "", "a@Yahoo.co.uk": "", "a@web.de": "", "a@t-online.de": "", "a@gmx.net": "", "a@live.com.ar": "",
		"a@yahoo.acme.example": "yahoo.acme.example", "a@localhost": "", "": "", "nobody": "", "a@b..example": "", "a@acme.example.": "acme.example",
	} {
		if got := OrganisationOf(email); got != want {
			t.Errorf("OrganisationOf(%q) = %q, want %q", email, got, want)
		}
	}
}
