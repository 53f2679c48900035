-- name: DatabaseNow :one
SELECT clock_timestamp()::timestamptz AS now;

-- name: GetConsultation :one
SELECT * FROM consultations WHERE id = @id;

-- name: LockConsultation :one
SELECT * FROM consultations WHERE id = @id FOR UPDATE;

-- name: ConsultationShownTo :one
-- A department of the doctor is in the audience now, or the doctor really took part in one of its calls: a ticket alone is no
-- part; or a colleague asks the doctor to take it over. Once somebody has answered, only the departments of that hospital see it; the others see it again when it is given back.
SELECT (EXISTS (
  SELECT 1 FROM audience a JOIN consultations c ON c.id = a.consultation_id JOIN departments d ON d.id = a.department_id
  WHERE a.consultation_id = @consultation_id AND a.department_id = ANY (@departments::uuid[])
    AND a.since <= @now AND (a.until IS NULL OR a.until > @now) AND (c.state = 'OFFERED' OR d.organisation_id = c.invited_org_id))
  OR EXISTS (
  SELECT 1 FROM participants p JOIN call_consultations cc ON cc.call_id = p.call_id
  WHERE cc.consultation_id = @consultation_id AND p.user_id = @user_id AND p.side = 'MEDICAL' AND p.first_joined_at IS NOT NULL)
  OR EXISTS (
  SELECT 1 FROM hand_overs h JOIN consultations c ON c.id = h.consultation_id
  WHERE h.consultation_id = @consultation_id AND h.to_doctor = @user_id AND h.result = 'PENDING' AND h.epoch = c.epoch))::boolean AS shown;

-- name: CommandResult :one
SELECT * FROM command_results WHERE user_id = @user_id AND command_id = @command_id;

-- name: AnswerCommand :exec
INSERT INTO command_results (user_id, command_id, operation, request_hash, object_id)
VALUES (@user_id, @command_id, @operation, @request_hash, @object_id);

-- name: PruneCommandResults :execrows
DELETE FROM command_results WHERE created_at < @before;

-- name: NextSerial :one
INSERT INTO consultation_serials (day, last) VALUES (@day, 1)
ON CONFLICT (day) DO UPDATE SET last = consultation_serials.last + 1
RETURNING last;

-- name: CreateDraft :exec
INSERT INTO consultations (id, serial, resident_id, inviting_org_id, state, urgency, urgency_proposed, service_type, drill,
  created_by, reasons, red_flags, complaint_enc, visitors, created_at, updated_at)
VALUES (@id, @serial, @resident_id, @inviting_org_id, 'DRAFT', @urgency, @urgency, @service_type, @drill,
  @created_by, @reasons, @red_flags, @complaint_enc, sqlc.narg(visitors)::uuid[], @now, @now);

-- name: OpenRequestOf :one
-- The resident's request on its way, if there is one.
SELECT id FROM consultations WHERE resident_id = @resident_id
  AND state IN ('SUBMITTED', 'TRIAGED', 'OFFERED', 'ACCEPTED', 'WAITING', 'IN_PROGRESS', 'ABORTED_TECH');

-- name: MoveConsultation :execrows
-- The compare-and-set that every change of state goes through, with where the ladder then stands.
UPDATE consultations SET state = @to_state, epoch = @to_epoch, ladder_step = @ladder_step, ladder_due_at = sqlc.narg(ladder_due_at),
  ring_due_at = sqlc.narg(ring_due_at), ring_round = @ring_round, updated_at = @now
WHERE id = @id AND state = @from_state AND epoch = @from_epoch;

-- name: UpdateRequestSection :execrows
UPDATE consultations SET reasons = @reasons, red_flags = @red_flags, complaint_enc = @complaint_enc, urgency = @urgency,
  urgency_proposed = @urgency_proposed, urgency_reason_enc = @urgency_reason_enc, department_id = sqlc.narg(department_id),
  accept_due_at = sqlc.narg(accept_due_at), request_revision = request_revision + 1, updated_at = @now
