-- name: TryLedgerLock :one
-- One follower at a time: two would write the same cells of the tallies.
SELECT pg_try_advisory_xact_lock(hashtext('ledger'));

-- name: LedgerLock :exec
SELECT pg_advisory_xact_lock(hashtext('ledger'));

-- name: TakeLedgerDue :many
WITH taken AS (
  DELETE FROM ledger_due WHERE id IN (SELECT d.id FROM ledger_due d ORDER BY d.id LIMIT @batch) RETURNING consultation_id
)
SELECT DISTINCT consultation_id FROM taken;

-- name: LedgerBacklog :one
SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(at)), 0)::float8 AS late_seconds FROM ledger_due;

-- name: LedgerMonths :exec
-- The partitions for the present rows of the consultations.
SELECT ledger_month(m.month) FROM (SELECT DISTINCT date_trunc('month', s.period_on)::date AS month FROM ledger_source s WHERE s.consultation_id = ANY (@ids::uuid[])) m;

-- name: ForgetLedger :many
WITH gone AS (DELETE FROM ledger l WHERE l.consultation_id = ANY (@ids::uuid[]) RETURNING l.inviting_org_id, l.invited_org_id, l.period_on)
SELECT DISTINCT inviting_org_id, invited_org_id, date_trunc('month', period_on)::date AS month FROM gone;

-- name: WriteLedger :many
WITH made AS (
  INSERT INTO ledger SELECT s.* FROM ledger_source s WHERE s.consultation_id = ANY (@ids::uuid[]) RETURNING inviting_org_id, invited_org_id, period_on
)
SELECT DISTINCT inviting_org_id, invited_org_id, date_trunc('month', period_on)::date AS month FROM made;

-- name: ForgetTallies :exec
DELETE FROM tallies t USING (SELECT unnest(@organisations::uuid[]) AS organisation_id, unnest(@sides::text[]) AS side, unnest(@months::date[]) AS month) x
WHERE t.organisation_id = x.organisation_id AND t.side = x.side
  AND (t.kind, t.starts_on) IN (('M', x.month), ('Q', date_trunc('quarter', x.month)::date), ('Y', date_trunc('year', x.month)::date));

-- name: WriteMonthTallies :exec
-- The cells of whole months, counted from the ledger.
WITH cell AS (SELECT DISTINCT x.organisation_id, x.side, x.month FROM (SELECT unnest(@organisations::uuid[]) AS organisation_id, unnest(@sides::text[]) AS side, unnest(@months::date[]) AS month) x),
entry AS MATERIALIZED (
  SELECT c.organisation_id, c.side, c.month, l.marks, l.reasons, l.resident_id, l.start_seconds, l.effective_seconds, l.declines, l.declines_reasoned, l.fields_required, l.fields_filled
  FROM cell c CROSS JOIN LATERAL (
    SELECT i.marks, i.reasons, i.resident_id, i.start_seconds, i.effective_seconds, i.declines, i.declines_reasoned, i.fields_required, i.fields_filled FROM ledger i WHERE c.side = 'INVITING' AND i.inviting_org_id = c.organisation_id AND i.period_on >= c.month AND i.period_on < (c.month + interval '1 month')::date
    UNION ALL
    SELECT i.marks, i.reasons, i.resident_id, i.start_seconds, i.effective_seconds, i.declines, i.declines_reasoned, i.fields_required, i.fields_filled FROM ledger i WHERE c.side = 'INVITED' AND i.invited_org_id = c.organisation_id AND i.period_on >= c.month AND i.period_on < (c.month + interval '1 month')::date) l
  WHERE l.marks <> 0
)
INSERT INTO tallies (kind, starts_on, organisation_id, side, mark, n)
SELECT 'M', e.month, e.organisation_id, e.side, m.code, count(*) FROM entry e JOIN ledger_marks m ON m.source = 'marks' AND (e.marks >> m.bit) & 1 = 1 GROUP BY 2, 3, 4, 5
UNION ALL
SELECT 'M', e.month, e.organisation_id, e.side, m.code, count(*) FROM entry e JOIN ledger_marks m ON m.source = 'reasons' AND e.reasons <> 0 AND (e.reasons >> m.bit) & 1 = 1 GROUP BY 2, 3, 4, 5
UNION ALL
SELECT 'M', e.month, e.organisation_id, e.side, 'WAIT_' || lpad(width_bucket(e.start_seconds, '{60,120,180,300,600,900,1200,1800,2700,3600,5400,7200,14400,28800,86400}'::integer[])::text, 2, '0'), count(*)
FROM entry e WHERE (e.marks >> 39) & 1 = 1 GROUP BY 2, 3, 4, 5
UNION ALL
SELECT 'M', s.month, s.organisation_id, s.side, v.mark, v.n FROM (
  SELECT e.month, e.organisation_id, e.side, sum(e.declines) AS declines, sum(e.declines_reasoned) AS reasoned, sum(e.start_seconds) FILTER (WHERE (e.marks >> 39) & 1 = 1) AS starts,
    sum(e.effective_seconds) AS effective, sum(e.fields_required) FILTER (WHERE (e.marks >> 8) & 1 = 1) AS required, sum(e.fields_filled) FILTER (WHERE (e.marks >> 8) & 1 = 1) AS filled,
    count(DISTINCT e.resident_id) FILTER (WHERE (e.marks >> 20) & 1 = 1) AS served, count(DISTINCT e.resident_id) FILTER (WHERE (e.marks >> 42) & 1 = 1) AS chronic
  FROM entry e GROUP BY 1, 2, 3) s
