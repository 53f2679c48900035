-- +goose Up
-- What surrounds a consultation: other ways to give consent and its withdrawal, medicines and allergies, referrals, ratings,
-- complaints, adverse events, suspected notifiable diseases, assessments, reviews, documents, and code tables that an
-- administrator replaces.

-- Consent ----------------------------------------------------------------------------------------------------------------

ALTER TABLE consents DROP CONSTRAINT consents_method_check;
ALTER TABLE consents
  ADD CONSTRAINT consents_method_check CHECK (method IN ('DRAWN', 'SMS_CODE', 'PAPER_SCAN', 'VOICE_VIDEO', 'EMERGENCY_APPROVAL')),
  ADD COLUMN second_witness_id      uuid REFERENCES users (id),
  ADD COLUMN evidence_attachment_id uuid, -- the scan or the recording
  ADD COLUMN phone_enc              bytea, -- to which the code went
  ADD COLUMN followed_by_id         uuid REFERENCES consents (id), -- the consent that was taken after an emergency approval
  ADD COLUMN withdrawn_by           text NOT NULL DEFAULT '' CHECK (withdrawn_by IN ('', 'SELF', 'LEGAL_GUARDIAN', 'NEAR_RELATIVE')),
  ADD COLUMN withdrawn_name_enc     bytea,
  ADD COLUMN withdrawal_reason_enc  bytea,
  ADD COLUMN withdrawal_recorded_by uuid REFERENCES users (id);
CREATE INDEX consents_to_follow ON consents (consultation_id) WHERE signer_kind = 'INSTITUTION_EMERGENCY' AND followed_by_id IS NULL;

-- consent_codes: codes sent to a telephone on file. Only a keyed hash of the code is kept.
CREATE TABLE consent_codes (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  signer_kind     text NOT NULL,
  signer_name_enc bytea NOT NULL,
  phone_enc       bytea NOT NULL,
  code_hmac       bytea NOT NULL,
  requested_by    uuid NOT NULL REFERENCES users (id),
  sent_at         timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  attempts        integer NOT NULL DEFAULT 0,
  used_at         timestamptz
);
CREATE INDEX consent_codes_consultation ON consent_codes (consultation_id, sent_at DESC);

-- Documents --------------------------------------------------------------------------------------------------------------

ALTER TABLE attachments DROP CONSTRAINT attachments_kind_check;
ALTER TABLE attachments
  ADD CONSTRAINT attachments_kind_check CHECK (kind IN ('PHOTO', 'SIGNATURE', 'PORTRAIT', 'DOCUMENT', 'CONSENT_SCAN', 'CONSENT_RECORDING')),
  ADD COLUMN category      text NOT NULL DEFAULT '',
  ADD COLUMN thumbnail_key text NOT NULL DEFAULT '',
  -- OFF: no scanner was set up when it was stored. What a scanner finds infected is never stored.
  ADD COLUMN scan_state    text NOT NULL DEFAULT 'OFF' CHECK (scan_state IN ('OFF', 'CLEAN')),
  ADD COLUMN scanned_at    timestamptz;

-- Medicines and allergies ------------------------------------------------------------------------------------------------

CREATE TABLE medications (
  id              uuid PRIMARY KEY,
  resident_id     uuid NOT NULL REFERENCES residents (id),
  source          text NOT NULL CHECK (source IN ('OWN', 'OTHER_HOSPITAL', 'BROUGHT', 'OTC')),
  name_enc        bytea NOT NULL,
  dose_enc        bytea NOT NULL,
  frequency       text NOT NULL,
  route           text NOT NULL DEFAULT 'ORAL',
  note_enc        bytea,
  started_on      date NOT NULL,
  stopped_on      date,
  stop_reason_enc bytea,
  expires_on      date, -- of the package
  verified_by     uuid REFERENCES users (id),
  verified_at     timestamptz,
  -- A reference to a prescription that was written and reviewed elsewhere. Nothing is prescribed here.
  rx_number       text NOT NULL DEFAULT '',
  rx_institution  text NOT NULL DEFAULT '',
  rx_pharmacist   text NOT NULL DEFAULT '',
  rx_reviewed_at  timestamptz,
  rx_supply_weeks smallint CHECK (rx_supply_weeks BETWEEN 1 AND 12),
  long_rx_assessed boolean NOT NULL DEFAULT false,
  allergy_override_enc bytea, -- why it is on the list although it matches an allergy
  revision        integer NOT NULL DEFAULT 1,
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CHECK (stopped_on IS NULL OR stopped_on >= started_on),
  CHECK ((verified_by IS NULL) = (verified_at IS NULL))
);
CREATE INDEX medications_resident ON medications (resident_id, started_on DESC);

