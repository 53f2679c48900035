-- +goose Up
-- Visits at home and home beds. A visit has a life of its own until its record is signed; then it is a consultation of mode VISIT as well, in
-- the same log, ledger and evidence chain as all others.

ALTER TABLE consultations DROP CONSTRAINT consultations_mode_check;
ALTER TABLE consultations ADD CONSTRAINT consultations_mode_check CHECK (mode IN ('ONLINE', 'OFFLINE', 'WRITTEN', 'VISIT'));

-- resident_homes: where a resident is visited who does not live in the institution's house. Without a row it is the institution's address.
CREATE TABLE resident_homes (
  resident_id   uuid PRIMARY KEY REFERENCES residents (id),
  division_code text NOT NULL DEFAULT '',
  address_enc   bytea NOT NULL,
  place_enc     bytea, -- "lon,lat" in degrees
  note_enc      bytea, -- how to find it, the dog, the key
  alone         boolean NOT NULL DEFAULT false,
  revision      integer NOT NULL DEFAULT 1,
  updated_by    uuid NOT NULL REFERENCES users (id),
  updated_at    timestamptz NOT NULL
);

-- organisation_places: where an institution is on the map; its visits begin and end there.
CREATE TABLE organisation_places (
  organisation_id uuid PRIMARY KEY REFERENCES organisations (id),
  lon             double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  lat             double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  updated_by      uuid NOT NULL REFERENCES users (id),
  updated_at      timestamptz NOT NULL
);

-- home_beds: home beds (家庭病床, G-HV-03).
CREATE TABLE home_beds (
  id               uuid PRIMARY KEY,
  number           text NOT NULL UNIQUE, -- JC20261122-0001
  resident_id      uuid NOT NULL REFERENCES residents (id),
  resident_org_id  uuid NOT NULL REFERENCES organisations (id),
  organisation_id  uuid NOT NULL REFERENCES organisations (id), -- that keeps it
  doctor_id        uuid REFERENCES users (id), -- responsible, from the assessment on
  state            text NOT NULL CHECK (state IN ('APPLIED', 'ASSESSED', 'OPEN', 'REJECTED', 'CLOSED')),
  diagnosis_code   text NOT NULL DEFAULT '',
  reason_enc       bytea NOT NULL,
  applied_by       uuid NOT NULL REFERENCES users (id),
  applied_at       timestamptz NOT NULL,
  assessment_enc   bytea,
  plan_enc         bytea,
  round_days       smallint NOT NULL DEFAULT 7 CHECK (round_days BETWEEN 1 AND 31),
  signer_kind      text NOT NULL DEFAULT '' CHECK (signer_kind IN ('', 'RESIDENT', 'FAMILY')),
  signer_name_enc  bytea,
  signature_id     uuid REFERENCES attachments (id), -- agreement and consent
  opened_on        date,
  until_on         date, -- last day of the period
  extensions       smallint NOT NULL DEFAULT 0,
  closed_on        date,
  close_code       text NOT NULL DEFAULT '',
  summary_enc      bytea, -- of the closing, or why it was rejected
  revision         integer NOT NULL DEFAULT 1,
  updated_at       timestamptz NOT NULL,
  CHECK (state NOT IN ('OPEN', 'CLOSED') OR opened_on IS NOT NULL AND until_on IS NOT NULL AND signature_id IS NOT NULL),
  CHECK ((state = 'CLOSED') = (closed_on IS NOT NULL))
);
CREATE UNIQUE INDEX home_beds_one ON home_beds (resident_id) WHERE state IN ('APPLIED', 'ASSESSED', 'OPEN');
CREATE INDEX home_beds_organisation ON home_beds (organisation_id, state, until_on);
CREATE INDEX home_beds_resident_org ON home_beds (resident_org_id, state);