CROSS JOIN LATERAL (VALUES ('SUM_DECLINES', s.declines), ('SUM_DECLINES_REASONED', s.reasoned), ('SUM_START_SECONDS', s.starts), ('SUM_EFFECTIVE_SECONDS', s.effective),
  ('SUM_FIELDS_REQUIRED', s.required), ('SUM_FIELDS_FILLED', s.filled), ('DISTINCT_SERVED', s.served), ('DISTINCT_CHRONIC', s.chronic)) v(mark, n)
WHERE v.n > 0;

-- name: WriteLongTallies :exec
-- The cells of the quarters and years around the months: sums of months, but for residents, who are counted once.
WITH cell AS (
  SELECT DISTINCT x.organisation_id, x.side, k.kind, date_trunc(k.unit, x.month)::date AS starts_on, (date_trunc(k.unit, x.month) + k.span)::date AS before
  FROM (SELECT unnest(@organisations::uuid[]) AS organisation_id, unnest(@sides::text[]) AS side, unnest(@months::date[]) AS month) x
  CROSS JOIN (SELECT 'Q' AS kind, 'quarter' AS unit, interval '3 months' AS span UNION ALL SELECT 'Y', 'year', interval '1 year') k
)
INSERT INTO tallies (kind, starts_on, organisation_id, side, mark, n)
SELECT c.kind, c.starts_on, c.organisation_id, c.side, t.mark, sum(t.n) FROM cell c
JOIN tallies t ON t.kind = 'M' AND t.starts_on >= c.starts_on AND t.starts_on < c.before AND t.organisation_id = c.organisation_id AND t.side = c.side AND t.mark NOT LIKE 'DISTINCT\_%'
GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT s.kind, s.starts_on, s.organisation_id, s.side, v.mark, v.n FROM (
  SELECT c.kind, c.starts_on, c.organisation_id, c.side,
    count(DISTINCT l.resident_id) FILTER (WHERE (l.marks >> 20) & 1 = 1) AS served, count(DISTINCT l.resident_id) FILTER (WHERE (l.marks >> 42) & 1 = 1) AS chronic
  FROM cell c CROSS JOIN LATERAL (
    SELECT i.resident_id, i.marks FROM ledger i WHERE c.side = 'INVITING' AND i.inviting_org_id = c.organisation_id AND i.period_on >= c.starts_on AND i.period_on < c.before
    UNION ALL
    SELECT i.resident_id, i.marks FROM ledger i WHERE c.side = 'INVITED' AND i.invited_org_id = c.organisation_id AND i.period_on >= c.starts_on AND i.period_on < c.before) l
  GROUP BY 1, 2, 3, 4) s
CROSS JOIN LATERAL (VALUES ('DISTINCT_SERVED', s.served), ('DISTINCT_CHRONIC', s.chronic)) v(mark, n)
WHERE v.n > 0;

-- name: LedgerPeriod :one
-- From which to which month consultations reach.
SELECT coalesce(min(date_trunc('month', local_day(c.submitted_at))), date_trunc('month', now()))::date AS first,
  coalesce(max(date_trunc('month', local_day(greatest(c.submitted_at, c.ended_at, c.closed_at)))), date_trunc('month', now()))::date AS last
FROM consultations c WHERE c.submitted_at IS NOT NULL;

-- name: MakeLedgerMonths :exec
SELECT ledger_month(m::date) FROM generate_series(@since::date, @until::date, interval '1 month') m;

-- name: ClearLedger :exec
TRUNCATE ledger, tallies, ledger_due;

-- name: ConsultationsAfter :many
SELECT c.id FROM consultations c WHERE c.id > @after AND c.submitted_at IS NOT NULL ORDER BY c.id LIMIT @batch;

-- name: FillLedger :execrows
INSERT INTO ledger SELECT s.* FROM ledger_source s WHERE s.consultation_id > @after AND s.consultation_id <= @until;

-- name: LedgerCells :many
-- Every organisation and side with something in a month.
SELECT DISTINCT l.inviting_org_id AS organisation_id, 'INVITING'::text AS side FROM ledger l WHERE l.period_on >= sqlc.arg(since)::date AND l.period_on < sqlc.arg(before)::date
UNION
SELECT DISTINCT l.invited_org_id, 'INVITED' FROM ledger l WHERE l.period_on >= sqlc.arg(since)::date AND l.period_on < sqlc.arg(before)::date AND l.invited_org_id IS NOT NULL;

