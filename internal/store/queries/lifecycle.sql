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
