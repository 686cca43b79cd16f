package server

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"recado/app/kit/filelock"
	"recado/app/kit/sqldb"
	"recado/app/server/store"
)

var errNoBackup = errors.New("this file is not a whole backup of Recado")

// Restore puts a backup in the place of the data, with a new epoch, so that every client starts over. The server must
// not run. What was there before is moved into a folder of its own, which is given; it is empty where there was nothing.
// Before anything is moved the backup is unpacked and checked; a bad one changes nothing.
func Restore(ctx context.Context, c Config, file string) (before string, err error) {
	if c.Database != "" {
		return "", errPostgresBackup
	}
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return "", err
	}
	lock, err := filelock.Take(filepath.Join(c.Data, lockFile))
	if errors.Is(err, filelock.ErrHeld) {
		return "", fmt.Errorf("%w (%s)", ErrInUse, c.Data)
	}
	if err != nil {
		return "", err
	}
	defer lock.Release()
	fresh, err := os.MkdirTemp(c.Data, "restore-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)
	if err := unpack(f, fresh); err != nil {
		return "", err
	}
	if err := renew(ctx, fresh); err != nil {
		return "", err
	}
	return swap(c.Data, fresh)
}

// unpack writes the parts into dir, and asserts that they are those of the manifest.
func unpack(r io.Reader, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	got := map[string]manifestPart{}
	for in := tar.NewReader(r); ; {
		h, err := in.Next()
		if err != nil {
			return fmt.Errorf("%w: %w", errNoBackup, err)
		}
		if h.Name == manifestName {
			return verify(in, got)
		}
		if h.Typeflag != tar.TypeReg {
			return fmt.Errorf("%w: it holds something that is no file", errNoBackup)
		}
		if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(h.Name)), 0o700); err != nil {
			return err
		}
		part, err := unpackPart(root, h.Name, in)
		if err != nil {
			return err
		}
		got[h.Name] = part
	}
}

func unpackPart(root *os.Root, name string, in io.Reader) (p manifestPart, err error) {
	out, err := root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return p, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, sum), in)
	return manifestPart{name, n, hex.EncodeToString(sum.Sum(nil))}, errors.Join(err, out.Sync(), out.Close())
}

func verify(in io.Reader, got map[string]manifestPart) error {
	var m manifest
	if err := json.NewDecoder(in).Decode(&m); err != nil {
		return fmt.Errorf("%w: its manifest can't be read", errNoBackup)
	}
	if m.Format != backupFormat {
		return fmt.Errorf("%w: it has format %d, this program knows %d", errNoBackup, m.Format, backupFormat)
	}
	if len(m.Parts) != len(got) {
		return fmt.Errorf("%w: %d parts are missing", errNoBackup, len(m.Parts)-len(got))
	}
	for _, want := range m.Parts {
		if got[want.Name] != want {
			return fmt.Errorf("%w: %s is not what was saved", errNoBackup, want.Name)
		}
	}
	if _, ok := got[databaseFile]; !ok {
		return fmt.Errorf("%w: it holds no database", errNoBackup)
	}
	return nil
}

// renew asserts that this program can work with the database, and gives its feeds a new epoch.
func renew(ctx context.Context, dir string) error {
	db, err := sqldb.OpenSQLite(filepath.Join(dir, databaseFile))
	if err != nil {
		return err
	}
	defer db.Close()
	has, wants, err := store.Versions(ctx, db)
	if err != nil {
		return err
	}
	if has > wants {
		return fmt.Errorf("%w (its schema is %d, this program knows %d): update Recado", store.ErrNewer, has, wants)
	}
	return store.New(db, func() int64 { return time.Now().UnixMilli() }).NewEpoch(ctx, newID())
}

// swap moves what is there aside and the fresh data in.
func swap(data, fresh string) (before string, err error) {
	aside := filepath.Join(data, "before-restore-"+time.Now().UTC().Format("20060102T150405.000"))
	for _, name := range []string{databaseFile, databaseFile + "-wal", databaseFile + "-shm", "files"} {
		from := filepath.Join(data, name)
		if _, err := os.Lstat(from); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := os.MkdirAll(aside, 0o700); err != nil {
			return "", err
		}
		if err := os.Rename(from, filepath.Join(aside, name)); err != nil {
			return "", fmt.Errorf("move the old data aside: %w", err)
		}
		before = aside
	}
	for _, name := range []string{"files", databaseFile} { // the database last: without it there is no data yet
		from := filepath.Join(fresh, name)
		if _, err := os.Lstat(from); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := os.Rename(from, filepath.Join(data, name)); err != nil {
			return before, fmt.Errorf("put the backup in place (the data of before is in %s): %w", before, err)
		}
	}
	return before, nil
}
