package mailid

import "testing"

func TestALinkIsForOneFileAndOneMoment(t *testing.T) {
	t.Parallel()
	key := []byte("0123456789abcdef0123456789abcdef")
	s := SignFile(key, "a", 10)
	if !VerifyFile(key, "a", 10, s) {
		t.Error("its own signature is refused")
	}
	for name, ok := range map[string]bool{
		"another file": VerifyFile(key, "b", 10, s), "another moment": VerifyFile(key, "a", 11, s), "another key": VerifyFile(key[1:], "a", 10, s),
		"no key": VerifyFile(nil, "a", 10, SignFile(nil, "a", 10)), "no signature": VerifyFile(key, "a", 10, ""), "cut": VerifyFile(key, "a", 10, s[:31]),
		"a name that runs over": VerifyFile(key, "a\x0010", 1, s),
	} {
		if ok {
			t.Errorf("%s is taken", name)
		}
	}
}
