-- +goose Up
-- Since when customers wait for the team's answer; 0: they don't. Where one that was merged leads. What one was split
-- off from.
ALTER TABLE conversations ADD COLUMN waiting_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN merged_into TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN split_from TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE conversations SET waiting_since = COALESCE((SELECT MIN(m.created_at) FROM messages m JOIN people p ON p.id = m.author
    WHERE m.conversation = conversations.id AND p.kind = 'customer' AND m.number > COALESCE((SELECT MAX(a.number) FROM messages a
        JOIN people u ON u.id = a.author WHERE a.conversation = conversations.id AND u.kind = 'user'), 0)), 0) WHERE kind = 'customer';
CREATE INDEX conversations_waiting ON conversations (state, waiting_since, id) WHERE waiting_since > 0;
CREATE INDEX conversations_latest ON conversations (last_at DESC, id DESC);
CREATE INDEX conversations_unassigned ON conversations (last_at DESC, id DESC) WHERE kind = 'customer' AND state = 'open' AND assignee = '';

-- What sleeps, by whose it is and by when it wakes: the standing is the job.
CREATE INDEX standings_snoozed ON standings (person, conversation) WHERE snoozed_until > 0;
CREATE INDEX standings_waking ON standings (snoozed_until) WHERE snoozed_until > 0;

-- Who merged what, and who came into the target by it; an undone one is kept.
CREATE TABLE merges (
    id        TEXT COLLATE "C" PRIMARY KEY,
    source    TEXT COLLATE "C" NOT NULL REFERENCES conversations (id),
    target    TEXT COLLATE "C" NOT NULL REFERENCES conversations (id),
    actor     TEXT COLLATE "C" NOT NULL,
    at        BIGINT NOT NULL,
    came      TEXT COLLATE "C" NOT NULL, -- JSON
    state     TEXT COLLATE "C" NOT NULL, -- of the source before
    undone_by TEXT COLLATE "C" NOT NULL DEFAULT '',
    undone_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX merges_in_force ON merges (source) WHERE undone_at = 0;
INSERT INTO counters (name, value) VALUES ('merges', 0);

-- Files that another message than their own carries too.
CREATE TABLE shared_files (
    file    TEXT COLLATE "C" NOT NULL REFERENCES files (id),
    message TEXT COLLATE "C" NOT NULL REFERENCES messages (id),
    PRIMARY KEY (file, message)
);
