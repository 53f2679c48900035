-- name: LockBooking :exec
-- Serialises bookings of the same people: doctors before residents, each in the order of their keys, so that two bookings never wait for
-- one another in a circle.
SELECT pg_advisory_xact_lock(k.class, k.key) FROM (
  SELECT DISTINCT 1 AS class, hashtext(u::text) AS key FROM unnest(@doctors::uuid[]) u
  UNION SELECT DISTINCT 2, hashtext(r::text) FROM unnest(@residents::uuid[]) r
  ORDER BY 1, 2) k;

-- name: LockHolder :exec
-- Serialises the holds of one person, whoever they are with, so that they can be counted. Taken after LockBooking.
SELECT pg_advisory_xact_lock(3, hashtext(sqlc.arg(user_id)::uuid::text));

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
-- Who had it before and has it again has one row.
INSERT INTO appointment_staff (appointment_id, user_id, part, blocked_from, blocked_to, travel_before, travel_after, session, live)
VALUES (@appointment_id, @user_id, @part, @blocked_from, @blocked_to, @travel_before, @travel_after, @session, true)
ON CONFLICT (appointment_id, user_id) DO UPDATE SET part = excluded.part, blocked_from = excluded.blocked_from, blocked_to = excluded.blocked_to,
  travel_before = excluded.travel_before, travel_after = excluded.travel_after, session = excluded.session, live = true;

-- name: MoveAppointment :exec
UPDATE appointments SET starts_at = @starts_at, ends_at = @ends_at, session = @session, seat = @seat, capacity = @capacity, free_until = @free_until,
  revision = revision + 1, detached = @detached, series_id = @series_id, series_day = @series_day, remind_at = NULL, updated_at = @now
WHERE id = @id;

-- name: ReleaseAppointmentStaff :exec
UPDATE appointment_staff SET part = 'FORMER', live = false WHERE appointment_id = @appointment_id;

-- name: SetAppointmentStatus :execrows
UPDATE appointments SET status = @to_status, revision = revision + @raise::integer, updated_at = @now,
  hold_expires_at = CASE WHEN sqlc.arg(to_status)::text = 'HELD' THEN hold_expires_at END, remind_at = NULL,
  ended_at = CASE WHEN sqlc.arg(to_status)::text IN ('FULFILLED', 'CANCELLED', 'NO_SHOW', 'LAPSED') THEN sqlc.arg(now)::timestamptz END,
  cancel_reason = @cancel_reason, cancel_note_enc = @cancel_note_enc, cancelled_late = @cancelled_late, absence = @absence
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
SELECT s.*, u.display_name FROM appointment_staff s JOIN users u ON u.id = s.user_id WHERE s.appointment_id = ANY(@appointments::uuid[]) AND s.part <> 'FORMER' ORDER BY s.appointment_id, s.part;

-- name: AppointmentEventsOf :many
SELECT e.*, coalesce(u.display_name, '')::text AS actor_name FROM appointment_events e LEFT JOIN users u ON u.id = e.actor_id
WHERE e.appointment_id = @appointment_id ORDER BY e.seq;

-- name: LiveHoldsOf :one
-- What somebody keeps. What the waiting list offers is nobody's choice and does not count.
SELECT count(*) FROM appointments a WHERE a.booked_by = @user_id AND a.status = 'HELD' AND a.hold_expires_at > sqlc.arg(now)::timestamptz
  AND NOT EXISTS (SELECT 1 FROM waiting_list w WHERE w.appointment_id = a.id AND w.status = 'OFFERED');

-- name: SessionSeats :many
-- The seats of the group that meets with a doctor at that time.
SELECT a.session, a.seat, a.capacity FROM appointments a JOIN appointment_staff s ON s.appointment_id = a.id
WHERE s.user_id = @user_id AND s.live AND a.kind_id = @kind_id AND a.starts_at = @starts_at AND a.ends_at = @ends_at ORDER BY a.seat;

