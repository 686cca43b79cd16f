-- +goose Up
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE boots (
    boot TEXT PRIMARY KEY,
    at   BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE people (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    email        TEXT NOT NULL,
    address      TEXT NOT NULL UNIQUE,
    organisation TEXT NOT NULL DEFAULT '',
    role         TEXT NOT NULL DEFAULT '',
    locale       TEXT NOT NULL DEFAULT '',
    password     TEXT NOT NULL DEFAULT '',
    settings     TEXT NOT NULL DEFAULT '',
    words        TEXT NOT NULL, -- folded, each with a space before it, for finding by the beginning of a word
    disabled     SMALLINT NOT NULL DEFAULT 0,
    created_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE INDEX people_by_name ON people (name, id);

CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES people (id),
    token      TEXT NOT NULL UNIQUE,
    device     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person);

CREATE TABLE invitations (
    token      TEXT PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES people (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE conversations (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    state       TEXT NOT NULL,
    item        TEXT NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    audience    BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE INDEX conversations_by_activity ON conversations (kind, state, last_at DESC, id DESC);

CREATE TABLE standings (
    conversation  TEXT NOT NULL REFERENCES conversations (id),
    person        TEXT NOT NULL REFERENCES people (id),
    participant   SMALLINT NOT NULL,
    history_from  BIGINT NOT NULL,
    seen_up_to    BIGINT NOT NULL DEFAULT 0,
    seen_at       BIGINT NOT NULL DEFAULT 0,
    muted         SMALLINT NOT NULL DEFAULT 0,
    snoozed_until BIGINT NOT NULL DEFAULT 0,
    written       BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, person)
) WITHOUT ROWID;
CREATE INDEX standings_by_person ON standings (person, participant, conversation);

CREATE TABLE messages (
    seq          INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversations (id),
    number       BIGINT NOT NULL,
    author       TEXT NOT NULL REFERENCES people (id),
    client_key   TEXT NOT NULL,
    body         TEXT NOT NULL,
    files        TEXT NOT NULL DEFAULT '',
    mentions     TEXT NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    edited_at    BIGINT NOT NULL DEFAULT 0,
    deleted_at   BIGINT NOT NULL DEFAULT 0,
    version      BIGINT NOT NULL,
    UNIQUE (conversation, number)
);

CREATE VIRTUAL TABLE messages_words USING fts5 (
    body, content = 'messages', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE message_versions (
    message TEXT NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (message, version)
) WITHOUT ROWID;

CREATE TABLE mentions (
    person  TEXT NOT NULL,
    conversation TEXT NOT NULL,
    number  BIGINT NOT NULL,
    PRIMARY KEY (person, conversation, number)
) WITHOUT ROWID;

CREATE TABLE files (
    id         TEXT PRIMARY KEY,
    owner      TEXT NOT NULL REFERENCES people (id),
    name       TEXT NOT NULL,
    size       BIGINT NOT NULL,
    type       TEXT NOT NULL,
    message    TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);

CREATE TABLE client_keys (
    person     TEXT NOT NULL,
    client_key TEXT NOT NULL,
    hash       TEXT NOT NULL,
    ref        TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (person, client_key)
) WITHOUT ROWID;

CREATE TABLE heads (
    person TEXT PRIMARY KEY REFERENCES people (id),
    head   BIGINT NOT NULL,
    floor  BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE feed (
    person       TEXT NOT NULL,
    number       BIGINT NOT NULL,
    type         TEXT NOT NULL,
    conversation TEXT NOT NULL,
    ref          TEXT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (person, number)
) WITHOUT ROWID;
