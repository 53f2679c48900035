-- name: AppendEvent :one
-- Under the consultation's row lock, so that numbers have no gap.
INSERT INTO consultation_events (id, consultation_id, seq, type, from_state, to_state, epoch, actor_id, actor_role, at, data)
SELECT @id, @consultation_id, coalesce(max(e.seq), 0) + 1, @type, @from_state, @to_state, @epoch, sqlc.narg(actor_id), @actor_role, @at, @data
FROM consultation_events e WHERE e.consultation_id = @consultation_id
RETURNING seq;

-- name: CaseEvents :many
SELECT e.*, coalesce(u.display_name, '')::text AS actor_name FROM consultation_events e LEFT JOIN users u ON u.id = e.actor_id
WHERE e.consultation_id = @consultation_id ORDER BY e.seq;

-- name: AppendAccess :exec
INSERT INTO access_log (id, user_id, role, action, object_type, object_id)
VALUES (@id, @user_id, @role, @action, @object_type, @object_id);
