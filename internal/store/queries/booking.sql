-- name: LockBooking :exec
-- Serialises bookings of the same people: doctors before residents, each in the order of their keys, so that two bookings never wait for
-- one another in a circle.
SELECT pg_advisory_xact_lock(k.class, k.key) FROM (
  SELECT DISTINCT 1 AS class, hashtext(u::text) AS key FROM unnest(@doctors::uuid[]) u
  UNION SELECT DISTINCT 2, hashtext(r::text) FROM unnest(@residents::uuid[]) r
  ORDER BY 1, 2) k;

-- name: LapseHolds :many
-- Holds that are over and lie across the times that somebody is about to take.
UPDATE appointments a SET status = 'LAPSED', ended_at = a.hold_expires_at, updated_at = @now
WHERE a.status = 'HELD' AND a.hold_expires_at <= sqlc.arg(now)::timestamptz AND (
  a.resident_id = @resident_id AND a.starts_at < sqlc.arg(visit_to)::timestamptz AND a.ends_at > sqlc.arg(visit_from)::timestamptz
  OR EXISTS (SELECT 1 FROM appointment_staff s WHERE s.appointment_id = a.id AND s.live AND s.user_id = ANY(@doctors::uuid[])
    AND s.blocked_from < sqlc.arg(blocked_to)::timestamptz AND s.blocked_to > sqlc.arg(blocked_from)::timestamptz))
RETURNING a.id;

-- name: AcrossPlan :one
-- Whether an appointment takes the doctor's time that a planned consultation is to have.
SELECT EXISTS (SELECT 1 FROM appointment_staff s JOIN appointments a ON a.id = s.appointment_id
  WHERE s.user_id = @doctor_id AND s.live AND (a.status <> 'HELD' OR a.hold_expires_at > sqlc.arg(now)::timestamptz)
    AND s.blocked_from < sqlc.arg(slot_to)::timestamptz AND s.blocked_to > sqlc.arg(slot_from)::timestamptz)::boolean AS taken;

-- name: InsertAppointment :exec
INSERT INTO appointments (id, organisation_id, resident_org_id, kind_id, resident_id, status, place, starts_at, ends_at, session, seat, capacity,
  hold_expires_at, reason, note_enc, consultation_id, series_id, series_day, free_until, booked_by, created_at, updated_at)
VALUES (@id, @organisation_id, @resident_org_id, @kind_id, @resident_id, @status, @place, @starts_at, @ends_at, @session, @seat, @capacity,
  @hold_expires_at, @reason, @note_enc, @consultation_id, @series_id, @series_day, @free_until, @booked_by, @now, @now);

-- name: InsertAppointmentStaff :exec
INSERT INTO appointment_staff (appointment_id, user_id, part, blocked_from, blocked_to, travel_before, travel_after, session, live)
VALUES (@appointment_id, @user_id, @part, @blocked_from, @blocked_to, @travel_before, @travel_after, @session, true);

-- name: MoveAppointment :exec
UPDATE appointments SET starts_at = @starts_at, ends_at = @ends_at, session = @session, seat = @seat, capacity = @capacity, free_until = @free_until,
  revision = revision + 1, detached = @detached, series_id = @series_id, series_day = @series_day, updated_at = @now
WHERE id = @id;

-- name: MoveAppointmentStaff :exec
UPDATE appointment_staff SET blocked_from = @blocked_from, blocked_to = @blocked_to, session = @session WHERE appointment_id = @appointment_id AND user_id = @user_id;

-- name: DeleteAppointmentStaff :exec
DELETE FROM appointment_staff WHERE appointment_id = @appointment_id;

-- name: SetAppointmentStatus :execrows
UPDATE appointments SET status = @to_status, revision = revision + @raise::integer, updated_at = @now,
  hold_expires_at = CASE WHEN sqlc.arg(to_status)::text = 'HELD' THEN hold_expires_at END,
  ended_at = CASE WHEN sqlc.arg(to_status)::text IN ('FULFILLED', 'CANCELLED', 'NO_SHOW', 'LAPSED') THEN sqlc.arg(now)::timestamptz END,
  cancel_reason = @cancel_reason, cancel_note_enc = @cancel_note_enc, cancelled_late = @cancelled_late
WHERE id = @id AND status = @from_status AND revision = @revision;

