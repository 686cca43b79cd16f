-- +goose Up
-- What is asked again and again without anybody waiting: who is still noted as open, what ended long ago, who never wrote.
CREATE INDEX chat_streams_open ON chat_streams (node) WHERE closed_at = 0;
CREATE INDEX chat_streams_closed ON chat_streams (closed_at) WHERE closed_at > 0;
CREATE INDEX people_unheard ON people (created_at) WHERE unheard = 1;
CREATE INDEX chat_sessions_by_use ON chat_sessions (used_at);
CREATE INDEX files_by_owner ON files (owner);
