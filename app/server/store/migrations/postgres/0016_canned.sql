-- +goose Up
-- What the team answers often. folded is the name as it is compared.
CREATE TABLE canned_answers (
    id         TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT NOT NULL,
    folded     TEXT COLLATE "C" NOT NULL UNIQUE,
    body       TEXT NOT NULL,
    changed_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('canned', 0);
