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

-- name: ForgetLedger :exec
WITH gone AS (
  DELETE FROM ledger l WHERE l.consultation_id = ANY (@ids::uuid[])
  RETURNING l.inviting_org_id, l.invited_org_id, l.period_on, l.resident_id, l.start_seconds, l.effective_seconds, l.declines, l.declines_reasoned, l.fields_required, l.fields_filled, l.reasons, l.marks
)
INSERT INTO ledger_moves (sign, inviting_org_id, invited_org_id, period_on, resident_id, start_seconds, effective_seconds, declines, declines_reasoned, fields_required, fields_filled, reasons, marks)
SELECT -1, g.* FROM gone g;

-- name: WriteLedger :exec
WITH made AS (
  INSERT INTO ledger SELECT s.* FROM ledger_source s WHERE s.consultation_id = ANY (@ids::uuid[])
  RETURNING inviting_org_id, invited_org_id, period_on, resident_id, start_seconds, effective_seconds, declines, declines_reasoned, fields_required, fields_filled, reasons, marks
)
INSERT INTO ledger_moves (sign, inviting_org_id, invited_org_id, period_on, resident_id, start_seconds, effective_seconds, declines, declines_reasoned, fields_required, fields_filled, reasons, marks)
SELECT 1, m.* FROM made m;

-- name: MoveTallies :exec
-- Takes what left the ledger from its months, quarters and years, and adds what entered it; residents follow in MoveResidents. What
-- left and came again the same is no difference.
WITH move AS MATERIALIZED (
  SELECT m.kind, m.starts_on, m.organisation_id, m.side, m.marks, m.reasons, CASE WHEN (m.marks >> 39) & 1 = 1 THEN m.start_seconds END AS start_seconds,
    sum(m.sign) AS n, sum(m.sign * m.declines) AS declines, sum(m.sign * m.declines_reasoned) AS reasoned, sum(m.sign * m.effective_seconds) AS effective,
    sum(m.sign * m.fields_required) AS required, sum(m.sign * m.fields_filled) AS filled
  FROM ledger_moved m WHERE m.marks <> 0
  GROUP BY 1, 2, 3, 4, 5, 6, 7),
difference AS (
  SELECT d.kind, d.starts_on, d.organisation_id, d.side, k.code AS mark, d.n FROM move d JOIN ledger_marks k ON k.source = 'marks' AND (d.marks >> k.bit) & 1 = 1 WHERE d.n <> 0
  UNION ALL
  SELECT d.kind, d.starts_on, d.organisation_id, d.side, k.code, d.n FROM move d JOIN ledger_marks k ON k.source = 'reasons' AND (d.reasons >> k.bit) & 1 = 1 WHERE d.n <> 0 AND d.reasons <> 0
  UNION ALL
  SELECT d.kind, d.starts_on, d.organisation_id, d.side, wait_mark(d.start_seconds), d.n FROM move d WHERE d.n <> 0 AND d.start_seconds IS NOT NULL
  UNION ALL
  SELECT d.kind, d.starts_on, d.organisation_id, d.side, v.mark, v.n FROM move d
  CROSS JOIN LATERAL (VALUES ('SUM_DECLINES', d.declines), ('SUM_DECLINES_REASONED', d.reasoned), ('SUM_START_SECONDS', d.n * d.start_seconds), ('SUM_EFFECTIVE_SECONDS', d.effective),
    ('SUM_FIELDS_REQUIRED', CASE WHEN (d.marks >> 8) & 1 = 1 THEN d.required END), ('SUM_FIELDS_FILLED', CASE WHEN (d.marks >> 8) & 1 = 1 THEN d.filled END)) v(mark, n)
  WHERE v.n <> 0)
INSERT INTO tallies (kind, starts_on, organisation_id, side, mark, n)
SELECT kind, starts_on, organisation_id, side, mark, sum(n)::bigint FROM difference GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0
ON CONFLICT (kind, starts_on, organisation_id, side, mark) DO UPDATE SET n = tallies.n + excluded.n;

-- name: MoveResidents :exec
-- Residents are counted once in a period: the first consultation that counts brings one, the last that leaves takes one away. The ledger
-- holds what is; what was before is that less the difference.
WITH touched AS (
  SELECT m.kind, m.starts_on, m.before, m.organisation_id, m.side, m.resident_id,
    sum(m.sign * ((m.marks >> 20) & 1)) AS served, sum(m.sign * ((m.marks >> 42) & 1)) AS chronic
  FROM ledger_moved m WHERE (m.marks >> 20) & 1 = 1 OR (m.marks >> 42) & 1 = 1
  GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(m.sign * ((m.marks >> 20) & 1)) <> 0 OR sum(m.sign * ((m.marks >> 42) & 1)) <> 0)
INSERT INTO tallies (kind, starts_on, organisation_id, side, mark, n)
SELECT t.kind, t.starts_on, t.organisation_id, t.side, v.mark, sum(v.n)::bigint
FROM touched t
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE (l.marks >> 20) & 1 = 1) AS served, count(*) FILTER (WHERE (l.marks >> 42) & 1 = 1) AS chronic
  FROM ledger l WHERE l.resident_id = t.resident_id AND l.period_on >= t.starts_on AND l.period_on < t.before
    AND CASE t.side WHEN 'INVITING' THEN l.inviting_org_id ELSE l.invited_org_id END = t.organisation_id) now