WHERE id = @id AND request_revision = @revision;

-- name: SetUrgency :exec
UPDATE consultations SET urgency = @urgency, urgency_proposed = @urgency_proposed,
  urgency_reason_enc = @urgency_reason_enc, accept_due_at = sqlc.narg(accept_due_at), updated_at = @now
WHERE id = @id;

-- name: SetSubmitted :exec
UPDATE consultations SET urgency = @urgency, urgency_proposed = @urgency_proposed, urgency_reason_enc = @urgency_reason_enc,
  service_type = @service_type, submitter_id = sqlc.narg(submitter_id), invited_org_id = @invited_org_id,
  department_id = @department_id, agreement_id = sqlc.narg(agreement_id), consent_id = sqlc.narg(consent_id),
  submitted_at = @now, offered_at = @now, accept_due_at = sqlc.narg(accept_due_at), service_wanted = @service_wanted, mode = @mode,
  report_due_at = sqlc.narg(report_due_at), updated_at = @now
WHERE id = @id;

-- name: SetStarted :exec
UPDATE consultations SET started_at = coalesce(started_at, @now), media_lost_at = NULL, updated_at = @now WHERE id = @id;

-- name: SetMediaLost :exec
UPDATE consultations SET media_lost_at = sqlc.narg(lost_at), updated_at = @now WHERE id = @id;

-- name: SetEffectiveSeconds :exec
UPDATE consultations SET effective_seconds = @seconds WHERE id = @id AND effective_seconds <> @seconds;

-- name: SetEnded :exec
UPDATE consultations SET ended_at = coalesce(ended_at, @now), report_due_at = coalesce(report_due_at, sqlc.narg(report_due_at)),
  media_lost_at = NULL, updated_at = @now
WHERE id = @id;

-- name: SetClosed :exec
UPDATE consultations SET closed_at = @now, end_code = CASE WHEN @end_code::text = '' THEN end_code ELSE @end_code END,
  end_note_enc = coalesce(@end_note_enc, end_note_enc), updated_at = @now
WHERE id = @id;

-- name: SetReported :exec
UPDATE consultations SET reported_at = @now, outcome_code = @outcome_code, updated_at = @now WHERE id = @id;

-- name: SetAdopted :exec
UPDATE consultations SET adopted_at = @now, updated_at = @now WHERE id = @id;

-- name: SetConsent :exec
UPDATE consultations SET consent_id = @consent_id, updated_at = @now WHERE id = @id;

-- name: UrgencyTarget :one
SELECT * FROM urgency_targets WHERE urgency = @urgency;

-- The case around a consultation ---------------------------------------------------------------------------------------

-- name: CaseResident :one
SELECT * FROM residents WHERE id = @id;

-- name: CaseGuardians :many
SELECT * FROM guardians WHERE resident_id = @resident_id ORDER BY position, id;

-- name: CasePortrait :one
SELECT id FROM attachments WHERE resident_id = @resident_id AND kind = 'PORTRAIT' ORDER BY created_at DESC LIMIT 1;

-- name: CaseOrganisation :one
SELECT * FROM organisations WHERE id = @id;

-- name: CaseLicences :many
SELECT * FROM licences WHERE organisation_id = @organisation_id ORDER BY valid_from DESC, id;

-- name: CaseDepartment :one
SELECT * FROM departments WHERE id = @id;

-- name: CasePeople :many
-- Names and the title on a day.
SELECT u.id, u.display_name, title_on(u.id, @day::date)::text AS title_code
FROM users u WHERE u.id = ANY (@ids::uuid[]);

-- name: ProfessionalLicencesOf :many
SELECT * FROM professional_licences WHERE user_id = @user_id ORDER BY valid_from DESC, id;

