-- Reminders of appointments, answers, and the links of families.

-- name: AppointmentsToRemind :many
-- Booked ones whose reminders are to be looked at, with since when they have their present time and what was told of it; told_before: of an earlier time.
SELECT a.id, a.organisation_id, a.resident_org_id, a.kind_id, a.resident_id, a.revision, a.starts_at,
  coalesce((SELECT max(e.at) FROM appointment_events e WHERE e.appointment_id = a.id AND e.type IN ('book', 'confirm', 'reschedule')), a.created_at)::timestamptz AS since,
  ARRAY(SELECT r.kind FROM appointment_reminders r WHERE r.appointment_id = a.id AND r.revision = a.revision)::text[] AS known,
  EXISTS (SELECT 1 FROM appointment_reminders r WHERE r.appointment_id = a.id AND r.revision < a.revision AND r.state = 'TOLD' AND r.kind <> 'LETTER')::boolean AS told_before
FROM appointments a WHERE a.status = 'BOOKED' AND (a.remind_at IS NULL OR a.remind_at <= sqlc.arg(now)::timestamptz)
  AND NOT EXISTS (SELECT 1 FROM residents r WHERE r.id = a.resident_id AND r.left_on <= local_day(a.starts_at)) -- who has left is reminded of nothing
ORDER BY a.remind_at NULLS FIRST, a.id LIMIT @batch FOR UPDATE OF a SKIP LOCKED;

-- name: RemindAt :exec
UPDATE appointments SET remind_at = @remind_at::timestamptz WHERE id = @id;

-- name: RemindAnew :exec
-- What an organisation reminds of has changed: everything that is to come is looked at again.
UPDATE appointments SET remind_at = NULL WHERE organisation_id = @organisation_id AND status = 'BOOKED' AND starts_at > sqlc.arg(now)::timestamptz;

-- name: AddAppointmentReminder :execrows
-- Whoever comes first says it.
INSERT INTO appointment_reminders (id, appointment_id, kind, revision, state, why, starts_at, made_by, at)
VALUES (@id, @appointment_id, @kind, @revision, @state, @why, @starts_at, sqlc.narg(made_by), @now) ON CONFLICT (appointment_id, kind, revision) DO NOTHING;

-- name: CancelledToTell :many
-- Cancelled before their time, of which somebody was reminded, and whom nobody has told of it.
SELECT a.id, a.organisation_id, a.resident_org_id, a.resident_id, a.revision, a.starts_at FROM appointments a
WHERE a.status = 'CANCELLED' AND a.ended_at > sqlc.arg(since)::timestamptz AND a.ended_at < a.starts_at
  AND EXISTS (SELECT 1 FROM appointment_reminders r WHERE r.appointment_id = a.id AND r.state = 'TOLD' AND r.kind IN ('D3', 'D1', 'H2', 'MOVED'))
  AND NOT EXISTS (SELECT 1 FROM appointment_reminders r WHERE r.appointment_id = a.id AND r.kind = 'CANCELLED')
ORDER BY a.ended_at LIMIT 100;

-- name: RemindedOf :many
-- To whom messages about an appointment went, or are just on their way; not the family of who has left.
SELECT DISTINCT d.user_id, d.resident_id, nc.organisation_id AS group_of
FROM notifications n JOIN notification_deliveries d ON d.notification_id = n.id
  LEFT JOIN notification_channels nc ON nc.id = d.channel_id AND d.user_id IS NULL AND d.resident_id IS NULL
WHERE n.subject_id = @appointment_id::uuid AND n.event IN ('APPOINTMENT_REMINDER', 'APPOINTMENT_MOVED') AND d.state IN ('DELIVERED', 'SENDING')
  AND NOT EXISTS (SELECT 1 FROM residents r WHERE r.id = d.resident_id AND r.left_on IS NOT NULL);

