package desk

import (
	"slices"
	"strings"
)

// freeMail are providers at which anybody gets an address, by the first label of their domains, whatever country's:
// such an address says nothing of where its owner works.
var freeMail = []string{"aol", "bluewin", "comcast", "fastmail", "free", "freenet", "gmail", "gmx", "googlemail", "hey", "hotmail",
	"icloud", "inbox", "laposte", "libero", "live", "mac", "mail", "me", "msn", "naver", "orange", "outlook", "pm", "posteo", "proton",
	"protonmail", "qq", "rambler", "rediffmail", "sbcglobal", "seznam", "t-online", "telefonica", "terra", "tutanota", "uol", "verizon",
	"web", "wanadoo", "wp", "yahoo", "yandex", "ymail", "zoho", "126", "163"}

// OrganisationOf gives the organisation an e-mail address belongs to, as far as the address shows: its domain in lower
// case; empty for providers of free addresses and for what is no domain of the Internet.
func OrganisationOf(email string) string {
	_, domain, ok := strings.Cut(Address(email), "@")
	labels := strings.Split(strings.TrimSuffix(domain, "."), ".")
	if !ok || len(labels) < 2 || slices.Contains(labels, "") {
		return ""
	}
	// yahoo.com and yahoo.co.uk are the provider's; mail.acme.example is Acme's own.
	provider := len(labels) == 2 || len(labels) == 3 && len(labels[1]) <= 3
	if provider && slices.Contains(freeMail, labels[0]) {
		return ""
	}
	return strings.Join(labels, ".")
}
