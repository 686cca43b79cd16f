-- +goose Up
-- Up to which number a conversation's messages were brought from an archive: nobody has to see them.
ALTER TABLE conversations ADD COLUMN past BIGINT NOT NULL DEFAULT 0;
