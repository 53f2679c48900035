-- name: AppendEvents :exec
-- Some events of one consultation, in their order, under its row lock, so that numbers have no gap.
WITH last AS (
  SELECT coalesce(max(e.seq), 0) AS seq FROM consultation_events e WHERE e.consultation_id = @consultation_id
), numbered AS (
  SELECT generate_subscripts(@types::text[], 1) AS n
)
INSERT INTO consultation_events (id, consultation_id, seq, type, from_state, to_state, epoch, actor_id, actor_role, at, data)
SELECT (@ids::uuid[])[n], @consultation_id, last.seq + n, (@types::text[])[n], (@froms::text[])[n], (@tos::text[])[n], (@epochs::bigint[])[n],
  sqlc.narg(actor_id), @actor_role, @at, (@data::text[])[n]::jsonb
FROM last, numbered;

-- name: CaseEvents :many
SELECT e.*, coalesce(u.display_name, '')::text AS actor_name FROM consultation_events e LEFT JOIN users u ON u.id = e.actor_id
WHERE e.consultation_id = @consultation_id ORDER BY e.seq;

-- name: AppendAccess :exec
INSERT INTO access_log (id, user_id, role, action, object_type, object_id)
VALUES (@id, @user_id, @role, @action, @object_type, @object_id);
