package server

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"recado/app/kit/disk"
	"recado/app/kit/filelock"
	"recado/app/kit/sqldb"
	"recado/app/server/filestore"
	"recado/app/server/store"
)

// A backup is a tar file: the database, the files it knows, and last a manifest with the size and SHA-256 of each. A
// backup that was cut off has no manifest, and is refused.

const (
	manifestName = "manifest.json"
	backupFormat = 1
)

type manifest struct {
	Format    int            `json:"format"`
	Schema    int64          `json:"schema"`
	CreatedAt time.Time      `json:"createdAt"`
	Parts     []manifestPart `json:"parts"`
}

type manifestPart struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

var errPostgresBackup = errors.New("this command works on SQLite; with PostgreSQL use pg_dump for the database, and copy the folder files beside it")

// Backup writes a consistent copy of database and files to a new file, beside a running server. It answers after the
// file is whole and durable; before that it has another name. What earlier backups to this name left that were killed is
// removed.
func (t *Tools) Backup(ctx context.Context, file string) (err error) {
	if t.DB.Engine() != sqldb.SQLite {
		return errPostgresBackup
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s exists already: choose another name", file)
	}
	lock, err := filelock.Take(filepath.Join(t.Data, backupLock))
	if errors.Is(err, filelock.ErrHeld) {
		return errors.New("another backup of this data is under way: try again when it has ended")
	}
	if err != nil {
		return err
	}
	defer lock.Release()
	if err := errors.Join(removeLeft(filepath.Dir(file), partialPrefix(file), false), removeLeft(t.Data, workPrefix, true)); err != nil {
		return fmt.Errorf("remove what a backup left that was cut off: %w", err)
	}
	partial, err := os.CreateTemp(filepath.Dir(file), partialPrefix(file))
	if err != nil {
		return fmt.Errorf("make the backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(partial.Name())) }()
	err = t.writeBackup(ctx, partial)
	if err == nil {
		err = partial.Sync()
	}
	if err := errors.Join(err, partial.Close()); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	// Link refuses to replace what somebody put there meanwhile; rename would not.
	if err := os.Link(partial.Name(), file); err != nil {
		return fmt.Errorf("name the backup: %w", err)
	}
	return disk.SyncFolder(filepath.Dir(file))
}

// workPrefix begins the name of the folder that a backup copies the database to.
const workPrefix = "backup-"

// partialPrefix begins the name of a backup that is not whole yet; digits follow.
func partialPrefix(file string) string { return filepath.Base(file) + ".partial-" }

// removeLeft removes the temporary files or folders of a prefix. No other backup of this data is under way; one of other
// data to the same name would lose its partial file and fail, as it would at the end.
func removeLeft(dir, prefix string, folders bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if temporary(e.Name(), prefix) && (folders && e.IsDir() || !folders && e.Type().IsRegular()) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

func (t *Tools) writeBackup(ctx context.Context, w io.Writer) error {
	work, err := os.MkdirTemp(t.Data, workPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	copied := filepath.Join(work, databaseFile)
	if err := t.DB.Backup(ctx, copied); err != nil {
		return err
	}
	has, _, err := store.Versions(ctx, t.DB)
	if err != nil {
		return err
	}
	out := &backupWriter{tar: tar.NewWriter(w), manifest: manifest{Format: backupFormat, Schema: has, CreatedAt: time.Now().UTC()}}
	db, err := os.Open(copied)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := out.add(databaseFile, db); err != nil {
		return err
	}
	if err := t.addFiles(ctx, out, copied); err != nil {
		return err
	}
	return out.finish()
}

// addFiles takes the files that the copied database knows: later ones belong to the next backup.
func (t *Tools) addFiles(ctx context.Context, out *backupWriter, copied string) error {
	db, err := sqldb.OpenSQLite(copied)
	if err != nil {
		return err
	}
	defer db.Close()
	var ids []string
	err = db.Read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.Query(`SELECT id FROM files UNION ALL SELECT id FROM mails ORDER BY id`)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			var id string
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	files, err := filestore.Look(filepath.Join(t.Data, filesFolder))
	if err != nil {
		return err
	}
	defer files.Close()
	for _, id := range ids {
		f, err := files.Open(id)
		if errors.Is(err, fs.ErrNotExist) {
			continue // `check` tells of it; a backup of the rest is better than none
		}
		if err != nil {
			return err
		}
		err = out.add(path.Join(filesFolder, filestore.Place(id)), f)
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

type backupWriter struct {
	tar      *tar.Writer
	manifest manifest
}

func (b *backupWriter) add(name string, f *os.File) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if err := b.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: st.Size(), ModTime: st.ModTime()}); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(b.tar, sum), f, st.Size()); err != nil {
		return fmt.Errorf("copy %s: %w", name, err)
	}
	b.manifest.Parts = append(b.manifest.Parts, manifestPart{name, st.Size(), hex.EncodeToString(sum.Sum(nil))})
	return nil
}

func (b *backupWriter) finish() error {
	text, err := json.MarshalIndent(b.manifest, "", " ")
	if err != nil {
		return err
	}
	if err := b.tar.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(text)), ModTime: b.manifest.CreatedAt}); err != nil {
		return err
	}
	if _, err := b.tar.Write(text); err != nil {
		return err
	}
	return b.tar.Close()
}
