-- +goose Up
-- How a conversation is found by its subject: folded as people's words are.
ALTER TABLE conversations ADD COLUMN words TEXT NOT NULL DEFAULT '';
UPDATE conversations SET words = ' ' || lower(subject);
