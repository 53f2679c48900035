-- The replaceable code tables: diagnoses (ICD-10), vitals (LOINC), departments, administrative divisions. Version 1 is what the
-- program brings; it is entered once, after this migration, from the files in internal/consult/data.

-- +goose Up
CREATE TABLE code_versions (
  kind       text NOT NULL CHECK (kind IN ('CONDITION', 'VITAL', 'DEPARTMENT', 'DIVISION')),
  version    integer NOT NULL CHECK (version > 0),
  valid_from timestamptz NOT NULL,
  file_name  text NOT NULL,
  sha256     bytea NOT NULL,
  rows       integer NOT NULL,
  added      integer NOT NULL DEFAULT 0,
  changed    integer NOT NULL DEFAULT 0,
  retired    integer NOT NULL DEFAULT 0,
  made_at    timestamptz NOT NULL,
  made_by    uuid REFERENCES users (id), -- null: the program
  PRIMARY KEY (kind, version)
);

-- A row and the versions that have it, from first_version to last_version; null: it is in the newest. A record of a day keeps the name of
-- that day because no row is ever changed: what is said anew is another row.
CREATE TABLE code_rows (
  kind          text NOT NULL,
  code          text NOT NULL,
  first_version integer NOT NULL,
  last_version  integer CHECK (last_version >= first_version),
  rank          integer NOT NULL,
  zh            text NOT NULL,
  en            text NOT NULL DEFAULT '',
  more          jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (kind, code, first_version),
  FOREIGN KEY (kind, first_version) REFERENCES code_versions (kind, version)
);
CREATE UNIQUE INDEX code_rows_newest ON code_rows (kind, code) WHERE last_version IS NULL;

-- +goose StatementBegin
CREATE FUNCTION code_rows_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a row of a code table is retired, not deleted' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (OLD.kind, OLD.code, OLD.first_version, OLD.zh, OLD.en, OLD.more) IS DISTINCT FROM (NEW.kind, NEW.code, NEW.first_version, NEW.zh, NEW.en, NEW.more)
     OR OLD.last_version IS NOT NULL AND OLD.last_version IS DISTINCT FROM NEW.last_version THEN
    RAISE EXCEPTION 'a row of a code table is not changed' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER code_rows_keep BEFORE UPDATE OR DELETE ON code_rows FOR EACH ROW EXECUTE FUNCTION code_rows_keep();
CREATE TRIGGER code_versions_keep BEFORE UPDATE OR DELETE ON code_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- expiring: licences of institutions, licences of persons and agreements that end, without those that a later one of the same kind
-- follows. organisation_id: whose administrators have to act; other_id: the hospital of an agreement, whose have to as well.
CREATE VIEW expiring AS
SELECT 'LICENCE'::text AS kind, l.id, l.organisation_id, NULL::uuid AS other_id, NULL::uuid AS user_id, l.kind AS what, l.number, l.valid_to AS ends_on
FROM licences l JOIN organisations o ON o.id = l.organisation_id
WHERE o.active AND l.valid_to IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM licences n WHERE n.organisation_id = l.organisation_id AND n.kind = l.kind AND n.id <> l.id AND (n.valid_to IS NULL OR n.valid_to > l.valid_to))
UNION ALL
SELECT 'PROFESSIONAL', p.id, p.organisation_id, NULL, p.user_id, p.kind, p.number, p.valid_to
FROM professional_licences p JOIN users u ON u.id = p.user_id
WHERE u.disabled_at IS NULL AND p.valid_to IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM professional_licences n WHERE n.user_id = p.user_id AND n.kind = p.kind AND n.organisation_id = p.organisation_id AND n.id <> p.id AND (n.valid_to IS NULL OR n.valid_to > p.valid_to))
UNION ALL
SELECT 'AGREEMENT', g.id, g.inviting_org_id, g.invited_org_id, NULL, '', g.number, g.valid_to
FROM agreements g
WHERE g.terminated_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM agreements n WHERE n.inviting_org_id = g.inviting_org_id AND n.invited_org_id = g.invited_org_id AND n.terminated_at IS NULL AND n.id <> g.id AND n.valid_to > g.valid_to);

-- expiry_reminders: what was said about an end, each stage once. days: so many before the day at most; 0: it is over.
CREATE TABLE expiry_reminders (
  id         uuid PRIMARY KEY,
  subject_id uuid NOT NULL,
  ends_on    date NOT NULL,
  days       smallint NOT NULL CHECK (days IN (90, 60, 30, 0)),
  said_at    timestamptz NOT NULL,
  UNIQUE (subject_id, ends_on, days)
);
