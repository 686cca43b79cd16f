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

// openFiles opens the folder of files. A PostgreSQL database has one folder for all its nodes, which must be mounted at
// each: a node with a folder of its own would not find what was uploaded at another, so it does not start.
func (s *Server) openFiles(ctx context.Context) (err error) {
	dir, shared := filepath.Join(s.config.Data, filesFolder), s.tools.DB.Engine() == sqldb.Postgres
	if !shared {
		s.files, err = filestore.Open(dir, 0)
		return err
	}
	if s.files, err = filestore.Open(dir, othersStage); err != nil {
		return err
	}
	id, err := s.tools.store.FilesID(ctx, "")
	if err != nil {
		return err
	}
	if id == "" { // the folder first: one that was marked and not noted is noted at the next start
		if id, err = s.files.SetOwner(newID()); err != nil {
			return fmt.Errorf("mark the folder of files: %w", err)
		}
		if _, err := s.tools.store.FilesID(ctx, id); err != nil {
			return err
		}
	}
	return s.tools.ownFiles(ctx, s.files)
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
