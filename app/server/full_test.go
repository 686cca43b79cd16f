package server_test

import (
	"os"
	"path/filepath"
	"testing"

	"recado/app/desk"
	"recado/app/server"
)

// TestNearlyFullDisk: what writes is refused and the server says it is not ready, but reading and ending a session work.
func TestNearlyFullDisk(t *testing.T) {
	t.Parallel()
	s := startWith(t, server.Config{Data: t.TempDir()}.WithFree(func() uint64 { return server.MinFree - 1 }))
	ana := s.user("Ana", desk.Admin)
	ana.problem(507, "storage-full", "POST", "/api/v1/conversations", map[string]any{"key": newKey(), "kind": "internal"})
	ana.problem(503, "not-ready", "GET", "/readyz", nil)
	ana.must(200, "GET", "/healthz", nil, nil)
	ana.must(200, "GET", "/api/v1/conversations?view=internal-inbox", nil, nil)
	ana.must(204, "DELETE", "/api/v1/sessions/current", nil, nil)
	ana.problem(401, "not-signed-in", "GET", "/api/v1/me", nil)
}

// TestReserveIsGivenUpToOpen: on a full disk the room kept back is what a database is opened in.
func TestReserveIsGivenUpToOpen(t *testing.T) {
	t.Parallel()
	for free, kept := range map[uint64]bool{0: false, 1 << 40: true} {
		data := t.TempDir()
		reserve := filepath.Join(data, "reserve")
		if err := os.WriteFile(reserve, []byte("room"), 0o600); err != nil {
			t.Fatal(err)
		}
		tools, err := server.OpenTools(t.Context(), server.Config{Data: data}.WithFree(func() uint64 { return free }))
		if err != nil {
			t.Fatal(err)
		}
		tools.Close()
		if _, err := os.Stat(reserve); (err == nil) != kept {
			t.Errorf("with %d bytes free: %v", free, err)
		}
	}
}

func TestRoomIsKeptBackWhileThereIsPlenty(t *testing.T) {
	t.Parallel()
	for free, want := range map[uint64]int{server.MinFree: 0, 1 << 40: 1} {
		data := t.TempDir()
		server.KeepBack(server.Config{Data: data}.WithFree(func() uint64 { return free }))
		if got := matches(t, data, "reserve"); len(got) != want {
			t.Errorf("with %d bytes free: %v", free, got)
		}
	}
}
