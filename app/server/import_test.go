package server_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recado/app/desk"
	"recado/app/kit/mailbox"
	"recado/app/kit/pgtest"
	"recado/app/kit/sqldb"
	"recado/app/server"
	"recado/app/server/accounts"
	"recado/app/server/mailin"
	"recado/app/wire"
)

// correspondence is what a team and its customers wrote to each other, oldest first: answers with files, to mails before
// the last and to several customers, one whose clock was wrong, reports, and what is to be held.
func correspondence(customers int) (mails []string) {
	at := time.Date(2024, 2, 1, 9, 0, 0, 0, time.UTC)
	add := func(head, body string) {
		at = at.Add(17 * time.Minute)
		mails = append(mails, "Date: "+at.Format(time.RFC1123Z)+"\n"+head+"\n\n"+body+"\n")
	}
	for i := range customers {
		who := fmt.Sprintf("c%d@shop%d.example", i, i%7)
		id := func(n int) string { return fmt.Sprintf("<%d.%d@mail.example>", i, n) }
		got := "Received: from x by mx.acme.example; " + at.Add(20*time.Minute).Format(time.RFC1123Z) + "\n"
		add(got+fmt.Sprintf("From: Customer %d <%s>\nTo: support@acme.example\nSubject: Question %d\nMessage-ID: %s", i, who, i, id(1)), fmt.Sprintf("Question number %d.", i))
		add(fmt.Sprintf("From: Ana <ana@example.test>\nTo: %s\nSubject: Re: Question %d\nMessage-ID: %s\nIn-Reply-To: %s\nReferences: %s", who, i, id(2), id(1), id(1)), "Which colour?")
		wrong := at.Add(-72 * time.Hour).Format(time.RFC1123Z)
		mails = append(mails, fmt.Sprintf("Date: %s\n%sFrom: %s\nTo: ana@example.test\nSubject: Re: Question %d\nMessage-ID: %s\nReferences: %s %s\nContent-Type: multipart/mixed; boundary=b\n\n"+
			"--b\nContent-Type: text/plain\n\nGreen, see the picture.\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=green.txt\n\ngreen %d\n--b--\n",
			wrong, got, who, i, id(3), id(1), id(2), i))
		add(fmt.Sprintf("From: support@acme.example\nTo: %s, Second <second%d@shop.example>\nSubject: Re: Question %d\nMessage-ID: %s\nIn-Reply-To: %s", who, i, i, id(4), id(3)), "It is on its way to both of you.")
		add(got+fmt.Sprintf("From: second%d@shop.example\nTo: support@acme.example\nSubject: Re: Question %d\nMessage-ID: %s\nIn-Reply-To: %s", i, i, id(5), id(4)), "Thank you.")
		add(got+fmt.Sprintf("From: stranger%d@far.example\nTo: support@acme.example\nSubject: Re: Question %d\nMessage-ID: %s\nIn-Reply-To: %s", i, i, id(6), id(4)), "I was forwarded this.")
		if i%5 == 0 {
			add(got+fmt.Sprintf("From: news@bulk.example\nTo: support@acme.example\nSubject: News %d\nMessage-ID: %s\nPrecedence: bulk", i, id(7)), "Buy.")
			add(fmt.Sprintf("Return-Path: <>\n%sFrom: MAILER-DAEMON@mx.acme.example\nTo: support@acme.example\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: %s\nContent-Type: multipart/report; report-type=delivery-status; boundary=b", got, id(8)),
				fmt.Sprintf("--b\nContent-Type: text/plain\n\nNobody is there.\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; second%d@shop.example\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: %s\n--b--", i, id(4)))
		}
	}
	return mails
}

