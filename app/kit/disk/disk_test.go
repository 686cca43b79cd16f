package disk_test

import (
	"os"
	"path/filepath"
	"testing"

	"recado/app/kit/disk"
)

func TestReserveTakesRoomOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "reserve")
	for _, size := range []int64{1 << 20, 2 << 20} { // the second finds the first
		if err := disk.Reserve(path, size); err != nil {
			t.Fatal(err)
		}
		if st, err := os.Stat(path); err != nil || st.Size() != 1<<20 {
			t.Fatalf("reserved %v, %v", st, err)
		}
	}
	if err := disk.Reserve(filepath.Join(path, "below a file"), 1); err == nil {
		t.Error("reserved where no file can be")
	}
}

func TestIdentityIsOfTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ids := map[string]bool{}
	for _, name := range []string{"a", "b"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("the same"), 0o600); err != nil {
			t.Fatal(err)
		}
		before, err := disk.Identity(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path, path+" moved"); err != nil {
			t.Fatal(err)
		}
		after, err := disk.Identity(path + " moved")
		if err != nil || before != after {
			t.Errorf("%s became %s by moving: %v", before, after, err)
		}
		ids[after] = true
	}
	if len(ids) != 2 {
		t.Errorf("two files have one identity: %v", ids)
	}
}

func TestFoldersAreSynced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := disk.SyncFolder(dir); err != nil {
		t.Error(err)
	}
	if err := disk.SyncFolder(filepath.Join(dir, "missing")); !os.IsNotExist(err) {
		t.Errorf("a missing one: %v", err)
	}
	if free, err := disk.Free(dir); err != nil || free == 0 {
		t.Errorf("%d bytes free, %v", free, err)
	}
}
