-- +goose Up
-- What happened to a message for each recipient on each channel, and what will: the row is the job. It is leased by
-- moving due_at to the lease's end.
CREATE TABLE deliveries (
    message      TEXT NOT NULL,
    person       TEXT NOT NULL,
    channel      TEXT NOT NULL,
    conversation TEXT NOT NULL,
    number       BIGINT NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    due_at       BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    mail         TEXT NOT NULL DEFAULT '', -- the newest message of the mail it goes in
    detail       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (message, person, channel)
) WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'planned';
CREATE INDEX deliveries_waiting ON deliveries (person, conversation, number) WHERE state = 'planned';
-- One row for each mail that left, for what the next one refers to.
CREATE INDEX deliveries_mailed ON deliveries (person, conversation, number) WHERE state = 'sent' AND mail = message;

-- What a person's settings say of mail, where one statement plans for all recipients.
ALTER TABLE people ADD COLUMN mail_on SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE people ADD COLUMN mail_after BIGINT NOT NULL DEFAULT 0; -- seconds; 0: the server's default
UPDATE people SET mail_on = COALESCE(settings ->> 'Mail', 1), mail_after = COALESCE(settings ->> 'MailAfterSeconds', 0) WHERE settings <> '';

-- Which mail an answer belongs to: the token of its Reply-To, hashed.
CREATE TABLE mail_tokens (
    hash         TEXT PRIMARY KEY,
    message      TEXT NOT NULL,
    person       TEXT NOT NULL,
    conversation TEXT NOT NULL,
    expires_at   BIGINT NOT NULL
) WITHOUT ROWID;
