-- +goose Up
CREATE TABLE meta (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE boots (
    boot TEXT COLLATE "C" PRIMARY KEY,
    at   BIGINT NOT NULL
);

CREATE TABLE people (
    id           TEXT COLLATE "C" PRIMARY KEY,
    kind         TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    email        TEXT COLLATE "C" NOT NULL,
    address      TEXT COLLATE "C" NOT NULL UNIQUE,
    organisation TEXT COLLATE "C" NOT NULL DEFAULT '',
    role         TEXT COLLATE "C" NOT NULL DEFAULT '',
    locale       TEXT COLLATE "C" NOT NULL DEFAULT '',
    password     TEXT COLLATE "C" NOT NULL DEFAULT '',
    settings     TEXT COLLATE "C" NOT NULL DEFAULT '',
    words        TEXT COLLATE "C" NOT NULL, -- folded, each with a space before it, for finding by the beginning of a word
    disabled     SMALLINT NOT NULL DEFAULT 0,
    created_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE INDEX people_by_name ON people (name, id);

CREATE TABLE sessions (
    id         TEXT COLLATE "C" PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    token      TEXT COLLATE "C" NOT NULL UNIQUE,
    device     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person);

CREATE TABLE invitations (
    token      TEXT COLLATE "C" PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE conversations (
    id          TEXT COLLATE "C" PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    subject     TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    item        TEXT COLLATE "C" NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    audience    BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE INDEX conversations_by_activity ON conversations (kind, state, last_at DESC, id DESC);

CREATE TABLE standings (
    conversation  TEXT COLLATE "C" NOT NULL REFERENCES conversations (id),
    person        TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    participant   SMALLINT NOT NULL,
    history_from  BIGINT NOT NULL,
    seen_up_to    BIGINT NOT NULL DEFAULT 0,
    seen_at       BIGINT NOT NULL DEFAULT 0,
    muted         SMALLINT NOT NULL DEFAULT 0,
    snoozed_until BIGINT NOT NULL DEFAULT 0,
    written       BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, person)
);
CREATE INDEX standings_by_person ON standings (person, participant, conversation);

CREATE TABLE messages (
    seq          BIGSERIAL PRIMARY KEY,
    id           TEXT COLLATE "C" NOT NULL UNIQUE,
    conversation TEXT COLLATE "C" NOT NULL REFERENCES conversations (id),
    number       BIGINT NOT NULL,
    author       TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    client_key   TEXT COLLATE "C" NOT NULL,
    body         TEXT COLLATE "C" NOT NULL,
    words        TSVECTOR NOT NULL,
    files        TEXT COLLATE "C" NOT NULL DEFAULT '',
    mentions     TEXT COLLATE "C" NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    edited_at    BIGINT NOT NULL DEFAULT 0,
    deleted_at   BIGINT NOT NULL DEFAULT 0,
    version      BIGINT NOT NULL,
    UNIQUE (conversation, number)
);

CREATE INDEX messages_by_words ON messages USING gin (words);

CREATE TABLE message_versions (
    message TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT COLLATE "C" NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (message, version)
);

CREATE TABLE mentions (
    person  TEXT COLLATE "C" NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    number  BIGINT NOT NULL,
    PRIMARY KEY (person, conversation, number)
);

CREATE TABLE files (
    id         TEXT COLLATE "C" PRIMARY KEY,
    owner      TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    name       TEXT COLLATE "C" NOT NULL,
    size       BIGINT NOT NULL,
    type       TEXT COLLATE "C" NOT NULL,
    message    TEXT COLLATE "C" NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);

CREATE TABLE client_keys (
    person     TEXT COLLATE "C" NOT NULL,
    client_key TEXT COLLATE "C" NOT NULL,
    hash       TEXT COLLATE "C" NOT NULL,
    ref        TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (person, client_key)
);

CREATE TABLE heads (
    person TEXT COLLATE "C" PRIMARY KEY REFERENCES people (id),
    head   BIGINT NOT NULL,
    floor  BIGINT NOT NULL
);

CREATE TABLE feed (
    person       TEXT COLLATE "C" NOT NULL,
    number       BIGINT NOT NULL,
    type         TEXT COLLATE "C" NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    ref          TEXT COLLATE "C" NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (person, number)
);
