-- Returned for more material -------------------------------------------------------------------------------------------

-- name: AddReturn :exec
INSERT INTO returns (id, consultation_id, lacking, note_enc, returned_by, returned_at)
VALUES (@id, @consultation_id, @lacking, @note_enc, @returned_by, @now);

-- name: Resubmitted :exec
UPDATE returns SET resubmitted_at = @now WHERE consultation_id = @consultation_id AND resubmitted_at IS NULL;

-- name: LatestReturn :one
SELECT r.*, u.display_name FROM returns r JOIN users u ON u.id = r.returned_by
WHERE r.consultation_id = @consultation_id ORDER BY r.returned_at DESC, r.id DESC LIMIT 1;

-- Planned ----------------------------------------------------------------------------------------------------------------

-- name: SetSlot :exec
UPDATE consultations SET slot_from = @slot_from, slot_to = @slot_to, ready_at = NULL, updated_at = @now WHERE id = @id;

-- name: SetReadyAt :exec
UPDATE consultations SET ready_at = @now, updated_at = @now WHERE id = @id;

-- name: SlotTaken :one
-- Whether the doctor has another planned consultation or a round at that time.
SELECT (EXISTS (SELECT 1 FROM consultations c WHERE c.doctor_id = @doctor_id AND c.id <> @except_id AND c.state = 'SCHEDULED'
  AND c.slot_from < sqlc.arg(slot_to)::timestamptz AND c.slot_to > sqlc.arg(slot_from)::timestamptz)
  OR EXISTS (SELECT 1 FROM rounds r WHERE r.doctor_id = @doctor_id AND r.state IN ('PLANNED', 'RUNNING', 'PAUSED')
  AND r.starts_at < sqlc.arg(slot_to)::timestamptz AND r.ends_at > sqlc.arg(slot_from)::timestamptz))::boolean AS taken;

-- name: SlotsOver :many
-- Planned consultations that did not begin and whose slot ended before an instant.
SELECT id FROM consultations WHERE state = 'SCHEDULED' AND slot_to <= sqlc.arg(before)::timestamptz ORDER BY slot_to LIMIT 100;

-- name: Unanswered :many
-- What waited longer than three times its target. CRITICAL and EMERGENT never expire.
SELECT id FROM consultations WHERE state = 'OFFERED' AND urgency NOT IN ('CRITICAL', 'EMERGENT') AND accept_due_at IS NOT NULL
  AND accept_due_at <= sqlc.arg(now)::timestamptz
  AND offered_at + 3 * (accept_due_at - offered_at) <= sqlc.arg(now)::timestamptz
ORDER BY accept_due_at LIMIT 100;

-- name: NotTakenUp :many
SELECT id FROM consultations WHERE state IN ('DECLINED', 'EXPIRED') AND updated_at <= sqlc.arg(before)::timestamptz ORDER BY updated_at LIMIT 100;

-- name: SetOfferedAgain :exec
-- Asked anew after nobody answered: the time counts from now.
UPDATE consultations SET offered_at = @now, queued_since = NULL, accept_due_at = sqlc.narg(accept_due_at), ladder_step = 0, ring_round = 0, ladder_due_at = NULL,
  ring_due_at = NULL, promise_by = NULL, dispatcher_id = NULL, dispatcher_alerted_at = NULL, updated_at = @now WHERE id = @id;

-- Ended as unsuitable ----------------------------------------------------------------------------------------------------

-- name: AddTermination :exec
INSERT INTO terminations (consultation_id, reason, destination, place_enc, go_within, note_enc, terminated_by, terminated_at)
VALUES (@consultation_id, @reason, @destination, @place_enc, @go_within, @note_enc, @terminated_by, @now);

-- name: TerminationOf :one
SELECT t.*, u.display_name FROM terminations t JOIN users u ON u.id = t.terminated_by WHERE t.consultation_id = @consultation_id;

-- name: SetHandedOver :exec
UPDATE consultations SET handed_over_at = @now WHERE id = @id;

-- name: SetEndNote :exec
-- Why the hospital said no; nothing of it stays when somebody asks again.
UPDATE consultations SET end_code = @end_code, end_note_enc = @end_note_enc WHERE id = @id;

-- Corrected --------------------------------------------------------------------------------------------------------------

