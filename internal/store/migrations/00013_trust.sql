-- +goose Up
-- Trust: a hash chain over what a record rests on, who opened which record, and what may be deleted when.

-- Chain ----------------------------------------------------------------------------------------------------------------

-- chain_pending: what is to be chained, written by triggers in the transaction of the row itself. Any node takes rows from it and
-- appends them to its own chains, so that nobody who writes a record waits for a chain.
CREATE TABLE chain_pending (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind     text NOT NULL,
  object   text NOT NULL, -- the row's key
  added_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- chain_shapes: which columns of a row an entry speaks for. A column that a later version adds is not held against older entries.
CREATE TABLE chain_shapes (
  id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind    text NOT NULL,
  columns text[] NOT NULL,
  UNIQUE (kind, columns)
);

-- chain_heads: one chain for each organisation and node. The zero organisation is the installation itself.
CREATE TABLE chain_heads (
  organisation_id uuid NOT NULL,
  node            text NOT NULL,
  seq             bigint NOT NULL DEFAULT 0,
  hash            bytea NOT NULL,
  PRIMARY KEY (organisation_id, node)
);

-- chain_entries: hash covers the entry before, the place, kind, object, shape, instant and commitment. The commitment hides the
-- row behind the salt; without the salt, which a purge removes, nothing can be guessed from it.
CREATE TABLE chain_entries (
  organisation_id uuid NOT NULL,
  node            text NOT NULL,
  seq             bigint NOT NULL CHECK (seq > 0),
  kind            text NOT NULL,
  object          text NOT NULL,
  shape           integer REFERENCES chain_shapes (id),
  at              timestamptz NOT NULL,
  commitment      bytea NOT NULL CHECK (octet_length(commitment) = 32),
  salt            bytea,
  hash            bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (organisation_id, node, seq)
);
CREATE INDEX chain_entries_object ON chain_entries (kind, object);

-- chain_checkpoints: the heads of all chains at an instant, signed. Copies outside of the database find a cut tail.
CREATE TABLE chain_checkpoints (
  id        uuid PRIMARY KEY,
  at        timestamptz NOT NULL,
  content   bytea NOT NULL, -- canonical JSON, as it was signed
  algorithm text NOT NULL,
  kid       text NOT NULL,
  signature bytea NOT NULL
);
CREATE INDEX chain_checkpoints_at ON chain_checkpoints (at DESC);

-- chain_verifications: what the daily proof found. Only the newest matters to the metrics.
CREATE TABLE chain_verifications (
  at      timestamptz PRIMARY KEY,
  seconds double precision NOT NULL,
  entries bigint NOT NULL,
  faults  integer NOT NULL
);

-- Two things may change what is append-only, each under a setting of its transaction: sealing the same plain text with another key,
-- and the purge. The chain, not the trigger, is what proves that nothing else happened.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  k text;
  before jsonb;
  after jsonb;
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF current_setting('lianzhen.purge', true) = 'on' THEN
      RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  before := to_jsonb(OLD);
  after := to_jsonb(NEW);
  FOREACH k IN ARRAY coalesce(TG_ARGV, '{}') LOOP -- columns that may change, by the beginning of their names
    SELECT coalesce(jsonb_object_agg(key, value), '{}') INTO before FROM jsonb_each(before) WHERE NOT starts_with(key, k);
    SELECT coalesce(jsonb_object_agg(key, value), '{}') INTO after FROM jsonb_each(after) WHERE NOT starts_with(key, k);
  END LOOP;
  IF current_setting('lianzhen.reseal', true) = 'on' THEN
    SELECT coalesce(jsonb_object_agg(key, value), '{}') INTO before FROM jsonb_each(before) WHERE key NOT LIKE '%\_enc' AND key <> 'content';
    SELECT coalesce(jsonb_object_agg(key, value), '{}') INTO after FROM jsonb_each(after) WHERE key NOT LIKE '%\_enc' AND key <> 'content';
  END IF;
  IF before IS DISTINCT FROM after OR (TG_NARGS = 0 AND current_setting('lianzhen.reseal', true) IS DISTINCT FROM 'on') THEN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION only_superseded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('lianzhen.purge', true) = 'on' THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'DELETE' OR NEW.current OR NOT OLD.current OR to_jsonb(NEW) - 'current' <> to_jsonb(OLD) - 'current' THEN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consents FOR EACH ROW EXECUTE FUNCTION refuse_change('withdraw', 'followed_by');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON attachments FOR EACH ROW EXECUTE FUNCTION refuse_change('scan');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON blobs FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON chain_entries FOR EACH ROW EXECUTE FUNCTION refuse_change('salt');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON chain_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- chain_added notes new rows for the chain: its arguments are the kind and the key.
-- +goose StatementBegin
CREATE FUNCTION chain_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('INSERT INTO chain_pending (kind, object) SELECT %L, %I::text FROM added', TG_ARGV[0], TG_ARGV[1]);
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER chained AFTER INSERT ON consultation_events REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chain_added('event', 'id');
CREATE TRIGGER chained AFTER INSERT ON reports REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chain_added('report', 'id');
CREATE TRIGGER chained AFTER INSERT ON adoptions REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chain_added('adoption', 'id');
CREATE TRIGGER chained AFTER INSERT ON attachments REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chain_added('attachment', 'id');
CREATE TRIGGER chained AFTER INSERT ON consents REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chain_added('consent', 'id');
CREATE TRIGGER chained AFTER INSERT ON access_log REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chain_added('access', 'id');
CREATE TRIGGER chained AFTER INSERT ON blobs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chain_added('blob', 'key');
-- What is sealed anew has another hash as it lies there.
CREATE TRIGGER chained_again AFTER UPDATE ON blobs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chain_added('blob', 'key');
-- +goose StatementBegin
CREATE FUNCTION chain_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chain_pending (kind, object) VALUES ('withdrawal', NEW.id::text);
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER chained_again AFTER UPDATE ON consents FOR EACH ROW WHEN (OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at) EXECUTE FUNCTION chain_withdrawn();

-- Accesses -------------------------------------------------------------------------------------------------------------

-- Whose record was opened, whose resident it is, and for whom the reader works: what an institution looks by.
ALTER TABLE access_log
  ADD COLUMN resident_id     uuid,
  ADD COLUMN organisation_id uuid,
  ADD COLUMN actor_org_id    uuid,
  ADD COLUMN reason_enc      bytea; -- why, where a reason is asked for
-- +goose StatementBegin
CREATE FUNCTION access_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.object_id IS NOT NULL AND NEW.resident_id IS NULL THEN
    CASE NEW.object_type
      WHEN 'resident' THEN NEW.resident_id := NEW.object_id;
      WHEN 'consultation' THEN SELECT c.resident_id INTO NEW.resident_id FROM consultations c WHERE c.id = NEW.object_id;
      WHEN 'breakGlass' THEN SELECT g.resident_id INTO NEW.resident_id FROM break_glass g WHERE g.id = NEW.object_id;
      WHEN 'attachment' THEN SELECT coalesce(t.resident_id, c.resident_id) INTO NEW.resident_id
        FROM attachments t LEFT JOIN consultations c ON c.id = t.consultation_id WHERE t.id = NEW.object_id;
      ELSE NULL;
    END CASE;
  END IF;
  IF NEW.organisation_id IS NULL AND NEW.resident_id IS NOT NULL THEN
    SELECT r.organisation_id INTO NEW.organisation_id FROM residents r WHERE r.id = NEW.resident_id;
  END IF;
  IF NEW.actor_org_id IS NULL AND NEW.user_id IS NOT NULL THEN
    SELECT m.organisation_id INTO NEW.actor_org_id FROM memberships m
    WHERE m.user_id = NEW.user_id AND m.valid_from <= NEW.at AND (m.valid_to IS NULL OR m.valid_to > NEW.at)
    ORDER BY (m.role = NEW.role) DESC, (m.organisation_id = NEW.organisation_id) DESC NULLS LAST, m.valid_from, m.id LIMIT 1;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER subject BEFORE INSERT ON access_log FOR EACH ROW EXECUTE FUNCTION access_subject();
ALTER TABLE access_log DISABLE TRIGGER append_only;
UPDATE access_log a SET
  resident_id = CASE a.object_type WHEN 'resident' THEN a.object_id
    WHEN 'consultation' THEN (SELECT c.resident_id FROM consultations c WHERE c.id = a.object_id)
    WHEN 'attachment' THEN (SELECT coalesce(t.resident_id, c.resident_id) FROM attachments t LEFT JOIN consultations c ON c.id = t.consultation_id WHERE t.id = a.object_id) END,
  actor_org_id = (SELECT m.organisation_id FROM memberships m WHERE m.user_id = a.user_id ORDER BY (m.role = a.role) DESC, m.valid_from, m.id LIMIT 1);
UPDATE access_log a SET organisation_id = r.organisation_id FROM residents r WHERE r.id = a.resident_id;
ALTER TABLE access_log ENABLE TRIGGER append_only;
CREATE INDEX access_log_organisation ON access_log (organisation_id, at DESC, id DESC) WHERE organisation_id IS NOT NULL;
CREATE INDEX access_log_actor_org ON access_log (actor_org_id, at DESC, id DESC) WHERE actor_org_id IS NOT NULL;
CREATE INDEX access_log_resident ON access_log (resident_id, at DESC) WHERE resident_id IS NOT NULL;

-- break_glass: openings of a record in an emergency by somebody without a relationship. Each is reviewed by the institution.
CREATE TABLE break_glass (
  id              uuid PRIMARY KEY,
  user_id         uuid NOT NULL REFERENCES users (id),
  role            text NOT NULL, -- the clinical role that was used
  actor_org_id    uuid NOT NULL REFERENCES organisations (id),
  resident_id     uuid NOT NULL REFERENCES residents (id),
  organisation_id uuid NOT NULL REFERENCES organisations (id), -- the resident's
  reason_enc      bytea NOT NULL,
  opened_at       timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  reviewed_by     uuid REFERENCES users (id),
  reviewed_at     timestamptz,
  justified       boolean,
  note_enc        bytea,
  CHECK (expires_at > opened_at),
  CHECK ((reviewed_at IS NULL) = (justified IS NULL) AND (reviewed_at IS NULL) = (reviewed_by IS NULL))
);
CREATE INDEX break_glass_organisation ON break_glass (organisation_id, opened_at DESC);
CREATE INDEX break_glass_user ON break_glass (user_id, resident_id, expires_at);
CREATE INDEX access_log_searches ON access_log (user_id, at) WHERE action = 'openBreakGlass';

-- What was there before this version is chained by the first node that runs it.
INSERT INTO chain_pending (kind, object) SELECT 'event', id::text FROM consultation_events ORDER BY at, id;
INSERT INTO chain_pending (kind, object) SELECT 'report', id::text FROM reports ORDER BY signed_at, id;
INSERT INTO chain_pending (kind, object) SELECT 'adoption', id::text FROM adoptions ORDER BY signed_at, id;
INSERT INTO chain_pending (kind, object) SELECT 'attachment', id::text FROM attachments ORDER BY created_at, id;
INSERT INTO chain_pending (kind, object) SELECT 'blob', key FROM blobs ORDER BY key;
INSERT INTO chain_pending (kind, object) SELECT 'consent', id::text FROM consents ORDER BY signed_at, id;
INSERT INTO chain_pending (kind, object) SELECT 'withdrawal', id::text FROM consents WHERE withdrawn_at IS NOT NULL ORDER BY signed_at, id;
INSERT INTO chain_pending (kind, object) SELECT 'access', id::text FROM access_log ORDER BY at, id;

-- chain_installation: which installation a checkpoint is of.
CREATE TABLE chain_installation (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  id  uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO chain_installation DEFAULT VALUES;

-- Keys -----------------------------------------------------------------------------------------------------------------

-- key_rotations: a rotation that has begun is finished by whoever runs the command again.
CREATE TABLE key_rotations (
  id          uuid PRIMARY KEY,
  what        text NOT NULL CHECK (what IN ('kek', 'data', 'lookup', 'seal')),
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  resealed    bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX key_rotations_open ON key_rotations (what) WHERE finished_at IS NULL;

-- Retention ------------------------------------------------------------------------------------------------------------

-- retention_classes: for how long something is kept, as data. The longest that any law asks for.
CREATE TABLE retention_classes (
  code   text PRIMARY KEY,
  months integer NOT NULL CHECK (months >= 6),
  name   text NOT NULL,
  source text NOT NULL
);
INSERT INTO retention_classes (code, months, name, source) VALUES
  ('A', 360, '住院类病历', '医疗机构管理条例实施细则：自最后一次出院起不少于30年'),
  ('B', 180, '门（急）诊类病历、查阅记录', '互联网诊疗监管细则：自最后一次就诊起不少于15年'),
  ('C', 36, '过程记录：文字、音视频', '互联网诊疗监管细则：不少于3年'),
  ('D', 6, '网络与运行日志', '网络安全法第二十一条：不少于6个月');

-- retention_services: records that hold one of these services are kept as class A; all others are class B.
CREATE TABLE retention_services (
  service_type text PRIMARY KEY,
  class        text NOT NULL REFERENCES retention_classes (code)
);

-- retention_tables: rows that are kept for a time of their own, counted from a column.
CREATE TABLE retention_tables (
  table_name  text PRIMARY KEY,
  time_column text NOT NULL,
  class       text NOT NULL REFERENCES retention_classes (code)
);
INSERT INTO retention_tables (table_name, time_column, class) VALUES
  ('access_log', 'at', 'B'), ('chat_messages', 'sent_at', 'C'), ('wait_estimates', 'shown_at', 'D'), ('notifications', 'created_at', 'D');

-- purge_manifests: what was deleted, sealed. It names rows by kind and key, never their content.
CREATE TABLE purge_manifests (
  id        uuid PRIMARY KEY,
  at        timestamptz NOT NULL,
  content   bytea NOT NULL, -- canonical JSON
  digest    bytea NOT NULL,
  seal      bytea NOT NULL,
  seal_kid  text NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON purge_manifests FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chained AFTER INSERT ON purge_manifests REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chain_added('manifest', 'id');
CREATE INDEX residents_left ON residents (left_on) WHERE left_on IS NOT NULL;
