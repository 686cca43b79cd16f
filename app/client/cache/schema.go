package cache

// schema holds one list of statements for each version; user_version counts how many lists a file has seen.
var schema = [][]string{{
	`CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE people (
		id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, organisation TEXT NOT NULL,
		role TEXT NOT NULL, disabled INTEGER NOT NULL, version INTEGER NOT NULL, folded TEXT NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE conversations (
		id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL, item TEXT NOT NULL,
		last_number INTEGER NOT NULL, last_at TEXT NOT NULL, seen_up_to INTEGER NOT NULL, unseen INTEGER NOT NULL,
		muted INTEGER NOT NULL, history_from INTEGER NOT NULL, version INTEGER NOT NULL, audience TEXT NOT NULL,
		has_others INTEGER NOT NULL DEFAULT 0, has_mine INTEGER NOT NULL DEFAULT 0, mentioned INTEGER NOT NULL DEFAULT 0
	) WITHOUT ROWID`,
	`CREATE INDEX conversations_inbox ON conversations (last_at, id) WHERE kind = 'internal' AND has_others = 1`,
	`CREATE INDEX conversations_sent ON conversations (last_at, id) WHERE kind = 'internal' AND has_mine = 1`,
	`CREATE INDEX conversations_unread ON conversations (last_at, id) WHERE unseen > 0`,
	`CREATE INDEX conversations_mentions ON conversations (last_at, id) WHERE mentioned = 1`,
	`CREATE TABLE participants (
		conversation TEXT NOT NULL, position INTEGER NOT NULL, person TEXT NOT NULL, history_from INTEGER NOT NULL,
		seen_up_to INTEGER NOT NULL, seen_at TEXT NOT NULL, PRIMARY KEY (conversation, person)) WITHOUT ROWID`,
	// seq grows with the time of writing, so that the index can be walked newest first.
	`CREATE TABLE messages (
		seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL, number INTEGER NOT NULL,
		author TEXT NOT NULL, body TEXT NOT NULL, files TEXT NOT NULL, mentions TEXT NOT NULL, created_at TEXT NOT NULL,
		edited_at TEXT NOT NULL, deleted_at TEXT NOT NULL, version INTEGER NOT NULL, key TEXT NOT NULL)`,
	`CREATE INDEX messages_place ON messages (conversation, number, author, deleted_at)`,
	`CREATE INDEX messages_key ON messages (key) WHERE key <> ''`,
	`CREATE INDEX messages_files ON messages (seq) WHERE files <> '[]'`,
	`CREATE VIRTUAL TABLE messages_fts USING fts5 (body, content='messages', content_rowid='seq',
		tokenize='unicode61 remove_diacritics 2', prefix='2 3')`,
	`CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
		INSERT INTO messages_fts (rowid, body) VALUES (new.seq, new.body); END`,
	`CREATE TRIGGER messages_removed AFTER DELETE ON messages BEGIN
		INSERT INTO messages_fts (messages_fts, rowid, body) VALUES ('delete', old.seq, old.body); END`,
	`CREATE TRIGGER messages_changed AFTER UPDATE OF body ON messages WHEN old.body <> new.body BEGIN
		INSERT INTO messages_fts (messages_fts, rowid, body) VALUES ('delete', old.seq, old.body);
		INSERT INTO messages_fts (rowid, body) VALUES (new.seq, new.body); END`,
	`CREATE TABLE drafts (
		target TEXT PRIMARY KEY, body TEXT NOT NULL, participants TEXT NOT NULL, files TEXT NOT NULL,
		mentions TEXT NOT NULL, subject TEXT NOT NULL, saved_at TEXT NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE outbox (
		position INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL, is_new INTEGER NOT NULL,
		participants TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, files TEXT NOT NULL, mentions TEXT NOT NULL,
		uploaded TEXT NOT NULL, audience TEXT NOT NULL, created_at TEXT NOT NULL, state TEXT NOT NULL, problem TEXT NOT NULL)`,
	`CREATE INDEX outbox_conversation ON outbox (conversation, position)`,
	`CREATE TABLE pending_files (id TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, type TEXT NOT NULL,
		finished INTEGER NOT NULL, begun_at TEXT NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE unsent_seen (conversation TEXT PRIMARY KEY, up_to INTEGER NOT NULL, at TEXT NOT NULL) WITHOUT ROWID`,
	// What the snapshot being read has named so far: everything else is removed when it ends.
	`CREATE TABLE snapshot (id TEXT PRIMARY KEY) WITHOUT ROWID`,
	// Conversations whose old messages are to be read; before is below 0 where the conversation itself is unknown.
	`CREATE TABLE history (conversation TEXT PRIMARY KEY, before INTEGER NOT NULL) WITHOUT ROWID`,
}, {
	`CREATE INDEX conversations_open ON conversations (last_at, id) WHERE kind = 'customer' AND state = 'open'`,
	`CREATE INDEX conversations_closed ON conversations (last_at, id) WHERE kind = 'customer' AND state = 'closed'`,
	`CREATE INDEX participants_person ON participants (person, conversation)`,
	`ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'internal'`,
}, {
	`ALTER TABLE messages ADD COLUMN mail TEXT NOT NULL DEFAULT ''`,
	// What became of messages outside the app, as the feed and answers told; those in the app are told by what was seen.
	`CREATE TABLE deliveries (
		message TEXT NOT NULL, person TEXT NOT NULL, channel TEXT NOT NULL, conversation TEXT NOT NULL, state TEXT NOT NULL,
		due_at TEXT NOT NULL, at TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
		PRIMARY KEY (message, person, channel)) WITHOUT ROWID`,
	`CREATE INDEX deliveries_failed ON deliveries (conversation, person, at) WHERE state = 'failed'`,
	`CREATE INDEX deliveries_person ON deliveries (person, conversation, at) WHERE state = 'sent'`,
	`CREATE TABLE bubbles (message TEXT PRIMARY KEY, shown INTEGER NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE mails (message TEXT PRIMARY KEY, content TEXT NOT NULL, seen_at TEXT NOT NULL)`,
	// Messages that are here already were stored without what is to be known of their mails: everything is read anew.
	`UPDATE meta SET value = '' WHERE key = 'epoch'`,
}, {
	`CREATE TABLE items (
		number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL,
		state TEXT NOT NULL, assignee TEXT NOT NULL, due TEXT NOT NULL, tags TEXT NOT NULL, project TEXT NOT NULL, followers TEXT NOT NULL,
		author TEXT NOT NULL, created_at TEXT NOT NULL, changed_at TEXT NOT NULL, muted INTEGER NOT NULL, version INTEGER NOT NULL)`,
	`CREATE INDEX items_state ON items (state, number)`,
	`CREATE INDEX items_active ON items (number) WHERE state <> 'done'`,
	`CREATE INDEX items_assignee ON items (assignee, number)`,
	`CREATE INDEX items_due ON items (due, number) WHERE due <> ''`,
	`CREATE VIRTUAL TABLE items_fts USING fts5 (title, description, content='items', content_rowid='number',
		tokenize='unicode61 remove_diacritics 2', prefix='2 3')`,
	`CREATE TRIGGER items_added AFTER INSERT ON items BEGIN
		INSERT INTO items_fts (rowid, title, description) VALUES (new.number, new.title, new.description); END`,
	`CREATE TRIGGER items_removed AFTER DELETE ON items BEGIN
		INSERT INTO items_fts (items_fts, rowid, title, description) VALUES ('delete', old.number, old.title, old.description); END`,
	`CREATE TRIGGER items_changed AFTER UPDATE OF title, description ON items BEGIN
		INSERT INTO items_fts (items_fts, rowid, title, description) VALUES ('delete', old.number, old.title, old.description);
		INSERT INTO items_fts (rowid, title, description) VALUES (new.number, new.title, new.description); END`,
	`ALTER TABLE conversations ADD COLUMN assignee TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE conversations ADD COLUMN snoozed_until TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE conversations ADD COLUMN waiting_since TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE conversations ADD COLUMN merged_into TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE conversations ADD COLUMN split_from TEXT NOT NULL DEFAULT ''`,
	// Whether the reader looks after it, and stands in it: every user sees what belongs to an item, but it is news to few.
	`ALTER TABLE conversations ADD COLUMN is_mine INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE conversations ADD COLUMN stands INTEGER NOT NULL DEFAULT 0`,
	`CREATE INDEX conversations_mine ON conversations (last_at, id) WHERE is_mine = 1`,
	`CREATE INDEX conversations_unassigned ON conversations (last_at, id) WHERE kind = 'customer' AND state = 'open' AND assignee = ''`,
	`CREATE INDEX conversations_snoozed ON conversations (last_at, id) WHERE snoozed_until <> ''`,
	`CREATE INDEX conversations_waiting ON conversations (waiting_since, id) WHERE waiting_since <> '' AND state = 'open'`,
	`CREATE INDEX conversations_item ON conversations (item, kind) WHERE item <> ''`,
	`ALTER TABLE outbox ADD COLUMN item TEXT NOT NULL DEFAULT ''`,
	`CREATE TABLE unsent_snoozes (conversation TEXT PRIMARY KEY, until TEXT NOT NULL) WITHOUT ROWID`,
	`UPDATE meta SET value = '' WHERE key = 'epoch'`,
}, {
	`ALTER TABLE people ADD COLUMN unverified INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE people ADD COLUMN merged_into TEXT NOT NULL DEFAULT ''`,
	// Nobody who is here already was told to be a visitor: everything is read anew.
	`UPDATE meta SET value = '' WHERE key = 'epoch'`,
}, {
	`CREATE TABLE canned_answers (
		position INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, changed_by TEXT NOT NULL,
		changed_at TEXT NOT NULL, version INTEGER NOT NULL)`,
}, {
	// When it may leave at the earliest; empty: at once.
	`ALTER TABLE outbox ADD COLUMN leaves_at TEXT NOT NULL DEFAULT ''`,
}}
