-- +goose Up
-- What came in by mail. The bytes lie among the files under the same id. A row is the job: it is leased by moving due_at.
CREATE TABLE mails (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sha256       TEXT COLLATE "C" NOT NULL,
    size         BIGINT NOT NULL,
    received_at  BIGINT NOT NULL,
    envelope     TEXT COLLATE "C" NOT NULL, -- JSON
    state        TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL DEFAULT '',
    due_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    message_id   TEXT COLLATE "C" NOT NULL DEFAULT '',
    sender       TEXT COLLATE "C" NOT NULL DEFAULT '',
    sender_name  TEXT COLLATE "C" NOT NULL DEFAULT '',
    subject      TEXT COLLATE "C" NOT NULL DEFAULT '',
    person       TEXT COLLATE "C" NOT NULL DEFAULT '',
    conversation TEXT COLLATE "C" NOT NULL DEFAULT '',
    message      TEXT COLLATE "C" NOT NULL DEFAULT '',
    verified     SMALLINT NOT NULL DEFAULT 0
);
CREATE INDEX mails_due ON mails (due_at, id) WHERE state = 'received';
CREATE INDEX mails_held ON mails (id) WHERE state = 'held';
CREATE INDEX mails_by_message_id ON mails (message_id) WHERE state = 'placed';
CREATE INDEX mails_by_message ON mails (message) WHERE message <> '';
CREATE INDEX mails_by_sender ON mails (sender, received_at) WHERE state = 'placed';

-- Which mail came first under one sender, Message-ID and address of ours, all in one hash.
CREATE TABLE mail_firsts (
    id   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    mail TEXT COLLATE "C" NOT NULL
);

-- What reports said of addresses.
CREATE TABLE mail_addresses (
    address    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    hard       BIGINT NOT NULL,
    soft       BIGINT NOT NULL,
    complaints BIGINT NOT NULL,
    status     TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL
);

-- How far mailboxes have been fetched.
CREATE TABLE mailboxes (
    name     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    validity BIGINT NOT NULL,
    uid      BIGINT NOT NULL
);

-- The last day on which somebody was told that a mail to an address of theirs was held.
CREATE TABLE mail_notices (
    person TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    day    BIGINT NOT NULL
);

-- A mail that came back names itself.
CREATE INDEX deliveries_by_mail ON deliveries (mail, person) WHERE state = 'sent';
