package server_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recado/app/kit/sqldb"
	"recado/app/server"
)

// runSQL changes a database behind the program's back.
func runSQL(file, statement string) error {
	db, err := sqldb.OpenSQLite(file)
	if err != nil {
		return err
	}
	return errors.Join(db.Write(context.Background(), func(q sqldb.Queryer) error {
		_, err := q.Exec(statement)
		return err
	}), db.Close())
}

// TestBackupAfterOneThatWasKilled: the same command works, and what the killed one left is gone; nothing else is.
func TestBackupAfterOneThatWasKilled(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	dir := t.TempDir()
	file := filepath.Join(dir, "saved.tar")
	foreign := []string{"saved.tar.partial", "saved.tar.partial-mine", "other.tar.partial-12"}
	for _, name := range append([]string{"saved.tar.partial-123"}, foreign...) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.data, "backup-77"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.tools.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"saved.tar"}, foreign...) {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := append(matches(t, dir, "saved.tar.partial-[0-9]*"), matches(t, s.data, "backup-*")...); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	if _, err := server.Restore(t.Context(), server.Config{Data: t.TempDir()}, file); err != nil {
		t.Errorf("restore it: %v", err)
	}
}

// part is one entry of a tar file; of a regular file where kind is 0.
type part struct {
	name    string
	content []byte
	kind    byte
}

func tarOf(t *testing.T, parts ...part) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, p := range parts {
		h := &tar.Header{Name: p.name, Mode: 0o600, Size: int64(len(p.content)), Typeflag: p.kind}
		if p.kind == tar.TypeSymlink {
			h.Linkname = "/etc/passwd"
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(p.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// listing is the manifest of parts.
func listing(t *testing.T, format int, parts ...part) part {
	t.Helper()
	list := []map[string]any{}
	for _, p := range parts {
		sum := sha256.Sum256(p.content)
		list = append(list, map[string]any{"name": p.name, "size": len(p.content), "sha256": hex.EncodeToString(sum[:])})
	}
	text, err := json.Marshal(map[string]any{"format": format, "schema": 1, "createdAt": "2026-11-22T10:00:00Z", "parts": list})
	if err != nil {
		t.Fatal(err)
	}
	return part{name: "manifest.json", content: text}
}

func databaseOf(t *testing.T, tarFile []byte) part {
	t.Helper()
	for r := tar.NewReader(bytes.NewReader(tarFile)); ; {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if h.Name == "recado.db" {
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return part{name: h.Name, content: content}
		}
	}
}

// changed is a database after a statement.
func changed(t *testing.T, db part, statement string) part {
	t.Helper()
	file := filepath.Join(t.TempDir(), "changed.db")
	if err := os.WriteFile(file, db.content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := runSQL(file, statement); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return part{name: db.name, content: content}
}

// TestBadBackupsAreRefusedInASentence: each says what is wrong with it, and changes nothing.
func TestBadBackupsAreRefusedInASentence(t *testing.T) {
	t.Parallel()
	data, backup := twoLives(t)
	good, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	db, none := databaseOf(t, good), part{name: "recado.db"}
	unusable := changed(t, db, `DROP TABLE meta`)
	foreign := changed(t, none, `CREATE TABLE goose_db_version (x)`)
	damaged := part{name: "recado.db", content: append([]byte("no"), db.content[2:]...)}
	stray := part{name: "files/ab/01938f7e-0000-7000-8000-0000000000ab", content: []byte("x")}
	for want, file := range map[string][]byte{
		"it ends too early":                    good[:len(good)/2],
		"it ends too early;":                   {},
		"it ends too early; was it cut off":    tarOf(t, db),
		"no tar file":                          bytes.Repeat([]byte("nonsense"), 200),
		`it holds "../../x"`:                   tarOf(t, part{name: "../../x"}),
		`it holds "/etc/x"`:                    tarOf(t, part{name: "/etc/x"}),
		`it holds "files/../recado.db"`:        tarOf(t, part{name: "files/../recado.db"}),
		`it holds "files/00/` + stray.name[9:]: tarOf(t, part{name: "files/00/" + stray.name[9:]}),
		`it holds "recado.db", which`:          tarOf(t, part{name: "recado.db", kind: tar.TypeSymlink}),
		"it holds recado.db twice":             tarOf(t, db, db, listing(t, 1, db)),
		"its manifest can't be read":           tarOf(t, db, part{name: "manifest.json", content: []byte("{")}),
		"it has format 2":                      tarOf(t, db, listing(t, 2, db)),
		`"recado.db" is missing`:               tarOf(t, stray, listing(t, 1, db)),
		"recado.db is not what was saved":      tarOf(t, damaged, listing(t, 1, db)),
		"0ab is not in its manifest":           tarOf(t, db, stray, listing(t, 1, db, db)),
		"it holds no database":                 tarOf(t, stray, listing(t, 1, stray)),
		"its database is empty":                tarOf(t, none, listing(t, 1, none)),
		"its database can't be used":           tarOf(t, unusable, listing(t, 1, unusable)),
		"its database is none of Recado's":     tarOf(t, foreign, listing(t, 1, foreign)),
		"its database is damaged":              tarOf(t, damaged, listing(t, 1, damaged)),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			data, path := copied(t, data), filepath.Join(t.TempDir(), "bad.tar")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := server.Restore(t.Context(), server.Config{Data: data}, path)
			if err == nil || !strings.Contains(err.Error(), "not a whole backup of Recado: ") || !strings.Contains(err.Error(), want) {
				t.Errorf("it says %v, want %s", err, want)
			}
			if left := matches(t, data, "*restore*"); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
			if got := people(t, data); got != 2 {
				t.Errorf("%d users", got)
			}
		})
	}
}