-- home_visits: visits at home.
CREATE TABLE home_visits (
  id               uuid PRIMARY KEY,
  number           text NOT NULL UNIQUE, -- SM20261122-0001
  kind             text NOT NULL CHECK (kind IN ('HOME_VISIT', 'HOME_BED_ROUND', 'NET_NURSING')),
  state            text NOT NULL CHECK (state IN ('REQUESTED', 'ASSESSED', 'BOOKED', 'EN_ROUTE', 'ARRIVED', 'LEFT', 'DONE', 'NOT_DONE', 'DECLINED', 'CANCELLED')),
  resident_id      uuid NOT NULL REFERENCES residents (id),
  resident_org_id  uuid NOT NULL REFERENCES organisations (id),
  organisation_id  uuid NOT NULL REFERENCES organisations (id), -- that visits
  source           text NOT NULL CHECK (source IN ('WRAP_UP', 'NURSE', 'PLAN', 'FAMILY', 'BED')),
  source_consultation_id uuid REFERENCES consultations (id),
  home_bed_id      uuid REFERENCES home_beds (id),
  plans            text[] NOT NULL DEFAULT '{}', -- care plans that it serves
  reason_enc       bytea NOT NULL,
  wanted_from      date NOT NULL,
  wanted_to        date NOT NULL,
  -- the assessment
  eligibility      text[] NOT NULL DEFAULT '{}',
  exception_enc    bytea, -- why without a contract (G-HV-01)
  assessment_enc   bytea,
  two              boolean NOT NULL DEFAULT false, -- two are to go
  two_why          text[] NOT NULL DEFAULT '{}',
  minutes          smallint NOT NULL DEFAULT 30 CHECK (minutes BETWEEN 5 AND 240),
  priority         smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 100),
  assessed_by      uuid REFERENCES users (id),
  assessed_at      timestamptz,
  -- the appointment
  appointment_id   uuid REFERENCES appointments (id),
  booked_at        timestamptz, -- when it was joined with this appointment; nobody arrived before
  lead_id          uuid REFERENCES users (id),
  second_id        uuid REFERENCES users (id),
  starts_at        timestamptz,
  ends_at          timestamptz,
  -- the road and the door: the device's time, and when the server heard of it
  departed_at      timestamptz,
  arrived_at       timestamptz,
  arrived_heard_at timestamptz,
  arrival_enc      bytea, -- "lon,lat"
  arrival_metres   integer, -- accuracy of the position
  left_at          timestamptz,
  left_heard_at    timestamptz,
  departure_enc    bytea,
  departure_metres integer,
  road_metres      integer, -- of the journey there, as the route said
  insurance_no     text NOT NULL DEFAULT '',
  end_code         text NOT NULL DEFAULT '',
  end_note_enc     bytea,
  -- the record
  record_enc       bytea,
  record_revision  integer NOT NULL DEFAULT 0,
  signer_kind      text NOT NULL DEFAULT '' CHECK (signer_kind IN ('', 'RESIDENT', 'FAMILY', 'CARER')),
  signer_name_enc  bytea,
  signature_id     uuid REFERENCES attachments (id),
  next_on          date,
  consultation_id  uuid UNIQUE REFERENCES consultations (id), -- the signed record
  -- safety: when somebody is missed, until they are back
  expected_back_at timestamptz,
  back_at          timestamptz,
  revision         integer NOT NULL DEFAULT 1,
  created_by       uuid NOT NULL REFERENCES users (id),
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  CHECK (wanted_to >= wanted_from),
  CHECK ((kind = 'HOME_BED_ROUND') = (home_bed_id IS NOT NULL)),
  CHECK (state NOT IN ('BOOKED', 'EN_ROUTE', 'ARRIVED', 'LEFT', 'DONE') OR lead_id IS NOT NULL AND appointment_id IS NOT NULL AND starts_at IS NOT NULL),
  CHECK (state NOT IN ('ARRIVED', 'LEFT', 'DONE') OR arrived_at IS NOT NULL),
  CHECK (state NOT IN ('LEFT', 'DONE') OR left_at IS NOT NULL AND left_at >= arrived_at),
  CHECK ((state = 'DONE') = (consultation_id IS NOT NULL)),
  CHECK (second_id IS NULL OR second_id <> lead_id)
);
-- One visit of a kind is on its way to a resident at a time.
CREATE UNIQUE INDEX home_visits_one_open ON home_visits (resident_id, kind) WHERE state IN ('REQUESTED', 'ASSESSED', 'BOOKED', 'EN_ROUTE', 'ARRIVED', 'LEFT');
CREATE UNIQUE INDEX home_visits_appointment ON home_visits (appointment_id) WHERE state IN ('BOOKED', 'EN_ROUTE', 'ARRIVED', 'LEFT', 'DONE');
CREATE INDEX home_visits_organisation ON home_visits (organisation_id, created_at DESC, id DESC);
CREATE INDEX home_visits_resident_org ON home_visits (resident_org_id, created_at DESC, id DESC);
CREATE INDEX home_visits_resident ON home_visits (resident_id, created_at DESC);
CREATE INDEX home_visits_lead ON home_visits (lead_id, starts_at);
CREATE INDEX home_visits_second ON home_visits (second_id, starts_at) WHERE second_id IS NOT NULL;
CREATE INDEX home_visits_bed ON home_visits (home_bed_id, left_at) WHERE home_bed_id IS NOT NULL;
CREATE INDEX home_visits_out ON home_visits (expected_back_at) WHERE expected_back_at IS NOT NULL AND back_at IS NULL;
CREATE TABLE home_serials (
  kind text NOT NULL, -- SM or JC
  day  date NOT NULL,
  last integer NOT NULL,
  PRIMARY KEY (kind, day)
);

