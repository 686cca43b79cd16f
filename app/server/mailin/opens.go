package mailin

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"recado/app/desk"
)

// Address is one that customers write to, and what their first mail to it opens.
type Address struct {
	Address string
	Opens   desk.Opens
}

var errNotOurs = desk.Invalid("address", "this is none of the team's addresses: it is the one of --mail-from, or that with a tag, as in support+sales@example.com")

// Addresses lists the team's address, and those with a tag of which something was said, for users. None where the
// server has no address for mail.
func (s *Service) Addresses(ctx context.Context, viewer desk.Person) ([]Address, error) {
	if viewer.Kind != desk.User {
		return nil, desk.ErrNotFound
	}
	team, ok := plain(s.Ours.Team)
	if !ok {
		return nil, nil
	}
	said, err := s.Store.Openings(ctx)
	if err != nil {
		return nil, err
	}
	list := []Address{{team, cmp.Or(said[team], desk.OpensConversation)}}
	for _, address := range slices.Sorted(maps.Keys(said)) {
		if address != team && s.Ours.isTeam(address) {
			list = append(list, Address{address, said[address]})
		}
	}
	return list, nil
}

// SetAddress says, by an admin, what mails to an address of the team's open: from then on, those that answer nothing.
func (s *Service) SetAddress(ctx context.Context, actor desk.Person, a Address) (Address, error) {
	if !actor.MayManage() {
		return a, desk.ErrForbidden
	}
	address, ok := plain(a.Address)
	if !ok || !s.Ours.isTeam(address) || len(address) > maxAddress {
		return a, errNotOurs
	}
	if e := a.Opens.Check("body.opens"); e != nil {
		return a, e
	}
	a.Address = address
	return a, s.Store.PutOpening(ctx, address, a.Opens)
}

// ForgetAddress lets mails to an address with a tag open what those to the team's own do, by an admin; desk.ErrNotFound
// where nothing was said of it.
func (s *Service) ForgetAddress(ctx context.Context, actor desk.Person, address string) error {
	if !actor.MayManage() {
		return desk.ErrForbidden
	}
	said, err := s.Store.Openings(ctx)
	if err != nil {
		return err
	}
	address, _ = plain(address)
	if said[address] == "" {
		return desk.ErrNotFound
	}
	return s.Store.PutOpening(ctx, address, "")
}

// maxAddress is how long an address may be, in bytes (RFC 5321, 4.5.3.1).
const maxAddress = 320

func plain(address string) (string, bool) {
	local, host, ok := splitAddress(address)
	return local + "@" + host, ok
}

// opens tells what a mail that came to some addresses, the surest first, opens: what was said of the first of them, and
// otherwise what was said of the team's own.
func (s *Service) opens(ctx context.Context, to []string) (desk.Opens, error) {
	said, err := s.Store.Openings(ctx)
	if err != nil {
		return "", err
	}
	for _, t := range to {
		if address, ok := plain(t); ok && s.Ours.isTeam(address) && said[address] != "" {
			return said[address], nil
		}
	}
	team, _ := plain(s.Ours.Team)
	return cmp.Or(said[team], desk.OpensConversation), nil
}
