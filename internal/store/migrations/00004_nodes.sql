-- +goose Up

-- The servers of this installation. A term is one life of a node: it begins at the start, and again when a node that was taken
-- for dead comes back. Terms are never used twice, so that a term alone says whose something is.
CREATE SEQUENCE node_terms;

CREATE TABLE nodes (
  name       text PRIMARY KEY CHECK (name <> ''),
  term       bigint NOT NULL UNIQUE,
  started_at timestamptz NOT NULL,
  seen_at    timestamptz NOT NULL, -- the last sign of life
  draining   boolean NOT NULL DEFAULT false,
  lost       boolean NOT NULL DEFAULT false -- taken for dead by another node, or stopped: this term is over for good
);

-- Who carries a call's room. The term of a lease rises with each change of hands, also with "nobody" in between, and is the
-- fencing token of what is recorded for the call. A row goes when the call has been over for a while.
CREATE TABLE call_leases (
  call_id    uuid PRIMARY KEY,
  node       text NOT NULL,   -- empty: nobody
  node_term  bigint NOT NULL, -- 0: nobody
  term       bigint NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((node = '') = (node_term = 0))
);
CREATE INDEX call_leases_held ON call_leases (node_term) WHERE node_term <> 0;

-- Requests between nodes and their answers. They are worth nothing after a few seconds, hence unlogged: a crash of the database
-- empties the table and whoever waits asks again.
CREATE UNLOGGED TABLE node_messages (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  to_term   bigint NOT NULL,
  from_term bigint NOT NULL,
  request   uuid NOT NULL,
  subject   text NOT NULL, -- of a request; empty: an answer
  body      bytea NOT NULL,
  deadline  timestamptz NOT NULL
);
CREATE INDEX node_messages_to ON node_messages (to_term, id);

-- Which life of which node measured an interval (0: none that is known), and whether it is settled: closed by others because that
-- life ended, so that nothing its node still says changes it.
ALTER TABLE media_intervals
  ADD COLUMN node_term bigint NOT NULL DEFAULT 0,
  ADD COLUMN settled   boolean NOT NULL DEFAULT false;
