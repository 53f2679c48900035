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
-- Whether the doctor has another planned consultation at that time.
SELECT EXISTS (SELECT 1 FROM consultations c WHERE c.doctor_id = @doctor_id AND c.id <> @except_id AND c.state = 'SCHEDULED'
  AND c.slot_from < sqlc.arg(slot_to)::timestamptz AND c.slot_to > sqlc.arg(slot_from)::timestamptz)::boolean AS taken;

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
UPDATE consultations SET offered_at = @now, accept_due_at = sqlc.narg(accept_due_at), ladder_step = 0, ring_round = 0, ladder_due_at = NULL,
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
-- What stands unchanged in the new version and was carried out before stays carried out.
UPDATE advice_items SET executed_by = @executed_by, executed_at = @executed_at WHERE id = @id;

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

-- name: FactorDemanded :one
-- Whether the account has a second factor, and whether an organisation of the person requires one.
SELECT EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = @user_id AND f.confirmed_at IS NOT NULL)::boolean AS enrolled,
  EXISTS (SELECT 1 FROM organisations o WHERE o.id = ANY (@organisations::uuid[]) AND o.second_factor_required)::boolean AS required;