-- name: AppendAppointmentEvent :exec
INSERT INTO appointment_events (id, appointment_id, seq, type, from_status, to_status, revision, actor_id, actor_role, at, data)
SELECT @id, @appointment_id, coalesce(max(e.seq), 0) + 1, @type, @from_status, @to_status, @revision, sqlc.narg(actor_id), @actor_role, @at, @data
FROM appointment_events e WHERE e.appointment_id = @appointment_id;

-- name: AppointmentByID :one
SELECT * FROM appointments WHERE id = @id;

-- name: LockAppointment :one
SELECT * FROM appointments WHERE id = @id FOR UPDATE;

-- name: StaffOf :many
SELECT s.*, u.display_name FROM appointment_staff s JOIN users u ON u.id = s.user_id WHERE s.appointment_id = ANY(@appointments::uuid[]) ORDER BY s.appointment_id, s.part;

-- name: AppointmentEventsOf :many
SELECT e.*, coalesce(u.display_name, '')::text AS actor_name FROM appointment_events e LEFT JOIN users u ON u.id = e.actor_id
WHERE e.appointment_id = @appointment_id ORDER BY e.seq;

-- name: LiveHoldsOf :one
SELECT count(*) FROM appointments WHERE booked_by = @user_id AND status = 'HELD' AND hold_expires_at > sqlc.arg(now)::timestamptz;

-- name: SessionSeats :many
-- The seats of the group that meets with a doctor at that time.
SELECT a.session, a.seat, a.capacity FROM appointments a JOIN appointment_staff s ON s.appointment_id = a.id
WHERE s.user_id = @user_id AND s.live AND a.kind_id = @kind_id AND a.starts_at = @starts_at AND a.ends_at = @ends_at ORDER BY a.seat;

-- name: ResidentOrganisation :one
SELECT organisation_id, left_on FROM residents WHERE id = @id;

-- name: KindByID :one
SELECT * FROM appointment_kinds WHERE id = @id;

-- name: InsertKind :exec
INSERT INTO appointment_kinds (id, organisation_id, name, place, service_type, minutes, step_minutes, before_minutes, after_minutes, travel_minutes,
  notice_minutes, horizon_days, free_cancel_minutes, capacity, duty, booked_by, created_at)
VALUES (@id, @organisation_id, @name, @place, @service_type, @minutes, @step_minutes, @before_minutes, @after_minutes, @travel_minutes,
  @notice_minutes, @horizon_days, @free_cancel_minutes, @capacity, @duty, @booked_by, @now);

-- name: UpdateKind :execrows
UPDATE appointment_kinds SET name = @name, place = @place, service_type = @service_type, minutes = @minutes, step_minutes = @step_minutes,
  before_minutes = @before_minutes, after_minutes = @after_minutes, travel_minutes = @travel_minutes, notice_minutes = @notice_minutes,
  horizon_days = @horizon_days, free_cancel_minutes = @free_cancel_minutes, capacity = @capacity, duty = @duty, booked_by = @booked_by,
  retired_at = CASE WHEN @retired::boolean THEN coalesce(retired_at, @now) END, revision = revision + 1
WHERE id = @id AND revision = @revision;

-- name: KindsVisible :many
-- The kinds of the organisations, and of those with which they have an agreement in force.
SELECT sqlc.embed(k), o.name AS organisation_name FROM appointment_kinds k JOIN organisations o ON o.id = k.organisation_id
WHERE (@retired::boolean OR k.retired_at IS NULL) AND (sqlc.narg(id)::uuid IS NULL OR k.id = sqlc.narg(id)::uuid)
  AND (k.organisation_id = ANY(@organisations::uuid[]) OR EXISTS (SELECT 1 FROM agreements g
    WHERE g.inviting_org_id = ANY(@organisations::uuid[]) AND g.invited_org_id = k.organisation_id AND g.terminated_at IS NULL
      AND sqlc.arg(today)::date BETWEEN g.valid_from AND g.valid_to))
ORDER BY o.name, k.name, k.id;

-- name: Bound :one
-- Whether an organisation may be booked for the residents of another: its own, or by an agreement in force.
SELECT (@resident_org::uuid = @organisation::uuid OR EXISTS (SELECT 1 FROM agreements g WHERE g.inviting_org_id = @resident_org AND g.invited_org_id = @organisation
  AND g.terminated_at IS NULL AND sqlc.arg(today)::date BETWEEN g.valid_from AND g.valid_to))::boolean;

