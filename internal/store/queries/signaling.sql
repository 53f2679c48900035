-- name: OpenSignalingSession :exec
INSERT INTO signaling_sessions (id, auth_session_id, user_id, node) VALUES (@id, @auth_session_id, @user_id, @node);

-- name: CloseSignalingSession :exec
UPDATE signaling_sessions SET closed_at = now(), last_seen_at = now(), close_code = @close_code::integer
WHERE id = @id AND closed_at IS NULL;

-- name: SeeSignalingSessions :exec
-- Once a minute by each node.
UPDATE signaling_sessions SET last_seen_at = now() WHERE node = @node AND closed_at IS NULL;

-- name: CloseLostSignalingSessions :execrows
-- Those of a node that has not been there for a while: they ended when they were last seen.
UPDATE signaling_sessions SET closed_at = last_seen_at, close_code = 1006
WHERE closed_at IS NULL AND last_seen_at < now() - interval '3 minutes';

-- name: InstitutionsThatMayCall :many
-- The inviting institutions of all agreements in force with an organisation in which this doctor works.
SELECT DISTINCT a.inviting_org_id FROM agreements a
JOIN memberships m ON m.organisation_id = a.invited_org_id
WHERE m.user_id = @user_id AND m.role = 'CONSULTANT' AND m.valid_from <= now() AND (m.valid_to IS NULL OR m.valid_to > now())
  AND a.terminated_at IS NULL AND (now() AT TIME ZONE 'Asia/Shanghai')::date BETWEEN a.valid_from AND a.valid_to
ORDER BY a.inviting_org_id;
