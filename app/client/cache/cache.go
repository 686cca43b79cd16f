// Package cache keeps everything a person may see in a local SQLite file, with what was typed here and is not yet at
// the server. It opens and is searched without a network.
package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	stdsync "sync"
	"time"

	"recado/app/client/sync"
	"recado/app/kit/sqldb"
)

// Cache is an open cache. Its methods may be called from any goroutine; each is one transaction.
type Cache struct {
	dir string
	now func() time.Time
	db  *sqldb.DB

	mu stdsync.RWMutex
	me string
}

var _ sync.Store = (*Cache)(nil)

// Open opens (and makes) cache.db in dir. A file of a newer program is refused with code cache-newer, one that can't be
// read with cache-damaged; neither is changed.
func Open(ctx context.Context, dir string, now func() time.Time) (*Cache, error) {
	if err := os.MkdirAll(filepath.Join(dir, "files"), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the cache: %w", err)
	}
	db, err := sqldb.OpenSQLite(filepath.Join(dir, "cache.db"))
	if err != nil {
		return nil, explain(err)
	}
	c := &Cache{dir: dir, now: now, db: db}
	if err := c.prepare(ctx); err != nil {
		return nil, errors.Join(explain(err), db.Close())
	}
	return c, nil
}

func (c *Cache) prepare(ctx context.Context) error {
	if err := c.migrate(ctx); err != nil {
		return err
	}
	return c.db.Read(ctx, func(q sqldb.Queryer) error {
		me, err := getMeta(q, "me")
		c.me = me
		return err
	})
}

func (c *Cache) migrate(ctx context.Context) error {
	var version int
	err := c.db.Read(ctx, func(q sqldb.Queryer) error { return q.QueryRow(`PRAGMA user_version`).Scan(&version) })
	if err != nil {
		return err
	}
	if version > len(schema) {
		return &sync.Error{Code: sync.CodeCacheNewer,
			Message: "The messages on this computer were stored by a newer Recado. Update Recado to open them."}
	}
	if version == len(schema) {
		return nil
	}
	return c.db.Write(ctx, func(q sqldb.Queryer) error {
		for _, list := range schema[version:] {
			for _, statement := range list {
				if _, err := q.Exec(statement); err != nil {
					return fmt.Errorf("migrate the cache: %w", err)
				}
			}
		}
		_, err := q.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, len(schema)))
		return err
	})
}

// Close closes the file after what is being written.
func (c *Cache) Close() error { return c.db.Close() }

// Remove closes the cache and deletes it from the disk, with the files that wait to be uploaded.
func (c *Cache) Remove() error {
	err := c.db.Close()
	for _, name := range []string{"cache.db", "cache.db-wal", "cache.db-shm", "files"} {
		err = errors.Join(err, os.RemoveAll(filepath.Join(c.dir, name)))
	}
	return err
}

// Me is the id of the person this cache belongs to; empty before the first sign-in.
func (c *Cache) Me() string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.me
}

// SetOwner stores whose cache this is and at which server.
func (c *Cache) SetOwner(ctx context.Context, server string, me sync.Person) error {
	err := c.write(ctx, func(q sqldb.Queryer) error {
		if err := setMeta(q, "server", server); err != nil {
			return err
		}
		if err := setMeta(q, "me", me.ID); err != nil {
			return err
		}
		return putPerson(q, me)
	})
	if err == nil {
		c.mu.Lock()
		c.me = me.ID
		c.mu.Unlock()
	}
	return err
}

// Meta gives a stored setting of the client; empty where none was stored.
func (c *Cache) Meta(ctx context.Context, key string) (value string, err error) {
	err = c.read(ctx, func(q sqldb.Queryer) error {
		value, err = getMeta(q, key)
		return err
	})
	return value, err
}

// SetMeta stores a setting of the client.
func (c *Cache) SetMeta(ctx context.Context, key, value string) error {
	return c.write(ctx, func(q sqldb.Queryer) error { return setMeta(q, key, value) })
}

func (c *Cache) read(ctx context.Context, fn func(sqldb.Queryer) error) error {
	return explain(c.db.Read(ctx, fn))
}

func (c *Cache) write(ctx context.Context, fn func(sqldb.Queryer) error) error {
	return explain(c.db.Write(ctx, fn))
}

func (c *Cache) stamp() string { return c.now().UTC().Format(sync.TimeForm) }

// explain turns what a person can act on into a sentence with a code; all else passes unchanged.
func explain(err error) error {
	var known *sync.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, sqldb.ErrDamaged):
		return sync.Because(err, sync.CodeCacheDamaged, "The messages stored on this computer are damaged and can't be opened.")
	case errors.Is(err, sqldb.ErrFull):
		return sync.Because(err, sync.CodeCacheFull, "There is no room left on this computer's disk. Nothing was stored.")
	}
	return err
}

func notFound(what string) error {
	return &sync.Error{Code: sync.CodeNotFound, Message: what + " is not here."}
}

func getMeta(q sqldb.Queryer, key string) (value string, err error) {
	err = q.QueryRow(`SELECT value FROM meta WHERE key = $1`, key).Scan(&value)
	if errors.Is(err, sqldb.ErrNoRows) {
		return "", nil
	}
	return value, err
}

func setMeta(q sqldb.Queryer, key, value string) error {
	_, err := q.Exec(`INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}
