-- Visits at home, home beds, alarms and routes.

-- name: NextHomeSerial :one
INSERT INTO home_serials (kind, day, last) VALUES (@kind, @day, 1)
ON CONFLICT (kind, day) DO UPDATE SET last = home_serials.last + 1
RETURNING last;

-- name: AddHomeEvent :exec
INSERT INTO home_events (id, object_id, seq, type, from_state, to_state, actor_id, actor_role, device_at, at, data)
SELECT @id, @object_id, coalesce(max(e.seq), 0) + 1, @type, @from_state, @to_state, sqlc.narg(actor_id)::uuid, @actor_role, sqlc.narg(device_at)::timestamptz, @now, @data
FROM home_events e WHERE e.object_id = @object_id;

-- name: HomeEvents :many
SELECT e.*, coalesce(u.display_name, '') AS actor_name FROM home_events e LEFT JOIN users u ON u.id = e.actor_id
WHERE e.object_id = @object_id ORDER BY e.seq;

-- name: LockVisit :one
SELECT * FROM home_visits WHERE id = @id FOR UPDATE;

-- name: VisitByID :one
SELECT * FROM home_visits WHERE id = @id;

-- name: VisitByConsultation :one
SELECT * FROM home_visits WHERE consultation_id = @consultation_id::uuid;

-- name: AddVisit :exec
INSERT INTO home_visits (id, number, kind, state, resident_id, resident_org_id, organisation_id, source, source_consultation_id, home_bed_id, plans, reason_enc,
  wanted_from, wanted_to, minutes, priority, family_link_id, created_by, created_at, updated_at)
VALUES (@id, @number, @kind, 'REQUESTED', @resident_id, @resident_org_id, @organisation_id, @source, sqlc.narg(source_consultation_id), sqlc.narg(home_bed_id), @plans, @reason_enc,
  @wanted_from, @wanted_to, @minutes, @priority, sqlc.narg(family_link_id), @created_by, @now, @now);

-- name: SaveVisit :execrows
-- Compare-and-set of everything that changes in a visit's life.
UPDATE home_visits SET state = @state, eligibility = @eligibility, exception_enc = @exception_enc, assessment_enc = @assessment_enc, two = @two, two_why = @two_why, plans = @plans,
  minutes = @minutes, priority = @priority, assessed_by = sqlc.narg(assessed_by), assessed_at = sqlc.narg(assessed_at), appointment_id = sqlc.narg(appointment_id),
  booked_at = sqlc.narg(booked_at),
  lead_id = sqlc.narg(lead_id), second_id = sqlc.narg(second_id), starts_at = sqlc.narg(starts_at), ends_at = sqlc.narg(ends_at), departed_at = sqlc.narg(departed_at),
  arrived_at = sqlc.narg(arrived_at), arrived_heard_at = sqlc.narg(arrived_heard_at), arrival_enc = @arrival_enc, arrival_metres = sqlc.narg(arrival_metres),
  left_at = sqlc.narg(left_at), left_heard_at = sqlc.narg(left_heard_at), departure_enc = @departure_enc, departure_metres = sqlc.narg(departure_metres),
  road_metres = sqlc.narg(road_metres), insurance_no = @insurance_no, end_code = @end_code, end_note_enc = @end_note_enc, record_enc = @record_enc,
  record_revision = @record_revision, signer_kind = @signer_kind, signer_name_enc = @signer_name_enc, signature_id = sqlc.narg(signature_id), next_on = sqlc.narg(next_on),
  consultation_id = sqlc.narg(consultation_id), expected_back_at = sqlc.narg(expected_back_at), back_at = sqlc.narg(back_at), revision = revision + 1, updated_at = @now
WHERE id = @id AND revision = @revision;

-- name: Visits :many
-- Visits that somebody may see: of organisations that visit, of those where residents live, and one's own; the most urgent to act on first.
SELECT sqlc.embed(v), r.name_enc, r.sex, r.birth_date, r.ward, r.bed, ro.name AS resident_org_name, o.name AS organisation_name,
  coalesce(l.display_name, '') AS lead_name, coalesce(s.display_name, '') AS second_name, h.address_enc, h.note_enc, h.place_enc, coalesce(h.alone, false) AS alone, ro.address AS org_address,
  EXISTS (SELECT 1 FROM visit_alarms x WHERE x.visit_id = v.id AND x.closed_at IS NULL) AS alarm, fw.at AS family_confirmed_at
