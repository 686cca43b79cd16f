-- +goose Up
-- Why a mail waited that an agent discarded: it may be taken back.
ALTER TABLE mails ADD COLUMN held_as TEXT NOT NULL DEFAULT '';