-- name: ResidentOrganisation :one
SELECT organisation_id, left_on, name_enc, ward, bed FROM residents WHERE id = @id;

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
-- The kinds of the organisations, of those with which they have an agreement in force, and of those whose family doctors look after their residents.
SELECT sqlc.embed(k), o.name AS organisation_name FROM appointment_kinds k JOIN organisations o ON o.id = k.organisation_id
WHERE (@retired::boolean OR k.retired_at IS NULL) AND (sqlc.narg(id)::uuid IS NULL OR k.id = sqlc.narg(id)::uuid)
  AND (k.organisation_id = ANY(@organisations::uuid[]) OR EXISTS (SELECT 1 FROM agreements g
    WHERE g.inviting_org_id = ANY(@organisations::uuid[]) AND g.invited_org_id = k.organisation_id AND g.terminated_at IS NULL
      AND sqlc.arg(today)::date BETWEEN g.valid_from AND g.valid_to)
    OR EXISTS (SELECT 1 FROM unnest(@organisations::uuid[]) home WHERE fd_serves(k.organisation_id, home, sqlc.arg(today)::date)))
ORDER BY o.name, k.name, k.id;

-- name: Bound :one
-- Whether an organisation may be booked for the residents of another: its own, by an agreement in force, or as their family doctors.
SELECT (fd_serves(@organisation::uuid, @resident_org::uuid, sqlc.arg(today)::date) OR EXISTS (SELECT 1 FROM agreements g WHERE g.inviting_org_id = @resident_org AND g.invited_org_id = @organisation
  AND g.terminated_at IS NULL AND sqlc.arg(today)::date BETWEEN g.valid_from AND g.valid_to))::boolean;

-- name: KnowsResident :one
-- Whether somebody has to do with a resident of another organisation: by a family-doctor contract in force of their team, their own consultation or
-- appointment; a home visit that their organisation has taken on; for who plans, an appointment or consultation of their organisations'.
SELECT (EXISTS (SELECT 1 FROM fd_contracts f JOIN fd_team_members m ON m.team_id = f.team_id AND m.until IS NULL WHERE f.resident_id = @resident_id AND m.user_id = @user_id
    AND f.state = 'SIGNED' AND f.starts_on <= sqlc.arg(today)::date AND f.ended_on > sqlc.arg(today)::date)
  OR EXISTS (SELECT 1 FROM home_visits h WHERE h.resident_id = @resident_id AND h.organisation_id = ANY(@own::uuid[]) AND h.state IN ('ASSESSED', 'BOOKED'))
  OR EXISTS (SELECT 1 FROM consultations c WHERE c.resident_id = @resident_id AND (c.doctor_id = @user_id OR c.invited_org_id = ANY(@planned::uuid[])))
  OR EXISTS (SELECT 1 FROM appointments a WHERE a.resident_id = @resident_id AND (a.organisation_id = ANY(@planned::uuid[])
    OR EXISTS (SELECT 1 FROM appointment_staff s WHERE s.appointment_id = a.id AND s.user_id = @user_id AND s.part <> 'FORMER'))))::boolean;

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
-- What is taken of some people: appointments, a session once, planned consultations and rounds. Holds that are over take nothing.
SELECT s.user_id, min(s.blocked_from)::timestamptz AS busy_from, max(s.blocked_to)::timestamptz AS busy_to, s.session, a.kind_id, a.starts_at,
  count(*)::integer AS taken, max(a.capacity)::integer AS capacity
FROM appointment_staff s JOIN appointments a ON a.id = s.appointment_id
WHERE s.user_id = ANY(@users::uuid[]) AND s.live AND s.blocked_to > sqlc.arg(since)::timestamptz AND s.blocked_from < sqlc.arg(before)::timestamptz
  AND (a.status <> 'HELD' OR a.hold_expires_at > sqlc.arg(now)::timestamptz) AND a.id <> ALL(@except_ids::uuid[])
GROUP BY s.user_id, s.session, a.kind_id, a.starts_at
UNION ALL
SELECT c.doctor_id, c.slot_from, c.slot_to, c.id, c.id, c.slot_from, 1, 1 FROM consultations c
WHERE c.doctor_id = ANY(@users::uuid[]) AND c.state = 'SCHEDULED' AND c.slot_to > sqlc.arg(since)::timestamptz AND c.slot_from < sqlc.arg(before)::timestamptz
UNION ALL
SELECT r.doctor_id, r.starts_at, r.ends_at, r.id, r.id, r.starts_at, 1, 1 FROM rounds r
WHERE r.doctor_id = ANY(@users::uuid[]) AND r.state IN ('PLANNED', 'RUNNING', 'PAUSED') AND r.ends_at > sqlc.arg(since)::timestamptz AND r.starts_at < sqlc.arg(before)::timestamptz;

