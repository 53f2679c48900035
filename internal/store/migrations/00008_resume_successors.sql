-- A resume may reach its node long after the page has given it up and resumed elsewhere. Both used the same token, so both got
-- a successor; the page holds only one of them, and it may not be the newest. All successors of a token stay good until one of
-- them is used.

-- +goose Up
ALTER TABLE signaling_sessions ADD COLUMN earlier_hashes bytea[] NOT NULL DEFAULT '{}'; -- successors beside resume_hash
