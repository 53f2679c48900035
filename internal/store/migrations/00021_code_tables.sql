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
