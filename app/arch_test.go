// Package app_test holds the rules of the house that no compiler knows: who may import whom, and that every package
// says what it is.
package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// room is one package's line in the allow-list: what it may import of ours, and why beyond going down the list.
type room struct {
	mayImport []string
	because   string
}

// rooms is the whole house, leaves first. A package that is not named here fails the test: a new room is a decision.
var rooms = map[string]room{
	"desk":         {nil, "the domain depends on nothing"},
	"kit/disk":     {nil, "a leaf tool without domain"},
	"kit/filelock": {nil, "a leaf tool without domain"},
	"kit/letter":   {nil, "a leaf tool without domain: what a mail is, not what it means here"},
	"kit/sqldb":    {nil, "a leaf tool without domain"},
	"kit/mailview": {[]string{"kit/letter"}, "a leaf tool: a mail's HTML as it may be shown; it takes files and marks of quotes as letter names them"},
	"kit/mailid":   {nil, "a leaf tool: what leaving and arriving mail must agree on"},
	"kit/mailbox":  {nil, "a leaf tool without domain"},
	"kit/sse":      {nil, "a leaf tool without domain"},
	"kit/pgtest":   {nil, "a leaf tool without domain, for tests and audits"},
	"wire":         {[]string{"desk"}, "the forms of what the domain holds"},

	"client/sync":   {[]string{"desk", "kit"}, "use cases; adapters come to it through its ports"},
	"client/cache":  {[]string{"kit", "client/sync"}, "fills sync's store port"},
	"client/remote": {[]string{"kit", "client/sync", "wire"}, "fills sync's server port, and speaks the contract"},
	"client":        {[]string{"desk", "kit", "client"}, "wires its own children"},

	"server/messaging":       {[]string{"desk", "kit"}, "use cases; adapters come to it through its ports"},
	"server/accounts":        {[]string{"desk", "kit"}, "use cases; adapters come to it through its ports"},
	"server/store":           {[]string{"desk", "kit", "server/messaging", "server/accounts", "server/mailin", "server/mailcheck", "server/livechat", "server/canned"}, "fills the ports of the use cases"},
	"server/store/storetest": {[]string{"desk", "kit", "server/store", "server/messaging", "server/accounts", "server/mailin", "server/mailcheck", "server/livechat", "server/canned"}, "the suite every store must pass"},
	"server/mailin":          {[]string{"desk", "kit", "server/filestore"}, "how a mail comes in; desk, people and store come to it through its ports, the bytes lie among the files"},
	"server/mailcheck":       {[]string{"desk", "kit"}, "whether the team's mail works; servers and store come to it through its ports"},
	"server/livechat":        {[]string{"desk", "kit"}, "sites, visitors and who is connected; desk, people and store come to it through its ports"},
	"server/canned":          {[]string{"desk"}, "what the team answers often; its store comes to it through its port"},
	"server/filestore":       {[]string{"desk", "kit"}, "attachments as plain files"},
	"server/hub":             {[]string{"desk", "kit"}, "streams, of whose content it knows nothing"},
	"server/mailout":         {[]string{"desk", "kit"}, "how a mail leaves; who gets one, and when, is decided elsewhere"},
	"server/delivery":        {[]string{"desk", "kit"}, "the worker; ledger and mailer come to it through its ports"},
	"server/bus":             {[]string{"kit", "wire"}, "the doorbell between nodes"},
	"server/httpapi": {[]string{"desk", "kit", "wire", "server/messaging", "server/accounts", "server/mailin", "server/mailcheck", "server/livechat", "server/canned", "server/filestore", "server/hub"},
		"the transport in front of the use cases, and the feed on the hub"},
	"server": {[]string{"desk", "kit", "server"}, "wires its own children"},

	"desktop/bind":     {[]string{"desk", "kit", "client"}, "the client's face, as the window is bound to it"},
	"desktop/notify":   {[]string{"desk", "kit", "client"}, "fills the client's notifier port"},
	"desktop/presence": {nil, "whether somebody is there; who is told is decided elsewhere"},
	"desktop/tray":     {nil, "the system's tray; what its menu chooses is done elsewhere"},
	"desktop":          {[]string{"desk", "kit", "client", "desktop"}, "the window; it never imports the server"},

	"audit": {[]string{"desk", "kit", "wire", "client"}, "drives a server from outside, by contract and by the client"},
	"cli":   {[]string{"desk", "kit", "wire", "client", "server", "desktop", "audit"}, "hands each command to what does it"},
}

// sight says which rooms may see a package that not everybody may.
var sight = map[string]struct {
	seenBy  []string
	because string
}{
	"recado/app/wire": {[]string{"server/httpapi", "server/livechat", "server/bus", "client/remote", "audit"},
		"the contract is spoken at the edges only; inside, the domain's own types stand"},
	"github.com/wailsapp/wails": {[]string{"desktop"}, "the rest of the program runs without a window"},
	"github.com/mattn/go-sqlite3": {[]string{"kit/sqldb"},
		"pragmas and errors of SQLite are asked in one place"},
}

const (
	module  = "recado"
	ourApp  = module + "/app/"
	forTest = "kit/pgtest"
)

