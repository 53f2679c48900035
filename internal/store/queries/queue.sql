-- The order of the queue in SQL, without written questions, which ring nobody. It must say what consult.Less says: CRITICAL first, then the larger waited/target, the earlier
-- offer (or, of a request that was made without network, the time from which it counts) in whole milliseconds, the smaller id; both sides are capped as consult.OrderKey caps them. In ORDER BY the share
-- is a quotient of 20 decimals: two shares that differ do so by more than 1/2592000² > 10^-13, and equal ones give equal quotients.

-- name: QueueHeads :many
-- The first of what waits in the departments.
SELECT c.id FROM consultations c
LEFT JOIN urgency_targets t ON t.urgency = c.urgency
CROSS JOIN LATERAL (SELECT floor(extract(epoch FROM coalesce(c.queued_since, c.offered_at)) * 1000)::bigint AS since_ms,
  floor(extract(epoch FROM @now::timestamptz) * 1000)::bigint AS now_ms,
  least(greatest(coalesce(t.accept_seconds, floor(extract(epoch FROM c.accept_due_at - c.offered_at))::bigint, 86400), 1), 2592000)::bigint AS target_s) k
WHERE c.state = 'OFFERED' AND c.mode <> 'WRITTEN' AND EXISTS (
  SELECT 1 FROM audience a WHERE a.consultation_id = c.id AND a.department_id = ANY (@departments::uuid[])
    AND a.since <= @now::timestamptz AND (a.until IS NULL OR a.until > @now::timestamptz))
ORDER BY c.urgency = 'CRITICAL' DESC,
  least(greatest(k.now_ms - k.since_ms, 0), 2592000000)::numeric(30, 20) / k.target_s DESC,
  k.since_ms, c.id
LIMIT @most::int;

-- name: QueueAhead :one
-- How many of those that wait in the departments are served before a request with this key.
WITH waiting AS (
  SELECT c.id, (c.urgency = 'CRITICAL')::boolean AS critical, floor(extract(epoch FROM coalesce(c.queued_since, c.offered_at)) * 1000)::bigint AS since_ms,
    least(greatest(floor(extract(epoch FROM @now::timestamptz) * 1000)::bigint
      - floor(extract(epoch FROM coalesce(c.queued_since, c.offered_at)) * 1000)::bigint, 0), 2592000000)::bigint AS waited_ms,
    least(greatest(coalesce(t.accept_seconds, floor(extract(epoch FROM c.accept_due_at - c.offered_at))::bigint, 86400), 1), 2592000)::bigint AS target_s
  FROM consultations c LEFT JOIN urgency_targets t ON t.urgency = c.urgency
  WHERE c.state = 'OFFERED' AND c.mode <> 'WRITTEN' AND EXISTS (
    SELECT 1 FROM audience a WHERE a.consultation_id = c.id AND a.department_id = ANY (@departments::uuid[])
      AND a.since <= @now::timestamptz AND (a.until IS NULL OR a.until > @now::timestamptz))
), own AS (
  SELECT @critical::boolean AS critical, @waited_ms::bigint AS waited_ms, @target_s::bigint AS target_s, @since_ms::bigint AS since_ms, @id::uuid AS id
)
SELECT count(*)::int AS ahead FROM waiting k, own o
WHERE CASE WHEN k.critical <> o.critical THEN k.critical
  WHEN k.waited_ms * o.target_s <> o.waited_ms * k.target_s THEN k.waited_ms * o.target_s > o.waited_ms * k.target_s
  ELSE (k.since_ms, k.id) < (o.since_ms, o.id) END;

-- name: QueueStanding :many
-- Everything that waits, once for each department that is asked, as the index in Redis keeps it. An own target is that of an
-- urgency without one in the table.
SELECT c.id, d.organisation_id AS hospital, a.department_id, c.urgency, coalesce(c.queued_since, c.offered_at)::timestamptz AS offered_at,
  (CASE WHEN t.accept_seconds IS NULL THEN greatest(coalesce(floor(extract(epoch FROM c.accept_due_at - c.offered_at)), 86400), 1) ELSE 0 END)::bigint AS own_target
FROM consultations c
JOIN audience a ON a.consultation_id = c.id
JOIN departments d ON d.id = a.department_id
LEFT JOIN urgency_targets t ON t.urgency = c.urgency
WHERE c.state = 'OFFERED' AND c.mode <> 'WRITTEN' AND c.offered_at IS NOT NULL AND a.since <= clock_timestamp() AND (a.until IS NULL OR a.until > clock_timestamp())
ORDER BY c.id, a.department_id;

-- name: QueueStandingOf :many
-- The same for some consultations; one that is not there does not wait.
SELECT c.id, d.organisation_id AS hospital, a.department_id, c.urgency, coalesce(c.queued_since, c.offered_at)::timestamptz AS offered_at,
  (CASE WHEN t.accept_seconds IS NULL THEN greatest(coalesce(floor(extract(epoch FROM c.accept_due_at - c.offered_at)), 86400), 1) ELSE 0 END)::bigint AS own_target
FROM consultations c
JOIN audience a ON a.consultation_id = c.id
JOIN departments d ON d.id = a.department_id
LEFT JOIN urgency_targets t ON t.urgency = c.urgency
WHERE c.id = ANY (@ids::uuid[]) AND c.state = 'OFFERED' AND c.mode <> 'WRITTEN' AND c.offered_at IS NOT NULL
  AND a.since <= clock_timestamp() AND (a.until IS NULL OR a.until > clock_timestamp())
ORDER BY c.id, a.department_id;

-- name: QueueHospitals :many
-- The hospital of each department.
SELECT id, organisation_id FROM departments;

-- name: QueueTargets :many
SELECT urgency, accept_seconds FROM urgency_targets WHERE accept_seconds IS NOT NULL;

-- name: QueueTerm :one
-- A number that grows with every leader and every rebuild of the index.
SELECT pg_current_xact_id()::text::bigint AS term;

-- name: LeadQueueIndex :one
-- One session at a time writes the index; the lock ends with the session.
SELECT pg_try_advisory_lock(hashtextextended('lianzhen queue index', 0)) AS leader;

-- name: QueueNews :many
-- What was committed after a position of each shard, in order, without its contents. Each shard is entered at its position: a
-- join may be planned as a walk through the whole outbox.
SELECT o.shard, o.seq, o.topic, o.key
FROM (SELECT unnest(@shards::smallint[]) AS shard, unnest(@positions::bigint[]) AS seq) p
CROSS JOIN LATERAL (SELECT x.shard, x.seq, x.topic, x.key FROM outbox x WHERE x.shard = p.shard AND x.seq > p.seq
  ORDER BY x.seq LIMIT @most::int) o
ORDER BY o.shard, o.seq LIMIT @most::int;
