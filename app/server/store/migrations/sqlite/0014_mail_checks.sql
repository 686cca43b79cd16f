-- +goose Up
-- What was seen last of the server that mails leave through, and of the mailbox that they are fetched from.
CREATE TABLE mail_health (
    side          TEXT PRIMARY KEY,
    ok_at         BIGINT NOT NULL,
    failing_since BIGINT NOT NULL,
    problem       TEXT NOT NULL
);

-- Tests of the mail: a mail on each way, which is to come in again.
CREATE TABLE mail_tests (
    id          TEXT NOT NULL,
    way         TEXT NOT NULL,
    person      TEXT NOT NULL,
    started_at  BIGINT NOT NULL,
    address     TEXT NOT NULL,
    outcome     TEXT NOT NULL DEFAULT '',
    detail      TEXT NOT NULL DEFAULT '',
    answered_at BIGINT NOT NULL DEFAULT 0,
    arrived_at  BIGINT NOT NULL DEFAULT 0,
    findings    TEXT NOT NULL DEFAULT '[]', -- JSON
    PRIMARY KEY (id, way)
);

-- Mails that left, and deliveries that failed, by when.
CREATE INDEX deliveries_sent_at ON deliveries (at) WHERE state = 'sent' AND mail = message;
CREATE INDEX deliveries_failed_at ON deliveries (at) WHERE state = 'failed';
CREATE INDEX mails_received_at ON mails (received_at);
