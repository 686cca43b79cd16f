package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"recado/app/kit/disk"
	"recado/app/kit/filelock"
)

// Names in the data folder.
const (
	lockFile     = "server.lock" // held by the one server of a SQLite database
	useFile      = "data.lock"   // shared by all who have the database open, taken by who replaces it
	backupLock   = "backup.lock" // held by the one backup under way
	databaseFile = "recado.db"
	filesFolder  = "files"
	markFile     = "recado.mark"
	reserveFile  = "reserve"
)

// Reasons why a folder of data is not opened.
var (
	// ErrInUse means that another server runs on the same data.
	ErrInUse = errors.New("another Recado server is running on this data")
	// ErrBusy means that a command has the data open that a restore would replace.
	ErrBusy = errors.New("another Recado command is working on this data")
	// ErrRestoring means that a restore is replacing the data.
	ErrRestoring = errors.New("a restore of this data is under way")
	// ErrLost means that the folder held data whose database is missing or empty now. Beginning anew would hide the loss.
	ErrLost = errors.New("this folder held data of Recado, and its database is missing or empty")
)

// enter takes part in the use of a SQLite data folder, so that no restore replaces it meanwhile. One that was cut off is
// finished or undone first.
func (c Config) enter() (*filelock.Lock, error) {
	for {
		lock, err := filelock.Share(filepath.Join(c.Data, useFile))
		if errors.Is(err, filelock.ErrHeld) {
			return nil, fmt.Errorf("%w (%s)", ErrRestoring, c.Data)
		}
		if err != nil {
			return nil, err
		}
		// Asked with the lock held: a restore that is killed after the answer had not begun before.
		left, err := exists(filepath.Join(c.Data, planFile))
		if err == nil && !left {
			return lock, nil
		}
		lock.Release()
		if err != nil {
			return nil, err
		}
		if err := c.settleAlone(); err != nil {
			return nil, err
		}
	}
}

// settleAlone brings a restore that was cut off to its end.
func (c Config) settleAlone() error {
	lock, err := filelock.Take(filepath.Join(c.Data, useFile))
	if errors.Is(err, filelock.ErrHeld) { // somebody else is at it
		return fmt.Errorf("%w (%s)", ErrRestoring, c.Data)
	}
	if err != nil {
		return err
	}
	defer lock.Release()
	return c.settleLeft()
}

// settleLeft is settleAlone for who has the data for themselves.
func (c Config) settleLeft() error {
	s := swapper{c.Data, c.step}
	p, found, err := s.left()
	if err != nil || !found {
		return err
	}
	undone, err := s.settle(p)
	if err == nil && c.Log != nil {
		if undone != nil {
			c.Log.Warn("a restore that was cut off could not be finished and was undone", "reason", undone)
		} else {
			c.Log.Warn("a restore that was cut off was finished")
		}
	}
	return err
}

// tidy removes what restores left that were cut off before they changed anything. The caller holds lockFile, which every
// restore holds, and no plan stands.
func tidy(data string) error {
	if err := removeLeft(data, freshPrefix, true); err != nil {
		return err
	}
	os.Remove(filepath.Join(data, planFile+".new"))
	entries, err := os.ReadDir(data)
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), asidePrefix) {
			os.Remove(filepath.Join(data, e.Name())) // only where nothing is in it
		}
	}
	return err
}

// temporary tells a name that the os package made up: the prefix, then digits.
func temporary(name, prefix string) bool {
	digits, ok := strings.CutPrefix(name, prefix)
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// lost tells whether the folder held data and its database is gone: a SQLite file of no bytes is as good as none.
func lost(data string) (bool, error) {
	held, err := exists(filepath.Join(data, markFile))
	if err != nil || !held {
		return false, err
	}
	st, err := os.Stat(filepath.Join(data, databaseFile))
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	return err == nil && st.Size() == 0, err
}

// mark notes that the folder holds data.
func mark(data string) error {
	path := filepath.Join(data, markFile)
	if held, err := exists(path); err != nil || held {
		return err
	}
	text := "This folder holds the data of Recado. As long as this file is here, a missing database is told, and no empty one is begun in its place.\n"
	return writeDurably(path, []byte(text))
}

// writeDurably writes a file that is there as a whole or not at all, and survives a power cut.
func writeDurably(path string, content []byte) error {
	unfinished := path + ".new"
	f, err := os.OpenFile(unfinished, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(unfinished))
	}
	if err := os.Rename(unfinished, path); err != nil {
		return err
	}
	return disk.SyncFolder(filepath.Dir(path))
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
