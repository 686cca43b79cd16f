package cache_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"recado/app/client/cache"
	"recado/app/client/sync"
)

func codeOf(err error) string {
	var e *sync.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestRefusesNewerAndDamagedUnchanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "cache.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`PRAGMA user_version = 999`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := cache.Open(t.Context(), dir, time.Now); codeOf(err) != "cache-newer" {
		t.Errorf("a newer cache: %v", err)
	}
	for _, name := range []string{path + "-wal", path + "-shm"} {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
	rubbish := []byte("this was a database once, and then the disk had other plans for all of its pages")
	if err := os.WriteFile(path, rubbish, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(t.Context(), dir, time.Now); codeOf(err) != "cache-damaged" {
		t.Errorf("a damaged cache: %v", err)
	}
	if after, _ := os.ReadFile(path); !slices.Equal(after, rubbish) {
		t.Error("the damaged file was changed")
	}
}

func withMessages(t *testing.T, bodies ...string) *cache.Cache {
	t.Helper()
	c := open(t, t.TempDir())
	entries := []sync.Entry{conversationEntry(0, 0)}
	for i, body := range bodies {
		at := start.Add(time.Duration(i) * time.Second).Format(sync.TimeForm)
		entries = append(entries, sync.Entry{Type: sync.MessageCreated, Message: &sync.Message{ID: "m" + body, Conversation: "c00000",
			Number: int64(i + 1), Author: "p1", Body: body, CreatedAt: at, Version: 1}})
	}
	apply(t, c, entries, 1)
	return c
}

func TestFind(t *testing.T) {
	t.Parallel()
	c := withMessages(t, "The café in Málaga", "no match here", "Cafés everywhere: CAFÉ", `quotes " and NEAR(x) OR *`, "日本語 text")
	for query, want := range map[string][]string{
		"cafe":           {"Cafés everywhere: CAFÉ", "The café in Málaga"},
		"MALAG caf":      {"The café in Málaga"},
		"cafe nothing":   {},
		"":               {},
		`"`:              {},
		`* ( ) -`:        {},
		`NEAR(x)`:        {`quotes " and NEAR(x) OR *`},
		"body:cafe":      {},
		"日本":             {"日本語 text"},
		"a\x00b":         {},
		"here -- match;": {"no match here"},
	} {
		hits, err := c.Find(t.Context(), query, 10)
		got := []string{}
		for _, h := range hits {
			got = append(got, h.Message.Body)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q found %q, %v; want %q", query, got, err, want)
		}
	}
	hits, err := c.Find(t.Context(), "mala cafe", 10)
	if err != nil || len(hits) != 1 || !slices.Equal(hits[0].Ranges, [][2]int{{4, 8}, {12, 18}}) {
		t.Errorf("ranges %+v, %v", hits, err)
	}
}

func TestWhatAProgramWroteIsNotUnseen(t *testing.T) {
	t.Parallel()
	c := withMessages(t, "first")
	entry := func(number int64, mark *sync.MailMark) sync.Entry {
		return sync.Entry{Type: sync.MessageCreated, Message: &sync.Message{ID: "n" + strconv.FormatInt(number, 10), Conversation: "c00000", Number: number, Author: "p1",
			Body: "x", CreatedAt: start.Format(sync.TimeForm), Mail: mark, Version: 1}}
	}
	apply(t, c, []sync.Entry{entry(2, &sync.MailMark{Automatic: true}), entry(3, &sync.MailMark{})}, 2)
	if v, err := c.Conversation(t.Context(), "c00000"); err != nil || v.Unseen != 2 {
		t.Errorf("%d unseen, %v; want the first and the one by a person", v.Unseen, err)
	}
}

func TestVersionsConverge(t *testing.T) {
	t.Parallel()
	c := withMessages(t, "first")
	at := func(version int64, body, deleted string) sync.Entry {
		return sync.Entry{Message: &sync.Message{ID: "mfirst", Conversation: "c00000", Number: 1, Author: "p1", Body: body,
			CreatedAt: start.Format(sync.TimeForm), DeletedAt: deleted, Version: version}}
	}
	apply(t, c, []sync.Entry{at(3, "third", ""), at(2, "second", "")}, 2)
	if m, err := c.Message(t.Context(), "mfirst"); err != nil || m.Body != "third" {
		t.Errorf("an older version won: %q, %v", m.Body, err)
	}
	if hits, _ := c.Find(t.Context(), "first", 10); len(hits) != 0 {
		t.Error("the search still knows the first version")
	}
	apply(t, c, []sync.Entry{at(4, "", start.Format(sync.TimeForm))}, 3)
	v, err := c.Conversation(t.Context(), "c00000")
	if err != nil || v.Unseen != 0 {
		t.Errorf("a deleted message counts as unseen: %d, %v", v.Unseen, err)
	}
}

func TestPeopleMatchBeginningsOfWords(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	apply(t, c, []sync.Entry{
		{Person: &sync.Person{ID: "1", Kind: "user", Name: "Ángela Núñez", Email: "an@example.com", Version: 1}},
		{Person: &sync.Person{ID: "2", Kind: "customer", Name: "Björn", Email: "b@nunez.example", Version: 1}},
	}, 1)
	for query, want := range map[string]int{"nun": 2, "ang nu": 1, "ngela": 0, "%": 3, "b": 1} {
		if got, err := c.People(t.Context(), query, ""); err != nil || len(got) != want {
			t.Errorf("%q: %d people, %v; want %d", query, len(got), err, want)
		}
	}
	if got, _ := c.People(t.Context(), "nun", "customer"); len(got) != 1 {
		t.Errorf("%d customers", len(got))
	}
}

func TestDraftsSurvive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, dir)
	draft := sync.Draft{Body: "  as typed\n", Participants: []string{"p1"}, Subject: "s", Mentions: []string{"p1"},
		Files: []sync.FileRef{{ID: "f", Name: "n", Size: 1, Type: "text/plain"}}}
	if err := c.SaveDraft(t.Context(), "new:internal", draft); err != nil {
		t.Fatal(err)
	}
	c.Close()
	c = open(t, dir)
	got, err := c.Draft(t.Context(), "new:internal")
	if err != nil || got.Body != draft.Body || !slices.Equal(got.Files, draft.Files) || !slices.Equal(got.Participants, draft.Participants) {
		t.Errorf("%+v, %v", got, err)
	}
	if err := c.SaveDraft(t.Context(), "new:internal", sync.Draft{}); err != nil {
		t.Fatal(err)
	}
	if got, _ := c.Draft(t.Context(), "new:internal"); got.Body != "" {
		t.Error("an empty draft removes it")
	}
}