func mboxOf(t *testing.T, mails []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "Inbox.mbox")
	var b strings.Builder
	for _, m := range mails {
		fmt.Fprintf(&b, "From x Thu Feb  1 09:00:00 2024\n%s\n", m)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var importTeam = server.Config{MailFrom: "Acme <support@acme.example>", Log: slog.New(slog.NewTextHandler(io.Discard, nil))}

// fresh is the configuration of an empty data folder, or of an empty PostgreSQL database with one, that knows Ana.
func freshFor(t *testing.T, engine sqldb.Engine) server.Config {
	t.Helper()
	c := importTeam
	c.Data = t.TempDir()
	if engine == sqldb.Postgres {
		c.Database = pgtest.URL(t)
	}
	withTools(t, c, func(tools *server.Tools) {
		_, _, err := tools.Accounts.Add(t.Context(), accounts.NewPerson{Kind: desk.User, Name: "Ana", Email: "ana@example.test", Role: desk.Agent, Password: password})
		if err != nil {
			t.Fatal(err)
		}
	})
	return c
}

func withTools(t *testing.T, c server.Config, fn func(*server.Tools)) {
	t.Helper()
	tools, err := server.OpenTools(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer tools.Close()
	fn(tools)
}

func imported(t *testing.T, c server.Config, mbox string) (sum mailin.Imported) {
	t.Helper()
	withTools(t, c, func(tools *server.Tools) { sum = importInto(t, tools, c, mbox, mailin.ImportOptions{}) })
	return sum
}

func importInto(t *testing.T, tools *server.Tools, c server.Config, mbox string, o mailin.ImportOptions) mailin.Imported {
	t.Helper()
	box, err := mailbox.OpenMbox(mbox)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	sum, err := tools.Import(t.Context(), c, box, o)
	if err != nil || len(sum.Unreadable) > 0 {
		t.Fatalf("imported %+v, %v", sum, err)
	}
	return sum
}

// told is what people would see of everything, and what it hangs on, in words that do not depend on made-up ids.
const told = `SELECT 'message', c.id, c.kind, c.subject, c.state, c.past, c.last_number, c.last_at, m.id, m.number, p.email, p.name, p.kind, p.disabled, m.body, m.files, m.created_at, m.origin
	FROM messages m JOIN conversations c ON c.id = m.conversation JOIN people p ON p.id = m.author`
const heldAndPlaced = `SELECT id, sha256, received_at, envelope, state, reason, message_id, sender, sender_name, subject, conversation, message, verified FROM mails`
const stood = `SELECT s.conversation, p.email, s.participant, s.history_from, s.seen_up_to, s.written FROM standings s JOIN people p ON p.id = s.person`
const fed = `SELECT p.email, p.name, f.type, f.conversation, CASE WHEN f.type = 'message.created' THEN f.ref ELSE '' END FROM feed f JOIN people p ON p.id = f.person`

func rowsOf(t *testing.T, c server.Config, queries ...string) (lines []string) {
	t.Helper()
	withTools(t, c, func(tools *server.Tools) {
		err := tools.DB.Read(t.Context(), func(q sqldb.Queryer) error {
			for _, query := range queries {
				rows, err := q.Query(query)
				if err := sqldb.Rows(rows, err, func(r *sql.Rows) error {
					names, err := r.Columns()
					if err != nil {
						return err
					}
					values, into := make([]any, len(names)), make([]any, len(names))
					for i := range values {
						into[i] = &values[i]
					}
					err = r.Scan(into...)
					lines = append(lines, fmt.Sprint(values...))
					return err
				}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	slices.Sort(lines)
	return lines
}

// named is rowsOf with people by address in place of the ids that they got.
func named(t *testing.T, c server.Config, queries ...string) (lines []string) {
	t.Helper()
	var pairs []string
	for _, l := range rowsOf(t, c, `SELECT id || ' ' || email FROM people`) {
		id, email, _ := strings.Cut(strings.Trim(l, "[]"), " ")
		pairs = append(pairs, id, email)
	}
	names := strings.NewReplacer(pairs...)
	for _, l := range rowsOf(t, c, queries...) {
		lines = append(lines, names.Replace(l))
	}
	slices.Sort(lines)
	return lines
}

// dumpOf is every row of every table.
func dumpOf(t *testing.T, c server.Config) []string {
	t.Helper()
	tables := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if c.Database != "" {
		tables = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	var queries []string
	for _, name := range rowsOf(t, c, tables) {
		queries = append(queries, `SELECT '`+strings.Trim(name, "[]")+`', x.* FROM "`+strings.Trim(name, "[]")+`" x`)
	}
	if len(queries) < 10 {
		t.Fatalf("only %d tables", len(queries))
	}
	return rowsOf(t, c, queries...)
}

func filesIn(t *testing.T, c server.Config) (names []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(c.Data, "files", "??", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		names = append(names, filepath.Base(f))
	}
	slices.Sort(names)
	return names
}

func inOrder(t *testing.T, c server.Config) {
	t.Helper()
	withTools(t, c, func(tools *server.Tools) {
		if found, err := tools.Check(t.Context()); err != nil || len(found) > 0 {
			t.Errorf("the check found %v, %v", found, err)
		}
	})
}

// differ shows the first rows in which two lists are not the same.
func differ(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	shown := 0
	for _, l := range got {
		if !slices.Contains(want, l) && shown < 2 {
			t.Errorf("%s: only here: %.900s", what, l)
			shown++
		}
	}
	for _, l := range want {
		if !slices.Contains(got, l) && shown < 4 {
			t.Errorf("%s: only there: %.900s", what, l)
			shown++
		}
	}
	t.Errorf("%s: %d rows and %d", what, len(got), len(want))
}

func onBoth(t *testing.T, test func(*testing.T, sqldb.Engine)) {
	for _, engine := range []sqldb.Engine{sqldb.SQLite, sqldb.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			test(t, engine)
		})
	}
}

func TestASecondImportChangesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, engine sqldb.Engine) {
		mbox, c := mboxOf(t, correspondence(15)), freshFor(t, engine)
		first := imported(t, c, mbox)
		if first.Messages != 15*6+3 || first.Conversations != 15*2 || first.Customers != 15*3 || first.Held[mailin.ReasonAutomatic] != 3 || first.There != 0 {
			t.Errorf("imported %+v", first)
		}
		before, files := dumpOf(t, c), filesIn(t, c)
		second := imported(t, c, mbox)
		if second.There != first.Mails || second.Messages+second.Customers+second.Conversations+len(second.Held) != 0 {
			t.Errorf("the second time: %+v", second)
		}
		differ(t, "the database", dumpOf(t, c), before)
		differ(t, "the files", filesIn(t, c), files)
		inOrder(t, c)
	})
}

func TestImportsDoNotDependOnTheOrderOfAMailbox(t *testing.T) {
	t.Parallel()
	mails := correspondence(12)
	want := freshFor(t, sqldb.SQLite)
	imported(t, want, mboxOf(t, mails))
	all := []string{told, heldAndPlaced, stood, fed}
	for seed := range uint64(3) {
		shuffled := slices.Clone(mails)
		rand.New(rand.NewPCG(seed, 7)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		c := freshFor(t, sqldb.SQLite)
		imported(t, c, mboxOf(t, shuffled))
		differ(t, "shuffled", named(t, c, all...), named(t, want, all...))
	}
	postgres := freshFor(t, sqldb.Postgres)
	imported(t, postgres, mboxOf(t, mails))
	differ(t, "on PostgreSQL", named(t, postgres, all...), named(t, want, all...))
	// what came in two mailboxes, the newer first, ends in the same conversations
	halves := freshFor(t, sqldb.SQLite)
	imported(t, halves, mboxOf(t, mails[:len(mails)/2]))
	imported(t, halves, mboxOf(t, mails))
	differ(t, "in two steps", rowsOf(t, halves, `SELECT conversation, id, number, body FROM messages`), rowsOf(t, want, `SELECT conversation, id, number, body FROM messages`))
	inOrder(t, halves)
}

// importKilled runs an import in a process of its own that is killed when it has entered a number of mails.
func importKilled(t *testing.T, c server.Config, mbox string, after int) (killed bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), importChild+"="+strings.Join([]string{c.Data, c.Database, mbox, strconv.Itoa(after)}, "|"))
	said, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState.Exited() {
		t.Fatalf("the child: %v: %s", err, said)
	}
	return err != nil
}

// importChild is the variable that makes this test binary import a mailbox and die in the middle of it.
const importChild = "RECADO_TEST_IMPORT"

func childImport(args []string) error {
	after, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	c := importTeam
	c.Data, c.Database = args[0], args[1]
	ctx := context.Background()
	tools, err := server.OpenTools(ctx, c)
	if err != nil {
		return err
	}
	defer tools.Close()
	box, err := mailbox.OpenMbox(args[2])
	if err != nil {
		return err
	}
	o := mailin.ImportOptions{Progress: &mailin.ImportProgress{}}
	go func() {
		for o.Progress.Done.Load() < int64(after) {
			runtime.Gosched()
		}
		self, _ := os.FindProcess(os.Getpid())
		self.Kill()
	}()
	_, err = tools.Import(ctx, c, box, o)
	return err
}

func TestAnImportThatIsKilledIsFinishedByAnother(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, engine sqldb.Engine) {
		mails := correspondence(60)
		mbox, want, c := mboxOf(t, mails), freshFor(t, sqldb.SQLite), freshFor(t, engine)
		imported(t, want, mbox)
		kills := 0
		for _, after := range []int{1, 30, 1, 90, 150, 60} {
			if importKilled(t, c, mbox, after) {
				kills++
			}
			inOrder(t, c)
		}
		if kills < 3 {
			t.Errorf("killed only %d times", kills)
		}
		imported(t, c, mbox)
		// Which of two conversations was entered first shows in feeds alone, where each entry stands once.
		differ(t, "after kills", named(t, c, told, heldAndPlaced, stood, fed), named(t, want, told, heldAndPlaced, stood, fed))
		differ(t, "the files after kills", filesIn(t, c), filesIn(t, want))
		inOrder(t, c)
	})
}

// TestThePastIsNoNews imports beside a running server: everybody has it, nobody is told of it.
func TestThePastIsNoNews(t *testing.T) {
	t.Parallel()
	s := startWith(t, server.Config{Data: t.TempDir(), MailFrom: importTeam.MailFrom, MailListen: "127.0.0.1:0", Resolver: names{}})
	ana, luis := s.user("Ana", desk.Agent), s.user("Luis", desk.Agent)
	stream := luis.feed("")
	mbox := mboxOf(t, append(correspondence(1), "From: Nora <nora@shop.example>\nDate: "+time.Now().Add(-time.Hour).Format(time.RFC1123Z)+
		"\nTo: support@acme.example\nSubject: Recent\nMessage-ID: <recent@shop.example>\n\nStill waiting.\n"))
	importInto(t, s.tools, importTeam, mbox, mailin.ImportOptions{OpenSince: 24 * time.Hour})
	open, closed := ana.inView("open"), ana.inView("closed")
	if len(open) != 1 || open[0].Subject != "Recent" || len(closed) != 2 {
		t.Fatalf("open %+v, closed %+v", open, closed)
	}
	seen := map[string]int64{}
	for n := 0; n < 8; {
		e, ok := stream.next()
		if !ok {
			t.Fatal("the stream ended")
		}
		switch e.name {
		case "conversation.created", "conversation.changed":
			c := decodeEvent[struct{ Conversation wire.Conversation }](t, e).Conversation
			seen[c.ID] = c.SeenUpTo
		case "message.created":
			m := decodeEvent[struct{ Message wire.Message }](t, e).Message
			if m.Number > seen[m.Conversation] {
				t.Errorf("message %d of %s is news: seen up to %d", m.Number, m.Conversation, seen[m.Conversation])
			}
			n++
		}
	}
	for _, c := range slices.Concat(open, closed) {
		if c.Unseen != 0 || c.LastMessage == nil || c.SeenUpTo != c.LastMessage.Number {
			t.Errorf("%s: unseen %d, seen up to %d", c.Subject, c.Unseen, c.SeenUpTo)
		}
	}
	config := server.Config{Data: s.data}
	if d := rowsOf(t, config, `SELECT * FROM deliveries`); len(d) != 0 {
		t.Errorf("planned: %v", d)
	}
	// what follows is news, also to who comes later, and opens what was closed
	s.mailed("second0@shop.example", "support@acme.example", "From: second0@shop.example\nMessage-ID: <new@shop.example>\nIn-Reply-To: <0.4@mail.example>\nSubject: Re: Question 0\n\nIt is broken.\n")
	ana.waitsConversation(2)
	marta := s.user("Marta", desk.Agent)
	for _, c := range marta.inView("open") {
		if want := c.LastMessage.Number - int64(bit(c.Subject == "Question 0")); c.SeenUpTo != want {
			t.Errorf("%s: Marta has seen %d of %d", c.Subject, c.SeenUpTo, c.LastMessage.Number)
		}
	}
	for _, c := range ana.inView("unread") {
		if c.Subject != "Question 0" || c.Unseen != 1 {
			t.Errorf("unread: %s, %d", c.Subject, c.Unseen)
		}
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
