-- +goose Up
-- How many mails left to somebody lately, and what is held because they were too many.
CREATE INDEX deliveries_left ON deliveries (person, at) WHERE state = 'sent' AND mail = message;
CREATE INDEX deliveries_held ON deliveries (person, conversation) WHERE state = 'held';