-- name: NursesToRemind :many
-- The nurses of a house who are on duty; all of them where nobody is.
WITH nurses AS (
  SELECT DISTINCT m.user_id, EXISTS (SELECT 1 FROM duty_shifts d WHERE d.user_id = m.user_id AND d.organisation_id = m.organisation_id AND d.starts_at <= sqlc.arg(now)::timestamptz
    AND d.ends_at > sqlc.arg(now)::timestamptz) AS on_duty
  FROM memberships m JOIN users u ON u.id = m.user_id
  WHERE m.organisation_id = @organisation_id AND m.role = 'NURSE' AND u.disabled_at IS NULL AND m.valid_from <= sqlc.arg(now)::timestamptz
    AND (m.valid_to IS NULL OR m.valid_to > sqlc.arg(now)::timestamptz))
SELECT n.user_id FROM nurses n WHERE n.on_duty OR NOT EXISTS (SELECT 1 FROM nurses x WHERE x.on_duty) ORDER BY n.user_id;

-- name: ReminderSettings :many
SELECT * FROM reminder_settings WHERE organisation_id = ANY (@organisations::uuid[]) ORDER BY organisation_id, kind_id NULLS FIRST;

-- name: LockReminderSettings :exec
SELECT pg_advisory_xact_lock(4, hashtext(sqlc.arg(organisation_id)::uuid::text));

-- name: ClearReminderSettings :exec
DELETE FROM reminder_settings WHERE organisation_id = @organisation_id;

-- name: AddReminderSetting :exec
INSERT INTO reminder_settings (id, organisation_id, kind_id, leads, audiences, quiet_from, quiet_to, revision, updated_by, updated_at)
VALUES (@id, @organisation_id, sqlc.narg(kind_id), @leads, @audiences, sqlc.narg(quiet_from), sqlc.narg(quiet_to), @revision, @updated_by, @now);

-- name: KindsOfOrganisation :many
SELECT id, name, place FROM appointment_kinds WHERE organisation_id = @organisation_id AND retired_at IS NULL ORDER BY name, id;

-- name: AddAnswer :execrows
INSERT INTO appointment_answers (id, appointment_id, revision, side, answer, user_id, at) VALUES (@id, @appointment_id, @revision, @side, @answer, sqlc.narg(user_id), @now)
ON CONFLICT (appointment_id, revision, side, answer) DO NOTHING;

-- name: AnswersOf :many
-- What was answered for the present time of some appointments.
SELECT w.* FROM appointment_answers w JOIN appointments a ON a.id = w.appointment_id
WHERE w.appointment_id = ANY (@appointments::uuid[]) AND (w.revision = a.revision OR w.answer = 'CANCELLED' AND a.status = 'CANCELLED') ORDER BY w.at, w.id;

-- name: AddAppointmentLink :exec
INSERT INTO appointment_links (token_hash, appointment_id, created_at) VALUES (@token_hash, @appointment_id, @now);

-- name: AppointmentOfLink :one
-- Of a link that is not over: until the appointment ends, or the resident has left.
SELECT a.* FROM appointment_links l JOIN appointments a ON a.id = l.appointment_id JOIN residents r ON r.id = a.resident_id
WHERE l.token_hash = @token_hash AND a.ends_at > sqlc.arg(now)::timestamptz AND r.left_on IS NULL;

-- name: FamilyAppointment :one
-- What a family's page shows of an appointment and of the resident.
SELECT o.name AS organisation_name, h.name AS home_name, h.phone AS home_phone, o.phone AS organisation_phone, r.name_enc, r.sex, r.ethnic_code, u.display_name AS lead_name, coalesce(m.role, '')::text AS lead_role
FROM appointments a JOIN organisations o ON o.id = a.organisation_id JOIN organisations h ON h.id = a.resident_org_id JOIN residents r ON r.id = a.resident_id
  JOIN appointment_staff s ON s.appointment_id = a.id AND s.part = 'LEAD' JOIN users u ON u.id = s.user_id
  LEFT JOIN LATERAL (SELECT x.role FROM memberships x WHERE x.user_id = u.id AND x.organisation_id = a.organisation_id AND x.role <> 'INST_ADMIN' ORDER BY x.valid_from DESC LIMIT 1) m ON true
WHERE a.id = @id;

-- name: PruneAppointmentLinks :execrows
DELETE FROM appointment_links l USING appointments a WHERE a.id = l.appointment_id AND a.ends_at < sqlc.arg(before)::timestamptz;

