-- name: OrganisationJoined :one
SELECT created_at FROM organisations WHERE id = @id;

-- name: DeadlinePeople :many
-- Who answers for the deadlines of each organisation: the administrators of care institutions, and each authority's people.
SELECT o.id AS organisation_id, o.kind, o.type_code, o.region_code, o.created_at, array_agg(DISTINCT m.user_id ORDER BY m.user_id)::uuid[] AS people
FROM organisations o JOIN memberships m ON m.organisation_id = o.id JOIN users u ON u.id = m.user_id
WHERE o.active AND u.disabled_at IS NULL AND m.valid_from <= @now AND (m.valid_to IS NULL OR m.valid_to > @now)
  AND (o.kind = 'CARE' AND m.role = 'INST_ADMIN' OR o.kind = 'AUTHORITY' AND m.role = 'REG_' || o.type_code)
GROUP BY o.id ORDER BY o.id;

-- name: RectificationsDue :many
-- What is to be mended by a day and is not.
SELECT id, organisation_id, due_on FROM rectifications WHERE state IN ('OPEN', 'WORKING') AND due_on <= @until::date ORDER BY organisation_id, due_on;

-- name: RemindersSaid :many
SELECT organisation_id, coalesce(task_id, rectification_id)::uuid AS of, due_on, days FROM deadline_reminders WHERE due_on >= @since::date OR rectification_id IS NOT NULL;

-- name: AddReminder :execrows
-- No row: it has been said.
INSERT INTO deadline_reminders (id, organisation_id, task_id, rectification_id, due_on, days, said_at)
VALUES (@id, @organisation_id, sqlc.narg(task_id), sqlc.narg(rectification_id), @due_on, @days, @now)
ON CONFLICT (organisation_id, coalesce(task_id, rectification_id), due_on, days) DO NOTHING;

-- name: ReturnsOnTheirWay :many
-- The newest version of each return that is not filed, of some organisations.
SELECT s.id, s.organisation_id, o.name AS organisation, s.kind, s.starts_on, s.state FROM snapshots s JOIN organisations o ON o.id = s.organisation_id
WHERE s.organisation_id = ANY (@organisations::uuid[]) AND s.state <> 'FILED'
  AND NOT EXISTS (SELECT 1 FROM snapshots n WHERE n.organisation_id = s.organisation_id AND n.kind = s.kind AND n.starts_on = s.starts_on AND n.version > s.version)
ORDER BY s.starts_on, s.kind;
