-- +goose Up

-- A session outlives its socket for a while: whoever has its resume token takes it up again, on any node. Only hashes of the
-- tokens are kept; the previous one is good until its successor was used, since the answer that brought it may be lost.
ALTER TABLE signaling_sessions
  ADD COLUMN socket           uuid,        -- the one that the session is on, or was last
  ADD COLUMN resume_hash      bytea CHECK (octet_length(resume_hash) = 32),
  ADD COLUMN previous_hash    bytea CHECK (octet_length(previous_hash) = 32),
  ADD COLUMN token_expires_at timestamptz, -- of the access token
  ADD COLUMN locale           text NOT NULL DEFAULT '',
  ADD COLUMN resumes          integer NOT NULL DEFAULT 0;

CREATE INDEX signaling_sessions_node ON signaling_sessions (node) WHERE closed_at IS NULL;
