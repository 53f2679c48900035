-- +goose Up
-- Family doctors: teams, contracts with residents, groups that were set by hand, care plans with their contacts, recalls.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- fd_teams: a family-doctor team (家庭医生团队) of a medical institution.
CREATE TABLE fd_teams (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  name            text NOT NULL CHECK (char_length(name) BETWEEN 2 AND 60),
  phone           text NOT NULL DEFAULT '', -- of the team, on the contract
  active          boolean NOT NULL DEFAULT true,
  revision        integer NOT NULL DEFAULT 1,
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  UNIQUE (organisation_id, name)
);
-- fd_team_members: who belongs to a team since when; one leader at a time.
CREATE TABLE fd_team_members (
  id      uuid PRIMARY KEY,
  team_id uuid NOT NULL REFERENCES fd_teams (id),
  user_id uuid NOT NULL REFERENCES users (id),
  part    text NOT NULL CHECK (part IN ('LEADER', 'DOCTOR', 'NURSE', 'PUBLIC_HEALTH')),
  since   timestamptz NOT NULL,
  until   timestamptz,
  CHECK (until IS NULL OR until >= since)
);
CREATE UNIQUE INDEX fd_team_members_once ON fd_team_members (team_id, user_id) WHERE until IS NULL;
CREATE UNIQUE INDEX fd_team_members_leader ON fd_team_members (team_id) WHERE until IS NULL AND part = 'LEADER';
CREATE INDEX fd_team_members_user ON fd_team_members (user_id) WHERE until IS NULL;

-- fd_serves: whose residents a medical institution's teams may look after on a day: its own, those of a care institution in which
-- it practises (执业站点), and those of an institution with an agreement in force for home visits or chronic-disease management.
CREATE FUNCTION fd_serves(medical uuid, home uuid, on_day date) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT medical = home
    OR EXISTS (SELECT 1 FROM practice_sites p WHERE p.medical_org_id = medical AND p.care_org_id = home AND p.valid_from <= on_day AND (p.valid_to IS NULL OR p.valid_to >= on_day))
    OR EXISTS (SELECT 1 FROM agreements a WHERE a.invited_org_id = medical AND a.inviting_org_id = home AND a.service_types && '{HOME_VISIT,HOME_BED_ROUND,CHRONIC_MGMT}'::text[]
      AND a.valid_from <= on_day AND a.valid_to >= on_day AND (a.terminated_at IS NULL OR local_day(a.terminated_at) > on_day))
$$;

-- fd_contracts: a family-doctor contract (家庭医生签约服务协议). Only one of a resident holds on any day. ended_on is the first day on
-- which it no longer holds.
CREATE TABLE fd_contracts (
  id               uuid PRIMARY KEY,
  number           text NOT NULL UNIQUE, -- JY20261122-0001
  resident_id      uuid NOT NULL REFERENCES residents (id),
  team_id          uuid NOT NULL REFERENCES fd_teams (id),
  organisation_id  uuid NOT NULL REFERENCES organisations (id), -- of the team
  state            text NOT NULL CHECK (state IN ('DRAFT', 'SIGNED', 'TERMINATED', 'VOIDED')),
  packages         text[] NOT NULL,
  items            text[] NOT NULL,
  starts_on        date NOT NULL,
  ends_on          date NOT NULL,
  ended_on         date NOT NULL, -- the day after ends_on, or that of the termination
  renews_id        uuid REFERENCES fd_contracts (id),
  -- the signature
  signed_how       text CHECK (signed_how IN ('DRAWN', 'PAPER_SCAN', 'ELECTRONIC')),
  signer_kind      text CHECK (signer_kind IN ('SELF', 'LEGAL_GUARDIAN')),
  signer_name_enc  bytea,
  relation         text NOT NULL DEFAULT '',
  capacity         text NOT NULL DEFAULT '',
  reason_enc       bytea, -- why a guardian further down in the order signs
  system_number    text NOT NULL DEFAULT '', -- in the contract system of the province
  attachment_id    uuid REFERENCES attachments (id), -- the drawn signature, or the newest scan
  text_version     text NOT NULL DEFAULT '',
  text_hash        bytea,
  text_enc         bytea, -- the words that were signed
  signed_on        date,
  signed_at        timestamptz, -- when the system was told
  signed_by        uuid REFERENCES users (id), -- who took the signature
  terminated_code  text NOT NULL DEFAULT '',
  terminated_note_enc bytea,
  terminated_at    timestamptz,
  terminated_by    uuid REFERENCES users (id),
  told             smallint NOT NULL DEFAULT 0, -- days before the end of which the team was told last: 90, 60, 30
  revision         integer NOT NULL DEFAULT 1,
  created_by       uuid NOT NULL REFERENCES users (id),
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  CHECK (ends_on > starts_on),
  CHECK (ended_on >= starts_on AND ended_on <= ends_on + 1),
  CHECK (state IN ('DRAFT', 'VOIDED') OR (signed_how IS NOT NULL AND signed_at IS NOT NULL AND text_hash IS NOT NULL)),
  CHECK ((state = 'TERMINATED') = (terminated_at IS NOT NULL)),
  CONSTRAINT fd_contracts_one_in_force EXCLUDE USING gist (resident_id WITH =, daterange(starts_on, ended_on) WITH &&) WHERE (state IN ('SIGNED', 'TERMINATED'))
);
CREATE UNIQUE INDEX fd_contracts_one_draft ON fd_contracts (resident_id, team_id) WHERE state = 'DRAFT';
CREATE INDEX fd_contracts_team ON fd_contracts (team_id, state, ends_on);
CREATE INDEX fd_contracts_organisation ON fd_contracts (organisation_id, ends_on);
CREATE INDEX fd_contracts_resident ON fd_contracts (resident_id, starts_on DESC);
CREATE INDEX fd_contracts_ending ON fd_contracts (ends_on) WHERE state = 'SIGNED';
CREATE TABLE fd_contract_serials (
  day  date PRIMARY KEY,
  last integer NOT NULL
);

