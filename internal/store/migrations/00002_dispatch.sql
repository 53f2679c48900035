-- +goose Up
-- The ladder of an unanswered request. Every timer is a column that is compared with the database's clock.

ALTER TABLE consultations
  ADD COLUMN ladder_step           smallint NOT NULL DEFAULT 0 CHECK (ladder_step BETWEEN 0 AND 4), -- 0 own department, 1 related ones, 2 hospital on call, 3 partner hospitals, 4 dispatcher
  ADD COLUMN ladder_due_at         timestamptz, -- when it is asked wider; NULL: no further step
  ADD COLUMN ring_due_at           timestamptz, -- when the next round of rings begins; NULL: a ring is on, or none is to come
  ADD COLUMN ring_round            integer NOT NULL DEFAULT 0,
  ADD COLUMN promise_by            timestamptz, -- what the bedside was told, until it has passed
  ADD COLUMN dispatcher_id         uuid REFERENCES users (id), -- took charge
  ADD COLUMN dispatcher_alerted_at timestamptz,
  ADD COLUMN assigned_by           uuid REFERENCES users (id), -- the present grant was given by a dispatcher
  ADD COLUMN merged_into           uuid REFERENCES consultations (id),
  DROP CONSTRAINT consultations_mode_check,
  ADD CONSTRAINT consultations_mode_check CHECK (mode IN ('ONLINE', 'OFFLINE', 'WRITTEN'));

-- A written question keeps nobody from a call.
DROP INDEX consultations_one_per_doctor;
CREATE UNIQUE INDEX consultations_one_per_doctor ON consultations (doctor_id)
  WHERE state IN ('ACCEPTED', 'WAITING', 'IN_PROGRESS') AND mode <> 'WRITTEN';

-- What the timers look for every second.
CREATE INDEX consultations_ladder ON consultations (ladder_due_at) WHERE state = 'OFFERED' AND ladder_due_at IS NOT NULL;
CREATE INDEX consultations_ring ON consultations (ring_due_at) WHERE state = 'OFFERED' AND ring_due_at IS NOT NULL;
CREATE INDEX consultations_held ON consultations (accepted_at) WHERE state IN ('ACCEPTED', 'WAITING');

-- Requests that were waiting when this version was installed begin their ladder now.
UPDATE consultations SET ladder_due_at = now(), ring_due_at = now() WHERE state = 'OFFERED';

ALTER TABLE audience ADD COLUMN step smallint NOT NULL DEFAULT 0; -- of the ladder at which the department was asked

ALTER TABLE offers
  ADD COLUMN round        integer NOT NULL DEFAULT 0, -- of rings, as in consultations
  ADD COLUMN delivered_at timestamptz; -- a device confirmed the ring

-- What a doctor speaks with residents, as residents.preferred_language.
ALTER TABLE users ADD COLUMN languages text[] NOT NULL DEFAULT '{zh-CN}';

-- wait_estimates: the ranges that were shown, and what really happened. taken_at stays NULL for what was never taken.
CREATE TABLE wait_estimates (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  shown_at        timestamptz NOT NULL,
  urgency         text NOT NULL,
  ahead           integer NOT NULL,
  available       integer NOT NULL,
  from_seconds    integer NOT NULL, -- median
  to_seconds      integer NOT NULL, -- ninth decile
  taken_at        timestamptz,
  CHECK (from_seconds >= 0 AND to_seconds >= from_seconds)
);
CREATE INDEX wait_estimates_consultation ON wait_estimates (consultation_id, shown_at DESC);
CREATE INDEX wait_estimates_taken ON wait_estimates (taken_at) WHERE taken_at IS NOT NULL;