CROSS JOIN LATERAL (VALUES ('DISTINCT_SERVED', (now.served > 0)::integer - (now.served - t.served > 0)::integer), ('DISTINCT_CHRONIC', (now.chronic > 0)::integer - (now.chronic - t.chronic > 0)::integer)) v(mark, n)
GROUP BY 1, 2, 3, 4, 5 HAVING sum(v.n) <> 0
ON CONFLICT (kind, starts_on, organisation_id, side, mark) DO UPDATE SET n = tallies.n + excluded.n;

-- name: ForgetEmptyTallies :exec
-- Nothing is not counted as 0.
DELETE FROM tallies t USING (SELECT DISTINCT m.kind, m.starts_on, m.organisation_id, m.side FROM ledger_moved m) x
WHERE t.kind = x.kind AND t.starts_on = x.starts_on AND t.organisation_id = x.organisation_id AND t.side = x.side AND t.n = 0;

-- name: ForgetLedgerMoves :exec
DELETE FROM ledger_moves;

-- name: FillTallies :exec
INSERT INTO tallies (kind, starts_on, organisation_id, side, mark, n) SELECT kind, starts_on, organisation_id, side, mark, n FROM tally_source;

-- name: TalliesDiffer :one
-- How many tallies are not what a direct count of the ledger gives, both ways.
SELECT count(*) FROM ((SELECT kind, starts_on, organisation_id, side, mark, n FROM tallies EXCEPT SELECT kind, starts_on, organisation_id, side, mark, n FROM tally_source)
  UNION ALL (SELECT kind, starts_on, organisation_id, side, mark, n FROM tally_source EXCEPT SELECT kind, starts_on, organisation_id, side, mark, n FROM tallies)) x;

-- name: RoomToCount :exec
-- Memory for the sorts and hashes of this transaction.
SELECT set_config('work_mem', '256MB', true);

-- name: AnalyzeLedger :exec
-- What was filled in this transaction is planned for as it is.
ANALYZE ledger;

-- name: LedgerPeriod :one
-- From which to which month consultations reach.
SELECT coalesce(min(date_trunc('month', local_day(c.submitted_at))), date_trunc('month', now()))::date AS first,
  coalesce(max(date_trunc('month', local_day(greatest(c.submitted_at, c.ended_at, c.closed_at)))), date_trunc('month', now()))::date AS last
FROM consultations c WHERE c.submitted_at IS NOT NULL;

-- name: MakeLedgerMonths :exec
SELECT ledger_month(m::date) FROM generate_series(@since::date, @until::date, interval '1 month') m;

-- name: ClearLedger :exec
TRUNCATE ledger, tallies, ledger_due, ledger_moves;

-- name: ConsultationsUntil :one
-- The last of a number of consultations after one.
SELECT x.id FROM (SELECT c.id FROM consultations c WHERE c.id > @after AND c.submitted_at IS NOT NULL ORDER BY c.id LIMIT @batch) x ORDER BY x.id DESC LIMIT 1;

-- name: FillLedger :execrows
INSERT INTO ledger SELECT s.* FROM ledger_source s WHERE s.consultation_id > @after AND s.consultation_id <= @until;

-- name: MendAnswers :exec
-- What consultations keep of their current evaluation.
UPDATE consultations c SET failed_rules = e.bitmap FROM countability_evaluations e
WHERE e.consultation_id = c.id AND e.current AND c.failed_rules IS DISTINCT FROM e.bitmap;

-- name: ForgetAnswers :exec
UPDATE consultations c SET failed_rules = NULL
WHERE c.failed_rules IS NOT NULL AND NOT EXISTS (SELECT 1 FROM countability_evaluations e WHERE e.consultation_id = c.id AND e.current);

-- name: AnswersDiffer :many
-- Consultations that keep another answer than that of their current evaluation.
SELECT c.id FROM consultations c LEFT JOIN countability_evaluations e ON e.consultation_id = c.id AND e.current
WHERE c.failed_rules IS DISTINCT FROM e.bitmap LIMIT @most;

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
-- Some marks over periods of one kind, added over organisations. These are joined and not a condition, so that the index by mark is read once
-- from end to end, however many they are.
SELECT t.starts_on, t.mark, sum(t.n)::bigint AS n
FROM tallies t JOIN (SELECT unnest(@members::uuid[]) AS member) x ON x.member = t.organisation_id
WHERE t.kind = @kind AND t.starts_on >= @since AND t.starts_on < @before AND t.side = @side AND t.mark = ANY (@marks::text[])
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: LedgerPage :many
-- The rows behind a figure, newest first, after the row that is named. Bit -1: no condition on that map.
SELECT sqlc.embed(l), o.name AS institution, coalesce(h.name, '')::text AS hospital, coalesce(u.display_name, '')::text AS doctor
FROM ledger l JOIN organisations o ON o.id = l.inviting_org_id LEFT JOIN organisations h ON h.id = l.invited_org_id LEFT JOIN users u ON u.id = l.doctor_id
WHERE CASE WHEN @side::text = 'INVITED' THEN l.invited_org_id = ANY (@members::uuid[]) ELSE l.inviting_org_id = ANY (@members::uuid[]) END
  AND l.period_on >= @since AND l.period_on < @before AND l.marks <> 0
  AND (@mark_bit::integer < 0 OR (l.marks >> @mark_bit::integer) & 1 = 1) AND (@without_bit::integer < 0 OR (l.marks >> @without_bit::integer) & 1 = 0) AND (@reason_bit::integer < 0 OR (l.reasons >> @reason_bit::integer) & 1 = 1)
  AND (NOT @declined::boolean OR l.declines > 0) AND (NOT @reasoned::boolean OR l.declines_reasoned > 0)
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
