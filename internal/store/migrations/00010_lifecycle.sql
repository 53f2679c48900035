-- The whole life of a consultation: what was lacking, planned, ended as unsuitable, corrected, sealed; who was asked for a second
-- factor; which attending doctor was there; on what an online follow-up rests.

-- +goose Up
ALTER TABLE consultations
  ADD COLUMN slot_from    timestamptz, -- of a planned consultation
  ADD COLUMN slot_to      timestamptz,
  ADD COLUMN ready_at     timestamptz, -- since when a planned one waits for its call
  ADD COLUMN qualified_at timestamptz, -- a doctor judged the evidence of an earlier diagnosis as good (G-IH-03)
  ADD COLUMN handed_over_at timestamptz, -- to the emergency service
  ADD CONSTRAINT consultations_slot CHECK ((slot_from IS NULL) = (slot_to IS NULL) AND slot_to > slot_from);
CREATE INDEX consultations_slots ON consultations (slot_to) WHERE state = 'SCHEDULED';
CREATE INDEX consultations_unanswered ON consultations (accept_due_at) WHERE state = 'OFFERED' AND accept_due_at IS NOT NULL;
CREATE INDEX consultations_not_taken_up ON consultations (updated_at) WHERE state IN ('DECLINED', 'EXPIRED');

-- returns: a request given back for more material, and when it came again.
CREATE TABLE returns (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  lacking         text[] NOT NULL CHECK (cardinality(lacking) > 0),
  note_enc        bytea,
  returned_by     uuid NOT NULL REFERENCES users (id),
  returned_at     timestamptz NOT NULL,
  resubmitted_at  timestamptz
);
CREATE INDEX returns_consultation ON returns (consultation_id, returned_at);

-- terminations: ended as unsuitable for remote care, with where the resident goes (G-IH-04).
CREATE TABLE terminations (
  consultation_id uuid PRIMARY KEY REFERENCES consultations (id),
  reason          text NOT NULL,
  destination     text NOT NULL,
  place_enc       bytea NOT NULL, -- which institution and department
  go_within       text NOT NULL,
  note_enc        bytea,
  terminated_by   uuid NOT NULL REFERENCES users (id),
  terminated_at   timestamptz NOT NULL
);

-- A signed version says what it corrects, whether it was entered late, and how the person was known.
ALTER TABLE reports
  ADD COLUMN late            boolean NOT NULL DEFAULT false, -- 补记
  ADD COLUMN late_reason_enc bytea,
  ADD COLUMN factor          text NOT NULL DEFAULT '', -- second factor asked for at signing
  ADD COLUMN factor_at       timestamptz,
  ADD COLUMN signer          text NOT NULL DEFAULT 'SYSTEM'; -- whose seal or certificate
ALTER TABLE adoptions
  ADD COLUMN factor    text NOT NULL DEFAULT '',
  ADD COLUMN factor_at timestamptz,
  ADD COLUMN signer    text NOT NULL DEFAULT 'SYSTEM',
  ADD COLUMN decision  text NOT NULL DEFAULT '' CHECK (decision IN ('', 'ADOPTED', 'PARTLY', 'REJECTED'));
ALTER TABLE advice_items
  ADD COLUMN detail_enc    bytea, -- dose, frequency, duration
  ADD COLUMN due_on        date,
  ADD COLUMN read_back_by  uuid REFERENCES users (id),
  ADD COLUMN read_back_at  timestamptz;

-- seals: a record closed to every edit in a dispute, and opened again by rule (医疗纠纷预防和处理条例 24). One row a sealing.
CREATE TABLE seals (
  id                   uuid PRIMARY KEY,
  consultation_id      uuid NOT NULL REFERENCES consultations (id),
  reason_enc           bytea NOT NULL,
  institution_side_enc bytea NOT NULL, -- who was present for the institution
  other_side_enc       bytea NOT NULL, -- and for the resident
  other_relation       text NOT NULL,
  list_enc             bytea NOT NULL, -- what was sealed: canonical JSON with the digest of each piece
  digest               bytea NOT NULL,
  seal                 bytea NOT NULL,
  seal_kid             text NOT NULL,
  pieces               integer NOT NULL,
  sealed_by            uuid NOT NULL REFERENCES users (id),
  sealed_at            timestamptz NOT NULL,
  unseal_basis         text NOT NULL DEFAULT '',
  unseal_note_enc      bytea,
  unsealed_by          uuid REFERENCES users (id),
  unsealed_at          timestamptz
);
CREATE UNIQUE INDEX seals_one_open ON seals (consultation_id) WHERE unsealed_at IS NULL;
CREATE INDEX seals_consultation ON seals (consultation_id, sealed_at);