-- name: ResidentElsewhere :many
SELECT a.starts_at, a.ends_at FROM appointments a WHERE a.resident_id = @resident_id AND a.ends_at > sqlc.arg(since)::timestamptz AND a.starts_at < sqlc.arg(before)::timestamptz
  AND (a.status IN ('BOOKED', 'ARRIVED') OR a.status = 'HELD' AND a.hold_expires_at > sqlc.arg(now)::timestamptz) AND a.id <> ALL(@except_ids::uuid[])
UNION ALL
SELECT c.slot_from::timestamptz, c.slot_to::timestamptz FROM consultations c WHERE c.resident_id = @resident_id AND c.state = 'SCHEDULED'
  AND c.slot_to > sqlc.arg(since)::timestamptz AND c.slot_from < sqlc.arg(before)::timestamptz AND c.id <> ALL(@except_ids::uuid[]);

-- name: AppointmentsSeen :many
-- Appointments of a period that somebody sees: as staff, of their residents, or offered by an organisation that they plan for.
SELECT sqlc.embed(a), k.name AS kind_name, o.name AS organisation_name, h.name AS resident_org_name, r.name_enc, r.ward, r.bed, u.display_name AS booked_by_name
FROM appointments a JOIN appointment_kinds k ON k.id = a.kind_id JOIN organisations o ON o.id = a.organisation_id JOIN organisations h ON h.id = a.resident_org_id
JOIN residents r ON r.id = a.resident_id JOIN users u ON u.id = a.booked_by
WHERE a.ends_at > sqlc.arg(since)::timestamptz AND a.starts_at < sqlc.arg(before)::timestamptz
  AND (@ended::boolean OR a.status IN ('BOOKED', 'ARRIVED', 'FULFILLED') OR a.status = 'HELD' AND a.hold_expires_at > sqlc.arg(now)::timestamptz)
  AND (sqlc.narg(resident_id)::uuid IS NULL OR a.resident_id = sqlc.narg(resident_id)::uuid)
  AND (sqlc.narg(practitioner_id)::uuid IS NULL OR EXISTS (SELECT 1 FROM appointment_staff s WHERE s.appointment_id = a.id AND s.user_id = sqlc.narg(practitioner_id)::uuid AND s.part <> 'FORMER'))
  AND (a.resident_org_id = ANY(@homes::uuid[]) OR a.organisation_id = ANY(@planned::uuid[]) OR a.booked_by = @user_id AND (a.organisation_id = ANY(@practised::uuid[]) OR a.consultation_id IS NOT NULL AND @consultant::boolean)
    OR EXISTS (SELECT 1 FROM appointment_staff s WHERE s.appointment_id = a.id AND s.user_id = @user_id AND s.part <> 'FORMER'))
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

-- name: ConsultationToBookIn :one
-- A consultation from its acceptance to its signature, with the house where the resident lives.
SELECT c.resident_id, r.organisation_id AS house, c.doctor_id, c.invited_org_id FROM consultations c JOIN residents r ON r.id = c.resident_id
WHERE c.id = @id AND c.state IN ('ACCEPTED', 'WAITING', 'IN_PROGRESS', 'ABORTED_TECH', 'REPORT_PENDING');

-- name: FamilyDoctorsOf :many
-- The doctors of the team with which a resident has a contract in force on a day.
SELECT DISTINCT m.user_id FROM fd_contracts f JOIN fd_team_members m ON m.team_id = f.team_id AND m.until IS NULL
JOIN memberships p ON p.user_id = m.user_id AND p.organisation_id = f.organisation_id AND p.role IN ('FAMILY_DOCTOR', 'ATTENDING') AND p.valid_from <= sqlc.arg(now)::timestamptz
  AND (p.valid_to IS NULL OR p.valid_to > sqlc.arg(now)::timestamptz)
WHERE f.resident_id = @resident_id AND f.state IN ('SIGNED', 'TERMINATED') AND f.starts_on <= sqlc.arg(today)::date AND f.ended_on > sqlc.arg(today)::date ORDER BY m.user_id;

-- name: RuleByID :one
SELECT * FROM availability_rules WHERE id = @id;

