-- Rounds: one call over a list of residents.

-- name: AddRound :exec
INSERT INTO rounds (id, organisation_id, hospital_id, department_id, doctor_id, starts_at, ends_at, state, created_by, created_at, updated_at)
VALUES (@id, @organisation_id, @hospital_id, @department_id, @doctor_id, @starts_at, @ends_at, 'PLANNED', @created_by, @now, @now);

-- name: AddRoundEntry :exec
INSERT INTO round_entries (id, round_id, position, resident_id, consultation_id, why) VALUES (@id, @round_id, @position, @resident_id, @consultation_id, @why);

-- name: PlaceRoundEntry :exec
UPDATE round_entries SET position = @position WHERE id = @id;

-- name: DropRoundEntry :exec
DELETE FROM round_entries WHERE id = @id;

-- name: RoundByID :one
SELECT * FROM rounds WHERE id = @id;

-- name: LockRound :one
SELECT * FROM rounds WHERE id = @id FOR UPDATE;

-- name: SaveRound :execrows
-- Compare-and-set of everything that changes in a round's life.
UPDATE rounds SET state = @state, hospital_id = @hospital_id, department_id = @department_id, doctor_id = @doctor_id, starts_at = @starts_at, ends_at = @ends_at,
  nurse_id = sqlc.narg(nurse_id), nurse_role = @nurse_role, nurse_at = sqlc.narg(nurse_at), doctor_at = sqlc.narg(doctor_at), current_id = sqlc.narg(current_id),
  pause_reason = @pause_reason, ended_at = sqlc.narg(ended_at), end_code = @end_code, revision = revision + 1, updated_at = @now
WHERE id = @id AND revision = @revision;

-- name: SaveRoundEntry :exec
UPDATE round_entries SET called_at = sqlc.narg(called_at), skipped_at = sqlc.narg(skipped_at), skipped_by = sqlc.narg(skipped_by), skip_reason = @skip_reason, skip_note_enc = @skip_note_enc WHERE id = @id;

-- name: AddRoundEvent :exec
INSERT INTO round_events (id, round_id, seq, type, from_state, to_state, actor_id, actor_role, at, data)
SELECT @id, @round_id, coalesce(max(e.seq), 0) + 1, @type, @from_state, @to_state, @actor_id, @actor_role, @now, @data FROM round_events e WHERE e.round_id = @round_id;

-- name: RoundEntries :many
-- The residents of a round, with where their consultations stand.
SELECT sqlc.embed(e), r.name_enc, r.sex, r.birth_date, r.ward, r.bed, c.state, c.epoch, c.effective_seconds, c.report_due_at, c.reported_at
FROM round_entries e JOIN residents r ON r.id = e.resident_id JOIN consultations c ON c.id = e.consultation_id
WHERE e.round_id = @round_id ORDER BY e.position, e.id;

-- name: RoundNames :one
-- What a round is shown with.
SELECT o.name AS organisation, h.name AS hospital, d.name AS department, u.display_name AS doctor, coalesce(n.display_name, '')::text AS nurse, c.display_name AS created_by_name
FROM rounds r JOIN organisations o ON o.id = r.organisation_id JOIN organisations h ON h.id = r.hospital_id JOIN departments d ON d.id = r.department_id
JOIN users u ON u.id = r.doctor_id LEFT JOIN users n ON n.id = r.nurse_id JOIN users c ON c.id = r.created_by WHERE r.id = @id;

-- name: RoundsSeen :many
-- Rounds of a period: of the institutions of nurses and attending doctors, the doctor's own, and those of the hospitals that a dispatcher plans for.
SELECT r.id, r.organisation_id, r.doctor_id, r.starts_at, r.ends_at, r.state, o.name AS organisation, d.name AS department, u.display_name AS doctor,
  count(e.id)::int AS residents, count(e.id) FILTER (WHERE e.called_at IS NOT NULL)::int AS called, count(e.id) FILTER (WHERE e.skipped_at IS NOT NULL)::int AS skipped
FROM rounds r JOIN organisations o ON o.id = r.organisation_id JOIN departments d ON d.id = r.department_id JOIN users u ON u.id = r.doctor_id
LEFT JOIN round_entries e ON e.round_id = r.id
WHERE r.starts_at < sqlc.arg(before)::timestamptz AND r.ends_at > sqlc.arg(since)::timestamptz
  AND (r.organisation_id = ANY(@homes::uuid[]) OR r.doctor_id = @user_id OR r.hospital_id = ANY(@hospitals::uuid[]))
GROUP BY r.id, o.name, d.name, u.display_name ORDER BY r.starts_at, r.id LIMIT 200;

-- name: RoundOfConsultation :one
SELECT round_id FROM round_entries WHERE consultation_id = @consultation_id;

-- name: RoundPartners :many
-- Institutions that house residents and hospitals with an agreement in force between them, by either side.
SELECT DISTINCT g.inviting_org_id, g.invited_org_id, o.name AS organisation FROM agreements g JOIN organisations o ON o.id = g.inviting_org_id AND o.active
WHERE g.terminated_at IS NULL AND sqlc.arg(day)::date BETWEEN g.valid_from AND g.valid_to
  AND (g.inviting_org_id = ANY(@homes::uuid[]) OR g.invited_org_id = ANY(@hospitals::uuid[]))
  AND EXISTS (SELECT 1 FROM residents r WHERE r.organisation_id = g.inviting_org_id AND r.left_on IS NULL) ORDER BY o.name;

