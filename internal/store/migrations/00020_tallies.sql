-- +goose Up
-- Tallies that follow by differences. What a consultation was counted as is taken away and what it is counted as now is added, so
-- that the work follows from how much changes and not from how much there is: a hospital's year may have a million rows.

-- wait_mark names the class of a wait in seconds from acceptance to the start: WAIT_00 under one minute to WAIT_15 a day and more.
CREATE FUNCTION wait_mark(seconds integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT 'WAIT_' || lpad(width_bucket(seconds, '{60,120,180,300,600,900,1200,1800,2700,3600,5400,7200,14400,28800,86400}'::integer[])::text, 2, '0') $$;

-- tally_periods: for what is counted.
CREATE VIEW tally_periods AS
SELECT 'M'::text AS kind, 'month'::text AS unit, interval '1 month' AS span UNION ALL SELECT 'Q', 'quarter', interval '3 months' UNION ALL SELECT 'Y', 'year', interval '1 year';

-- ledger_moves: the rows that left the ledger (-1) and entered it (+1) in this transaction, until they are counted. Empty at its end.
CREATE UNLOGGED TABLE ledger_moves (
  sign              integer NOT NULL CHECK (sign IN (-1, 1)),
  inviting_org_id   uuid NOT NULL,
  invited_org_id    uuid,
  period_on         date NOT NULL,
  resident_id       uuid NOT NULL,
  start_seconds     integer,
  effective_seconds integer NOT NULL,
  declines          integer NOT NULL,
  declines_reasoned integer NOT NULL,
  fields_required   smallint NOT NULL,
  fields_filled     smallint NOT NULL,
  reasons           bigint NOT NULL,
  marks             bigint NOT NULL
);
-- ledger_moved: in which cells that is, on both sides.
CREATE VIEW ledger_moved AS
SELECT k.kind, date_trunc(k.unit, m.period_on)::date AS starts_on, (date_trunc(k.unit, m.period_on) + k.span)::date AS before, m.inviting_org_id AS organisation_id, 'INVITING'::text AS side,
  m.sign, m.resident_id, m.start_seconds, m.effective_seconds, m.declines, m.declines_reasoned, m.fields_required, m.fields_filled, m.reasons, m.marks
FROM ledger_moves m CROSS JOIN tally_periods k
UNION ALL
SELECT k.kind, date_trunc(k.unit, m.period_on)::date, (date_trunc(k.unit, m.period_on) + k.span)::date, m.invited_org_id, 'INVITED',
  m.sign, m.resident_id, m.start_seconds, m.effective_seconds, m.declines, m.declines_reasoned, m.fields_required, m.fields_filled, m.reasons, m.marks
FROM ledger_moves m CROSS JOIN tally_periods k WHERE m.invited_org_id IS NOT NULL;
-- A resident is counted once in a period: whether she is in it already is one look.
CREATE INDEX ledger_resident ON ledger (resident_id, period_on);

-- tally_source: the tallies' definition, counted directly from the whole ledger. A rebuild writes it, a check compares with it.
CREATE VIEW tally_source AS
WITH side AS (SELECT unnest('{INVITING,INVITED}'::text[]) AS side),
alike AS (
  SELECT date_trunc('month', l.period_on)::date AS month, l.inviting_org_id, l.invited_org_id, l.marks, l.reasons, count(*) AS n, sum(l.declines) AS declines, sum(l.declines_reasoned) AS reasoned,
    sum(l.start_seconds) AS starts, sum(l.effective_seconds) AS effective, sum(l.fields_required) AS required, sum(l.fields_filled) AS filled
  FROM ledger l WHERE l.marks <> 0 GROUP BY 1, 2, 3, 4, 5),
of_side AS MATERIALIZED (
  SELECT CASE s.side WHEN 'INVITING' THEN a.inviting_org_id ELSE a.invited_org_id END AS organisation_id, s.side, a.month, a.marks, a.reasons, sum(a.n)::bigint AS n, sum(a.declines)::bigint AS declines,
    sum(a.reasoned)::bigint AS reasoned, sum(a.starts)::bigint AS starts, sum(a.effective)::bigint AS effective, sum(a.required)::bigint AS required, sum(a.filled)::bigint AS filled
  FROM alike a CROSS JOIN side s WHERE s.side = 'INVITING' OR a.invited_org_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5),
waits AS (
  SELECT date_trunc('month', l.period_on)::date AS month, l.inviting_org_id, l.invited_org_id, wait_mark(l.start_seconds) AS mark, count(*) AS n
  FROM ledger l WHERE (l.marks >> 39) & 1 = 1 GROUP BY 1, 2, 3, 4),
sums AS (
  SELECT e.month, e.organisation_id, e.side, unnest('{SUM_DECLINES,SUM_DECLINES_REASONED,SUM_START_SECONDS,SUM_EFFECTIVE_SECONDS,SUM_FIELDS_REQUIRED,SUM_FIELDS_FILLED}'::text[]) AS mark,
    unnest(ARRAY[sum(e.declines), sum(e.reasoned), sum(e.starts) FILTER (WHERE (e.marks >> 39) & 1 = 1), sum(e.effective), sum(e.required) FILTER (WHERE (e.marks >> 8) & 1 = 1),
      sum(e.filled) FILTER (WHERE (e.marks >> 8) & 1 = 1)]::bigint[]) AS n
  FROM of_side e GROUP BY 1, 2, 3),
monthly AS MATERIALIZED (
  SELECT e.month, e.organisation_id, e.side, m.code AS mark, sum(e.n)::bigint AS n FROM of_side e JOIN ledger_marks m ON m.source = 'marks' AND (e.marks >> m.bit) & 1 = 1 GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT e.month, e.organisation_id, e.side, m.code, sum(e.n)::bigint FROM of_side e JOIN ledger_marks m ON m.source = 'reasons' AND (e.reasons >> m.bit) & 1 = 1 WHERE e.reasons <> 0 GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT w.month, CASE s.side WHEN 'INVITING' THEN w.inviting_org_id ELSE w.invited_org_id END, s.side, w.mark, sum(w.n)::bigint
  FROM waits w CROSS JOIN side s WHERE s.side = 'INVITING' OR w.invited_org_id IS NOT NULL GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT x.month, x.organisation_id, x.side, x.mark, x.n FROM sums x WHERE x.n > 0),
resident AS (
  SELECT date_trunc('month', l.period_on)::date AS month, l.inviting_org_id, l.invited_org_id, l.resident_id, bool_or((l.marks >> 20) & 1 = 1) AS served, bool_or((l.marks >> 42) & 1 = 1) AS chronic
  FROM ledger l WHERE (l.marks >> 20) & 1 = 1 OR (l.marks >> 42) & 1 = 1 GROUP BY 1, 2, 3, 4),
once AS (
  SELECT k.kind, date_trunc(k.unit, r.month)::date AS starts_on, CASE s.side WHEN 'INVITING' THEN r.inviting_org_id ELSE r.invited_org_id END AS organisation_id, s.side, r.resident_id,
    bool_or(r.served) AS served, bool_or(r.chronic) AS chronic
  FROM resident r CROSS JOIN side s CROSS JOIN tally_periods k WHERE s.side = 'INVITING' OR r.invited_org_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5),
residents_of AS (
  SELECT x.kind, x.starts_on, x.organisation_id, x.side, count(*) FILTER (WHERE x.served) AS served, count(*) FILTER (WHERE x.chronic) AS chronic FROM once x GROUP BY 1, 2, 3, 4)
SELECT 'M'::text AS kind, m.month AS starts_on, m.organisation_id, m.side, m.mark, m.n FROM monthly m
UNION ALL
SELECT k.kind, date_trunc(k.unit, m.month)::date, m.organisation_id, m.side, m.mark, sum(m.n)::bigint FROM monthly m JOIN tally_periods k ON k.kind <> 'M' GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT o.kind, o.starts_on, o.organisation_id, o.side, 'DISTINCT_SERVED', o.served FROM residents_of o WHERE o.served > 0
UNION ALL
SELECT o.kind, o.starts_on, o.organisation_id, o.side, 'DISTINCT_CHRONIC', o.chronic FROM residents_of o WHERE o.chronic > 0;

-- The log of an organisation or a doctor is read from these alone, newest first, and counted: of a hospital it may be a twelfth of everything.
DROP INDEX consultations_inviting;
CREATE INDEX consultations_inviting ON consultations (inviting_org_id, created_at DESC, id DESC) INCLUDE (state, urgency, service_type, serial);
DROP INDEX consultations_invited;
CREATE INDEX consultations_invited ON consultations (invited_org_id, created_at DESC, id DESC) INCLUDE (inviting_org_id, state, urgency, service_type, serial);
DROP INDEX consultations_doctor;
CREATE INDEX consultations_doctor ON consultations (doctor_id, created_at DESC, id DESC) INCLUDE (inviting_org_id, invited_org_id, state, urgency, service_type, serial);
-- Whether it counts is asked of each of them.
DROP INDEX countability_current;
CREATE UNIQUE INDEX countability_current ON countability_evaluations (consultation_id) INCLUDE (countable, bitmap) WHERE current;

-- What the ledger asks of every consultation and few have.
CREATE INDEX consultation_events_aborted ON consultation_events (consultation_id) WHERE from_state = 'ABORTED_TECH' AND to_state = 'REPORT_PENDING';
CREATE INDEX consultation_events_unsuitable ON consultation_events (consultation_id) WHERE to_state = 'TERMINATED_UNSUITABLE';

-- One mark of all organisations over periods: the trend and the map of an authority.
CREATE INDEX tallies_mark ON tallies (side, mark, kind, starts_on, organisation_id) INCLUDE (n);
