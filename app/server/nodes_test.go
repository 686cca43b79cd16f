package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"recado/app/desk"
	"recado/app/kit/pgtest"
	"recado/app/server"
	"recado/app/wire"
)

// nats runs a doorbell of the test's own.
func nats(t *testing.T) (url string) {
	t.Helper()
	s, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("NATS does not start")
	}
	return s.ClientURL()
}

// twoNodes are two servers on one PostgreSQL; url is their NATS, empty for none.
func twoNodes(t *testing.T, url string) (a, b *testServer) {
	t.Helper()
	config := server.Config{Data: t.TempDir(), Database: pgtest.URL(t), NATS: url}
	return startWith(t, config), startWith(t, config)
}

func TestNodesShareFiles(t *testing.T) {
	t.Parallel()
	here, there := twoNodes(t, "")
	ana := here.user("Ana", desk.Admin)
	f := ana.upload("a.txt", "at one node")
	if status, content, _ := ana.at(there).call("GET", "/api/v1/files/"+f.ID, nil); status != 200 || string(content) != "at one node" {
		t.Errorf("at the other node: %d %s", status, content)
	}
}

// TestNodeWithFilesOfItsOwnDoesNotStart: what is uploaded at one node would be missing at the other.
func TestNodeWithFilesOfItsOwnDoesNotStart(t *testing.T) {
	t.Parallel()
	here := server.Config{Data: t.TempDir(), Database: pgtest.URL(t)}
	first := startWith(t, here)
	first.user("Ana", desk.Admin).upload("a.txt", "at one node")
	other := server.Config{Data: t.TempDir(), Database: here.Database}
	for range 2 {
		_, err := server.Open(t.Context(), other)
		if !errors.Is(err, server.ErrOtherFiles) || !strings.Contains(err.Error(), filepath.Join(other.Data, "files", "database.id")) {
			t.Fatalf("a second node with files of its own: %v", err)
		}
	}
	tools, err := server.OpenTools(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	defer tools.Close()
	if _, err := tools.Check(t.Context()); !errors.Is(err, server.ErrOtherFiles) {
		t.Errorf("the check of a folder of its own: %v", err)
	}
	if err := os.CopyFS(filepath.Join(other.Data, "moved"), os.DirFS(filepath.Join(here.Data, "files"))); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll(filepath.Join(other.Data, "files")), os.Rename(filepath.Join(other.Data, "moved"), filepath.Join(other.Data, "files"))); err != nil {
		t.Fatal(err)
	}
	first.stop()
	if moved := startWith(t, other); moved.url == "" {
		t.Error("the folder that was moved is refused")
	}
}

// at is the same person, signed in there, speaking to another node.
func (a *agent) at(node *testServer) *agent {
	return &agent{testServer: node, token: a.token, id: a.id}
}

func TestNodesWakeEachOther(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"over NATS": nats(t), "without a doorbell": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			here, there := twoNodes(t, url)
			ana, luis := here.user("Ana", desk.Admin), here.user("Luis", desk.Agent)
			c := ana.start("one", luis)
			f := luis.at(there).feed("")
			f.until("head")
			ana.say(c.ID, "two")
			_, e := f.until("message.created")
			if m := decodeEvent[wire.Entry](t, e).Message; m.Body != "two" {
				t.Errorf("on the other node: %s", e.data)
			}
			luis.must(204, "DELETE", "/api/v1/sessions/current", nil, nil)
			_, e = f.until("bye")
			if reason := decodeEvent[wire.Bye](t, e).Reason; reason != "session-ended" {
				t.Errorf("the stream on the other node ended with %q", reason)
			}
		})
	}
}

// TestTwoNodesAtOnce posts to one conversation through two nodes at once, half of the keys through both: every key
// makes one message, the numbers have no gap, and both feeds hold each message once, in order.
func TestTwoNodesAtOnce(t *testing.T) {
	t.Parallel()
	here, there := twoNodes(t, nats(t))
	ana, luis := here.user("Ana", desk.Admin), here.user("Luis", desk.Agent)
	c := ana.start("first", luis)
	const keys = 40
	var posting sync.WaitGroup
	for i := range keys {
		body := map[string]any{"key": fmt.Sprint("key", i), "body": fmt.Sprint("message ", i)}
		for n, node := range []*testServer{here, there} {
			if i%2 == 1 && n == i/2%2 {
				continue // this one only through one of them
			}
			posting.Go(func() {
				status, answer, _ := ana.at(node).call("POST", "/api/v1/conversations/"+c.ID+"/messages", body)
				if status != 201 && status != 200 {
					t.Errorf("key %d: %d %s", i, status, answer)
				}
			})
		}
	}
	posting.Wait()
	var page wire.Page[wire.Message]
	luis.at(there).must(200, "GET", "/api/v1/conversations/"+c.ID+"/messages?limit=200", nil, &page)
	if len(page.Items) != keys+1 {
		t.Fatalf("%d messages, want %d", len(page.Items), keys+1)
	}
	var ids []string
	for i, m := range page.Items {
		if m.Number != int64(i+1) {
			t.Errorf("message %d has number %d", i+1, m.Number)
		}
		ids = append(ids, m.ID)
	}
	for _, reader := range []*agent{ana, luis.at(there)} {
		f := reader.feed("")
		f.until("hello")
		entries, _ := f.until("head")
		var told []string
		for i, e := range entries {
			var entry wire.Entry
			if err := json.Unmarshal([]byte(e.data), &entry); err != nil || entry.Number != int64(i+1) {
				t.Fatalf("entry %d: %s", i+1, e.data)
			}
			if e.name == wire.MessageCreated {
				told = append(told, entry.Message.ID)
			}
		}
		if !slices.Equal(told, ids) {
			t.Errorf("the feed tells of %d messages in its own order, want %d", len(told), len(ids))
		}
	}
	if findings, err := here.tools.Check(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("the check found %v, %v", findings, err)
	}
}
