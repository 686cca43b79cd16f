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
// file is whole and durable; before that it has another name.
func (t *Tools) Backup(ctx context.Context, file string) (err error) {
	if t.DB.Engine() != sqldb.SQLite {
		return errPostgresBackup
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s exists already: choose another name", file)
	}
	partial, err := os.OpenFile(file+".partial", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make the backup: %w", err)
	}
	defer func() {
		partial.Close()
		if err != nil {
			os.Remove(file + ".partial")
		}
	}()
	if err := t.writeBackup(ctx, partial); err != nil {
		return err
	}
	if err := partial.Sync(); err != nil {
		return fmt.Errorf("make the backup durable: %w", err)
	}
	// Link refuses to replace what somebody put there meanwhile; rename would not.
	if err := os.Link(file+".partial", file); err != nil {
		return fmt.Errorf("name the backup: %w", err)
	}
	return os.Remove(file + ".partial")
}

func (t *Tools) writeBackup(ctx context.Context, w io.Writer) error {
	work, err := os.MkdirTemp(t.Data, "backup-")
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
		rows, err := q.Query(`SELECT id FROM files ORDER BY id`)
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
	files, err := filestore.Look(filepath.Join(t.Data, "files"))
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
		err = out.add(path.Join("files", filestore.Place(id)), f)
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
