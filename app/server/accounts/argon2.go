package accounts

import (
	"runtime"

	"github.com/alexedwards/argon2id"
)

// Argon2 hashes passwords with argon2id (RFC 9106) at the strength OWASP's password storage cheat sheet asks for:
// 19 MiB, two passes. No more run at once than there are cores, so that a flood of sign-ins can't take the memory.
type Argon2 struct{ slots chan struct{} }

var _ Passwords = (*Argon2)(nil)

// NewArgon2 makes one for the whole process.
func NewArgon2() *Argon2 { return &Argon2{make(chan struct{}, runtime.NumCPU())} }

var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Hash gives the encoded hash with its salt and strength.
func (a *Argon2) Hash(password string) (string, error) {
	a.slots <- struct{}{}
	defer func() { <-a.slots }()
	return argon2id.CreateHash(password, params)
}

// Compare takes the same time for a wrong password as for a right one.
func (a *Argon2) Compare(password, hash string) (bool, error) {
	a.slots <- struct{}{}
	defer func() { <-a.slots }()
	return argon2id.ComparePasswordAndHash(password, hash)
}
