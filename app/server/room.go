package server

import (
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"recado/app/desk"
	"recado/app/kit/disk"
)

// MinFree is how much room the disk must have, in bytes, for anything to be written that can wait.
const MinFree = 64 << 20

// reserved is what a server on SQLite keeps back, in bytes. On a disk that others have filled even deleting needs room:
// it is given up for that, so that sessions can still be ended and the server can start, to be read from.
const reserved = 4 << 20

// enough is the room, in bytes, that makes a second try of a small write worth it.
const enough = 1 << 20

// room is the disk that the data lies on.
type room struct {
	data string
	ask  func(string) (uint64, error)

	mu    *sync.Mutex
	at    time.Time
	bytes uint64
}

func (c Config) room() room {
	r := room{data: c.Data, ask: c.free, mu: new(sync.Mutex)}
	if r.ask == nil {
		r.ask = disk.Free
	}
	return r
}

func (s *Server) roomLeft() error {
	free, err := s.room.free()
	if err == nil && free < MinFree {
		return &desk.Error{Code: "storage-full", Message: "The server's disk is almost full: nothing was changed. Free some space and try again."}
	}
	return nil
}

// free asks the system at most once a second.
func (r *room) free() (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.at) >= time.Second {
		n, err := r.ask(r.data)
		if err != nil {
			return 0, err
		}
		r.at, r.bytes = now, n
	}
	return r.bytes, nil
}

func (r *room) reserve() string { return filepath.Join(r.data, reserveFile) }

// relieve gives up what was kept back, and reports whether there is room for a small write now.
func (r *room) relieve() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if os.Remove(r.reserve()) == nil {
		return true
	}
	n, err := r.ask(r.data) // another write may just have given it up
	return err == nil && n >= enough
}

// keepBack makes the reserve while there is plenty of room.
func (r *room) keepBack(log *slog.Logger) {
	free, err := r.free()
	if err != nil || free < MinFree+reserved {
		return
	}
	if err := disk.Reserve(r.reserve(), reserved); err != nil {
		log.Warn("no room could be kept back", "error", err)
	}
}
