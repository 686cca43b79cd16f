package desktop

import (
	"bufio"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

// A profile is open in one app. One that is started beside it knocks at its door, and ends: the first shows itself, and
// what the second was to open. The door is a port on loopback, which every system has and no path is too long for; who
// knocks shows the token that lies beside the lock, readable by its owner alone.
const (
	doorFile = "door"
	doorWait = 2 * time.Second // for an answer, and for an app that is just starting
	maxKnock = 4096            // bytes
)

// doorplate is the content of the file.
type doorplate struct {
	Address string `json:"address"`
	Token   string `json:"token"`
	Process int    `json:"process"`
}

// visit is what is said at the door.
type visit struct {
	Token string `json:"token"`
	Link  string `json:"link"`
}

type door struct {
	listener net.Listener
	file     string
	token    string
}

// openDoor listens for others. come is told the link a visitor brought, which may be empty.
func openDoor(dir string, come func(link string)) (*door, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &door{listener: listener, file: filepath.Join(dir, doorFile), token: rand.Text()}
	plate, err := json.Marshal(doorplate{Address: listener.Addr().String(), Token: d.token, Process: os.Getpid()})
	if err == nil {
		err = writeAtomically(d.file, plate)
	}
	if err != nil {
		listener.Close()
		return nil, fmt.Errorf("tell other starts of the app where this one is: %w", err)
	}
	go d.serve(come)
	return d, nil
}

func (d *door) serve(come func(string)) {
	for {
		conn, err := d.listener.Accept()
		if err != nil {
			return // closed
		}
		go d.receive(conn, come)
	}
}

// receive takes one visit. Whoever does not show the token is sent away without a word.
func (d *door) receive(conn net.Conn, come func(string)) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(doorWait))
	line, err := bufio.NewReaderSize(conn, maxKnock).ReadSlice('\n')
	var v visit
	if err != nil || json.Unmarshal(line, &v) != nil || subtle.ConstantTimeCompare([]byte(v.Token), []byte(d.token)) != 1 {
		return
	}
	come(v.Link)
	conn.Write([]byte("ok\n")) // a visitor that left does not mind
}

func (d *door) close() {
	os.Remove(d.file)
	d.listener.Close()
}

// knock asks the app that has the profile open to show itself, and link. It fails where nobody opens: an app in a browser
// has no door.
func knock(dir, link string) error {
	var err error
	for end := time.Now().Add(doorWait); ; time.Sleep(50 * time.Millisecond) {
		if err = knockOnce(dir, link); err == nil || time.Now().After(end) {
			return err
		}
	}
}

func knockOnce(dir, link string) error {
	content, err := os.ReadFile(filepath.Join(dir, doorFile))
	if err != nil {
		return err
	}
	var plate doorplate
	if err := json.Unmarshal(content, &plate); err != nil {
		return err
	}
	words, err := json.Marshal(visit{Token: plate.Token, Link: link})
	if err != nil {
		return err
	}
	if len(words) >= maxKnock {
		return errLink
	}
	conn, err := net.DialTimeout("tcp", plate.Address, doorWait)
	if err != nil {
		return err
	}
	defer conn.Close()
	allowForeground(plate.Process)
	conn.SetDeadline(time.Now().Add(doorWait))
	if _, err := conn.Write(append(words, '\n')); err != nil {
		return err
	}
	if answer, err := bufio.NewReader(conn).ReadString('\n'); err != nil || answer != "ok\n" {
		return errors.New("the app that has the profile open does not answer")
	}
	return nil
}
