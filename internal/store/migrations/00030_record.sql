-- +goose Up
-- What was printed of a record, so that paper can be compared with it.

-- record_prints: who printed what a record said when. The code on the paper is kept as its hash: who holds the paper may ask whether it still
-- says what the record says, and nobody else finds it.
CREATE TABLE record_prints (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  code_hash       bytea NOT NULL UNIQUE,
  digest          bytea NOT NULL, -- SHA-256 of what is printed, as its canonical JSON
  file_sha256     bytea NOT NULL, -- of the PDF
  pages_of        text NOT NULL CHECK (pages_of IN ('RECORD', 'CODES')), -- with what was written in words, or codes, numbers and times alone
  report_version  integer NOT NULL DEFAULT 0, -- the newest signed one then; 0: none
  adoption_id     uuid,
  printed_by      uuid NOT NULL REFERENCES users (id),
  role            text NOT NULL,
  at              timestamptz NOT NULL
);
CREATE INDEX record_prints_consultation ON record_prints (consultation_id, at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record_prints FOR EACH ROW EXECUTE FUNCTION refuse_change();