-- Second factors ---------------------------------------------------------------------------------------------------------

ALTER TABLE organisations ADD COLUMN second_factor_required boolean NOT NULL DEFAULT false;

CREATE TABLE second_factors (
  id            uuid PRIMARY KEY,
  user_id       uuid NOT NULL REFERENCES users (id),
  kind          text NOT NULL CHECK (kind IN ('TOTP')),
  name          text NOT NULL DEFAULT '',
  secret_enc    bytea NOT NULL, -- the secret of a code generator
  last_step     bigint NOT NULL DEFAULT 0, -- a code is used once
  created_at    timestamptz NOT NULL,
  confirmed_at  timestamptz,
  last_used_at  timestamptz,
  failed        integer NOT NULL DEFAULT 0, -- wrong codes in a row, of all sign-ins of the person
  locked_until  timestamptz
);
CREATE UNIQUE INDEX second_factors_one_totp ON second_factors (user_id) WHERE kind = 'TOTP';
CREATE INDEX second_factors_user ON second_factors (user_id);

CREATE TABLE recovery_codes (
  id        uuid PRIMARY KEY,
  user_id   uuid NOT NULL REFERENCES users (id),
  code_hmac bytea NOT NULL,
  used_at   timestamptz,
  UNIQUE (user_id, code_hmac)
);

-- second_factor_checks: the person was asked again, for one act on one consultation (G-IH-06). The act uses the check up.
CREATE TABLE second_factor_checks (
  id              uuid PRIMARY KEY,
  user_id         uuid NOT NULL REFERENCES users (id),
  session_id      uuid NOT NULL,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  purpose         text NOT NULL CHECK (purpose IN ('RECEPTION', 'SIGNATURE')),
  method          text NOT NULL CHECK (method IN ('TOTP', 'RECOVERY')),
  checked_at      timestamptz NOT NULL,
  used_at         timestamptz,
  act             text NOT NULL DEFAULT ''
);
CREATE INDEX second_factor_checks_consultation ON second_factor_checks (consultation_id, checked_at);

-- The attending doctor at the bedside ------------------------------------------------------------------------------------

CREATE TABLE attending_pins (
  user_id      uuid PRIMARY KEY REFERENCES users (id),
  pin_hash     text NOT NULL DEFAULT '', -- empty: none set
  code_hmac    bytea, -- the short-lived code on the doctor's own screen
  code_expires timestamptz,
  failed       integer NOT NULL DEFAULT 0,
  locked_until timestamptz,
  updated_at   timestamptz NOT NULL
);

-- attending_checkins: who accompanied, from when to when. Presence is this and the tablet's media at the same time.
CREATE TABLE attending_checkins (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  user_id         uuid NOT NULL REFERENCES users (id),
  method          text NOT NULL CHECK (method IN ('PIN', 'QR')),
  since           timestamptz NOT NULL,
  until           timestamptz,
  taken_by        uuid NOT NULL REFERENCES users (id), -- whose tablet
  CHECK (until IS NULL OR until >= since)
);
CREATE UNIQUE INDEX attending_checkins_open ON attending_checkins (consultation_id, user_id) WHERE until IS NULL;
CREATE INDEX attending_checkins_consultation ON attending_checkins (consultation_id, since);

-- What an online follow-up rests on --------------------------------------------------------------------------------------

CREATE TABLE revisit_evidence (
  id                  uuid PRIMARY KEY,
  consultation_id     uuid NOT NULL REFERENCES consultations (id),
  resident_id         uuid NOT NULL REFERENCES residents (id),
  type                text NOT NULL,
  issuing_institution text NOT NULL,
  dated               date NOT NULL,
  diagnosis_code      text NOT NULL,
  attachment_id       uuid REFERENCES attachments (id),
  added_by            uuid NOT NULL REFERENCES users (id),
  added_at            timestamptz NOT NULL,
  judged_by           uuid REFERENCES users (id),
  judged_at           timestamptz,
  decision            text NOT NULL DEFAULT '' CHECK (decision IN ('', 'QUALIFIED', 'NOT_QUALIFIED')),
  note_enc            bytea,
  CHECK ((decision = '') = (judged_at IS NULL))
);
CREATE INDEX revisit_evidence_consultation ON revisit_evidence (consultation_id, added_at);
CREATE INDEX revisit_evidence_resident ON revisit_evidence (resident_id, dated DESC);
