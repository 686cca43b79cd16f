-- +goose Up
-- A sender's mails are placed in the order they came: the next one asks whether an earlier one waits.
CREATE INDEX mails_waiting ON mails (sender, id) WHERE state = 'received';
