-- +goose Up
-- Booking: when people can be booked, for what, and what is booked. Free slots are computed, never stored.
-- btree_gist lets one constraint compare ids for equality and ranges for overlap. It is a trusted extension: the owner of the database may
-- create it.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- appointment_kinds: what an organisation offers.
CREATE TABLE appointment_kinds (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  name            text NOT NULL,
  place           text NOT NULL CHECK (place IN ('ONLINE', 'CLINIC', 'INSTITUTION', 'HOME')),
  service_type    text NOT NULL DEFAULT '', -- of the consultation or visit that is to come of it
  minutes         integer NOT NULL CHECK (minutes BETWEEN 5 AND 480),
  step_minutes    integer NOT NULL CHECK (step_minutes BETWEEN 5 AND 480), -- between two starts
  before_minutes  integer NOT NULL DEFAULT 0 CHECK (before_minutes BETWEEN 0 AND 240), -- to prepare
  after_minutes   integer NOT NULL DEFAULT 0 CHECK (after_minutes BETWEEN 0 AND 240), -- to write it up
  travel_minutes  integer NOT NULL DEFAULT 0 CHECK (travel_minutes BETWEEN 0 AND 240), -- each way, unless the booking says otherwise
  notice_minutes  integer NOT NULL DEFAULT 0 CHECK (notice_minutes BETWEEN 0 AND 43200), -- earliest start after now
  horizon_days    integer NOT NULL CHECK (horizon_days BETWEEN 1 AND 366), -- latest start after today
  free_cancel_minutes integer NOT NULL DEFAULT 0 CHECK (free_cancel_minutes BETWEEN 0 AND 43200), -- before the start; later is marked late
  capacity        integer NOT NULL DEFAULT 1 CHECK (capacity BETWEEN 1 AND 100), -- residents at the same time
  duty            text NOT NULL DEFAULT 'BLOCKS' CHECK (duty IN ('BLOCKS', 'OFFERS', 'IGNORED')), -- what the duty roster means for it
  booked_by       text[] NOT NULL CHECK (cardinality(booked_by) > 0), -- roles
  revision        integer NOT NULL DEFAULT 1,
  retired_at      timestamptz,
  created_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX appointment_kinds_name ON appointment_kinds (organisation_id, name) WHERE retired_at IS NULL;

-- availability_rules: recurring hours by the wall clock of a zone. A rule is never edited: it ends, and another begins.
CREATE TABLE availability_rules (
  id              uuid PRIMARY KEY,
  user_id         uuid NOT NULL REFERENCES users (id),
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  zone            text NOT NULL DEFAULT 'Asia/Shanghai', -- IANA name
  recurrence      text NOT NULL, -- an RRULE of RFC 5545 without BYHOUR and below
  starts_on       date NOT NULL,
  ends_on         date, -- the last day
  from_minute     integer NOT NULL CHECK (from_minute BETWEEN 0 AND 1439), -- since midnight, by the wall clock
  to_minute       integer NOT NULL CHECK (to_minute <= 1440),
  days            text NOT NULL DEFAULT 'WORKING' CHECK (days IN ('WORKING', 'ALL')), -- WORKING follows the statutory calendar
  places          text[] NOT NULL DEFAULT '{}', -- empty: any
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  CHECK (to_minute > from_minute),
  CHECK (ends_on >= starts_on)
);
CREATE INDEX availability_rules_user ON availability_rules (user_id, organisation_id);
CREATE INDEX availability_rules_organisation ON availability_rules (organisation_id);

-- availability_exceptions: hours added, or taken away (leave). What is taken away wins.
CREATE TABLE availability_exceptions (
  id              uuid PRIMARY KEY,
  user_id         uuid NOT NULL REFERENCES users (id),
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  effect          text NOT NULL CHECK (effect IN ('OPEN', 'CLOSED')),
  reason          text NOT NULL CHECK (reason IN ('EXTRA', 'LEAVE', 'SICK', 'TRAINING', 'OTHER')),
  starts_at       timestamptz NOT NULL,
  ends_at         timestamptz NOT NULL,
  places          text[] NOT NULL DEFAULT '{}',
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  CHECK (ends_at > starts_at)
);
CREATE INDEX availability_exceptions_user ON availability_exceptions (user_id, ends_at);

-- appointment_series: a rule by which appointments were booked. Each occurrence is an appointment of its own.
CREATE TABLE appointment_series (
  id           uuid PRIMARY KEY,
  kind_id      uuid NOT NULL REFERENCES appointment_kinds (id),
  resident_id  uuid NOT NULL REFERENCES residents (id),
  zone         text NOT NULL,
  recurrence   text NOT NULL,
  starts_on    date NOT NULL,
  start_minute integer NOT NULL CHECK (start_minute BETWEEN 0 AND 1439),
  split_from   uuid REFERENCES appointment_series (id), -- of which it is the later part
  created_by   uuid NOT NULL REFERENCES users (id),
  created_at   timestamptz NOT NULL
);
CREATE INDEX appointment_series_resident ON appointment_series (resident_id);

-- appointments: a resident's time. The times of the people who see the resident are in appointment_staff.
CREATE TABLE appointments (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id), -- which offers it
  resident_org_id uuid NOT NULL REFERENCES organisations (id), -- where the resident lives
  kind_id         uuid NOT NULL REFERENCES appointment_kinds (id),
  resident_id     uuid NOT NULL REFERENCES residents (id),
  status          text NOT NULL CHECK (status IN ('HELD', 'BOOKED', 'ARRIVED', 'FULFILLED', 'CANCELLED', 'NO_SHOW', 'LAPSED')),
  revision        integer NOT NULL DEFAULT 1, -- rises with every change that a calendar shows
  place           text NOT NULL CHECK (place IN ('ONLINE', 'CLINIC', 'INSTITUTION', 'HOME')),
  starts_at       timestamptz NOT NULL,
  ends_at         timestamptz NOT NULL,
  session         uuid NOT NULL, -- whose residents share the time of the staff; its own id where capacity is 1
  seat            integer NOT NULL,
  capacity        integer NOT NULL, -- as it was when the session began
  hold_expires_at timestamptz,
  reason          text NOT NULL DEFAULT '', -- code: PLAN, FOLLOW_UP, REQUEST, ROUND, WAITING_LIST, OTHER
  note_enc        bytea,
  consultation_id uuid REFERENCES consultations (id), -- in whose wrap-up it was booked
  series_id       uuid REFERENCES appointment_series (id),
  series_day      date, -- the day by the series' rule (RECURRENCE-ID)
  detached        boolean NOT NULL DEFAULT false, -- moved or cancelled alone: edits of all leave it
  free_until      timestamptz NOT NULL, -- cancelling later is marked late
  cancel_reason   text NOT NULL DEFAULT '',
  cancel_note_enc bytea,
  cancelled_late  boolean,
  ended_at        timestamptz, -- cancelled, not come, lapsed or done
  booked_by       uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CHECK (ends_at > starts_at),
  CHECK (seat BETWEEN 1 AND capacity),
  CHECK ((status = 'HELD') <= (hold_expires_at IS NOT NULL)),
  CHECK ((series_id IS NULL) = (series_day IS NULL)),
  CONSTRAINT appointments_resident_once EXCLUDE USING gist (resident_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
    WHERE (status IN ('HELD', 'BOOKED', 'ARRIVED'))
);
CREATE UNIQUE INDEX appointments_seat ON appointments (session, seat) WHERE status IN ('HELD', 'BOOKED', 'ARRIVED');
CREATE UNIQUE INDEX appointments_series ON appointments (series_id, series_day) WHERE series_id IS NOT NULL;
CREATE INDEX appointments_resident ON appointments (resident_id, starts_at);
CREATE INDEX appointments_resident_org ON appointments (resident_org_id, starts_at);
CREATE INDEX appointments_organisation ON appointments (organisation_id, starts_at);
CREATE INDEX appointments_consultation ON appointments (consultation_id) WHERE consultation_id IS NOT NULL;
CREATE INDEX appointments_ended ON appointments (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX appointments_holds ON appointments (hold_expires_at) WHERE status = 'HELD';

-- appointment_staff: the time of each person that an appointment takes: travel, preparation, visit and writing up, frozen at booking. Who
-- is taken is taken once, whoever books; only residents of one session share.
CREATE TABLE appointment_staff (
  appointment_id uuid NOT NULL REFERENCES appointments (id) ON DELETE CASCADE,
  user_id        uuid NOT NULL REFERENCES users (id),
  part           text NOT NULL CHECK (part IN ('LEAD', 'SECOND', 'FORMER')), -- FORMER: it was moved to somebody else; their calendar still says so
  blocked_from   timestamptz NOT NULL,
  blocked_to     timestamptz NOT NULL,
  travel_before  integer NOT NULL DEFAULT 0, -- minutes
  travel_after   integer NOT NULL DEFAULT 0,
  session        uuid NOT NULL,
  live           boolean NOT NULL, -- follows the status of the appointment, by trigger
  PRIMARY KEY (appointment_id, user_id),
  CHECK (blocked_to > blocked_from),
  CONSTRAINT appointment_staff_once EXCLUDE USING gist (user_id WITH =, session WITH <>, tstzrange(blocked_from, blocked_to) WITH &&)
    WHERE (live)
);
CREATE INDEX appointment_staff_user ON appointment_staff (user_id, blocked_from);
CREATE UNIQUE INDEX appointment_staff_lead ON appointment_staff (appointment_id) WHERE part = 'LEAD';
-- +goose StatementBegin
CREATE FUNCTION appointment_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE appointment_staff SET live = NEW.status IN ('HELD', 'BOOKED', 'ARRIVED') WHERE appointment_id = NEW.id AND part <> 'FORMER';
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER staff_follows AFTER UPDATE OF status ON appointments FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION appointment_ended();

-- appointment_events: what happened to an appointment, append-only. Data holds codes, ids and numbers.
CREATE TABLE appointment_events (
  id             uuid PRIMARY KEY,
  appointment_id uuid NOT NULL REFERENCES appointments (id),
  seq            integer NOT NULL,
  type           text NOT NULL,
  from_status    text NOT NULL DEFAULT '',
  to_status      text NOT NULL DEFAULT '',
  revision       integer NOT NULL,
  actor_id       uuid REFERENCES users (id), -- null: the system
  actor_role     text NOT NULL,
  at             timestamptz NOT NULL,
  data           jsonb NOT NULL DEFAULT '{}',
  UNIQUE (appointment_id, seq)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON appointment_events FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- waiting_list: who wants a slot that is not free. A freed one is held for the first who fits.
CREATE TABLE waiting_list (
  id              uuid PRIMARY KEY,
  kind_id         uuid NOT NULL REFERENCES appointment_kinds (id),
  user_id         uuid REFERENCES users (id), -- with whom; null: anybody who offers the kind
  resident_id     uuid NOT NULL REFERENCES residents (id),
  resident_org_id uuid NOT NULL REFERENCES organisations (id),
  earliest        timestamptz NOT NULL,
  latest          timestamptz NOT NULL,
  from_minute     integer NOT NULL DEFAULT 0 CHECK (from_minute BETWEEN 0 AND 1439), -- of the day, by the wall clock
  to_minute       integer NOT NULL DEFAULT 1440 CHECK (to_minute <= 1440),
  urgent          boolean NOT NULL DEFAULT false, -- before the others
  status          text NOT NULL CHECK (status IN ('WAITING', 'OFFERED', 'BOOKED', 'LEFT', 'EXPIRED')),
  appointment_id  uuid REFERENCES appointments (id), -- offered or booked
  declined        integer NOT NULL DEFAULT 0, -- offers that were not taken up
  looked_at       timestamptz, -- last time a slot was looked for
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  CHECK (latest > earliest),
  CHECK (to_minute > from_minute),
  CHECK ((status IN ('OFFERED', 'BOOKED')) <= (appointment_id IS NOT NULL))
);
CREATE UNIQUE INDEX waiting_list_once ON waiting_list (kind_id, resident_id) WHERE status IN ('WAITING', 'OFFERED');
CREATE INDEX waiting_list_waiting ON waiting_list (kind_id, created_at) WHERE status = 'WAITING';
CREATE INDEX waiting_list_resident ON waiting_list (resident_id);
CREATE INDEX waiting_list_appointment ON waiting_list (appointment_id) WHERE appointment_id IS NOT NULL;

-- calendar_feeds: secret addresses of personal calendars. The address itself is shown once and is not kept.
CREATE TABLE calendar_feeds (
  id           uuid PRIMARY KEY,
  user_id      uuid NOT NULL REFERENCES users (id),
  name         text NOT NULL DEFAULT '',
  token_hash   bytea NOT NULL UNIQUE, -- SHA-256 of 256 random bits
  detail       text NOT NULL DEFAULT 'NONE' CHECK (detail IN ('NONE', 'BED')), -- BED adds institution, ward and bed
  locale       text NOT NULL DEFAULT 'zh-CN',
  created_at   timestamptz NOT NULL,
  last_read_at timestamptz,
  revoked_at   timestamptz
);
CREATE INDEX calendar_feeds_user ON calendar_feeds (user_id);
