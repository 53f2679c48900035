-- Every instant is the database's own clock, unless the caller brings one (tests).

-- name: StartNode :one
-- A new life under this name. Nobody may live under it: no row means that somebody does.
INSERT INTO nodes AS n (name, term, started_at, seen_at)
VALUES (@name, nextval('node_terms'), coalesce(sqlc.narg(now)::timestamptz, clock_timestamp()), coalesce(sqlc.narg(now)::timestamptz, clock_timestamp()))
ON CONFLICT (name) DO UPDATE SET term = excluded.term, started_at = excluded.started_at, seen_at = excluded.seen_at,
  draining = false, lost = false
  WHERE n.lost OR n.seen_at < excluded.seen_at - make_interval(secs => @dead_after::float8)
RETURNING n.term;

-- name: BeatNode :one
-- A sign of life. No row: this life is over.
UPDATE nodes SET seen_at = greatest(seen_at, coalesce(sqlc.narg(now)::timestamptz, clock_timestamp()))
WHERE term = @term AND NOT lost
RETURNING seen_at;

-- name: HoldNode :exec
-- Ties a life to a connection for as long as the connection stands: the database lets go of the lock as soon as the process at
-- its other end has ended. Shared, since a connection that was lost and the next one may overlap.
SELECT pg_advisory_lock_shared(1852793957, (@term::bigint & 2147483647)::int);

-- name: LivingNodes :many
-- Who lives; who has been silent for longer than each of two times; and whose connection stands: a lock that can be had for the
-- length of this statement is held by nobody.
SELECT name, term, draining,
  (coalesce(sqlc.narg(now)::timestamptz, clock_timestamp()) - make_interval(secs => @late_after::float8) > seen_at)::boolean AS late,
  (NOT pg_try_advisory_xact_lock(1852793957, (term & 2147483647)::int))::boolean AS connected
FROM nodes WHERE NOT lost ORDER BY name;

-- name: BuryNodes :many
-- Ends the lives that gave no sign for too long; for those whose connection is gone that is sooner. The row lock decides between
-- a late sign of life and this.
UPDATE nodes SET lost = true
WHERE NOT lost AND term <> @self AND seen_at < coalesce(sqlc.narg(now)::timestamptz, clock_timestamp())
  - make_interval(secs => CASE WHEN term = ANY(@gone::bigint[]) THEN @gone_after::float8 ELSE @dead_after::float8 END)
RETURNING name, term;

-- name: DrainNode :execrows
UPDATE nodes SET draining = true WHERE term = @term AND NOT lost;

-- name: EndNode :exec
-- The node's own end.
UPDATE nodes SET lost = true WHERE term = @term;

-- name: PruneNodes :exec
DELETE FROM nodes WHERE lost AND seen_at < now() - interval '1 day';

-- name: TakeLease :one
-- Gives the call to a living node that is not draining, when nobody has it or it has it already. No row: somebody else has it,
-- or the node may not.
INSERT INTO call_leases AS l (call_id, node, node_term, term)
SELECT @call_id, n.name, n.term, 1 FROM nodes n
WHERE n.term = @node_term AND NOT n.lost AND (NOT n.draining OR EXISTS (SELECT 1 FROM call_leases h WHERE h.call_id = @call_id AND h.node_term = n.term))
ON CONFLICT (call_id) DO UPDATE SET node = excluded.node, node_term = excluded.node_term,
  term = l.term + CASE WHEN l.node_term = 0 THEN 1 ELSE 0 END,
  changed_at = CASE WHEN l.node_term = 0 THEN now() ELSE l.changed_at END
  WHERE l.node_term = 0 OR l.node_term = excluded.node_term
RETURNING l.term;

-- name: LeaseOf :one
-- Who has the call, and whether that life goes on.
SELECT l.node, l.node_term, l.term, (n.term IS NOT NULL)::boolean AS alive, coalesce(n.draining, false)::boolean AS draining
FROM call_leases l LEFT JOIN nodes n ON n.term = l.node_term AND NOT n.lost
WHERE l.call_id = @call_id;

