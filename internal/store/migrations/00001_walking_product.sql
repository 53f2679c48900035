-- +goose Up
-- Columns ending in _enc hold a sealed value (package seal): key id, algorithm and nonce travel inside it, and table,
-- column and row id are its additional data. Columns ending in _hmac are keyed hashes for exact look-up.
-- Instants are UTC timestamptz; birth dates and validity days are DATE in Asia/Shanghai.

CREATE TABLE meta (
  key   text PRIMARY KEY,
  value text NOT NULL
);

-- Keys -----------------------------------------------------------------------------------------------------------------

-- data_keys: envelope keys, wrapped by the key-encryption key that the operator holds in a file.
CREATE TABLE data_keys (
  id         uuid PRIMARY KEY,
  purpose    text NOT NULL CHECK (purpose IN ('field', 'lookup', 'blob')),
  algorithm  text NOT NULL,
  kek_id     text NOT NULL,
  wrapped    bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz
);

-- signing_keys: shared by all nodes; the private half is sealed.
CREATE TABLE signing_keys (
  kid         text PRIMARY KEY,
  purpose     text NOT NULL CHECK (purpose IN ('access', 'refresh', 'media', 'seal')),
  algorithm   text NOT NULL,
  private_enc bytea NOT NULL,
  public      bytea NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  not_after   timestamptz -- verification ends here; signing ends when a younger key exists
);
CREATE INDEX signing_keys_newest ON signing_keys (purpose, created_at DESC);

-- Directory ------------------------------------------------------------------------------------------------------------