-- name: AttendingOnDuty :many
-- Attending doctors whose shift covers the instant and who still hold the role, the shift that began last first.
SELECT s.user_id FROM duty_shifts s JOIN users u ON u.id = s.user_id
WHERE s.organisation_id = @organisation_id AND s.role = 'ATTENDING' AND s.starts_at <= @now AND s.ends_at > @now
  AND u.disabled_at IS NULL
  AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = s.user_id AND m.organisation_id = s.organisation_id
    AND m.role = 'ATTENDING' AND m.valid_from <= @now AND (m.valid_to IS NULL OR m.valid_to > @now))
ORDER BY s.starts_at DESC, s.id;

-- name: AgreementsOfInviter :many
-- The longest-standing first: where nothing else decides, a request goes to the hospital that people know.
SELECT * FROM agreements WHERE inviting_org_id = @inviting_org_id ORDER BY valid_from, id;

-- name: AgreementByID :one
SELECT * FROM agreements WHERE id = @id;

-- name: HospitalDepartments :many
-- Active departments of some organisations.
SELECT d.* FROM departments d JOIN organisations o ON o.id = d.organisation_id
WHERE d.organisation_id = ANY (@organisations::uuid[]) AND d.active AND o.active ORDER BY d.code, d.id;

-- name: DepartmentsOfDoctor :many
SELECT m.department_id::uuid AS department_id FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.user_id = @user_id AND m.role = 'CONSULTANT' AND m.department_id IS NOT NULL AND u.disabled_at IS NULL
  AND m.valid_from <= @now AND (m.valid_to IS NULL OR m.valid_to > @now);

-- Audience, queue and offers -------------------------------------------------------------------------------------------

-- name: AddAudience :exec
INSERT INTO audience (consultation_id, department_id, since) VALUES (@consultation_id, @department_id, @since)
ON CONFLICT (consultation_id, department_id) DO UPDATE SET until = NULL;

-- name: EndAudience :exec
UPDATE audience SET until = @until WHERE consultation_id = @consultation_id AND (until IS NULL OR until > @until);

-- name: AudienceDepartments :many
SELECT department_id FROM audience WHERE consultation_id = @consultation_id AND since <= @now AND (until IS NULL OR until > @now)
ORDER BY department_id;

-- name: AudienceOfHospital :many
-- The same for one hospital: the others are not told what comes of a request that they did not answer.
SELECT a.department_id FROM audience a JOIN departments d ON d.id = a.department_id
WHERE a.consultation_id = @consultation_id AND d.organisation_id = @hospital AND a.since <= @now AND (a.until IS NULL OR a.until > @now)
ORDER BY a.department_id;

-- name: ClaimOffer :exec
INSERT INTO offers (id, consultation_id, epoch, doctor_id, offered_at, expires_at, result, resolved_at)
VALUES (@id, @consultation_id, @epoch, @doctor_id, @now, @now, 'CLAIMED', @now)
ON CONFLICT (consultation_id, epoch, doctor_id) DO UPDATE SET result = 'CLAIMED', resolved_at = @now;

-- name: DeclineOffer :exec
-- Who gave a request back is not rung for it again.
INSERT INTO offers (id, consultation_id, epoch, doctor_id, offered_at, expires_at, result, reason_code, note_enc, resolved_at)
VALUES (@id, @consultation_id, @epoch, @doctor_id, @now, @now, 'DECLINED', @reason_code, @note_enc, @now);

-- name: ResolveOffers :many
-- Ends the rings of a consultation; the doctors are told.
UPDATE offers SET result = @result, reason_code = @reason_code, resolved_at = @now
WHERE consultation_id = @consultation_id AND result = 'PENDING'
RETURNING doctor_id;

-- name: WithdrawOffersOf :many
-- A doctor who took a request is not rung for others.
-- Rows that another claim is resolving are left to it, so that two claims never wait for one another.
UPDATE offers SET result = 'WITHDRAWN', resolved_at = @now WHERE id IN (
  SELECT o.id FROM offers o WHERE o.doctor_id = @doctor_id AND o.result = 'PENDING' AND o.consultation_id <> @except_id FOR UPDATE SKIP LOCKED)