CREATE TABLE allergies (
  id            uuid PRIMARY KEY,
  resident_id   uuid NOT NULL REFERENCES residents (id),
  kind          text NOT NULL CHECK (kind IN ('DRUG', 'FOOD', 'OTHER')),
  substance_enc bytea NOT NULL,
  reaction_enc  bytea,
  severity      text NOT NULL CHECK (severity IN ('MILD', 'MODERATE', 'SEVERE', 'UNKNOWN')),
  noted_on      date,
  created_by    uuid NOT NULL REFERENCES users (id),
  created_at    timestamptz NOT NULL,
  ended_by      uuid REFERENCES users (id),
  ended_at      timestamptz, -- found not to be one
  end_reason_enc bytea
);
CREATE INDEX allergies_resident ON allergies (resident_id) WHERE ended_at IS NULL;

-- Referrals --------------------------------------------------------------------------------------------------------------

CREATE TABLE referrals (
  id                 uuid PRIMARY KEY,
  consultation_id    uuid NOT NULL REFERENCES consultations (id),
  resident_id        uuid NOT NULL REFERENCES residents (id),
  direction          text NOT NULL CHECK (direction IN ('UP', 'DOWN', 'LATERAL', 'CARE_TO_MED', 'MED_TO_CARE', 'EMERGENCY', 'HOSPICE', 'HOME')),
  state              text NOT NULL DEFAULT 'REQUESTED' CHECK (state IN ('REQUESTED', 'ACCEPTED', 'REFUSED', 'ARRIVED', 'CLOSED', 'RETURNED')),
  from_org_id        uuid NOT NULL REFERENCES organisations (id),
  to_org_id          uuid REFERENCES organisations (id), -- NULL: a place outside of this installation, or home
  to_name            text NOT NULL DEFAULT '',
  department_code    text NOT NULL DEFAULT '',
  urgency            text NOT NULL,
  reason_enc         bytea NOT NULL,
  green_channel      text NOT NULL DEFAULT '' CHECK (green_channel IN ('', 'APPOINTMENT_SLOT', 'BED', 'EXAM')),
  green_requested_at timestamptz,
  green_met_at       timestamptz,
  green_note_enc     bytea,
  created_by         uuid NOT NULL REFERENCES users (id),
  created_at         timestamptz NOT NULL,
  close_due_on       date NOT NULL,
  accepted_at        timestamptz,
  refused_at         timestamptz,
  refused_by_patient boolean NOT NULL DEFAULT false,
  refusal_enc        bytea,
  arrived_at         timestamptz,
  closed_at          timestamptz,
  outcome_enc        bytea,
  returned_at        timestamptz,
  revision           integer NOT NULL DEFAULT 1,
  updated_at         timestamptz NOT NULL,
  CHECK ((green_channel = '') = (green_requested_at IS NULL)),
  CHECK ((state = 'REFUSED') = (refused_at IS NOT NULL))
);
CREATE INDEX referrals_from ON referrals (from_org_id, created_at DESC, id DESC);
CREATE INDEX referrals_to ON referrals (to_org_id, created_at DESC, id DESC);
CREATE INDEX referrals_consultation ON referrals (consultation_id);
CREATE INDEX referrals_resident ON referrals (resident_id);

