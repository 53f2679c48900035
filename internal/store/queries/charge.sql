-- name: ChargesLeft :many
-- Requests of whose dispatcher nothing more is to be expected: the role has ended; or a request that rings is in charge of
-- somebody who had a socket since taking charge and has had none since @before, or whose shift has ended since and who has no
-- other now. A written question has hours, and comes back to the desk by itself when its answer is due.
SELECT x.id, x.dispatcher_id::uuid AS dispatcher_id,
  (CASE WHEN NOT x.holds THEN 'ROLE' WHEN x.off_duty THEN 'OFF_DUTY' ELSE 'AWAY' END)::text AS why
FROM (
  SELECT h.id, h.dispatcher_id, h.holds,
    h.mode <> 'WRITTEN'
      AND EXISTS (SELECT 1 FROM signaling_sessions s WHERE s.user_id = h.dispatcher_id AND coalesce(s.closed_at, s.last_seen_at) >= h.taken_at)
      AND NOT EXISTS (SELECT 1 FROM signaling_sessions s WHERE s.user_id = h.dispatcher_id
        AND ((s.closed_at IS NULL AND s.last_seen_at > @before::timestamptz) OR s.closed_at > @before::timestamptz)) AS away,
    h.mode <> 'WRITTEN'
      AND EXISTS (SELECT 1 FROM duty_shifts d WHERE d.user_id = h.dispatcher_id AND d.role = 'DISPATCHER' AND d.starts_at <= h.taken_at
        AND d.ends_at > h.taken_at AND d.ends_at <= @now::timestamptz)
      AND NOT EXISTS (SELECT 1 FROM duty_shifts d WHERE d.user_id = h.dispatcher_id AND d.role = 'DISPATCHER'
        AND d.starts_at <= @now::timestamptz AND d.ends_at > @now::timestamptz) AS off_duty
  FROM (
    SELECT c.id, c.mode, c.dispatcher_id,
      coalesce((SELECT max(e.at) FROM consultation_events e WHERE e.consultation_id = c.id AND e.type = 'CHARGE_TAKEN'), c.created_at)::timestamptz AS taken_at,
      EXISTS (SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.user_id = c.dispatcher_id AND m.role = 'DISPATCHER' AND u.disabled_at IS NULL
          AND m.valid_from <= @now::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz)) AS holds
    FROM consultations c
    WHERE c.state = 'OFFERED' AND c.dispatcher_id IS NOT NULL AND (sqlc.narg(id)::uuid IS NULL OR c.id = sqlc.narg(id))
  ) h
) x
WHERE NOT x.holds OR x.away OR x.off_duty
ORDER BY x.id LIMIT 100;

-- name: AdministratorsOf :many
SELECT DISTINCT u.id FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.organisation_id = ANY (@organisations::uuid[]) AND m.role = 'INST_ADMIN' AND u.disabled_at IS NULL
  AND m.valid_from <= @now::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz)
ORDER BY u.id;

-- name: AudienceWithoutAgreement :many
-- Requests that also wait at a partner hospital with which their institution has no agreement any more. The hospital that was
-- asked keeps what it was sent while there was one, and CRITICAL waits for no agreement.
SELECT DISTINCT c.id FROM consultations c JOIN audience a ON a.consultation_id = c.id JOIN departments d ON d.id = a.department_id
WHERE c.state = 'OFFERED' AND c.urgency <> 'CRITICAL' AND d.organisation_id <> c.invited_org_id
  AND a.since <= @now::timestamptz AND (a.until IS NULL OR a.until > @now::timestamptz)
  AND NOT EXISTS (SELECT 1 FROM agreements g WHERE g.inviting_org_id = c.inviting_org_id AND g.invited_org_id = d.organisation_id
    AND g.terminated_at IS NULL AND g.valid_from <= @day::date AND g.valid_to >= @day::date)
ORDER BY c.id LIMIT 100;

-- name: LeaveAudience :many
-- The departments of partners without an agreement are asked no more; the others are not touched.
UPDATE audience a SET until = @now::timestamptz FROM departments d
WHERE a.consultation_id = @consultation_id AND d.id = a.department_id AND d.organisation_id <> @hospital AND a.since <= @now::timestamptz
  AND (a.until IS NULL OR a.until > @now::timestamptz)
  AND NOT EXISTS (SELECT 1 FROM agreements g WHERE g.inviting_org_id = @inviting_org_id AND g.invited_org_id = d.organisation_id
    AND g.terminated_at IS NULL AND g.valid_from <= @day::date AND g.valid_to >= @day::date)
RETURNING a.department_id;

-- name: WithdrawRingsOutside :many
-- Ends the rings of doctors who answer for none of the departments that are still asked.
UPDATE offers o SET result = 'WITHDRAWN', resolved_at = @now::timestamptz
WHERE o.consultation_id = @consultation_id AND o.result = 'PENDING' AND NOT EXISTS (
  SELECT 1 FROM memberships m WHERE m.user_id = o.doctor_id AND m.role = 'CONSULTANT' AND m.department_id = ANY (@departments::uuid[])
    AND m.valid_from <= @now::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz))
RETURNING o.doctor_id;
