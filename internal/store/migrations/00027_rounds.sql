-- +goose Up
-- Rounds (查房): one call over a list of residents, each with a consultation of its own.

-- rounds: who goes round where, when, and where they are now. The nurse's opening is her request for everybody on the list, the doctor's the
-- acceptance of it; moving on carries both out for one resident after the other.
CREATE TABLE rounds (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id), -- where the residents live
  hospital_id     uuid NOT NULL REFERENCES organisations (id),
  department_id   uuid NOT NULL REFERENCES departments (id),
  doctor_id       uuid NOT NULL REFERENCES users (id),
  starts_at       timestamptz NOT NULL,
  ends_at         timestamptz NOT NULL,
  state           text NOT NULL CHECK (state IN ('PLANNED', 'RUNNING', 'PAUSED', 'DONE', 'CANCELLED')),
  nurse_id        uuid REFERENCES users (id), -- who opened it at the bedside, and in which role
  nurse_role      text NOT NULL DEFAULT '' CHECK (nurse_role IN ('', 'NURSE', 'ATTENDING')),
  nurse_at        timestamptz,
  doctor_at       timestamptz,
  current_id      uuid, -- the entry whose turn it is; no reference, so that a resident's entry can be purged
  pause_reason    text NOT NULL DEFAULT '',
  ended_at        timestamptz,
  end_code        text NOT NULL DEFAULT '',
  revision        integer NOT NULL DEFAULT 1,
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CHECK (ends_at > starts_at),
  CHECK ((nurse_id IS NULL) = (nurse_at IS NULL)),
  CHECK (state NOT IN ('RUNNING', 'PAUSED') OR nurse_at IS NOT NULL AND doctor_at IS NOT NULL),
  CHECK ((state IN ('DONE', 'CANCELLED')) = (ended_at IS NOT NULL)),
  CONSTRAINT rounds_doctor_once EXCLUDE USING gist (doctor_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (state IN ('PLANNED', 'RUNNING', 'PAUSED'))
);
-- A doctor goes one round at a time.
CREATE UNIQUE INDEX rounds_one_running ON rounds (doctor_id) WHERE state = 'RUNNING';
CREATE INDEX rounds_organisation ON rounds (organisation_id, starts_at);
CREATE INDEX rounds_hospital ON rounds (hospital_id, starts_at);

-- round_entries: the residents of a round in their order, each with the draft that becomes its consultation.
CREATE TABLE round_entries (
  id              uuid PRIMARY KEY,
  round_id        uuid NOT NULL REFERENCES rounds (id),
  position        smallint NOT NULL,
  resident_id     uuid NOT NULL REFERENCES residents (id),
  consultation_id uuid NOT NULL UNIQUE REFERENCES consultations (id),
  why             text[] NOT NULL DEFAULT '{}', -- FOLLOW_UP, PLAN, PANEL, BOOKED; empty: by hand
  called_at       timestamptz, -- when it was the resident's turn
  skipped_at      timestamptz,
  skipped_by      uuid REFERENCES users (id),
  skip_reason     text NOT NULL DEFAULT '',
  skip_note_enc   bytea,
  UNIQUE (round_id, resident_id),
  CHECK ((skipped_at IS NULL) = (skip_reason = ''))
);
CREATE INDEX round_entries_resident ON round_entries (resident_id);

-- round_events: what happened to a round, numbered without a gap. Codes, ids and numbers only.
CREATE TABLE round_events (
  id         uuid PRIMARY KEY,
  round_id   uuid NOT NULL REFERENCES rounds (id),
  seq        integer NOT NULL,
  type       text NOT NULL,
  from_state text NOT NULL DEFAULT '',
  to_state   text NOT NULL,
  actor_id   uuid NOT NULL REFERENCES users (id),
  actor_role text NOT NULL,
  at         timestamptz NOT NULL,
  data       jsonb NOT NULL DEFAULT '{}',
  UNIQUE (round_id, seq)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON round_events FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A call is about one consultation at a time.
ALTER TABLE call_consultations ADD CONSTRAINT call_consultations_one_at_a_time EXCLUDE USING gist (call_id WITH =, tstzrange(since, until) WITH &&);

-- call_spans: which time of a call is a consultation's evidence. Where several follow one another in a call it ends for one when it begins
-- for the next, so that every second is one's alone; the last has what the relay reports after the end as well.
CREATE VIEW call_spans AS
SELECT cc.call_id, cc.consultation_id, cc.since, cc.until,
  CASE WHEN EXISTS (SELECT 1 FROM call_consultations p WHERE p.call_id = cc.call_id AND p.since < cc.since) THEN cc.since ELSE '-infinity' END AS opens,
  coalesce((SELECT min(n.since) FROM call_consultations n WHERE n.call_id = cc.call_id AND n.since > cc.since), 'infinity') AS closes
FROM call_consultations cc;

-- visit_consultations: consultations that were asked for from a visit, by who was there.
CREATE TABLE visit_consultations (
  consultation_id uuid PRIMARY KEY REFERENCES consultations (id),
  visit_id        uuid NOT NULL REFERENCES home_visits (id)
);
CREATE INDEX visit_consultations_visit ON visit_consultations (visit_id);
