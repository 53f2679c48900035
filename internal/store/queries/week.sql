-- name: AppointmentsToPrepare :many
-- What residents of some institutions have on a day, with the plans that it is for and whether they consented to remote care: those of the visit, or all that are
-- followed.
SELECT sqlc.embed(a), k.name AS kind_name, o.name AS organisation_name, r.name_enc, r.ward, r.bed,
  coalesce((SELECT v.plans FROM home_visits v WHERE v.appointment_id = a.id AND v.plans <> '{}' ORDER BY v.created_at DESC LIMIT 1),
    (SELECT array_agg(p.plan) FROM care_plans p WHERE p.resident_id = a.resident_id AND p.state = 'ACTIVE'), '{}')::text[] AS plans,
  EXISTS (SELECT 1 FROM consents c WHERE c.resident_id = a.resident_id AND c.signer_kind <> 'INSTITUTION_EMERGENCY' AND c.withdrawn_at IS NULL
    AND c.valid_until > a.starts_at)::boolean AS consented
FROM appointments a JOIN appointment_kinds k ON k.id = a.kind_id JOIN organisations o ON o.id = a.organisation_id JOIN residents r ON r.id = a.resident_id
WHERE (sqlc.narg(id)::uuid IS NULL OR a.id = sqlc.narg(id)::uuid) AND a.resident_org_id = ANY(@homes::uuid[]) AND a.starts_at >= sqlc.arg(since)::timestamptz
  AND a.starts_at < sqlc.arg(before)::timestamptz AND (a.status IN ('BOOKED', 'ARRIVED') OR a.status = 'HELD' AND a.hold_expires_at > sqlc.arg(now)::timestamptz)
ORDER BY a.starts_at, r.ward, r.bed, a.id LIMIT 500;

-- name: PreparationTicks :many
SELECT p.appointment_id, p.item, p.changed_at, u.display_name FROM appointment_preparations p JOIN users u ON u.id = p.changed_by
WHERE p.appointment_id = ANY(@appointments::uuid[]) AND p.done;

-- name: TickPreparation :execrows
-- No row when it is so already.
INSERT INTO appointment_preparations AS p (appointment_id, item, done, changed_by, changed_at) VALUES (@appointment_id, @item, @done, @changed_by, @now)
ON CONFLICT (appointment_id, item) DO UPDATE SET done = excluded.done, changed_by = excluded.changed_by, changed_at = excluded.changed_at WHERE p.done <> excluded.done;

-- name: AppointmentCounts :many
-- What became of appointments that some organisations offered, by who led, kind and week. Holds are no appointments yet.
SELECT s.user_id, u.display_name, a.kind_id, k.name AS kind_name, date_trunc('week', local_day(a.starts_at))::date AS week,
  count(*) FILTER (WHERE a.status IN ('BOOKED', 'ARRIVED') AND a.ends_at > sqlc.arg(now)::timestamptz)::integer AS upcoming,
  count(*) FILTER (WHERE a.status IN ('BOOKED', 'ARRIVED') AND a.ends_at <= sqlc.arg(now)::timestamptz)::integer AS open,
  count(*) FILTER (WHERE a.status = 'FULFILLED')::integer AS done,
  count(*) FILTER (WHERE a.status = 'NO_SHOW')::integer AS no_show,
  count(*) FILTER (WHERE a.status = 'CANCELLED' AND NOT coalesce(a.cancelled_late, false))::integer AS cancelled,
  count(*) FILTER (WHERE a.status = 'CANCELLED' AND a.cancelled_late)::integer AS cancelled_late
FROM appointments a JOIN appointment_staff s ON s.appointment_id = a.id AND s.part = 'LEAD' JOIN users u ON u.id = s.user_id JOIN appointment_kinds k ON k.id = a.kind_id
WHERE a.organisation_id = ANY(@organisations::uuid[]) AND a.starts_at >= sqlc.arg(since)::timestamptz AND a.starts_at < sqlc.arg(before)::timestamptz
  AND a.status NOT IN ('HELD', 'LAPSED') AND a.cancel_reason <> 'HOLD_RELEASED'
GROUP BY s.user_id, u.display_name, a.kind_id, k.name, week ORDER BY u.display_name, s.user_id, k.name, a.kind_id, week;

-- name: AppointmentAbsences :many
SELECT s.user_id, a.kind_id, a.absence, count(*)::integer AS n
FROM appointments a JOIN appointment_staff s ON s.appointment_id = a.id AND s.part = 'LEAD'
WHERE a.organisation_id = ANY(@organisations::uuid[]) AND a.starts_at >= sqlc.arg(since)::timestamptz AND a.starts_at < sqlc.arg(before)::timestamptz AND a.status = 'NO_SHOW'
GROUP BY s.user_id, a.kind_id, a.absence ORDER BY n DESC, s.user_id, a.kind_id, a.absence;

-- name: TimeTaken :many
-- The time that appointments took of people, a session once.
SELECT s.user_id, min(s.blocked_from)::timestamptz AS taken_from, max(s.blocked_to)::timestamptz AS taken_to
FROM appointment_staff s JOIN appointments a ON a.id = s.appointment_id
WHERE s.user_id = ANY(@users::uuid[]) AND a.organisation_id = ANY(@organisations::uuid[]) AND s.part <> 'FORMER' AND a.status IN ('BOOKED', 'ARRIVED', 'FULFILLED', 'NO_SHOW')
  AND s.blocked_to > sqlc.arg(since)::timestamptz AND s.blocked_from < sqlc.arg(before)::timestamptz
GROUP BY s.user_id, s.session ORDER BY s.user_id, taken_from;

-- name: HomesToVisit :many
-- Where some residents are found, for the order in which they are visited.
SELECT r.id, r.organisation_id, r.name_enc, r.ward, r.bed, o.name AS home, h.place_enc, (h.resident_id IS NOT NULL)::boolean AS own_home
FROM residents r JOIN organisations o ON o.id = r.organisation_id LEFT JOIN resident_homes h ON h.resident_id = r.id WHERE r.id = ANY(@residents::uuid[]);
