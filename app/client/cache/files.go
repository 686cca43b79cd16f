package cache

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strings"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// MaxFile is the largest file the server takes, in bytes.
const MaxFile = 100 << 20

func (c *Cache) path(id string) string { return filepath.Join(c.dir, "files", filepath.Base(id)) }

// BeginFile notes a file that is about to be handed over in chunks. The name is kept without folders.
func (c *Cache) BeginFile(ctx context.Context, id, name string, size int64) error {
	name = cleanName(name)
	if size < 0 || size > MaxFile {
		return &sync.Error{Code: "too-large", Message: "A file can have up to 100 MB."}
	}
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	kind, _, _ = strings.Cut(kind, ";")
	f, err := os.OpenFile(c.path(id), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return c.write(ctx, func(q sqldb.Queryer) error {
		_, err := q.Exec(`INSERT INTO pending_files (id, name, size, type, finished, begun_at) VALUES ($1, $2, $3, $4, 0, $5)`,
			id, name, size, kind, c.stamp())
		return err
	})
}

func cleanName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if name = strings.TrimSpace(name); name == "" || name == "." || name == ".." {
		return "file"
	}
	return name
}

// AppendFile adds a chunk; what goes beyond the size told at the beginning is refused.
func (c *Cache) AppendFile(ctx context.Context, id string, chunk []byte) error {
	size, finished, err := c.pending(ctx, id)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.path(id), os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if finished || st.Size()+int64(len(chunk)) > size {
		return &sync.Error{Code: sync.CodeInvalid, Message: "The file is larger than it was said to be."}
	}
	_, err = f.Write(chunk)
	return err
}

func (c *Cache) pending(ctx context.Context, id string) (size int64, finished bool, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		err := q.QueryRow(`SELECT size, finished FROM pending_files WHERE id = $1`, id).Scan(&size, &finished)
		if errors.Is(err, sqldb.ErrNoRows) {
			return notFound("This file")
		}
		return err
	})
	return size, finished, err
}

// FinishFile checks that the file is whole and syncs it to the disk; from now on it may be sent.
func (c *Cache) FinishFile(ctx context.Context, id string) (sync.FileRef, error) {
	var ref sync.FileRef
	size, _, err := c.pending(ctx, id)
	if err != nil {
		return ref, err
	}
	f, err := os.OpenFile(c.path(id), os.O_RDWR, 0o600)
	if err != nil {
		return ref, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return ref, err
	}
	if st.Size() != size {
		return ref, &sync.Error{Code: sync.CodeInvalid, Message: "The file did not arrive whole. Add it again."}
	}
	if err := f.Sync(); err != nil {
		return ref, err
	}
	err = c.write(ctx, func(q sqldb.Queryer) error {
		ref, err = scanFile(q.QueryRow(`UPDATE pending_files SET finished = 1 WHERE id = $1 RETURNING id, name, size, type`, id))
		return err
	})
	return ref, err
}

func scanFile(row *sql.Row) (f sync.FileRef, err error) {
	err = row.Scan(&f.ID, &f.Name, &f.Size, &f.Type)
	f.Image = sync.SafeImage(f.Type)
	return f, err
}

// Finished gives the descriptions of files that were handed over whole, in the order asked for.
func (c *Cache) Finished(ctx context.Context, ids []string) ([]sync.FileRef, error) {
	refs := []sync.FileRef{}
	err := c.read(ctx, func(q sqldb.Queryer) error {
		refs = refs[:0]
		for _, id := range ids {
			f, err := scanFile(q.QueryRow(`SELECT id, name, size, type FROM pending_files WHERE id = $1 AND finished = 1`, id))
			if errors.Is(err, sqldb.ErrNoRows) {
				return notFound("A file of this message")
			}
			if err != nil {
				return err
			}
			refs = append(refs, f)
		}
		return nil
	})
	return refs, err
}

// OpenPending opens a file that waits to be uploaded.
func (c *Cache) OpenPending(id string) (io.ReadCloser, error) { return os.Open(c.path(id)) }

// forgetFiles lets go of files that have been uploaded; their content is removed by Sweep, outside the transaction.
func forgetFiles(q sqldb.Queryer, files []sync.FileRef) error {
	for _, f := range files {
		if _, err := q.Exec(`DELETE FROM pending_files WHERE id = $1`, f.ID); err != nil {
			return err
		}
	}
	return nil
}

// Sweep deletes the content of files nobody waits for: sent ones, and those left by a draft that is gone.
func (c *Cache) Sweep(ctx context.Context) error {
	var keep []string
	err := c.write(ctx, func(q sqldb.Queryer) error {
		_, err := q.Exec(`DELETE FROM pending_files WHERE begun_at < $1
			AND id NOT IN (SELECT json_extract(j.value, '$.id') FROM outbox, json_each(outbox.files) j)
			AND id NOT IN (SELECT json_extract(j.value, '$.id') FROM drafts, json_each(drafts.files) j)`,
			c.now().UTC().AddDate(0, 0, -1).Format(sync.TimeForm))
		if err != nil {
			return err
		}
		if keep, err = ids(q, `SELECT id FROM pending_files`); err != nil {
			return err
		}
		_, err = q.Exec(`DELETE FROM bubbles WHERE at < $1`, c.now().UTC().AddDate(0, 0, -bubbleDays).Format(sync.TimeForm))
		return err
	})
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, id := range keep {
		known[id] = true
	}
	entries, err := os.ReadDir(filepath.Join(c.dir, "files"))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !known[e.Name()] {
			err = errors.Join(err, os.Remove(c.path(e.Name())))
		}
	}
	return err
}

// UnsentSeen lists what was seen here and the server was not yet told.
func (c *Cache) UnsentSeen(ctx context.Context) (out []sync.Seen, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		out = nil
		rows, err := q.Query(`SELECT conversation, up_to, at FROM unsent_seen`)
		return sqldb.Rows(rows, err, func(r *sql.Rows) error {
			s := sync.Seen{Person: c.Me()}
			err := r.Scan(&s.Conversation, &s.UpTo, &s.At)
			out = append(out, s)
			return err
		})
	})
	return out, err
}

// SeenSent forgets what the server was told, unless more was seen meanwhile.
func (c *Cache) SeenSent(ctx context.Context, s sync.Seen) error {
	return c.write(ctx, func(q sqldb.Queryer) error {
		_, err := q.Exec(`DELETE FROM unsent_seen WHERE conversation = $1 AND up_to <= $2`, s.Conversation, s.UpTo)
		return err
	})
}
