-- Work without network: the key of what a person's devices keep, and requests that were composed before they could be sent.

-- +goose Up

-- offline_keys: one key a person, with which devices seal what they keep for a day without network. It never changes: what is not sent
-- yet must open at the next sign-in. Devices get it at each sign-in and throw it away at its end.
CREATE TABLE offline_keys (
  user_id    uuid PRIMARY KEY REFERENCES users (id),
  key_enc    bytea NOT NULL,
  created_at timestamptz NOT NULL
);

-- asked_at: when the request was made on a device without network, as the device says; submitted_at is when the server received it.
-- queued_since: from when it counts in the queue, within consult.QueueSince; null: from offered_at.
ALTER TABLE consultations ADD COLUMN asked_at timestamptz, ADD COLUMN queued_since timestamptz;