-- name: KnowsResident :one
-- Whether somebody has to do with a resident of another organisation: their own consultation or appointment; for who plans, one of their organisations'.
SELECT (EXISTS (SELECT 1 FROM consultations c WHERE c.resident_id = @resident_id AND (c.doctor_id = @user_id OR c.invited_org_id = ANY(@planned::uuid[])))
  OR EXISTS (SELECT 1 FROM appointments a WHERE a.resident_id = @resident_id AND (a.organisation_id = ANY(@planned::uuid[])
    OR EXISTS (SELECT 1 FROM appointment_staff s WHERE s.appointment_id = a.id AND s.user_id = @user_id))))::boolean;

-- name: Practitioners :many
-- Who can be booked at an organisation.
SELECT DISTINCT u.id, u.display_name FROM users u JOIN memberships m ON m.user_id = u.id
WHERE m.organisation_id = @organisation_id AND m.role = ANY(@roles::text[]) AND m.valid_from <= sqlc.arg(now)::timestamptz
  AND (m.valid_to IS NULL OR m.valid_to > sqlc.arg(now)::timestamptz) AND u.disabled_at IS NULL
  AND (sqlc.narg(user_id)::uuid IS NULL OR u.id = sqlc.narg(user_id)::uuid)
ORDER BY u.display_name, u.id;

-- name: RulesOf :many
SELECT * FROM availability_rules WHERE user_id = ANY(@users::uuid[]) AND (sqlc.narg(organisation_id)::uuid IS NULL OR organisation_id = sqlc.narg(organisation_id)::uuid)
  AND (ends_on IS NULL OR ends_on >= sqlc.arg(first)::date) AND starts_on <= sqlc.arg(last)::date ORDER BY user_id, starts_on, from_minute, id;

-- name: ExceptionsOf :many
-- Hours added are those of one organisation; leave is the person's everywhere.
SELECT * FROM availability_exceptions WHERE user_id = ANY(@users::uuid[]) AND ends_at > sqlc.arg(since)::timestamptz AND starts_at < sqlc.arg(before)::timestamptz
  AND (effect = 'CLOSED' OR sqlc.narg(organisation_id)::uuid IS NULL OR organisation_id = sqlc.narg(organisation_id)::uuid) ORDER BY user_id, starts_at, id;

-- name: DutiesOf :many
SELECT user_id, starts_at, ends_at FROM duty_shifts WHERE user_id = ANY(@users::uuid[]) AND ends_at > sqlc.arg(since)::timestamptz AND starts_at < sqlc.arg(before)::timestamptz
ORDER BY user_id, starts_at;

-- name: BusyOf :many
-- What is taken of some people: appointments, a session once, and planned consultations. Holds that are over take nothing.
SELECT s.user_id, min(s.blocked_from)::timestamptz AS busy_from, max(s.blocked_to)::timestamptz AS busy_to, s.session, a.kind_id, a.starts_at,
  count(*)::integer AS taken, max(a.capacity)::integer AS capacity
FROM appointment_staff s JOIN appointments a ON a.id = s.appointment_id
WHERE s.user_id = ANY(@users::uuid[]) AND s.live AND s.blocked_to > sqlc.arg(since)::timestamptz AND s.blocked_from < sqlc.arg(before)::timestamptz
  AND (a.status <> 'HELD' OR a.hold_expires_at > sqlc.arg(now)::timestamptz) AND a.id <> ALL(@except_ids::uuid[])
GROUP BY s.user_id, s.session, a.kind_id, a.starts_at
UNION ALL
SELECT c.doctor_id, c.slot_from, c.slot_to, c.id, c.id, c.slot_from, 1, 1 FROM consultations c
WHERE c.doctor_id = ANY(@users::uuid[]) AND c.state = 'SCHEDULED' AND c.slot_to > sqlc.arg(since)::timestamptz AND c.slot_from < sqlc.arg(before)::timestamptz;

-- name: ResidentElsewhere :many
SELECT a.starts_at, a.ends_at FROM appointments a WHERE a.resident_id = @resident_id AND a.ends_at > sqlc.arg(since)::timestamptz AND a.starts_at < sqlc.arg(before)::timestamptz
  AND (a.status IN ('BOOKED', 'ARRIVED') OR a.status = 'HELD' AND a.hold_expires_at > sqlc.arg(now)::timestamptz) AND a.id <> ALL(@except_ids::uuid[])
UNION ALL
SELECT c.slot_from::timestamptz, c.slot_to::timestamptz FROM consultations c WHERE c.resident_id = @resident_id AND c.state = 'SCHEDULED'
  AND c.slot_to > sqlc.arg(since)::timestamptz AND c.slot_from < sqlc.arg(before)::timestamptz;

