package server

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"recado/app/kit/sqldb"
	"recado/app/server/filestore"
)

// ErrOtherFiles means that the folder of files is not the one that the other nodes of the database use.
var ErrOtherFiles = errors.New("the folder of files is not that of this database")

// othersStage is how long ago a file must have been staged to count as left behind, where several nodes share a folder.
const othersStage = 24 * time.Hour

func (s *Server) openFiles(ctx context.Context) (err error) {
	old := time.Duration(0)
	if s.tools.DB.Engine() == sqldb.Postgres {
		old = othersStage
	}
	s.files, err = s.tools.openFiles(ctx, old)
	return err
}

// openFiles opens the folder of files. A PostgreSQL database has one folder for all its nodes, which must be mounted at
// each: a node with a folder of its own would not find what was uploaded at another, so it does not start. What was
// staged longer than old ago is removed.
func (t *Tools) openFiles(ctx context.Context, old time.Duration) (files *filestore.Store, err error) {
	if files, err = filestore.Open(filepath.Join(t.Data, filesFolder), old); err != nil || t.DB.Engine() != sqldb.Postgres {
		return files, err
	}
	defer func() {
		if err != nil {
			files.Close()
		}
	}()
	id, err := t.store.FilesID(ctx, "")
	if err != nil {
		return nil, err
	}
	if id == "" { // the folder first: one that was marked and not noted is noted at the next start
		if id, err = files.SetOwner(newID()); err != nil {
			return nil, fmt.Errorf("mark the folder of files: %w", err)
		}
		if _, err := t.store.FilesID(ctx, id); err != nil {
			return nil, err
		}
	}
	return files, t.ownFiles(ctx, files)
}

// ownFiles asserts that the folder is the one of the database.
func (t *Tools) ownFiles(ctx context.Context, files *filestore.Store) error {
	if t.DB.Engine() != sqldb.Postgres {
		return nil
	}
	want, err := t.store.FilesID(ctx, "")
	if err != nil || want == "" {
		return err
	}
	owner, err := files.Owner()
	if err != nil || owner == want {
		return err
	}
	return fmt.Errorf("%w: all nodes must share one folder DATA/files, mounted at each; if this one now holds all the files there are, write %s into %s",
		ErrOtherFiles, want, files.MarkPath())
}