-- What was signed stays as it was; of a signed contract only its end and what the team was told of change.
-- +goose StatementBegin
CREATE FUNCTION fd_contract_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.state = 'DRAFT' OR current_setting('lianzhen.purge', true) = 'on' THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'a signed contract stays' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.state <> 'DRAFT' AND current_setting('lianzhen.reseal', true) IS DISTINCT FROM 'on' AND
    (OLD.number, OLD.resident_id, OLD.team_id, OLD.packages, OLD.items, OLD.starts_on, OLD.ends_on, OLD.signed_how, OLD.signer_kind, OLD.signer_name_enc, OLD.relation, OLD.attachment_id, OLD.text_hash, OLD.text_enc, OLD.signed_on, OLD.signed_at)
    IS DISTINCT FROM (NEW.number, NEW.resident_id, NEW.team_id, NEW.packages, NEW.items, NEW.starts_on, NEW.ends_on, NEW.signed_how, NEW.signer_kind, NEW.signer_name_enc, NEW.relation, NEW.attachment_id, NEW.text_hash, NEW.text_enc, NEW.signed_on, NEW.signed_at) THEN
    RAISE EXCEPTION 'a signed contract does not change' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER signed BEFORE UPDATE OR DELETE ON fd_contracts FOR EACH ROW EXECUTE FUNCTION fd_contract_signed();

-- fd_contract_events: what happened to a contract, numbered without a gap. Codes, ids and numbers only.
CREATE TABLE fd_contract_events (
  id          uuid PRIMARY KEY,
  contract_id uuid NOT NULL REFERENCES fd_contracts (id),
  seq         integer NOT NULL,
  type        text NOT NULL,
  from_state  text NOT NULL DEFAULT '',
  to_state    text NOT NULL,
  actor_id    uuid REFERENCES users (id), -- NULL: the system
  actor_role  text NOT NULL,
  data        jsonb NOT NULL DEFAULT '{}',
  at          timestamptz NOT NULL,
  UNIQUE (contract_id, seq)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON fd_contract_events FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- risk_marks: groups that no record shows and that somebody set by hand, with the paper that says so.
CREATE TABLE risk_marks (
  id           uuid PRIMARY KEY,
  resident_id  uuid NOT NULL REFERENCES residents (id),
  code         text NOT NULL CHECK (code IN ('DISABLED', 'DEMENTIA', 'CHRONIC', 'HANDICAPPED', 'SPECIAL_DIFFICULTY')),
  evidence_enc bytea, -- such as the number of a certificate of disability
  set_on       date NOT NULL,
  set_by       uuid NOT NULL REFERENCES users (id),
  set_at       timestamptz NOT NULL,
  ended_on     date,
  ended_by     uuid REFERENCES users (id),
  CHECK (ended_on IS NULL OR ended_on >= set_on)
);
CREATE UNIQUE INDEX risk_marks_one ON risk_marks (resident_id, code) WHERE ended_on IS NULL;

-- marks_of: the groups that stand by hand on a day.
CREATE FUNCTION marks_of(resident uuid, on_day date) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(m.code), '{}') FROM risk_marks m WHERE m.resident_id = resident AND m.set_on <= on_day AND (m.ended_on IS NULL OR m.ended_on > on_day)
$$;

-- risk_groups: the groups on a day of somebody of whom the records say so much, as consult.RiskFacts.Groups; a test compares the two.
CREATE FUNCTION risk_groups(ability smallint, conditions text[], birth date, marks text[], on_day date) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_remove(ARRAY[
    CASE WHEN ability >= 1 OR 'DISABLED' = ANY (marks) THEN 'DISABLED' END,
    CASE WHEN conditions && '{F00,F01.9,F03,G30.9}'::text[] OR 'DEMENTIA' = ANY (marks) THEN 'DEMENTIA' END,
    CASE WHEN conditions && '{I10,I11.9,I20.9,I25.1,I25.2,I48,I50.9,I69.3,E11.9,E11.2,E11.4,E11.5,E78.5,J44.9,N18.9,M81.9,G20,G30.9,F01.9,F03}'::text[] OR 'CHRONIC' = ANY (marks) THEN 'CHRONIC' END,
    CASE WHEN extract(year FROM age(on_day, birth)) >= 80 THEN 'AGED_80' END,
    CASE WHEN 'HANDICAPPED' = ANY (marks) THEN 'HANDICAPPED' END,
    CASE WHEN 'SPECIAL_DIFFICULTY' = ANY (marks) THEN 'SPECIAL_DIFFICULTY' END], NULL)
