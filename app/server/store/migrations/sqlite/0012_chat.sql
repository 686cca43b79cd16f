-- +goose Up
-- Who says who they are without being believed, and whom an agent found them to be.
ALTER TABLE people ADD COLUMN unverified SMALLINT NOT NULL DEFAULT 0;
-- A visitor who has not written yet: nobody is told of them.
ALTER TABLE people ADD COLUMN unheard SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';

-- Web sites with a live chat.
CREATE TABLE sites (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    secret     TEXT NOT NULL, -- in the clear: signatures of the company's server are checked with it
    origins    TEXT NOT NULL, -- JSON
    identity   TEXT NOT NULL,
    disabled   SMALLINT NOT NULL DEFAULT 0,
    look       TEXT NOT NULL, -- JSON
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);

-- A browser's right to chat as a customer. The token is kept hashed only.
CREATE TABLE chat_sessions (
    id         TEXT PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES people (id),
    site       TEXT NOT NULL REFERENCES sites (id),
    token      TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX chat_sessions_by_person ON chat_sessions (person);

-- Which nodes live, and until when that is believed without hearing from them.
CREATE TABLE chat_nodes (
    node  TEXT PRIMARY KEY,
    until BIGINT NOT NULL
);

-- Open streams of the live chat, and those that ended lately.
CREATE TABLE chat_streams (
    id        TEXT PRIMARY KEY,
    node      TEXT NOT NULL,
    person    TEXT NOT NULL,
    session   TEXT NOT NULL,
    site      TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL DEFAULT 0,
    browser   TEXT NOT NULL,
    language  TEXT NOT NULL,
    page      TEXT NOT NULL DEFAULT '',
    title     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX chat_streams_by_person ON chat_streams (person);

-- Which visitor an agent found to be which customer.
CREATE TABLE person_merges (
    visitor TEXT PRIMARY KEY REFERENCES people (id),
    person  TEXT NOT NULL REFERENCES people (id),
    actor   TEXT NOT NULL REFERENCES people (id),
    at      BIGINT NOT NULL
);
