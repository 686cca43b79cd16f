-- +goose Up
-- What is to be known of the mail a message came by, in JSON; empty where it was written here.
ALTER TABLE messages ADD COLUMN origin TEXT NOT NULL DEFAULT '';
UPDATE messages SET origin = '{}' WHERE id IN (SELECT message FROM mails WHERE message <> '');
UPDATE messages SET origin = '{"Unverified":true}' WHERE id IN (SELECT message FROM mails WHERE message <> '' AND verified = 0 AND reason = 'new-conversation');