RETURNING consultation_id;

-- name: OffersOf :many
SELECT o.*, u.display_name FROM offers o JOIN users u ON u.id = o.doctor_id
WHERE o.consultation_id = @consultation_id AND o.epoch = @epoch ORDER BY o.offered_at, o.id;

-- name: LapsedOffers :many
SELECT DISTINCT consultation_id FROM offers WHERE result = 'PENDING' AND expires_at <= @now LIMIT 100;

-- What time does -------------------------------------------------------------------------------------------------------

-- name: LostInProgress :many
SELECT id FROM consultations WHERE state = 'IN_PROGRESS' AND media_lost_at <= sqlc.arg(before)::timestamptz ORDER BY media_lost_at LIMIT 100;

-- name: LostTooLong :many
SELECT id FROM consultations WHERE state = 'ABORTED_TECH' AND media_lost_at <= sqlc.arg(before)::timestamptz ORDER BY media_lost_at LIMIT 100;

-- name: ForgottenDrafts :many
-- The drafts of a round wait for it.
SELECT c.id FROM consultations c WHERE c.state = 'DRAFT' AND c.created_at <= @before
  AND NOT EXISTS (SELECT 1 FROM round_entries e JOIN rounds r ON r.id = e.round_id WHERE e.consultation_id = c.id AND (r.state IN ('PLANNED', 'RUNNING', 'PAUSED') OR r.ended_at > @before))
ORDER BY c.created_at LIMIT 100;

-- name: Abandoned :many
-- Taken, not yet begun, and the doctor has had no socket and no place in the call since. Who was reached by phone has some
-- minutes more to come to a screen.
SELECT c.id FROM consultations c
WHERE c.state IN ('ACCEPTED', 'WAITING') AND c.mode <> 'WRITTEN'
  AND greatest(c.accepted_at, c.ready_at) <= sqlc.arg(before)::timestamptz - CASE WHEN c.assigned_by IS NULL THEN interval '0' ELSE interval '7 minutes' END
  AND NOT EXISTS (SELECT 1 FROM signaling_sessions s WHERE s.user_id = c.doctor_id
    AND ((s.closed_at IS NULL AND s.last_seen_at > sqlc.arg(before)::timestamptz) OR s.closed_at > sqlc.arg(before)::timestamptz))
LIMIT 100;

-- name: IsAbandoned :one
SELECT EXISTS (SELECT 1 FROM consultations c
  WHERE c.id = @id AND c.state IN ('ACCEPTED', 'WAITING') AND c.mode <> 'WRITTEN'
  AND greatest(c.accepted_at, c.ready_at) <= sqlc.arg(before)::timestamptz - CASE WHEN c.assigned_by IS NULL THEN interval '0' ELSE interval '7 minutes' END
  AND NOT EXISTS (SELECT 1 FROM signaling_sessions s WHERE s.user_id = c.doctor_id
    AND ((s.closed_at IS NULL AND s.last_seen_at > sqlc.arg(before)::timestamptz) OR s.closed_at > sqlc.arg(before)::timestamptz))
  AND NOT EXISTS (SELECT 1 FROM call_consultations cc JOIN participants p ON p.call_id = cc.call_id AND p.user_id = c.doctor_id
    JOIN media_intervals m ON m.participant_id = p.id AND m.kind = 'connected' AND (NOT m.closed OR m.last_seen_at > sqlc.arg(before)::timestamptz)
    WHERE cc.consultation_id = c.id))::boolean AS gone;

-- name: CountMessages :one
SELECT count(*) FROM chat_messages WHERE consultation_id = @consultation_id;

-- name: CountEvents :one
SELECT count(*) FROM consultation_events WHERE consultation_id = @consultation_id AND type = @type;
