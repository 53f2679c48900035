-- name: OnDutyNow :many
-- Who of the departments is on duty by the roster, and until when: people who still hold the shift's role.
SELECT s.user_id, max(s.ends_at)::timestamptz AS until FROM duty_shifts s JOIN users u ON u.id = s.user_id
WHERE s.department_id = ANY (@departments::uuid[]) AND s.starts_at <= @now AND s.ends_at > @now AND u.disabled_at IS NULL
  AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = s.user_id AND m.department_id = s.department_id AND m.role = s.role
    AND m.valid_from <= @now AND (m.valid_to IS NULL OR m.valid_to > @now))
GROUP BY s.user_id;

-- name: SwapsOnShifts :many
-- The open request on each shift, and who had it before the last swap.
SELECT s.id AS shift_id, o.id AS open_swap_id,
  coalesce((SELECT u.display_name FROM duty_swaps w JOIN users u ON u.id = CASE WHEN w.shift_id = s.id THEN w.requested_by ELSE w.answered_by END
   WHERE w.state = 'ACCEPTED' AND (w.shift_id = s.id OR w.exchange_shift_id = s.id) ORDER BY w.answered_at DESC LIMIT 1), '')::text AS swapped_from
FROM duty_shifts s LEFT JOIN duty_swaps o ON o.state = 'OPEN' AND (o.shift_id = s.id OR o.exchange_shift_id = s.id)
WHERE s.id = ANY (@shifts::uuid[]);

-- name: LockDutyShifts :many
SELECT * FROM duty_shifts WHERE id = ANY (@ids::uuid[]) ORDER BY id FOR UPDATE;

-- name: LockAccounts :many
-- In one order, so that two swaps cannot wait for each other.
SELECT id, disabled_at FROM users WHERE id = ANY (@ids::uuid[]) ORDER BY id FOR UPDATE;

-- name: OverlapsBesides :one
-- Whether somebody is on duty in a period, besides the shifts that would be given away.
SELECT EXISTS (SELECT 1 FROM duty_shifts WHERE user_id = @user_id AND starts_at < @ends_at AND ends_at > @starts_at
  AND NOT id = ANY (@besides::uuid[]))::boolean AS overlaps;

-- name: ShiftColleagues :many
-- Who holds the role of a shift in its organisation, and in its department if it names one.
SELECT DISTINCT u.id, u.display_name,
  (NOT EXISTS (SELECT 1 FROM duty_shifts d WHERE d.user_id = u.id AND d.starts_at < @ends_at AND d.ends_at > @starts_at))::boolean AS free
FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.organisation_id = @organisation_id AND m.role = @role AND (sqlc.narg(department_id)::uuid IS NULL OR m.department_id = sqlc.narg(department_id))
  AND m.valid_from <= @now AND (m.valid_to IS NULL OR m.valid_to > @now) AND u.disabled_at IS NULL AND u.id <> @except_id
ORDER BY u.display_name, u.id;

-- name: GiveDutyShift :exec
UPDATE duty_shifts SET user_id = @user_id WHERE id = @id;

-- name: AddDutySwap :exec
INSERT INTO duty_swaps (id, organisation_id, department_id, role, shift_id, starts_at, ends_at, exchange_shift_id, exchange_starts_at, exchange_ends_at,
  requested_by, requested_at, to_user_id, note_enc)
VALUES (@id, @organisation_id, @department_id, @role, @shift_id, @starts_at, @ends_at, @exchange_shift_id, @exchange_starts_at, @exchange_ends_at,
  @requested_by, @now, @to_user_id, @note_enc);

-- name: CountDutySwapsOf :one
-- How often somebody has asked for a swap of a shift.
SELECT count(*) FROM duty_swaps WHERE requested_by = @requested_by AND organisation_id = @organisation_id AND starts_at = @starts_at;

-- name: LockDutySwap :one
SELECT * FROM duty_swaps WHERE id = @id FOR UPDATE;

-- name: AnswerDutySwap :exec
UPDATE duty_swaps SET state = @state, answered_by = @answered_by, answered_at = @now WHERE id = @id;

-- name: AddSwapDecline :exec
INSERT INTO duty_swap_declines (swap_id, user_id, declined_at) VALUES (@swap_id, @user_id, @now) ON CONFLICT DO NOTHING;

-- name: ExpireDutySwaps :execrows
-- A request whose shift has begun, or was taken out of the roster, can no longer be accepted.
UPDATE duty_swaps SET state = 'EXPIRED' WHERE state = 'OPEN' AND (starts_at <= @now OR exchange_starts_at <= @now OR shift_id IS NULL
  OR exchange_starts_at IS NOT NULL AND exchange_shift_id IS NULL);

-- name: DutySwaps :many
SELECT w.*, r.display_name AS requested_by_name, coalesce(t.display_name, '')::text AS to_user_name, coalesce(n.display_name, '')::text AS answered_by_name,
  coalesce(d.name, '')::text AS department_name,
  EXISTS (SELECT 1 FROM duty_swap_declines x WHERE x.swap_id = w.id AND x.user_id = @user_id)::boolean AS declined_by_me
FROM duty_swaps w JOIN users r ON r.id = w.requested_by LEFT JOIN users t ON t.id = w.to_user_id LEFT JOIN users n ON n.id = w.answered_by
  LEFT JOIN departments d ON d.id = w.department_id
WHERE w.organisation_id = ANY (@organisations::uuid[]) AND (sqlc.narg(id)::uuid IS NULL OR w.id = sqlc.narg(id))
  AND (sqlc.narg(id)::uuid IS NOT NULL
    OR w.starts_at < @before AND w.ends_at > @after OR w.exchange_starts_at < @before AND w.exchange_ends_at > @after)
ORDER BY w.starts_at, w.requested_at, w.id LIMIT 500;

-- name: ShiftsOfWeek :many
SELECT s.*, u.display_name AS user_name, coalesce(d.name, '')::text AS department_name, u.disabled_at
FROM duty_shifts s JOIN users u ON u.id = s.user_id LEFT JOIN departments d ON d.id = s.department_id
WHERE s.organisation_id = ANY (@organisations::uuid[]) AND s.starts_at >= @since AND s.starts_at < @before
ORDER BY s.starts_at, s.id;

-- name: DutyShiftsNamed :many
SELECT s.*, u.display_name AS user_name, coalesce(d.name, '')::text AS department_name
FROM duty_shifts s JOIN users u ON u.id = s.user_id LEFT JOIN departments d ON d.id = s.department_id
WHERE s.id = ANY (@ids::uuid[]) ORDER BY s.starts_at, s.id;