-- name: SetAmended :exec
-- The inviting side has not decided on the new version.
UPDATE consultations SET adopted_at = NULL, outcome_code = @outcome_code, updated_at = @now WHERE id = @id;

-- name: CancelFollowUps :exec
UPDATE follow_ups SET state = 'CANCELLED' WHERE consultation_id = @consultation_id AND state = 'OPEN';

-- name: CarriedOver :exec
-- What stands unchanged in the new version and was read back or carried out before stays so.
UPDATE advice_items SET executed_by = sqlc.narg(executed_by), executed_at = sqlc.narg(executed_at), read_back_by = sqlc.narg(read_back_by),
  read_back_at = sqlc.narg(read_back_at) WHERE id = @id;

-- name: CaseAdoptions :many
SELECT * FROM adoptions WHERE consultation_id = @consultation_id ORDER BY signed_at;

-- Sealed -----------------------------------------------------------------------------------------------------------------

-- name: AddSeal :exec
INSERT INTO seals (id, consultation_id, reason_enc, institution_side_enc, other_side_enc, other_relation, list_enc, digest, seal, seal_kid,
  pieces, sealed_by, sealed_at)
VALUES (@id, @consultation_id, @reason_enc, @institution_side_enc, @other_side_enc, @other_relation, @list_enc, @digest, @seal, @seal_kid,
  @pieces, @sealed_by, @now);

-- name: OpenSeal :one
SELECT * FROM seals WHERE consultation_id = @consultation_id AND unsealed_at IS NULL;

-- name: Unseal :exec
UPDATE seals SET unseal_basis = @basis, unseal_note_enc = @note_enc, unsealed_by = @unsealed_by, unsealed_at = @now
WHERE id = @id AND unsealed_at IS NULL;

-- name: SealsOf :many
SELECT sqlc.embed(s), u.display_name AS sealed_by_name, coalesce(x.display_name, '')::text AS unsealed_by_name
FROM seals s JOIN users u ON u.id = s.sealed_by LEFT JOIN users x ON x.id = s.unsealed_by
WHERE s.consultation_id = @consultation_id ORDER BY s.sealed_at, s.id;

-- name: SealedOf :many
SELECT sqlc.embed(s), u.display_name AS sealed_by_name, coalesce(x.display_name, '')::text AS unsealed_by_name,
  c.serial, c.resident_id, r.name_enc, o.name AS institution
FROM seals s JOIN consultations c ON c.id = s.consultation_id JOIN residents r ON r.id = c.resident_id JOIN organisations o ON o.id = c.inviting_org_id
JOIN users u ON u.id = s.sealed_by LEFT JOIN users x ON x.id = s.unsealed_by
WHERE c.inviting_org_id = ANY (@organisations::uuid[]) OR c.invited_org_id = ANY (@organisations::uuid[])
ORDER BY s.sealed_at DESC, s.id LIMIT 500;

-- Second factor ----------------------------------------------------------------------------------------------------------

-- name: UseFactorCheck :one
-- The newest check of this sign-in for the act that is not used up; one act uses it.
UPDATE second_factor_checks SET used_at = @now, act = @act
WHERE id = (SELECT f.id FROM second_factor_checks f WHERE f.user_id = @user_id AND f.session_id = @session_id AND f.consultation_id = @consultation_id
  AND f.purpose = @purpose AND f.used_at IS NULL AND f.checked_at > @since ORDER BY f.checked_at DESC LIMIT 1)
  AND used_at IS NULL
RETURNING method, checked_at;

-- name: AddFactorCheck :exec
INSERT INTO second_factor_checks (id, user_id, session_id, consultation_id, purpose, method, checked_at)
VALUES (@id, @user_id, @session_id, @consultation_id, @purpose, @method, @now);

-- The attending doctor at the bedside ------------------------------------------------------------------------------------

-- name: AttendingPin :one
SELECT * FROM attending_pins WHERE user_id = @user_id FOR UPDATE;

-- name: SetPin :exec
INSERT INTO attending_pins (user_id, pin_hash, updated_at) VALUES (@user_id, @pin_hash, @now)
ON CONFLICT (user_id) DO UPDATE SET pin_hash = @pin_hash, failed = 0, locked_until = NULL, updated_at = @now;