FROM home_visits v
JOIN residents r ON r.id = v.resident_id
JOIN organisations ro ON ro.id = v.resident_org_id
JOIN organisations o ON o.id = v.organisation_id
LEFT JOIN users l ON l.id = v.lead_id
LEFT JOIN users s ON s.id = v.second_id
LEFT JOIN resident_homes h ON h.resident_id = v.resident_id
LEFT JOIN appointments ap ON ap.id = v.appointment_id
LEFT JOIN appointment_answers fw ON fw.appointment_id = ap.id AND fw.revision = ap.revision AND fw.side = 'FAMILY' AND fw.answer = 'CONFIRMED'
WHERE (v.organisation_id = ANY(@visiting::uuid[]) OR v.resident_org_id = ANY(@homes::uuid[])
  OR v.organisation_id = ANY(@works::uuid[]) AND @me::uuid IN (v.lead_id, v.second_id))
  AND (sqlc.narg(id)::uuid IS NULL OR v.id = sqlc.narg(id)::uuid)
  AND (cardinality(@states::text[]) = 0 OR v.state = ANY(@states::text[]))
  AND (sqlc.narg(resident_id)::uuid IS NULL OR v.resident_id = sqlc.narg(resident_id)::uuid)
  AND (sqlc.narg(home_bed_id)::uuid IS NULL OR v.home_bed_id = sqlc.narg(home_bed_id)::uuid)
  AND (sqlc.narg(goes)::uuid IS NULL OR v.lead_id = sqlc.narg(goes)::uuid OR v.second_id = sqlc.narg(goes)::uuid)
  AND (sqlc.narg(since)::timestamptz IS NULL OR v.starts_at >= sqlc.narg(since)::timestamptz)
  AND (sqlc.narg(before)::timestamptz IS NULL OR v.starts_at < sqlc.narg(before)::timestamptz)
ORDER BY v.starts_at NULLS FIRST, v.priority DESC, v.wanted_to, v.id
LIMIT @most OFFSET @skip;

-- name: OpenVisitOf :one
SELECT id FROM home_visits WHERE resident_id = @resident_id AND kind = @kind AND state IN ('REQUESTED', 'ASSESSED', 'BOOKED', 'EN_ROUTE', 'ARRIVED', 'LEFT');

-- name: VisitsToUnbook :many
-- Visits whose appointment was called off before its time. One whose time had come stays due: it is ended with a reason (I-21). So does one under
-- way: somebody is on the road.
SELECT v.id FROM home_visits v JOIN appointments a ON a.id = v.appointment_id
WHERE v.state IN ('REQUESTED', 'BOOKED') AND a.status IN ('CANCELLED', 'LAPSED', 'NO_SHOW') AND a.ended_at < v.starts_at LIMIT 100;

-- name: VisitsToMove :many
-- Visits whose appointment was put off or given to others.
SELECT v.id FROM home_visits v JOIN appointments a ON a.id = v.appointment_id JOIN appointment_staff l ON l.appointment_id = a.id AND l.part = 'LEAD'
WHERE v.state IN ('REQUESTED', 'BOOKED') AND a.status IN ('BOOKED', 'ARRIVED')
  AND (a.starts_at, a.ends_at, l.user_id, (SELECT x.user_id FROM appointment_staff x WHERE x.appointment_id = a.id AND x.part = 'SECOND' LIMIT 1))
    IS DISTINCT FROM (v.starts_at, v.ends_at, v.lead_id, v.second_id) LIMIT 100;

-- name: VisitAppointment :one
SELECT a.*, s.user_id AS lead_id, coalesce((SELECT x.user_id FROM appointment_staff x WHERE x.appointment_id = a.id AND x.part = 'SECOND' LIMIT 1), '00000000-0000-0000-0000-000000000000'::uuid)::uuid AS second_id
FROM appointments a JOIN appointment_staff s ON s.appointment_id = a.id AND s.part = 'LEAD' WHERE a.id = @id;

-- name: VisitsBefore :one
-- How many visits of the resident were done before.
SELECT count(*) FROM home_visits WHERE resident_id = @resident_id AND state = 'DONE' AND id <> @id;

