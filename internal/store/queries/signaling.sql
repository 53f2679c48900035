-- name: OpenSignalingSession :exec
INSERT INTO signaling_sessions (id, socket, auth_session_id, user_id, node, resume_hash, token_expires_at, locale)
VALUES (@id, @id, @auth_session_id, @user_id, @node, sqlc.arg(resume_hash)::bytea, sqlc.arg(token_expires_at)::timestamptz, @locale);

-- name: LockSignalingSession :one
-- Lives: the last sign of life is not longer ago than @seconds. Of an open one that is up to a minute after it was last seen,
-- since its node says so once a minute.
SELECT *, (coalesce(closed_at, last_seen_at + interval '1 minute') > now() - make_interval(secs => sqlc.arg(seconds)::float8))::boolean AS lives
FROM signaling_sessions WHERE id = @id FOR UPDATE;

-- name: ResumeSignalingSession :exec
UPDATE signaling_sessions SET node = @node, socket = sqlc.arg(socket)::uuid, resume_hash = sqlc.arg(next_hash)::bytea,
  previous_hash = sqlc.arg(given_hash)::bytea, locale = @locale, resumes = resumes + 1, last_seen_at = now(), closed_at = NULL,
  close_code = NULL
WHERE id = @id;

-- name: RenewSignalingSession :exec
UPDATE signaling_sessions SET token_expires_at = sqlc.arg(token_expires_at)::timestamptz WHERE id = @id;

-- name: CloseSignalingSession :exec
-- Unless the session goes on, on another socket.
UPDATE signaling_sessions SET closed_at = now(), last_seen_at = now(), close_code = @close_code::integer
WHERE id = @id AND socket = sqlc.arg(socket)::uuid AND closed_at IS NULL;

-- name: SeeSignalingSessions :exec
-- Once a minute by each node.
UPDATE signaling_sessions SET last_seen_at = now() WHERE node = @node AND closed_at IS NULL;

-- name: CloseLostSignalingSessions :execrows
-- Those of a node that has not been there for a while: they ended when they were last seen.
UPDATE signaling_sessions SET closed_at = last_seen_at, close_code = 1006
WHERE closed_at IS NULL AND last_seen_at < now() - interval '3 minutes';

-- name: MembershipsOfUsers :many
-- Those in force, by the rule of MembershipsInForce.
SELECT m.user_id, m.role, m.organisation_id, m.department_id
FROM memberships m
JOIN organisations o ON o.id = m.organisation_id AND o.active
LEFT JOIN departments d ON d.id = m.department_id
WHERE m.user_id = ANY(@users::uuid[]) AND m.valid_from <= @at::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @at::timestamptz)
  AND (m.department_id IS NULL OR d.active)
ORDER BY m.valid_from, m.id;

-- name: InstitutionsThatMayCall :many
-- The inviting institutions of all agreements in force with an organisation in which this doctor works.
SELECT DISTINCT a.inviting_org_id FROM agreements a
JOIN memberships m ON m.organisation_id = a.invited_org_id
WHERE m.user_id = @user_id AND m.role = 'CONSULTANT' AND m.valid_from <= now() AND (m.valid_to IS NULL OR m.valid_to > now())
  AND a.terminated_at IS NULL AND (now() AT TIME ZONE 'Asia/Shanghai')::date BETWEEN a.valid_from AND a.valid_to
ORDER BY a.inviting_org_id;