$$;

-- plan_intervals: what an institution's teams follow instead of the documented interval.
CREATE TABLE plan_intervals (
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  plan            text NOT NULL,
  days            integer NOT NULL CHECK (days > 0),
  revision        integer NOT NULL DEFAULT 1,
  updated_by      uuid NOT NULL REFERENCES users (id),
  updated_at      timestamptz NOT NULL,
  PRIMARY KEY (organisation_id, plan)
);

-- care_plans: why a resident is seen again and again. days NULL: the interval of the institution, else of the table.
CREATE TABLE care_plans (
  id              uuid PRIMARY KEY,
  resident_id     uuid NOT NULL REFERENCES residents (id),
  team_id         uuid NOT NULL REFERENCES fd_teams (id),
  plan            text NOT NULL,
  begins_on       date NOT NULL,
  days            integer CHECK (days > 0),
  reason_enc      bytea, -- why another interval
  state           text NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE', 'CLOSED')),
  closed_on       date,
  closed_reason_enc bytea,
  revision        integer NOT NULL DEFAULT 1,
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CHECK ((state = 'CLOSED') = (closed_on IS NOT NULL))
);
CREATE UNIQUE INDEX care_plans_one ON care_plans (resident_id, plan) WHERE state = 'ACTIVE';
CREATE INDEX care_plans_team ON care_plans (team_id) WHERE state = 'ACTIVE';
-- plan_contacts: contacts that were noted by hand. Those by consultation and by visit are read from their records.
CREATE TABLE plan_contacts (
  id         uuid PRIMARY KEY,
  plan_id    uuid NOT NULL REFERENCES care_plans (id),
  kind       text NOT NULL CHECK (kind IN ('VISIT', 'ROUND', 'CLINIC', 'PHONE')),
  held_on    date NOT NULL,
  next_on    date, -- set where it differs from the interval
  note_enc   bytea,
  noted_by   uuid NOT NULL REFERENCES users (id),
  noted_at   timestamptz NOT NULL
);
CREATE INDEX plan_contacts_plan ON plan_contacts (plan_id, held_on DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON plan_contacts FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- recalls: calls to residents of a team who are due, or of a group; one row for each resident who is to be called.
CREATE TABLE recalls (
  id         uuid PRIMARY KEY,
  team_id    uuid NOT NULL REFERENCES fd_teams (id),
  name       text NOT NULL CHECK (char_length(name) BETWEEN 2 AND 60),
  due_on     date NOT NULL, -- until when everybody should be called
  created_by uuid NOT NULL REFERENCES users (id),
  created_at timestamptz NOT NULL,
  closed_at  timestamptz
);
CREATE INDEX recalls_team ON recalls (team_id, created_at DESC);
CREATE TABLE recall_calls (
  id          uuid PRIMARY KEY,
  recall_id   uuid NOT NULL REFERENCES recalls (id),
  resident_id uuid NOT NULL REFERENCES residents (id),
  plan_ids    uuid[] NOT NULL DEFAULT '{}', -- for which plans
  result      text NOT NULL DEFAULT 'TODO' CHECK (result IN ('TODO', 'REACHED', 'NOT_REACHED', 'BOOKED', 'DECLINED')),
  attempts    integer NOT NULL DEFAULT 0,
  note_enc    bytea,
  called_by   uuid REFERENCES users (id),
  called_at   timestamptz,
  revision    integer NOT NULL DEFAULT 1,
  UNIQUE (recall_id, resident_id)
);
CREATE INDEX recall_calls_resident ON recall_calls (resident_id);

-- I-20 says whom it counts: handicapped elders and those in special difficulty as well.
INSERT INTO indicator_definitions (code, version, valid_from, name_zh, name_en, numerator, denominator, unit, kinds, numerator_zh, numerator_en, denominator_zh, denominator_en, exclusions_zh, exclusions_en) VALUES
('I-20', 2, '2026-01-01', '失能高龄残疾等特殊困难老人家医签约覆盖率', 'Family-doctor coverage', '{CONTRACTS_SPECIAL}', '{RESIDENTS_SPECIAL}', 'PERCENT', 'QY', '其中期末有有效家庭医生签约的', 'of these with a family-doctor contract in force at the end of the period', '期末在住、登记为失能（含失智）、80岁及以上、残疾或特殊困难的老年人', 'residents at the end of the period who are on record as disabled (dementia included), aged 80 and over, handicapped or in special difficulty', '', '');