-- name: LeasesOfNode :many
SELECT call_id, term FROM call_leases WHERE node_term = @node_term ORDER BY call_id;

-- name: HoldsLease :one
-- The fence of what is recorded for a call. A call that never had a lease may be recorded by nobody in particular (term 0).
SELECT (CASE WHEN @node_term::bigint = 0 THEN NOT EXISTS (SELECT 1 FROM call_leases a WHERE a.call_id = @call_id::uuid)
  ELSE EXISTS (SELECT 1 FROM call_leases b WHERE b.call_id = @call_id::uuid AND b.node_term = @node_term::bigint AND b.term = @term::bigint) END)::boolean AS holds;

-- name: KeepLease :many
-- The same fence for a transaction that does not lock the consultation: the lease cannot change hands before it ends.
SELECT term FROM call_leases WHERE call_id = @call_id AND node_term = @node_term AND term = @term FOR SHARE;

-- name: FreeLease :execrows
-- Takes the call from its node: from a life that is over, or from the one that gives it up itself.
UPDATE call_leases l SET node = '', node_term = 0, term = l.term + 1, changed_at = now()
WHERE l.call_id = @call_id AND l.node_term <> 0
  AND (l.node_term = @by::bigint OR NOT EXISTS (SELECT 1 FROM nodes n WHERE n.term = l.node_term AND NOT n.lost));

-- name: OrphanedCalls :many
-- Calls whose node's life is over, and calls of which such a life left intervals open.
SELECT l.call_id FROM call_leases l
WHERE l.node_term <> 0 AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.term = l.node_term AND NOT n.lost)
UNION
SELECT p.call_id FROM media_intervals m JOIN participants p ON p.id = m.participant_id
WHERE NOT m.closed AND m.node_term <> 0 AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.term = m.node_term AND NOT n.lost)
LIMIT 1000;

-- name: SettleIntervals :execrows
-- What a life that is over measured of the call ends where it was last seen, for good.
UPDATE media_intervals m SET closed = true, settled = true FROM participants p
WHERE p.id = m.participant_id AND p.call_id = @call_id AND NOT m.settled AND m.node_term <> 0
  AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.term = m.node_term AND NOT n.lost);

-- name: ParticipantsCutOff :exec
-- Those who were in the call and of whom no relay reports any more.
UPDATE participants p SET left_at = @now WHERE p.call_id = @call_id AND p.first_joined_at IS NOT NULL AND p.left_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM media_intervals m WHERE m.participant_id = p.id AND m.kind = 'connected' AND NOT m.closed);

-- name: PruneLeases :exec
DELETE FROM call_leases l USING calls c WHERE c.id = l.call_id AND c.ended_at < now() - interval '1 hour';

-- name: SendNodeMessage :exec
WITH sent AS (
  INSERT INTO node_messages (to_term, from_term, request, subject, body, deadline)
  VALUES (@to_term, @from_term, @request, @subject, @body, clock_timestamp() + make_interval(secs => @seconds::float8)))
SELECT pg_notify('node_' || @to_term::bigint, '');

-- name: TakeNodeMessages :many
-- Each message is taken once.
DELETE FROM node_messages WHERE to_term = @to_term
RETURNING id, from_term, request, subject, body, extract(epoch FROM deadline - clock_timestamp())::float8 AS seconds;

-- name: PruneNodeMessages :exec
DELETE FROM node_messages WHERE deadline < clock_timestamp() - interval '1 minute';

-- name: TicketHolds :one
-- Whether a connection that was made under an epoch may still begin something: on the care side always, on the medical side while
-- the grant has not changed hands.
SELECT (p.side = 'CARE' OR EXISTS (SELECT 1 FROM call_consultations cc JOIN consultations c ON c.id = cc.consultation_id
  WHERE cc.call_id = p.call_id AND c.epoch = @epoch::bigint))::boolean AS holds
FROM participants p WHERE p.id = @participant_id;