func TestPagesOfAConversation(t *testing.T) {
	t.Parallel()
	c := withMessages(t, "1", "2", "3", "4", "5")
	for _, test := range []struct {
		before, after int64
		limit         int
		want          []string
		older, newer  bool
	}{
		{0, 0, 2, []string{"4", "5"}, true, false},
		{4, 0, 2, []string{"2", "3"}, true, true},
		{2, 0, 2, []string{"1"}, false, true},
		{0, 3, 2, []string{"4", "5"}, true, false},
		{0, 1, 2, []string{"2", "3"}, true, true},
		{0, 5, 2, []string{}, true, false},
	} {
		page, err := c.Messages(t.Context(), "c00000", test.before, test.after, test.limit)
		got := []string{}
		for _, m := range page.Items {
			got = append(got, m.Body)
		}
		if err != nil || !slices.Equal(got, test.want) || page.HasOlder != test.older || page.HasNewer != test.newer {
			t.Errorf("before %d after %d: %q older %v newer %v, %v", test.before, test.after, got, page.HasOlder, page.HasNewer, err)
		}
	}
}

func TestItemsKnowTheirConversations(t *testing.T) {
	t.Parallel()
	c := withMessages(t, "one", "two")
	item := func(id string, number int64, title string) sync.Entry {
		return sync.Entry{Item: &sync.Item{ID: id, Number: number, Kind: "ticket", Title: title, State: "open", Version: 1, Tags: []string{}, Followers: []string{}}}
	}
	about := conversationEntry(0, 0)
	about.Conversation.Item, about.Conversation.Version, about.Conversation.LastNumber = "i7", 2, 2
	apply(t, c, []sync.Entry{item("i7", 7, "Printer"), item("i71", 71, "7 things to do"), about}, 2)
	v, err := c.Conversation(t.Context(), "c00000")
	if err != nil || v.About == nil || *v.About != (sync.About{Kind: "ticket", Number: 7, Title: "Printer"}) {
		t.Errorf("about %+v, %v", v.About, err)
	}
	page, err := c.Items(t.Context(), sync.ItemFilter{}, "", 10)
	if err != nil || len(page.Items) != 2 || page.Items[0].Unseen != 0 || page.Items[1].Unseen != v.Unseen || v.Unseen == 0 {
		t.Errorf("%+v, %v; %d are unseen in the conversation", page.Items, err, v.Unseen)
	}
	for query, want := range map[string]string{"7": "i7", "#71": "i71", "print": "i7", "#8": ""} {
		page, err := c.Items(t.Context(), sync.ItemFilter{Query: query}, "", 10)
		got := ""
		for _, i := range page.Items {
			got += i.ID
		}
		if err != nil || got != want {
			t.Errorf("%q finds %q, want %q: %v", query, got, want, err)
		}
	}
}
