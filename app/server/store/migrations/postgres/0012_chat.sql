-- +goose Up
-- Who says who they are without being believed, and whom an agent found them to be.
ALTER TABLE people ADD COLUMN unverified SMALLINT NOT NULL DEFAULT 0;
-- A visitor who has not written yet: nobody is told of them.
ALTER TABLE people ADD COLUMN unheard SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN merged_into TEXT COLLATE "C" NOT NULL DEFAULT '';

-- Web sites with a live chat.
CREATE TABLE sites (
    id         TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    secret     TEXT COLLATE "C" NOT NULL, -- in the clear: signatures of the company's server are checked with it
    origins    TEXT COLLATE "C" NOT NULL, -- JSON
    identity   TEXT COLLATE "C" NOT NULL,
    disabled   SMALLINT NOT NULL DEFAULT 0,
    look       TEXT COLLATE "C" NOT NULL, -- JSON
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);

-- A browser's right to chat as a customer. The token is kept hashed only.
CREATE TABLE chat_sessions (
    id         TEXT COLLATE "C" PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    site       TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    token      TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX chat_sessions_by_person ON chat_sessions (person);

-- Which nodes live, and until when that is believed without hearing from them.
CREATE TABLE chat_nodes (
    node  TEXT COLLATE "C" PRIMARY KEY,
    until BIGINT NOT NULL
);

-- Open streams of the live chat, and those that ended lately.
CREATE TABLE chat_streams (
    id        TEXT COLLATE "C" PRIMARY KEY,
    node      TEXT COLLATE "C" NOT NULL,
    person    TEXT COLLATE "C" NOT NULL,
    session   TEXT COLLATE "C" NOT NULL,
    site      TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL DEFAULT 0,
    browser   TEXT COLLATE "C" NOT NULL,
    language  TEXT COLLATE "C" NOT NULL,
    page      TEXT COLLATE "C" NOT NULL DEFAULT '',
    title     TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX chat_streams_by_person ON chat_streams (person);

-- Which visitor an agent found to be which customer.
CREATE TABLE person_merges (
    visitor TEXT COLLATE "C" PRIMARY KEY REFERENCES people (id),
    person  TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    actor   TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    at      BIGINT NOT NULL
);
