-- name: OpenSignalingSession :exec
INSERT INTO signaling_sessions (id, socket, auth_session_id, user_id, node, resume_hash, token_expires_at, locale)
VALUES (@id, @id, @auth_session_id, @user_id, @node, sqlc.arg(resume_hash)::bytea, sqlc.arg(token_expires_at)::timestamptz, @locale);

-- name: ResumeSignalingSession :one
-- One statement, since thousands come at once when a node dies. A row: the token is the last that was used or one of its
-- successors, and the last sign of life is not longer ago than @seconds; of an open session that is up to a minute after it was
-- last seen, since its node says so once a minute. A token that is used again gets one more successor, of which the newest
-- eight are kept. Elsewhere: it was open on another node, on the socket that is returned.
UPDATE signaling_sessions s SET node = sqlc.arg(node), socket = sqlc.arg(next_socket)::uuid, resume_hash = sqlc.arg(next_hash)::bytea,
  previous_hash = sqlc.arg(given_hash)::bytea,
  earlier_hashes = CASE WHEN s.previous_hash IS DISTINCT FROM sqlc.arg(given_hash)::bytea THEN '{}'
    WHEN cardinality(s.earlier_hashes) < 7 THEN array_append(s.earlier_hashes, s.resume_hash)
    ELSE array_append(s.earlier_hashes[2:], s.resume_hash) END,
  locale = CASE WHEN sqlc.arg(locale)::text = '' THEN s.locale ELSE sqlc.arg(locale)::text END,
  resumes = s.resumes + 1, last_seen_at = now(), closed_at = NULL, close_code = NULL
FROM (SELECT o.id, o.socket, o.node, o.closed_at FROM signaling_sessions o WHERE o.id = sqlc.arg(id)::uuid FOR UPDATE) was
WHERE s.id = was.id
  AND sqlc.arg(given_hash)::bytea = ANY(array_append(array_append(s.earlier_hashes, s.resume_hash), s.previous_hash))
  AND coalesce(s.closed_at, s.last_seen_at + interval '1 minute') > now() - make_interval(secs => sqlc.arg(seconds)::float8)
RETURNING s.auth_session_id, s.user_id, s.token_expires_at, s.locale, was.socket AS older,
  (was.closed_at IS NULL AND was.node <> sqlc.arg(node))::boolean AS elsewhere;

-- name: KnowsResumeToken :one
-- Whether the token is one of the session's: then it was the time that refused the resume.
SELECT EXISTS (SELECT FROM signaling_sessions WHERE id = @id
  AND sqlc.arg(given_hash)::bytea = ANY(array_append(array_append(earlier_hashes, resume_hash), previous_hash)));

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

-- name: PruneSignalingSessions :execrows
-- Each opened page is a row, and a sign-in stays as long as one of its rows does.
DELETE FROM signaling_sessions WHERE closed_at < sqlc.arg(before)::timestamptz;

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