CREATE TABLE organisations (
  id                  uuid PRIMARY KEY,
  kind                text NOT NULL CHECK (kind IN ('CARE', 'MEDICAL', 'AUTHORITY')),
  type_code           text NOT NULL,
  name                text NOT NULL CHECK (char_length(name) BETWEEN 2 AND 100),
  credit_code         text UNIQUE CHECK (credit_code ~ '^[0-9A-Z]{18}$'),
  level               text NOT NULL DEFAULT '',
  region_code         text NOT NULL CHECK (region_code ~ '^[0-9]{6}$'),
  reporting_parent_id uuid REFERENCES organisations (id), -- its own field: never derived from the region code
  address             text NOT NULL DEFAULT '',           -- read out to 120
  phone               text NOT NULL DEFAULT '',
  pilot_member        boolean NOT NULL DEFAULT false,
  active              boolean NOT NULL DEFAULT true,
  created_at          timestamptz NOT NULL DEFAULT now(),
  updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX organisations_parent ON organisations (reporting_parent_id);

CREATE TABLE licences (
  id               uuid PRIMARY KEY,
  organisation_id  uuid NOT NULL REFERENCES organisations (id),
  kind             text NOT NULL CHECK (kind IN ('MEDICAL_PRACTICE', 'CLINIC_FILING', 'CARE_FILING', 'INTERNET_HOSPITAL')),
  number           text NOT NULL,
  department_codes text[] NOT NULL DEFAULT '{}',
  valid_from       date NOT NULL,
  valid_to         date,
  created_at       timestamptz NOT NULL DEFAULT now(),
  CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE INDEX licences_organisation ON licences (organisation_id);

CREATE TABLE departments (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  code            text NOT NULL, -- 诊疗科目名录 without the dot
  name            text NOT NULL,
  phone           text NOT NULL DEFAULT '',
  active          boolean NOT NULL DEFAULT true,
  UNIQUE (organisation_id, code)
);

CREATE TABLE users (
  id                   uuid PRIMARY KEY,
  username             text NOT NULL UNIQUE CHECK (username = lower(username) AND char_length(username) BETWEEN 3 AND 64),
  display_name         text NOT NULL CHECK (char_length(display_name) BETWEEN 1 AND 50),
  phone_enc            bytea,
  password_hash        text NOT NULL,
  must_change_password boolean NOT NULL DEFAULT true,
  password_changed_at  timestamptz NOT NULL DEFAULT now(),
  failed_logins        integer NOT NULL DEFAULT 0,
  locked_until         timestamptz,
  locale               text NOT NULL DEFAULT 'zh-CN',
  disabled_at          timestamptz,
  created_at           timestamptz NOT NULL DEFAULT now(),
  updated_at           timestamptz NOT NULL DEFAULT now()
);

-- memberships: a role is held in an organisation, for a doctor in a department, between two instants.
CREATE TABLE memberships (
  id              uuid PRIMARY KEY,
  user_id         uuid NOT NULL REFERENCES users (id),
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  department_id   uuid REFERENCES departments (id),
  role            text NOT NULL,
  valid_from      timestamptz NOT NULL DEFAULT now(),
  valid_to        timestamptz
);
CREATE INDEX memberships_user ON memberships (user_id);
CREATE INDEX memberships_organisation ON memberships (organisation_id, role);
CREATE INDEX memberships_department ON memberships (department_id) WHERE department_id IS NOT NULL;

CREATE TABLE professional_licences (
  id                uuid PRIMARY KEY,
  user_id           uuid NOT NULL REFERENCES users (id),
  organisation_id   uuid NOT NULL REFERENCES organisations (id), -- registered place
  kind              text NOT NULL CHECK (kind IN ('PHYSICIAN', 'ASSISTANT_PHYSICIAN', 'VILLAGE_DOCTOR', 'NURSE', 'PHARMACIST', 'THERAPIST')),
  number            text NOT NULL,
  title_code        text NOT NULL DEFAULT '', -- GB/T 8561
  category          text NOT NULL DEFAULT '',
  scope             text NOT NULL DEFAULT '',
  independent_since date,
  valid_from        date NOT NULL,
  valid_to          date
);
CREATE INDEX professional_licences_user ON professional_licences (user_id);

CREATE TABLE duty_shifts (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  department_id   uuid REFERENCES departments (id),
  user_id         uuid NOT NULL REFERENCES users (id),
  role            text NOT NULL,
  starts_at       timestamptz NOT NULL,
  ends_at         timestamptz NOT NULL,
  CHECK (ends_at > starts_at)
);
CREATE INDEX duty_shifts_now ON duty_shifts (organisation_id, starts_at, ends_at);

CREATE TABLE agreements (
  id               uuid PRIMARY KEY,
  number           text NOT NULL UNIQUE,
  inviting_org_id  uuid NOT NULL REFERENCES organisations (id),
  invited_org_id   uuid NOT NULL REFERENCES organisations (id),
  platform_party   text NOT NULL DEFAULT '',
  service_types    text[] NOT NULL,
  department_codes text[] NOT NULL,
  valid_from       date NOT NULL,
  valid_to         date NOT NULL,
  -- the six clause groups of G-RM-06
  clause_purpose   text NOT NULL,
  clause_conditions text NOT NULL,
  clause_content   text NOT NULL,
  clause_process   text NOT NULL,
  clause_rights    text NOT NULL,
  clause_liability text NOT NULL,
  terminated_at    timestamptz,
  created_at       timestamptz NOT NULL DEFAULT now(),
  CHECK (valid_to >= valid_from),
  CHECK (inviting_org_id <> invited_org_id)
);
CREATE INDEX agreements_inviting ON agreements (inviting_org_id);
CREATE INDEX agreements_invited ON agreements (invited_org_id);

-- Residents ------------------------------------------------------------------------------------------------------------

CREATE TABLE residents (
  id                   uuid PRIMARY KEY,
  organisation_id      uuid NOT NULL REFERENCES organisations (id),
  ehr_no               text NOT NULL DEFAULT '',
  name_enc             bytea NOT NULL,
  id_type              text NOT NULL DEFAULT '01',
  identity_number_enc  bytea,
  identity_number_hmac bytea,
  phone_enc            bytea,
  phone_hmac           bytea,
  sex                  text NOT NULL CHECK (sex IN ('0', '1', '2', '9')),
  birth_date           date NOT NULL,
  ethnic_code          text NOT NULL DEFAULT '',
  preferred_language   text NOT NULL DEFAULT 'zh-CN',
  ward                 text NOT NULL DEFAULT '',
  bed                  text NOT NULL DEFAULT '',
  ability_level        smallint CHECK (ability_level BETWEEN 0 AND 4), -- NULL: not assessed
  capacity             text NOT NULL DEFAULT 'FULL' CHECK (capacity IN ('FULL', 'LIMITED', 'NONE')),
  allergies_enc        bytea,
  hearing_impaired     boolean NOT NULL DEFAULT false,
  sight_impaired       boolean NOT NULL DEFAULT false,
  risks                text[] NOT NULL DEFAULT '{}',
  condition_codes      text[] NOT NULL DEFAULT '{}',
  usual_doctor_id      uuid REFERENCES users (id),
  admitted_on          date NOT NULL,
  left_on              date,
  revision             integer NOT NULL DEFAULT 1,
  created_at           timestamptz NOT NULL DEFAULT now(),
  updated_at           timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX residents_organisation ON residents (organisation_id, bed);
CREATE UNIQUE INDEX residents_identity ON residents (organisation_id, identity_number_hmac)
  WHERE identity_number_hmac IS NOT NULL AND left_on IS NULL;
CREATE INDEX residents_phone ON residents (phone_hmac) WHERE phone_hmac IS NOT NULL;

CREATE TABLE guardians (
  id           uuid PRIMARY KEY,
  resident_id  uuid NOT NULL REFERENCES residents (id),
  name_enc     bytea NOT NULL,
  relation     text NOT NULL,
  phone_enc    bytea,
  is_guardian  boolean NOT NULL DEFAULT true,
  position     smallint NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX guardians_resident ON guardians (resident_id, position);

-- Consultations --------------------------------------------------------------------------------------------------------

CREATE TABLE urgency_targets (
  urgency        text PRIMARY KEY,
  accept_seconds integer CHECK (accept_seconds > 0), -- NULL: by slot
  report_seconds integer NOT NULL CHECK (report_seconds > 0),
  revision       integer NOT NULL DEFAULT 1,
  updated_at     timestamptz NOT NULL DEFAULT now(),
  updated_by     uuid REFERENCES users (id)
);
INSERT INTO urgency_targets (urgency, accept_seconds, report_seconds) VALUES
  ('CRITICAL', 180, 7200), ('EMERGENT', 600, 7200), ('URGENT', 7200, 86400), ('ROUTINE', 86400, 86400), ('SCHEDULED', NULL, 86400);

CREATE TABLE consents (
  id                      uuid PRIMARY KEY,
  resident_id             uuid NOT NULL REFERENCES residents (id),
  consultation_id         uuid, -- where it was given; its validity is not limited to it
  signer_kind             text NOT NULL CHECK (signer_kind IN ('SELF', 'LEGAL_GUARDIAN', 'NEAR_RELATIVE', 'INSTITUTION_EMERGENCY')),
  signer_name_enc         bytea NOT NULL,
  relation                text NOT NULL DEFAULT '',
  capacity                text NOT NULL,
  method                  text NOT NULL CHECK (method IN ('DRAWN', 'EMERGENCY_APPROVAL')),
  text_version            text NOT NULL,
  text_locale             text NOT NULL,
  text_hash               bytea NOT NULL,
  tick_medical            boolean NOT NULL,
  tick_sensitive          boolean NOT NULL,
  tick_provision          boolean NOT NULL,
  tick_recording          boolean NOT NULL DEFAULT false,
  tick_teaching           boolean NOT NULL DEFAULT false,
  signature_attachment_id uuid,
  approver_id             uuid REFERENCES users (id),
  reason_enc              bytea,
  witness_id              uuid NOT NULL REFERENCES users (id), -- the nurse who took it
  signed_at               timestamptz NOT NULL,
  valid_until             timestamptz NOT NULL,
  withdrawn_at            timestamptz
);
CREATE INDEX consents_resident ON consents (resident_id, signed_at DESC);

CREATE TABLE consultations (
  id                 uuid PRIMARY KEY,
  serial             text NOT NULL UNIQUE, -- what people read out: LZ20261122-0001
  resident_id        uuid NOT NULL REFERENCES residents (id),
  inviting_org_id    uuid NOT NULL REFERENCES organisations (id),
  invited_org_id     uuid REFERENCES organisations (id),
  department_id      uuid REFERENCES departments (id), -- asked for
  agreement_id       uuid REFERENCES agreements (id),
  consent_id         uuid REFERENCES consents (id),
  state              text NOT NULL,
  epoch              bigint NOT NULL DEFAULT 0, -- fencing token: rises only when the grant changes hands
  urgency            text NOT NULL,
  urgency_proposed   text NOT NULL,
  urgency_reason_enc bytea,
  service_type       text NOT NULL,
  mode               text NOT NULL DEFAULT 'ONLINE' CHECK (mode IN ('ONLINE', 'OFFLINE')),
  drill              boolean NOT NULL DEFAULT false,
  created_by         uuid NOT NULL REFERENCES users (id),
  submitter_id       uuid REFERENCES users (id), -- responsible attending of the inviting side
  doctor_id          uuid REFERENCES users (id), -- holder of the grant
  reasons            text[] NOT NULL DEFAULT '{}',
  red_flags          text[] NOT NULL DEFAULT '{}',
  complaint_enc      bytea,
  request_revision   integer NOT NULL DEFAULT 1,
  created_at         timestamptz NOT NULL DEFAULT now(),
  submitted_at       timestamptz,
  offered_at         timestamptz,
  accept_due_at      timestamptz,
  accepted_at        timestamptz,
  started_at         timestamptz,
  media_lost_at      timestamptz, -- since when nobody of one side is connected; NULL while both are
  ended_at           timestamptz,
  report_due_at      timestamptz,
  reported_at        timestamptz,
  adopted_at         timestamptz,
  closed_at          timestamptz,
  end_code           text NOT NULL DEFAULT '', -- cancel reason, outcome of a terminal state
  end_note_enc       bytea,
  outcome_code       text NOT NULL DEFAULT '',
  effective_seconds  integer NOT NULL DEFAULT 0,
  updated_at         timestamptz NOT NULL DEFAULT now()
);
-- A primary doctor has at most one consultation accepted, waiting or in progress.
CREATE UNIQUE INDEX consultations_one_per_doctor ON consultations (doctor_id)
  WHERE state IN ('ACCEPTED', 'WAITING', 'IN_PROGRESS');
-- A resident has at most one request on its way.
CREATE UNIQUE INDEX consultations_one_open_per_resident ON consultations (resident_id)
  WHERE state IN ('SUBMITTED', 'TRIAGED', 'OFFERED', 'ACCEPTED', 'WAITING', 'IN_PROGRESS', 'ABORTED_TECH');
-- What the timers look for every second.
CREATE INDEX consultations_lost ON consultations (media_lost_at) WHERE state IN ('IN_PROGRESS', 'ABORTED_TECH') AND media_lost_at IS NOT NULL;
CREATE INDEX consultations_drafts ON consultations (created_at) WHERE state = 'DRAFT';
CREATE INDEX consultations_queue ON consultations (offered_at, id) WHERE state = 'OFFERED';
CREATE INDEX consultations_inviting ON consultations (inviting_org_id, created_at DESC, id DESC);
CREATE INDEX consultations_invited ON consultations (invited_org_id, created_at DESC, id DESC);
CREATE INDEX consultations_resident ON consultations (resident_id, created_at DESC);
CREATE INDEX consultations_doctor ON consultations (doctor_id, created_at DESC);

CREATE TABLE consultation_serials (
  day  date PRIMARY KEY,
  last integer NOT NULL
);

-- audience: which department may see a request, since when and until when.
CREATE TABLE audience (
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  department_id   uuid NOT NULL REFERENCES departments (id),
  since           timestamptz NOT NULL,
  until           timestamptz,
  PRIMARY KEY (consultation_id, department_id)
);
CREATE INDEX audience_department ON audience (department_id, until);

-- offers: rings. An invitation, not a lock.
CREATE TABLE offers (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  epoch           bigint NOT NULL,
  doctor_id       uuid NOT NULL REFERENCES users (id),
  offered_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  result          text NOT NULL DEFAULT 'PENDING'
                  CHECK (result IN ('PENDING', 'CLAIMED', 'LOST', 'DECLINED', 'LAPSED', 'WITHDRAWN')),
  reason_code     text NOT NULL DEFAULT '',
  note_enc        bytea,
  resolved_at     timestamptz,
  UNIQUE (consultation_id, epoch, doctor_id)
);
CREATE INDEX offers_doctor ON offers (doctor_id) WHERE result = 'PENDING';
CREATE INDEX offers_expiry ON offers (expires_at) WHERE result = 'PENDING';

-- consultation_events: append-only, numbered without a gap per consultation.
CREATE TABLE consultation_events (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  seq             integer NOT NULL,
  type            text NOT NULL,
  from_state      text NOT NULL DEFAULT '',
  to_state        text NOT NULL DEFAULT '',
  epoch           bigint NOT NULL,
  actor_id        uuid REFERENCES users (id), -- NULL: the system
  actor_role      text NOT NULL DEFAULT '',
  at              timestamptz NOT NULL DEFAULT now(),
  data            jsonb NOT NULL DEFAULT '{}', -- codes, ids, numbers: never names or free text
  UNIQUE (consultation_id, seq)
);

-- outbox: numbered in commit order per shard (the shard row is locked by the writer), so that a reader's cursor
-- never skips a row.
CREATE TABLE outbox_shards (
  shard smallint PRIMARY KEY,
  last  bigint NOT NULL DEFAULT 0
);
INSERT INTO outbox_shards (shard) SELECT generate_series(0, 7);
CREATE TABLE outbox (
  shard      smallint NOT NULL REFERENCES outbox_shards (shard),
  seq        bigint NOT NULL,
  topic      text NOT NULL,
  key        uuid NOT NULL,
  payload    jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (shard, seq)
);
CREATE INDEX outbox_age ON outbox (created_at);

-- command_results: a command id is answered once; for 24 hours a repetition gets the same object back.
CREATE TABLE command_results (
  user_id      uuid NOT NULL REFERENCES users (id),
  command_id   uuid NOT NULL,
  operation    text NOT NULL,
  request_hash bytea NOT NULL,
  object_id    uuid,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, command_id)
);
CREATE INDEX command_results_age ON command_results (created_at);

-- Calls and media evidence ---------------------------------------------------------------------------------------------

CREATE TABLE calls (
  id         uuid PRIMARY KEY, -- also the relay's room
  started_at timestamptz NOT NULL,
  ended_at   timestamptz,
  end_code   text NOT NULL DEFAULT '',
  ended_by   uuid REFERENCES users (id)
);

-- call_consultations: many-to-many with intervals (reconnects, round mode, a second call).
CREATE TABLE call_consultations (
  call_id         uuid NOT NULL REFERENCES calls (id),
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  since           timestamptz NOT NULL,
  until           timestamptz,
  PRIMARY KEY (call_id, consultation_id)
);
CREATE INDEX call_consultations_consultation ON call_consultations (consultation_id, since);

CREATE TABLE participants (
  id          uuid PRIMARY KEY, -- the relay's participant
  call_id     uuid NOT NULL REFERENCES calls (id),
  user_id     uuid NOT NULL REFERENCES users (id),
  side        text NOT NULL CHECK (side IN ('CARE', 'MEDICAL')),
  role        text NOT NULL,
  invited_at  timestamptz NOT NULL,
  first_joined_at timestamptz,
  left_at     timestamptz,
  UNIQUE (call_id, user_id)
);

-- media_intervals: what the relay itself saw; the base of effective time.
CREATE TABLE media_intervals (
  id             uuid PRIMARY KEY,
  participant_id uuid NOT NULL REFERENCES participants (id),
  kind           text NOT NULL CHECK (kind IN ('connected', 'media')),
  started_at     timestamptz NOT NULL,
  last_seen_at   timestamptz NOT NULL,
  closed         boolean NOT NULL DEFAULT false,
  audio_bytes    bigint NOT NULL DEFAULT 0,
  video_bytes    bigint NOT NULL DEFAULT 0,
  audio_muted    boolean NOT NULL DEFAULT false,
  video_muted    boolean NOT NULL DEFAULT false,
  CHECK (last_seen_at >= started_at)
);
CREATE INDEX media_intervals_open ON media_intervals (last_seen_at) WHERE NOT closed;
CREATE INDEX media_intervals_participant ON media_intervals (participant_id, started_at);

-- Clinical content -----------------------------------------------------------------------------------------------------

CREATE TABLE attachments (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  resident_id     uuid REFERENCES residents (id),
  consultation_id uuid REFERENCES consultations (id),
  kind            text NOT NULL CHECK (kind IN ('PHOTO', 'SIGNATURE', 'PORTRAIT')),
  content_type    text NOT NULL,
  size            integer NOT NULL,
  width           integer NOT NULL,
  height          integer NOT NULL,
  sha256          bytea NOT NULL, -- of the plaintext as stored
  blob_key        text NOT NULL,
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attachments_consultation ON attachments (consultation_id);
CREATE INDEX attachments_resident ON attachments (resident_id, kind);
CREATE TABLE blobs (
  key     text PRIMARY KEY,
  content bytea NOT NULL -- sealed
);

CREATE TABLE vitals (
  id              uuid PRIMARY KEY,
  resident_id     uuid NOT NULL REFERENCES residents (id),
  consultation_id uuid REFERENCES consultations (id),
  code            text NOT NULL,
  loinc           text NOT NULL DEFAULT '',
  value           numeric(8, 2),
  qualifier       text NOT NULL DEFAULT '' CHECK (qualifier IN ('', 'UNMEASURABLE', 'HI', 'LO')),
  unit            text NOT NULL,
  flag            text NOT NULL DEFAULT '',
  confirmed       boolean NOT NULL DEFAULT false, -- outside the plausible range and confirmed by the person
  position        text NOT NULL DEFAULT '',
  device          text NOT NULL DEFAULT '',
  source          text NOT NULL DEFAULT 'MANUAL' CHECK (source IN ('MANUAL', 'DEVICE', 'KIOSK')),
  taken_at        timestamptz NOT NULL,
  taken_by        uuid NOT NULL REFERENCES users (id),
  recorded_at     timestamptz NOT NULL DEFAULT now(),
  CHECK ((value IS NULL) = (qualifier <> ''))
);
CREATE INDEX vitals_resident ON vitals (resident_id, taken_at DESC);
CREATE INDEX vitals_consultation ON vitals (consultation_id, code, taken_at DESC);

CREATE TABLE report_drafts (
  consultation_id uuid PRIMARY KEY REFERENCES consultations (id),
  author_id       uuid NOT NULL REFERENCES users (id),
  content_enc     bytea NOT NULL,
  revision        integer NOT NULL DEFAULT 1,
  updated_at      timestamptz NOT NULL DEFAULT now()
);

-- reports: signed versions never change; a correction is a new version.
CREATE TABLE reports (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  version         integer NOT NULL,
  author_id       uuid NOT NULL REFERENCES users (id),
  content_enc     bytea NOT NULL, -- canonical JSON
  digest          bytea NOT NULL,
  seal            bytea NOT NULL, -- system seal: not a reliable electronic signature in the sense of 电子签名法 13
  seal_kid        text NOT NULL,
  signed_at       timestamptz NOT NULL,
  UNIQUE (consultation_id, version)
);

CREATE TABLE advice_items (
  id                  uuid PRIMARY KEY,
  consultation_id     uuid NOT NULL REFERENCES consultations (id),
  report_id           uuid NOT NULL REFERENCES reports (id),
  position            smallint NOT NULL,
  kind                text NOT NULL,
  text_enc            bytea NOT NULL,
  decision            text NOT NULL DEFAULT '' CHECK (decision IN ('', 'ADOPTED', 'PARTLY', 'REJECTED')),
  decision_reason_enc bytea,
  decided_by          uuid REFERENCES users (id),
  decided_at          timestamptz,
  executed_by         uuid REFERENCES users (id),
  executed_at         timestamptz,
  execution_note_enc  bytea,
  UNIQUE (report_id, position)
);
CREATE INDEX advice_items_consultation ON advice_items (consultation_id);

CREATE TABLE adoptions (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  report_id       uuid NOT NULL UNIQUE REFERENCES reports (id),
  attending_id    uuid NOT NULL REFERENCES users (id),
  content_enc     bytea NOT NULL,
  digest          bytea NOT NULL,
  seal            bytea NOT NULL,
  seal_kid        text NOT NULL,
  signed_at       timestamptz NOT NULL
);

CREATE TABLE chat_messages (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  sender_id       uuid NOT NULL REFERENCES users (id),
  body_enc        bytea NOT NULL,
  sent_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX chat_messages_consultation ON chat_messages (consultation_id, sent_at, id);

CREATE TABLE follow_ups (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  resident_id     uuid NOT NULL REFERENCES residents (id),
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  doctor_id       uuid NOT NULL REFERENCES users (id),
  due_on          date NOT NULL,
  state           text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'DONE', 'CANCELLED')),
  note_enc        bytea,
  done_by         uuid REFERENCES users (id),
  done_at         timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX follow_ups_due ON follow_ups (organisation_id, due_on) WHERE state = 'OPEN';

-- Sessions and access --------------------------------------------------------------------------------------------------

-- auth_sessions: one sign-in. The refresh token of generation n is derived from (id, n), so that a repeated rotation
-- within the grace returns the same successor and no token is stored.
CREATE TABLE auth_sessions (
  id            uuid PRIMARY KEY,
  user_id       uuid NOT NULL REFERENCES users (id),
  generation    integer NOT NULL DEFAULT 1,
  grace_from    integer NOT NULL DEFAULT 1, -- oldest generation that the grace covers: several may pass in one burst of tabs
  rotated_at    timestamptz NOT NULL DEFAULT now(),
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz NOT NULL,
  revoked_at    timestamptz,
  revoke_code   text NOT NULL DEFAULT '',
  user_agent    text NOT NULL DEFAULT ''
);
CREATE INDEX auth_sessions_user ON auth_sessions (user_id) WHERE revoked_at IS NULL;

CREATE TABLE signaling_sessions (
  id              uuid PRIMARY KEY,
  auth_session_id uuid NOT NULL REFERENCES auth_sessions (id),
  user_id         uuid NOT NULL REFERENCES users (id),
  node            text NOT NULL,
  opened_at       timestamptz NOT NULL DEFAULT now(),
  last_seen_at    timestamptz NOT NULL DEFAULT now(),
  closed_at       timestamptz,
  close_code      integer
);
CREATE INDEX signaling_sessions_open ON signaling_sessions (user_id) WHERE closed_at IS NULL;

CREATE TABLE access_log (
  id          uuid PRIMARY KEY,
  at          timestamptz NOT NULL DEFAULT now(),
  user_id     uuid REFERENCES users (id),
  role        text NOT NULL DEFAULT '',
  action      text NOT NULL,
  object_type text NOT NULL,
  object_id   uuid,
  result      text NOT NULL DEFAULT 'OK',
  request_id  text NOT NULL DEFAULT ''
);
CREATE INDEX access_log_object ON access_log (object_type, object_id, at DESC);

-- Append-only tables refuse UPDATE and DELETE, whoever asks.
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consultation_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON adoptions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON vitals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON access_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON chat_messages FOR EACH ROW EXECUTE FUNCTION refuse_change();