// file is what the rules look at in one Go file.
type file struct {
	path, room string
	test       bool
	imports    []string
	doc        bool
}

func TestImportsGoDown(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		for _, imported := range f.imports {
			if err := mayImport(f, imported); err != "" {
				t.Errorf("%s imports %s: %s", f.path, imported, err)
			}
		}
	}
}

func TestEveryPackageIsARoomAndSaysWhatItIs(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, f := range goFiles(t) {
		if !f.test {
			documented[f.room] = documented[f.room] || f.doc
		}
	}
	for name, ok := range documented {
		if _, known := rooms[name]; !known && !within(name, []string{"audit"}) {
			t.Errorf("app/%s is no room of the house: give it a line in rooms, with its reason", name)
		}
		if !ok {
			t.Errorf("app/%s has no package comment that begins with \"Package\"", name)
		}
	}
}

// TestRulesBite keeps the rules from going soft: each import here is forbidden.
func TestRulesBite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ room, imported string }{
		{"desk", "recado/app/kit/sqldb"},
		{"kit/sqldb", "recado/app/desk"},
		{"kit/sqldb", "recado/app/kit/disk"},
		{"client/sync", "recado/app/client/cache"},
		{"client/cache", "recado/app/client/remote"},
		{"client", "recado/app/server"},
		{"server/messaging", "recado/app/server/store"},
		{"server/messaging", "recado/app/wire"},
		{"server", "recado/app/client"},
		{"desktop", "recado/app/server"},
		{"desktop/bind", "recado/app/desktop/notify"},
		{"client", "github.com/wailsapp/wails/v2/pkg/runtime"},
		{"server/store", "github.com/mattn/go-sqlite3"},
		{"server/store", "recado/app/kit/pgtest"},
		{"cli", "recado/frontend"},
		{"unknown", "recado/app/desk"},
	} {
		if mayImport(file{room: c.room}, c.imported) == "" {
			t.Errorf("%s may import %s", c.room, c.imported)
		}
	}
}

// mayImport says why not, or nothing.
func mayImport(f file, imported string) string {
	for name, s := range sight {
		if imported != name && !strings.HasPrefix(imported, name+"/") {
			continue
		}
		if !within(f.room, s.seenBy) && !(f.test && name == "recado/app/wire") {
			return "only " + strings.Join(s.seenBy, ", ") + " may: " + s.because
		}
	}
	if imported == module+"/frontend" {
		return "only main hands the built frontend over"
	}
	target, ours := strings.CutPrefix(imported, ourApp)
	if !ours {
		return ""
	}
	r, known := rooms[f.room]
	if within(f.room, []string{"audit"}) {
		r, known = rooms["audit"], true
	}
	switch {
	case !known:
		return "its own package is no room of the house"
	case target == forTest && !f.test && !within(f.room, []string{"audit"}):
		return "only tests and audits start databases"
	case f.test && (target == forTest || target == f.room || within(target, []string{f.room})):
		return ""
	case within(target, r.mayImport), within(f.room, []string{"audit"}) && within(target, []string{"audit"}):
		return ""
	case f.test && target == "wire":
		return ""
	}
	return "it may import " + strings.Join(r.mayImport, ", ") + " of ours: " + r.because
}

// within says whether name is one of the rooms or a child of one.
func within(name string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool { return name == r || strings.HasPrefix(name, r+"/") })
}

// goFiles reads every Go file below app, for whichever system and tags it is meant.
func goFiles(t *testing.T) []file {
	t.Helper()
	var files []file
	err := fs.WalkDir(os.DirFS("."), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "testdata" {
			return firstOf(err, fs.SkipDir)
		}
		if d.IsDir() || path.Ext(p) != ".go" || path.Dir(p) == "." {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash(p), nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, file{path: "app/" + p, room: path.Dir(p), test: strings.HasSuffix(p, "_test.go"),
			imports: importsOf(t, parsed), doc: strings.HasPrefix(parsed.Doc.Text(), "Package ")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < len(rooms) {
		t.Fatalf("only %d Go files found: the test looks in the wrong place", len(files))
	}
	return files
}

func firstOf(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func importsOf(t *testing.T, f *ast.File) []string {
	t.Helper()
	var out []string
	for _, i := range f.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// TestMigrationsHaveNumbersOfTheirOwn: two that were written side by side must not both come next, nor one engine miss
// what the other has.
func TestMigrationsHaveNumbersOfTheirOwn(t *testing.T) {
	t.Parallel()
	of := map[string][]string{}
	for _, engine := range []string{"sqlite", "postgres"} {
		list, err := os.ReadDir(filepath.Join("server/store/migrations", engine))
		if err != nil {
			t.Fatal(err)
		}
		taken := map[string]string{}
		for _, f := range list {
			number, _, _ := strings.Cut(f.Name(), "_")
			if other, ok := taken[number]; ok {
				t.Errorf("%s and %s have one number", other, f.Name())
			}
			taken[number] = f.Name()
			of[engine] = append(of[engine], f.Name())
		}
	}
	if !slices.Equal(of["sqlite"], of["postgres"]) {
		t.Errorf("SQLite has %q, PostgreSQL %q", of["sqlite"], of["postgres"])
	}
}