-- name: VisitStaff :many
-- People of an organisation who may go.
SELECT DISTINCT u.id, u.display_name FROM users u JOIN memberships m ON m.user_id = u.id
WHERE m.organisation_id = @organisation_id AND m.role = ANY(@roles::text[]) AND m.valid_from <= sqlc.arg(now)::timestamptz
  AND (m.valid_to IS NULL OR m.valid_to > sqlc.arg(now)::timestamptz) AND u.disabled_at IS NULL ORDER BY u.display_name, u.id;

-- name: ResidentForVisit :one
SELECT r.*, o.name AS organisation_name, o.kind AS organisation_kind, o.address AS organisation_address FROM residents r JOIN organisations o ON o.id = r.organisation_id WHERE r.id = @id;

-- name: VisitingOrganisations :many
-- Institutions whose staff may visit residents of a house on a day: its own, those that practise in it, and those with an agreement for it.
SELECT o.id, o.name FROM organisations o WHERE fd_serves(o.id, @home_id::uuid, @day::date) AND (o.kind = 'MEDICAL' OR o.id = @home_id::uuid) ORDER BY o.name;

-- name: Serves :one
SELECT fd_serves(@medical_id::uuid, @home_id::uuid, @day::date)::boolean;

-- name: HomeOf :one
SELECT * FROM resident_homes WHERE resident_id = @resident_id;

-- name: SaveHome :execrows
INSERT INTO resident_homes (resident_id, division_code, address_enc, place_enc, note_enc, alone, updated_by, updated_at)
VALUES (@resident_id, @division_code, @address_enc, @place_enc, @note_enc, @alone, @updated_by, @now)
ON CONFLICT (resident_id) DO UPDATE SET division_code = @division_code, address_enc = @address_enc, place_enc = @place_enc, note_enc = @note_enc, alone = @alone,
  revision = resident_homes.revision + 1, updated_by = @updated_by, updated_at = @now
WHERE resident_homes.revision = @revision::integer;

-- name: OrganisationPlace :one
SELECT lon, lat FROM organisation_places WHERE organisation_id = @organisation_id;

-- name: SaveOrganisationPlace :exec
INSERT INTO organisation_places (organisation_id, lon, lat, updated_by, updated_at) VALUES (@organisation_id, @lon, @lat, @updated_by, @now)
ON CONFLICT (organisation_id) DO UPDATE SET lon = @lon, lat = @lat, updated_by = @updated_by, updated_at = @now;

-- name: VisitPhotos :many
SELECT * FROM attachments WHERE visit_id = @visit_id::uuid ORDER BY created_at, id;

-- name: AddVisitAttachment :exec
INSERT INTO attachments (id, organisation_id, resident_id, visit_id, kind, content_type, size, width, height, sha256, blob_key, created_by, created_at)
VALUES (@id, @organisation_id, @resident_id, @visit_id::uuid, @kind, @content_type, @size, @width, @height, @sha256, @blob_key, @created_by, @now);

-- name: AddAlarm :execrows
INSERT INTO visit_alarms (id, visit_id, kind, raised_by, raised_at, place_enc, metres)
VALUES (@id, @visit_id, @kind, sqlc.narg(raised_by)::uuid, @now, @place_enc, sqlc.narg(metres)::integer) ON CONFLICT DO NOTHING;

-- name: OpenAlarms :many
SELECT a.*, v.organisation_id, v.number, v.lead_id, v.second_id, v.expected_back_at, v.resident_id, coalesce(l.display_name, '') AS lead_name, coalesce(t.display_name, '') AS taken_name
FROM visit_alarms a JOIN home_visits v ON v.id = a.visit_id LEFT JOIN users l ON l.id = v.lead_id LEFT JOIN users t ON t.id = a.taken_by
WHERE a.closed_at IS NULL AND (v.organisation_id = ANY(@organisations::uuid[]) OR v.organisation_id = ANY(@works::uuid[]) AND @me::uuid IN (v.lead_id, v.second_id))
  AND (sqlc.narg(id)::uuid IS NULL OR a.id = sqlc.narg(id)::uuid)
ORDER BY a.raised_at, a.id;

-- name: TakeAlarm :execrows
UPDATE visit_alarms SET taken_by = @user_id, taken_at = @now WHERE id = @id AND taken_by IS NULL AND closed_at IS NULL;

