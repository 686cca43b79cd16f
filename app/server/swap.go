package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"recado/app/kit/disk"
)

// A restore changes several names in the data folder, and can be ended between any two of them, by a kill or a power
// cut. So it first writes down what goes where, durably. While that plan stands nobody opens the data: whoever would,
// carries it out before.

const (
	planFile    = "restore.json"
	freshPrefix = "restore-"
	asidePrefix = "before-restore-"
)

// dataNames is what a restore replaces.
var dataNames = []string{databaseFile, databaseFile + "-wal", databaseFile + "-shm", filesFolder}

// plan says what a restore moves. First all names of Out go aside, then all of In come in: where each stands tells how
// far it came.
type plan struct {
	Fresh string   `json:"fresh"` // folder of what comes in
	Aside string   `json:"aside"` // folder for what was there
	Out   []string `json:"out"`
	In    []string `json:"in"`
}

// swapper carries plans out.
type swapper struct {
	data string
	step func() // told before each change of the folder; nil but in tests, which end the process there
}

func (s swapper) in(names ...string) string {
	return filepath.Join(append([]string{s.data}, names...)...)
}

func (s swapper) next() {
	if s.step != nil {
		s.step()
	}
}

// left gives the plan of a restore that was cut off.
func (s swapper) left() (p plan, found bool, err error) {
	text, err := os.ReadFile(s.in(planFile))
	if errors.Is(err, os.ErrNotExist) {
		return p, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		return p, false, fmt.Errorf("a restore was cut off, and its plan can't be read: %w", err)
	}
	return p, true, nil
}

// swap puts the names in fresh, which must be durable, in the place of what is there, and gives the folder that this was
// moved to; empty where there was nothing. After an error everything is as before, or the plan stands.
func (s swapper) swap(fresh string) (aside string, err error) {
	p, err := s.write(fresh)
	if err != nil {
		return "", fmt.Errorf("plan the restore: %w", err)
	}
	undone, err := s.settle(p)
	if err := errors.Join(undone, err); err != nil {
		return "", err
	}
	if p.Aside == "" {
		return "", nil
	}
	return s.in(p.Aside), nil
}

// write makes the plan and the folder for what was there.
func (s swapper) write(fresh string) (p plan, err error) {
	p.Fresh = filepath.Base(fresh)
	for _, name := range dataNames {
		was, err := exists(s.in(name))
		if err != nil {
			return p, err
		}
		comes, err := exists(s.in(p.Fresh, name))
		if err != nil {
			return p, err
		}
		if was {
			p.Out = append(p.Out, name)
		}
		if comes {
			p.In = append(p.In, name)
		}
	}
	if len(p.Out) > 0 {
		p.Aside = asidePrefix + time.Now().UTC().Format("20060102T150405.000")
		s.next()
		// A folder that is there already could hold these names from before, and they would count as moved.
		if err := os.Mkdir(s.in(p.Aside), 0o700); err != nil {
			return p, err
		}
	}
	text, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return p, err
	}
	s.next()
	return p, writeDurably(s.in(planFile), text)
}

// settle finishes a plan, or undoes it and tells why. err means that neither could be done: the plan stands.
func (s swapper) settle(p plan) (undone, err error) {
	if undone = s.finish(p); undone != nil {
		if err := s.undo(p); err != nil {
			return nil, fmt.Errorf("a restore can be neither finished nor undone: %w; %w; the data of before is in %s, that of the backup in %s",
				undone, err, s.in(p.Aside), s.in(p.Fresh))
		}
	}
	s.next()
	if err := os.Remove(s.in(planFile)); err != nil {
		return nil, err
	}
	if err := disk.SyncFolder(s.data); err != nil {
		return nil, err
	}
	s.next()
	if err := os.RemoveAll(s.in(p.Fresh)); err != nil {
		return nil, err
	}
	if undone != nil && p.Aside != "" {
		return undone, os.Remove(s.in(p.Aside))
	}
	return undone, nil
}

// finish goes on from wherever the plan was left.
func (s swapper) finish(p plan) error {
	for _, name := range p.Out {
		gone, err := exists(s.in(p.Aside, name))
		if err == nil && !gone {
			err = s.move(s.in(name), s.in(p.Aside, name))
		}
		if err != nil {
			return fmt.Errorf("move the old data aside: %w", err)
		}
	}
	// No disk may keep the coming in and forget the going out: it would have replaced what was there.
	if err := s.sync(p); err != nil {
		return err
	}
	for _, name := range p.In {
		if err := s.moveIn(p, name); err != nil {
			return fmt.Errorf("put the backup in place: %w", err)
		}
	}
	return s.sync(p)
}

func (s swapper) moveIn(p plan, name string) error {
	waits, err := exists(s.in(p.Fresh, name))
	if err != nil {
		return err
	}
	if waits {
		return s.move(s.in(p.Fresh, name), s.in(name))
	}
	came, err := exists(s.in(name))
	if err == nil && !came {
		return fmt.Errorf("%s is missing", s.in(p.Fresh, name))
	}
	return err
}

// undo goes back from wherever the plan was left. Only where all of Out is aside can anything have come in: a name that
// is missing from the fresh folder before that was lost, and what stands in its place is the old data.
func (s swapper) undo(p plan) error {
	all := true
	for _, name := range p.Out {
		gone, err := exists(s.in(p.Aside, name))
		if err != nil {
			return err
		}
		all = all && gone
	}
	for _, name := range p.In {
		waits, err := exists(s.in(p.Fresh, name))
		if err == nil && all && !waits {
			err = s.moveBack(s.in(name), s.in(p.Fresh, name))
		}
		if err != nil {
			return err
		}
	}
	for _, name := range slices.Backward(p.Out) {
		gone, err := exists(s.in(p.Aside, name))
		if err == nil && gone {
			err = s.moveBack(s.in(p.Aside, name), s.in(name))
		}
		if err != nil {
			return err
		}
	}
	return s.sync(p)
}

// moveBack moves a name unless it was lost, and nothing onto it.
func (s swapper) moveBack(from, to string) error {
	there, err := exists(from)
	if err != nil || !there {
		return err
	}
	if taken, err := exists(to); err != nil || taken {
		return errors.Join(err, fmt.Errorf("%s is in the way", to))
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return s.move(from, to)
}

func (s swapper) move(from, to string) error {
	s.next()
	return os.Rename(from, to)
}

// sync makes all moves durable.
func (s swapper) sync(p plan) error {
	var errs []error
	for _, folder := range []string{p.Aside, p.Fresh, "."} {
		if folder == "" {
			continue
		}
		if err := disk.SyncFolder(s.in(folder)); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