-- visit_photos: pictures of a visit; they belong to its record from the signature on.
ALTER TABLE attachments ADD COLUMN visit_id uuid REFERENCES home_visits (id);
CREATE INDEX attachments_visit ON attachments (visit_id) WHERE visit_id IS NOT NULL;

-- home_events: what happened to a visit or a bed, numbered without a gap. Codes, ids and numbers only.
CREATE TABLE home_events (
  id         uuid PRIMARY KEY,
  object_id  uuid NOT NULL, -- of home_visits or home_beds
  seq        integer NOT NULL,
  type       text NOT NULL,
  from_state text NOT NULL DEFAULT '',
  to_state   text NOT NULL DEFAULT '',
  actor_id   uuid REFERENCES users (id), -- null: the system
  actor_role text NOT NULL,
  device_at  timestamptz, -- when it happened, where the server heard of it later
  at         timestamptz NOT NULL,
  data       jsonb NOT NULL DEFAULT '{}',
  UNIQUE (object_id, seq)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON home_events FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- visit_alarms: a call for help, and somebody who did not come back in time; until somebody took charge and closed it.
CREATE TABLE visit_alarms (
  id           uuid PRIMARY KEY,
  visit_id     uuid NOT NULL REFERENCES home_visits (id),
  kind         text NOT NULL CHECK (kind IN ('SOS', 'OVERDUE')),
  raised_by    uuid REFERENCES users (id), -- null: the clock
  raised_at    timestamptz NOT NULL,
  place_enc    bytea,
  metres       integer,
  taken_by     uuid REFERENCES users (id),
  taken_at     timestamptz,
  closed_by    uuid REFERENCES users (id),
  closed_at    timestamptz,
  note_enc     bytea
);
CREATE UNIQUE INDEX visit_alarms_one ON visit_alarms (visit_id, kind) WHERE closed_at IS NULL;

-- day_routes: the order in which somebody's day was planned, frozen with its minutes and reasons. Ids and numbers only.
CREATE TABLE day_routes (
  user_id         uuid NOT NULL REFERENCES users (id),
  day             date NOT NULL,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  route           jsonb NOT NULL,
  revision        integer NOT NULL DEFAULT 1,
  planned_at      timestamptz NOT NULL,
  PRIMARY KEY (user_id, day)
);

-- visit_contacts: visits that were done count as contacts of the care plans that they served.
CREATE OR REPLACE VIEW visit_contacts AS
SELECT v.id AS visit_id, v.resident_id, local_day(v.arrived_at) AS held_on, v.next_on, v.plans FROM home_visits v WHERE v.state = 'DONE';