-- name: ReminderFigures :many
-- Of the last day: reminders by what became of them, messages of reminders by state, and answers.
SELECT 'reminders'::text AS what, (CASE WHEN r.state = 'TOLD' THEN 'told' ELSE 'skipped_' || lower(r.why) END)::text AS state, count(*) AS n
FROM appointment_reminders r WHERE r.at > now() - interval '24 hours' GROUP BY 2
UNION ALL SELECT 'messages', lower(d.state), count(*) FROM notification_deliveries d JOIN notifications n ON n.id = d.notification_id
WHERE n.event LIKE 'APPOINTMENT%' AND n.created_at > now() - interval '24 hours' GROUP BY 2
UNION ALL SELECT 'answers', lower(w.side || '_' || w.answer), count(*) FROM appointment_answers w WHERE w.at > now() - interval '24 hours' GROUP BY 2
UNION ALL SELECT 'planned', 'booked', count(*) FROM appointments a WHERE a.status = 'BOOKED' AND a.remind_at > now() AND a.remind_at < now() + interval '24 hours';

-- name: AddFamilyLink :exec
INSERT INTO family_links (id, resident_id, resident_org_id, organisation_id, token_hash, label, created_by, created_at, expires_at)
VALUES (@id, @resident_id, @resident_org_id, @organisation_id, @token_hash, @label, @created_by, @now, @expires_at);

-- name: FamilyLinkVisitors :one
-- Whom a family asks where nobody was named, of those who may visit residents of a house: who has the family-doctor contract, then who has family doctors.
SELECT o.id FROM organisations o WHERE fd_serves(o.id, @home_id::uuid, @day::date) AND (o.kind = 'MEDICAL' OR o.id = @home_id::uuid)
ORDER BY EXISTS (SELECT 1 FROM fd_contracts f JOIN fd_teams t ON t.id = f.team_id WHERE f.resident_id = @resident_id AND t.organisation_id = o.id AND f.state = 'SIGNED' AND f.starts_on <= @day::date
    AND f.ended_on > @day::date) DESC,
  EXISTS (SELECT 1 FROM memberships m WHERE m.organisation_id = o.id AND m.role = 'FAMILY_DOCTOR') DESC, o.name, o.id LIMIT 1;

-- name: FamilyLinksOf :many
SELECT l.id, l.resident_id, l.resident_org_id, l.organisation_id, l.label, l.created_at, l.expires_at, l.revoked_at, l.last_used_at, o.name AS organisation_name, u.display_name AS created_by_name
FROM family_links l JOIN organisations o ON o.id = l.organisation_id JOIN users u ON u.id = l.created_by
WHERE l.resident_id = @resident_id AND (sqlc.narg(id)::uuid IS NULL OR l.id = sqlc.narg(id)) ORDER BY l.created_at DESC, l.id LIMIT 50;

-- name: FamilyLinkByID :one
SELECT * FROM family_links WHERE id = @id FOR UPDATE;

-- name: LiveFamilyLinks :one
SELECT count(*) FROM family_links WHERE resident_id = @resident_id AND revoked_at IS NULL AND expires_at > sqlc.arg(now)::timestamptz;

-- name: RevokeFamilyLink :execrows
UPDATE family_links SET revoked_at = @now, revoked_by = @revoked_by WHERE id = @id AND revoked_at IS NULL;

-- name: FamilyLinkByToken :one
-- Of a link that is in force, of a resident who lives there.
SELECT l.*, h.name AS home_name, h.phone AS home_phone, r.name_enc, r.sex, r.ethnic_code, r.left_on FROM family_links l JOIN organisations h ON h.id = l.resident_org_id JOIN residents r ON r.id = l.resident_id
WHERE l.token_hash = @token_hash AND l.revoked_at IS NULL AND l.expires_at > sqlc.arg(now)::timestamptz AND r.left_on IS NULL AND r.organisation_id = l.resident_org_id;

-- name: UsedFamilyLink :exec
UPDATE family_links SET last_used_at = @now WHERE id = @id;

-- name: VisitOfFamilyLink :one
-- The open visit that was asked for through a link.
SELECT * FROM home_visits WHERE family_link_id = @link::uuid AND state IN ('REQUESTED', 'ASSESSED', 'BOOKED') ORDER BY created_at DESC LIMIT 1;

