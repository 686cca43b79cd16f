package desktop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStartAtLogin(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	l := newLogin(Options{Program: "/opt/my $apps/recado", Profile: "work", Base: filepath.Join(dir, "recado")})
	if l.Starts() {
		t.Fatal("starts though nobody said so")
	}
	for range 2 {
		if err := l.SetStarts(true); err != nil || !l.Starts() {
			t.Fatalf("switched on: %v", err)
		}
	}
	content, err := os.ReadFile(filepath.Join(dir, "autostart", "recado-work.desktop"))
	if want := `Exec="/opt/my \\$apps/recado" "--hidden" "--profile" "work"` + "\n"; err != nil || !strings.Contains(string(content), want) {
		t.Errorf("%s lacks %s, %v", content, want, err)
	}
	for range 2 {
		if err := l.SetStarts(false); err != nil || l.Starts() {
			t.Fatalf("switched off: %v", err)
		}
	}
}