-- name: InsertSeries :exec
INSERT INTO appointment_series (id, kind_id, resident_id, zone, recurrence, starts_on, start_minute, split_from, created_by, created_at)
VALUES (@id, @kind_id, @resident_id, @zone, @recurrence, @starts_on, @start_minute, @split_from, @created_by, @now);

-- name: SeriesByID :one
SELECT * FROM appointment_series WHERE id = @id;

-- name: EndSeries :exec
UPDATE appointment_series SET recurrence = @recurrence WHERE id = @id;

-- name: SeriesAppointments :many
SELECT * FROM appointments WHERE series_id = @series_id ORDER BY series_day;

-- name: LockSeriesFrom :many
-- The occurrences of a series from a day on that still follow its rule and have not begun.
SELECT * FROM appointments WHERE series_id = @series_id AND series_day >= sqlc.arg(since)::date AND NOT detached AND status IN ('HELD', 'BOOKED')
  AND starts_at > sqlc.arg(now)::timestamptz ORDER BY series_day FOR UPDATE;

-- name: SeriesStaff :many
SELECT DISTINCT s.user_id FROM appointment_staff s JOIN appointments a ON a.id = s.appointment_id WHERE a.series_id = @series_id AND s.live;

-- name: InsertWaiting :exec
INSERT INTO waiting_list (id, kind_id, user_id, resident_id, resident_org_id, earliest, latest, from_minute, to_minute, urgent, status, created_by, created_at)
VALUES (@id, @kind_id, @user_id, @resident_id, @resident_org_id, @earliest, @latest, @from_minute, @to_minute, @urgent, 'WAITING', @created_by, @now);

-- name: WaitingSeen :many
SELECT sqlc.embed(w), k.name AS kind_name, k.organisation_id, coalesce(u.display_name, '')::text AS user_name, r.name_enc, a.starts_at AS offered_start, a.hold_expires_at
FROM waiting_list w JOIN appointment_kinds k ON k.id = w.kind_id JOIN residents r ON r.id = w.resident_id LEFT JOIN users u ON u.id = w.user_id
LEFT JOIN appointments a ON a.id = w.appointment_id
WHERE (sqlc.narg(id)::uuid IS NULL OR w.id = sqlc.narg(id)::uuid) AND (sqlc.narg(kind_id)::uuid IS NULL OR w.kind_id = sqlc.narg(kind_id)::uuid)
  AND (sqlc.narg(resident_id)::uuid IS NULL OR w.resident_id = sqlc.narg(resident_id)::uuid) AND (@ended::boolean OR w.status IN ('WAITING', 'OFFERED'))
  AND (w.resident_org_id = ANY(@homes::uuid[]) OR k.organisation_id = ANY(@planned::uuid[]) OR w.created_by = @user_id)
ORDER BY w.declined - w.urgent::integer, w.declined, w.created_at LIMIT 500;

-- name: LockWaiting :one
SELECT * FROM waiting_list WHERE id = @id FOR UPDATE;

-- name: SetWaiting :exec
UPDATE waiting_list SET status = @status, appointment_id = @appointment_id, looked_at = @now WHERE id = @id;

-- name: WaitingFor :many
-- Who waits for a kind with somebody, in the order in which they are offered a slot: an urgent one before the others, and behind those who did not let an
-- offer go by once it did.
SELECT * FROM waiting_list WHERE status = 'WAITING' AND kind_id = @kind_id AND (user_id IS NULL OR user_id = @user_id) AND latest > sqlc.arg(now)::timestamptz
ORDER BY declined - urgent::integer, declined, created_at LIMIT 20;

-- name: WaitingUnlooked :many
SELECT * FROM waiting_list WHERE status = 'WAITING' AND (looked_at IS NULL OR looked_at < sqlc.arg(before)::timestamptz) ORDER BY declined - urgent::integer, declined, created_at LIMIT 20;

-- name: LookedForWaiting :exec
UPDATE waiting_list SET looked_at = @now WHERE id = @id;

-- name: ExpireWaiting :many
UPDATE waiting_list SET status = 'EXPIRED' WHERE status = 'WAITING' AND latest <= sqlc.arg(now)::timestamptz RETURNING id;

-- name: WaitingTakenUp :exec
UPDATE waiting_list SET status = 'BOOKED' WHERE appointment_id = @appointment_id AND status = 'OFFERED';

