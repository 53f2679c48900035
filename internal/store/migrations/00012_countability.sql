-- +goose Up
-- What the rules said: the gates at each stage, and whether a consultation counts and why not.

-- practice_sites: a primary-care institution practises inside a care home (执业站点, 家庭医生工作站) and is then the one that invites.
CREATE TABLE practice_sites (
  care_org_id    uuid NOT NULL REFERENCES organisations (id),
  medical_org_id uuid NOT NULL REFERENCES organisations (id),
  valid_from     date NOT NULL,
  valid_to       date,
  PRIMARY KEY (care_org_id, medical_org_id, valid_from),
  CHECK (valid_to IS NULL OR valid_to >= valid_from)
);

-- An institution that admits others than the aged; whether its younger residents count is NC17.
ALTER TABLE organisations ADD COLUMN admits_younger boolean NOT NULL DEFAULT false;

-- rule_settings: what differs from the documented defaults, for the installation ('') or for a division and what lies in it.
CREATE TABLE rule_settings (
  jurisdiction text NOT NULL DEFAULT '' CHECK (jurisdiction ~ '^([0-9]{6})?$'),
  name         text NOT NULL,
  value        bigint NOT NULL,
  revision     integer NOT NULL DEFAULT 1,
  updated_at   timestamptz NOT NULL,
  updated_by   uuid NOT NULL REFERENCES users (id),
  PRIMARY KEY (jurisdiction, name)
);
CREATE TABLE rule_setting_changes (
  id           uuid PRIMARY KEY,
  jurisdiction text NOT NULL,
  name         text NOT NULL,
  old_value    bigint NOT NULL,
  new_value    bigint NOT NULL,
  reason_enc   bytea NOT NULL, -- the ruling that it follows
  changed_at   timestamptz NOT NULL,
  changed_by   uuid NOT NULL REFERENCES users (id)
);
CREATE INDEX rule_setting_changes_newest ON rule_setting_changes (changed_at DESC, id DESC);

-- gate_evaluations: one row for each time that the gates were asked and the answer mattered.
CREATE TABLE gate_evaluations (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  stage           text NOT NULL CHECK (stage IN ('SUBMIT', 'ACCEPT', 'START', 'CLOSE')),
  ruleset         text NOT NULL,
  settings        jsonb NOT NULL, -- what differed from the defaults
  service_type    text NOT NULL,
  possible        text NOT NULL CHECK (possible IN ('YES', 'IF', 'NO')),
  override        boolean NOT NULL, -- an emergency passed what would have stopped another request
  result          jsonb NOT NULL, -- the verdict on the service with its reasons, and of every other service what is possible
  at              timestamptz NOT NULL
);
CREATE INDEX gate_evaluations_consultation ON gate_evaluations (consultation_id, at, id);

-- countability_evaluations: the history of answers; exactly one of a consultation is the current one. Attribution is to the
-- inviting institution and its county; the invited one has the service that it gave, which is never added to it.
CREATE TABLE countability_evaluations (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  ruleset         text NOT NULL,
  settings        jsonb NOT NULL,
  evaluated_at    timestamptz NOT NULL,
  cause           text NOT NULL, -- what happened: the event, or REEVALUATION
  bitmap          integer NOT NULL, -- bit n-1: rule NCn fails
  countable       boolean NOT NULL,
  goal            text NOT NULL DEFAULT '' CHECK (goal IN ('', 'G1', 'G2', 'G3', 'G4', 'G5')),
  institution_id  uuid NOT NULL REFERENCES organisations (id),
  provider_id     uuid REFERENCES organisations (id),
  county          text NOT NULL, -- division of the institution on the day
  period_day      date, -- on which the session ended in Asia/Shanghai; NULL: there was none
  current         boolean NOT NULL,
  CHECK (countable = (bitmap = 0))
);
CREATE UNIQUE INDEX countability_current ON countability_evaluations (consultation_id) WHERE current;
CREATE INDEX countability_history ON countability_evaluations (consultation_id, evaluated_at DESC);
CREATE INDEX countability_institution ON countability_evaluations (institution_id, period_day) WHERE current;
CREATE INDEX countability_county ON countability_evaluations (county, period_day) WHERE current;
CREATE TABLE countability_failures (
  evaluation_id uuid NOT NULL REFERENCES countability_evaluations (id),
  rule          text NOT NULL CHECK (rule ~ '^NC[0-9]{2}$'),
  args          jsonb NOT NULL DEFAULT '{}', -- codes and numbers for the sentence
  fixable       boolean NOT NULL,
  fixable_until timestamptz, -- NULL with fixable: as long as the period is open
  approval      boolean NOT NULL DEFAULT false, -- what mends it is a quality officer's approval
  mend          text NOT NULL DEFAULT '',
  PRIMARY KEY (evaluation_id, rule)
);
-- countability_approvals: what quality control decided, with the reason: a duplicate or a late report is passed (NC14, NC15); a
-- complaint or a review was upheld, so that it never counts (NC20).
CREATE TABLE countability_approvals (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  code            text NOT NULL CHECK (code IN ('NC14', 'NC15', 'NC20')),
  reason_enc      bytea NOT NULL,
  approved_by     uuid NOT NULL REFERENCES users (id),
  approved_at     timestamptz NOT NULL,
  UNIQUE (consultation_id, code)
);
-- countability_periods: months that are closed for an institution keep the rules that were in force at their closing.
CREATE TABLE countability_periods (
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  month           date NOT NULL CHECK (extract(day FROM month) = 1),
  ruleset         text NOT NULL,
  settings        jsonb NOT NULL,
  closed_at       timestamptz NOT NULL,
  PRIMARY KEY (organisation_id, month)
);

-- The service that was asked for by name; empty: the rules choose.
ALTER TABLE consultations ADD COLUMN service_wanted text NOT NULL DEFAULT '';

-- What is over and was not judged yet: consultations from before these tables.
ALTER TABLE consultations ADD COLUMN judged boolean NOT NULL DEFAULT false;
-- What it was about, for finding duplicates: the first diagnosis of the signed report, else the reasons of the request.
ALTER TABLE consultations ADD COLUMN problem_key text NOT NULL DEFAULT '';
CREATE INDEX consultations_unjudged ON consultations (id) WHERE NOT judged AND state IN ('REPORT_PENDING', 'REPORTED', 'ADOPTED', 'FOLLOW_UP',
  'ARCHIVED', 'SEALED', 'NO_SHOW', 'CANCELLED', 'CLOSED_NO_SERVICE', 'VOIDED', 'TERMINATED_UNSUITABLE', 'TO_EMERGENCY');

-- Of an evaluation only the mark of the current one changes, and only to false.
-- +goose StatementBegin
CREATE FUNCTION only_superseded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.current OR NOT OLD.current OR to_jsonb(NEW) - 'current' <> to_jsonb(OLD) - 'current' THEN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON countability_evaluations FOR EACH ROW EXECUTE FUNCTION only_superseded();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON countability_failures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON countability_approvals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON gate_evaluations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON rule_setting_changes FOR EACH ROW EXECUTE FUNCTION refuse_change();
