package desktop

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/zalando/go-keyring"

	"recado/app/desktop/bind"
)

const keyringService = "Recado"

// secrets keeps the session token in the system's keyring, or where there is none in a file of the profile that only
// its owner can read. It is read once: the keyring may ask the person to unlock it.
type secrets struct {
	file    string
	account string

	mu      sync.Mutex
	token   string
	keyring bool
}

var _ bind.Secrets = (*secrets)(nil)

// openSecrets finds out where secrets can lie. The account is made of the profile's folder: two with the same name
// under different folders must not share a token.
func openSecrets(dir string) *secrets {
	sum := sha256.Sum256([]byte(dir))
	s := &secrets{file: filepath.Join(dir, "token"), account: "session-" + hex.EncodeToString(sum[:8])}
	token, err := keyring.Get(keyringService, s.account)
	s.keyring = err == nil || errors.Is(err, keyring.ErrNotFound)
	s.token = token
	if s.token == "" {
		if content, err := os.ReadFile(s.file); err == nil {
			s.token = strings.TrimSpace(string(content))
		}
	}
	return s
}

// Token implements bind.Secrets.
func (s *secrets) Token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

// SetToken implements bind.Secrets. A keyring that stopped answering is replaced by the file.
func (s *secrets) SetToken(token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
	if token == "" {
		return s.forget()
	}
	if s.keyring && keyring.Set(keyringService, s.account, token) == nil {
		return remove(s.file)
	}
	s.keyring = false
	return writeAtomically(s.file, []byte(token+"\n"))
}

func (s *secrets) forget() error {
	if s.keyring {
		if err := keyring.Delete(keyringService, s.account); err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return err
		}
	}
	return remove(s.file)
}

// Kind implements bind.Secrets.
func (s *secrets) Kind() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keyring {
		return "keyring"
	}
	return "file"
}

func remove(file string) error {
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
