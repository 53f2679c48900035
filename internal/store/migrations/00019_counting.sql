-- +goose Up
-- Whether a consultation counts: what re-evaluations changed, and what the hash chain and those who look into complaints and reports say.

-- evaluations and its trigger stood under a condition that always holds.
CREATE OR REPLACE VIEW evaluations AS
SELECT e.consultation_id, e.countable, e.bitmap::bigint AS reasons, e.ruleset FROM countability_evaluations e WHERE e.current;
CREATE OR REPLACE TRIGGER ledger_evaluated AFTER INSERT ON countability_evaluations FOR EACH ROW EXECUTE FUNCTION ledger_related_changed();

-- count_runs: a month of an institution was judged anew by other rules, because somebody asked for it or because it was closed.
CREATE TABLE count_runs (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  month           date NOT NULL CHECK (extract(day FROM month) = 1),
  cause           text NOT NULL CHECK (cause IN ('ASKED', 'CLOSING')),
  judged          integer NOT NULL,
  run_at          timestamptz NOT NULL,
  run_by          uuid NOT NULL REFERENCES users (id)
);
CREATE INDEX count_runs_newest ON count_runs (organisation_id, run_at DESC, id DESC);
CREATE TABLE count_run_differences (
  run_id          uuid NOT NULL REFERENCES count_runs (id),
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  before          integer NOT NULL, -- bit n-1: rule NCn fails
  after           integer NOT NULL,
  PRIMARY KEY (run_id, consultation_id)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON count_runs FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON count_run_differences FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- subject: the consultation of which an entry speaks, so that the entries of one record are found, also those of rows that are gone. It
-- is not part of the chain and proves nothing.
ALTER TABLE chain_entries ADD COLUMN subject uuid;
ALTER TABLE chain_entries DISABLE TRIGGER append_only;
UPDATE chain_entries e SET subject = x.consultation_id FROM consultation_events x WHERE e.kind = 'event' AND e.object = x.id::text;
UPDATE chain_entries e SET subject = x.consultation_id FROM reports x WHERE e.kind = 'report' AND e.object = x.id::text;
UPDATE chain_entries e SET subject = x.consultation_id FROM adoptions x WHERE e.kind = 'adoption' AND e.object = x.id::text;
UPDATE chain_entries e SET subject = x.consultation_id FROM attachments x WHERE e.kind = 'attachment' AND e.object = x.id::text AND x.consultation_id IS NOT NULL;
UPDATE chain_entries e SET subject = x.consultation_id FROM consents x WHERE e.kind IN ('consent', 'withdrawal') AND e.object = x.id::text AND x.consultation_id IS NOT NULL;
ALTER TABLE chain_entries ENABLE TRIGGER append_only;
CREATE INDEX chain_entries_subject ON chain_entries (subject) WHERE subject IS NOT NULL;

-- record_proofs: what the last proof of one consultation's record said (NC18). faults are the codes of what does not hold.
CREATE TABLE record_proofs (
  consultation_id uuid PRIMARY KEY REFERENCES consultations (id),
  proved_at       timestamptz NOT NULL,
  entries         integer NOT NULL, -- of the chains that speak for it
  waiting         integer NOT NULL, -- rows that were not chained yet
  covered_at      timestamptz, -- of the signed checkpoint up to which the chains were followed; NULL: none covers all of them yet
  faults          text[] NOT NULL
);

-- What complaints and reviews found. FALSE_SERVICE: the service was not given as recorded, or against the law; it never counts (NC20).
ALTER TABLE complaints ADD COLUMN finding text NOT NULL DEFAULT '' CHECK (finding IN ('', 'UNFOUNDED', 'FOUNDED', 'FALSE_SERVICE'));
ALTER TABLE complaints ADD CHECK (finding <> 'FALSE_SERVICE' OR consultation_id IS NOT NULL);
CREATE INDEX complaints_consultation ON complaints (consultation_id) WHERE consultation_id IS NOT NULL;
ALTER TABLE quality_reviews ADD COLUMN false_service boolean NOT NULL DEFAULT false;
CREATE INDEX quality_reviews_consultation ON quality_reviews (consultation_id);