-- name: LedgerMonthsHeld :many
SELECT DISTINCT date_trunc('month', l.period_on)::date AS month FROM ledger l ORDER BY 1;

-- name: LedgerDiffers :many
-- Consultations whose row is not what the operational rows say, both ways.
(SELECT x.consultation_id FROM (SELECT * FROM ledger_source EXCEPT SELECT * FROM ledger) x)
UNION
(SELECT y.consultation_id FROM (SELECT * FROM ledger EXCEPT SELECT * FROM ledger_source) y)
LIMIT @most;

-- name: TalliesOfAll :many
-- What organisations have of a period, added up under the organisation that each reports to.
SELECT x.parent::uuid AS organisation_id, t.mark, sum(t.n)::bigint AS n
FROM (SELECT unnest(@members::uuid[]) AS member, unnest(@parents::uuid[]) AS parent) x
JOIN tallies t ON t.kind = @kind AND t.starts_on = @starts_on AND t.organisation_id = x.member AND t.side = @side
GROUP BY 1, 2;

-- name: TalliesByPeriod :many
-- Some marks over periods of one kind, added over organisations.
SELECT t.starts_on, t.mark, sum(t.n)::bigint AS n FROM tallies t
WHERE t.kind = @kind AND t.starts_on >= @since AND t.starts_on < @before AND t.side = @side AND t.organisation_id = ANY (@members::uuid[]) AND t.mark = ANY (@marks::text[])
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: LedgerPage :many
-- The rows behind a figure, newest first, after the row that is named. Bit -1: no condition on that map.
SELECT sqlc.embed(l), o.name AS institution, coalesce(h.name, '')::text AS hospital, coalesce(u.display_name, '')::text AS doctor
FROM ledger l JOIN organisations o ON o.id = l.inviting_org_id LEFT JOIN organisations h ON h.id = l.invited_org_id LEFT JOIN users u ON u.id = l.doctor_id
WHERE CASE WHEN @side::text = 'INVITED' THEN l.invited_org_id = ANY (@members::uuid[]) ELSE l.inviting_org_id = ANY (@members::uuid[]) END
  AND l.period_on >= @since AND l.period_on < @before AND l.marks <> 0
  AND (@mark_bit::integer < 0 OR (l.marks >> @mark_bit::integer) & 1 = 1) AND (@without_bit::integer < 0 OR (l.marks >> @without_bit::integer) & 1 = 0) AND (@reason_bit::integer < 0 OR (l.reasons >> @reason_bit::integer) & 1 = 1)
  AND (@service::text = '' OR l.service_type = @service::text) AND (sqlc.narg(doctor_id)::uuid IS NULL OR l.doctor_id = sqlc.narg(doctor_id)::uuid)
  AND (@hour::integer < 0 OR l.submitted_hour = @hour::integer)
  AND (sqlc.narg(after_on)::date IS NULL OR (l.period_on, l.consultation_id) < (sqlc.narg(after_on)::date, @after_id::uuid))
ORDER BY l.period_on DESC, l.consultation_id DESC LIMIT @page_size;

-- name: LedgerByDimension :many
-- One organisation's figures by service, doctor and hour of the day.
SELECT g.dimension::text AS dimension, g.value::text AS value, coalesce(max(u.display_name), '')::text AS name, count(*) AS submitted,
  count(*) FILTER (WHERE (l.marks >> 9) & 1 = 1) AS completed, count(*) FILTER (WHERE (l.marks >> 20) & 1 = 1) AS countable,
  count(*) FILTER (WHERE (l.marks >> 33) & 1 = 1) AS not_countable, count(*) FILTER (WHERE (l.marks >> 37) & 1 = 1) AS late_reports
FROM ledger l
CROSS JOIN LATERAL (VALUES ('SERVICE', l.service_type), ('DOCTOR', coalesce(l.doctor_id::text, '')), ('HOUR', lpad(l.submitted_hour::text, 2, '0'))) AS g(dimension, value)
LEFT JOIN users u ON g.dimension = 'DOCTOR' AND u.id = l.doctor_id
WHERE CASE WHEN @side::text = 'INVITED' THEN l.invited_org_id = @organisation_id::uuid ELSE l.inviting_org_id = @organisation_id::uuid END
  AND l.period_on >= @since AND l.period_on < @before AND l.marks <> 0 AND g.value <> ''
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: TalliesOfMembers :many
-- Some marks of every organisation in a period.
SELECT t.organisation_id, t.mark, t.n FROM tallies t WHERE t.kind = @kind AND t.starts_on = @starts_on AND t.side = @side AND t.mark = ANY (@marks::text[]);