-- name: CloseAlarm :execrows
UPDATE visit_alarms SET closed_by = @user_id, closed_at = @now, note_enc = @note_enc WHERE id = @id AND closed_at IS NULL;

-- name: CloseAlarmsOf :exec
-- Who is back is not missed any more; a call for help is closed by somebody who looked after it.
UPDATE visit_alarms SET closed_by = sqlc.narg(user_id)::uuid, closed_at = @now WHERE visit_id = @visit_id AND kind = 'OVERDUE' AND closed_at IS NULL;

-- name: OverdueVisits :many
SELECT id FROM home_visits WHERE expected_back_at < sqlc.arg(now)::timestamptz AND back_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM visit_alarms a WHERE a.visit_id = home_visits.id AND a.kind = 'OVERDUE' AND a.closed_at IS NULL)
ORDER BY expected_back_at LIMIT 100;

-- name: WatchedVisitsOf :many
-- Other visits from which somebody has not said to be back.
SELECT id FROM home_visits WHERE expected_back_at IS NOT NULL AND back_at IS NULL AND state IN ('LEFT', 'DONE', 'NOT_DONE') AND id <> @but AND (lead_id = @user_id::uuid OR second_id = @user_id::uuid)
ORDER BY id;

-- name: VisitUnderWay :one
-- Whether somebody is on the road to the visit of an appointment, or there.
SELECT EXISTS (SELECT 1 FROM home_visits WHERE appointment_id = @appointment_id::uuid AND state IN ('EN_ROUTE', 'ARRIVED'))::boolean;

-- name: PeopleInCharge :many
-- Who is told of an alarm: dispatchers and administrators of the institution.
SELECT DISTINCT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.organisation_id = @organisation_id AND m.role = ANY(@roles::text[]) AND m.valid_from <= sqlc.arg(now)::timestamptz AND (m.valid_to IS NULL OR m.valid_to > sqlc.arg(now)::timestamptz)
  AND u.disabled_at IS NULL;

-- name: AddBed :exec
INSERT INTO home_beds (id, number, resident_id, resident_org_id, organisation_id, state, diagnosis_code, reason_enc, applied_by, applied_at, updated_at)
VALUES (@id, @number, @resident_id, @resident_org_id, @organisation_id, 'APPLIED', @diagnosis_code, @reason_enc, @applied_by, @now, @now);

-- name: LockBed :one
SELECT * FROM home_beds WHERE id = @id FOR UPDATE;

-- name: BedByID :one
SELECT * FROM home_beds WHERE id = @id;

-- name: SaveBed :execrows
UPDATE home_beds SET state = @state, doctor_id = sqlc.narg(doctor_id), assessment_enc = @assessment_enc, plan_enc = @plan_enc, round_days = @round_days,
  signer_kind = @signer_kind, signer_name_enc = @signer_name_enc, signature_id = sqlc.narg(signature_id), opened_on = sqlc.narg(opened_on), until_on = sqlc.narg(until_on),
  extensions = @extensions, closed_on = sqlc.narg(closed_on), close_code = @close_code, summary_enc = @summary_enc, revision = revision + 1, updated_at = @now
WHERE id = @id AND revision = @revision;

-- name: Beds :many
-- Home beds that somebody may see, with the last round and what is on its way.
SELECT sqlc.embed(b), r.name_enc, r.sex, r.birth_date, r.ward, r.bed, ro.name AS resident_org_name, o.name AS organisation_name, coalesce(d.display_name, '') AS doctor_name,
  coalesce((SELECT max(local_day(v.left_at)) FROM home_visits v WHERE v.home_bed_id = b.id AND v.left_at IS NOT NULL), 'epoch'::date)::date AS last_round_on,
  (SELECT count(*) FROM home_visits v WHERE v.home_bed_id = b.id AND v.state = 'DONE')::integer AS rounds,
  coalesce((SELECT v.id FROM home_visits v WHERE v.home_bed_id = b.id AND v.state IN ('REQUESTED', 'ASSESSED', 'BOOKED', 'EN_ROUTE', 'ARRIVED', 'LEFT') LIMIT 1),
    '00000000-0000-0000-0000-000000000000'::uuid)::uuid AS open_visit