-- referral_steps: who did what, append-only.
CREATE TABLE referral_steps (
  id          uuid PRIMARY KEY,
  referral_id uuid NOT NULL REFERENCES referrals (id),
  step        text NOT NULL,
  actor_id    uuid NOT NULL REFERENCES users (id),
  actor_role  text NOT NULL,
  at          timestamptz NOT NULL
);
CREATE INDEX referral_steps_referral ON referral_steps (referral_id, at, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON referral_steps FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Ratings ----------------------------------------------------------------------------------------------------------------

-- rating_links: one-time links for the family. The token is in the link's fragment; only its hash is kept.
CREATE TABLE rating_links (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  token_hash      bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  ticket_hash     bytea UNIQUE CHECK (octet_length(ticket_hash) = 32), -- what the token was exchanged for
  exchanged_at    timestamptz,
  used_at         timestamptz
);
CREATE INDEX rating_links_consultation ON rating_links (consultation_id);

CREATE TABLE satisfaction_ratings (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  organisation_id uuid NOT NULL REFERENCES organisations (id), -- the inviting institution
  rater           text NOT NULL CHECK (rater IN ('RESIDENT', 'FAMILY')),
  score           smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
  comment_enc     bytea,
  channel         text NOT NULL CHECK (channel IN ('TABLET', 'LINK')),
  link_id         uuid UNIQUE REFERENCES rating_links (id),
  handed_by       uuid REFERENCES users (id), -- who handed the tablet over
  created_at      timestamptz NOT NULL,
  UNIQUE (consultation_id, rater)
);
CREATE INDEX satisfaction_ratings_organisation ON satisfaction_ratings (organisation_id, created_at DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON satisfaction_ratings FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Complaints and the calendar of working days ------------------------------------------------------------------------------

-- workday_calendar: what differs from Monday to Friday. A year without rows has weekends off and no holidays, with a warning.
CREATE TABLE workday_calendar (
  date   date PRIMARY KEY,
  is_off boolean NOT NULL,
  name   text NOT NULL,
  source text NOT NULL
);

CREATE TABLE complaints (
  id                  uuid PRIMARY KEY,
  organisation_id     uuid NOT NULL REFERENCES organisations (id), -- that answers
  consultation_id     uuid REFERENCES consultations (id),
  complainant         text NOT NULL CHECK (complainant IN ('RESIDENT', 'FAMILY', 'OTHER')),
  complainant_enc     bytea,
  contact_enc         bytea,
  category            text NOT NULL,
  content_enc         bytea NOT NULL,
  several_departments boolean NOT NULL DEFAULT false,
  received_at         timestamptz NOT NULL,
  received_by         uuid NOT NULL REFERENCES users (id),
  due_on              date NOT NULL,
  calendar_known      boolean NOT NULL, -- the deadline counts a year whose holidays are known
  state               text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'CLOSED')),
  resolution_enc      bytea,
  on_the_spot         boolean NOT NULL DEFAULT false,
  closed_at           timestamptz,
  closed_by           uuid REFERENCES users (id),
  CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL))
);
CREATE INDEX complaints_organisation ON complaints (organisation_id, received_at DESC, id DESC);

-- Safety -------------------------------------------------------------------------------------------------------------------

CREATE TABLE adverse_events (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  consultation_id uuid REFERENCES consultations (id),
  resident_id     uuid REFERENCES residents (id),
  type            text NOT NULL,
  grade           text NOT NULL CHECK (grade IN ('I', 'II', 'III', 'IV')),
  occurred_at     timestamptz NOT NULL,
  reported_at     timestamptz NOT NULL,
  reported_by     uuid NOT NULL REFERENCES users (id),
  description_enc bytea NOT NULL,
  measures_enc    bytea,
  reviewed_at     timestamptz,
  reviewed_by     uuid REFERENCES users (id),
  review_enc      bytea,
  CHECK (reported_at >= occurred_at)
);
CREATE INDEX adverse_events_organisation ON adverse_events (organisation_id, reported_at DESC, id DESC);

CREATE TABLE notifiable_suspicions (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  consultation_id uuid REFERENCES consultations (id),
  resident_id     uuid NOT NULL REFERENCES residents (id),
  signs           text[] NOT NULL,
  class           text NOT NULL CHECK (class IN ('WITHIN_2H', 'WITHIN_24H')),
  disease_enc     bytea,
  suspected_at    timestamptz NOT NULL,
  due_at          timestamptz NOT NULL,
  noted_by        uuid NOT NULL REFERENCES users (id),
  state           text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'REPORTED', 'EXCLUDED')),
  receipt         text NOT NULL DEFAULT '',
  resolution_enc  bytea,
  resolved_at     timestamptz,
  resolved_by     uuid REFERENCES users (id)
);
CREATE INDEX notifiable_suspicions_organisation ON notifiable_suspicions (organisation_id, suspected_at DESC, id DESC);

