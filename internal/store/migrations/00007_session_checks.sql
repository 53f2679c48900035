-- Asking a signed-in person for the password again is counted on that sign-in, apart from what strangers try at the door:
-- whoever knows a doctor's user name could otherwise keep the doctor from signing.

-- +goose Up
ALTER TABLE auth_sessions
  ADD COLUMN failed_checks       integer NOT NULL DEFAULT 0,
  ADD COLUMN checks_locked_until timestamptz;
