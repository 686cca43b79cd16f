-- +goose Up
-- What happened to a message for each recipient on each channel, and what will: the row is the job. It is leased by
-- moving due_at to the lease's end.
CREATE TABLE deliveries (
    message      TEXT COLLATE "C" NOT NULL,
    person       TEXT COLLATE "C" NOT NULL,
    channel      TEXT COLLATE "C" NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    number       BIGINT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    due_at       BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    mail         TEXT COLLATE "C" NOT NULL DEFAULT '', -- the newest message of the mail it goes in
    detail       TEXT COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (message, person, channel)
);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'planned';
CREATE INDEX deliveries_waiting ON deliveries (person, conversation, number) WHERE state = 'planned';
-- One row for each mail that left, for what the next one refers to.
CREATE INDEX deliveries_mailed ON deliveries (person, conversation, number) WHERE state = 'sent' AND mail = message;

-- What a person's settings say of mail, where one statement plans for all recipients.
ALTER TABLE people ADD COLUMN mail_on SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE people ADD COLUMN mail_after BIGINT NOT NULL DEFAULT 0; -- seconds; 0: the server's default
UPDATE people SET mail_on = CASE WHEN settings::jsonb ->> 'Mail' = 'false' THEN 0 ELSE 1 END,
    mail_after = COALESCE((settings::jsonb ->> 'MailAfterSeconds')::bigint, 0) WHERE settings <> '';

-- Which mail an answer belongs to: the token of its Reply-To, hashed.
CREATE TABLE mail_tokens (
    hash         TEXT COLLATE "C" PRIMARY KEY,
    message      TEXT COLLATE "C" NOT NULL,
    person       TEXT COLLATE "C" NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    expires_at   BIGINT NOT NULL
);