-- name: RoundDoctors :many
-- Hospital doctors by department who can go a round.
SELECT u.id, u.display_name, d.id AS department_id, d.name AS department, d.organisation_id AS hospital_id, h.name AS hospital
FROM memberships m JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL JOIN departments d ON d.id = m.department_id AND d.active JOIN organisations h ON h.id = d.organisation_id
WHERE d.organisation_id = ANY(@hospitals::uuid[]) AND m.role = 'CONSULTANT' AND m.valid_from <= sqlc.arg(now)::timestamptz AND (m.valid_to IS NULL OR m.valid_to > sqlc.arg(now)::timestamptz)
  AND (sqlc.narg(user_id)::uuid IS NULL OR u.id = sqlc.narg(user_id)::uuid)
ORDER BY h.name, d.code, u.display_name, u.id;

-- name: RoundCandidates :many
-- Residents of an institution with what speaks for seeing them on a day: a follow-up that is due, a time that is booked, a family-doctor contract.
SELECT r.id, r.name_enc, r.sex, r.birth_date, r.ward, r.bed,
  EXISTS (SELECT 1 FROM follow_ups f WHERE f.resident_id = r.id AND f.state = 'OPEN' AND f.due_on <= sqlc.arg(day)::date + 3)::boolean AS follow_up,
  EXISTS (SELECT 1 FROM appointments a WHERE a.resident_id = r.id AND a.status IN ('BOOKED', 'ARRIVED') AND a.place IN ('ONLINE', 'INSTITUTION') AND local_day(a.starts_at) = sqlc.arg(day)::date)::boolean AS booked,
  EXISTS (SELECT 1 FROM fd_contracts c WHERE c.resident_id = r.id AND c.state = 'SIGNED' AND c.starts_on <= sqlc.arg(day)::date AND c.ended_on > sqlc.arg(day)::date)::boolean AS panel,
  EXISTS (SELECT 1 FROM consents s LEFT JOIN consultations x ON x.id = s.consultation_id WHERE s.resident_id = r.id AND s.withdrawn_at IS NULL AND s.valid_until > sqlc.arg(now)::timestamptz
    AND s.signer_kind <> 'INSTITUTION_EMERGENCY' AND (x.id IS NULL OR x.inviting_org_id = r.organisation_id))::boolean AS consented,
  EXISTS (SELECT 1 FROM consultations c WHERE c.resident_id = r.id AND c.state IN ('SUBMITTED', 'TRIAGED', 'OFFERED', 'ACCEPTED', 'WAITING', 'IN_PROGRESS', 'ABORTED_TECH'))::boolean AS busy
FROM residents r WHERE r.organisation_id = @organisation_id AND r.left_on IS NULL ORDER BY r.ward, r.bed, r.id LIMIT 1000;

-- name: RoundTaken :one
-- Whether the doctor's time is taken by a planned consultation, another round, or an appointment.
SELECT (EXISTS (SELECT 1 FROM consultations c WHERE c.doctor_id = @doctor_id AND c.state = 'SCHEDULED' AND c.slot_from < sqlc.arg(slot_to)::timestamptz AND c.slot_to > sqlc.arg(slot_from)::timestamptz)
  OR EXISTS (SELECT 1 FROM rounds r WHERE r.doctor_id = @doctor_id AND r.id <> @except_id AND r.state IN ('PLANNED', 'RUNNING', 'PAUSED') AND r.starts_at < sqlc.arg(slot_to)::timestamptz AND r.ends_at > sqlc.arg(slot_from)::timestamptz)
  OR EXISTS (SELECT 1 FROM appointment_staff s JOIN appointments a ON a.id = s.appointment_id WHERE s.user_id = @doctor_id AND s.live
    AND (a.status <> 'HELD' OR a.hold_expires_at > sqlc.arg(now)::timestamptz) AND s.blocked_from < sqlc.arg(slot_to)::timestamptz AND s.blocked_to > sqlc.arg(slot_from)::timestamptz))::boolean AS taken;

-- name: CurrentOfCall :one
-- The consultation that a call is about now.
SELECT consultation_id FROM call_consultations WHERE call_id = @call_id AND until IS NULL;

-- name: UnlinkConsultation :exec
-- The call goes on without it.
UPDATE call_consultations SET until = @now WHERE consultation_id = @consultation_id AND until IS NULL;

-- name: RoundFigures :many
-- Rounds of today and those that are under way, by state.
SELECT state, count(*) AS n FROM rounds WHERE local_day(starts_at) = local_day(now()) OR state IN ('RUNNING', 'PAUSED') GROUP BY state;

-- name: LinkVisitConsultation :exec
INSERT INTO visit_consultations (consultation_id, visit_id) VALUES (@consultation_id, @visit_id);

-- name: VisitOfCall :one
SELECT visit_id FROM visit_consultations WHERE consultation_id = @consultation_id;

-- name: CallsOfVisit :many
-- Consultations that were asked for from a visit, the newest first.
SELECT c.id, c.serial, c.state, c.effective_seconds FROM visit_consultations v JOIN consultations c ON c.id = v.consultation_id WHERE v.visit_id = @visit_id ORDER BY c.created_at DESC, c.id DESC;
