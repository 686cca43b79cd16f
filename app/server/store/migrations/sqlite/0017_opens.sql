-- +goose Up
-- What a customer's first mail to an address of the team opens: a conversation or a ticket.
CREATE TABLE mail_openings (
    address TEXT PRIMARY KEY,
    opens   TEXT NOT NULL
);

-- Whom agents found visitors to be: one person with them.
CREATE INDEX people_merged ON people (merged_into) WHERE merged_into <> '';