CREATE TABLE risk_assessments (
  id          uuid PRIMARY KEY,
  resident_id uuid NOT NULL REFERENCES residents (id),
  scale       text NOT NULL,
  score       smallint,
  level       text NOT NULL,
  note_enc    bytea,
  assessed_on date NOT NULL,
  assessed_by uuid NOT NULL REFERENCES users (id),
  created_at  timestamptz NOT NULL
);
CREATE INDEX risk_assessments_resident ON risk_assessments (resident_id, scale, assessed_on DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON risk_assessments FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE quality_reviews (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id), -- whose report is looked at
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  report_id       uuid NOT NULL REFERENCES reports (id),
  seed            bigint NOT NULL, -- of the sample, so that it can be drawn again
  sampled_by      uuid NOT NULL REFERENCES users (id),
  sampled_at      timestamptz NOT NULL,
  state           text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'DONE')),
  sheet           text NOT NULL, -- version of the score sheet
  scores          jsonb NOT NULL DEFAULT '{}', -- points by item
  total           smallint,
  passed          boolean,
  comment_enc     bytea,
  reviewer_id     uuid REFERENCES users (id),
  reviewed_at     timestamptz,
  UNIQUE (organisation_id, report_id)
);
CREATE INDEX quality_reviews_organisation ON quality_reviews (organisation_id, sampled_at DESC, id DESC);

-- Working days -------------------------------------------------------------------------------------------------------------

-- The arrangements of the State Council for 2025 and 2026: days off that are not just a weekend, and make-up working days.
INSERT INTO workday_calendar (date, is_off, name, source)
SELECT d::date, true, name, source FROM (VALUES
  ('2025-01-01'::date, '2025-01-01'::date, '元旦', '国务院办公厅 2025年部分节假日安排'),
  ('2025-01-28', '2025-02-04', '春节', '国务院办公厅 2025年部分节假日安排'),
  ('2025-04-04', '2025-04-06', '清明节', '国务院办公厅 2025年部分节假日安排'),
  ('2025-05-01', '2025-05-05', '劳动节', '国务院办公厅 2025年部分节假日安排'),
  ('2025-05-31', '2025-06-02', '端午节', '国务院办公厅 2025年部分节假日安排'),
  ('2025-10-01', '2025-10-08', '国庆节、中秋节', '国务院办公厅 2025年部分节假日安排'),
  ('2026-01-01', '2026-01-03', '元旦', '国务院办公厅 2026年部分节假日安排'),
  ('2026-02-15', '2026-02-23', '春节', '国务院办公厅 2026年部分节假日安排'),
  ('2026-04-04', '2026-04-06', '清明节', '国务院办公厅 2026年部分节假日安排'),
  ('2026-05-01', '2026-05-05', '劳动节', '国务院办公厅 2026年部分节假日安排'),
  ('2026-06-19', '2026-06-21', '端午节', '国务院办公厅 2026年部分节假日安排'),
  ('2026-09-25', '2026-09-27', '中秋节', '国务院办公厅 2026年部分节假日安排'),
  ('2026-10-01', '2026-10-07', '国庆节', '国务院办公厅 2026年部分节假日安排')
) AS runs (first, last, name, source), generate_series(first, last, interval '1 day') AS d;
INSERT INTO workday_calendar (date, is_off, name, source)
SELECT d, false, name || '调休', '国务院办公厅 ' || extract(year FROM d) || '年部分节假日安排' FROM (VALUES
  ('2025-01-26'::date, '春节'), ('2025-02-08', '春节'), ('2025-04-27', '劳动节'), ('2025-09-28', '国庆节'), ('2025-10-11', '国庆节'),
  ('2026-01-04', '元旦'), ('2026-02-14', '春节'), ('2026-02-28', '春节'), ('2026-05-09', '劳动节'), ('2026-09-20', '国庆节'), ('2026-10-10', '国庆节')
) AS made (d, name);