-- name: FamilyRequestsSince :one
SELECT count(*) FROM home_visits WHERE family_link_id = @link::uuid AND created_at > sqlc.arg(since)::timestamptz;

-- name: DoctorsToAsk :many
-- Who assesses requests for visits in an institution.
SELECT DISTINCT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.organisation_id = @organisation_id AND m.role IN ('FAMILY_DOCTOR', 'ATTENDING') AND u.disabled_at IS NULL AND m.valid_from <= sqlc.arg(now)::timestamptz
  AND (m.valid_to IS NULL OR m.valid_to > sqlc.arg(now)::timestamptz) ORDER BY m.user_id;

-- name: AppointmentsForLetters :many
-- Booked appointments of a period of residents whose side, or whose doctors' side, somebody is on; with what is known of messages to the family and letters.
SELECT a.id, a.revision, a.resident_id, a.resident_org_id, a.organisation_id, a.starts_at, a.place, r.name_enc, r.ward, r.bed, h.name AS home_name, h.phone AS home_phone, u.display_name AS lead_name,
  EXISTS (SELECT 1 FROM notification_channels nc WHERE nc.kind = 'SMS_WEBHOOK' AND nc.enabled AND nc.organisation_id IN (a.resident_org_id, a.organisation_id))::boolean AS gateway,
  EXISTS (SELECT 1 FROM notifications n JOIN notification_deliveries d ON d.notification_id = n.id AND d.resident_id = a.resident_id AND d.state = 'DEAD'
    WHERE n.subject_id = a.id AND n.event LIKE 'APPOINTMENT%' AND n.epoch = a.revision)::boolean AS failed,
  EXISTS (SELECT 1 FROM appointment_answers w WHERE w.appointment_id = a.id AND w.revision = a.revision AND w.answer = 'CONFIRMED' AND w.side = 'INSTITUTION')::boolean AS confirmed,
  p.at AS printed_at
FROM appointments a JOIN residents r ON r.id = a.resident_id JOIN organisations h ON h.id = a.resident_org_id
  JOIN appointment_staff s ON s.appointment_id = a.id AND s.part = 'LEAD' JOIN users u ON u.id = s.user_id
  LEFT JOIN appointment_reminders p ON p.appointment_id = a.id AND p.revision = a.revision AND p.kind = 'LETTER'
WHERE a.status = 'BOOKED' AND a.starts_at >= sqlc.arg(since)::timestamptz AND a.starts_at < sqlc.arg(before)::timestamptz
  AND (a.resident_org_id = ANY (@homes::uuid[]) OR a.organisation_id = ANY (@offering::uuid[]))
  AND (cardinality(@ids::uuid[]) = 0 OR a.id = ANY (@ids::uuid[]))
ORDER BY h.name, r.ward, r.bed, a.starts_at, a.id LIMIT 1000;

-- name: CallBacks :many
SELECT w.id, w.at, a.id AS appointment_id, a.resident_id, a.starts_at, a.place, r.name_enc, r.ward, r.bed, u.display_name AS lead_name
FROM appointment_answers w JOIN appointments a ON a.id = w.appointment_id JOIN residents r ON r.id = a.resident_id
  JOIN appointment_staff s ON s.appointment_id = a.id AND s.part = 'LEAD' JOIN users u ON u.id = s.user_id
WHERE w.answer = 'CALL_BACK' AND (w.done_at IS NULL OR sqlc.narg(id)::uuid IS NOT NULL) AND w.revision = a.revision AND a.ends_at > sqlc.arg(now)::timestamptz AND a.status = 'BOOKED'
  AND (a.resident_org_id = ANY (@homes::uuid[]) OR a.organisation_id = ANY (@offering::uuid[]))
  AND (sqlc.narg(id)::uuid IS NULL OR w.id = sqlc.narg(id))
ORDER BY w.at, w.id LIMIT 200;

-- name: CloseCallBack :execrows
UPDATE appointment_answers SET done_by = @done_by, done_at = @now WHERE id = @id AND answer = 'CALL_BACK' AND done_at IS NULL;

-- name: NamesOfOrganisations :many
SELECT id, name FROM organisations WHERE id = ANY (@organisations::uuid[]) ORDER BY name, id;
