package mailin

import (
	"strings"
	"testing"

	"recado/app/kit/mailid"
)

var acme = Ours{Team: "Support@Acme.example", Domain: "acme.example", ReplyDomain: "reply.acme.example", AuthServers: []string{"mx.google.com", "mx.acme.example"}}

func TestTakesOwnAddressesOnly(t *testing.T) {
	t.Parallel()
	token := mailid.NewToken()
	for address, want := range map[string]bool{
		"support@acme.example": true, "SUPPORT@ACME.EXAMPLE": true, "support+sales@acme.example": true, "<support@acme.example>": true,
		"reply+" + token + "@reply.acme.example": true, "bounce+" + token + "@reply.acme.example": true,
		"reply+" + token + "@any.reply.acme.example": true, "reply+" + token + "@acme.example": false,
		"reply+x@reply.acme.example": false, "supporter@acme.example": false, "support@acme.example.evil": false,
		"support@evil@acme.example": false, "": false, "@": false, "support": false, "postmaster@acme.example": false,
	} {
		if got := acme.Takes(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func FuzzTakes(f *testing.F) {
	f.Add("reply+" + mailid.NewToken() + "@reply.acme.example")
	f.Add("support@acme.example")
	f.Add("\"a@b\"@c")
	f.Fuzz(func(t *testing.T, address string) {
		if acme.Takes(address) && !strings.Contains(strings.ToLower(address), "acme.example") {
			t.Errorf("%q is none of ours", address)
		}
		if token, ok := acme.answerToken([]string{address}); ok && len(token) != 32 {
			t.Errorf("%q has the token %q", address, token)
		}
	})
}

func TestMailboxes(t *testing.T) {
	t.Parallel()
	m, err := ParseMailbox("imaps://me%40acme.example:p%3Aw@mail.acme.example/Team/In")
	if err != nil || m.Address != "mail.acme.example:993" || m.User != "me@acme.example" || m.Password != "p:w" || m.Folder != "Team/In" || m.Plain {
		t.Errorf("%+v, %v", m, err)
	}
	if strings.Contains(m.Name(), m.Password) {
		t.Error("the name tells the password")
	}
	if m, err = ParseMailbox("imap://me:pw@localhost:11143"); err != nil || m.Address != "localhost:11143" || m.Folder != "INBOX" || !m.Plain {
		t.Errorf("%+v, %v", m, err)
	}
	for _, bad := range []string{"", "imaps://host/INBOX", "http://a:b@host", "imap://me:topsecret@mail.example/INBOX", "imap://me:topsecret@127.0.0.1.evil.example", "imaps://me:topsecret@%zz"} {
		if _, err := ParseMailbox(bad); err == nil || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestFindingsOfOwnServersOnly(t *testing.T) {
	t.Parallel()
	s := New(Config{Ours: acme})
	for field, want := range map[string]struct {
		p  proof
		ok bool
	}{
		"mx.google.com; dmarc=pass header.from=shop.example":                                  {proven, true},
		"MX.GOOGLE.COM; dmarc=fail header.from=shop.example; dkim=pass header.d=shop.example": {disproven, true},
		"mx.evil.example; dmarc=pass header.from=shop.example":                                {unproven, false},
		"mx.acme.example; dkim=pass header.d=mail.shop.example":                               {proven, true},
		"mx.acme.example; dkim=pass header.d=evil.example":                                    {unproven, true},
		"mx.acme.example; dmarc=pass header.from=evil.example":                                {unproven, false},
		"acme.example; dmarc=pass header.from=shop.example":                                   {unproven, false}, // ours, and no server's name
		"acme.example; dmarc=fail header.from=shop.example":                                   {disproven, true}, // but nobody forges that
		"reply.acme.example; dkim=pass header.d=shop.example":                                 {unproven, false},
		"mx.acme.example; spf=pass smtp.mailfrom=bounce@shop.example":                         {proven, true},
		"mx.acme.example; spf=pass smtp.mailfrom=bounce@other.example":                        {unproven, true},
		"mx.acme.example; none":                                                               {unproven, false},
		"":                                                                                    {unproven, false},
	} {
		if p, ok := s.found(field, "shop.example"); p != want.p || ok != want.ok {
			t.Errorf("%q: %v %v", field, p, ok)
		}
	}
}

func TestAlignment(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"shop.example", "shop.example"}: true, {"mail.shop.example", "Shop.example."}: true, {"shop.co.uk", "other.co.uk"}: false,
		{"co.uk", "shop.co.uk"}: false, {"", ""}: false, {"evilshop.example", "shop.example"}: false,
	} {
		if got := aligned(pair[0], pair[1]); got != want {
			t.Errorf("%v: %v", pair, got)
		}
	}
}

// TestASenderIsKnownOnArrival: however the header comes in pieces, and whatever follows it.
func TestASenderIsKnownOnArrival(t *testing.T) {
	t.Parallel()
	for mail, want := range map[string]string{
		"From: Kim <KIM@Shop.example>\r\nSubject: x\r\n\r\nFrom: other@shop.example\r\n": "kim@shop.example",
		"From: kim@shop.example\n\nbody":                                                 "kim@shop.example",
		"From: kim@shop.example, lee@shop.example\r\n\r\nbody":                           "",
		"no header at all": "",
		"From: kim@shop.example\r\nX: " + strings.Repeat("y", 1<<20): "kim@shop.example",
	} {
		for _, piece := range []int{1, 7, len(mail)} {
			var h headerOf
			for rest := mail; rest != ""; {
				n := min(piece, len(rest))
				h.Write([]byte(rest[:n]))
				rest = rest[n:]
			}
			if got := h.sender(); got != want {
				t.Errorf("%.60q in pieces of %d: %q", mail, piece, got)
			}
			if most := 257 << 10; len(h.kept) > most {
				t.Errorf("%d bytes kept", len(h.kept))
			}
		}
	}
}