-- name: SetCheckInCode :exec
INSERT INTO attending_pins (user_id, code_hmac, code_expires, updated_at) VALUES (@user_id, @code_hmac, @code_expires, @now)
ON CONFLICT (user_id) DO UPDATE SET code_hmac = @code_hmac, code_expires = @code_expires, updated_at = @now;

-- name: PinFailed :one
-- As wrong passwords: the fifth in a row locks for a minute, each further one for twice as long, at most an hour.
UPDATE attending_pins SET failed = failed + 1, locked_until = CASE
    WHEN failed < 4 THEN NULL
    WHEN failed < 10 THEN sqlc.arg(at)::timestamptz + 2 ^ (failed - 4) * interval '1 minute'
    ELSE sqlc.arg(at)::timestamptz + interval '1 hour' END
WHERE user_id = @user_id
RETURNING locked_until;

-- name: PinFits :exec
UPDATE attending_pins SET failed = 0, locked_until = NULL, code_hmac = NULL, code_expires = NULL WHERE user_id = @user_id;

-- name: AddCheckIn :execrows
INSERT INTO attending_checkins (id, consultation_id, user_id, method, since, taken_by)
VALUES (@id, @consultation_id, @user_id, @method, @now, @taken_by)
ON CONFLICT (consultation_id, user_id) WHERE until IS NULL DO NOTHING;

-- name: EndCheckIn :execrows
UPDATE attending_checkins SET until = @now WHERE id = @id AND consultation_id = @consultation_id AND until IS NULL;

-- name: EndCheckIns :execrows
UPDATE attending_checkins SET until = greatest(@now::timestamptz, since) WHERE consultation_id = @consultation_id AND until IS NULL;

-- name: EndStaleCheckIns :exec
UPDATE attending_checkins SET until = since WHERE consultation_id = @consultation_id AND until IS NULL AND since <= @before;

-- name: CheckInsOf :many
SELECT k.*, u.display_name FROM attending_checkins k JOIN users u ON u.id = k.user_id
WHERE k.consultation_id = @consultation_id ORDER BY k.since, k.id;

-- name: AttendingsOf :many
-- Who may be checked in: the attending doctors of an institution, those on duty first; of a visit's consultation the doctors among those who visit.
SELECT u.id, u.display_name, EXISTS (SELECT 1 FROM duty_shifts d WHERE d.user_id = u.id AND d.organisation_id = @organisation_id AND d.role = 'ATTENDING'
  AND d.starts_at <= @now::timestamptz AND d.ends_at > @now::timestamptz)::boolean AS on_duty,
  EXISTS (SELECT 1 FROM attending_pins p WHERE p.user_id = u.id AND p.pin_hash <> '')::boolean AS has_pin
FROM users u WHERE u.disabled_at IS NULL AND (sqlc.narg(visitors)::uuid[] IS NULL OR u.id = ANY (sqlc.narg(visitors)::uuid[]))
  AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.organisation_id = @organisation_id
  AND (m.role = 'ATTENDING' OR sqlc.narg(visitors)::uuid[] IS NOT NULL AND m.role = 'FAMILY_DOCTOR') AND m.valid_from <= @now::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz))
ORDER BY on_duty DESC, u.display_name, u.id;

-- What an online follow-up rests on --------------------------------------------------------------------------------------

-- name: AddEvidence :exec
INSERT INTO revisit_evidence (id, consultation_id, resident_id, type, issuing_institution, dated, diagnosis_code, attachment_id, added_by, added_at)
VALUES (@id, @consultation_id, @resident_id, @type, @issuing_institution, @dated, @diagnosis_code, sqlc.narg(attachment_id), @added_by, @now);

-- name: CountEvidence :one
SELECT count(*) FROM revisit_evidence WHERE consultation_id = @consultation_id;

-- name: EvidenceOf :many
SELECT e.*, coalesce(u.display_name, '')::text AS judge FROM revisit_evidence e LEFT JOIN users u ON u.id = e.judged_by
WHERE e.consultation_id = @consultation_id ORDER BY e.added_at, e.id;

-- name: JudgeEvidence :execrows
UPDATE revisit_evidence SET decision = @decision, judged_by = @judged_by, judged_at = @now, note_enc = @note_enc
WHERE id = @id AND consultation_id = @consultation_id;

-- name: SetQualified :exec
UPDATE consultations SET qualified_at = sqlc.narg(qualified_at), updated_at = @now WHERE id = @id;