-- name: WaitingAgain :exec
-- An offer that was not taken up: the next offer goes to somebody else first, and after the third nobody is asked any more.
UPDATE waiting_list SET status = CASE WHEN declined >= 2 THEN 'EXPIRED' ELSE 'WAITING' END, appointment_id = NULL, declined = declined + 1, looked_at = sqlc.arg(now)::timestamptz
WHERE appointment_id = @appointment_id AND status = 'OFFERED';

-- name: HoldsOver :many
-- Holds that are over. They take nothing any more; this is to tell people.
UPDATE appointments SET status = 'LAPSED', ended_at = hold_expires_at, updated_at = sqlc.arg(now)::timestamptz WHERE id IN (
  SELECT a.id FROM appointments a WHERE a.status = 'HELD' AND a.hold_expires_at <= sqlc.arg(now)::timestamptz ORDER BY a.hold_expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)
RETURNING id;

-- name: BookedOfLeft :many
-- What is still to come for residents who have left by now.
SELECT a.id FROM residents r JOIN appointments a ON a.resident_id = r.id
WHERE r.left_on <= local_day(sqlc.arg(now)::timestamptz) AND a.status IN ('HELD', 'BOOKED') AND a.starts_at > sqlc.arg(now)::timestamptz AND local_day(a.starts_at) >= r.left_on
ORDER BY a.starts_at LIMIT 200;

-- name: InsertFeed :exec
INSERT INTO calendar_feeds (id, user_id, name, token_hash, detail, locale, created_at) VALUES (@id, @user_id, @name, @token_hash, @detail, @locale, @now);

-- name: FeedsOf :many
SELECT * FROM calendar_feeds WHERE user_id = @user_id AND revoked_at IS NULL ORDER BY created_at;

-- name: RevokeFeed :execrows
UPDATE calendar_feeds SET revoked_at = @now WHERE id = @id AND user_id = @user_id AND revoked_at IS NULL;

-- name: ReadFeed :one
-- Of somebody who may still sign in.
UPDATE calendar_feeds f SET last_read_at = @now FROM users u WHERE f.token_hash = @token_hash AND f.revoked_at IS NULL AND u.id = f.user_id AND u.disabled_at IS NULL
RETURNING f.id, f.user_id, f.name, f.detail, f.locale, f.created_at;

-- name: FeedAppointments :many
-- What a person's calendar shows: booked ones of organisations where they still work, and what was theirs once, which it shows as cancelled.
SELECT a.id, a.status, a.revision, a.place, a.starts_at, a.ends_at, a.created_at, a.updated_at, s.part, s.travel_before, s.blocked_from, k.name AS kind_name, h.name AS resident_org_name, r.ward, r.bed
FROM appointment_staff s JOIN appointments a ON a.id = s.appointment_id JOIN appointment_kinds k ON k.id = a.kind_id JOIN organisations h ON h.id = a.resident_org_id
JOIN residents r ON r.id = a.resident_id
WHERE s.user_id = @user_id AND a.starts_at > sqlc.arg(since)::timestamptz AND a.starts_at < sqlc.arg(before)::timestamptz
  AND EXISTS (SELECT 1 FROM appointment_events e WHERE e.appointment_id = a.id AND e.to_status = 'BOOKED')
  AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = s.user_id AND m.organisation_id = a.organisation_id AND m.valid_from <= sqlc.arg(now)::timestamptz
    AND (m.valid_to IS NULL OR m.valid_to > sqlc.arg(now)::timestamptz))
ORDER BY a.starts_at, a.id LIMIT 3000;

-- name: WaitingByID :one
SELECT * FROM waiting_list WHERE id = @id;

-- name: BookingFigures :many
-- Appointments that are to come, by status, and those that ended in the last day; who waits for a slot.
SELECT 'upcoming'::text AS what, a.status, count(*) AS n FROM appointments a WHERE a.status IN ('HELD', 'BOOKED', 'ARRIVED') AND a.starts_at > now() GROUP BY a.status
UNION ALL SELECT 'ended', a.status, count(*) FROM appointments a WHERE a.ended_at > now() - interval '24 hours' GROUP BY a.status
UNION ALL SELECT 'waiting', w.status, count(*) FROM waiting_list w WHERE w.status IN ('WAITING', 'OFFERED') GROUP BY w.status;
