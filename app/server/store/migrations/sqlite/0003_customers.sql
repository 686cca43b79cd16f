-- +goose Up
-- Who looks after a conversation with customers; empty: nobody.
ALTER TABLE conversations ADD COLUMN assignee TEXT NOT NULL DEFAULT '';
CREATE INDEX conversations_by_assignee ON conversations (assignee, last_at DESC, id DESC) WHERE assignee <> '';
-- What every user sees, for a snapshot in the order of ids.
CREATE INDEX conversations_shared ON conversations (id) WHERE kind = 'customer' OR item <> '';