-- name: AppointmentsSeen :many
-- Appointments of a period that somebody sees: as staff, of their residents, or offered by an organisation that they plan for.
SELECT sqlc.embed(a), k.name AS kind_name, o.name AS organisation_name, h.name AS resident_org_name, r.name_enc, r.ward, r.bed, u.display_name AS booked_by_name
FROM appointments a JOIN appointment_kinds k ON k.id = a.kind_id JOIN organisations o ON o.id = a.organisation_id JOIN organisations h ON h.id = a.resident_org_id
JOIN residents r ON r.id = a.resident_id JOIN users u ON u.id = a.booked_by
WHERE a.ends_at > sqlc.arg(since)::timestamptz AND a.starts_at < sqlc.arg(before)::timestamptz
  AND (@ended::boolean OR a.status IN ('BOOKED', 'ARRIVED', 'FULFILLED') OR a.status = 'HELD' AND a.hold_expires_at > sqlc.arg(now)::timestamptz)
  AND (sqlc.narg(resident_id)::uuid IS NULL OR a.resident_id = sqlc.narg(resident_id)::uuid)
  AND (sqlc.narg(practitioner_id)::uuid IS NULL OR EXISTS (SELECT 1 FROM appointment_staff s WHERE s.appointment_id = a.id AND s.user_id = sqlc.narg(practitioner_id)::uuid))
  AND (a.resident_org_id = ANY(@homes::uuid[]) OR a.organisation_id = ANY(@planned::uuid[])
    OR EXISTS (SELECT 1 FROM appointment_staff s WHERE s.appointment_id = a.id AND s.user_id = @user_id))
ORDER BY a.starts_at, a.id LIMIT 2000;

-- name: AppointmentsByID :many
SELECT sqlc.embed(a), k.name AS kind_name, o.name AS organisation_name, h.name AS resident_org_name, r.name_enc, r.ward, r.bed, u.display_name AS booked_by_name
FROM appointments a JOIN appointment_kinds k ON k.id = a.kind_id JOIN organisations o ON o.id = a.organisation_id JOIN organisations h ON h.id = a.resident_org_id
JOIN residents r ON r.id = a.resident_id JOIN users u ON u.id = a.booked_by
WHERE a.id = ANY(@ids::uuid[]) ORDER BY a.starts_at, a.id;

-- name: InsertRule :exec
INSERT INTO availability_rules (id, user_id, organisation_id, zone, recurrence, starts_on, ends_on, from_minute, to_minute, days, places, created_by, created_at)
VALUES (@id, @user_id, @organisation_id, @zone, @recurrence, @starts_on, @ends_on, @from_minute, @to_minute, @days, @places, @created_by, @now);

-- name: LockRule :one
SELECT * FROM availability_rules WHERE id = @id FOR UPDATE;

-- name: EndRule :exec
UPDATE availability_rules SET ends_on = @ends_on WHERE id = @id;

-- name: DeleteRule :exec
DELETE FROM availability_rules WHERE id = @id;

-- name: CountRules :one
SELECT count(*) FROM availability_rules WHERE user_id = @user_id AND (ends_on IS NULL OR ends_on >= sqlc.arg(today)::date);

-- name: InsertException :exec
INSERT INTO availability_exceptions (id, user_id, organisation_id, effect, reason, starts_at, ends_at, places, created_by, created_at)
VALUES (@id, @user_id, @organisation_id, @effect, @reason, @starts_at, @ends_at, @places, @created_by, @now);

-- name: LockException :one
SELECT * FROM availability_exceptions WHERE id = @id FOR UPDATE;

-- name: DeleteException :exec
DELETE FROM availability_exceptions WHERE id = @id;

-- name: UpcomingOf :many
-- Live appointments of one person from an instant on.
SELECT a.id, a.starts_at, a.ends_at, a.place, a.kind_id, a.organisation_id FROM appointments a JOIN appointment_staff s ON s.appointment_id = a.id
WHERE s.user_id = @user_id AND s.live AND a.starts_at >= sqlc.arg(since)::timestamptz AND a.starts_at < sqlc.arg(before)::timestamptz
  AND (a.status <> 'HELD' OR a.hold_expires_at > sqlc.arg(now)::timestamptz) ORDER BY a.starts_at LIMIT 1000;

-- name: ConsultationResident :one
SELECT resident_id FROM consultations WHERE id = @id;

-- name: RuleByID :one
SELECT * FROM availability_rules WHERE id = @id;
