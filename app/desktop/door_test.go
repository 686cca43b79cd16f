package desktop

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestASecondStartShowsTheFirst(t *testing.T) {
	t.Parallel()
	dir, came := t.TempDir(), make(chan string, 1)
	d, err := openDoor(dir, func(link string) { came <- link })
	if err != nil {
		t.Fatal(err)
	}
	if err := knock(dir, "recado://message/"+someID); err != nil {
		t.Fatal(err)
	}
	if link := <-came; link != "recado://message/"+someID {
		t.Errorf("brought %q", link)
	}
	d.close()
	if _, err := os.Stat(filepath.Join(dir, doorFile)); err == nil {
		t.Error("the plate stays on a closed door")
	}
	if err := knockOnce(dir, ""); err == nil {
		t.Error("a closed door was opened")
	}
}

func TestStrangersAtTheDoor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := openDoor(dir, func(link string) { t.Errorf("let in with %q", link) })
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if info, err := os.Stat(filepath.Join(dir, doorFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the plate has mode %v, %v", info.Mode(), err)
	}
	wrong, _ := json.Marshal(visit{Token: "guessed", Link: "recado://message/" + someID})
	for _, said := range [][]byte{
		append(wrong, '\n'), []byte("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), []byte("\n"), []byte("null\n"), {0, 0xff, '\n'},
		append(bytes.Repeat([]byte("a"), 2*maxKnock), '\n'),
	} {
		conn, err := net.Dial("tcp", d.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn.Write(said)
		if answer, _ := io.ReadAll(conn); len(answer) != 0 {
			t.Errorf("%.20q is answered %q", said, answer)
		}
		conn.Close()
	}
}
