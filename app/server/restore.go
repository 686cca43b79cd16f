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
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"recado/app/kit/disk"
	"recado/app/kit/filelock"
	"recado/app/kit/sqldb"
	"recado/app/server/filestore"
	"recado/app/server/store"
)

var errNoBackup = errors.New("this file is not a whole backup of Recado")

// Restore puts a backup in the place of the data, with a new epoch, so that every client starts over. The server must
// not run (ErrInUse), nor any command on the data (ErrBusy). What was there before is moved into a folder of its own,
// which is given; it is empty where there was nothing. Before anything is moved the backup is unpacked and checked; a bad
// one changes nothing. A restore that is cut off is finished or undone by whoever opens the data next.
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
	release, err := c.takeAlone()
	if err != nil {
		return "", err
	}
	defer release()
	if err := errors.Join(c.settleLeft(), tidy(c.Data), removeLeft(c.Data, schemaPrefix, true)); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(c.Data, freshPrefix)
	if err != nil {
		return "", err
	}
	defer func() {
		if standing, e := exists(filepath.Join(c.Data, planFile)); e == nil && !standing {
			os.RemoveAll(fresh)
		}
	}()
	if err := unpack(f, fresh); err != nil {
		return "", err
	}
	if err := renew(ctx, fresh); err != nil {
		return "", err
	}
	if err := syncTree(fresh); err != nil {
		return "", err
	}
	return swapper{c.Data, c.step}.swap(fresh)
}

// takeAlone keeps every server and command from the data.
func (c Config) takeAlone() (release func(), err error) {
	server, err := filelock.Take(filepath.Join(c.Data, lockFile))
	if errors.Is(err, filelock.ErrHeld) {
		return nil, fmt.Errorf("%w (%s)", ErrInUse, c.Data)
	}
	if err != nil {
		return nil, err
	}
	use, err := filelock.Take(filepath.Join(c.Data, useFile))
	if err != nil {
		server.Release()
		if errors.Is(err, filelock.ErrHeld) {
			return nil, fmt.Errorf("%w (%s)", ErrBusy, c.Data)
		}
		return nil, err
	}
	return func() {
		use.Release()
		server.Release()
	}, nil
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
			return unreadable(err)
		}
		if h.Typeflag == tar.TypeReg && h.Name == manifestName {
			return verify(in, got)
		}
		if h.Typeflag != tar.TypeReg || !isPart(h.Name) {
			return fmt.Errorf("%w: it holds %.100q, which no backup has", errNoBackup, h.Name)
		}
		if _, twice := got[h.Name]; twice {
			return fmt.Errorf("%w: it holds %s twice", errNoBackup, h.Name)
		}
		if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(h.Name)), 0o700); err != nil {
			return err
		}
		part, err := unpackPart(root, h.Name, in)
		if err != nil {
			return unreadable(err)
		}
		got[h.Name] = part
	}
}

// unreadable says what an end in the wrong place, or no tar file at all, means.
func unreadable(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ends too early; was it cut off, or copied in part?", errNoBackup)
	case errors.Is(err, tar.ErrHeader):
		return fmt.Errorf("%w: it is no tar file, or was changed", errNoBackup)
	}
	return fmt.Errorf("unpack the backup: %w", err)
}

// isPart tells the names that a backup may hold.
func isPart(name string) bool {
	id, ok := strings.CutPrefix(name, filesFolder+"/")
	if !ok {
		return name == databaseFile
	}
	place := filestore.Place(path.Base(id))
	return place != "" && place == id
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
	wanted := map[string]bool{}
	for _, want := range m.Parts {
		part, ok := got[want.Name]
		if !ok {
			return fmt.Errorf("%w: %.100q is missing", errNoBackup, want.Name)
		}
		if part != want {
			return fmt.Errorf("%w: %s is not what was saved", errNoBackup, want.Name)
		}
		wanted[want.Name] = true
	}
	for name := range got {
		if !wanted[name] {
			return fmt.Errorf("%w: %s is not in its manifest", errNoBackup, name)
		}
	}
	if !wanted[databaseFile] {
		return fmt.Errorf("%w: it holds no database", errNoBackup)
	}
	return nil
}

// renew asserts that this program can work with the database, and gives its feeds a new epoch.
func renew(ctx context.Context, dir string) error {
	db, err := sqldb.OpenSQLite(filepath.Join(dir, databaseFile))
	if errors.Is(err, sqldb.ErrDamaged) {
		return fmt.Errorf("%w: its database is damaged", errNoBackup)
	}
	if err != nil {
		return err
	}
	defer db.Close()
	has, wants, err := store.Versions(ctx, db)
	if err != nil {
		return fmt.Errorf("%w: its database is none of Recado's", errNoBackup)
	}
	if has == 0 {
		return fmt.Errorf("%w: its database is empty", errNoBackup)
	}
	if has > wants {
		return fmt.Errorf("%w (its schema is %d, this program knows %d): update Recado", store.ErrNewer, has, wants)
	}
	err = store.New(db, func() int64 { return time.Now().UnixMilli() }).NewEpoch(ctx, newID())
	if errors.Is(err, sqldb.ErrFull) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: its database can't be used (%w)", errNoBackup, err)
	}
	return db.Close()
}

// syncTree makes a folder durable with all that is in it, so that it may take the place of what is.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return disk.SyncFolder(path)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}