FROM home_beds b
JOIN residents r ON r.id = b.resident_id
JOIN organisations ro ON ro.id = b.resident_org_id
JOIN organisations o ON o.id = b.organisation_id
LEFT JOIN users d ON d.id = b.doctor_id
WHERE (b.organisation_id = ANY(@visiting::uuid[]) OR b.resident_org_id = ANY(@homes::uuid[]))
  AND (sqlc.narg(id)::uuid IS NULL OR b.id = sqlc.narg(id)::uuid)
  AND (cardinality(@states::text[]) = 0 OR b.state = ANY(@states::text[]))
  AND (sqlc.narg(resident_id)::uuid IS NULL OR b.resident_id = sqlc.narg(resident_id)::uuid)
ORDER BY b.state = 'OPEN' DESC, b.until_on NULLS FIRST, b.applied_at, b.id
LIMIT @most OFFSET @skip;

-- name: LastRound :one
SELECT coalesce(max(local_day(v.left_at)), 'epoch'::date)::date FROM home_visits v WHERE v.home_bed_id = @home_bed_id::uuid AND v.left_at IS NOT NULL
  AND (sqlc.narg(but)::uuid IS NULL OR v.id <> sqlc.narg(but)::uuid);

-- name: RouteOf :one
SELECT * FROM day_routes WHERE user_id = @user_id AND day = @day;

-- name: SaveRoute :exec
INSERT INTO day_routes (user_id, day, organisation_id, route, planned_at) VALUES (@user_id, @day, @organisation_id, @route, @now)
ON CONFLICT (user_id, day) DO UPDATE SET organisation_id = @organisation_id, route = @route, revision = day_routes.revision + 1, planned_at = @now;

-- name: MadeVisit :one
-- Whether somebody is one of the two who made the visit of which a consultation is the record.
SELECT EXISTS (SELECT 1 FROM home_visits v WHERE v.resident_id = @resident_id AND v.consultation_id = @consultation_id AND @user_id::uuid IN (v.lead_id, v.second_id));

-- name: EnterVisit :exec
-- A signed visit as a consultation; its report follows in the same transaction.
INSERT INTO consultations (id, serial, resident_id, inviting_org_id, invited_org_id, consent_id, state, urgency, urgency_proposed, service_type, mode, created_by, submitter_id, doctor_id,
  complaint_enc, created_at, submitted_at, accepted_at, started_at, ended_at, updated_at)
VALUES (@id, @serial, @resident_id, @inviting_org_id, @invited_org_id, sqlc.narg(consent_id), 'REPORT_PENDING', 'SCHEDULED', 'SCHEDULED', @service_type, 'VISIT', @created_by, NULL, @doctor_id,
  @complaint_enc, sqlc.arg(submitted_at), @submitted_at, sqlc.narg(accepted_at), @started_at, @ended_at, @now);

-- name: ExportVisits :many
-- The ledger of visits of a period (E6), without persons.
SELECT v.number, v.kind, v.state, v.resident_id, coalesce(f.number, '')::text AS contract, b.opened_on, b.closed_on, v.starts_at, v.arrived_at, v.left_at, o.name AS resident_org, m.name AS organisation,
  coalesce(l.display_name, '')::text AS lead, coalesce(s.display_name, '')::text AS second,
  (SELECT count(*) FROM vitals x WHERE x.consultation_id = v.consultation_id)::integer AS readings, coalesce(c.outcome_code, v.end_code)::text AS outcome, v.next_on, v.signer_kind, v.insurance_no, v.road_metres
FROM home_visits v
JOIN organisations o ON o.id = v.resident_org_id
JOIN organisations m ON m.id = v.organisation_id
LEFT JOIN home_beds b ON b.id = v.home_bed_id
LEFT JOIN users l ON l.id = v.lead_id
LEFT JOIN users s ON s.id = v.second_id
LEFT JOIN consultations c ON c.id = v.consultation_id
LEFT JOIN fd_contracts f ON f.resident_id = v.resident_id AND f.state IN ('SIGNED', 'TERMINATED') AND f.starts_on <= local_day(v.starts_at) AND f.ended_on > local_day(v.starts_at)
WHERE (v.resident_org_id = ANY (@members::uuid[]) OR v.organisation_id = ANY (@members::uuid[])) AND v.starts_at IS NOT NULL AND local_day(v.starts_at) BETWEEN @since::date AND @until::date
ORDER BY v.starts_at, v.id;
