package mailid_test

import (
	"strings"
	"testing"

	"recado/app/kit/mailid"
)

func TestATokenFitsIntoAnAddressAndComesBack(t *testing.T) {
	t.Parallel()
	token := mailid.NewToken()
	if token == mailid.NewToken() || strings.ToLower(token) != token || len(token)*5 < 128 {
		t.Fatalf("token %q is not 128 random bits in lower case", token)
	}
	address := mailid.ReplyAddress(token, "example.com")
	if local, _, _ := strings.Cut(address, "@"); len(local) > 64 {
		t.Fatalf("local part %q is longer than 64 bytes", local)
	}
	for _, a := range []string{address, strings.ToUpper(address), " <" + address + "> ", "reply+" + token + "@in.example.com",
		token + "@reply.example.com"} {
		if got, ok := mailid.ParseReplyAddress(a, "Example.com"); !ok || got != token {
			t.Errorf("ParseReplyAddress(%q) = %q, %v", a, got, ok)
		}
	}
	if got, ok := mailid.ParseBounceAddress(mailid.BounceAddress(token, "example.com"), "example.com"); !ok || got != token {
		t.Errorf("bounce address gives %q, %v", got, ok)
	}
	if mailid.TokenHash(token) != mailid.TokenHash(strings.ToUpper(token)) || strings.Contains(mailid.TokenHash(token), token) {
		t.Error("the hash depends on case, or shows the token")
	}
}

func TestOtherAddressesHaveNoToken(t *testing.T) {
	t.Parallel()
	token := mailid.NewToken()
	for _, a := range []string{"", "@", "reply@example.com", "reply+@example.com", "reply+" + token, "reply+" + token + "@evil.com",
		"reply+" + token + "@notexample.com", "reply+" + token[1:] + "@example.com", "reply+" + token + "a@example.com",
		"bounce+" + token + "@example.com", token + "@example.com", "reply+" + token + "@example.com@evil.com",
		"reply+" + token[:31] + "1@example.com"} {
		if got, ok := mailid.ParseReplyAddress(a, "example.com"); ok {
			t.Errorf("ParseReplyAddress(%q) = %q", a, got)
		}
	}
	if _, ok := mailid.ParseReplyAddress("reply+"+token+"@", ""); ok {
		t.Error("an empty domain takes any address")
	}
}

func TestOnlyOurOwnMessageIDsAreOurs(t *testing.T) {
	t.Parallel()
	key := []byte("0123456789abcdef0123456789abcdef")
	id := mailid.MessageID(key, "0198-a", "0198-b", "example.com")
	if id != mailid.MessageID(key, "0198-a", "0198-b", "example.com") {
		t.Fatal("a second try has another Message-ID")
	}
	if m, r, ok := mailid.VerifyMessageID(key, id, "example.com"); !ok || m != "0198-a" || r != "0198-b" {
		t.Fatalf("our own %s gives %q %q %v", id, m, r, ok)
	}
	for name, forged := range map[string]string{
		"other message":   strings.Replace(id, "0198-a", "0198-c", 1),
		"other recipient": strings.Replace(id, "0198-b", "0198-a", 1),
		"moved border":    strings.Replace(id, "0198-a.0198-b", "0198-a0.198-b", 1),
		"other domain":    strings.Replace(id, "example.com", "evil.com", 1),
		"no mac":          "<m.0198-a.0198-b.@example.com>",
		"three parts":     "<m.0198-a.0198-b@example.com>",
		"nothing":         "",
	} {
		if _, _, ok := mailid.VerifyMessageID(key, forged, "example.com"); ok {
			t.Errorf("%s: %s is taken for ours", name, forged)
		}
	}
	if _, _, ok := mailid.VerifyMessageID([]byte("another key"), id, "example.com"); ok {
		t.Error("another key verifies")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("reply+"+mailid.NewToken()+"@example.com", "<m.a.b.c@example.com>")
	f.Fuzz(func(t *testing.T, address, id string) {
		if token, ok := mailid.ParseReplyAddress(address, "example.com"); ok {
			again, ok := mailid.ParseReplyAddress(mailid.ReplyAddress(token, "example.com"), "example.com")
			if !ok || again != token {
				t.Fatalf("%q gives %q, which does not come back", address, token)
			}
		}
		if _, _, ok := mailid.VerifyMessageID([]byte("key nobody knows"), id, "example.com"); ok {
			t.Fatalf("%q is taken for ours", id)
		}
	})
}
