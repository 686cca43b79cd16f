package desktop

import (
	"testing"

	"recado/app/desktop/bind"
)

const someID = "0193597c-0d4b-7a5e-9c3e-0123456789ab"

func TestParseLink(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]bind.Target{
		"recado://conversation/" + someID:                                 {Conversation: someID},
		"recado://conversation/" + someID + "/":                           {Conversation: someID},
		"recado://conversation/" + someID + "/message/7":                  {Conversation: someID, Number: 7},
		"recado://message/" + someID:                                      {Message: someID},
		"recado://conversation/" + someID + "/message/999999999999999999": {Conversation: someID, Number: 999999999999999999},
	} {
		if got, err := parseLink(link); err != nil || got != want {
			t.Errorf("%s: %+v, %v", link, got, err)
		}
	}
}

func FuzzParseLink(f *testing.F) {
	for _, hostile := range []string{
		"", "recado:", "recado://", "recado://conversation/", "recado://conversation/../../etc/passwd",
		"recado://conversation/" + someID + "?server=https://evil.example", "recado://conversation/" + someID + "#x",
		"recado://user:pass@conversation/" + someID, "recado://conversation:80/" + someID,
		"recado://conversation/" + someID + "/message/-1", "recado://conversation/" + someID + "/message/0",
		"recado://conversation/" + someID + "/message/9999999999999999999", "recado://conversation/" + someID + "\n--profile=x",
		"recado://invite/abc", "recado://conversation/<img src=x>", "javascript:alert(1)", "https://example.com",
		"RECADO://conversation/" + someID, "recado://conversation/%30193597c-0d4b-7a5e-9c3e-0123456789ab",
	} {
		f.Add(hostile)
	}
	f.Fuzz(func(t *testing.T, link string) {
		got, err := parseLink(link)
		if err != nil {
			if got != (bind.Target{}) {
				t.Errorf("%q is refused and gives %+v", link, got)
			}
			return
		}
		id := got.Conversation + got.Message
		if len(id) != 36 || got.Number < 0 || got.Write || got.View != "" {
			t.Errorf("%q gives %+v", link, got)
		}
	})
}

func TestHostileLinksAreRefused(t *testing.T) {
	t.Parallel()
	for _, link := range []string{"recado://conversation/" + someID + "?server=https://evil.example", "recado://conversation/../x",
		"recado://conversation/" + someID + "/message/0", "recado://conversation/" + someID + "\n", "recado://invite/" + someID, "recado:" + someID} {
		if got, err := parseLink(link); err == nil {
			t.Errorf("%q gives %+v", link, got)
		}
	}
}
