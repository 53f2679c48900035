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
