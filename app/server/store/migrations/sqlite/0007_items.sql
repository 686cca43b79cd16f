-- +goose Up
-- Numbers that are given one after the other, in the transaction of what gets them.
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO counters (name, value) VALUES ('items', 0), ('tags', 0);

-- Tickets and tasks.
CREATE TABLE items (
    number      INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    state       TEXT NOT NULL,
    assignee    TEXT NOT NULL,
    due_at      BIGINT NOT NULL,
    tags        TEXT NOT NULL, -- a comma after each
    project     TEXT NOT NULL,
    followers   BIGINT NOT NULL,
    author      TEXT NOT NULL REFERENCES people (id),
    created_at  BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE INDEX items_by_state ON items (state, number DESC);
CREATE INDEX items_active ON items (number DESC) WHERE state <> 'done';
CREATE INDEX items_by_kind ON items (kind, number DESC);
CREATE INDEX items_by_assignee ON items (assignee, number DESC);
CREATE INDEX items_by_project ON items (project, number DESC);
CREATE INDEX items_due ON items (due_at, number) WHERE due_at > 0;

CREATE VIRTUAL TABLE items_words USING fts5 (
    title, description, content = 'items', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE tags (
    name TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE item_tags (
    tag    TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (tag, number)
) WITHOUT ROWID;

-- Who follows an item, and who does not want to be told of it.
CREATE TABLE followings (
    item    TEXT NOT NULL REFERENCES items (id),
    person  TEXT NOT NULL REFERENCES people (id),
    number  BIGINT NOT NULL, -- of the item
    follows SMALLINT NOT NULL,
    muted   SMALLINT NOT NULL,
    PRIMARY KEY (item, person)
) WITHOUT ROWID;
CREATE INDEX followings_by_person ON followings (person, number DESC) WHERE follows = 1;

-- Who changed what of an item, and when.
CREATE TABLE item_changes (
    item    TEXT NOT NULL REFERENCES items (id),
    version BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    at      BIGINT NOT NULL,
    changes TEXT NOT NULL, -- JSON
    PRIMARY KEY (item, version)
) WITHOUT ROWID;

-- An item has at most one conversation of each kind.
CREATE UNIQUE INDEX conversations_of_item ON conversations (item, kind) WHERE item <> '';
-- The version of which everybody was told last.
ALTER TABLE conversations ADD COLUMN shown_version BIGINT NOT NULL DEFAULT 0;
UPDATE conversations SET shown_version = version;
